"""Commands for whoever answers for the data: keys, audit, one household, retention, backup and restore."""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot import content
from bot.channels.places import household_named
from bot.errors import HubangError
from bot.services import backing_up, disclosing, erasing, notary, retention
from bot.services.evidence_files import EvidenceFolder, folder_of
from bot.services.office import Office
from bot.services.tables import beside, check_ending
from bot.settings import Settings
from bot.storage import audit, database, resealing
from bot.storage.database import Database
from bot.storage.sealing import KEY_BYTES, KeyRing

Now = Callable[[], datetime]
Deed = Callable[["Desk", argparse.Namespace], Awaitable[int]]


class NoKeys(HubangError):
    """HUBANG_KEYS is empty: write a key with `python -m bot keys new`, put it into .env and start again."""


class TargetMissing(HubangError):
    """household export needs NAME|ID OUT.zip."""


class WhoMissing(HubangError):
    """household erase needs --by PERSON (the number of who asks or confirms), and --reason or --confirm."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open database, the folder of photos, the settings and the clock."""

    database: Database
    folder: EvidenceFolder
    settings: Settings
    now: Now


@asynccontextmanager
async def desk(settings: Settings, now: Now) -> AsyncIterator[Desk]:
    """Everything that these commands work with, closed at the end."""
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        yield Desk(opened, folder_of(settings), settings, now)
    finally:
        await opened.dispose()


def say(line: str) -> None:
    """A line that is the result."""
    print(line)


def tell(what: str, done: int) -> None:
    """How far it is, on stderr."""
    print(f"{what}: {done}", file=sys.stderr)


def run(args: argparse.Namespace, read: Callable[[], Settings], now: Now) -> int:
    """Carry out the command that the arguments name; a new key can be had whatever the settings are."""
    if args.command == "keys" and args.deed == "new":
        return new_key()
    return asyncio.run(_run(args, read(), now))


async def _run(args: argparse.Namespace, settings: Settings, now: Now) -> int:
    async with desk(settings, now) as at:
        return await DEEDS[args.command, getattr(args, "deed", "")](at, args)


# --------------------------------------------------------------------------------------------------- keys


def add_keys(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot keys`."""
    what = "new: print a key to put before the others in HUBANG_KEYS; rotate: seal everything with the first"
    parser.add_argument("deed", metavar="new|rotate", choices=("new", "rotate"), help=what)


def new_key() -> int:
    """Print a new key with a name of its own; it is kept nowhere."""
    name = base64.b16encode(os.urandom(3)).decode().lower()
    say(f"k{name}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}")
    print("keep a copy where the database is not: nothing can be read without it", file=sys.stderr)
    return 0


async def rotate(at: Desk, args: argparse.Namespace) -> int:
    """Seal everything with the first key, and say which keys are still needed."""
    ring = at.database.ring
    if ring.is_empty:
        raise NoKeys
    changed = await resealing.reseal(at.database, tell)
    photos = at.folder.reseal()
    for table, number in (changed | {"photos": photos}).items():
        say(f"{table}\t{number}")
    async with at.database.reading() as conn:
        until = await audit.open_until(conn)
        say(f"audit: `audit verify --plain-until {until}`" if until else "audit: every row has a key")
        for key in ring.names[1:]:
            needed = await resealing.chained_under(conn, key)
            say(f"key {key}: " + (f"keep it, {needed} rows of the audit need it" if needed else "may go"))
    return 0


# -------------------------------------------------------------------------------------------------- audit


def noted(text: str) -> tuple[int, str]:
    """NUMBER:HASH as `audit verify` prints it."""
    number, _, head = text.partition(":")
    if not number.isdigit() or not head:
        raise argparse.ArgumentTypeError("write it as `audit verify` printed it, NUMBER:HASH")
    return int(number), head


def add_audit(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot audit`."""
    what = "verify: recompute the chain, naming the first row that does not fit; show: the newest rows"
    parser.add_argument("deed", metavar="verify|show", choices=("verify", "show"), help=what)
    parser.add_argument("--noted", metavar="NUMBER:HASH", type=noted, help="what an earlier verify printed")
    plain = "rows up to this one were made before there were keys; `keys rotate` says it once"
    parser.add_argument("--plain-until", metavar="NUMBER", type=int, default=0, help=plain)
    parser.add_argument("--household", metavar="NAME|ID", help="show what is about this household only")
    parser.add_argument("--person", metavar="ID", type=int, help="show what this person did only")
    parser.add_argument("--last", metavar="N", type=int, default=50, help="show so many rows (50)")
    parser.add_argument("--details", action="store_true", help="show old and new values")


async def verify(at: Desk, args: argparse.Namespace) -> int:
    """Verify the chain; what it prints last is to be written down where nobody can change it."""
    async with at.database.reporting() as conn:
        proof = await notary.verify(conn, at.database.ring, args.noted, plain_until=args.plain_until)
    say(f"{proof.rows} rows fit, {proof.waiting} are not chained yet, {proof.emptied} without details")
    if proof.seq:
        say(f"{proof.seq}:{proof.head}")
    return 0


async def show(at: Desk, args: argparse.Namespace) -> int:
    """Print what is on record; looking at a household's rows goes on record as well."""
    async with at.database.transaction() as conn:
        subject, id = "", None
        if args.household is not None:
            subject, id = "household", (await household_named(conn, args.household)).id
        rows = await audit.newest(conn, args.last, subject=subject, subject_id=id, person_id=args.person)
        if id is not None:
            listed = await audit.listings(conn, id, args.last)
            rows += [row for row in listed if args.person in (None, row.person_id)]
            rows = sorted(rows, key=lambda row: -row.id)[: args.last]
        looked = {"person": args.person, "details": args.details}
        entry = audit.Entry(
            at=at.now(), person_id=None, deed="audit_seen", subject=subject, subject_id=id, what=looked
        )
        await audit.append(conn, [entry])
    for row in rows:
        whom = f"{row.subject} {row.subject_id}" if row.subject else "-"
        who = f"person {row.person_id}" if row.person_id is not None else "-"
        when = row.at.astimezone(at.settings.timezone).strftime("%Y-%m-%d %H:%M:%S")
        details = f"\t{row.what or '-'}" if args.details else ""
        say(f"{row.seq or '-'}\t{when}\t{who}\t{row.deed}\t{whom}{details}")
    return 0


# -------------------------------------------------------------------------------------------- a household


def add_household(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot household`."""
    what = "export: everything about it in a ZIP, for itself; erase: one person asks, another confirms"
    parser.add_argument("deed", metavar="export|erase", choices=("export", "erase"), help=what)
    parser.add_argument("household", metavar="NAME|ID", help="its number, or the name of its head")
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help="export: where to write, .zip")
    parser.add_argument("--by", metavar="PERSON", type=int, help="erase: number of who asks, or confirms")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--reason", metavar="WORDS", help="ask for it, and why")
    how.add_argument("--confirm", action="store_true", help="confirm what somebody else asked for")


async def export(at: Desk, args: argparse.Namespace) -> int:
    """Write a household's data; the file is there whole, or not at all."""
    if args.target is None:
        raise TargetMissing
    check_ending(args.target, (".zip",))
    loaded = content.load(content.in_county(at.settings.county))
    office = Office(loaded, at.settings.timezone, loaded.households_by, at.folder)
    async with at.database.transaction() as conn:
        household = await household_named(conn, args.household)
        whole = await disclosing.disclose(conn, office, at.folder, household.id, at.now())
        with beside(args.target) as unfinished:
            unfinished.write_bytes(whole)
    say(f"{args.target}: {len(whole)} bytes")
    return 0


async def erase(at: Desk, args: argparse.Namespace) -> int:
    """Ask for the erasure of a household, or confirm it and do it."""
    if args.by is None or not (args.confirm or args.reason is not None):
        raise WhoMissing
    if not args.confirm:
        async with at.database.transaction() as conn:
            id = (await household_named(conn, args.household)).id
            await erasing.ask(conn, id, args.by, args.reason, at.now())
        say(f"asked: somebody else confirms with `household erase {id} --by PERSON --confirm`")
        return 0
    async with at.database.transaction() as conn:
        id = (await household_named(conn, args.household)).id
        erased = await erasing.confirm(conn, id, args.by, at.now())
    erasing.remove(at.folder, erased)
    for table, number in erased.rows.items():
        say(f"{table}\t{number}")
    print("backups made before still hold it: drop them when their time is over", file=sys.stderr)
    return 0


# ------------------------------------------------------------------------------------ retention and backup


def add_retention(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot retention`."""
    parser.add_argument("deed", metavar="run", choices=("run",), help="remove what was kept long enough")
    parser.add_argument("--dry-run", action="store_true", help="only count it")


async def retain(at: Desk, args: argparse.Namespace) -> int:
    """Remove what is older than its period."""
    periods = retention.read()
    counts = await retention.run(at.database, periods, at.now(), dry=args.dry_run)
    for period in periods:
        say(f"{period.what}\t{period.days} days\t{counts[period.what]}")
    return 0


def add_backup(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot backup`."""
    parser.add_argument("target", metavar="OUT", type=Path, help="where to write; sealed when there are keys")


def add_restore(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot restore`."""
    parser.add_argument("source", metavar="FILE", type=Path, help="a backup; the database must be empty")


async def back_up(at: Desk, args: argparse.Namespace) -> int:
    """Write a backup while the bot runs; the file is there whole, or not at all."""
    with beside(args.target) as unfinished, unfinished.open("wb") as file:
        counts = await backing_up.back_up(at.database, at.folder, file, at.now(), tell)
    say(f"{args.target}: {sum(counts.values())} rows, {counts[backing_up.PHOTOS]} of them photos")
    return 0


async def restore(at: Desk, args: argparse.Namespace) -> int:
    """Read a backup into an empty database, and verify the audit that came with it."""
    counts = await backing_up.restore(at.database, at.folder, args.source, tell)
    say(f"{args.source}: {sum(counts.values())} rows")
    async with at.database.reading() as conn:
        until = await audit.open_until(conn)
    if until and not at.database.ring.is_empty:
        say(f"audit: `audit verify --plain-until {until}`")
    return await verify(at, argparse.Namespace(noted=None, plain_until=until))


DEEDS: Final[dict[tuple[str, str], Deed]] = {
    ("keys", "rotate"): rotate,
    ("audit", "verify"): verify,
    ("audit", "show"): show,
    ("household", "export"): export,
    ("household", "erase"): erase,
    ("retention", "run"): retain,
    ("backup", ""): back_up,
    ("restore", ""): restore,
}
