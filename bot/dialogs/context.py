"""What an interview may read besides its own answers: the day, the parameters and the file of its subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.dialogs.form import Item, Roster
from bot.expressions import Getter, Value

Way: TypeAlias = Literal["keep", "ask", "anew", "hint"]
"""How a known value may be used: "keep" with a card or in silence, "ask" with a tap of its own because it is
no longer fresh, "anew" likewise because it moves on from one time to the next, "hint" only to be looked at,
as it was said of something slightly different."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the file already says about a fact: its value, the day it was said for ("" for none), by what."""

    value: Value
    on: str
    source: str = ""
    way: Way = "keep"

    def changed_by(self, value: Value) -> bool:
        """Whether `value` says otherwise; a hint was said of something else, so nothing changes it."""
        return self.way != "hint" and value is not None and value != self.value


@dataclass(frozen=True, slots=True)
class Context:
    """What an interview may read besides its own answers. `today` and `now` are local ISO texts."""

    today: str
    now: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    """Dated parameters of the day of survey, under `param_…` names."""
    file: Mapping[str, Value] = field(default_factory=dict)
    """Facts of the household's file that forms may read but do not ask, such as the `member` roster."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """What the file says, by fact; a roster's rows as a list under the roster's id."""
    settled: frozenset[str] = frozenset()
    """Sub-problems that stand open in the ledger already: nobody is asked about them again."""
    dismissed: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """What was said to be no problem, with the grounds: as long as they are the same, nobody is asked."""
    begun: str = ""
    """The day on which the interview began, which is that of the visit; "" for today."""

    def base(self) -> dict[str, Value]:
        """The facts that stand before the first question."""
        return {"today": self.today, "now": self.now, **self.parameters, **self.file}


def offered(item: Item, context: Context, get: Getter) -> Known | None:
    """What may be proposed as the answer to a question outside of rosters; None for nothing."""
    if item.keep == "never":
        return None
    if item.default:
        return Known(context.begun or context.today, "")
    found = context.known.get(item.fact)
    if found is None and item.like and (before := get(item.like)) is not None:
        return Known(before, "", item.like)
    return _allowed(item, found)


def offered_in_row(item: Item, row: int, roster: Roster, context: Context) -> Known | None:
    """What may be proposed as the answer to a question of row `row` (from 1); None for nothing."""
    rows = proposed_rows(roster, context)
    if item.keep == "never" or rows is None or row > len(rows.value):
        return None
    value = rows.value[row - 1].get(item.fact)
    return None if value is None else _allowed(item, Known(value, rows.on, rows.source, rows.way))


def proposed_rows(roster: Roster, context: Context) -> Known | None:
    """The rows that the file proposes for a roster, as a list; None when it knows none."""
    found = context.known.get(roster.id)
    return found if found is not None and isinstance(found.value, Sequence) else None


def _allowed(item: Item, found: Known | None) -> Known | None:
    if found is None or item.keep_only is None:
        return found
    return found if found.value in (item.keep_only, [item.keep_only]) else None
