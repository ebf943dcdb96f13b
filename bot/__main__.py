"""`python -m bot COMMAND`: run, practice, check, rehearse, export-form, classify, report, plan,
invite, due."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot import content, settings
from bot.channels import classifying, console, forms_office, office, report_office
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
    "invite": ("make a one-time invitation for somebody", office.add_invite),
    "due": ("list what is due in a region", office.add_due),
}


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
            return check(settings.load().county)
        case "rehearse":
            return console.run(args)
        case "export-form":
            return forms_office.export(args, settings.load(), utc_now)
        case "classify":
            return classifying.classify(args, settings.load(), utc_now)
        case "report":
            return report_office.report(args, settings.load(), utc_now)
        case "plan":
            return report_office.plan(args, settings.load(), utc_now)
        case "invite":
            return asyncio.run(office.invite(args, settings.load(), utc_now))
        case "due":
            return asyncio.run(office.due(args, settings.load(), utc_now))
    return 2


def check(county: str) -> int:
    """Print every problem of the content, in this county and those beside it; 1 when there is any."""
    problems = content.check(content.in_county(county))
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s)" if problems else "content is in order", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
