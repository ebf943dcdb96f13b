"""What is looked for across a county once a day: whom it concerns, with which figures (workflow.md 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.problems import Problem, unknown_keys
from bot.rules.calendar import MONTHS, period_of
from bot.rules.county import County
from bot.rules.entries import Entry, Problems, Source
from bot.rules.parameters import Parameter, read_parameter
from bot.rules.sentences import Sentence

LOOKS: Final = (
    *("many_problems_checked", "village_without_team", "guarantee_open", "income_open", "share_of_watched"),
    *("same_number", "other_population", "records_alike", "departments_late", "without_keeper"),
    *("not_visited", "without_plan", "left_unverified"),
)
"""The ways to look that there are; `services.watching` has one of each."""
LEVELS: Final = ("red", "yellow", "info")
ROOM: Final = "watches"
"""Under this name a county sets figures of its own."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Something to look for; `looks` names how, `figures` are parameters by what they mean to it.

    What is no longer found is over, unless it `stays`: then somebody has to say what was done. `every` says
    for how long a finding that stays the same is not told again; "" for ever.
    """

    id: str
    code: str
    looks: str
    level: str
    to: tuple[str, ...]
    schemes: tuple[str, ...]
    figures: Mapping[str, Parameter]
    every: str
    text: Sentence
    clause: str
    derived: bool
    library: str = ""
    """The set of the county's library that switches it on; "" for none."""
    stays: bool = False

    def is_own(self, subject: str) -> bool:
        """Whether an alert known by that key was raised by this watch."""
        return subject == self.id or subject.startswith(f"{self.id}:")

    def figure(self, name: str, on: date) -> int | None:
        """A figure in force on that day; None where none is set."""
        value = self.figures[name].value(on)
        return None if value is None else int(value)

    def key(self, found: str, on: date) -> str:
        """Under what a finding of that day is told once."""
        period = period_of(on, self.every).first.isoformat() if self.every else ""
        return ":".join(part for part in (self.id, found, period) if part)


def read_watches(
    data: Mapping[str, Any],
    file: str,
    *,
    county: County,
    schemes: Collection[str],
    offices: Collection[str],
    sets: Collection[str],
    lent: Iterable[Parameter] = (),
) -> tuple[tuple[Watch, ...], list[Problem]]:
    """The watches of `watches.toml` with what is wrong with them.

    `sets` are those of the library; `lent` are parameters that questionnaires read too.
    """
    problems = Problems(unknown_keys(file, "-", data, ("watch", "parameter")))
    source = Source(file, data, problems)
    own = {each.id: read_parameter(each, {}) for each in source.entries("parameter")}
    parameters = {each.id: each for each in lent} | {
        id: county.settle(ROOM, each) for id, each in own.items()
    }
    found = []
    for entry in source.entries("watch"):
        for key, known in (("to", offices), ("schemes", schemes)):
            for name in entry.texts(key):
                if name not in known:
                    entry.unknown(f"{key}: there is no {name}", name, known)
        library = entry.text("library", "")
        if library and library not in sets:
            entry.unknown(f"library: there is no set {library}", library, sets)
        found.append(
            Watch(
                entry.id,
                entry.text("code", entry.id),
                entry.one_of("looks", LOOKS),
                entry.one_of("level", LEVELS),
                entry.texts("to"),
                entry.texts("schemes"),
                _figures(entry, parameters),
                entry.one_of("every", ("", *MONTHS), ""),
                entry.sentence("text"),
                entry.text("clause"),
                entry.yes("derived"),
                library,
                entry.yes("stays"),
            )
        )
        entry.done()
    return tuple(found), problems.found


def _figures(entry: Entry, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    figures = {}
    for name, parameter in entry.table("figures").items():
        if parameter in parameters:
            figures[str(name)] = parameters[parameter]
        else:
            entry.unknown(f"figures: there is no parameter {parameter}", str(parameter), parameters)
    return figures
