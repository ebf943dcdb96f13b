"""The command `clues`: take in a list of clues that a department or a supervision visit handed over."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import content
from bot.channels.arguments import day
from bot.channels.places import region_named
from bot.errors import HubangError, NotFound
from bot.rules.procedures import CLUES
from bot.services import clue_cases, clue_list
from bot.services.clue_cases import Way
from bot.services.clue_list import Outcome
from bot.services.incoming import Incoming
from bot.services.office import Office, Task
from bot.services.tables import FileUnreadable
from bot.settings import Settings
from bot.storage import audit, database, outbox, people, regions
from bot.storage.chats import Chat
from bot.storage.regions import Region
from bot.storage.sealing import KeyRing

CHANNEL: Final = "list"
"""Where what is done with a list is said to come from; nobody is answered there."""


class NotTaken(HubangError):
    """No procedure of this county takes clues of the kind {source}: {why}."""


class SeveralProcedures(HubangError):
    """Several procedures take clues of the kind {source}: say which one with --procedure ({known})."""


class NotTheirPost(HubangError):
    """{name} may not put such clues on record in {region}: it takes one of {posts}."""


class NotYet(HubangError):
    """A list cannot have come in on {day}: that day lies ahead."""


def add_clues(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot clues`."""
    parser.add_argument("deed", metavar="import", choices=("import",), help="import: take in a list")
    parser.add_argument("file", metavar="FILE", type=Path, help="the list, .xlsx or .csv")
    parser.add_argument("--source", choices=CLUES, required=True, help="where the clues come from")
    parser.add_argument("--by", metavar="ID", type=int, required=True, help="who answers, by `people list`")
    parser.add_argument("--office", metavar="OFFICE", help="the department that handed the list over")
    parser.add_argument("--received", metavar="DATE", type=day, help="the day on which it came in (today)")
    parser.add_argument("--region", metavar="REGION", help="where its households are (the whole county)")
    parser.add_argument("--procedure", metavar="ID", help="which procedure, when several take such clues")
    parser.add_argument("--dry-run", action="store_true", help="only say what would become of it")


def clues(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Take in a list; 1 when some rows could not be taken. NotTaken, NotTheirPost, ListUnreadable."""
    try:
        rows = clue_list.read_list(args.file.read_bytes(), args.file.suffix.lower())
    except OSError as error:
        raise FileUnreadable(file=args.file.name, why=error.strerror or "") from error
    outcome = asyncio.run(_import(args, settings, now(), rows))
    _say(outcome, dry=args.dry_run)
    return 1 if outcome.empty else 0


async def _import(
    args: argparse.Namespace, settings: Settings, at: datetime, rows: Sequence[clue_list.Row]
) -> Outcome:
    loaded = content.load(content.in_county(settings.county))
    office = Office(loaded, settings.timezone, loaded.households_by)
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        async with opened.transaction() as conn:
            task = await _task(conn, office, args.by, at)
            way = _way(task, args.source, args.procedure)
            top = await _top(conn, args.region)
            await _entitled(conn, task, way, top)
            sender = _office(office, args.office)
            received: date = args.received or task.today
            if received > task.today:
                raise NotYet(day=received.isoformat())
            outcome = await clue_list.take_in(conn, task, way, top, sender, received, rows)
            await outbox.enqueue(conn, task.out, at)
            await audit.append(conn, task.noted)
            if args.dry_run:
                await conn.rollback()
    finally:
        await opened.dispose()
    return outcome


async def _task(conn: AsyncConnection, office: Office, by: int, at: datetime) -> Task:
    """The deed of that person, as if they had done it in a chat."""
    person = await people.get(conn, by)
    if person is None or person.status != "active":
        raise NotFound(what="active person", name=str(by))
    incoming = Incoming(CHANNEL, "", private=True, name=person.name)
    return Task(office, incoming, 0, at, Chat(CHANNEL, "", person.id), person)


def _way(task: Task, source: str, procedure: str | None) -> Way:
    found = [each for each in clue_cases.ways(task, [source]) if procedure in (None, each.procedure.id)]
    if not found:
        why = clue_cases.refusal(task) if source == clue_cases.APPLICATION else "see its procedures"
        raise NotTaken(source=source, why=why)
    if len(found) > 1:
        raise SeveralProcedures(source=source, known=", ".join(each.procedure.id for each in found))
    return found[0]


async def _top(conn: AsyncConnection, named: str | None) -> Region:
    if named is not None:
        return await region_named(conn, named)
    tops = await regions.children(conn, None)
    if len(tops) != 1:
        raise NotFound(what="single county", name="say --region")
    return tops[0]


async def _entitled(conn: AsyncConnection, task: Task, way: Way, top: Region) -> None:
    """NotTheirPost unless the person holds, over that region, a post that notes such clues."""
    posts = tuple(dict.fromkeys(post for step in way.steps for post in step.by))
    held = await people.over_region(conn, top.id, posts, task.now)
    if not any(each.person_id == task.me.id for each in held):
        raise NotTheirPost(name=task.me.name, region=top.name, posts=", ".join(posts))


def _office(office: Office, named: str | None) -> str:
    if named is None:
        return ""
    post = office.content.offices.called(named)
    if post is None:
        raise NotFound(what="department", name=named)
    return post.id


def _say(outcome: Outcome, *, dry: bool) -> None:
    told = {
        "opened a case": outcome.opened,
        "joined a case": outcome.joined,
        "not matched, to be matched in the chat": outcome.unmatched,
        "on record already": outcome.known,
        "with an identity number that is none, to be looked at": outcome.misread,
        "without a name or words, left out": outcome.empty,
    }
    for what, rows in told.items():
        if rows:
            shown = ", ".join(map(str, rows[:20])) + (" …" if len(rows) > 20 else "")
            print(f"{len(rows)} {what}: rows {shown}")
    print("nothing was written" if dry else "taken in", file=sys.stderr)
