"""The plan papers of households, version by version: what each was made from, to make it again exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, upsert
from bot.storage.tables import paper_frames, papers


@dataclass(frozen=True, slots=True)
class Frame:
    """The words and the Word frame of a paper, by the digest of both."""

    digest: str
    sentences: str
    frame: bytes


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that was made: `snapshot` holds the answers, parameters and departments that it says."""

    household_id: int
    form: str
    version: int
    form_version: int
    frame_digest: str
    snapshot: Mapping[str, Any]
    made_at: datetime


_COLUMNS: Final = columns_of(papers, NewPaper)
_ADD: Final = insert(papers)
_ADD_FRAME: Final = upsert(lambda insert: insert(paper_frames).on_conflict_do_nothing())
_FRAME: Final = select(*columns_of(paper_frames, Frame)).where(
    paper_frames.c.digest == bindparam("its_digest")
)
_OF: Final = (
    select(*_COLUMNS)
    .where(papers.c.household_id == bindparam("household"), papers.c.form == bindparam("its_form"))
    .order_by(papers.c.version)
)
_paper, _frame = parameters_of(NewPaper), parameters_of(Frame)


async def add(conn: AsyncConnection, new: NewPaper, frame: Frame) -> None:
    """Keep a paper, and its frame unless that is kept already."""
    await conn.execute(_ADD_FRAME[conn.dialect.name], _frame(frame))
    await conn.execute(_ADD, _paper(new))


async def of_household(conn: AsyncConnection, household_id: int, form: str) -> list[NewPaper]:
    """Every version of the household's paper, first to last."""
    rows = await conn.execute(_OF, {"household": household_id, "its_form": form})
    return [NewPaper(*row) for row in rows]


async def frame(conn: AsyncConnection, digest: str) -> Frame | None:
    """The frame of that digest."""
    row = (await conn.execute(_FRAME, {"its_digest": digest})).one_or_none()
    return None if row is None else Frame(*row)
