"""Commands for an office at its own machine: invite somebody, list what is due."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from typing import get_args

from bot import content
from bot.channels.arguments import day
from bot.channels.places import region_named
from bot.services import inviting
from bot.services.household_file import read_file
from bot.services.office import Office
from bot.settings import Settings
from bot.storage import database, duties
from bot.storage.people import Role


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
            region = await region_named(conn, args.region)
            token = await inviting.issue(
                conn, role=args.role, region_id=region.id, name=args.name, by=None, now=now()
            )
    finally:
        await opened.dispose()
    print(f"https://t.me/{args.bot}?start={token}" if args.bot else f"/start {token}")
    return 0


def add_due(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot due`."""
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--until", metavar="DATE", type=day, help="due by that day (all)")


async def due(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """List what is still due in a region, by day."""
    opened = await database.open(settings.database_url)
    loaded = content.load(content.in_county(settings.county))
    office = Office(loaded, settings.timezone, loaded.households_by)
    try:
        async with opened.reading() as conn:
            region = await region_named(conn, args.region)
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
