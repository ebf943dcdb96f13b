"""Who works under somebody: the people whom one may look after, by post, and which of their posts those are.

Whom a role may look after is said by `pairs`, (role of the one above, role of the one below): offices.toml.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import Role, Status, in_force
from bot.storage.regions import within
from bot.storage.rows import padded, word
from bot.storage.tables import appointments, people, regions


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a post of theirs."""

    appointment_id: int
    person_id: int
    name: str
    status: Status
    role: Role
    post: str
    region_id: int
    region: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Holders:
    """Some of those who were looked for, and how many there are in all."""

    items: tuple[Holder, ...]
    total: int


_AT: Final = bindparam("at", type_=appointments.c.since.type)
_MINE: Final = appointments.alias("mine")
_TOP: Final = regions.alias("top")
_PAIR: Final[ColumnElement[str]] = _MINE.c.role + word(">") + appointments.c.role
# One row for each post, however many of one's own posts it lies under.
_UNDER: Final = (
    select(appointments.c.id)
    .join(regions, regions.c.id == appointments.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .join(_MINE, _MINE.c.region_id == _TOP.c.id)
    .where(
        _MINE.c.person_id == bindparam("person"),
        _MINE.c.since <= _AT,
        or_(_MINE.c.until.is_(None), _MINE.c.until > _AT),
        in_force(_AT),
        appointments.c.person_id != bindparam("person"),
        _PAIR.in_(bindparam("pairs", expanding=True)),
    )
)
_COLUMNS: Final = (
    appointments.c.id,
    appointments.c.person_id,
    people.c.name,
    people.c.status,
    appointments.c.role,
    appointments.c.post,
    appointments.c.region_id,
    regions.c.name.label("region"),
    appointments.c.since,
)


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(appointments)
        .join(people, people.c.id == appointments.c.person_id)
        .join(regions, regions.c.id == appointments.c.region_id)
        .where(appointments.c.id.in_(_UNDER))
    )


_SELECT: Final = _joined(select(*_COLUMNS))
_COUNT: Final = _joined(select(func.count()))
_FOUND: Final = or_(
    people.c.name.like(bindparam("part"), escape="\\"),
    appointments.c.post.in_(bindparam("posts", expanding=True)),
)
_OF_POST: Final = appointments.c.post.in_(bindparam("posts", expanding=True))


def _page(statement: Select[Any]) -> Select[Any]:
    ordered = statement.order_by(regions.c.path, appointments.c.post, people.c.name, appointments.c.id)
    return ordered.limit(bindparam("size")).offset(bindparam("skipped"))


_BY_WORDS: Final = (_COUNT.where(_FOUND), _page(_SELECT.where(_FOUND)))
_BY_POST: Final = (_COUNT.where(_OF_POST), _page(_SELECT.where(_OF_POST)))
_ALL: Final = (_COUNT, _page(_SELECT))
_POSTS: Final = _joined(select(appointments.c.post, func.count())).group_by(appointments.c.post)
_THOSE_OF: Final = _SELECT.where(appointments.c.person_id == bindparam("other")).order_by(appointments.c.id)


_EVERYBODY: Final = (
    select(*_COLUMNS)
    .select_from(appointments)
    .join(people, people.c.id == appointments.c.person_id)
    .join(regions, regions.c.id == appointments.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(_TOP.c.id == bindparam("region"), in_force(_AT))
    .order_by(regions.c.path, appointments.c.post, people.c.name, appointments.c.id)
)


def _who(person_id: int, at: datetime, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    named = sorted({f"{above}>{below}" for above, below in pairs})
    return {"person": person_id, "at": at, "pairs": padded(named)}


async def posts(
    conn: AsyncConnection, person_id: int, at: datetime, pairs: Iterable[tuple[str, str]]
) -> dict[str, int]:
    """How many people under the person hold each post."""
    rows = await conn.execute(_POSTS, _who(person_id, at, pairs))
    return {row[0]: row[1] for row in rows}


async def find(
    conn: AsyncConnection,
    person_id: int,
    at: datetime,
    pairs: Iterable[tuple[str, str]],
    *,
    words: str = "",
    posts: Collection[str] = (),
    size: int = 10,
    skipped: int = 0,
) -> Holders:
    """The people under the person, by region, post and name; `size` of them after `skipped`.

    With `words`: those whose name contains them or who hold one of `posts`; with `posts` alone: these.
    """
    parameters = _who(person_id, at, pairs)
    count, rows = _ALL
    if words:
        part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parameters |= {"part": f"%{part}%", "posts": padded(sorted(posts))}
        count, rows = _BY_WORDS
    elif posts:
        parameters |= {"posts": padded(sorted(posts))}
        count, rows = _BY_POST
    total: int = (await conn.execute(count, parameters)).scalar_one()
    if total <= skipped:
        return Holders((), total)
    found = await conn.execute(rows, parameters | {"size": size, "skipped": skipped})
    return Holders(tuple(Holder(*row) for row in found), total)


async def within_region(conn: AsyncConnection, region_id: int, at: datetime) -> list[Holder]:
    """Everybody in a post in the region or under it, by region, post and name."""
    rows = await conn.execute(_EVERYBODY, {"region": region_id, "at": at})
    return [Holder(*row) for row in rows]


async def of_person(
    conn: AsyncConnection, person_id: int, other: int, at: datetime, pairs: Iterable[tuple[str, str]]
) -> list[Holder]:
    """The posts of the other that lie under the person, oldest first."""
    rows = await conn.execute(_THOSE_OF, _who(person_id, at, pairs) | {"other": other})
    return [Holder(*row) for row in rows]
