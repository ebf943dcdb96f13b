"""A released questionnaire never changes its shape: whoever needs another shape releases a new version.

`shapes.toml` holds a fingerprint of every released version, section by section: ids, kinds, options, limits
and conditions, but no wording, which may change freely. A new version is added, and a shape that nobody has
used yet is renewed, with `pytest tests/dialogs/test_released_shapes.py --update`.
"""

from __future__ import annotations

import copy
import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import content
from bot.dialogs.form import Candidate, Check, Form, Item, Roster
from bot.expressions import Expression
from tests.dialogs.building import build, tables

PINNED = Path(__file__).with_name("shapes.toml")
HEAD = (
    "# The shape of every released version, as test_released_shapes.py works it out.\n"
    "# Written by `pytest tests/dialogs/test_released_shapes.py --update`; never by hand.\n"
)
RENEW = "pytest tests/dialogs/test_released_shapes.py --update"
Shape = Mapping[str, str]
"""Fingerprints by the name of a part: a section, the rosters, the checks, the candidates, the form itself."""


def source(expression: Expression | None) -> str | None:
    return None if expression is None else expression.source


def of_item(item: Item) -> list[Any]:
    """What an answer to an item may be, when it is asked, and what it is called afterwards."""
    return [
        *(item.id, item.fact, item.kind, item.repeat, item.period, item.unit),
        [option.code for option in item.options],
        *(source(item.ask_if), source(item.calc)),
        *(item.min, item.max, item.max_choices, item.min_choices, item.none, item.optional, item.required),
        [constraint.test.source for constraint in item.check],
        None if item.fold is None else [item.fold.fact, item.fold.calc.source],
    ]


def of_roster(roster: Roster) -> list[Any]:
    return [roster.id, roster.count, roster.title]


def of_check(check: Check) -> list[Any]:
    return [check.id, check.level, check.when.source, list(check.items)]


def of_candidate(each: Candidate) -> list[Any]:
    return [each.problem, each.when.source, list(each.items), each.roster, source(each.who)]


def fingerprint(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def shape(form: Form) -> Shape:
    """The fingerprint of each part of a form."""
    sections = {
        f"section {section.id}": [of_item(item) for item in form.items if item.section == section.id]
        for section in form.sections
    }
    order = [[section.id for section in form.sections], [item.id for item in form.items]]
    whole = {
        "order": [*order, list(form.subjects), form.menu],
        "rosters": [of_roster(roster) for roster in form.rosters],
        "checks": [of_check(check) for check in form.checks],
        "candidates": [of_candidate(each) for each in form.candidates],
    }
    return {name: fingerprint(parts) for name, parts in (whole | sections).items()}


@dataclass(frozen=True)
class Release:
    """A form in a version, as people know it."""

    id: str
    version: int

    def __str__(self) -> str:
        return f"{self.id} version {self.version}"


def shapes(forms: Mapping[tuple[str, int], Form]) -> dict[Release, Shape]:
    return {Release(*key): shape(forms[key]) for key in sorted(forms)}


def written(found: Mapping[Release, Shape]) -> str:
    """The shapes as the text of `shapes.toml`."""
    lines = [HEAD]
    for release, parts in found.items():
        lines.append(f"\n[{release.id}.{release.version}]\n")
        lines += [f'"{name}" = "{print_}"\n' for name, print_ in parts.items()]
    return "".join(lines)


def pinned(text: str) -> dict[Release, Shape]:
    """The shapes in the text of `shapes.toml`."""
    return {
        Release(id, int(version)): parts
        for id, versions in tomllib.loads(text).items()
        for version, parts in versions.items()
    }


def changes(before: Mapping[Release, Shape], now: Mapping[Release, Shape]) -> Iterator[str]:
    """What has happened to released versions that may not happen, and what is to be done about it."""
    for release, was in before.items():
        if release not in now:
            yield f"{release} is gone: interviews that began with it cannot go on. Put its file back."
        elif parts := sorted({name for name, _ in was.items() ^ now[release].items()}):
            file, newer = f"forms/{release.id}.toml", release.version + 1
            yield (
                f"{release} has changed its shape ({', '.join(parts)}). Leave the file as it was released "
                f"and put the new shape beside it as version {newer} (a copy of {file} with "
                f"version = {newer}). If nobody has used version {release.version} yet, renew its "
                f"fingerprint: {RENEW}"
            )
    for release in now:
        if release not in before:
            yield f"{release} is new: pin its shape with {RENEW}"


def test_the_shape_of_a_released_version_never_changes(request: pytest.FixtureRequest) -> None:
    now = shapes(content.load().forms)
    if request.config.getoption("--update"):
        PINNED.write_text(written(now), encoding="utf-8")
    before = pinned(PINNED.read_text(encoding="utf-8"))
    found = list(changes(before, now))
    assert not found, "\n".join(found)


# ---------------------------------------------------------------- what counts as a change, and what does not

Tables = dict[str, Any]


def item(data: Tables, id: str) -> Tables:
    return next(each for each in data["item"] if each["id"] == id)


def reworded(data: Tables) -> None:
    data["form"]["name"] += "（新版式）"
    for table in (*data["section"], *data["item"], *data["check"]):
        for key in ("name", "label", "text", "hint"):
            if key in table and table[key].strip():
                table[key] += "？"


def asked_of_others(data: Tables) -> None:
    item(data, "7")["ask_if"] = "reg_status == 2"


def another_option(data: Tables) -> None:
    item(data, "17.c")["options"].append({"code": 9, "label": "药材"})


def another_limit(data: Tables) -> None:
    item(data, "10.x1")["min"] = 0


def another_fact(data: Tables) -> None:
    item(data, "8")["fact"] = "fine_house"


def one_less(data: Tables) -> None:
    data["item"].remove(item(data, "20"))


def moved(data: Tables) -> None:
    at = data["item"].index(item(data, "8"))
    data["item"].insert(at + 1, data["item"].pop(at))


def milder(data: Tables) -> None:
    data["check"][0]["level"] = "info" if data["check"][0]["level"] != "info" else "warn"


def changed(change: Callable[[Tables], None]) -> list[str]:
    """What is said of `cs` after a change."""
    released = tables("forms/cs.toml")
    data = copy.deepcopy(released)
    change(data)
    release = Release("cs", 1)
    return list(changes({release: shape(build(released))}, {release: shape(build(data))}))


def test_other_words_are_no_other_shape() -> None:
    assert changed(reworded) == []


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (asked_of_others, "section assets"),
        (another_option, "section wishes"),
        (another_limit, "section family"),
        (another_fact, "section assets"),
        (one_less, "order, section wishes"),
        (moved, "order, section assets"),
        (milder, "checks"),
    ],
)
def test_another_shape_needs_another_version(change: Callable[[Tables], None], parts: str) -> None:
    (said,) = changed(change)
    assert said.startswith(f"cs version 1 has changed its shape ({parts}). Leave the file as it was released")
    assert "a copy of forms/cs.toml with version = 2" in said


def test_a_version_that_is_gone_or_new_is_named() -> None:
    one, two = Release("cs", 1), Release("cs", 2)
    assert list(changes({one: {}}, {one: {}})) == []
    (gone, new) = changes({one: {}}, {two: {}})
    assert gone.startswith("cs version 1 is gone")
    assert new == f"cs version 2 is new: pin its shape with {RENEW}"


def test_what_is_written_is_read_back() -> None:
    found = {Release("cs", 1): shape(build(tables("forms/cs.toml"))), Release("cs", 12): {"checks": "0a"}}
    assert pinned(written(found)) == found
