"""The jump notes derived from the conditions, against the tables of questionnaires.md 3.4, 4.2 and 5."""

from __future__ import annotations

import pytest

from bot.dialogs.form import Form
from bot.dialogs.jumps import Jump, OnlyIf, conditions, jumps, outcomes, skipped
from bot.dialogs.numbering import numbering, supplementary
from bot.expressions import parse
from tests.dialogs.building import DIALOGS, form, written

FORMS = sorted(path.stem for path in (DIALOGS / "forms").glob("*.toml"))

# question, answer, goes on with, what the table names as left out
JD = [
    ("4", 2, "5", ["4-1.a", "4-1.b", "4-1.x", "4-2"]),
    ("5", 1, "6", ["5-1"]),
    ("7", 2, "8", ["7-1.a", "7-1.b", "7-1.c", "7-1.d"]),
    ("8", 3, "9", ["8-1", "8-2", "8-3", "8-4", "8-5"]),
    ("8", 1, "8-2", ["8-1"]),
    ("8-3", 1, "8-5", ["8-4"]),
    ("9", 1, "10", ["9-1.a", "9-1.b", "9-1.c"]),
    ("10", 2, "11", ["10-1"]),
    ("11", 2, "12", ["11-1"]),
    ("12", 2, "12-2", ["12-1"]),
    ("12-2", 2, "13", ["12-3", "12-3.a", "12-3.b", "12-3.c"]),
    ("13", 2, "14", ["13-1.a", "13-1.b"]),
    ("14", 2, "14-2", ["14-1"]),
    ("14-3", 2, "15", ["14-4"]),
    ("15", 2, "16", ["15-1.a", "15-1.b"]),
    ("19", 2, "20", ["19-1"]),
]
NJ = [
    ("2", 2, "3", ["2-1", "2-2"]),
    ("2-1", 1, "3", ["2-2"]),
    ("3-1", 2, "3-3", ["3-2"]),
    ("3-3", 2, "4", ["3-4.a", "3-4.b"]),
    ("5", 1, "6", ["5-1.a", "5-1.b", "5-1.c"]),
    ("6", 2, "7", ["6-1", "6-2"]),
    ("7", 2, "8", ["7-1"]),
    ("8", 2, None, ["8-1", "8-2"]),
]
VE = [
    ("23", 0, "25", ["24", "24-1"]),
    ("30-4", 0, "30-5", ["30-4-1", "30-4-2"]),
    ("30-5", 0, "31", ["30-5-1", "30-5-2", "30-5-3", "30-5-4"]),
    ("31", 2, None, ["32", "33", "34", "35"]),
]
TABLES = [(id, *row) for id, table in (("jd", JD), ("nj", NJ), ("ve", VE)) for row in table]
# Jumps that follow from the conditions although the paper says nothing of them.
BESIDES = {
    ("jd", "x2", 1), ("jd", "1-2.x", 2), ("jd", "1-3.x", 2), ("jd", "4-1.a", 2), ("jd", "6", 3),
    ("jd", "12-3.x", 2), ("jd", "s2", 2), ("nj", "4", 3),
}  # fmt: skip


@pytest.mark.parametrize(("id", "question", "answer", "to", "left_out"), TABLES)
def test_every_jump_of_the_catalogue_is_derived(
    id: str, question: str, answer: int, to: str | None, left_out: list[str]
) -> None:
    (jump,) = [each for each in jumps(form(id))[question] if answer in each.codes]
    assert jump.to == to
    assert set(left_out) <= set(jump.skipped)
    ours = {item.id for item in form(id).items if supplementary(item)}
    assert set(jump.skipped) - ours == set(left_out) - ours


@pytest.mark.parametrize("id", ["jd", "nj", "ve"])
def test_no_other_jump_is_made_up(id: str) -> None:
    derived = {(id, item, code) for item, found in jumps(form(id)).items() for j in found for code in j.codes}
    told = {(form, question, answer) for form, question, answer, _, _ in TABLES if form == id}
    assert derived - told == {each for each in BESIDES if each[0] == id}


@pytest.mark.parametrize("id", FORMS)
def test_a_jump_never_passes_over_a_question_that_could_be_asked(id: str) -> None:
    """Whatever stands between the question and its target is left out by the walk's own conditions."""
    whole = form(id)
    for question, found in jumps(whole).items():
        item = whole.by_id[question]
        for jump in found:
            for code in jump.codes:
                out = skipped(whole, item, code)
                assert {whole.by_id[each] for each in jump.skipped} <= out


@pytest.mark.parametrize("id", FORMS)
def test_every_number_to_type_means_exactly_its_blank(id: str) -> None:
    names = numbering(form(id))
    for item in form(id).items:
        assert names.find(names.code(item))[0] is item


def plain_form() -> Form:
    return written(
        """
[[item]]
id = "1"
no = "1"
section = "s"
fact = "a"
kind = "select_one"
label = "A"
text = "A"
options = [{ code = 1, label = "x" }, { code = 2, label = "y" }, { code = 3, label = "z" }]
[[item]]
id = "1.x"
no = "1"
section = "s"
fact = "b"
kind = "integer"
label = "B"
text = "B"
ask_if = "a == 1"
[[item]]
id = "2"
no = "2"
section = "s"
fact = "c"
kind = "integer"
label = "C"
text = "C"
ask_if = "a in [1, 3]"
[[item]]
id = "3"
no = "3"
section = "s"
fact = "d"
kind = "text"
label = "D"
text = "D"
ask_if = "c > 5 and a != 2"
[[item]]
id = "4"
no = "4"
section = "s"
fact = "e"
kind = "select_multiple"
label = "E"
text = "E"
options = [{ code = 1, label = "x" }, { code = 2, label = "y" }]
[[item]]
id = "5"
no = "5"
section = "s"
fact = "f"
kind = "text"
label = "F"
text = "F"
ask_if = "has(e, 2) and not blank(c)"
"""
    )


def test_what_depends_on_a_left_out_question_is_left_out_with_it() -> None:
    assert jumps(plain_form())["1"] == (Jump((2,), "4"),)
    assert jumps(plain_form())["1"][0].skipped == ("1.x", "2", "3")


def test_a_jump_over_a_question_of_ours_alone_is_not_noted() -> None:
    assert all(3 not in jump.codes for jump in jumps(plain_form())["1"])


def test_a_count_of_nothing_jumps_like_an_option() -> None:
    assert jumps(plain_form())["2"] == (Jump((0,), "4"),)


def test_what_no_jump_says_is_noted_at_the_question_itself() -> None:
    assert conditions(plain_form()) == {"1.x": (OnlyIf("1", (1,)),), "5": (OnlyIf("4", (2,)),)}


@pytest.mark.parametrize(
    ("source", "known", "absent", "possible"),
    [
        ("a == 1", {"a": 1}, (), {True}),
        ("a == 1", {"a": 2}, (), {False}),
        ("a == 1", {}, (), {True, False, None}),
        ("a == 1", {}, ("a",), {None}),
        ("a == 1 and b == 2", {"a": 2}, (), {False}),
        ("a == 1 and b == 2", {"a": 1}, ("b",), {None}),
        ("a == 1 or b == 2", {"a": 1}, ("b",), {True}),
        ("a == 1 or b == 2", {}, ("b",), {True, None}),
        ("not (a == 1)", {"a": 1}, (), {False}),
        ("blank(a)", {}, ("a",), {True, False, None}),
        ("any(rows, x == 1)", {"rows": []}, (), {False}),
        ("a + b > 3", {"a": 1}, ("b",), {None}),
    ],
)
def test_a_condition_takes_only_the_values_that_are_left_to_it(
    source: str, known: dict[str, object], absent: tuple[str, ...], possible: set[bool | None]
) -> None:
    assert outcomes(parse(source).tree, known, absent) == possible
