"""The audit: who saw or changed what, appended with the deed itself and never touched again.

A row keeps a keyed digest of its details. Later, in small transactions, the rows are numbered and chained:
each hash is made from the one before and the row. The details may be emptied when a household is erased, and
sealed anew when keys change; the chain holds without them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Text, bindparam, delete, func, insert, or_, select, text, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, replacing
from bot.storage.sealing import OPEN, KeyMissing, KeyRing, open_text, ring_of
from bot.storage.tables import audit, audit_floor

START: Final = ""
"""What stands before the hash of the first row."""
BATCH: Final = 500
LISTED: Final = "listed"
"""The deed of whoever saw a page of a list; its details name the households on it."""
_PLACE: Final = b"audit.what"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A deed: who (None: the bot itself) did what to whom.

    `subject` is "household", "region", "person" or "" for none.
    `what` holds the details: old and new values, the version of the rules, what was shown.
    """

    at: datetime
    person_id: int | None
    deed: str
    subject: str = ""
    subject_id: int | None = None
    what: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the audit; without `what` (JSON) that was erased, without `seq` it is not chained yet."""

    id: int
    at: datetime
    person_id: int | None
    deed: str
    subject: str
    subject_id: int | None
    what: str | None
    digest: str
    seq: int | None
    hash: str | None

    @property
    def details(self) -> dict[str, Any]:
        """What the deed was about; empty when that was erased."""
        return {} if self.what is None else json.loads(self.what)


@dataclass(frozen=True, slots=True)
class Floor:
    """Number and hash of the last row that was dropped for its age, and the name of the key that says so."""

    seq: int = 0
    hash: str = START
    key: str = OPEN


_ADD: Final = insert(audit)
_ROWS: Final = select(*columns_of(audit, Row))
_SIZE: Final = bindparam("size", type_=audit.c.id.type)
_UNCHAINED: Final = _ROWS.where(audit.c.seq.is_(None)).order_by(audit.c.id).limit(_SIZE)
_LAST: Final = (
    select(audit.c.seq, audit.c.hash).where(audit.c.seq.is_not(None)).order_by(audit.c.seq.desc()).limit(1)
)
_CHAIN: Final = (
    update(audit)
    .where(audit.c.id == bindparam("its_id"))
    .values(seq=bindparam("its_seq"), hash=bindparam("its_hash"))
)
_STORED: Final = [
    type_coerce(each, Text()) if each is audit.c.what else each for each in columns_of(audit, Row)
]
_AFTER: Final = select(*_STORED).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(_SIZE)
_WAITING: Final = select(func.count()).select_from(audit).where(audit.c.seq.is_(None))
_OPEN_UNTIL: Final = select(func.max(audit.c.seq)).where(
    or_(audit.c.hash.like(f"{OPEN}:%"), audit.c.digest.like(f"{OPEN}:%"))
)
_FLOOR: Final = select(audit_floor.c.seq, audit_floor.c.hash, audit_floor.c.seal)
_NEWEST: Final = _ROWS.order_by(audit.c.id.desc()).limit(_SIZE)
_LISTINGS: Final = _NEWEST.where(
    audit.c.deed == LISTED, audit.c.id < bindparam("before", type_=audit.c.id.type)
)
_EMPTY: Final = (
    update(audit)
    .where(
        audit.c.subject == bindparam("its_subject"),
        audit.c.subject_id == bindparam("its_id"),
        audit.c.what.is_not(None),
    )
    .values(what=None)
)
_OF_CHAIN: Final = audit.c.seq > bindparam("floor")
_FIRST_KEPT: Final = select(func.min(audit.c.seq)).where(
    _OF_CHAIN, audit.c.at >= bindparam("before", type_=audit.c.at.type)
)
_LAST_DROPPED: Final = (
    select(audit.c.seq, audit.c.hash)
    .where(_OF_CHAIN, audit.c.seq < bindparam("kept", type_=audit.c.seq.type))
    .order_by(audit.c.seq.desc())
    .limit(1)
)
_SET_FLOOR: Final = replacing(audit_floor, keys=("one",), rest=("seq", "hash", "seal", "at"))
_DROP: Final = delete(audit).where(audit.c.seq <= bindparam("floor"))
_ONE_NOTARY: Final = text("SELECT pg_advisory_xact_lock(4850414848)")
_entry = parameters_of(Entry)


def canonical(value: object) -> bytes:
    """A value as the same bytes on every database and every day: JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def stated(row: Row, seq: int) -> bytes:
    """What the hash of a row vouches for."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical([seq, row.id, at, row.person_id, row.deed, row.subject, row.subject_id, row.digest])


def marked(ring: KeyRing, data: bytes) -> str:
    """A digest behind the name of its key."""
    return f"{ring.first}:{ring.digest(data).hex()}"


def key_of(mark: str) -> str:
    """The name of the key of a digest; OPEN of one that everybody can make."""
    return mark.partition(":")[0]


def fits(ring: KeyRing, data: bytes, mark: str) -> bool:
    """Whether the digest is that of `data`. Raises KeyMissing."""
    key, _, digest = mark.partition(":")
    return ring.digest(data, key).hex() == digest


async def append(conn: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Put deeds on record, in the transaction in which they are done.

    KeyMissing for whoever has no keys where the chain has: nobody could tell such rows from forged ones.
    """
    if entries:
        ring = ring_of(conn.dialect)
        if ring.is_empty:
            _continuing(ring, (await last(conn))[1])
        rows = []
        for each in entries:
            what = canonical(each.what)
            rows.append(_entry(each) | {"what": what.decode(), "digest": marked(ring, what)})
        await conn.execute(_ADD, rows)


async def chain(conn: AsyncConnection, limit: int = BATCH) -> int:
    """Number and chain the oldest rows that are not yet; how many there were. KeyMissing as in `append`."""
    if conn.dialect.name == "postgresql":
        await conn.execute(_ONE_NOTARY)
    rows = [Row(*row) for row in await conn.execute(_UNCHAINED, {"size": limit})]
    if not rows:
        return 0
    ring = ring_of(conn.dialect)
    seq, head = await last(conn)
    _continuing(ring, head)
    changes = []
    for row in rows:
        seq += 1
        head = marked(ring, head.encode() + stated(row, seq))
        changes.append({"its_id": row.id, "its_seq": seq, "its_hash": head})
    await conn.execute(_CHAIN, changes)
    return len(rows)


async def last(conn: AsyncConnection) -> tuple[int, str]:
    """Number and hash of the last row of the chain."""
    row = (await conn.execute(_LAST)).first()
    if row is not None:
        return row.seq, row.hash
    found = await floor(conn)
    return (found.seq, found.hash) if found is not None else (0, START)


def _continuing(ring: KeyRing, head: str) -> None:
    """KeyMissing when the chain was made with keys, and here are none."""
    key = key_of(head)
    if ring.is_empty and key not in (START, OPEN):
        raise KeyMissing(key=key)


async def floor(conn: AsyncConnection) -> Floor | None:
    """Behind which row the chain begins; None when what says so was forged. Raises KeyMissing."""
    row = (await conn.execute(_FLOOR)).first()
    if row is None:
        return Floor()
    ring = ring_of(conn.dialect)
    said = canonical(["floor", row.seq, row.hash])
    return Floor(row.seq, row.hash, key_of(row.seal)) if fits(ring, said, row.seal) else None


async def after(conn: AsyncConnection, seq: int, limit: int = BATCH) -> list[Row]:
    """The chained rows behind that number, in their order; `what` as it is stored (see `opened`)."""
    return [Row(*row) for row in await conn.execute(_AFTER, {"after": seq, "size": limit})]


def opened(ring: KeyRing, stored: str) -> str:
    """The details of a row as they were written. KeyMissing, SealBroken."""
    return open_text(ring, stored, _PLACE)


async def open_until(conn: AsyncConnection) -> int:
    """The number of the last row that was written or chained without a key; 0 when there is none."""
    number: int | None = (await conn.execute(_OPEN_UNTIL)).scalar_one()
    return number or 0


async def waiting(conn: AsyncConnection) -> int:
    """How many rows are not chained yet."""
    number: int = (await conn.execute(_WAITING)).scalar_one()
    return number


async def newest(
    conn: AsyncConnection,
    limit: int,
    *,
    subject: str = "",
    subject_id: int | None = None,
    person_id: int | None = None,
) -> list[Row]:
    """The last rows, the newest first: all, those about a subject, or those of a person."""
    query = _NEWEST
    if subject:
        query = query.where(audit.c.subject == subject, audit.c.subject_id == subject_id)
    if person_id is not None:
        query = query.where(audit.c.person_id == person_id)
    return [Row(*row) for row in await conn.execute(query, {"size": limit})]


async def listings(conn: AsyncConnection, household_id: int, limit: int) -> list[Row]:
    """The last pages of lists on which this household stood, the newest first: all have to be opened."""
    found: list[Row] = []
    before = 1 << 62
    while len(found) < limit:
        rows = [Row(*row) for row in await conn.execute(_LISTINGS, {"before": before, "size": BATCH})]
        if not rows:
            break
        before = rows[-1].id
        found += [row for row in rows if household_id in row.details.get("households", ())]
    return found[:limit]


async def empty(conn: AsyncConnection, subject: str, subject_id: int) -> int:
    """Erase the details of everything on record about a subject; how many rows had any."""
    result = await conn.execute(_EMPTY, {"its_subject": subject, "its_id": subject_id})
    return result.rowcount


async def drop_before(conn: AsyncConnection, before: datetime, at: datetime) -> int:
    """Drop the oldest chained rows, up to the first that is not older; how many.

    The chain then begins behind them. Raises KeyMissing.
    """
    begin = await floor(conn)
    if begin is None:
        return 0
    kept = (await conn.execute(_FIRST_KEPT, {"before": before, "floor": begin.seq})).scalar_one_or_none()
    last = (await conn.execute(_LAST_DROPPED, {"floor": begin.seq, "kept": kept or 1 << 62})).first()
    if last is None:
        return 0
    number: int = last.seq - begin.seq
    seal = marked(ring_of(conn.dialect), canonical(["floor", last.seq, last.hash]))
    values = {"one": 1, "seq": last.seq, "hash": last.hash, "seal": seal, "at": at}
    await conn.execute(_SET_FLOOR[conn.dialect.name], values)
    await conn.execute(_DROP, {"floor": last.seq})
    return number
