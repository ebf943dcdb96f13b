"""A roster given out of the records, in the shape in which it comes in: read back it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.identity import mask
from bot.services.office import Office
from bot.services.rosters import workbook
from bot.services.rosters.comparing import number_of
from bot.services.rosters.layout import RosterLayout, SheetLayout
from bot.services.rosters.places import Places, Spot
from bot.storage import assignments, households, people, regions, rosters
from bot.storage.households import Household, Member
from bot.storage.people import Appointment, Person
from bot.storage.regions import Region

STEP = 1000
Progress = Callable[[int, int | None], None]


async def export(
    conn: AsyncConnection,
    office: Office,
    layout: RosterLayout,
    region: Region,
    target: Path | IO[bytes],
    now: datetime,
    *,
    with_numbers: bool,
    progress: Progress,
) -> int:
    """Write everything of a region; how many households. Without `with_numbers` all numbers are masked."""
    places = Places(await rosters.all_regions(conn))
    inside = [places.by_id[each.id] for each in await regions.subtree(conn, region.id)]
    rows: dict[str, list[Sequence[Any]]] = {each.id: [] for each in layout.sheets}
    sheets = layout.by_id
    rows["regions"] = [_cells(sheets["regions"], _region(spot)) for spot in inside]
    names = {id: post.name for id, post in office.content.offices.posts.items()}
    held = await rosters.posts_in(conn, [spot.id or 0 for spot in inside], now)
    staff = {
        person.id: person
        for part in rosters.chunks({each.person_id for each in held})
        for person in (await people.get_many(conn, part)).values()
    }
    rows["people"] = [
        _cells(
            sheets["people"], _person(staff[each.person_id], names[each.post], places.by_id[each.region_id])
        )
        for each in _told(held, staff, names)
    ]
    ids = await households.ids_within(conn, region.id)
    pick = _Values(sheets, layout.number_mark, with_numbers)
    for start in range(0, len(ids), STEP):
        step = ids[start : start + STEP]
        homes = await households.get_many(conn, step)
        members = await households.members_of(conn, step)
        carers = await assignments.responsible(conn, step)
        known = await people.get_many(conn, sorted(set(carers.values()))) if carers else {}
        for id in step:
            home = homes[id]
            if home.erased_at is not None:
                continue
            spot, carer = places.by_id[home.region_id], known.get(carers.get(id, 0))
            rows["households"].append(pick.household(home, spot, carer))
            rows["members"] += [pick.member(home, each) for each in members.get(id, ())]
        progress(start + len(step), len(ids))
    workbook.write(layout, target, rows)
    return len(rows["households"])


def _told(held: Iterable[Appointment], staff: dict[int, Person], names: dict[str, str]) -> list[Appointment]:
    """Appointments of active people to posts that there still are."""
    return [each for each in held if each.post in names and staff[each.person_id].status == "active"]


def _cells(sheet: SheetLayout, values: dict[str, Any]) -> list[Any]:
    return [values.get(column.id) for column in sheet.columns]


def _names(spot: Spot) -> dict[str, Any]:
    return dict(zip(("county", "town", "village"), spot.names, strict=True))


def _region(spot: Spot) -> dict[str, Any]:
    return {**_names(spot), "code": spot.code}


def _person(person: Person, post: str, spot: Spot) -> dict[str, Any]:
    return {"name": person.name, "unit": person.unit, "post": post, **_names(spot)}


class _Values:
    """Cells of households and members."""

    def __init__(self, sheets: dict[str, SheetLayout], mark: str, with_numbers: bool) -> None:
        self.sheets, self.mark, self.with_numbers = sheets, mark, with_numbers

    def number(self, value: str | None) -> str | None:
        return value if value is None or self.with_numbers else mask(value)

    def code(self, home: Household) -> str:
        return home.code or f"{self.mark}{home.id}"

    def option(self, sheet: str, column: str, code: int | None) -> str | None:
        return None if code is None else self.sheets[sheet].by_id[column].options.get(code)

    def household(self, home: Household, spot: Spot, carer: Person | None) -> list[Any]:
        values = {
            **_names(spot),
            "code": self.code(home),
            "village_group": home.village_group,
            "head_name": home.head_name,
            "head_id_number": self.number(home.head_id_number),
            "address": home.address,
            "population": home.population,
            "reg_status": self.option("households", "reg_status", home.reg_status),
            "exit_year": home.exit_year,
            "phone": self.number(home.phone),
            "helper_name": None if carer is None else carer.name,
            "helper_unit": None if carer is None else carer.unit,
        }
        return _cells(self.sheets["households"], values)

    def member(self, home: Household, member: Member) -> list[Any]:
        values = {
            "code": self.code(home),
            "head_id_number": self.number(home.head_id_number),
            "name": member.name,
            "relation": member.relation,
            "id_number": self.number(number_of(member, home.head_id_number)),
            "birth_date": member.birth_date,
            **{id: self.option("members", id, getattr(member, id)) for id in ("sex", "insured", "labor")},
        }
        return _cells(self.sheets["members"], values)
