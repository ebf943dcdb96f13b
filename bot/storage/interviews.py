"""Interviews: one form about one household or region, with the conversation's state as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, exists, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.subjects import KINDS, Subject, about, column, subject_of
from bot.storage.tables import interviews

State: TypeAlias = Literal["open", "submitted", "abandoned"]


@dataclass(frozen=True, slots=True)
class NewInterview:
    """An interview that begins; `version` is the form's, which it keeps to its end.

    `context` is what the subject's file held at that moment: it never changes while the interview is open.
    """

    household_id: int | None
    form: str
    version: int
    person_id: int
    session: Mapping[str, Any]
    started_at: datetime
    visited_at: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    region_id: int | None = None


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview; `revision` counts its changes, so that a button of an earlier one is recognised.

    `person_id` is who holds it now; who answered what before stands in the answer log.
    """

    id: int
    household_id: int | None
    form: str
    version: int
    person_id: int
    state: State
    revision: int
    session: Mapping[str, Any]
    started_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    visited_at: datetime | None
    context: Mapping[str, Any]
    region_id: int | None = None

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return subject_of(self.household_id, self.region_id)


_START: Final = insert(interviews).returning(interviews.c.id)
_SELECT: Final = select(*columns_of(interviews, Interview))
_LOAD: Final = _SELECT.where(interviews.c.id.in_(bindparam("ids", expanding=True))).order_by(interviews.c.id)
_LOAD_TO_CHANGE: Final = _LOAD.with_for_update(key_share=True)
_CHANGING: Final = (
    *("person_id", "state", "revision", "session", "updated_at", "submitted_at", "visited_at"),
)
_SAVE: Final = (
    update(interviews)
    .where(interviews.c.id == bindparam("interview"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_OF_HOUSEHOLD: Final = _SELECT.where(about(interviews, "household")).order_by(
    interviews.c.started_at, interviews.c.id
)
_OPEN_ABOUT: Final = {
    kind: _SELECT.where(
        about(interviews, kind), interviews.c.form == bindparam("its_form"), interviews.c.state == "open"
    ).order_by(interviews.c.updated_at.desc(), interviews.c.id.desc())
    for kind in KINDS
}
_LATER: Final = interviews.alias("later")
_HANDED_IN: Final = {
    kind: _SELECT.where(
        about(interviews, kind),
        interviews.c.submitted_at.is_not(None),
        ~exists().where(
            column(_LATER, kind) == column(interviews, kind),
            _LATER.c.form == interviews.c.form,
            tuple_(_LATER.c.submitted_at, _LATER.c.id) > tuple_(interviews.c.submitted_at, interviews.c.id),
        ),
    ).order_by(interviews.c.form)
    for kind in KINDS
}
_OPEN_OF: Final = _SELECT.where(
    interviews.c.person_id == bindparam("person"), interviews.c.state == "open"
).order_by(interviews.c.updated_at.desc(), interviews.c.id.desc())
_OPEN: Final = (
    select(interviews.c.id, interviews.c.form, interviews.c.version)
    .where(interviews.c.state == "open")
    .order_by(interviews.c.id)
)
_new = parameters_of(NewInterview)


async def start(conn: AsyncConnection, new: NewInterview) -> Interview:
    """Begin an interview."""
    row = _new(new) | {"state": "open", "revision": 0, "updated_at": new.started_at, "submitted_at": None}
    return Interview(id=(await conn.execute(_START, row)).scalar_one(), **row)


async def load(
    conn: AsyncConnection, interview_ids: Iterable[int], *, to_change: bool = False
) -> dict[int, Interview]:
    """The interviews of these ids by id, in one query.

    `to_change` holds them until the end of the transaction against other processes.
    """
    ids = padded(sorted(set(interview_ids)))
    if not ids:
        return {}
    rows = await conn.execute(_LOAD_TO_CHANGE if to_change else _LOAD, {"ids": ids})
    return {row[0]: Interview(*row) for row in rows}


async def save(conn: AsyncConnection, changed: Sequence[Interview]) -> None:
    """Write how these interviews now stand; form and subject never change."""
    rows = [{"interview": item.id} | {name: getattr(item, name) for name in _CHANGING} for item in changed]
    if rows:
        await conn.execute(_SAVE, rows)


async def of_household(conn: AsyncConnection, household_id: int) -> list[Interview]:
    """Every interview of the household, oldest first."""
    return [Interview(*row) for row in await conn.execute(_OF_HOUSEHOLD, {"subject": household_id})]


async def open_of(conn: AsyncConnection, person_id: int) -> list[Interview]:
    """The interviews that the person has begun and not finished, the latest touched first."""
    return [Interview(*row) for row in await conn.execute(_OPEN_OF, {"person": person_id})]


async def open_by_version(conn: AsyncConnection) -> dict[tuple[str, int], list[int]]:
    """The ids of all open interviews by form and version, the oldest first."""
    found: dict[tuple[str, int], list[int]] = {}
    for id, form, version in await conn.execute(_OPEN):
        found.setdefault((form, version), []).append(id)
    return found


async def open_about(conn: AsyncConnection, subject: Subject, form: str) -> list[Interview]:
    """The open interviews of a form about the subject, whoever holds them, the latest touched first."""
    rows = await conn.execute(_OPEN_ABOUT[subject.kind], {"subject": subject.id, "its_form": form})
    return [Interview(*row) for row in rows]


async def handed_in(conn: AsyncConnection, subject: Subject) -> dict[str, Interview]:
    """The interview about the subject that was handed in last, by form."""
    rows = await conn.execute(_HANDED_IN[subject.kind], {"subject": subject.id})
    return {found.form: found for found in (Interview(*row) for row in rows)}
