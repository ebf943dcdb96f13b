"""The notary: chains what is on record, beside the conversations, and proves the chain on demand."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.services.pipeline import where
from bot.storage import audit
from bot.storage.audit import START, Row, fits, stated
from bot.storage.database import Database
from bot.storage.sealing import OPEN, KeyRing, SealBroken

log = logging.getLogger(__name__)

PACE: Final = 5.0
"""Seconds between two looks at what is not chained yet."""
TOLD_EVERY: Final = 3600.0
"""Seconds after which the log, which is kept elsewhere, hears again where the chain ends."""
ERASED: Final = "erased"
"""The deed that explains why the details of a household's rows are gone."""

Fault: TypeAlias = Literal["missing", "changed", "floor", "details", "emptied", "open", "noted"]


class ChainBroken(HubangError):
    """The audit is not as it was written: row {seq} (id {id}) {what}."""


FAULTS: Final = {
    "missing": "is missing, or has changed places",
    "changed": "was changed",
    "floor": "is said to be the first one by a record that was forged",
    "details": "has other details than were written",
    "emptied": "has lost its details without any household having been erased",
    "open": "was made without a key, as anybody could; see `audit verify --plain-until`",
    "noted": "has not the hash that was noted elsewhere",
}
"""What is wrong with the first row that does not fit, in words."""


@dataclass(slots=True)
class Proof:
    """What a verification found: how many rows hold, the last of them, and what is not chained yet."""

    rows: int = 0
    seq: int = 0
    head: str = START
    waiting: int = 0
    emptied: int = 0
    """Rows whose details were erased with their household."""
    _gone: dict[tuple[str, int | None], Row] = field(default_factory=dict)
    _erased: dict[tuple[str, int | None], int] = field(default_factory=dict)


class Notary:
    """Chains the audit until cancelled; of several processes one at a time does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._told = -TOLD_EVERY

    async def run(self) -> None:
        """Work until cancelled; what was noted before the end is chained at the next start."""
        while True:
            try:
                if await self.turn() == audit.BATCH:
                    continue
            except Exception as error:  # noqa: BLE001 (the database is away: what waits there is not lost)
                log.error("the audit cannot be chained now: %s", where(error))
            await asyncio.sleep(PACE)

    async def turn(self) -> int:
        """Chain one batch; how many rows it had."""
        async with self.database.reading() as conn:
            if not await audit.waiting(conn):
                return 0
        async with self.database.transaction() as conn:
            number = await audit.chain(conn)
            seq, head = await audit.last(conn)
        if number < audit.BATCH and time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            log.info("the audit ends with %d:%s", seq, head)
        return number


async def verify(
    conn: AsyncConnection,
    ring: KeyRing,
    noted: tuple[int, str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    *,
    plain_until: int = 0,
) -> Proof:
    """Recompute the whole chain; raises ChainBroken for the first row that does not fit, KeyMissing without
    the key of a row.

    Where there are keys, rows made without one prove nothing: whoever has the database could have written
    them. They are taken up to the number `plain_until`, which a county that began without keys remembers.

    `noted` are the number and hash of a row that somebody wrote down elsewhere: only by that is it seen
    whether the newest rows were cut off, or the whole chain was written anew by whoever has the keys.
    """
    floor = await audit.floor(conn)
    if floor is None or (floor.seq > plain_until and _is_open(ring, floor.key)):
        raise ChainBroken(seq=1, id="-", what=FAULTS["floor"])
    proof = Proof(seq=floor.seq, head=floor.hash)
    found_noted = noted is None or noted == (floor.seq, floor.hash)
    while rows := await audit.after(conn, proof.seq):
        for row in rows:
            _check(ring, proof, row, plain_until)
            found_noted = found_noted or noted == (row.seq, row.hash)
        progress(proof.rows)
    for key, row in proof._gone.items():
        if proof._erased.get(key, 0) < (row.seq or 0):
            raise _broken(row, "emptied")
    if not found_noted and noted is not None:
        raise ChainBroken(seq=noted[0], id="-", what=FAULTS["noted"])
    proof.waiting = await audit.waiting(conn)
    return proof


def _is_open(ring: KeyRing, key: str) -> bool:
    """Whether that is no key at all, although there are some."""
    return not ring.is_empty and key == OPEN


def _check(ring: KeyRing, proof: Proof, row: Row, plain_until: int) -> None:
    """Whether a row is the next one of the chain."""
    seq = proof.seq + 1
    if row.seq != seq:
        raise ChainBroken(seq=seq, id="-", what=FAULTS["missing"])
    if seq > plain_until and any(_is_open(ring, audit.key_of(each)) for each in (row.digest, row.hash or "")):
        raise _broken(row, "open")
    if row.hash is None or not fits(ring, proof.head.encode() + stated(row, seq), row.hash):
        raise _broken(row, "changed")
    key = row.subject, row.subject_id
    if row.what is None:
        proof.emptied += 1
        proof._gone[key] = row
    elif not _has_its_details(ring, row.what, row.digest):
        raise _broken(row, "details")
    if row.deed == ERASED:
        proof._erased[key] = seq
    proof.rows, proof.seq, proof.head = proof.rows + 1, seq, row.hash


def _has_its_details(ring: KeyRing, stored: str, digest: str) -> bool:
    try:
        return fits(ring, audit.opened(ring, stored).encode(), digest)
    except SealBroken:
        return False


def _broken(row: Row, fault: Fault) -> ChainBroken:
    return ChainBroken(seq=row.seq, id=row.id, what=FAULTS[fault])
