"""The door: who may speak, and which service a text or a tap belongs to."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.commands import Command, steering
from bot.dialogs.reply import Said
from bot.services import (
    alerts_at_hand,
    clues,
    evidence,
    handing_over,
    home,
    inviting,
    ledger,
    ordering,
    planning,
    proceeding,
    putting_off,
    regional,
    roster_intake,
    signing,
    staffing,
    taking_over,
    touring,
    uncovered,
    waiting,
    welcome,
)
from bot.services.incoming import Attachment
from bot.services.interviewing import Interviewing
from bot.services.office import Office, Task
from bot.services.outgoing import Message

STEERING: Final = frozenset({"back", "edit", "submit", "sections", "append"})
OF_THE_OPEN: Final = STEERING | {"pause", "resume"}
"""Commands about the questionnaire that is open in the chat."""
ID: Final = "[0-9]{1,18}"
BUTTONS: Final = re.compile(
    rf"i:{ID}:[0-9]{{1,9}}:[^:]+:[-+pdku][0-9]{{0,9}}|[bs]:{ID}(:[0-9]{{1,9}})?|e:{ID}(:[0-9]{{1,9}})?:[^:]+"
    rf"|n:r?{ID}:[a-z0-9_]+|[rht]:{ID}|h:{ID}:more|g:{ID}(:[0-9]{{1,9}})?|p:{ID}(:why)?|f:{ID}(:[a-z0-9]{{1,12}})?|a:{ID}:(seen|show|to(:{ID})?)|l:[^\0]*/[0-9]{{1,9}}|m:[a-z]+"
    rf"|o:{ID}:[a-zA-Z0-9-]{{1,12}}(:[a-z]{{1,6}})?"
    rf"|[wvkyjuz]:[a-z0-9_:.-]{{0,60}}|staff:[a-z0-9_:.-]{{0,56}}|left:[vph][0-9]{{1,18}}"
    rf"|d:[0-9]{{1,9}}|q:[pe]?{ID}|c:{ID}:[0-9]{{1,9}}:[A-Za-z0-9_.-]*|x:{ID}:[0-9]{{1,9}}",
)
"""Every button that we make. Data comes from outside: what looks otherwise is never acted on."""

LISTS: Final[Mapping[str, Callable[[AsyncConnection, Task], Awaitable[None]]]] = {
    "due": home.due,
    "alerts": alerts_at_hand.listed,
    "problems": ledger.listed,
}
"""The words behind which there is a list of the person's own."""
WITH_WORDS: Final[Mapping[str, Callable[[AsyncConnection, Task, str], Awaitable[None]]]] = {
    "home": welcome.start,
    "find": home.search,
    "invite": inviting.invite,
    "targets": ordering.targets,
    "cases": proceeding.asked,
    "signatures": signing.asked,
    "clues": clues.asked,
    "handover": handing_over.asked,
    "people": staffing.asked,
    "roster": roster_intake.asked,
    "tour": touring.asked,
    "unasked": uncovered.asked,
    "unplanned": uncovered.asked_plans,
    **{id: partial(ordering.asked, command=id) for id in ("reports", "ledgers", "monthly", "analyses")},
}
"""The commands that take whatever is typed behind them."""

MENU: Final[Mapping[str, Callable[[AsyncConnection, Task], Awaitable[None]]]] = {
    "home": welcome.show,
    "reports": partial(ordering.asked, words=""),
}
"""Buttons of the home screen that lead to a room as a whole."""
ROOMS: Final[Mapping[str, Callable[[AsyncConnection, Task, str], Awaitable[None]]]] = {
    "w": proceeding.tapped,
    "v": signing.tapped,
    "k": clues.tapped,
    "y": handing_over.tapped,
    "staff": staffing.tapped,
    "u": roster_intake.tapped,
    "z": touring.tapped,
    "j": putting_off.tapped,
    "left": uncovered.tapped,
}
"""Buttons that a room of their own answers, by what stands before the colon."""
ASKING: Final[Mapping[str, Callable[[AsyncConnection, Task, str, str], Awaitable[None]]]] = {
    "w": proceeding.said,
    "v": signing.said,
    "k": clues.said,
    "y": handing_over.said,
    "staff": staffing.said,
    "u": roster_intake.said,
    "z": touring.said,
    "j": putting_off.said,
}
"""Rooms that ask for words of one's own, by the same names: see `waiting`."""
TAKING: Final[Mapping[str, Callable[[AsyncConnection, Task, str, Attachment], Awaitable[None]]]] = {
    "v": signing.attached,
}
"""Rooms that take a photo when they have asked for one."""


class Desk:
    """Sends every update to the deed it asks for, inside the worker's transaction."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.interviewing = Interviewing(office)

    async def handle(self, conn: AsyncConnection, task: Task) -> None:
        """Do what the update asks for; the task collects the answer."""
        if not task.incoming.private:
            self.group(task)
        elif task.person is None:
            await inviting.stranger(conn, task)
        else:
            await self.known(conn, task)
            await touring.noticed(conn, task)

    async def known(self, conn: AsyncConnection, task: Task) -> None:
        """What somebody whom we know has tapped, sent or said."""
        incoming = task.incoming
        if incoming.data is not None:
            await self.tapped(conn, task, incoming.data)
        elif incoming.attached is not None and incoming.attached.kind == "document":
            await roster_intake.received(conn, task, incoming.attached)
        elif incoming.attached is not None:
            await self.attached(conn, task, incoming.attached)
        elif incoming.text is not None:
            await self.said(conn, task, incoming.text)

    def group(self, task: Task) -> None:
        """In a group only the way to the private chat is said, and only when somebody calls the bot."""
        if (task.incoming.text or "").startswith("/"):
            task.reply_group(task.say("home.group"))

    async def attached(self, conn: AsyncConnection, task: Task, given: Attachment) -> None:
        """Something sent along: for the room that waits for it, else for the open questionnaire."""
        room, _, rest = waiting.asked(task).partition(":")
        if room in TAKING:
            waiting.take(task)
            await TAKING[room](conn, task, rest, given)
        else:
            await evidence.attached(conn, task, given, self.interviewing.reply)

    async def said(self, conn: AsyncConnection, task: Task, text: str) -> None:
        """A typed message: a command, an answer to the open question, or a name to look for."""
        # Signs that no database and no paper takes are not worth refusing a message for.
        text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
        command = self.office.content.commands.read(text)
        asked = waiting.take(task)
        if command is None and asked is not None:
            room, _, rest = asked.partition(":")
            await ASKING[room](conn, task, rest, text)
            return
        about_open = command is None or command.id in OF_THE_OPEN
        if about_open and await taking_over.noticed(conn, task, task.chat.open_interview_id):
            return
        if command is not None:
            await self.command(conn, task, command)
        elif task.interview is not None:
            await self.interviewing.reply(conn, task, Said(text))
        else:
            await home.search(conn, task, text)

    async def command(self, conn: AsyncConnection, task: Task, command: Command) -> None:
        """A command word; those that steer a questionnaire need one to be open."""
        argument = command.argument
        if command.id in STEERING:
            await self.steer(conn, task, command)
            return
        match command.id:
            case "pause":
                await self.interviewing.pause(conn, task)
            case "resume":
                await self.interviewing.resume(conn, task)
            case "help":
                task.reply(Message(task.say("interview.help")))
            case "due" | "alerts" | "problems":
                await LISTS[command.id](conn, task)
            case "summary":
                await planning.by_name(conn, task, argument, "p")
            case "full":
                await planning.by_name(conn, task, argument, "f")
            case _:
                await WITH_WORDS[command.id](conn, task, argument)

    async def steer(self, conn: AsyncConnection, task: Task, command: Command) -> None:
        """Back, edit and submit, in the open questionnaire."""
        if task.interview is None:
            task.reply(Message(task.say("interview.nothing_open")))
            return
        reply = steering(command, self.office.content.vocabulary)
        assert reply is not None
        await self.interviewing.reply(conn, task, reply)

    async def tapped(self, conn: AsyncConnection, task: Task, data: str) -> None:
        """A button: its data says what to do; what cannot be read is a button of another time."""
        if not BUTTONS.fullmatch(data):
            task.reply(Message(task.say("home.old_button")))
            return
        kind, _, rest = data.partition(":")
        waiting.take(task)
        if kind in ROOMS:
            await ROOMS[kind](conn, task, rest)
            return
        if kind == "m" and rest in MENU:
            await MENU[rest](conn, task)
            return
        await self.elsewhere(conn, task, kind, rest)

    async def elsewhere(self, conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
        """Buttons of questionnaires, plans, lists and the ledger."""
        match kind:
            case "i" | "b" | "e" | "s" | "c" | "x":
                await self.interviewing.tapped(conn, task, kind, rest)
            case "n" | "r" | "t":
                await self.interviewing.opened(conn, task, kind, rest)
            case "q" if rest.startswith("e"):
                await self.interviewing.opened(conn, task, kind, rest)
            case "p" | "f":
                await planning.tapped(conn, task, kind, rest)
            case "a":
                await alerts_at_hand.tapped(conn, task, rest)
            case "g":
                await regional.tapped(conn, task, rest)
            case "q":
                await ledger.tapped(conn, task, rest)
            case "o":
                await ordering.tapped(conn, task, rest)
            case "m" if rest == "resume":
                await self.interviewing.resume(conn, task)
            case _:
                await home.tapped(conn, task, kind, rest)
