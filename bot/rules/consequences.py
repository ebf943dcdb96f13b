"""What follows from a verdict: notes, help, duties, alerts, and the ways to another verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.rules.sentences import Sentence
from bot.rules.terms import Term


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to note beside a verdict, or while there is none (PENDING); it never changes the verdict."""

    id: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    text: Sentence
    clause: str


@dataclass(frozen=True, slots=True)
class Department:
    """An office in charge, under its own name and the others that documents call it by."""

    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """`rule` is months_after (`months` from the day) or half_year_end (one at least `days` ahead)."""

    rule: str
    months: int
    days: int
    derived: bool


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """Help that the law names, when it applies, and the indicators that it mends."""

    id: str
    name: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    mends: tuple[str, ...]
    text: Sentence
    terms: Sentence
    slots: tuple[str, ...]
    departments: tuple[Department, ...]
    deadline: Deadline
    clause: str
    derived: bool
    set: str = ""
    """The set of the library that it comes from; none for a measure of the scheme itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why measures are not given although what calls for them holds."""

    id: str
    measures: tuple[str, ...]
    when: tuple[Term, ...]
    text: Sentence
    clause: str


@dataclass(frozen=True, slots=True)
class Move:
    """What a change from one verdict to another means; a `forbidden` one has no way in the document."""

    id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    text: Sentence
    clause: str
    forbidden: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A part of every year, as (month, day) of its first and last day: a season of the field."""

    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a duty falls due: `times` (a parameter) in each period, or once at the end of each.

    With `day` (a parameter) it is due on that day of each month, or on the month's last one when the month is
    shorter. With `spans` it is due at the end of each of these parts of a year.
    Nothing of it is due before `start`. `of` says what each duty is about: a `household`, or the `region`
    of those who owe it; one that is `held` only where somebody holds the post `role` in the region itself.
    """

    id: str
    kind: str
    verdicts: tuple[str, ...]
    times: str
    per: str
    role: str
    text: str
    clause: str
    derived: bool
    day: str = ""
    start: date = date.min
    of: str = "household"
    spans: tuple[Span, ...] = ()
    held: bool = False
    set: str = ""
    """The set of the library that it comes from; none for a duty of the scheme itself."""


@dataclass(frozen=True, slots=True, eq=False)
class AlertRule:
    """When somebody must be told: all of `when` hold; with `each`, once for every one of those that holds.

    What `stays` has happened: it is over when somebody says what was done, not when it is no longer so.
    """

    id: str
    code: str
    level: str
    at: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    each: tuple[Term, ...]
    to: tuple[str, ...]
    departments: Mapping[str, tuple[Department, ...]]
    within_days: int
    text: Sentence
    clause: str
    derived: bool
    stays: bool = False
    earlier: tuple[str, ...] = ()
    """The verdicts after one of which alone it is raised; after whichever when there are none."""
