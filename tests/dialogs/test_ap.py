"""The record of a procedure's step (questionnaires.md 16; workflow.md WF-01, WF-03, WF-04, WF-13)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from bot.dialogs.path import Path
from bot.dialogs.walking import walk
from tests.dialogs.building import context, form

HR, YB, N9, N6 = 1, 2, 3, 4
PUBLICITY = {"5", "5.b", "5.c", "5.d", "5.e", "5.f", "5.x", "5.p"}


def after(scheme: int, step: int, **answers: Any) -> Path:
    told = {"x1": scheme, "x2": step, **{key.replace("_", ".", 1): value for key, value in answers.items()}}
    return walk(form("ap"), told, {}, context())


def asked(path: Path) -> set[str]:
    return {step.key for step in path.steps if step.item is not None}


def refused(path: Path, key: str) -> bool:
    """Whether an answer given under `key` was not taken."""
    return path.open_step is not None and path.open_step.key == key


# scheme, step, answers, what is asked because of them, what is not
RELEVANCE: list[tuple[int, int, dict[str, Any], set[str], set[str]]] = [
    (HR, 1, {}, {"1", "1.b", "1.c", "1.d", "1.e", "1.f"}, {"2", "3", "4", "5", "6", "7.x", "8.x", "9.x"}),
    (HR, 2, {}, {"2", "2.b", "2.c", "2.d", "2.e", "2.f", "2.g", "2.h"}, {"1", "2.i", "3"}),
    (HR, 2, {"2_h": 1}, {"2.i", "2.j", "2.k"}, set()),
    (HR, 2, {"2_h": 2}, {"2.h"}, {"2.i", "2.j", "2.k"}),
    (HR, 3, {"3_e": 1}, {"3", "3.b", "3.c", "3.d", "3.e", "3.h"}, {"3.f", "3.g"}),
    (HR, 3, {"3_e": 2}, {"3.f", "3.g"}, set()),
    (HR, 4, {"4": 2}, {"4"}, {"4.b", "4.c", "4.d", "4.e", "4.f"}),
    (HR, 4, {"4": 1, "4_c": 1}, {"4.b", "4.c", "4.e", "4.f"}, {"4.d"}),
    (HR, 4, {"4": 1, "4_c": 2}, {"4.d"}, set()),
    (HR, 5, {"5_d": 2}, {"5", "5.b", "5.c", "5.d"}, {"5.e", "5.f", "6"}),
    (HR, 5, {"5_d": 1}, {"5.e", "5.f"}, set()),
    (HR, 6, {"5_d": 2}, {"5", "5.b", "5.d", "6", "6.b"}, {"5.c", "5.e", "5.f"}),
    (HR, 6, {"5_d": 1}, {"5.f", "6"}, {"5.e"}),
    (YB, 7, {"7_x": 1}, {"7", "7.b", "7.c", "7.d"}, {"7.e", "7.h"}),
    (YB, 7, {"7_x": 2}, {"7.e", "7.f", "7.g"}, {"7", "7.h"}),
    (YB, 7, {"7_x": 3}, {"7.h", "7.i", "7.j", "7.k"}, {"7", "7.e"}),
    (N9, 8, {"8_x": 1}, {"8", "8.b", "8.c", "8.d"}, {"8.e", "8.j"}),
    (N9, 8, {"8_x": 2, "8_g": 1}, {"8.e", "8.f", "8.g", "8.h", "8.i"}, {"8"}),
    (N9, 8, {"8_x": 2, "8_g": 2}, {"8.g"}, {"8.h", "8.i"}),
    (N9, 8, {"8_x": 3, "8_k": 2}, {"8.j", "8.k"}, {"8.l", "8.m", "8.n"}),
    (N9, 8, {"8_x": 3, "8_k": 1}, {"8.l", "8.m"}, {"8.n"}),
    (N9, 8, {"8_x": 3, "8_k": 1, "8_m": "2020-04-08"}, {"8.n"}, set()),
    (N9, 8, {"8_x": 4}, {"8.o", "8.p1"}, {"8.q"}),
    (N9, 8, {"8_x": 5}, {"8.q", "8.r", "8.s"}, {"8.t"}),
    (N9, 8, {"8_x": 6}, {"8.t", "8.u", "8.v"}, {"8.q"}),
    (N9, 9, {"9_x": 1, "9_b": 1}, {"9.a", "9", "9.b", "9.c"}, {"9.d", "9.f"}),
    (N9, 9, {"9_x": 1, "9_b": 2}, {"9.b"}, {"9.c"}),
    (N9, 9, {"9_x": 2}, {"9.d", "9.e"}, {"9", "9.f"}),
    (HR, 9, {"9_x": 3}, {"9.f", "9.g"}, {"9.d", "9.h"}),
    (N9, 9, {"9_x": 4}, {"9.h"}, {"9.f"}),
    (N9, 9, {"9_x": 5}, {"9.i", "9.j"}, {"9.h"}),
    (YB, 9, {"9_x": 6}, {"9.k", "9.l"}, {"9", "9.d"}),
]


@pytest.mark.parametrize(("scheme", "step", "answers", "opened", "left_out"), RELEVANCE)
def test_only_the_step_that_is_recorded_is_asked(
    scheme: int, step: int, answers: dict[str, Any], opened: set[str], left_out: set[str]
) -> None:
    keys = asked(after(scheme, step, **answers))
    assert opened <= keys
    assert not keys & left_out


# scheme, the steps of its procedure
STEPS = [(HR, {1, 2, 3, 4, 5, 6, 9}), (YB, {7, 9}), (N9, {8, 9}), (N6, {1, 2, 3, 4, 5, 6, 8, 9})]


@pytest.mark.parametrize(("scheme", "own"), STEPS)
def test_a_scheme_takes_the_steps_of_its_own_procedure_only(scheme: int, own: set[int]) -> None:
    taken = {step for step in range(1, 10) if not refused(after(scheme, step), "x2")}
    assert taken == own


def test_three_colours_never_meet_a_question_about_posting_up() -> None:
    for step, stage in product(range(1, 10), range(1, 7)):
        path = after(YB, step, **{f"{step}_x": stage})
        assert not asked(path) & PUBLICITY
        assert not {name for name in path.facts if name.startswith("publicity")}
    words = [text for item in form("ap").items if item.section in ("ap.7", "ap.9") for text in shown(item)]
    assert not [text for text in words if "公示" in text or "张榜" in text]


def shown(item: Any) -> list[str]:
    return [item.label, item.text, item.hint, *(option.label for option in item.options)]


def test_leaving_three_colours_is_asked_by_a_department_not_by_village_or_town() -> None:
    taken = {stage for stage in range(1, 7) if not refused(after(YB, 9, **{"9_x": stage}), "9.x")}
    assert taken == {3, 4, 5, 6}
    taken = {stage for stage in range(1, 7) if not refused(after(N9, 9, **{"9_x": stage}), "9.x")}
    assert taken == {1, 2, 3, 4, 5}


PRESENT = {"2_c": 3, "2_d": 2, "2_e": 1, "2_f": 4}
POSTED = {"5": "2020-04-01", "5_b": "2020-04-07", "5_d": 2}
LEFT = {"9_x": 1, "9_a": "2020-01-01", "9": "2020-03-31", "9_b": 1}
# check, level, scheme, step, answers with which it fires and just does not
CHECKS: list[tuple[str, str, int, int, dict[str, Any], dict[str, Any]]] = [
    *[("AP-2", "warn", HR, 2, {**PRESENT, missing: 0}, PRESENT) for missing in PRESENT],
    (
        "AP-3",
        "warn",
        HR,
        3,
        {"3": "2020-04-08", "3_h": "2020-04-07"},
        {"3": "2020-04-08", "3_h": "2020-04-08"},
    ),
    ("AP-4", "warn", HR, 4, {"4": 1, "4_f": [1]}, {"4": 1, "4_f": [1, 2]}),
    ("AP-5", "block", HR, 5, {**POSTED, "5_b": "2020-04-06"}, POSTED),
    ("AP-5", "block", HR, 6, {**POSTED, "5_b": "2020-04-06"}, POSTED),
    ("AP-5b", "warn", HR, 5, {**POSTED, "5_c": [2]}, {**POSTED, "5_c": [1, 2]}),
    ("AP-6", "block", HR, 6, {**POSTED, "6": "2020-04-07"}, {**POSTED, "6": "2020-04-08"}),
    ("AP-6b", "block", HR, 6, {**POSTED, "5_d": 1, "5_f": 2}, {**POSTED, "5_d": 1, "5_f": 1}),
    (
        "AP-8",
        "warn",
        N9,
        8,
        {"8_x": 2, "8_e": "2020-04-08", "8_f": "2020-04-07"},
        {"8_x": 2, "8_e": "2020-04-08", "8_f": "2020-04-08"},
    ),
    ("AP-9", "warn", N9, 9, {**LEFT, "9": "2020-03-30"}, LEFT),
    ("AP-9", "warn", N9, 9, {**LEFT, "9": "2020-03-30"}, {**LEFT, "9": "2020-03-30", "9_b": 2}),
]


@pytest.mark.parametrize(("check", "level", "scheme", "step", "fires", "quiet"), CHECKS)
def test_a_check_fires_on_one_side_of_its_border_only(
    check: str, level: str, scheme: int, step: int, fires: dict[str, Any], quiet: dict[str, Any]
) -> None:
    fired = [(found.id, found.level) for found in after(scheme, step, **fires).fired]
    assert (check, level) in fired
    assert check not in [found.id for found in after(scheme, step, **quiet).fired]


def test_every_check_is_shown_here() -> None:
    written = {check.id for check in form("ap").checks if not check.id.endswith(".range")}
    assert {case[0] for case in CHECKS} == written


def test_posting_up_does_not_end_before_it_begins() -> None:
    assert refused(after(HR, 5, **{"5": "2020-04-08", "5_b": "2020-04-07"}), "5.b")
    assert after(HR, 5, **POSTED).facts["publicity_length"] == 7


def test_there_is_one_section_for_each_step_and_a_menu_of_them() -> None:
    ap = form("ap")
    assert ap.menu
    assert [section.id for section in ap.sections] == ["step", *(f"ap.{step}" for step in range(1, 10))]
    for section in ap.sections[1:]:
        assert {item.section for item in ap.items if item.id.startswith(section.id[3:])} == {section.id}
