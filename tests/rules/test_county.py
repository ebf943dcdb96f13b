"""What a county decides for itself counts from its day on, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import content, loading
from bot.rules.consequences import Department
from bot.rules.county import County
from bot.rules.decide import decide
from bot.rules.loading import load_pack
from bot.rules.measures import match_measures, refused_measures
from bot.rules.pack import Pack
from bot.rules.parameters import DatedValue
from tests.rules.conftest import read_toml, surroundings
from tests.shipped import shipped

LIBRARY = sorted((loading.ROOT / "rules" / "library").glob("*.toml"))
BEFORE, AFTER = date(2020, 12, 31), date(2021, 1, 1)
LIFTED = {
    "reg_status": 2,
    "handbook_income_per_capita": 5200,
    "return_risk": 1,
    "consumer_car": 2,
    "luxury_decoration": 2,
    "commercial_housing": 2,
    "single_under60_fit": 2,
    "parents_live_apart": 2,
}


def pack_of(scheme: str, county: County) -> Pack:
    around = surroundings(county)
    library = {path.name: read_toml("rules", "library", path.name) for path in LIBRARY}
    registry = {**shipped().registry, **loading.REGISTER}
    data = read_toml("rules", "packs", f"{scheme}.toml")
    pack, problems = load_pack(data, replace(around, library=library), registry)
    assert problems == []
    assert pack is not None
    return pack


def own_line(value: float, start: date = AFTER) -> County:
    return County(values={("hr", "card_line"): (DatedValue(start, value, "县里的通知"),)})


def test_an_own_value_counts_from_its_day_on() -> None:
    pack = pack_of("hr", own_line(5500))
    assert [decide(pack, LIFTED, day).verdict for day in (BEFORE, AFTER)] == ["green", "yellow"]


def test_the_shipped_value_that_starts_later_gives_way_to_the_countys() -> None:
    county = own_line(4000, date(2019, 1, 1))
    (dated,) = pack_of("hr", county).parameter_by_id["card_line"].values
    assert (dated.start, dated.value) == (date(2019, 1, 1), 4000)


def test_a_verdict_that_was_given_keeps_the_value_of_its_day() -> None:
    given = decide(shipped().packs["hr"], LIFTED, BEFORE)
    later = decide(pack_of("hr", own_line(5500)), LIFTED, AFTER)
    assert (given.parameters["card_line"], later.parameters["card_line"]) == (5000, 5500)


def test_a_figure_that_nobody_has_set_leaves_its_branch_of_the_law_open() -> None:
    facts = {
        "reg_status": 3,
        "system_mark_2019": 3,
        "marked_marginal": 2,
        "special_groups": [2],
        "accidents": [0],
        "disposable_income_per_capita": 3000,
    }
    unset = decide(pack_of("n9", County()), facts, date(2020, 6, 1))
    set_to = County(values={("n9", "poverty_line"): (DatedValue(date(2020, 1, 1), 4000, "省里的标准"),)})
    known = decide(pack_of("n9", set_to), facts, date(2020, 6, 1))
    assert (unset.verdict, known.verdict) == ("clue", "key")


def test_a_department_goes_by_the_countys_name_and_is_still_found_by_its_others() -> None:
    county = County(departments={"welfare": Department("welfare", "民政和社会事务局", ())})
    pack = pack_of("hr", county)
    offices = {pack.department(name) for name in ("welfare", "民政和社会事务局", "民政局", "县民政局")}
    (office,) = offices
    assert office is not None
    assert office.name == "民政和社会事务局"
    relief = next(rule for rule in pack.measures if rule.id == "M-003-06")
    assert office in relief.departments


@pytest.mark.parametrize(("library", "offered"), [((), False), (("fin",), True)])
def test_further_measures_are_offered_where_the_county_names_them(
    library: tuple[str, ...], offered: bool
) -> None:
    pack = pack_of("hr", County(library=library))
    facts = {**LIFTED, "develop_will": 1, "handbook_income_per_capita": 4000, "industry_projects": [1, 2]}
    found = match_measures(pack, facts, "yellow", AFTER)
    assert any(measure.id.startswith("M-FIN") for measure in found) is offered


def test_help_that_is_refused_is_not_offered_and_says_why() -> None:
    pack = shipped().packs["gp"]
    facts = {"poverty_causes": [5], "had_special_loan": 1, "reg_status": 1}
    day = date(2018, 9, 1)
    offered = {measure.id for measure in match_measures(pack, facts, "contradicted", day)}
    refused = {each.id: each.reason for each in refused_measures(pack, facts, "contradicted", day)}
    assert "M-000-04" in refused
    assert refused["M-000-04"]
    assert not offered & refused.keys()


@pytest.mark.parametrize("path", sorted(loading.COUNTIES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_county_can_be_run(path: Path) -> None:
    loaded = content.load(content.in_county(path.stem))
    assert loaded.county.id == path.stem
    assert loaded.households_by
