"""Whose signature papers wait for, among everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, word
from bot.storage.signatures import Signing
from bot.storage.tables import assignments, households, regions, signatures, signings


@dataclass(frozen=True, slots=True)
class Want:
    """Whose signature is looked for: of a party, in a region; of the household's own cadre if `in_care`."""

    form: str
    party: str
    region_id: int
    in_care: bool


_PLACE: Final = regions.alias("place")
_TOP: Final = regions.alias("top")
_DONE: Final = exists().where(
    signatures.c.signing_id == signings.c.id,
    signatures.c.void_at.is_(None),
    or_(
        signatures.c.party == bindparam("party"),
        (signatures.c.person_id == bindparam("person")) & (signatures.c.how == word("account")),
    ),
)
_DONE_FOR: Final = exists().where(
    signatures.c.signing_id == signings.c.id,
    signatures.c.void_at.is_(None),
    signatures.c.party == bindparam("party"),
)
_REACH: Final = (
    select(signings.c.id)
    .join(households, households.c.id == signings.c.household_id)
    .join(_PLACE, _PLACE.c.id == households.c.region_id)
    .join(_TOP, within(_PLACE.c.path, _TOP.c.path))
    .where(
        _TOP.c.id == bindparam("region"),
        signings.c.form == bindparam("its_form"),
        signings.c.state == word("open"),
    )
)
_CARE: Final = exists().where(
    assignments.c.household_id == signings.c.household_id,
    assignments.c.person_id == bindparam("person"),
    assignments.c.until.is_(None),
)
_MINE: Final = {False: _REACH.where(~_DONE), True: _REACH.where(~_DONE, _CARE)}
_HOSTED: Final = _REACH.where(~_DONE_FOR, _CARE)
_SOME: Final = (
    select(*columns_of(signings, Signing))
    .where(signings.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(signings.c.begun_at, signings.c.id)
)


async def waiting(
    conn: AsyncConnection, person_id: int, own: Sequence[Want], hosted: Sequence[Want]
) -> list[Signing]:
    """The open versions that lack one of these signatures, oldest first.

    `own` are the person's own, `hosted` those of households in the person's care who sign with them.
    """
    ids: set[int] = set()
    for statement_of, wants in ((_MINE.__getitem__, own), (lambda _: _HOSTED, hosted)):
        for want in wants:
            asked = {
                "person": person_id,
                "party": want.party,
                "region": want.region_id,
                "its_form": want.form,
            }
            ids |= set((await conn.execute(statement_of(want.in_care), asked)).scalars())
    if not ids:
        return []
    return [Signing(*row) for row in await conn.execute(_SOME, {"ids": padded(sorted(ids))})]
