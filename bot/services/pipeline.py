"""From inbox to outbox: updates of different people share one commit, those of one person keep their order.

Everything that an update causes (answers, state, messages to send, "this update is done") is written in one
transaction (design.md 3). When a group fails, its updates are tried one by one; what keeps failing is laid
aside with its reason, so that its person can go on.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.desk import Desk
from bot.services.incoming import Incoming, Translate
from bot.services.office import Office, Task, parcel
from bot.services.outgoing import Message
from bot.storage import answer_log, audit, chats, inbox, interviews, outbox, people
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.inbox import Update
from bot.storage.interviews import Interview

log = logging.getLogger(__name__)

GROUP: Final = 64
"""Updates of so many different people at most share a commit."""
TRIES: Final = 3
FRAMES: Final = 8
"""So many of the innermost calls are named when something fails."""
IDLE: Final = 5.0
"""Seconds after which the inbox is looked at even if nobody said that something came."""


class Worker:
    """Handles what waits in the inbox; any number of them may run on PostgreSQL, one on SQLite."""

    def __init__(
        self,
        database: Database,
        office: Office,
        translate: Mapping[str, Translate],
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
        ordered: Callable[[], None] = lambda: None,
    ) -> None:
        """`translate` by channel; after a commit `enqueued` is called when it left something to send, and
        `ordered` when it left something to make.
        """
        self.database = database
        self.office = office
        self.desk = Desk(office)
        self.translate = translate
        self.now = now
        self.enqueued = enqueued
        self.ordered = ordered
        self._orders = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that an update was stored."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            try:
                if await self.turn():
                    continue
            except Exception as error:  # noqa: BLE001 (the database is away: what waits there is not lost)
                log.error("the inbox cannot be handled now: %s", where(error))
            try:
                await asyncio.wait_for(self._woken.wait(), IDLE)
            except TimeoutError:
                continue

    async def turn(self) -> int:
        """Handle one group; how many updates it had."""
        try:
            async with self.database.transaction() as conn:
                updates = await inbox.claim(conn, GROUP)
                wrote = await self._handle(conn, updates) if updates else False
        except Exception as error:  # noqa: BLE001 (whatever it is, the group is tried one by one)
            log.warning("a group of updates failed, trying them one by one: %s", where(error))
            return await self._one_by_one()
        if wrote:
            self.enqueued()
        self._say_ordered()
        return len(updates)

    async def _one_by_one(self) -> int:
        """Handle the updates at the heads of the lanes, each in a transaction of its own."""
        async with self.database.transaction() as conn:
            waiting = [update.id for update in await inbox.claim(conn, GROUP)]
        for id in waiting:
            try:
                async with self.database.transaction() as conn:
                    mine = [update for update in await inbox.claim(conn, GROUP) if update.id == id]
                    if mine:
                        await self._handle(conn, mine)
            except Exception as error:  # noqa: BLE001 (it is recorded with the update, which stays)
                await self._failed(id, error)
        self.enqueued()
        self._say_ordered()
        return len(waiting)

    def _say_ordered(self) -> None:
        """Only once it is committed, and only if there is anything: most turns order nothing."""
        if self._orders:
            self._orders = False
            self.ordered()

    async def _failed(self, id: int, error: Exception) -> None:
        """Count the failure; after the last try lay the update aside and tell its person."""
        log.error("update %d failed: %s", id, where(error))
        async with self.database.transaction() as conn:
            mine = next((update for update in await inbox.claim(conn, GROUP) if update.id == id), None)
            if mine is None:
                return
            if mine.attempts + 1 < TRIES:
                await inbox.mark_failed(conn, id, repr(error))
                return
            await inbox.mark_dead(conn, id, repr(error))
            try:
                incoming = self.translate[mine.channel](_object(mine))
            except Exception:  # noqa: BLE001 (whoever sent it cannot be told)
                return
            if incoming is not None and incoming.private:
                sorry = parcel(Message(self.office.say("home.failed")), incoming.channel, incoming.address)
                await outbox.enqueue(conn, [sorry], self.now())

    async def _handle(self, conn: AsyncConnection, updates: Sequence[Update]) -> bool:
        """Handle updates of different lanes; whether anything is left to send."""
        now = self.now()
        tasks: list[Task] = []
        done: list[int] = []
        for update in updates:
            try:
                incoming = self.translate[update.channel](_object(update))
            except Exception as error:  # noqa: BLE001 (whatever it is, the others must not wait for it)
                log.warning("update %d cannot be read: %s", update.id, where(error))
                await inbox.mark_dead(conn, update.id, repr(error))
                continue
            done.append(update.id)
            if incoming is not None:
                tasks.append(Task(self.office, incoming, update.id, now, _chat(incoming), None))
        await self._load(conn, tasks)
        for task in tasks:
            await self.desk.handle(conn, task)
        await interviews.save(conn, list(tasks[0].changed.values()) if tasks else [])
        await answer_log.append(conn, [change for task in tasks for change in task.changes])
        await audit.append(conn, [entry for task in tasks for entry in task.noted])
        await chats.save(conn, [task.chat for task in tasks if task.chat != task.chat_before])
        messages = [message for task in tasks for message in task.out]
        await outbox.enqueue(conn, messages, now)
        if done:
            await inbox.mark_done(conn, done)
        self._orders = self._orders or any(task.ordered for task in tasks)
        return bool(messages)

    async def _load(self, conn: AsyncConnection, tasks: Sequence[Task]) -> None:
        """Who speaks, and what is open in each chat: three queries for the whole group."""
        for channel in {task.incoming.channel for task in tasks}:
            mine = [task for task in tasks if task.incoming.channel == channel]
            addresses = [task.incoming.address for task in mine]
            known = await chats.load(conn, channel, addresses)
            behind = await people.behind(conn, channel, addresses)
            for task in mine:
                address = task.incoming.address
                task.chat_before = known.get(address)
                task.chat = task.chat_before or task.chat
                person = behind.get(address)
                task.person = person if person is not None and person.status == "active" else None
        wanted = {id for task in tasks if task.person and (id := task.chat.open_interview_id) is not None}
        found = await interviews.load(conn, wanted, to_change=True)
        changed: dict[int, Interview] = {}
        passed: set[tuple[int, int]] = set()
        for task in tasks:
            task.interviews, task.changed, task.passed = found, changed, passed


def where(error: BaseException) -> str:
    """What kind of error arose at which lines; never its own words, which may hold what somebody said."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = (f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return " < ".join((type(error).__name__, *reversed(list(places))))


def _chat(incoming: Incoming) -> Chat:
    return Chat(incoming.channel, incoming.address)


def _object(update: Update) -> dict[str, object]:
    if not isinstance(update.payload, dict):
        raise ValueError("an update is a JSON object")
    return update.payload
