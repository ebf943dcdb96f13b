"""What taking in a roster would do to the records: all that is new or changed, and what is only told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from bot.rules.offices import Post
from bot.services.rosters.places import Spot
from bot.services.rosters.records import HouseholdRow
from bot.storage.households import Household, Member

Likely: TypeAlias = Literal["ask", "merge", "both", "leave"]
"""What becomes of a household that is probably on record already: it is asked about, taken for that one,
entered beside it, or left out."""
LIKELY: Final[tuple[Likely, ...]] = ("ask", "merge", "both", "leave")


@dataclass(frozen=True, slots=True)
class Rights:
    """For which places somebody may take in a roster, and whom they may appoint.

    `tops` are paths of regions; None: everywhere. `roles` are those of posts; None: all.
    """

    tops: frozenset[str] | None = None
    roles: frozenset[str] | None = None

    def cover(self, path: str) -> bool:
        """Whether a place of that path is among them."""
        return self.tops is None or any(path.startswith(top) for top in self.tops)


@dataclass(slots=True, eq=False)
class Somebody:
    """A person of the roster: on record under `id`, or new. `posts` are those to be appointed to."""

    name: str
    unit: str
    id: int | None = None
    posts: list[tuple[Post, Spot]] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)
    """What they are already or will be."""
    new_unit: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A household that is new, and who will be responsible for it."""

    row: HouseholdRow
    spot: Spot
    helper: Somebody | None


@dataclass(frozen=True, slots=True)
class Change:
    """A household on record with what is changed of it; `members` are all of them, None when unchanged."""

    household: Household
    columns: Mapping[str, Any]
    members: tuple[Member, ...] | None
    spot: Spot


@dataclass(slots=True)
class Plan:
    """All of it. `handovers` are rows whose household has somebody else responsible already (WF-14)."""

    spots: list[Spot] = field(default_factory=list)
    codes: list[Spot] = field(default_factory=list)
    people: list[Somebody] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    assigned: list[tuple[int, Somebody]] = field(default_factory=list)
    likely: list[tuple[int, int]] = field(default_factory=list)
    """Rows with the household on record that each probably is."""
    handovers: list[tuple[int, int]] = field(default_factory=list)
    """Rows with the household that would have to be handed over."""
    heads: int = 0
    """Households on record that get another head."""
    unchanged: int = 0
    left_out: int = 0
    missing: int = 0
    """Households of the villages of the file that it does not mention; nothing happens to them."""
    left_members: int = 0
    """Members of households of the file that it does not mention; nothing happens to them."""

    @property
    def new_people(self) -> list[Somebody]:
        """Whoever is not on record yet."""
        return [each for each in self.people if each.id is None]

    @property
    def appointments(self) -> int:
        """How many appointments people on record get."""
        return sum(len(each.posts) for each in self.people if each.id is not None)

    @property
    def is_empty(self) -> bool:
        """Whether it would change nothing."""
        changed = (self.spots, self.codes, self.arrivals, self.changes, self.assigned, self.new_people)
        units = any(each.new_unit for each in self.people)
        return not any(changed) and not self.appointments and not units

    def counts(self) -> dict[str, int]:
        """What is told of it: figures only."""
        return {
            "regions": len(self.spots),
            "codes": len(self.codes),
            "people": len(self.new_people),
            "appointments": self.appointments,
            "new": len(self.arrivals),
            "changed": len(self.changes),
            "heads": self.heads,
            "assigned": len(self.assigned) + sum(each.helper is not None for each in self.arrivals),
            "unchanged": self.unchanged,
            "likely": len(self.likely),
            "handovers": len(self.handovers),
            "left_out": self.left_out,
            "missing": self.missing,
            "left_members": self.left_members,
        }
