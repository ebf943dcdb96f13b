"""`python -m bot COMMAND`: run, practice, check, rehearse, export-form, classify, report, plan,
invite, due, roster, keys, audit, household, retention, backup, restore."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from bot import content, settings
from bot.channels import (
    classifying,
    clue_office,
    console,
    forms_office,
    office,
    privacy_office,
    report_office,
    roster_office,
)
from bot.channels.arguments import AnyOrder
from bot.errors import HubangError


def utc_now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)


OTHERS: Final = {
    "rehearse": ("try a questionnaire: one reply a line in, the conversation out", console.add_arguments),
    "export-form": ("write a questionnaire to a file: an XLSForm or a blank paper", forms_office.add_export),
    "classify": (
        "classify households of a file or of the database by a scheme's rules",
        classifying.add_classify,
    ),
    "report": ("write a table or list of an office for a region", report_office.add_report),
    "plan": ("write the plan paper of a household, or of all of a village", report_office.add_plan),
    "keys": ("new: make a key; rotate: seal everything with the first key", privacy_office.add_keys),
    "audit": ("verify or show who saw or changed what", privacy_office.add_audit),
    "household": ("give out or erase everything about one household", privacy_office.add_household),
    "retention": ("remove what was kept long enough", privacy_office.add_retention),
    "backup": ("write everything into one sealed file", privacy_office.add_backup),
    "restore": ("read a backup into an empty database", privacy_office.add_restore),
    "invite": ("make a one-time invitation for somebody", office.add_invite),
    "people": ("list who holds which post in a region", office.add_people),
    "suspend": ("suspend somebody, or let them back", office.add_suspend),
    "due": ("list what is due in a region", office.add_due),
    "roster": (
        "take in or give out regions, people and households, or write the template",
        roster_office.add_roster,
    ),
    "clues": ("take in a list of clues from a department or a supervision visit", clue_office.add_clues),
}


OF_OFFICES: Final = {
    "export-form": forms_office.export,
    "classify": classifying.classify,
    "report": report_office.report,
    "plan": report_office.plan,
    "roster": roster_office.roster,
    "clues": clue_office.clues,
}
"""Commands that take the settings and the clock."""


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(
        prog="python -m bot", description="hubang, a chat assistant for field cadres"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=AnyOrder)
    run = commands.add_parser("run", help="start the chat page, and Telegram when TELEGRAM_TOKEN is set")
    practice = commands.add_parser("practice", help="start the chat page with the sample village only")
    for command in (run, practice):
        command.add_argument("--port", type=int, help="port of the chat page (WEB_PORT), 0: no page")
    commands.add_parser("check", help="check all content; every problem with file, id and a hint")
    for name, (what, add) in OTHERS.items():
        add(commands.add_parser(name, help=what, description=what))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    args = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # These write addresses with tokens, or a line for every request.
    for noisy in ("httpx", "httpcore", "aiohttp.access", "alembic", "telegram"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        return dispatch(args)
    except HubangError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def dispatch(args: argparse.Namespace) -> int:
    """Carry the command out."""
    match args.command:
        case "run" | "practice":
            loaded = settings.load()
            if args.port is not None:
                loaded = replace(loaded, web_port=args.port)
            from bot import app  # only now: Telegram's library takes a second to load

            asyncio.run(app.run(loaded, practice=args.command == "practice"))
            return 0
        case "check":
            chosen = settings.load()
            return check(chosen.county, utc_now().astimezone(chosen.timezone).date())
        case "rehearse":
            return console.run(args)
        case name if name in OF_OFFICES:
            return OF_OFFICES[name](args, settings.load(), utc_now)
        case "keys" | "audit" | "household" | "retention" | "backup" | "restore":
            return privacy_office.run(args, settings.load, utc_now)
        case "invite":
            return asyncio.run(office.invite(args, settings.load(), utc_now))
        case "people":
            return asyncio.run(office.list_people(args, settings.load(), utc_now))
        case "suspend":
            return asyncio.run(office.suspend(args, settings.load(), utc_now))
        case "due":
            return asyncio.run(office.due(args, settings.load(), utc_now))
    return 2


def check(county: str, today: date) -> int:
    """Print every problem of the content, in this county and those beside it; 1 when there is any.

    What only will be lacking soon is a warning, on stderr.
    """
    places = content.in_county(county)
    problems = content.check(places) or roster_office.check_layout(places)
    for warning in content.warnings(content.county_of(places), today):
        print(f"warning: {warning}", file=sys.stderr)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s)" if problems else "content is in order", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
