"""Rosters as bytes, and taking them in as the command line does."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.dialogs.identity import check_digit
from bot.services.office import Office
from bot.services.rosters import workbook
from bot.services.rosters.checking import read_roster
from bot.services.rosters.layout import RosterLayout
from bot.services.rosters.plan import Likely, Rights
from bot.services.rosters.records import Roster
from bot.services.rosters.taking_in import Outcome, Wish, take_in
from bot.storage import tables
from bot.storage.database import Database
from tests.services.village import loaded

NOW = datetime(2026, 4, 10, 1, 0, tzinfo=UTC)
TODAY = date(2026, 4, 10)

COUNTED = ("regions", "people", "appointments", "invitations", "households", "members", "assignments")


def number(serial: int, born: str = "19680305", area: str = "999999") -> str:
    """An identity number of nobody; even serials are women."""
    first = f"{area}{born}{serial:03}"
    return first + check_digit(first)


REGIONS = [
    {"county": "华容县", "code": "43"},
    {"county": "华容县", "town": "东山镇"},
    {"county": "华容县", "town": "东山镇", "village": "松树村", "code": "4301"},
    {"county": "华容县", "town": "东山镇", "village": "石桥村"},
]
PEOPLE = [
    {"name": "周明", "unit": "县水利局", "post": "结对帮扶干部", "town": "东山镇", "village": "松树村"},
    {"name": "陈桂香", "unit": "松树村村委会", "post": "村支书", "town": "东山镇", "village": "松树村"},
    {"name": "孙丽", "unit": "", "post": "县扶贫办", "county": "华容县"},
]
WANG = {
    "code": "SS-1", "town": "东山镇", "village": "松树村", "village_group": "一组", "head_name": "王建新",
    "head_id_number": number(11), "address": "1号", "population": 3, "reg_status": "已脱贫",
    "exit_year": 2018, "phone": "13800000000", "helper_name": "周明", "helper_unit": "县水利局",
}  # fmt: skip
LI = {"town": "东山镇", "village": "石桥村", "head_name": "李秀英", "head_id_number": number(22)}
MEMBERS = [
    {"code": "SS-1", "name": "王建新", "relation": "户主", "sex": "男", "insured": "是"},
    {"code": "SS-1", "name": "赵秀英", "relation": "妻子", "id_number": number(24, "19730903")},
    {"head_id_number": number(22), "name": "张小军", "relation": "儿子", "birth_date": date(2001, 5, 6)},
]
COUNTY: dict[str, list[dict[str, Any]]] = {
    "regions": REGIONS,
    "people": PEOPLE,
    "households": [WANG, LI],
    "members": MEMBERS,
}


def book(layout: RosterLayout, sheets: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """A workbook with these rows."""
    out = io.BytesIO()
    rows = {
        id: [[row.get(column.id) for column in layout.by_id[id].columns] for row in found]
        for id, found in sheets.items()
    }
    workbook.write(layout, out, rows)
    return out.getvalue()


@dataclass
class Desk:
    """Takes files in, and counts what the records hold."""

    database: Database
    layout: RosterLayout

    @property
    def office(self) -> Office:
        return Office(loaded(), ZoneInfo("Asia/Shanghai"))

    def read(self, content: bytes, ending: str = ".xlsx") -> Roster:
        return read_roster(content, ending, self.layout, self.office.content.vocabulary, TODAY)

    async def take(
        self,
        sheets: Mapping[str, Sequence[Mapping[str, Any]]] | bytes,
        likely: Likely = "ask",
        *,
        ending: str = ".xlsx",
        reassign: bool = False,
        rights: Rights | None = None,
    ) -> tuple[Outcome, Roster]:
        """Take a file in, in one transaction."""
        content = sheets if isinstance(sheets, bytes) else book(self.layout, sheets)
        found = self.read(content, ending)
        wish = Wish(rights or Rights(), likely, reassign=reassign)
        async with self.database.transaction() as conn:
            outcome = await take_in(conn, self.office, self.layout, found, wish, NOW)
        return outcome, found

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        async with self.database.reading() as conn:
            return {
                name: (
                    await conn.execute(select(func.count()).select_from(tables.metadata.tables[name]))
                ).scalar_one()
                for name in COUNTED
            }

    async def all(self, name: str) -> list[Any]:
        """Every row of a table."""
        table = tables.metadata.tables[name]
        async with self.database.reading() as conn:
            return list(await conn.execute(select(table).order_by(*table.primary_key.columns)))


def told(found: Roster) -> list[tuple[str, int | None, str, str]]:
    """The troubles as (sheet, row, column, reason)."""
    return [(each.sheet, each.row, each.column, each.reason) for each in found.troubles.found]
