"""Whom an interview or a fact is about: a household, or a region (a village, a township, the county)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, FromClause, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import households, regions

Kind: TypeAlias = Literal["household", "region"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_HOLD: Final = {
    kind: select(table.c.id).where(table.c.id == bindparam("subject")).with_for_update(key_share=True)
    for kind, table in zip(KINDS, (households, regions), strict=True)
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A household or a region by its id; rows hold it in one of two columns, the other being NULL."""

    kind: Kind
    id: int

    @property
    def household_id(self) -> int | None:
        """What stands in the column `household_id`."""
        return self.id if self.kind == "household" else None

    @property
    def region_id(self) -> int | None:
        """What stands in the column `region_id`."""
        return self.id if self.kind == "region" else None


def subject_of(household_id: int | None, region_id: int | None) -> Subject:
    """The subject in a row's two columns; ValueError unless exactly one of them is set."""
    if household_id is not None and region_id is None:
        return Subject("household", household_id)
    if region_id is not None and household_id is None:
        return Subject("region", region_id)
    raise ValueError("a row is about one household or one region")


def column(table: FromClause, kind: Kind) -> ColumnElement[int | None]:
    """The column of `table` that names subjects of that kind."""
    return table.c[f"{kind}_id"]


def about(table: FromClause, kind: Kind) -> ColumnElement[bool]:
    """Whether the row is about the subject of that kind whose id is the parameter `subject`."""
    return column(table, kind) == bindparam("subject")


async def hold(conn: AsyncConnection, subject: Subject) -> None:
    """Keep other processes that ask for the same from going on until the end of the transaction."""
    await conn.execute(_HOLD[subject.kind], {"subject": subject.id})
