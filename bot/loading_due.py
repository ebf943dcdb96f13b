"""Reading what says when people are reminded, and who has to do what is due."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from bot.content_files import Files
from bot.dialogs.form import Form
from bot.problems import Problem, near_miss
from bot.rules.county import County
from bot.rules.offices import Offices
from bot.rules.pack import Pack
from bot.rules.reminders import Reminders, read_reminders


class Around(Protocol):
    """What was read before."""

    county: County
    offices: Offices
    packs: dict[str, Pack]
    forms: dict[tuple[str, int], Form]
    whole: bool
    """Whether every questionnaire could be read."""


def read_due(files: Files, path: Path, around: Around) -> Reminders:
    """The hours, leads and superiors of `reminders.toml` with the county's own; all problems are noted."""
    offices, forms = around.offices, {id for id, _ in around.forms}
    if (tables := files.toml(path)) is None or not around.whole or not offices.posts:
        return Reminders()
    known = {*offices.roles, *offices.posts}
    found, problems = read_reminders(tables, path.name, around.county.reminders, forms, known)
    files.problems += [*problems, *_unknown_owners(around.packs.values(), known)]
    return found


def _unknown_owners(packs: Iterable[Pack], known: set[str]) -> list[Problem]:
    """A problem for every frequency that nobody could have to do: its role is neither role nor post."""
    return [
        Problem(
            f"{pack.scheme.id}.toml",
            f"frequency {rule.id}",
            f"there is no role or post {rule.role}",
            near_miss(rule.role, known),
        )
        for pack in packs
        for rule in pack.frequencies
        if rule.role not in known
    ]
