"""The monthly report on a village under supervision (questionnaires.md 17; 003:1904-1947)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogs.path import Path
from bot.dialogs.walking import walk
from tests.dialogs.building import TODAY, context, form

QUIET: dict[str, Any] = {
    "1.a": "插旗镇", "1": "毛家村", "2": "2020-04", "3": "张三", "3.b": "李四、王五", "4": TODAY,
    **{f"5.{number}": 1 for number in range(1, 11)}, "6": 2, "7.a": 0, "8.a": 31, "8": 31, "9": 2,
}  # fmt: skip
FOUND: dict[str, Any] = {
    "6": 1, "6.n": 1, "6.a#1": "一户危房没改", "6.b#1": 4, "6.c#1": "2020-06-30",
}  # fmt: skip


def after(answers: dict[str, Any]) -> Path:
    return walk(form("dv"), {**QUIET, **answers}, {}, context())


def asked(path: Path) -> set[str]:
    return {step.key for step in path.steps if step.item is not None}


# what was answered, what is asked because of it, what is not
RELEVANCE: list[tuple[dict[str, Any], set[str], set[str]]] = [
    ({}, {f"5.{number}" for number in range(1, 11)}, {f"5.{number}.x" for number in range(1, 11)}),
    *[({f"5.{number}": state}, {f"5.{number}.x"}, set[str]()) for number in range(1, 11) for state in (2, 3)],
    (FOUND, {"6.n", "6.a#1", "6.b#1", "6.c#1"}, set()),
    ({"6": 2}, {"6"}, {"6.n", "6.a#1"}),
    ({"7.a": 0}, {"7.a"}, {"7", "7.b", "7.c"}),
    ({"7.a": 3, "7": 3}, {"7"}, {"7.b", "7.c"}),
    ({"7.a": 3, "7": 2}, {"7", "7.b", "7.c"}, set()),
    ({"8": 32}, {"8.d"}, set()),
    ({"8": 31}, {"8"}, {"8.d"}),
    ({"8": 20}, {"8"}, {"8.d"}),
    ({"9": 1}, {"9.x"}, set()),
    ({"9": 2}, {"9"}, {"9.x"}),
]


@pytest.mark.parametrize(("answers", "opened", "left_out"), RELEVANCE)
def test_words_are_asked_for_only_where_something_is_wrong(
    answers: dict[str, Any], opened: set[str], left_out: set[str]
) -> None:
    keys = asked(after(answers))
    assert opened <= keys
    assert not keys & left_out


CHECKS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    *[("DV-1", "warn", {f"5.{number}": 3}, {f"5.{number}": 2}) for number in range(1, 11)],
    ("DV-1", "warn", {"5.4": 3}, {"5.4": 3, **FOUND}),
    ("DV-2", "warn", {"7.a": 2, "7": 1, "7.c": 0}, {"7.a": 2, "7": 1, "7.c": 1}),
    ("DV-3", "info", {"9": 1}, {"9": 2}),
    ("DV-4", "warn", {**FOUND, "6.c#1": "2020-04-09"}, {**FOUND, "6.c#1": TODAY}),
]


@pytest.mark.parametrize(("check", "level", "fires", "quiet"), CHECKS)
def test_a_check_fires_on_one_side_of_its_border_only(
    check: str, level: str, fires: dict[str, Any], quiet: dict[str, Any]
) -> None:
    assert (check, level) in [(fired.id, fired.level) for fired in after(fires).fired]
    assert check not in [fired.id for fired in after(quiet).fired]


def test_every_check_is_shown_here_and_none_in_a_quiet_month() -> None:
    written = {check.id for check in form("dv").checks if not check.id.endswith(".range")}
    assert {case[0] for case in CHECKS} == written
    assert after({}).fired == ()
    assert after({}).open is None


def test_the_change_of_people_is_worked_out() -> None:
    assert after({"8": 28}).facts["unlifted_change"] == -3
    assert after({"8.a": None}).facts["unlifted_change"] is None


def test_no_more_problems_are_closed_than_there_were() -> None:
    assert after({"7.a": 2, "7": 2}).open is None
    step = after({"7.a": 2, "7": 3}).open_step
    assert step is not None
    assert step.key == "7"


def test_it_is_about_a_village_every_month() -> None:
    assert form("dv").subjects == ("village",)
    assert form("dv").every == "month"
    labels = [form("dv").by_id[f"5.{number}"].label for number in range(1, 11)]
    assert labels[0].startswith("脱贫攻坚政治责任")
    assert labels[9].startswith("扶贫资金管理使用")
