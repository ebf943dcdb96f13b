"""What a household's plan shows: plain values for the Word papers and the chat summary.

All words in a view come from content or from answers; a template chooses the sentences around them. What is
not known is None or empty, and then its sentence does not appear. There is no identity number, no phone and
no name of an illness here: whoever may see the plan may see all of the view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Responsible:
    """The cadre who is paired with the household, and the cadre's unit."""

    name: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """Who the plan is for; `status` is the registered one in words, `exit_year` when it left poverty."""

    town: str | None = None
    village: str | None = None
    group: str | None = None
    head: str | None = None
    population: int | None = None
    status: str | None = None
    exit_year: int | None = None
    responsible: Responsible = field(default_factory=Responsible)


@dataclass(frozen=True, slots=True)
class Card:
    """The card of the scheme; `official` only once the procedure of the document is through (003:1998)."""

    name: str
    reason: str = ""
    clause: str = ""
    official: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence on which the verdict rests, with the clause of the document."""

    sentence: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Help that the household's situation calls for and that the document does not give, with its reason."""

    name: str
    reason: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why the household did not get another card."""

    card: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An indicator that is not met (`fail`) or not known (`unknown`)."""

    indicator: str
    state: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Income:
    """A per-person figure (yuan) of one concept and period, beside the line it is held against.

    `above` is False below the line, True from the line on, None when either is unknown.
    """

    label: str
    period: str = ""
    value: float | None = None
    line: float | None = None
    above: bool | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that fits the household; `deadline` is a day (YYYY-MM-DD) or words such as "at once".

    `short` is its name for the chat, `state` how far it is.
    """

    what: str
    department: str = ""
    deadline: str = ""
    condition: str = ""
    clause: str = ""
    short: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done by a day: a visit, a review, a promise."""

    what: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class LastVisit:
    """The latest visit or monitoring, and what came out of it."""

    on: date
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Contacts this month and visits this year, done and required (003:2014); None where not prescribed."""

    contacts_done: int | None = None
    contacts_required: int | None = None
    visits_done: int | None = None
    visits_required: int | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """One version of a household's plan, as it is printed and summed up.

    `missing` names required facts that the plan lacks, in words; a paper adds the slots that it left blank.
    `updated_at` is the moment the chat summary shows; without it the summary shows `generated_on`.
    """

    generated_on: date
    household: Household = field(default_factory=Household)
    scheme: str = ""
    card: Card | None = None
    reasons: tuple[Reason, ...] = ()
    why_not: tuple[WhyNot, ...] = ()
    flags: tuple[str, ...] = ()
    to_verify: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    incomes: tuple[Income, ...] = ()
    risks: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    refused: tuple[Refused, ...] = ()
    goals: tuple[str, ...] = ()
    visits: tuple[Due, ...] = ()
    promises: tuple[Due, ...] = ()
    last_visit: LastVisit | None = None
    counts: Counts = field(default_factory=Counts)
    problems_open: int | None = None
    problems_overdue: int | None = None
    missing: tuple[str, ...] = ()
    updated_at: datetime | None = None
    version: str = ""
    rule_version: str = ""
