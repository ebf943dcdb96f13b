"""A rehearsal in the terminal: one reply a line in, the conversation out. Nothing is stored.

It runs the very engine and the very sentences of the chat, so an author can try a questionnaire and a
program can check one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from bot import content as contents
from bot import settings
from bot.channels.arguments import day
from bot.channels.console_events import Event, Events
from bot.content import Content
from bot.dialogs import engine
from bot.dialogs.commands import Command, steering
from bot.dialogs.context import Context, Known
from bot.dialogs.effects import Finished
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.dialogs.paper_answers import respond
from bot.dialogs.reply import Resume, Said
from bot.expressions import Value
from bot.problems import near_miss
from bot.services.presenting import Presenter

FINISHED: Final = 0
LEFT_OPEN: Final = 1
UNUSABLE: Final = 2
INTERVIEW: Final = 1
"""A rehearsal is no stored interview; its buttons still need a number."""


@dataclass(frozen=True, slots=True)
class Household:
    """What the household's file would hold: known answers by fact, and rosters such as `member`."""

    known: Mapping[str, Known] = field(default_factory=dict)
    file: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], on: str) -> Household:
        """From `{"known": {fact: value or {"value", "on", "source"}}, "facts": {roster: [rows]}}`."""
        known = {
            name: Known(value["value"], value.get("on", on), value.get("source", ""))
            if isinstance(value, Mapping)
            else Known(value, on)
            for name, value in data.get("known", {}).items()
        }
        return cls(known, data.get("facts", {}))


def rehearse(
    content: Content,
    form_id: str,
    lines: Iterable[str],
    out: TextIO,
    *,
    as_json: bool,
    today: date,
    now: datetime,
    household: Household | None = None,
) -> int:
    """Hold one interview; 0 when the form was handed in, 1 when the replies ended before.

    `now` is the county's date and time. Each turn is written at once. KeyError when there is no such form.
    """
    form = content.form(form_id)
    given = household or Household()
    context = Context(
        today.isoformat(),
        now.strftime("%Y-%m-%dT%H:%M"),
        content.form_parameters(today),
        given.file,
        given.known,
    )
    rehearsal = _Rehearsal(content, form, context, out, as_json=as_json)
    rehearsal.begin()
    for line in lines:
        if rehearsal.reply(line.rstrip("\r\n")):
            return FINISHED
    print(f"The replies ended before {form_id} was handed in.", file=sys.stderr)
    return LEFT_OPEN


class _Rehearsal:
    """One interview and where it is printed."""

    def __init__(self, content: Content, form: Form, context: Context, out: TextIO, *, as_json: bool) -> None:
        self.content = content
        self.form = form
        self.context = context
        self.out = out
        self.as_json = as_json
        self.presenter = Presenter(content.messages, form, INTERVIEW, content.ledger.names)
        self.events = Events(self.presenter, context)

    def begin(self) -> None:
        turn = engine.begin(self.form, self.context)
        self.session = turn.session
        self.show(turn)

    def reply(self, line: str) -> bool:
        """Apply one line; True once the form is handed in."""
        command = self.content.commands.read(line)
        reply = Said(line) if command is None else steering(command, self.content.vocabulary)
        if reply is None:
            assert command is not None
            self.aside(command, line)
            reply = Resume()
        turn = respond(self.form, self.session, reply, self.context, self.content.vocabulary)
        self.session = turn.session
        self.show(turn)
        return isinstance(turn.effects[-1], Finished)

    def aside(self, command: Command, line: str) -> None:
        """A command that is not about the interview: help is given, the rest belongs to the chat."""
        say = self.content.messages.say
        text = say("interview.help") if command.id == "help" else say("rehearse.elsewhere", word=line.strip())
        if self.as_json:
            self.write(
                json.dumps({"event": "aside", "command": command.id, "text": text}, ensure_ascii=False)
            )
        else:
            self.write(text)

    def show(self, turn: Turn) -> None:
        if self.as_json:
            for event in self.events.of(turn):
                self.event(event)
            return
        message = self.presenter.message(turn)
        rows = [
            self.content.messages.say("rehearse.buttons", labels=[button.label for button in row])
            for row in message.buttons
        ]
        parts = [message.text, "\n".join(rows)]
        if isinstance(turn.effects[-1], Finished):
            parts.append(self.content.messages.say("rehearse.finished", form=self.form.name))
        self.write("\n".join(part for part in parts if part) + "\n")

    def event(self, event: Event) -> None:
        self.write(json.dumps(event, ensure_ascii=False))

    def write(self, text: str) -> None:
        print(text, file=self.out, flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot rehearse`."""
    parser.add_argument("form", metavar="FORM", help="id of the questionnaire, such as jd")
    parser.add_argument("--json", action="store_true", help="write one JSON object a line for programs")
    parser.add_argument("--on", metavar="DATE", type=day, help="the day of survey (today)")
    parser.add_argument(
        "--household",
        metavar="FILE",
        type=Path,
        help='what the household holds, as JSON: {"known": {fact: value}, "facts": {"member": [...]}}',
    )


def run(args: argparse.Namespace) -> int:
    """Rehearse over standard input and output; 2 when the form or the household's file cannot be used."""
    content = contents.load()
    known = sorted({id for id, _ in content.forms})
    if args.form not in known:
        print(f"There is no questionnaire {args.form}: {near_miss(args.form, known)}", file=sys.stderr)
        return UNUSABLE
    now = datetime.now(settings.load().timezone)
    today: date = args.on or now.date()
    if args.on is not None:
        now = datetime.combine(today, now.time())
    try:
        text = "{}" if args.household is None else args.household.read_text(encoding="utf-8")
        household = Household.from_json(json.loads(text), today.isoformat())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        print(f"{args.household} cannot be read: {error}", file=sys.stderr)
        return UNUSABLE
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        return rehearse(
            content,
            args.form,
            sys.stdin,
            sys.stdout,
            as_json=args.json,
            today=today,
            now=now,
            household=household,
        )
    except BrokenPipeError:
        # Whoever reads along has seen enough; what is still buffered would only be refused again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return LEFT_OPEN
