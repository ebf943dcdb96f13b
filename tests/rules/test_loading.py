"""A pack with mistakes is refused with all of them, each with its place and a near miss."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.problems import Problem
from tests.rules.conftest import Data, Loader

Spoil = Callable[[Data], None]


def at(data: Data, section: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in data[section] if each["id"] == id)
    return found


def put(section: str, id: str, **fields: Any) -> Spoil:
    return lambda data: at(data, section, id).update(fields)


def drop(section: str, id: str, field: str) -> Spoil:
    return lambda data: at(data, section, id).pop(field) and None


def add(section: str, **fields: Any) -> Spoil:
    return lambda data: data.setdefault(section, []).append(fields)


MISTAKES: list[tuple[Spoil, str, str, str]] = [
    (lambda d: d.update(rows=[]), "-", "unknown key rows", "did you mean row?"),
    (lambda d: d["scheme"].pop("name"), "scheme hr", "name is missing", ""),
    (
        put("parameter", "publicity_days", code="P-06", values=[{"from": date(2020, 3, 17), "value": 7}]),
        *("parameter publicity_days", "questionnaires read P-06 too", "leave only the id"),
    ),
    (put("row", "red", when=["unlifed"]), "row red", "there is no fact unlifed", "did you mean unlifted?"),
    (put("row", "red", verdict="read"), "row red", 'verdict = "read" is none of', "did you mean red?"),
    (put("row", "red", when=[]), "row red", "states no condition", ""),
    (put("row", "red", when=["unlifted", "-unlifted"]), "row red", "when states unlifted twice", ""),
    (put("row", "red", reason="{reg_status}"), "row red", "a sentence names reg_status", ""),
    (
        put("row", "red", reason="{card_lin}"),
        "row red",
        "a sentence names card_lin",
        "did you mean card_line?",
    ),
    (put("row", "red", reason="{"), "row red", "reason cannot be read", ""),
    (put("row", "red", reasn=""), "row red", "unknown key reasn", "did you mean reason?"),
    (lambda d: d["row"].append(dict(d["row"][0])), "row red", "this id stands twice", ""),
    (lambda d: d.update(row={}), "row", "write [[row]]", ""),
    (
        put("fact", "has_consumer_car", test="consumer_cra == 2"),
        "fact has_consumer_car",
        "nothing provides consumer_cra",
        "consumer_car",
    ),
    (
        put("fact", "has_consumer_car", test="consumer_car == 4"),
        "fact has_consumer_car",
        "consumer_car has no option 4",
        "1, 2",
    ),
    (put("fact", "has_consumer_car", test="consumer_car =="), "fact has_consumer_car", "syntax error", ""),
    (
        put("fact", "has_consumer_car", test="exec(1)"),
        "fact has_consumer_car",
        "there is no function exec",
        "",
    ),
    (
        put("fact", "has_consumer_car", test="consumer_car == 2 and return_risk == 1"),
        *("fact has_consumer_car", "test must be one comparison", ""),
    ),
    (
        put("fact", "has_consumer_car", any_of=["outside"]),
        "fact has_consumer_car",
        "give exactly one of test",
        "",
    ),
    (drop("fact", "has_consumer_car", "unknown"), "fact has_consumer_car", "unknown is missing", ""),
    (drop("fact", "has_consumer_car", "clause"), "fact has_consumer_car", "clause is missing", ""),
    (
        put("fact", "has_consumer_car", test="has(consumer_car, 2)"),
        "fact has_consumer_car",
        "consumer_car has one answer only",
        "",
    ),
    (
        put("fact", "has_consumer_car", test="poverty_risk_causes == 2"),
        *("fact has_consumer_car", "poverty_risk_causes (select_multiple) cannot be compared", ""),
    ),
    (put("option", "line_op", choices={"<": ["x"]}), "option line_op", "a choice has two words", ""),
    (put("parameter", "card_line", values=5), "parameter card_line", "values must be a list of tables", ""),
    (put("alert", "AL-01", departments=[]), "alert AL-01", "departments must be a table", ""),
    (put("measure", "M-003-01", deadline="soon"), "measure M-003-01", "deadline must be a table", ""),
    (put("fact", "card_cause", any_of=["card_cause"]), "fact card_cause", "is made of itself", ""),
    (put("fact", "estimated_low", asks=["x"]), "fact estimated_low", "asks for x", ""),
    (drop("fact", "estimated_low", "fail"), "fact estimated_low", "ok and fail belong together", ""),
    (
        add("fact", id="idle", test="population > 1", yes="", no="", unknown="", clause="c"),
        *("fact idle", "nothing rests on this fact", ""),
    ),
    (
        add("fact", id="ind_food", test="population > 1", yes="", no="", unknown="", clause="c"),
        *("fact ind_food", "indicators.toml defines it already", ""),
    ),
    (add("number", id="n", clause="c", **{"is": "n + 1"}), "number n", "reads the number n", ""),
    (
        add("number", id="population", clause="c", **{"is": "1"}),
        *("number population", "has this name already", ""),
    ),
    (put("option", "line_op", value="<>"), "option line_op", 'value = "<>" is none of <, <=', ""),
    (put("parameter", "card_line", values=[]), "parameter card_line", "there is no value", ""),
    (
        put("parameter", "card_line", values=[{"from": date(2020, 3, 17), "value": "5000", "clause": ""}]),
        *("parameter card_line", "value must be a number", ""),
    ),
    (
        put("parameter", "card_line", values=[{"from": date(2020, 3, 17), "value": 5, "clause": ""}] * 2),
        *("parameter card_line", "two values start on the same day", ""),
    ),
    (
        put("parameter", "card_line", values=[{"from": date(2020, 4, 1), "value": 5, "clause": ""}]),
        *("parameter card_line", "has no value before 2020-04-01", ""),
    ),
    (
        put("measure", "M-003-01", departments=["民政厅"]),
        *("measure M-003-01", "there is no department 民政厅", "did you mean 民政?"),
    ),
    (put("measure", "M-003-01", mends=["ind_foot"]), "measure M-003-01", "mends ind_foot", "ind_food"),
    (put("measure", "M-003-01", verdicts=["rot"]), "measure M-003-01", "there is no verdict rot", "red"),
    (
        put("measure", "M-003-01", deadline={"rule": "months_after"}),
        *("measure M-003-01", "needs months", ""),
    ),
    (put("measure", "M-003-01", name=5), "measure M-003-01", "name must be a text", ""),
    (
        put("frequency", "F-01", times="visits_unlift"),
        *("frequency F-01", "there is no parameter visits_unlift", "did you mean visits_unlifted?"),
    ),
    (put("frequency", "F-01", per="fortnight"), "frequency F-01", 'per = "fortnight" is none of', ""),
    (put("alert", "AL-01", to=["cadres"]), "alert AL-01", "there is no role cadres", "did you mean cadre?"),
    (put("alert", "AL-04", when=[]), "alert AL-04", "give when, or each, or both", ""),
    (
        add("department", id="x", name="民政"),
        *("department x", "the name 民政 belongs to welfare already", ""),
    ),
    (put("flag", "priority", verdicts=["blu"]), "flag priority", "there is no verdict blu", "blue"),
]


@pytest.mark.parametrize(("spoil", "id", "what", "hint"), MISTAKES)
def test_a_mistake_is_found_with_its_place(
    hr_data: Data, load: Loader, spoil: Spoil, id: str, what: str, hint: str
) -> None:
    spoil(hr_data)
    pack, problems = load(hr_data)
    assert pack is None
    assert any(p.id == id and what in p.what and hint in p.hint for p in problems), problems
    assert "hr.toml" in {p.file for p in problems}


def test_all_mistakes_are_collected(hr_data: Data, load: Loader) -> None:
    put("row", "red", when=["unlifed"])(hr_data)
    drop("fact", "has_consumer_car", "clause")(hr_data)
    put("alert", "AL-01", to=["cadres"])(hr_data)
    _, problems = load(hr_data)
    assert {problem.id for problem in problems} >= {"row red", "fact has_consumer_car", "alert AL-01"}


def test_a_pack_of_nothing_says_so(load: Loader) -> None:
    pack, problems = load({})
    assert pack is None
    assert Problem("hr.toml", "row", "there is no row", "") in problems


def test_the_shipped_pack_has_the_facts_parts_first(hr_data: Data, load: Loader) -> None:
    hr_data["fact"].reverse()
    pack, problems = load(hr_data)
    assert problems == []
    assert pack is not None
    order = list(pack.facts)
    for name, rule in pack.facts.items():
        assert all(order.index(part.fact) < order.index(name) for part in rule.terms)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(data, dict):
        for key in data:
            yield from places(data[key], (*path, key))
    elif isinstance(data, list):
        for index in range(len(data)):
            yield from places(data[index], (*path, index))


JUNK: list[Any] = [5, 1.5, True, "x", "-", "{", "1 <", "has(reg_status, 1)", [], [1], ["x"], {}, {"a": 1}]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_pack_it_is_read_or_refused(hr_source: Data, load: Loader, data: Any) -> None:
    spoilt = copy.deepcopy(hr_source)
    *way, last = data.draw(st.sampled_from([path for path in places(spoilt) if path]))
    at: Any = spoilt
    for step in way:
        at = at[step]
    at[last] = data.draw(st.sampled_from(JUNK))
    pack, problems = load(spoilt)
    assert (pack is None) == bool(problems)
