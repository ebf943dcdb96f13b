"""The workbook of the report on the "look back" in mid June (O-24, 003:107)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Column, Row, Sheet, Sum
from bot.services.problem_record import FOUND
from bot.services.reports import look_back, township
from bot.services.reports.look_back_progress import category_of, coverage, marked, problems, work
from bot.services.reports.report import Ask, Report, places_of
from bot.storage import report_look_back_progress

STAGE: Final = "problem_stage"
STRUCK_OFF: Final = 6
MARKS: Final = ("late", "no_measure", "unhappy")
TO_WRITE: Final = ("why", "next")


async def make_report(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """Work, coverage, problems, attachments 1 and 2, and what is still open."""
    places = await places_of(conn, ask.region)
    return [
        await work(conn, ask, places),
        await coverage(conn, ask, places),
        await problems(conn, ask, places),
        await _attachment(conn, ask, look_back.REPORTS[0], "attachment1"),
        await _attachment(conn, ask, township.REPORTS[0], "attachment2"),
        await _unsolved(conn, ask),
    ]


async def _attachment(conn: AsyncConnection, ask: Ask, report: Report, word: str) -> Sheet:
    """The first sheet of another report: that of the whole region."""
    own = replace(ask, layout=ask.office.content.layouts[report.id])
    return replace((await report.make(conn, own))[0], name=ask.layout.say(word))


async def _unsolved(conn: AsyncConnection, ask: Ask) -> Sheet:
    """The open problems by category: how far each is, what stands in its way, and room for the reasons."""
    ledger, layout = ask.office.content.ledger, ask.layout.sheet("open")
    stages = {
        code: word for code, word in ask.office.content.registry[STAGE].options.items() if code != STRUCK_OFF
    }
    counts: Counter[tuple[str, str]] = Counter()
    for each in await report_look_back_progress.still_open(conn, ask.region.path, ask.before):
        category = category_of(each.sub_problem)
        stage = each.handling.get(STAGE, FOUND)
        # Struck off since: how far it was on that day is not on record any more.
        counts[category, f"stage{stage if stage in stages else 0}"] += 1
        for mark in marked(each, ask):
            counts[category, mark] += 1
    columns = _columns(ask, stages)
    names = tuple(column.id for column in columns if column.id.startswith("stage"))
    rows: list[Row] = []
    for category_ in ledger.categories:
        if any(counts[category_.id, name] for name in names):
            cells: dict[str, Cell] = {name: counts[category_.id, name] for name in (*names, *MARKS)}
            rows.append(Row({"category": category_.name, "open": Sum(names), **cells}))
    return layout.filled(rows, ask.said(), columns=(*layout.columns, *columns))


def _columns(ask: Ask, stages: dict[int, str]) -> list[Column]:
    say = ask.layout.say
    by_stage = [*((f"stage{code}", word) for code, word in stages.items()), ("stage0", say("no_stage"))]
    return [
        Column("open", (say("open"),), "integer", 9, total=True),
        *(Column(id, (say("stage"), word), "integer", 10, total=True) for id, word in by_stage),
        *(Column(mark, (say(mark),), "integer", 10, total=True) for mark in MARKS),
        *(Column(word, (say(word),), "text", 30) for word in TO_WRITE),
    ]


REPORTS: Final = (Report("O-24", make_report, levels=("town", "county"), of_households=False),)
