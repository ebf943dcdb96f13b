"""What the file knows of a whole section, to be kept with one tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogs.context import Context, proposed_rows
from bot.dialogs.form import Form, Section, Step, split_key
from bot.expressions import Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One known answer: the question, the name in its row, the value and the day for which it was said."""

    step: Step
    who: str | None
    value: Value
    on: str

    @classmethod
    def of(cls, form: Form, key: str, facts: Mapping[str, Value], context: Context) -> Entry:
        """The entry for the answer under `key`, as it stands in `facts`."""
        id, row = split_key(key)
        item = form.by_id[id]
        if row is None or item.repeat is None:
            known = context.known.get(item.fact)
            return cls(Step(key, item), None, facts[item.fact], known.on if known is not None else "")
        roster = form.roster_by_id[item.repeat]
        rows = proposed_rows(roster, context)
        cells = facts[roster.id][row - 1]
        who = cells.get(roster.title) if item.fact != roster.title else None
        on = rows.on if rows is not None else ""
        return cls(Step(key, item, row), who if isinstance(who, str) else None, cells[item.fact], on)


@dataclass(frozen=True, slots=True)
class Card:
    """A section with everything that the file knows of it, in the order of the form."""

    section: Section
    entries: tuple[Entry, ...]

    @property
    def keys(self) -> list[str]:
        """Keys of the questions that are kept with it."""
        return [entry.step.key for entry in self.entries]

    @property
    def held(self) -> list[list[Value]]:
        """The keys with what was shown, as it is kept: what it was shown from may change later."""
        return [[entry.step.key, entry.value] for entry in self.entries]
