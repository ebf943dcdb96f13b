"""A verdict rests on answers alone: unknown is never no, and what is missing is named exactly."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.decide import decide
from bot.rules.facts import MANY, FactInfo, Registry, questions_for
from bot.rules.pack import Pack
from bot.rules.parameters import NotInForce
from tests.rules.conftest import Data, Loader
from tests.rules.policy import ON, read_cases

INCOMES = [0.0, 3000.0, 4999.0, 4999.99, 5000.0, 5000.01, 5001.0, 12000.0]
CAUSES = [[0], [1], [2, 5], [3], [5], [4, 6]]
ANSWERS: dict[str, list[Any]] = {
    "reg_status": [1, 2, 3],
    "handbook_income_per_capita": INCOMES,
    "return_risk": [1, 2],
    "consumer_car": [1, 2],
    "luxury_decoration": [1, 2],
    "commercial_housing": [1, 2],
    "single_under60_fit": [1, 2],
    "parents_live_apart": [1, 2],
    "has_adult_children": [1, 2],
    "children_can_support": [1, 2],
    "estimated_income_per_capita": INCOMES,
    "poverty_risk_causes": CAUSES,
}
whole = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in ANSWERS.items()})
partial = st.fixed_dictionaries({}, optional={name: st.sampled_from(v) for name, v in ANSWERS.items()})


def verdict_of(pack: Pack, facts: dict[str, Any]) -> str | None:
    return decide(pack, facts, ON).verdict


@settings(max_examples=400, deadline=None)
@given(facts=whole)
def test_whole_answers_always_give_a_verdict_and_one_row(hr: Pack, facts: dict[str, Any]) -> None:
    verdict = decide(hr, facts, ON)
    assert verdict.verdict is not None
    assert verdict.row is not None
    assert verdict.missing == ()


@settings(max_examples=400, deadline=None)
@given(facts=whole, data=st.data())
def test_a_verdict_once_given_survives_every_further_answer(
    hr: Pack, facts: dict[str, Any], data: Any
) -> None:
    known = data.draw(st.sets(st.sampled_from(sorted(ANSWERS))))
    early = verdict_of(hr, {name: facts[name] for name in known})
    assert early in (None, verdict_of(hr, facts))


@settings(max_examples=60, deadline=None)
@given(facts=partial)
def test_missing_names_every_answer_that_can_turn_the_verdict_and_no_other(
    hr: Pack, facts: dict[str, Any]
) -> None:
    open_ = [name for name in ANSWERS if name not in facts]
    brief = {
        "handbook_income_per_capita": [4999.99, 5000.0],
        "estimated_income_per_capita": [4999.99, 5000.0],
    }
    choices = [
        brief.get(name, [[1], [5]] if name == "poverty_risk_causes" else ANSWERS[name]) for name in open_
    ]
    ends = {
        filled: verdict_of(hr, {**facts, **dict(zip(open_, map(thaw, filled), strict=True))})
        for filled in product(*(map(freeze, values) for values in choices))
    }
    turning = set()
    for place, name in enumerate(open_):
        reached: dict[Any, set[str | None]] = {}
        for filled, end in ends.items():
            reached.setdefault((*filled[:place], *filled[place + 1 :]), set()).add(end)
        if any(len(verdicts) > 1 for verdicts in reached.values()):
            turning.add(name)
    verdict = decide(hr, facts, ON)
    assert set(verdict.missing) == turning
    assert (verdict.verdict is None) == (len(set(ends.values())) > 1)


def freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def thaw(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_an_answer_of_do_not_know_is_as_open_as_no_answer(hr: Pack) -> None:
    lifted = next(case["facts"] for case in read_cases("hr") if case["name"].startswith("L2"))
    silent = decide(hr, {k: v for k, v in lifted.items() if k != "consumer_car"}, ON)
    unsure = decide(hr, {**lifted, "consumer_car": None}, ON)
    assert silent == unsure
    assert unsure.missing == ("consumer_car",)


def test_missing_stands_in_the_order_of_the_pack_whatever_the_order_of_answers(hr: Pack) -> None:
    first = decide(hr, {"reg_status": 2, "return_risk": 1}, ON)
    again = decide(hr, {"return_risk": 1, "reg_status": 2}, ON)
    assert first.missing == again.missing
    assert list(first.missing) == [name for name in hr.reads if name in first.missing]


def test_an_option_that_no_form_has_is_left_to_verify(hr: Pack) -> None:
    assert verdict_of(hr, {"reg_status": 9}) is None


def test_a_verdict_keeps_what_it_rested_on(hr: Pack) -> None:
    case = next(case for case in read_cases("hr") if case["name"].startswith("L2"))
    verdict = decide(hr, {**case["facts"], "visit_notes": "not for verdicts"}, ON)
    assert (verdict.scheme, verdict.on) == ("hr", ON)
    assert verdict.parameters["card_line"] == 5000
    assert verdict.answers["handbook_income_per_capita"] == 4800
    assert "visit_notes" not in verdict.answers


def test_before_the_scheme_began_there_is_no_verdict(hr: Pack) -> None:
    with pytest.raises(NotInForce):
        decide(hr, {"reg_status": 1}, date(2020, 3, 16))


def test_the_line_in_force_on_the_day_of_survey_decides(hr_data: Data, load: Loader) -> None:
    line = next(each for each in hr_data["parameter"] if each["id"] == "card_line")
    line["values"].append({"from": date(2021, 1, 1), "value": 6000, "clause": "a new document"})
    pack, _ = load(hr_data)
    assert pack is not None
    facts = {**read_cases("hr")[1]["facts"], "handbook_income_per_capita": 5500.0}
    assert decide(pack, facts, date(2020, 12, 31)).verdict == "green"
    assert decide(pack, facts, date(2021, 1, 1)).verdict == "yellow"


def test_a_county_may_count_the_line_itself_as_below(hr_data: Data, load: Loader) -> None:
    next(each for each in hr_data["option"] if each["id"] == "line_op")["value"] = "<="
    pack, _ = load(hr_data)
    assert pack is not None
    facts = {**read_cases("hr")[1]["facts"], "handbook_income_per_capita": 5000.0}
    assert decide(pack, facts, ON).verdict == "yellow"
    assert decide(pack, {**facts, "handbook_income_per_capita": 5000.01}, ON).verdict == "green"


def test_a_calculated_fact_is_asked_for_by_its_open_parts(registry: Registry) -> None:
    parts = ("population", "head_age")
    calculated: Registry = {**registry, "single_under60_fit": FactInfo("calculate", inputs=parts)}
    missing = ("consumer_car", "single_under60_fit")
    assert questions_for(missing, calculated, {"population": 1}) == ("consumer_car", "head_age")
    assert registry["poverty_risk_causes"].kind == MANY
