"""A mistake in a pack does not stay hidden: the tables contradict it, or the check refuses it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot import loading
from bot.content import Content
from bot.problems import Problem
from bot.rules.county import NOWHERE
from bot.rules.form_parameters import read_parameters
from bot.rules.loading import Surroundings, load_pack
from tests.rules.conftest import surroundings
from tests.zen.engine import TO_VERIFY
from tests.zen.ours import Facts, OurRules
from tests.zen.population import judged

BOT = Path(loading.__file__).parent
LISTS = "dialogs/lists.toml"


@dataclass(frozen=True)
class Mistake:
    """One slip: in this file of this scheme somebody wrote `new` where `old` stood."""

    scheme: str
    name: str
    old: str
    new: str
    file: str = ""

    @property
    def place(self) -> str:
        """Where the slip is, as a path below bot/."""
        return self.file or f"rules/packs/{self.scheme}.toml"

    def spoilt(self) -> dict[str, Any]:
        """What the file says with the slip."""
        text = BOT.joinpath(self.place).read_text(encoding="utf-8")
        assert text.count(self.old) == 1, f"{self.place} says {text.count(self.old)} times: {self.old}"
        return tomllib.loads(text.replace(self.old, self.new))


INDICATORS = "rules/shared/indicators.toml"

CONTRADICTED = [
    # hr
    Mistake("hr", "the line of the cards is 5001", "value = 5000,", "value = 5001,"),
    Mistake("hr", "5000 itself is low", 'id = "line_op"\nvalue = "<"', 'id = "line_op"\nvalue = "<="'),
    Mistake("hr", "under 60 reads under 61", "value = 60,", "value = 61,", LISTS),
    Mistake("hr", "all exclusions at once", 'any_of = ["has_consumer_car"', 'all_of = ["has_consumer_car"'),
    Mistake("hr", "who has no car is excluded", '"consumer_car == 1"', '"consumer_car == 2"'),
    Mistake("hr", "grown children exclude anyhow", 'all_of = ["parents_apart"', 'any_of = ["parents_apart"'),
    Mistake("hr", "blue wants all three causes", 'any_of = ["risk_illness"', 'all_of = ["risk_illness"'),
    Mistake(
        "hr",
        "industry is a cause",
        'test = "has(poverty_risk_causes, 3)"',
        'test = "has(poverty_risk_causes, 4)"',
    ),
    # yb
    Mistake("yb", "green begins at 10001", "value = 10000,", "value = 10001,"),
    Mistake("yb", "10000 itself is yellow", "per_capita >= green_line", "per_capita > green_line"),
    Mistake("yb", "5000 itself is low", "per_capita >= monitor_income_yb", "per_capita > monitor_income_yb"),
    Mistake(
        "yb", "the other reading of the comma", 'value = "needy_and_short"', 'value = "low_or_hard_and_short"'
    ),
    Mistake("yb", "the entered marginal are not red", "mark_2019 in [1, 2]", "mark_2019 in [1]"),
    Mistake("yb", "water that may fail is met", '"water_state == 1"', '"water_state in [1, 2]"'),
    # n9
    Mistake("n9", "the line itself, not one and a half", "value = 1.5,", "value = 1,"),
    Mistake("n9", "the line itself is in range", "per_capita < n9_line", "per_capita <= n9_line"),
    Mistake("n9", "a loss of a fifth is enough", "value = 0.3,", "value = 0.2,"),
    Mistake("n9", "expense equal to the income", "accident_expense > round", "accident_expense >= round"),
    Mistake(
        "n9", "all three effects for a clue", 'any_of = ["main_worker_lost"', 'all_of = ["main_worker_lost"'
    ),
    Mistake(
        "n9", "special though on the register", '["outside", "in_special_group"]', '["in_special_group"]'
    ),
    Mistake(
        "n9",
        "a lost worker proves it",
        ' "main_worker_lost", "expense_over", "income_dropped"]',
        ' "main_worker_lost"]',
    ),
    # gs
    Mistake("gs", "the line itself is below it", "per_capita < gs_line", "per_capita <= gs_line"),
    Mistake("gs", "income is not looked at", '["ind_all", "-income_short"]', '["ind_all"]'),
    Mistake("gs", "only who is both is special", 'any_of = ["seriously_ill"', 'all_of = ["seriously_ill"'),
    Mistake(
        "gs",
        "without the medical indicator",
        '"ind_education", "ind_medical", "ind_house"',
        '"ind_education", "ind_house"',
        INDICATORS,
    ),
    Mistake("gs", "a rating as safe is all of a house", " or renovation_livable == 2", "", INDICATORS),
    Mistake(
        "gs",
        "no reason excuses from insurance",
        "main_uninsured_reason in [1, 2, 3]",
        "main_uninsured_reason in [2, 3]",
        INDICATORS,
    ),
    Mistake("gs", "36 days without water are none", "value = 36,", "value = 37,", LISTS),
]

REFUSED = [
    Mistake("hr", "the exclusion of cars is forgotten", '["has_consumer_car", "lives', '["lives'),
    Mistake("hr", "yellow though excluded", '"at_return_risk", "-excluded"]', '"at_return_risk"]'),
    Mistake(
        "yb", "no row for gap 2", '"-all_met", "income_enough", "-hard"', '"-all_met", "income_good", "-hard"'
    ),
    Mistake("n9", "the scope without the accident", '"-special", "-accident_sure",', '"-special",'),
    Mistake("gs", "stable whoever it is", '"guaranteed", "-special_group"]', '"guaranteed"]'),
]


@pytest.fixture(scope="session")
def around() -> Surroundings:
    return surroundings()


def with_mistake(
    mistake: Mistake, around: Surroundings, content: Content
) -> tuple[OurRules | None, list[Problem]]:
    """The scheme of a mistake and what the questionnaires calculate, both read with it."""
    own, place = f"rules/packs/{mistake.scheme}.toml", Path(mistake.place)
    spoilt = mistake.spoilt()
    facts = Facts(content)
    tables = tomllib.loads(BOT.joinpath(own).read_text(encoding="utf-8"))
    if mistake.place == LISTS:
        parameters, problems = read_parameters(spoilt, LISTS, NOWHERE)
        assert problems == []
        facts.take(parameters)
        around = replace(around, given=parameters)
    elif mistake.place == own:
        tables = spoilt
    else:
        around = replace(around, shared={**around.shared, place.name: spoilt})
    pack, problems = load_pack(tables, around, {**content.registry, **loading.REGISTER}, file=own)
    return (None if pack is None else OurRules(pack, facts)), problems


@pytest.mark.parametrize("mistake", CONTRADICTED, ids=lambda each: f"{each.scheme}: {each.name}")
def test_the_tables_contradict_a_mistake(mistake: Mistake, around: Surroundings, shipped: Content) -> None:
    ours, problems = with_mistake(mistake, around, shipped)
    assert ours is not None, problems
    assert any(
        (ours.verdict(household.answers, household.county).verdict or TO_VERIFY) != zen
        for household, zen in judged(mistake.scheme)
    )


@pytest.mark.parametrize("mistake", REFUSED, ids=lambda each: f"{each.scheme}: {each.name}")
def test_the_check_of_the_content_refuses_a_mistake(
    mistake: Mistake, around: Surroundings, shipped: Content
) -> None:
    ours, problems = with_mistake(mistake, around, shipped)
    assert ours is None
    assert problems
