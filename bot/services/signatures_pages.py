"""The page on which somebody of a household draws a name: asked for in the chat, used once, within minutes.

What is drawn comes back as an update of the chat from which the page was asked for: it is signed in the same
way, by the same worker, as whatever else is done there.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.signed_paper import drawable
from bot.services.evidence_files import image_type
from bot.services.household_file import names
from bot.services.incoming import Attachment, Incoming
from bot.services.office import Office, Task
from bot.services.signatures_deeds import Paper
from bot.services.signatures_papers import digest
from bot.storage import inbox, people, signature_shares, visibility
from bot.storage import signatures as records
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate
from bot.storage.signature_shares import Link, NewLink

CHANNEL: Final = "drawn"
"""The channel of what was drawn: each of its updates belongs to a chat of another channel."""
PATH: Final = "/signature/"
SECRET: Final = 24
"""Random bytes in an address that nobody guesses."""
LARGEST: Final = 1 << 19
"""Bytes of a drawn name at most."""

Outcome: TypeAlias = Literal["taken", "gone", "no_picture"]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says: whose paper, whose name is to be drawn, and why by somebody else, if so."""

    household: str
    paper: str
    name: str
    note: str = ""


def may_draw(office: Office) -> bool:
    """Whether there is a page, and a folder for what is drawn on it."""
    return bool(office.page) and office.folder is not None


async def offer(conn: AsyncConnection, task: Task, paper: Paper, name: str, note: str) -> str:
    """A new page for this name; its address, which is kept nowhere."""
    token = secrets.token_urlsafe(SECRET)
    new = NewLink(
        digest=digest(token.encode()),
        signing_id=paper.signing.id,
        name=name,
        note=note,
        person_id=task.me.id,
        channel=task.incoming.channel,
        address=task.incoming.address,
        expires_at=task.now + timedelta(minutes=paper.signers.link_minutes),
    )
    await signature_shares.add_link(conn, new)
    return f"{task.office.page.rstrip('/')}{PATH}{token}"


def translate(payload: Mapping[str, Any]) -> Incoming | None:
    """An update of the page: {channel, address, signing, link, photo}; ValueError or KeyError otherwise."""
    if not isinstance(payload.get("address"), str):
        raise ValueError("what was drawn belongs to a chat")
    return Incoming(
        payload["channel"],
        payload["address"],
        True,
        "",
        data=f"v:s{int(payload['signing'])}:home:drawn:{int(payload['link'])}",
        attached=Attachment(**payload["photo"]),
    )


class Pages:
    """The pages that are open now, as the web server sees them."""

    def __init__(
        self,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        stored: Callable[[], None],
    ) -> None:
        """`stored` is called when an update waits to be handled."""
        self.database = database
        self.office = office
        self.now = now
        self.stored = stored

    async def page(self, token: str) -> Page | None:
        """What to show under this address; None when it was used, is too old, or never was."""
        async with self.database.reading() as conn:
            link = await self._open(conn, token)
            signing = None if link is None else await records.get(conn, link.signing_id)
            if link is None or signing is None:
                return None
            called = await names(conn, self.office, [signing.household_id])
        paper = self.office.content.form(signing.form).name
        return Page(called[signing.household_id], paper, link.name, link.note)

    async def take(self, token: str, picture: bytes) -> Outcome:
        """Keep what was drawn and hand it to the worker; the address is used up."""
        folder = self.office.folder
        if folder is None or len(picture) > LARGEST or image_type(picture) != "png" or not drawable(picture):
            return "no_picture"
        kept = await asyncio.to_thread(folder.keep, picture)
        photo = {"kind": "image", "size": kept.size, "file_name": kept.name, "sha256": kept.sha256}
        now = self.now()
        async with self.database.transaction() as conn:
            link = await self._open(conn, token)
            if link is not None and await signature_shares.use(conn, link.id, now):
                payload = {
                    "channel": link.channel,
                    "address": link.address,
                    "signing": link.signing_id,
                    "link": link.id,
                    "photo": photo,
                }
                lane = f"{link.channel}:{link.address}"
                await inbox.store(conn, [NewUpdate(CHANNEL, link.id, lane, payload)], now)
            else:
                link = None
        if link is None:
            folder.drop(kept.name)
            return "gone"
        self.stored()
        return "taken"

    async def _open(self, conn: AsyncConnection, token: str) -> Link | None:
        """The page of this address, if it can still be used by whoever asked for it."""
        link, now = await signature_shares.link_at(conn, digest(token.encode())), self.now()
        if link is None or link.used_at is not None or link.expires_at <= now:
            return None
        signing = await records.get(conn, link.signing_id)
        person = await people.get(conn, link.person_id)
        if signing is None or signing.state != "open" or person is None or person.status != "active":
            return None
        return link if await visibility.in_charge(conn, link.person_id, [signing.household_id], now) else None
