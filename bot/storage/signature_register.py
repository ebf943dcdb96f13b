"""Signatures in the chat under the plans of a whole region, as they stood at the end of a day (O-28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.region_wide import HOMES, MOMENT
from bot.storage.rows import columns_of
from bot.storage.signatures import Signature, Signing
from bot.storage.tables import signature_copies, signatures, signings


@dataclass(frozen=True, slots=True)
class Laid:
    """A version that was laid before everybody; its signatures and the keepers of copies at the moment."""

    signing: Signing
    signatures: list[Signature] = field(default_factory=list)
    copies: dict[str, datetime] = field(default_factory=dict)


_WANTED: Final = (
    signings.c.household_id.in_(HOMES),
    signings.c.form.in_(bindparam("forms", expanding=True)),
    signings.c.begun_at < MOMENT,
)
_LAID: Final = select(*columns_of(signings, Signing)).where(*_WANTED).order_by(signings.c.id)
_SIGNED: Final = (
    select(*columns_of(signatures, Signature))
    .join(signings, signings.c.id == signatures.c.signing_id)
    .where(
        *_WANTED,
        signatures.c.signed_at < MOMENT,
        or_(signatures.c.void_at.is_(None), signatures.c.void_at >= MOMENT),
    )
    .order_by(signatures.c.signed_at, signatures.c.id)
)
_COPIES: Final = (
    select(signature_copies.c.signing_id, signature_copies.c.keeper, signature_copies.c.at)
    .join(signings, signings.c.id == signature_copies.c.signing_id)
    .where(*_WANTED, signature_copies.c.at < MOMENT)
)


async def laid(
    conn: AsyncConnection, top: str, forms: Iterable[str], before: datetime
) -> dict[tuple[str, int], Laid]:
    """The last version that was laid before people before that moment, by questionnaire and household."""
    wanted = {"top": top, "forms": sorted(set(forms)), "before": before}
    last: dict[tuple[str, int], Laid] = {}
    for row in await conn.execute(_LAID, wanted):
        signing = Signing(*row)
        last[signing.form, signing.household_id] = Laid(signing)
    by_id = {each.signing.id: each for each in last.values()}
    for row in await conn.execute(_SIGNED, wanted):
        if row.signing_id in by_id:
            by_id[row.signing_id].signatures.append(Signature(*row))
    for signing_id, keeper, at in await conn.execute(_COPIES, wanted):
        if signing_id in by_id:
            by_id[signing_id].copies[keeper] = at
    return last
