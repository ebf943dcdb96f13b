"""Papers under signature: the version laid before everybody, and each signature that rests on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of, word
from bot.storage.tables import cases, signatures, signings

State: TypeAlias = Literal["open", "signed", "superseded"]
How: TypeAlias = Literal["account", "photo", "drawn"]


@dataclass(frozen=True, slots=True)
class NewSigning:
    """A version of a household's paper that everybody is to sign; `digest` is the SHA-256 of its bytes."""

    case_id: int
    household_id: int
    interview_id: int
    form: str
    version: int
    digest: str
    content: bytes
    begun_at: datetime
    late_on: date | None


@dataclass(frozen=True, slots=True)
class Signing:
    """A version under signature, without its bytes: they are read with `content`."""

    id: int
    case_id: int
    household_id: int
    interview_id: int
    form: str
    version: int
    digest: str
    state: State
    begun_at: datetime
    late_on: date | None
    signed_at: datetime | None
    signed_digest: str | None


@dataclass(frozen=True, slots=True)
class NewSignature:
    """A signature: from whose account, whose name it is, and in `note` why somebody else signed, if so."""

    signing_id: int
    party: str
    person_id: int
    name: str
    post: str
    how: How
    note: str
    evidence_id: int | None
    digest: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature on record; one whose image turned out to be unusable is void from `void_at` on."""

    id: int
    signing_id: int
    party: str
    person_id: int
    name: str
    post: str
    how: How
    note: str
    evidence_id: int | None
    digest: str
    signed_at: datetime
    void_at: datetime | None


_ID: Final = signings.c.id == bindparam("signing")
_SELECT: Final = select(*columns_of(signings, Signing))
_GET: Final = _SELECT.where(_ID)
_HELD: Final = select(cases.c.id).where(cases.c.id == bindparam("case")).with_for_update(key_share=True)
_CONTENT: Final = select(signings.c.content, signings.c.signed_content).where(_ID)
_ADD: Final = insert(signings).values(state="open").returning(signings.c.id)
_OF_CASE: Final = _SELECT.where(signings.c.case_id == bindparam("case")).order_by(signings.c.id)
_OF_HOUSEHOLD: Final = _SELECT.where(
    signings.c.household_id == bindparam("household"), signings.c.form == bindparam("its_form")
).order_by(signings.c.id)
_SUPERSEDE: Final = update(signings).where(_ID).values(state="superseded")
_FREEZE: Final = (
    update(signings)
    .where(_ID)
    .values(
        state="signed",
        signed_at=bindparam("moment", type_=signings.c.signed_at.type),
        signed_digest=bindparam("its_digest"),
        signed_content=bindparam("its_content", type_=signings.c.signed_content.type),
    )
)
_THAW: Final = (
    update(signings)
    .where(_ID, signings.c.state == word("signed"))
    .values(state="open", signed_at=None, signed_digest=None, signed_content=None, warned_at=None)
)
_LATE: Final = _SELECT.where(
    signings.c.state == word("open"),
    signings.c.warned_at.is_(None),
    signings.c.late_on < bindparam("today", type_=signings.c.late_on.type),
).order_by(signings.c.id)
_WARN: Final = (
    update(signings).where(_ID).values(warned_at=bindparam("moment", type_=signings.c.warned_at.type))
)
_SIGN: Final = insert(signatures).returning(signatures.c.id)
_SIGNATURES: Final = (
    select(*columns_of(signatures, Signature))
    .where(
        signatures.c.signing_id.in_(bindparam("ids", expanding=True)),
        signatures.c.void_at.is_(None),
    )
    .order_by(signatures.c.signed_at, signatures.c.id)
)
_OF_EVIDENCE: Final = select(*columns_of(signatures, Signature)).where(
    signatures.c.evidence_id == bindparam("evidence"), signatures.c.void_at.is_(None)
)
_VOID: Final = (
    update(signatures)
    .where(signatures.c.id == bindparam("its_id"))
    .values(void_at=bindparam("moment", type_=signatures.c.void_at.type))
)
_new = parameters_of(NewSigning)
_signature = parameters_of(NewSignature)


async def begin(conn: AsyncConnection, new: NewSigning) -> int:
    """Lay a version before everybody; its id."""
    id: int = (await conn.execute(_ADD, _new(new))).scalar_one()
    return id


async def get(conn: AsyncConnection, signing_id: int) -> Signing | None:
    """The version of this id, whoever asks."""
    row = (await conn.execute(_GET, {"signing": signing_id})).one_or_none()
    return None if row is None else Signing(*row)


async def hold(conn: AsyncConnection, case_id: int) -> None:
    """Let nobody else sign what belongs to this case until the end of the transaction."""
    await conn.execute(_HELD, {"case": case_id})


async def content(conn: AsyncConnection, signing_id: int) -> tuple[bytes, bytes | None]:
    """The paper as it was laid before everybody, and as it was frozen with all signatures."""
    row = (await conn.execute(_CONTENT, {"signing": signing_id})).one()
    return row[0], row[1]


async def of_case(conn: AsyncConnection, case_id: int) -> list[Signing]:
    """Every version that was laid before people in this case, first to last."""
    return [Signing(*row) for row in await conn.execute(_OF_CASE, {"case": case_id})]


async def of_household(conn: AsyncConnection, household_id: int, form: str) -> list[Signing]:
    """Every version of the household's paper that was to be signed, first to last."""
    rows = await conn.execute(_OF_HOUSEHOLD, {"household": household_id, "its_form": form})
    return [Signing(*row) for row in rows]


async def supersede(conn: AsyncConnection, signing_id: int) -> None:
    """A newer version takes its place; its signatures stay on record with it."""
    await conn.execute(_SUPERSEDE, {"signing": signing_id})


async def freeze(conn: AsyncConnection, signing_id: int, content: bytes, digest: str, at: datetime) -> None:
    """Everybody has signed: from now on the paper is these bytes."""
    await conn.execute(
        _FREEZE, {"signing": signing_id, "its_content": content, "its_digest": digest, "moment": at}
    )


async def thaw(conn: AsyncConnection, signing_id: int) -> None:
    """A signature has turned out to be none: the version waits for it again."""
    await conn.execute(_THAW, {"signing": signing_id})


async def late(conn: AsyncConnection, today: date) -> list[Signing]:
    """Versions that should have been signed before `today` and of which nobody was warned."""
    return [Signing(*row) for row in await conn.execute(_LATE, {"today": today})]


async def warned(conn: AsyncConnection, signing_id: int, at: datetime) -> None:
    """People were warned that the version is not signed."""
    await conn.execute(_WARN, {"signing": signing_id, "moment": at})


async def sign(conn: AsyncConnection, new: NewSignature) -> int:
    """Keep a signature; its id. IntegrityError when the party has signed already."""
    id: int = (await conn.execute(_SIGN, _signature(new))).scalar_one()
    return id


async def valid(conn: AsyncConnection, signing_ids: Iterable[int]) -> dict[int, list[Signature]]:
    """The signatures of these versions that hold, in the order in which they were given."""
    found: dict[int, list[Signature]] = {}
    for row in await conn.execute(_SIGNATURES, {"ids": padded(signing_ids)}):
        found.setdefault(row.signing_id, []).append(Signature(*row))
    return found


async def of_evidence(conn: AsyncConnection, evidence_id: int) -> Signature | None:
    """The signature of which this is the image."""
    row = (await conn.execute(_OF_EVIDENCE, {"evidence": evidence_id})).first()
    return None if row is None else Signature(*row)


async def void(conn: AsyncConnection, signature_id: int, at: datetime) -> None:
    """The signature counts no longer; that it was given stays on record."""
    await conn.execute(_VOID, {"its_id": signature_id, "moment": at})
