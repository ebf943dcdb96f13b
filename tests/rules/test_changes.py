"""What changed between two days, and that no later value of the law touches an earlier verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.rules.changes import change, remembered
from bot.rules.consequences import Move
from bot.rules.decide import Verdict, decide
from bot.rules.explain import explain
from bot.rules.pack import Pack
from bot.rules.parameters import DatedValue
from bot.rules.sentences import sentence
from tests.rules.policy import ON, read_cases
from tests.rules.population import population
from tests.rules.schemes import pack_for, settings
from tests.rules.small import DAY, THREE_WAYS

LATER = date(2020, 6, 1)
LIFTED = {"reg_status": 2, "handbook_income_per_capita": 4588.0, "return_risk": 1, "consumer_car": 2}


def household(name: str, **other: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(case["facts"] for case in read_cases("hr") if case["name"].startswith(name))
    return {**found, **other}


def kept(pack: Pack, verdict: Verdict) -> Verdict:
    """The verdict after it was written down and read again."""
    return remembered(
        pack,
        verdict.on,
        verdict=verdict.verdict,
        row=verdict.row,
        answers=verdict.answers,
        numbers=verdict.numbers,
        parameters=verdict.parameters,
        flags=verdict.flags,
        missing=verdict.missing,
    )


def with_line(pack: Pack, id: str, value: float, start: date) -> Pack:
    """The pack with another value of a parameter."""
    values = (DatedValue(start, value, "new clause"),)
    found = [
        replace(each, values=tuple(v for v in each.values if v.start < start) + values)
        if each.id == id
        else each
        for each in pack.parameters
    ]
    return replace(pack, parameters=tuple(found))


def test_a_fact_that_turned_is_told_as_it_was_and_as_it_is(hr: Pack) -> None:
    before = decide(hr, household("L2", handbook_income_per_capita=4588.0), ON)
    after = decide(hr, household("L2", handbook_income_per_capita=6200.0), LATER)
    found = change(hr, before, after)
    assert (found.before, found.after, found.turned, found.unmoved) == ("yellow", "green", True, False)
    assert (found.before_name, found.after_name) == ("黄卡", "绿卡")
    assert (found.before_on, found.after_on) == (ON, LATER)
    assert [(f.fact, f.turned, f.bears, f.clause) for f in found.facts] == [
        ("handbook_low", True, True, "003:1982")
    ]
    assert found.facts[0].before == "手册2019年度人均纯收入4588元，低于5000元"
    assert found.facts[0].after == "手册2019年度人均纯收入6200元，不低于5000元"


def test_a_verdict_that_stays_although_facts_turned_says_so(hr: Pack) -> None:
    green = household("L2", handbook_income_per_capita=9000.0, return_risk=2)
    found = change(hr, decide(hr, green, ON), decide(hr, {**green, "consumer_car": 1}, LATER))
    assert (found.turned, found.unmoved) == (False, True)
    assert [(fact.fact, fact.bears) for fact in found.facts] == [("has_consumer_car", False)]


def test_a_figure_that_moved_without_crossing_a_line_did_not_turn(hr: Pack) -> None:
    before = decide(hr, household("L2", handbook_income_per_capita=4588.0), ON)
    after = decide(hr, household("L2", handbook_income_per_capita=4700.0), LATER)
    found = change(hr, before, after)
    assert [(fact.fact, fact.turned) for fact in found.facts] == [("handbook_low", False)]
    assert (found.turned, found.unmoved) == (False, False)


def test_what_bears_on_the_verdict_stands_first_and_what_turned_before_what_moved() -> None:
    listed = {"status": 1, "income": 7, "car": 2, "causes": [1]}
    before = decide(THREE_WAYS, listed, DAY)
    after = decide(THREE_WAYS, {**listed, "income": 4, "car": 1}, LATER)
    found = change(THREE_WAYS, before, after)
    order = [(fact.bears, fact.turned) for fact in found.facts]
    assert order == sorted(order, reverse=True)
    assert {fact.fact for fact in found.facts} == {"very_poor", "has_car"}


def test_an_answer_that_came_later_is_a_change_from_unknown(hr: Pack) -> None:
    before = decide(hr, {"reg_status": 2, "return_risk": 1}, ON)
    after = decide(hr, household("L2", return_risk=1), LATER)
    found = change(hr, before, after)
    assert (found.before, found.before_name) == (None, None)
    assert found.turned
    income = next(fact for fact in found.facts if fact.fact == "handbook_low")
    assert income.before == "手册2019年度人均纯收入还不知道"


def test_nothing_changed_where_nothing_changed(hr: Pack) -> None:
    verdict = decide(hr, household("L2"), ON)
    found = change(hr, verdict, replace(verdict, on=LATER))
    assert (found.facts, found.parameters, found.moves) == ((), (), ())
    assert not found.turned
    assert not found.unmoved


def test_another_line_of_the_law_is_named_with_its_day_and_clause() -> None:
    poor = {"status": 1, "income": 11, "car": 2, "causes": [1]}
    new_year = date(2021, 1, 1)
    before, after = decide(THREE_WAYS, poor, DAY), decide(THREE_WAYS, poor, date(2021, 3, 1))
    found = change(THREE_WAYS, before, after)
    assert (before.verdict, after.verdict) == ("good", "bad")
    (line,) = found.parameters
    assert (line.parameter, line.before, line.after, line.since, line.clause) == (
        "line",
        10,
        12,
        new_year,
        "2",
    )


def test_parameters_that_no_row_reads_are_not_told(hr: Pack) -> None:
    facts = household("L2")
    other = with_line(hr, "visits_lifted", 6, LATER)
    assert change(other, decide(hr, facts, ON), decide(other, facts, LATER)).parameters == ()


def test_what_the_scheme_says_of_such_a_change_is_told(hr: Pack) -> None:
    way = Move("up", ("yellow",), ("green",), sentence("由乡镇按程序调整"), "003:2016", False)
    back = Move("down", ("green",), ("yellow",), sentence("不得"), "003:2016", True)
    moving = replace(hr, moves=(way, back))
    before = decide(moving, household("L2"), ON)
    after = decide(moving, household("L2", return_risk=2), LATER)
    assert [(each.move, each.text, each.forbidden) for each in change(moving, before, after).moves] == [
        ("up", "由乡镇按程序调整", False)
    ]
    assert [each.move for each in change(moving, after, before).moves] == ["down"]
    assert change(moving, before, before).moves == ()


# ------------------------------------------------------------------------------------------ what was kept


def test_a_new_line_changes_no_past_verdict_and_none_of_its_reasons(hr: Pack) -> None:
    before = decide(hr, household("L2", handbook_income_per_capita=4588.0), ON)
    said = explain(hr, before)
    # Even a value that is written down as if it had always held.
    other = with_line(hr, "card_line", 4000, hr.scheme.start)
    again = kept(other, before)
    assert decide(other, household("L2", handbook_income_per_capita=4588.0), ON).verdict == "green"
    assert again.verdict == "yellow"
    assert explain(other, again) == said
    assert "低于5000元" in explain(other, again).reasons[1].sentence


def test_a_parameter_that_came_later_stays_unknown_to_an_earlier_verdict(hr: Pack) -> None:
    before = decide(hr, household("L2"), ON)
    old = {id: value for id, value in before.parameters.items() if id != "visits_lifted"}
    assert "visits_lifted" not in kept(hr, replace(before, parameters=old)).values


def test_a_row_that_the_pack_has_no_longer_leaves_the_verdict_as_it_was(hr: Pack) -> None:
    before = replace(decide(hr, household("L2"), ON), row="some_old_row")
    again = kept(hr, before)
    assert (again.verdict, again.row, again.rows) == ("yellow", None, ("yellow",))
    assert explain(hr, again).name == "黄卡"


def test_every_kept_verdict_explains_itself_as_on_its_day() -> None:
    for setting in settings():
        pack = pack_for(setting)
        for facts in population(pack, 60, 5, 0.1, ON).facts():
            verdict = decide(pack, facts, ON)
            again = kept(pack, verdict)
            was, is_ = explain(pack, verdict), explain(pack, again)
            assert is_ == was, facts
            assert (again.missing, again.pending) == (verdict.missing, verdict.pending)
            assert again.flags == verdict.flags
