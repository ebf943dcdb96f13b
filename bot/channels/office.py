"""Commands for an office at its own machine: invite or suspend somebody, list people and what is due."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime

from bot import content
from bot.channels.arguments import day
from bot.channels.places import region_named
from bot.errors import HubangError, NotFound
from bot.services import auditing, digests, inviting
from bot.services.office import Office
from bot.settings import Settings
from bot.storage import assignments, audit, database, duties, people, staff
from bot.storage.sealing import KeyRing


class NoSuchPost(HubangError):
    """There is no post {post}: use one of {known}."""


class WrongLevel(HubangError):
    """{post} is a post of a {level}, {region} is a {its}."""


def add_invite(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot invite`."""
    what = (
        "a post, department or role, by its id or any of its names (helper, village_secretary, education …)"
    )
    parser.add_argument("post", metavar="POST", help=what)
    parser.add_argument("name", metavar="NAME", help="who is invited")
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--bot", metavar="USERNAME", help="the bot's name on Telegram, for a whole link")


async def invite(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Print a one-time invitation, valid for 72 hours. NoSuchPost, WrongLevel."""
    offices = content.load(content.in_county(settings.county)).offices
    post = offices.meant(args.post)
    if post is None:
        raise NoSuchPost(post=args.post, known=", ".join(offices.posts))
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        async with opened.transaction() as conn:
            region = await region_named(conn, args.region)
            if region.level != post.level:
                raise WrongLevel(post=post.name, level=post.level, region=region.name, its=region.level)
            token = await inviting.issue(
                conn,
                role=post.role,
                post=post.id,
                region_id=region.id,
                name=args.name,
                by=None,
                now=now(),
            )
    finally:
        await opened.dispose()
    print(f"https://t.me/{args.bot}?start={token}" if args.bot else f"/start {token}")
    return 0


def add_people(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot people`."""
    parser.add_argument("deed", metavar="list", choices=("list",), help="list: who holds which post")
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--post", metavar="POST", help="only the holders of this post, department or role")


async def list_people(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """List who holds which post since when, with how many households in their care. NoSuchPost."""
    office = Office(content.load(content.in_county(settings.county)), settings.timezone)
    offices = office.content.offices
    post = None if args.post is None else offices.meant(args.post)
    if args.post is not None and post is None:
        raise NoSuchPost(post=args.post, known=", ".join(offices.posts))
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        async with opened.reading() as conn:
            region = await region_named(conn, args.region)
            every = await staff.within_region(conn, region.id, now())
            shown = [each for each in every if post is None or each.post == post.id]
            care = {each.person_id: await assignments.households_of(conn, each.person_id) for each in shown}
    finally:
        await opened.dispose()
    for each in shown:
        title, since = offices.title(each.post, each.role), office.today(each.since)
        homes = len(care[each.person_id])
        print(f"{each.person_id}\t{each.name}\t{title}\t{each.region}\t{since}\t{homes}\t{each.status}")
    print(f"{len(shown)} posts in {region.name}", file=sys.stderr)
    return 0


def add_suspend(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot suspend`."""
    parser.add_argument("person", metavar="ID", type=int, help="number of the person, as `people list` says")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why; it is put on record")
    parser.add_argument("--back", action="store_true", help="let the person back instead")


async def suspend(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Suspend somebody, or let them back; their households stay theirs. NotFound for an unknown number."""
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        async with opened.transaction() as conn:
            person = await people.get(conn, args.person)
            if person is None:
                raise NotFound(what="person", name=str(args.person))
            await people.set_status(conn, person.id, "active" if args.back else "suspended")
            care = await assignments.households_of(conn, person.id)
            deed = "let_back" if args.back else "suspended"
            what = {"reason": args.reason}
            entry = audit.Entry(
                at=now(), person_id=None, deed=deed, subject="person", subject_id=person.id, what=what
            )
            await audit.append(conn, [entry])
    finally:
        await opened.dispose()
    print(f"{person.name} is {'back' if args.back else 'suspended'}; {len(care)} households in their care")
    return 0


def add_due(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot due`."""
    parser.add_argument(
        "region", metavar="REGION", help="name of the village, town or county; a/b when unclear"
    )
    parser.add_argument("--until", metavar="DATE", type=day, help="due by that day (all)")


async def due(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """List what is still due in a region, by day."""
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    loaded = content.load(content.in_county(settings.county))
    office = Office(loaded, settings.timezone, loaded.households_by)
    try:
        async with opened.reading() as conn:
            region = await region_named(conn, args.region)
            waiting = await duties.open_of_region(conn, region.id)
            shown = [duty for duty in waiting if args.until is None or duty.due <= args.until]
            called = await digests.called(conn, office, shown, {})
        async with opened.transaction() as conn:
            await auditing.by_command(conn, "seen", "region", region.id, now(), shown="due", count=len(shown))
    finally:
        await opened.dispose()
    for duty in shown:
        print(f"{duty.due}\t{called.subject[duty.id]}\t{duty.text['text']}\t{duty.state}")
    print(f"{len(shown)} due in {region.name}", file=sys.stderr)
    return 0
