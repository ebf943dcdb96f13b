"""`python -m bot classify`: households of a file or of the database by the rules of a scheme."""

from __future__ import annotations

import argparse
import asyncio
import csv
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import content
from bot.channels.arguments import day
from bot.channels.places import region_named
from bot.content import Content
from bot.errors import HubangError, NotFound
from bot.problems import near_miss
from bot.rules.pack import Pack
from bot.services.office import Office
from bot.services.outgoing import PATIENCE
from bot.services.tables import SMALL, FileUnwritable, check_ending
from bot.settings import Settings
from bot.storage import database
from bot.storage.sealing import KeyRing

if TYPE_CHECKING:
    from bot.services.batch_summary import Summary, Words

PACE: Final = 0.2
"""Seconds between two looks at it."""


class ArgumentsMissing(HubangError):
    """classify needs IN and OUT, or --database --region REGION OUT, or --columns."""


def add_classify(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot classify`."""
    kinds = ".csv, .xlsx or .parquet"
    parser.add_argument("scheme", metavar="SCHEME", help="id of the scheme, such as hr")
    parser.add_argument("source", metavar="IN", type=Path, nargs="?", help=f"households, {kinds}")
    parser.add_argument("target", metavar="OUT", type=Path, nargs="?", help=f"where to write, {kinds}")
    parser.add_argument("--database", action="store_true", help="read the database instead of IN")
    parser.add_argument("--region", metavar="REGION", help="with --database: village, town or county; a/b")
    parser.add_argument("--on", metavar="DATE", type=day, help="by the rules of that day (today)")
    parser.add_argument("--by", metavar="COLUMN", help="count by that column (the village)")
    parser.add_argument("--summary", metavar="FILE", type=Path, help="write the counts, .csv or .xlsx")
    parser.add_argument("--explain", action="store_true", help="write every reason as a sentence")
    parser.add_argument("--columns", action="store_true", help="list the facts that the scheme reads, as CSV")


def classify(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Classify households; nothing is written when a cell cannot be read."""
    from bot.services import exchange  # only now: what reads large files takes a while to load

    loaded = content.load(content.in_county(settings.county))
    pack = _pack(loaded, args.scheme)
    if args.columns:
        writer = csv.writer(sys.stdout)
        writer.writerow(["fact", "kind", "options", "unit", "question"])
        for column in exchange.columns_of(pack):
            question = _question(loaded, pack, column.fact)
            writer.writerow([column.fact, column.kind, column.options, column.unit, question])
        return 0
    if args.summary is not None:
        check_ending(args.summary, SMALL)
        if args.summary.resolve() in {each.resolve() for each in (args.source, args.target) if each}:
            raise FileUnwritable(file=args.summary.name, why="it is IN or OUT; give the summary another name")
    on = args.on or now().astimezone(settings.timezone).date()
    progress = Progress()
    # Whoever ends the process politely gets the same as with Ctrl-C: nothing half written is left beside OUT.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if args.database:
            found = asyncio.run(_of_database(args, settings, loaded, pack, on, progress, now))
        else:
            found = _of_file(args, loaded, pack, on, progress)
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.end()
    for doubt in found.doubts:
        print(f"note: {doubt}", file=sys.stderr)
    words = _words(loaded)
    for line in found.lines(words):
        print(line)
    if args.summary is not None:
        found.write(args.summary, words)
    return 0


def _question(loaded: Content, pack: Pack, fact: str) -> str:
    """What questionnaires call a fact, those of the scheme before others; nothing for one that none asks."""
    forms, items = pack.scheme.forms, (each.partition(".") for each in pack.registry[fact].items)
    ranked = [(forms.index(form) if form in forms else len(forms), form, item) for form, _, item in items]
    return next((loaded.form(form).by_id[item].label for _, form, item in sorted(ranked)), "")


def _words(loaded: Content) -> Words:
    from bot.services.batch_summary import Words

    return Words(*(loaded.messages.say("tables.heading", word=each.name) for each in fields(Words)))


def _of_file(args: argparse.Namespace, loaded: Content, pack: Pack, on: date, progress: Progress) -> Summary:
    if args.source is None or args.target is None or args.region is not None:
        raise ArgumentsMissing
    from bot.services import exchange

    return exchange.classify_file(
        pack,
        args.source,
        args.target,
        on,
        by=args.by,
        places=loaded.messages.say("tables.places").split(),
        explained=args.explain,
        progress=progress,
    )


async def _of_database(
    args: argparse.Namespace,
    settings: Settings,
    loaded: Content,
    pack: Pack,
    on: date,
    progress: Progress,
    now: Callable[[], datetime],
) -> Summary:
    # The one path given is where to write.
    if args.source is None or args.target is not None or args.region is None:
        raise ArgumentsMissing
    from bot.services import auditing, batch_households

    office = Office(loaded, settings.timezone, loaded.households_by)
    opened = await database.open(settings.database_url, KeyRing(settings.hubang_keys))
    try:
        async with opened.reporting() as conn:
            region = await region_named(conn, args.region)
            found = await batch_households.classify_households(
                conn,
                office,
                pack,
                region,
                args.source,
                on,
                by=args.by,
                explained=args.explain,
                progress=progress,
            )
        async with opened.transaction() as conn:
            await auditing.by_command(conn, "seen", "region", region.id, now(), classified=args.scheme)
        return found
    finally:
        await opened.dispose()


def _pack(loaded: Content, scheme: str) -> Pack:
    if scheme not in loaded.packs:
        hint = near_miss(scheme, loaded.packs)
        raise NotFound(what="scheme", name=f"{scheme} ({hint})" if hint else scheme)
    return loaded.packs[scheme]


@dataclass(slots=True)
class Progress:
    """How far a long piece of work is, on a terminal only; `things` are what is counted."""

    things: str = "rows"
    clock: Callable[[], float] = time.monotonic
    terminal: bool = field(default_factory=lambda: sys.stderr.isatty())
    began: float = field(init=False)
    shown: float | None = None

    def __post_init__(self) -> None:
        """Begin to count the time."""
        self.began = self.clock()

    def __call__(self, done: int, total: int | None) -> None:
        """Show how many are done, how many there are where that is known, and how many a second."""
        at = self.clock()
        if not self.terminal or at - self.began < PATIENCE:
            return
        if self.shown is not None and at - self.shown < PACE and done != total:
            return
        self.shown = at
        of = "" if total is None else f" of {total}"
        pace = round(done / (at - self.began))
        print(f"\r{done}{of} {self.things}, {pace} a second ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line, if there is one."""
        if self.shown is not None:
            print(file=sys.stderr, flush=True)
