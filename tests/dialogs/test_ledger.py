"""The list of possible problems: as the document has it, as options of a form, with its deadlines."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from bot.dialogs.form import Form
from bot.dialogs.ledger import LEVELS, Ledger, grounds, read_ledger
from bot.dialogs.reading import read_form

FILE = Path(__file__).resolve().parents[2] / "bot" / "dialogs" / "ledger.toml"


@lru_cache(maxsize=1)
def shipped() -> Ledger:
    ledger, problems = read_ledger(tomllib.loads(FILE.read_text(encoding="utf-8")), FILE.name)
    assert problems == []
    return ledger


def test_there_are_eighteen_categories_in_three_groups_and_a_hundred_and_three_sub_problems() -> None:
    ledger = shipped()
    assert [category.id for category in ledger.categories] == [str(n) for n in range(1, 19)]
    groups = [category.group for category in ledger.categories]
    assert groups == ["responsibility"] * 3 + ["policy"] * 10 + ["work"] * 5
    assert list(ledger.groups) == ["responsibility", "policy", "work"]
    sizes = [len(category.problems) for category in ledger.categories]
    assert sizes == [9, 6, 10, 11, 5, 7, 8, 5, 5, 5, 4, 4, 5, 2, 4, 2, 6, 5]
    assert len(ledger.problems) == 103


def test_every_sub_problem_has_a_level_and_a_place_in_the_document() -> None:
    for problem in shipped().problems.values():
        assert problem.levels
        assert set(problem.levels) <= set(LEVELS)
        assert problem.category == problem.id.split(".")[0]
        source, _, line = problem.clause.partition(":")
        assert source == "003"
        # What attachment 1 counts and the list does not name stands further down.
        assert 37 <= int(line) <= 77 or problem.id == "4.11"


def test_the_options_of_a_category_are_its_sub_problems() -> None:
    lists = shipped().options(lambda label: label[:1])
    assert len(lists) == 19
    assert [option.code for option in lists["ledger"]] == list(range(1, 19))
    assert [option.code for option in lists["ledger:8"]] == [1, 2, 3, 4, 5]
    for category, options in ((each.id, lists[f"ledger:{each.id}"]) for each in shipped().categories):
        for option in options:
            assert shipped().problems[f"{category}.{option.code}"].name == option.label
    assert lists["ledger:8"][0].initials == lists["ledger:8"][0].label[:1]


@pytest.mark.parametrize(
    ("problem", "found", "due"),
    [
        ("6.1", date(2020, 3, 16), None),  # before the campaign
        ("6.1", date(2020, 3, 17), date(2020, 6, 30)),
        ("6.1", date(2020, 6, 30), date(2020, 6, 30)),
        ("6.1", date(2020, 7, 1), None),
        ("14.1", date(2020, 7, 1), date(2020, 9, 30)),
        ("14.1", date(2020, 10, 1), None),
        ("14.2", date(2020, 4, 1), date(2020, 6, 30)),
    ],
)
def test_a_problem_has_until_the_deadline_of_its_time(problem: str, found: date, due: date | None) -> None:
    deadline = shipped().deadline(problem, found)
    assert (None if deadline is None else deadline.due) == due


def test_a_deadline_says_where_it_is_written() -> None:
    def clause(problem: str) -> str:
        deadline = shipped().deadline(problem, date(2020, 4, 1))
        assert deadline is not None
        return deadline.clause

    assert (clause("4.2"), clause("14.1")) == ("003:120", "003:29")


def test_a_later_deadline_and_one_of_a_category_take_the_place_of_the_general_one() -> None:
    tables: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    year = {"from": date(2021, 1, 1), "value": date(2021, 11, 30), "clause": "new"}
    tables["deadline"][0]["values"].append(year)
    tables["deadline"].append({"problems": ["8"], "values": [year | {"value": date(2021, 5, 1)}]})
    ledger, problems = read_ledger(tables, FILE.name)
    assert problems == []
    found = {id: ledger.deadline(id, date(2021, 2, 1)) for id in ("6.1", "8.1", "14.1")}
    assert {id: each and each.due for id, each in found.items()} == {
        "6.1": date(2021, 11, 30),
        "8.1": date(2021, 5, 1),
        "14.1": None,
    }


@pytest.mark.parametrize("data", [{}, {"category": 1}, {"group": [], "category": [{}]}, {"deadline": [[]]}])
def test_whatever_stands_in_the_file_is_noted_and_never_an_error(data: dict[str, Any]) -> None:
    _, problems = read_ledger(data, "ledger.toml")
    assert problems


# ---------------------------------------------------------------- what a decision rests on


@lru_cache(maxsize=1)
def school() -> Form:
    """A form with a question and a roster, and a candidate over each."""
    tables: dict[str, Any] = {
        "form": {"id": "school", "version": 1, "name": "n", "short": "s", "source": ""},
        "section": [{"id": "s", "name": "s"}],
        "roster": [{"id": "child", "name": "c", "count": "n", "title": "name"}],
        "item": [
            {"id": "dry", "section": "s", "fact": "dry_days", "kind": "integer", "label": "l", "text": "t"},
            {"id": "n", "section": "s", "fact": "children", "kind": "integer", "label": "l", "text": "t"},
            {"id": "c", "repeat": "child", "fact": "name", "kind": "person", "label": "l", "text": "t"},
            {
                "id": "in",
                "repeat": "child",
                "fact": "in_school",
                "kind": "integer",
                "label": "l",
                "text": "t",
            },
        ],
        "candidate": [
            {"problem": "8.4", "when": "dry_days > 36", "items": ["dry"]},
            {
                "problem": "6.1",
                "when": "any(child, in_school == 2)",
                "items": ["in"],
                "roster": "child",
                "who": "in_school == 2",
            },
        ],
    }
    form, problems = read_form(tables, {}, lambda label: label, "school.toml")
    assert problems == []
    assert form is not None
    return form


def test_a_decision_rests_on_the_answers_to_its_items_and_on_whom_it_names() -> None:
    water, children = school().candidates
    rows = [{"name": "王小妹", "in_school": 2}, {"name": "王小弟", "in_school": 1}]
    facts = {"dry_days": 40, "children": 2, "child": rows}
    assert grounds(water, school(), facts) == {"dry_days": 40}
    assert grounds(children, school(), facts) == {"child.in_school": [2, 1], "persons": ["王小妹"]}


def test_another_answer_or_another_child_is_another_ground() -> None:
    water, children = school().candidates
    rows = [{"name": "王小妹", "in_school": 2}]
    before = grounds(children, school(), {"dry_days": 40, "child": rows})
    # What the candidate is not about may change.
    assert grounds(children, school(), {"dry_days": 60, "child": rows}) == before
    assert grounds(children, school(), {"child": [{"name": "王小弟", "in_school": 2}]}) != before
    assert grounds(water, school(), {"dry_days": 40}) != grounds(water, school(), {"dry_days": 60})
    assert grounds(water, school(), {"dry_days": None}) == grounds(water, school(), {}) == {}
