"""What the invented county holds, as plain values: tests recompute every figure from these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bot.expressions import Value
from bot.storage.regions import Region


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a household; `grade` is that of a disability (1 to 4), None without one."""

    name: str
    relation: str
    birth: date
    sex: int
    insured: int
    labor: int
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A questionnaire that was begun; `facts` holds exactly what went on record when it was handed in.

    `found` is all that was answered, with what the register said and what therefore was not recorded.
    """

    form: str
    on: date
    at: datetime
    state: Literal["open", "submitted", "abandoned"]
    facts: Mapping[str, Value]
    found: Mapping[str, Value]
    by: Literal["cadre", "village", "township", "county"] = "cadre"

    @property
    def visited_at(self) -> datetime | None:
        """When the visit was, if the questionnaire tells of one."""
        said = self.facts.get("visited_at")
        return self.at if isinstance(said, str) else None


@dataclass(frozen=True, slots=True)
class FactRow:
    """A value on record; `superseded_at` is None for the one that holds. `source_at`: which submission."""

    name: str
    period: str
    value: Value
    as_of: date
    source: str
    recorded_at: datetime
    submission: int
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of the ledger as it stands at the end, `submission` being the last that spoke of it."""

    sub_problem: str
    source: int
    status: Literal["candidate", "confirmed", "dismissed", "closed"]
    recorded_at: datetime
    changed_at: datetime
    persons: tuple[str, ...] = ()
    description: str = ""
    reason: str = ""
    grounds: Mapping[str, Value] = field(default_factory=dict)
    handling: Mapping[str, Value] = field(default_factory=dict)
    deadline: date | None = None
    submission: int | None = None

    @property
    def category(self) -> str:
        """The number of its category, "6" of "6.1"."""
        return self.sub_problem.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict of a scheme for a day; the last one for the latest day holds."""

    scheme: str
    on: date
    verdict: str
    decided_at: datetime
    submission: int | None
    row: str | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    numbers: Mapping[str, Value] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    missing: Sequence[Value] = ()
    flags: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A duty at a household and how it stands."""

    kind: str
    due: date
    frequency: str
    window_start: date
    remind_at: datetime
    state: Literal["planned", "reminded", "done", "done_late", "cancelled"]
    submission: int | None
    text: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Warned:
    """An alert that was raised; `seen` is what the village's official did with it."""

    kind: str
    level: str
    subject: str
    raised_at: datetime
    submission: int | None
    state: Literal["open", "closed"]
    seen: Literal["sent", "seen"]


@dataclass(frozen=True, slots=True)
class History:
    """All that happened at one household or region, oldest first, and the facts that hold at the end."""

    submissions: tuple[Submission, ...] = ()
    rows: tuple[FactRow, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)
    """The current value by fact; of several periods that of the last one, as a household's file reads it."""
    problems: tuple[Problem, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    duties: tuple[Due, ...] = ()
    alerts: tuple[Warned, ...] = ()


NOTHING = History()


@dataclass(frozen=True, slots=True)
class Nature:
    """What a household is, whatever is known of it. `kind` is a code of nj.h8, 0 for a registered one."""

    kind: int
    members: tuple[Person, ...]
    reg_status: int
    exit_year: int | None
    population: int
    """As the register has it."""
    care: float
    """The share of answers that nobody knows."""

    @property
    def registered(self) -> bool:
        """Whether it is on the register of poor households."""
        return self.kind == 0

    @property
    def head(self) -> Person:
        """Whose household it is."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Home:
    """A household of the county. Above a scale of 1 several homes share one nature and one history."""

    id: int
    town: Region
    village: Region
    group: str
    cadre: int
    nature: Nature
    history: History

    @property
    def facts(self) -> Mapping[str, Value]:
        """What holds of it, by fact; absent when never asked, None when nobody knew."""
        return self.history.facts

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Its problems in the ledger."""
        return self.history.problems

    def submitted(self, form: str) -> Submission | None:
        """The questionnaire of that form that was handed in last."""
        done = [each for each in self.history.submissions if each.form == form and each.state == "submitted"]
        return done[-1] if done else None

    def verdict(self, scheme: str, on: date | None = None) -> str | None:
        """What the scheme said last, up to the end of the day `on`."""
        said = [
            each
            for each in self.history.judgements
            if each.scheme == scheme and (on is None or each.on <= on)
        ]
        return said[-1].verdict if said else None


@dataclass(frozen=True, slots=True)
class Place:
    """A village, a township or the county with what is on record about it."""

    region: Region
    history: History
    officials: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class County:
    """Everything that was written."""

    place: Place
    towns: tuple[Place, ...]
    villages: tuple[Place, ...]
    homes: tuple[Home, ...]
    addresses: Mapping[str, int]
    """Person by address of the web channel: "county", "town-<n>", "village-<n>", "cadre-<n>"."""
    empty_village: Region
    """No household of it is on file."""
    silent_town: Region
    """Its households are on file, and nothing else is known of it."""
    plans: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The snapshots of the plans that were drawn up, by household, oldest first."""

    def region(self, name: str) -> Region:
        """The region of that name."""
        return next(place.region for place in self.places() if place.region.name == name)

    def town_of(self, region_id: int) -> Region:
        """The township of this id."""
        return next(place.region for place in self.towns if place.region.id == region_id)

    def places(self) -> Iterator[Place]:
        """The county, its towns and its villages."""
        yield self.place
        yield from self.towns
        yield from self.villages

    def within(self, region: Region) -> Iterator[Home]:
        """The homes of a region and of everything under it."""
        return (home for home in self.homes if home.village.path.startswith(region.path))
