"""The command `roster`: take in a file of regions, people and households, give one out, or the template."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bot import content
from bot.channels.classifying import Progress
from bot.channels.places import region_named
from bot.errors import HubangError
from bot.loading import Places
from bot.problems import Problem
from bot.services import auditing
from bot.services.office import Office
from bot.services.tables import SMALL, FileUnreadable, beside, check_ending, write_table
from bot.settings import Settings
from bot.storage import database
from bot.storage.sealing import KeyRing

if TYPE_CHECKING:
    from bot.services.rosters.layout import RosterLayout
    from bot.services.rosters.records import Roster
    from bot.services.rosters.taking_in import Outcome

Now = Callable[[], datetime]
SHOWN: Final = 200
"""Troubles on the screen; all of them stand in a file beside the roster."""
LARGEST: Final = 200 << 20
"""Bytes of a file that is read."""
WAYS: Final = {"merge": "merge", "both": "both", "leave": "leave", "stop": "ask"}
"""What becomes of probable matches, as it is typed."""


class RosterArgumentsMissing(HubangError):
    """Write: roster import FILE, roster export REGION OUT.xlsx, or roster template OUT.xlsx."""


class RosterTooLarge(HubangError):
    """{file} has {size} MB; a roster may have {limit} MB: send it in several files, one for each town."""


def add_roster(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot roster`."""
    parser.add_argument("deed", metavar="DEED", choices=("import", "export", "template"))
    parser.add_argument("what", metavar="FILE", help="import: the roster, .xlsx or .csv; export: the region")
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help="export: where to write, .xlsx")
    parser.add_argument(
        "--likely",
        choices=tuple(WAYS),
        default="stop",
        help="households probably on record: take each for that one, enter both, leave it out, or stop",
    )
    parser.add_argument(
        "--reassign", action="store_true", help="also change who is responsible, without a hand-over"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.add_argument("--file", metavar="OUT", type=Path, help="where the invitations go, .xlsx or .csv")
    parser.add_argument("--with-numbers", action="store_true", help="export: numbers whole, not masked")


def check_layout(places: Places) -> list[Problem]:
    """What is wrong with the workbook of rosters, beside sound content of these places."""
    from bot.services.rosters.layout import layout_problems

    return layout_problems(content.load(places))


def roster(args: argparse.Namespace, settings: Settings, now: Now) -> int:
    """Import, export, or write the template; 1 when a roster was not taken in."""
    if (args.deed == "export") != (args.target is not None):
        raise RosterArgumentsMissing
    progress = Progress()
    at = _at(settings, now, progress)
    try:
        match args.deed:
            case "template":
                return _template(at, Path(args.what))
            case "export":
                return asyncio.run(_export(at, args))
            case _:
                return _import(at, args)
    finally:
        progress.end()


@dataclass(frozen=True, slots=True)
class _At:
    """What every deed works with."""

    settings: Settings
    office: Office
    now: Now
    progress: Progress


def _at(settings: Settings, now: Now, progress: Progress) -> _At:
    loaded = content.load(content.in_county(settings.county))
    return _At(settings, Office(loaded, settings.timezone, loaded.households_by), now, progress)


def _template(at: _At, target: Path) -> int:
    from bot.services.rosters.layout import read_layout  # only now: what reads workbooks takes time to load
    from bot.services.rosters.workbook import write_template

    check_ending(target, (".xlsx",))
    loaded = at.office.content
    with beside(target) as part:
        write_template(read_layout(loaded), loaded.offices, part)
    print(target)
    return 0


async def _export(at: _At, args: argparse.Namespace) -> int:
    from bot.services.rosters.exporting import export
    from bot.services.rosters.layout import read_layout

    check_ending(args.target, (".xlsx",))
    opened = await database.open(at.settings.database_url, KeyRing(at.settings.hubang_keys))
    try:
        async with opened.reporting() as conn:
            region = await region_named(conn, args.what)
            with beside(args.target) as part:
                count = await export(
                    conn,
                    at.office,
                    read_layout(at.office.content),
                    region,
                    part,
                    at.now(),
                    with_numbers=args.with_numbers,
                    progress=at.progress,
                )
        async with opened.transaction() as conn:
            shown = {"what": "roster", "numbers": args.with_numbers}
            await auditing.by_command(conn, "exported", "region", region.id, at.now(), **shown)
    finally:
        await opened.dispose()
    print(f"{count}\t{args.target}")
    return 0


def _import(at: _At, args: argparse.Namespace) -> int:
    from bot.services.rosters import telling
    from bot.services.rosters.checking import read_roster
    from bot.services.rosters.layout import read_layout

    source, loaded, say = Path(args.what), at.office.content, at.office.say
    target = args.file or source.with_name(f"{source.stem}.invitations.xlsx")
    check_ending(target, SMALL)
    layout = read_layout(loaded)
    found = read_roster(
        _content(source),
        source.suffix.lower(),
        layout,
        loaded.vocabulary,
        at.office.today(at.now()),
        name=source.name,
        progress=at.progress,
    )
    outcome = asyncio.run(_taken_in(at, args, layout, found, target))
    at.progress.end()
    report = source.with_name(f"{source.stem}.troubles.xlsx")
    if found.troubles:
        lines = telling.trouble_rows(found.troubles.found, say)
        for line in lines[:SHOWN]:
            print("\t".join(line))
        write_table(report, telling.trouble_heading(say), lines)
        more = found.troubles.count - min(SHOWN, len(lines))
        print(say("roster.refused", count=found.troubles.count, more=more, report=str(report)))
        return 1
    report.unlink(missing_ok=True)
    plan = outcome.plan
    if found.is_blank:
        print(say("roster.nothing_new", counts=plan.counts(), blank=True))
        return 0
    print(say("roster.counted", counts=plan.counts(), written=outcome.written))
    if plan.handovers:
        print(_listed(say, "roster.handover_rows", [row for row, _ in plan.handovers]))
    if plan.likely:
        print(_listed(say, "roster.likely_rows", [row for row, _ in plan.likely]))
        print("nothing was taken in: add --likely merge, both or leave", file=sys.stderr)
        return 1
    if outcome.invited:
        print(say("roster.invited", count=len(outcome.invited), file=str(target)))
    return 0


async def _taken_in(
    at: _At, args: argparse.Namespace, layout: RosterLayout, found: Roster, target: Path
) -> Outcome:
    """What came of it; the invitations stand in `target` before anything is committed, or nothing is."""
    from bot.services.rosters import telling
    from bot.services.rosters.plan import Likely, Rights
    from bot.services.rosters.taking_in import Outcome, Wish, look, take_in

    wish = Wish(Rights(), cast(Likely, WAYS[args.likely]), reassign=args.reassign)
    opened = await database.open(at.settings.database_url, KeyRing(at.settings.hubang_keys))
    try:
        if args.dry_run or found.troubles:
            async with opened.reporting() as conn:
                plan, _ = await look(conn, at.office, layout, found, wish, at.now(), at.progress)
            return Outcome(plan)
        async with opened.transaction() as conn:
            outcome = await take_in(conn, at.office, layout, found, wish, at.now(), at.progress)
            if outcome.invited:
                say = at.office.say
                write_table(target, telling.invited_heading(say), telling.invited_rows(outcome.invited))
            return outcome
    finally:
        await opened.dispose()


def _listed(say: Callable[..., str], key: str, rows: list[int]) -> str:
    return say(key, rows=rows[:SHOWN], more=max(0, len(rows) - SHOWN))


def _content(source: Path) -> bytes:
    """The bytes of the file; its size is looked at before."""
    try:
        size = source.stat().st_size
        if size > LARGEST:
            raise RosterTooLarge(file=source.name, size=size >> 20, limit=LARGEST >> 20)
        return source.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=source.name, why=error.strerror or "no access") from error
