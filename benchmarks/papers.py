"""Plan papers in sentences: one household's from stored facts to the Word file, and those of a thousand.

The baseline renders the same papers by docxtpl alone: the sentences are composed already, no database is
asked, nothing is kept, and the file bears the clock. Seconds are those of the processor, as in `figures`.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
from docxtpl import DocxTemplate
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.figures import Figure, settled
from bot import content as contents
from bot.dialogs.form import Form
from bot.render import papers
from bot.render.plan_paper import PlanPaper, plan_paper
from bot.services import plan_papers
from bot.services.household_file import read_file
from bot.services.office import Office
from bot.services.plan_papers import Made
from bot.storage import assignments, households, people, regions, tables
from bot.storage import database as storage
from bot.storage.households import NewHousehold
from tests.county.bulk import Bulk, as_json
from tests.render import gs_households, plan_households
from tests.render.plan_households import as_walked, filled

COUNTIES: Final = {"gp": "jishishan", "gs": "gansu"}
"""A county that draws up each of the papers."""
GIVEN: Final[dict[str, Sequence[dict[str, Any]]]] = {
    "gp": (
        plan_households.ALONE,
        plan_households.EVERY_CAUSE,
        plan_households.STUDENTS,
        plan_households.ILL_AND_DISABLED,
        plan_households.LANDLESS,
        plan_households.CELLAR_WATER,
        plan_households.OILSEED,
        plan_households.SCHOOL_DEBTS,
        plan_households.BUILDING_SITE,
        plan_households.NINE,
    ),
    "gs": tuple(gs_households.HOUSEHOLDS.values()),
}
"""Households of every kind, each of which answers all that it is asked."""
SAID_ON: Final = date(2020, 5, 20)
NOW: Final = datetime(2020, 6, 15, 2, 0, tzinfo=UTC)
IN_A_VILLAGE: Final = 100
FACT: Final = ("household_id", "name", "period", "value", "row", "as_of", "source", "recorded_at")


@dataclass(frozen=True, slots=True)
class Size:
    """So many plans in a row, half of each paper, and so many that are measured one by one."""

    plans: int = 1_000
    ones: int = 20


@lru_cache(maxsize=2)
def office_of(form: str) -> Office:
    """An office of a county that draws up this paper."""
    content = contents.load(contents.in_county(COUNTIES[form]))
    return Office(content, ZoneInfo("Asia/Shanghai"), content.households_by)


@asynccontextmanager
async def entered(size: Size) -> AsyncIterator[tuple[AsyncConnection, dict[str, list[int]]]]:
    """A database file with the households of each paper and all of their answers."""
    with tempfile.TemporaryDirectory() as folder:
        database = await storage.open(f"sqlite:///{Path(folder) / 'plans.db'}")
        try:
            async with database.transaction() as conn:
                yield conn, {form: await _households(conn, form, size.plans // 2) for form in COUNTIES}
        finally:
            await database.dispose()


async def _households(conn: AsyncConnection, form: str, count: int) -> list[int]:
    county = await regions.add(conn, name=COUNTIES[form], level="county")
    town = await regions.add(conn, name="town", level="town", parent=county)
    cadre = (await people.add(conn, name="cadre", unit="unit")).id
    found: list[int] = []
    for first in range(0, count, IN_A_VILLAGE):
        village = await regions.add(conn, name=f"village {first}", level="village", parent=town)
        new = [_household(village.id, at) for at in range(first, min(count, first + IN_A_VILLAGE))]
        found += await households.add_many(conn, new)
    await assignments.assign_many(conn, found, cadre, NOW)
    questions = office_of(form).content.form(form)
    known = [answers(questions, given) for given in GIVEN[form]]
    put = Bulk(conn, tables.facts, FACT)
    day, moment = put.day(SAID_ON), put.moment(NOW)
    for at, id in enumerate(found):
        put.add((id, *said, 0, day, form, moment) for said in known[at % len(known)])
    await put.flush()
    return found


def answers(form: Form, given: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """Everything that such a household has answered: fact, period and value as it is stored."""
    periods = {item.fact: item.period for item in form.items if item.repeat is None}
    said = as_walked(form, filled(form, dict(given)))
    return [(name, periods.get(name, ""), as_json(value)) for name, value in said.items()]


def _household(village: int, number: int) -> NewHousehold:
    return NewHousehold(
        region_id=village,
        village_group="one",
        head_name=f"head {number}",
        initials="h",
        created_at=NOW,
        population=4,
        reg_status=1,
    )


# ---------------------------------------------------------------------------------------- what is measured


async def made(conn: AsyncConnection, form: str, household: int) -> Made:
    """The paper of a household as an official gets it: its file read, a version kept, the Word file."""
    office = office_of(form)
    dossier = await read_file(conn, office, household, NOW)
    return await plan_papers.make(conn, office, form, dossier, NOW)


@lru_cache(maxsize=1)
def _words() -> jinja2.Environment:
    words = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    words.filters |= {
        "number": papers.number,
        "day": papers.day,
        "need": papers.need,
        "with_blanks": papers.with_blanks,
    }
    return words


def alone(frame: bytes, view: PlanPaper) -> bytes:
    """The same paper by docxtpl, as its documentation shows it."""
    document, file = DocxTemplate(io.BytesIO(frame)), io.BytesIO()
    document.render({papers.VIEW: view, "_blanks": []}, _words())
    document.save(file)
    return file.getvalue()


async def one_by_one(conn: AsyncConnection, ids: Mapping[str, Sequence[int]], size: Size) -> list[Figure]:
    """Each paper by itself, and the same by docxtpl alone."""
    found: list[Figure] = []
    for form in COUNTIES:
        await made(conn, form, ids[form][0])  # the template is read and compiled once for all
        ours: list[float] = []
        theirs: list[float] = []
        with settled():
            for id in ids[form][1 : 1 + size.ones]:
                began = time.process_time()
                paper = await made(conn, form, id)
                ours.append(time.process_time() - began)
                theirs.append(seconds_alone(form, paper))
        found += [
            Figure(f"{form}: one plan, from facts to Word file", median(ours) * 1000, "ms", ("at most", 100)),
            Figure(f"{form}: the same by docxtpl alone", median(theirs) * 1000, "ms"),
            Figure(f"{form}: ours to docxtpl alone", median(ours) / median(theirs), "times"),
        ]
    return found


def seconds_alone(form: str, paper: Made) -> float:
    """How long docxtpl takes for the paper."""
    frame = plan_papers.shipped_frame(form).frame
    view = plan_paper(paper.paper, COUNTIES[form], paper.on)
    began = time.process_time()
    alone(frame, view)
    return time.process_time() - began


async def in_a_row(conn: AsyncConnection, ids: Mapping[str, Sequence[int]]) -> list[Figure]:
    """All of the papers, and docxtpl alone for the same ones in between."""
    ours = theirs = 0.0
    wanted = [(form, id) for form, own in ids.items() for id in own]
    with settled():
        for form, id in wanted:
            began = time.process_time()
            paper = await made(conn, form, id)
            ours += time.process_time() - began
            theirs += seconds_alone(form, paper)
    return [
        Figure("plans in a row", len(wanted), "plans"),
        Figure("all of them", ours, "s", ("at most", 60 * len(wanted) / 1_000)),
        Figure("all of them by docxtpl alone", theirs, "s"),
        Figure("all of them, ours to docxtpl alone", ours / theirs, "times"),
    ]


async def measured(size: Size) -> list[Figure]:
    """One plan of each paper, then all of them."""
    async with entered(size) as (conn, ids):
        return [*await one_by_one(conn, ids, size), *await in_a_row(conn, ids)]


def run(size: Size | None = None) -> list[Figure]:
    """Milliseconds of one plan and seconds of many, beside docxtpl alone."""
    return asyncio.run(measured(size or Size()))
