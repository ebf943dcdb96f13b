"""All content, loaded once and checked whole: forms, packs, words and templates.

`load` refuses to give anything while there is a problem; `check` lists every problem there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.dialogs.commands import Commands
from bot.dialogs.form import Form
from bot.dialogs.ledger import Ledger
from bot.dialogs.reuse import ReuseRules
from bot.dialogs.vocabulary import Vocabulary
from bot.errors import HubangError
from bot.loading import SHIPPED, Places, initials, read
from bot.problems import Problem
from bot.render.messages import Messages
from bot.rules.clauses import Clauses
from bot.rules.facts import Registry
from bot.rules.pack import Pack
from bot.rules.parameters import NotInForce, Parameter

__all__ = ["SHIPPED", "Content", "ContentInvalid", "Places", "check", "initials", "load"]


class ContentInvalid(HubangError):
    """The content has {count} problem(s):{problems}"""

    def __init__(self, found: Iterable[Problem]) -> None:
        """Keep the problems for those who list them."""
        self.found = tuple(found)
        lines = "".join(f"\n{problem}" for problem in self.found)
        super().__init__(count=len(self.found), problems=lines)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross between processes with the problems themselves."""
        return type(self), (self.found,)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that people may reword or reconfigure, as the product uses it."""

    forms: Mapping[tuple[str, int], Form]
    packs: Mapping[str, Pack]
    vocabulary: Vocabulary
    registry: Registry
    parameters: tuple[Parameter, ...]
    commands: Commands
    clauses: Clauses
    ledger: Ledger
    reuse: ReuseRules
    messages: Messages

    def latest_forms(self) -> list[Form]:
        """The newest version of every questionnaire, by id."""
        return [self.form(id) for id in sorted({id for id, _ in self.forms})]

    def form(self, id: str, version: int | None = None) -> Form:
        """A released form; the newest version when none is named. KeyError when there is none."""
        if version is None:
            version = max(v for f, v in self.forms if f == id)
        return self.forms[id, version]

    def form_parameters(self, on: date) -> dict[str, float]:
        """The dated parameters that forms read, under `param_…`; one not yet in force is absent."""
        values: dict[str, float] = {}
        for parameter in self.parameters:
            try:
                values[f"param_{parameter.id}"] = parameter.at(on).value
            except NotInForce:
                continue
        return values


def check(places: Places = SHIPPED) -> list[Problem]:
    """Every problem of the content, in file order."""
    return sorted(set(read(places).problems))


def load(places: Places = SHIPPED) -> Content:
    """The content; ContentInvalid with every problem when there is any."""
    found = read(places)
    vocabulary, commands, ledger, reuse = found.vocabulary, found.commands, found.ledger, found.reuse
    if found.problems or vocabulary is None or commands is None or ledger is None or reuse is None:
        raise ContentInvalid(sorted(set(found.problems)))
    return Content(
        found.forms,
        found.packs,
        vocabulary,
        found.registry,
        found.parameters,
        commands,
        found.clauses,
        ledger,
        reuse,
        Messages(places.templates / "messages"),
    )
