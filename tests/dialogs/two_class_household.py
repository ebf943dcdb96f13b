"""A quiet household of the "two classes" plan, filled in section after section without the menu."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bot.dialogs.form import Form
from tests.dialogs.building import Interview, build, context, tables

TODAY = "2020-12-20"

# Type U, one risk that fits its category, one measure received, risk gone for good: no check speaks up.
QUIET: Mapping[str, str] = {
    "type": "1", "1.1": "张三", "1.2": "13800000000", "1.3": "3", "1.4": "2018", "1.5": "2020", "1.6": "0",
    "1.7": "1", "2.1": "1", "2.2.a": "20000", "2.2.b": "3000", "2.2.c": "0", "2.2.d": "1000",
    "2.3.a": "6000", "2.3.b": "0", "2.3.c": "0", "2.3.o": "0", "4.1": "2", "4.2": "1", "4.1.x": "1",
    "4.3.1.b": "2019-05", "4.3.1.d": "2", "4.3.1.h": "2", "5.1.n": "1", "5.1.c": "2020", "5.2": "1",
    "5.2.x1": "2", "5.2.x4": "1", "6.n": "1", "6.a": "15", "6.d": "2021-06", "7.1.a": "20000", "7.2": "1",
    "3.1.x": "0", "3.2.x": "0", "8.x4": "2", "8.1": "张三", "8.2": "李四", "8.3": "王五", "8.4": "赵六",
    "8.x1": "1", "8.x2": TODAY, "8.x": "1 2 3 4",
}  # fmt: skip


@cache
def plan() -> Form:
    """The released form without its menu: the questions follow one another as on paper."""
    data = tables("forms/gs.toml")
    return build({**data, "form": {**data["form"], "menu": False}})


def household(told: Mapping[str, str], goal: str = "review") -> Interview:
    """The quiet household with other answers where told, up to a question or the review."""
    return Interview(plan(), context(today=TODAY, now=f"{TODAY}T10:00")).until(goal, {**QUIET, **told})


def asked(interview: Interview) -> set[str]:
    """Ids of the items that are asked, in whatever row."""
    return {key.partition("#")[0] for key in interview.steps()}


def fired(interview: Interview) -> dict[str, str]:
    """The checks that hold, with their levels."""
    return {check.id: check.level for check in interview.turn.path.fired}
