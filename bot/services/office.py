"""What every service has at hand: the content, the county's day, and the update it is working on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import Content
from bot.rules.reminders import Reminders
from bot.rules.working_days import WorkCalendar
from bot.services.evidence_files import EvidenceFolder
from bot.services.incoming import Incoming
from bot.services.outgoing import Message
from bot.storage import people
from bot.storage.answer_log import Change
from bot.storage.audit import Entry
from bot.storage.chats import Chat
from bot.storage.interviews import Interview
from bot.storage.outbox import Kind, NewMessage
from bot.storage.people import Person

IDENTITY: Final = re.compile(r"\d{14,}[\dXx]")
"""Identity numbers of fifteen and eighteen digits, and those mistyped."""
SHOWN_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Office:
    """Content, county and folder; `schemes` are those that the county has switched on."""

    content: Content
    zone: ZoneInfo
    schemes: tuple[str, ...] = ("hr",)
    folder: EvidenceFolder | None = None
    """Where photos are kept."""
    page: str = ""
    """The address under which people's phones reach our pages; "" for none."""

    @property
    def calendar(self) -> WorkCalendar:
        """The working days of the county."""
        return self.content.calendar

    @property
    def reminders(self) -> Reminders:
        """When people of the county are reminded, and who is above whom."""
        return self.content.reminders

    def today(self, now: datetime) -> date:
        """The day in the county at that moment."""
        return now.astimezone(self.zone).date()

    def clock(self, now: datetime) -> str:
        """The county's date and time of day, to the minute, as ISO text."""
        return now.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")

    def say(self, key: str, **facts: object) -> str:
        """A message of the templates."""
        return self.content.messages.say(key, **facts)


@dataclass(slots=True)
class Task:
    """One update in the worker's transaction, and everything that it makes necessary.

    Writes that every answer needs are collected and written for the whole group at once.
    """

    office: Office
    incoming: Incoming
    update_id: int
    now: datetime
    chat: Chat
    person: Person | None
    interviews: dict[int, Interview] = field(default_factory=dict)
    """The interviews open in any chat of the group: a person may speak through two chats at once."""
    changed: dict[int, Interview] = field(default_factory=dict)
    """Interviews to be written at the end of the group."""
    passed: set[tuple[int, int]] = field(default_factory=set)
    """(interview, person who held it) of what changed hands in this group, as the log does not say it yet."""
    out: list[NewMessage] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    noted: list[Entry] = field(default_factory=list)
    """What goes on record: see `auditing.note`."""
    chat_before: Chat | None = None
    ordered: bool = False
    """Whether something was ordered that takes a while to make."""

    @property
    def today(self) -> date:
        """The county's day of this update."""
        return self.office.today(self.now)

    @property
    def interview(self) -> Interview | None:
        """The interview that is open in this chat: not one handed in, or lost, in another chat meanwhile."""
        found = self.interviews.get(self.chat.open_interview_id or 0)
        if found is None or self.person is None or found.state != "open":
            return None
        return found if found.person_id == self.person.id else None

    def keep(self, interview: Interview) -> None:
        """Let the group write how this interview now stands."""
        self.interviews[interview.id] = self.changed[interview.id] = interview

    @property
    def me(self) -> Person:
        """Who speaks; only for deeds behind the door of `desk`."""
        assert self.person is not None
        return self.person

    def say(self, key: str, **facts: object) -> str:
        """A message of the templates."""
        return self.office.say(key, **facts)

    def reply(self, message: Message) -> None:
        """Answer in the same chat: a tapped question is replaced in place, anything else is a new message."""
        tapped = self.incoming.message_id if message.slot else None
        self.out.append(
            parcel(message, self.incoming.channel, self.incoming.address, private=True, edit=tapped)
        )

    def send(self, message: Message) -> None:
        """A new message in the same chat, whatever was tapped."""
        self.out.append(parcel(message, self.incoming.channel, self.incoming.address))

    def reply_group(self, text: str) -> None:
        """Answer where others read along: never anything about a household."""
        self.out.append(parcel(Message(text), self.incoming.channel, self.incoming.address, private=False))

    def look_at(self, **changes: Any) -> None:
        """Change what the chat remembers of itself."""
        self.chat = replace(self.chat, **changes)


def parcel(
    message: Message, channel: str, address: str, *, private: bool = True, edit: int | None = None
) -> NewMessage:
    """A message as a row of the outbox; an identity number in it shows its last digits only."""
    payload: dict[str, Any] = {"text": veiled(message.text)}
    if message.buttons:
        payload["buttons"] = [[[veiled(each.label), each.data] for each in row] for row in message.buttons]
    kind: Kind = "send"
    if message.file_id is not None:
        kind, payload["file_id"] = "document", message.file_id
    elif edit is not None:
        kind, payload["message_id"] = "edit", edit
    return NewMessage(
        channel, address, kind, payload, priority=message.priority, private=private, slot=message.slot or None
    )


def veiled(text: str) -> str:
    """`text` without the first digits of identity numbers, whoever brought them into it.

    Values are masked where they are shown; this is for what somebody typed at the wrong place, which a
    refusal repeats.
    """
    return IDENTITY.sub(lambda found: "*" * (len(found[0]) - SHOWN_DIGITS) + found[0][-SHOWN_DIGITS:], text)


async def parcels_for(conn: AsyncConnection, person_ids: Iterable[int], message: Message) -> list[NewMessage]:
    """The message for every account of these people."""
    ids = sorted(set(person_ids))
    if not ids:
        return []
    return [
        parcel(message, account.channel, account.address) for account in await people.accounts_of(conn, ids)
    ]
