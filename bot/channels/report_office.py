"""Commands for papers of an office: `report` (tables and lists) and `plan` (plan papers of households)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import content
from bot.channels.arguments import period
from bot.channels.classifying import Progress
from bot.channels.places import household_named, region_named
from bot.errors import HubangError, NotFound
from bot.problems import near_miss
from bot.render import workbooks
from bot.services import auditing, plan_papers
from bot.services.household_file import read_file
from bot.services.office import Office
from bot.services.reports import making
from bot.services.reports.registry import REPORTS
from bot.services.tables import beside, check_ending
from bot.settings import Settings
from bot.storage import database, households
from bot.storage.database import Database
from bot.storage.sealing import KeyRing

Now = Callable[[], datetime]
REPORT_ENDINGS: Final = (".xlsx",)
PAPER_ENDINGS: Final = (".docx",)
SEEN: Final = "seen"
"""What is put on record of whoever is given a table or a paper."""


class ReportArgumentsMissing(HubangError):
    """report needs ID --region REGION OUT.xlsx, or --list."""


class PlanArgumentsMissing(HubangError):
    """plan needs HOUSEHOLD OUT.docx, or --all --region VILLAGE FOLDER."""


class NoPaper(HubangError):
    """{household} has no such plan paper: name one with --paper ({known})."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open database, the content of the county, and the clock."""

    database: Database
    office: Office
    now: Now


@asynccontextmanager
async def desk(settings: Settings, now: Now) -> AsyncIterator[Desk]:
    """Everything that a command works with, closed at the end."""
    loaded = content.load(content.in_county(settings.county))
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        yield Desk(opened, Office(loaded, settings.timezone, loaded.households_by), now)
    finally:
        await opened.dispose()


# ----------------------------------------------------------------------------------------------- report


def add_report(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot report`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="which report, such as O-11")
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help="where to write, .xlsx")
    parser.add_argument("--list", action="store_true", help="list the reports")
    parser.add_argument("--region", metavar="REGION", help="village, town or county; a/b when unclear")
    parser.add_argument(
        "--period", metavar="DAYS", type=period, help="2020, 2020-06, a day, or FIRST/LAST (as is usual)"
    )
    parser.add_argument("--scheme", metavar="SCHEME", default="", help="of several schemes, this one")


def report(args: argparse.Namespace, settings: Settings, now: Now) -> int:
    """Write a report; the file is there whole, or as it was before."""
    if args.list:
        layouts = content.load(content.in_county(settings.county)).layouts
        for id, each in REPORTS.items():
            print(f"{id}\t{layouts[id].name}\t{'/'.join(each.levels)}\t{each.per}")
        return 0
    if args.id is None or args.target is None or args.region is None:
        raise ReportArgumentsMissing
    if args.id not in REPORTS:
        hint = near_miss(args.id, REPORTS)
        raise NotFound(what="report", name=f"{args.id} ({hint})" if hint else args.id)
    check_ending(args.target, REPORT_ENDINGS)
    progress = Progress()
    try:
        written = asyncio.run(_book(args, settings, now, progress))
    finally:
        progress.end()
    with beside(args.target) as part:
        part.write_bytes(written)
    print(args.target)
    return 0


async def _book(args: argparse.Namespace, settings: Settings, now: Now, progress: Progress) -> bytes:
    async with desk(settings, now) as at:
        async with at.database.reporting() as conn:
            region = await region_named(conn, args.region)
            wanted = REPORTS[args.id]
            ask = making.ask_for(
                at.office, wanted, region, now(), period=args.period, scheme=args.scheme, progress=progress
            )
            book = workbooks.write(await making.make(conn, wanted, ask))
        days = {"first": ask.period.first.isoformat(), "last": ask.period.last.isoformat()}
        noted = {"report": wanted.id, "scheme": args.scheme, **days}
        async with at.database.transaction() as conn:
            await auditing.by_command(conn, SEEN, "region", region.id, now(), **noted)
    return book


# ------------------------------------------------------------------------------------------------- plan


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot plan`."""
    parser.add_argument(
        "household", metavar="HOUSEHOLD", nargs="?", help="its number, or the head's name; village/name"
    )
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help="where to write, .docx")
    parser.add_argument("--all", action="store_true", help="every household of --region, into the folder")
    parser.add_argument("--region", metavar="REGION", help="with --all: village, town or county; a/b")
    parser.add_argument("--paper", metavar="FORM", help="which paper, such as gp or gs (the county's)")
    parser.add_argument("--version", metavar="N", type=int, help="an earlier version, exactly as it was")


def plan(args: argparse.Namespace, settings: Settings, now: Now) -> int:
    """Write plan papers; every file is there whole, or as it was before."""
    if args.all:
        # The one path given is where to write.
        folder = None if args.household is None else Path(args.household)
        if folder is None or args.target is not None or args.region is None:
            raise PlanArgumentsMissing
        folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(_plans(args, folder, settings, now))
    if args.household is None or args.target is None:
        raise PlanArgumentsMissing
    check_ending(args.target, PAPER_ENDINGS)
    made = asyncio.run(_plan(args, settings, now))
    with beside(args.target) as part:
        part.write_bytes(made.content)
    print(f"{args.target}\t{made.form} version {made.version}")
    _remarks(made)
    return 0


async def _plan(args: argparse.Namespace, settings: Settings, now: Now) -> plan_papers.Made:
    async with desk(settings, now) as at, at.database.transaction() as conn:
        household = await household_named(conn, args.household)
        form = await _form(conn, at.office, household.id, args.paper)
        await auditing.by_command(conn, SEEN, "household", household.id, now(), shown="paper", form=form)
        if args.version is not None:
            return await plan_papers.make_again(conn, at.office, household.id, form, args.version)
        dossier = await read_file(conn, at.office, household.id, now())
        return await plan_papers.make(conn, at.office, form, dossier, now())


async def _form(conn: AsyncConnection, office: Office, household_id: int, wanted: str | None) -> str:
    """Which paper is meant; NoPaper when the household has none, or the product has no such one."""
    known = office.content.papers
    found = [wanted] if wanted is not None else await plan_papers.forms_for(conn, office, household_id)
    form = next((id for id in found if id in known), None)
    if form is None:
        raise NoPaper(household=f"household {household_id}", known=", ".join(known))
    return form


async def _plans(args: argparse.Namespace, folder: Path, settings: Settings, now: Now) -> int:
    progress, done = Progress("papers"), 0
    async with desk(settings, now) as at:
        async with at.database.reading() as conn:
            region = await region_named(conn, args.region)
            homes = await households.ids_within(conn, region.id)
        try:
            for id in homes:
                async with at.database.transaction() as conn:
                    form = await _form(conn, at.office, id, args.paper)
                    dossier = await read_file(conn, at.office, id, now())
                    made = await plan_papers.make(conn, at.office, form, dossier, now())
                    await auditing.by_command(conn, SEEN, "household", id, now(), shown="paper", form=form)
                with beside(folder / f"{form}-{id}.docx") as part:
                    part.write_bytes(made.content)
                done += 1
                progress(done, len(homes))
        finally:
            progress.end()
    print(f"{done}\t{folder}")
    if not homes:
        print(f"there is no household in {region.name}: nothing to print", file=sys.stderr)
        return 1
    return 0


def _remarks(made: plan_papers.Made) -> None:
    """Say on the side what is still missing and what does not go together."""
    for label in made.paper.blanks:
        print(f"missing: {label}", file=sys.stderr)
    for text in made.contradictions:
        print(f"does not go together: {text}", file=sys.stderr)
