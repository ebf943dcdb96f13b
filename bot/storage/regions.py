"""The county, its towns and their villages. A region's subtree is a range of paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded
from bot.storage.tables import regions

Level: TypeAlias = Literal["county", "town", "village"]


@dataclass(frozen=True, slots=True)
class Region:
    """A place in the tree; `path` is its ancestors' ids and its own, as in "1/4/9/"."""

    id: int
    parent_id: int | None
    level: Level
    name: str
    path: str

    @property
    def lineage(self) -> tuple[int, ...]:
        """The ids from the top of the tree down to this region."""
        return lineage(self.path)


def lineage(path: str) -> tuple[int, ...]:
    """The ids on a path, from the top of the tree."""
    return tuple(int(part) for part in path.split("/") if part)


def within(path: ColumnElement[str], top: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `path` lies at or under the path `top`: ":" is the character after the digits."""
    return (path >= top) & (path < top + ":")


_SELECT: Final = select(*columns_of(regions, Region))
_INSERT: Final = insert(regions).returning(regions.c.id)
_SET_PATH: Final = update(regions).where(regions.c.id == bindparam("region")).values(path=bindparam("path_"))
_GET: Final = _SELECT.where(regions.c.id.in_(bindparam("ids", expanding=True))).order_by(regions.c.path)
_EVERY: Final = _SELECT.order_by(regions.c.path)
_TOPS: Final = _SELECT.where(regions.c.parent_id.is_(None)).order_by(regions.c.id)
_CHILDREN: Final = _SELECT.where(regions.c.parent_id == bindparam("parent")).order_by(regions.c.id)
_TOP: Final = regions.alias("top")
_SUBTREE: Final = (
    _SELECT.join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(_TOP.c.id == bindparam("region"))
    .order_by(regions.c.path)
)


async def add(conn: AsyncConnection, *, name: str, level: Level, parent: Region | None = None) -> Region:
    """A new region under `parent`, or at the top."""
    parent_id = parent.id if parent else None
    row = {"parent_id": parent_id, "level": level, "name": name, "path": ""}
    region_id: int = (await conn.execute(_INSERT, row)).scalar_one()
    path = f"{parent.path if parent else ''}{region_id}/"
    await conn.execute(_SET_PATH, {"region": region_id, "path_": path})
    return Region(region_id, parent_id, level, name, path)


async def get(conn: AsyncConnection, region_id: int) -> Region | None:
    """The region of this id."""
    return next(iter(await get_many(conn, [region_id])), None)


async def get_many(conn: AsyncConnection, region_ids: list[int]) -> list[Region]:
    """The regions of these ids, parents before their children."""
    return [Region(*row) for row in await conn.execute(_GET, {"ids": padded(region_ids)})]


async def every(conn: AsyncConnection) -> list[Region]:
    """All regions, parents before their children."""
    return [Region(*row) for row in await conn.execute(_EVERY)]


async def children(conn: AsyncConnection, parent_id: int | None) -> list[Region]:
    """The regions directly under this one; of None, those at the top."""
    if parent_id is None:
        return [Region(*row) for row in await conn.execute(_TOPS)]
    return [Region(*row) for row in await conn.execute(_CHILDREN, {"parent": parent_id})]


async def subtree(conn: AsyncConnection, region_id: int) -> list[Region]:
    """The region and everything under it, parents before their children."""
    return [Region(*row) for row in await conn.execute(_SUBTREE, {"region": region_id})]
