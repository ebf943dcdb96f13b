"""Classify the households of a region as the database knows them, some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.batch import aggregates
from bot.rules.facts import MANY, FactInfo
from bot.rules.pack import Pack
from bot.services.batch_bad import BadCells
from bot.services.batch_cells import UNKNOWN_MASK, WORDS, facts_of_tables
from bot.services.batch_chunks import Chunk
from bot.services.batch_judging import Judge
from bot.services.batch_summary import Summary
from bot.services.batch_words import RESULTS
from bot.services.batch_writing import writer
from bot.services.exchange import Progress, Taking, nobody
from bot.services.household_file import Dossier
from bot.services.judging import facts_of
from bot.services.office import Office
from bot.services.tables import LARGE, FileUnreadable, beside, check_ending
from bot.storage import facts, households, regions
from bot.storage.regions import Region

SIZE: Final = 512
"""Households that are read at a time."""
PLACE: Final = "village"
REGISTER: Final = ("household", "town", PLACE, "village_group", "head_name")
"""What says which household a row is about; its id comes first."""


async def classify_households(
    conn: AsyncConnection,
    office: Office,
    pack: Pack,
    region: Region,
    target: Path,
    on: date,
    *,
    by: str | None = None,
    explained: bool = False,
    progress: Progress = nobody,
) -> Summary:
    """Classify the households of a region for the day `on` into `target`; the counts by place and verdict.

    Nothing is kept in the database. Rows are ordered by village, group and head.
    """
    check_ending(target, LARGE)
    names = facts_of_tables(pack)
    header = [*REGISTER, *(name for name in names if name not in REGISTER)]
    place = by or PLACE
    if pack.scheme.subject != "household":
        raise FileUnreadable(file=region.name, why=f"{pack.scheme.id} is not about households; use a file")
    if place not in header:
        raise FileUnreadable(file=region.name, why=f"it has no column {place}")
    summary = Summary(pack, place)
    ids = await households.ids_within(conn, region.id)
    with BadCells(target, region.name) as bad, beside(target) as part:
        out = writer(target, part, [*header, *RESULTS])
        try:
            at = {name: header.index(name) for name in names}
            judge = Judge(pack, on, at, header.index(place), summary, out, explained)
            taking = Taking(judge, bad, progress, len(ids))
            for start in range(0, len(ids), SIZE):
                dossiers = await read_files(conn, office, ids[start : start + SIZE], on)
                taking.take(judge.judge(_chunk(office, pack, header, dossiers)))
            out.finish()
        finally:
            out.close()
        bad.refuse()
    return summary


async def read_files(
    conn: AsyncConnection, office: Office, household_ids: Sequence[int], on: date
) -> list[Dossier]:
    """The dossiers of households in this order, as far as rules read them: without people and plans."""
    found = await households.get_many(conn, household_ids)
    members = await households.members_of(conn, household_ids)
    known = await facts.current(conn, household_ids)
    villages = await regions.get_many(conn, sorted({each.region_id for each in found.values()}))
    above = await regions.get_many(conn, sorted({id for village in villages for id in village.lineage}))
    by_id = {region.id: region for region in above}
    scheme = office.content.packs[office.schemes[0]].scheme.code if office.schemes else 0
    return [
        Dossier(
            found[id],
            tuple(members.get(id, ())),
            tuple(by_id[each] for each in by_id[found[id].region_id].lineage),
            None,
            tuple(known.get(id, ())),
            on,
            scheme,
        )
        for id in household_ids
    ]


def _chunk(office: Office, pack: Pack, header: Sequence[str], dossiers: Sequence[Dossier]) -> Chunk:
    """Dossiers by columns: what is written of them, and what the rules read."""
    found = [facts_of(office, pack, dossier) for dossier in dossiers]
    homes = [each.household for each in dossiers]
    register = [
        [home.id for home in homes],
        *([each.place(level) for each in dossiers] for level in ("town", "village")),
        [home.village_group for home in homes],
        [home.head_name for home in homes],
    ]
    rest = [
        _written([each.get(name) for each in found], pack.registry[name]) for name in header[len(REGISTER) :]
    ]
    arrays = [*map(pa.array, register), *rest]
    table = pa.table(arrays, [str(place) for place in range(len(arrays))])
    return Chunk(table, len(found), facts=columns(pack, found), households=found)


def columns(pack: Pack, found: Sequence[Mapping[str, Value]]) -> dict[str, NDArray[Any]]:
    """The facts of households as the batch reads them, with a column for whatever it reads of rosters."""
    made: dict[str, NDArray[Any]] = {}
    for name in facts_of_tables(pack):
        values = [each.get(name) for each in found]
        if pack.registry[name].kind == MANY:
            masks = (
                sum(1 << int(code) for code in v) if isinstance(v, list) else UNKNOWN_MASK for v in values
            )
            made[name] = np.fromiter(masks, np.int64, len(found))
        elif pack.registry[name].kind in WORDS:
            made[name] = _figures([None if value in (None, "") else 1 for value in values])
        else:
            made[name] = _figures(values)
    for source, expression in aggregates(pack).items():
        made[source] = _figures([expression.run(each.get) for each in found])
    return made


def _figures(values: Iterable[Value]) -> NDArray[np.float64]:
    return np.array([_figure(value) for value in values], np.float64)


def _figure(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def _written(values: Sequence[Value], info: FactInfo) -> Any:
    """A fact as tables hold it, so that the result can be classified again: several codes as one text."""
    if info.kind == MANY:
        texts = [" ".join(map(str, v)) if isinstance(v, list) else None for v in values]
        return pa.array(texts, pa.string())
    if info.kind in WORDS:
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    if info.options:
        return pa.array([v if isinstance(v, int) else None for v in values], pa.int64())
    return pa.array(_figures(values), from_pandas=True)
