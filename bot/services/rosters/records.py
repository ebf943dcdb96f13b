"""What a roster says, row by row, freed of the file: names as written, numbers and days as read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from bot.services.rosters.troubles import Troubles

Place: TypeAlias = tuple[str, str, str]
"""County, town and village by their names; "" below what is meant, and for a county that is not named."""
Told: TypeAlias = tuple[date | None, int | None]
"""Birth day and sex that an identity number tells."""
UNTOLD: Final[Told] = (None, None)


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A county, town or village."""

    row: int
    place: Place
    code: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in a post; `unit` is "" when none is named."""

    row: int
    name: str
    unit: str
    post: str
    place: Place


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody of a household. Codes are the forms' own; None is unknown."""

    row: int
    name: str
    relation: str | None
    id_number: str | None
    birth_date: date | None
    sex: int | None
    insured: int | None
    labor: int | None
    told: Told = UNTOLD


@dataclass(slots=True)
class HouseholdRow:
    """A household with its members as far as the file names any; None is unknown."""

    row: int
    code: str | None
    place: Place
    village_group: str | None
    head_name: str
    head_id_number: str | None
    address: str | None
    population: int | None
    reg_status: int | None
    exit_year: int | None
    phone: str | None
    helper_name: str | None
    helper_unit: str | None
    told: Told = UNTOLD
    members: list[MemberRow] = field(default_factory=list)


@dataclass(slots=True)
class Roster:
    """A whole file, with what is wrong with it; `names` are those of its sheets by their ids."""

    regions: list[RegionRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    households: list[HouseholdRow] = field(default_factory=list)
    loose: dict[tuple[str, str], list[MemberRow]] = field(default_factory=dict)
    """Members of households that the file does not list, by ("code" or "id", that value)."""
    names: dict[str, str] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=Troubles)

    @property
    def is_blank(self) -> bool:
        """Whether no row says anything, as in a template that nobody has filled in."""
        return not (self.regions or self.people or self.households or self.loose)
