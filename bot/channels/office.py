"""Commands for an office at its own machine: classify a file, invite somebody, list what is due."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, get_args

from bot import content
from bot.errors import HubangError, NotFound
from bot.problems import near_miss
from bot.rules.pack import Pack
from bot.services import exchange, inviting
from bot.services.household_file import read_file
from bot.services.office import Office
from bot.settings import Settings
from bot.storage import database, duties, regions
from bot.storage.people import Role
from bot.storage.regions import Region

PROGRESS_FROM: Final = 2000
"""Rows from which a file takes long enough to show how far it is."""


class ArgumentsMissing(HubangError):
    """classify needs IN and OUT, or --columns."""


def add_classify(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot classify`."""
    parser.add_argument("scheme", metavar="SCHEME", help="id of the scheme, such as hr")
    parser.add_argument("source", metavar="IN", type=Path, nargs="?", help="households, .csv or .xlsx")
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help="where to write, .csv or .xlsx")
    parser.add_argument(
        "--on", metavar="DATE", type=date.fromisoformat, help="by the rules of that day (today)"
    )
    parser.add_argument("--explain", action="store_true", help="write every reason as a sentence")
    parser.add_argument("--columns", action="store_true", help="list the facts that the scheme reads, as CSV")


def classify(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Classify the households of a file; nothing is written when a cell cannot be read."""
    pack = _pack(args.scheme)
    if args.columns:
        writer = csv.writer(sys.stdout)
        writer.writerow(["fact", "kind", "options", "unit"])
        writer.writerows([c.fact, c.kind, c.options, c.unit] for c in exchange.columns_of(pack))
        return 0
    if args.source is None or args.target is None:
        raise ArgumentsMissing
    on = args.on or now().astimezone(settings.timezone).date()
    counts = exchange.classify_file(
        pack, args.source, args.target, on, explained=args.explain, progress=_progress
    )
    names = {outcome.id: outcome.name for outcome in pack.outcomes}
    for verdict, count in sorted(counts.items()):
        print(f"{names.get(verdict, 'to verify')}\t{count}")
    return 0


def _pack(scheme: str) -> Pack:
    packs = content.load().packs
    if scheme not in packs:
        hint = near_miss(scheme, packs)
        raise NotFound(what="scheme", name=f"{scheme} ({hint})" if hint else scheme)
    return packs[scheme]


def _progress(done: int, total: int) -> None:
    if total >= PROGRESS_FROM and sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def add_invite(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot invite`."""
    parser.add_argument("role", metavar="ROLE", choices=get_args(Role), help=", ".join(get_args(Role)))
    parser.add_argument("name", metavar="NAME", help="who is invited")
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--bot", metavar="USERNAME", help="the bot's name on Telegram, for a whole link")


async def invite(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Print a one-time invitation, valid for 72 hours."""
    opened = await database.open(settings.database_url)
    try:
        async with opened.transaction() as conn:
            region = await _region(conn, args.region)
            token = await inviting.issue(
                conn, role=args.role, region_id=region.id, name=args.name, by=None, now=now()
            )
    finally:
        await opened.dispose()
    print(f"https://t.me/{args.bot}?start={token}" if args.bot else f"/start {token}")
    return 0


async def _region(conn: Any, path: str) -> Region:
    """The region of that name, or at the end of a path of names; NotFound, also when several fit."""
    names = [part for part in path.split("/") if part]
    found: list[Region] = []
    for top in await regions.children(conn, None):
        tree = await regions.subtree(conn, top.id)
        by_id = {region.id: region for region in tree}
        for region in tree:
            lineage = [by_id[id].name for id in region.lineage if id in by_id]
            if names and lineage[-len(names) :] == names:
                found.append(region)
    if len(found) != 1:
        why = "is not there" if not found else "is there several times: write town/village"
        raise NotFound(what="single region", name=f"{path} ({why})")
    return found[0]


def add_due(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot due`."""
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--until", metavar="DATE", type=date.fromisoformat, help="due by that day (all)")


async def due(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """List what is still due in a region, by day."""
    opened = await database.open(settings.database_url)
    office = Office(content.load(), settings.timezone, settings.schemes)
    try:
        async with opened.reading() as conn:
            region = await _region(conn, args.region)
            waiting = await duties.open_of_region(conn, region.id)
            shown = [duty for duty in waiting if args.until is None or duty.due <= args.until]
            names: dict[int, str] = {}
            for duty in shown:
                if duty.household_id not in names:
                    dossier = await read_file(conn, office, duty.household_id, now())
                    names[duty.household_id] = dossier.name(office)
    finally:
        await opened.dispose()
    for duty in shown:
        print(f"{duty.due}\t{names[duty.household_id]}\t{duty.text['text']}\t{duty.state}")
    print(f"{len(shown)} due in {region.name}", file=sys.stderr)
    return 0
