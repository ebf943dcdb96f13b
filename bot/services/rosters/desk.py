"""Files of rosters, one after the other, beside the conversations: read in a thread, compared, taken in.

A file is a row: whatever stops the process, it is read afterwards. What came of it and its message are
written in one transaction.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Office, parcel
from bot.services.outgoing import PATIENCE, Message
from bot.services.pipeline import where
from bot.services.printing import IDLE
from bot.services.roster_intake import EXPORT, SHEET, question, rights_of
from bot.services.rosters import telling
from bot.services.rosters.checking import read_roster
from bot.services.rosters.exporting import export
from bot.services.rosters.layout import RosterLayout, read_layout
from bot.services.rosters.plan import Likely, Plan
from bot.services.rosters.records import Roster
from bot.services.rosters.taking_in import Outcome, Wish, look, silent, take_in
from bot.services.rosters.workbook import write_table
from bot.storage import files, outbox, people, regions, rosters
from bot.storage.database import Database
from bot.storage.rosters import RosterFile

log = logging.getLogger(__name__)

TRIES: Final = 3
KEPT: Final = timedelta(days=1)
"""So long a file waits for a decision."""
OFTEN: Final = timedelta(hours=1)
SHOWN: Final = 20
"""Troubles in the message; all of them stand in the file that goes with it."""
LIKELY: Final = {"merge": "merge", "both": "both", "leave": "leave"}


class RosterDesk:
    """Works through the files; on PostgreSQL one process does it at a time."""

    def __init__(
        self,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
    ) -> None:
        """`enqueued` is called after a commit that left something to send."""
        self.database, self.office, self.now, self.enqueued = database, office, now, enqueued
        self._woken = asyncio.Event()
        self._swept: datetime | None = None
        self._layout: RosterLayout | None = None

    @property
    def layout(self) -> RosterLayout:
        """The shape of rosters, read when it is first needed."""
        self._layout = self._layout or read_layout(self.office.content)
        return self._layout

    def wake(self) -> None:
        """Say that something came."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with self.database.sole("rosters"):
            while True:
                self._woken.clear()
                try:
                    await self.sweep()
                    if await self.turn():
                        continue
                except Exception as error:  # noqa: BLE001 (the database is away: the rows wait)
                    log.error("no roster can be read now: %s", where(error))
                try:
                    await asyncio.wait_for(self._woken.wait(), IDLE)
                except TimeoutError:
                    continue

    async def sweep(self) -> None:
        """Close, now and then, what nobody has decided about for a day."""
        now = self.now()
        if self._swept is None or now - self._swept > OFTEN:
            async with self.database.transaction() as conn:
                await rosters.expire_files(conn, now - KEPT)
            self._swept = now

    async def turn(self) -> bool:
        """Do what is next; whether there was anything."""
        async with self.database.reading() as conn:
            waiting = await rosters.files_in(conn, "waiting")
        if not waiting:
            return False
        file = waiting[0]
        async with self.database.transaction() as conn:
            await rosters.change_file(conn, file.id, attempts=file.attempts + 1)
        try:
            await (self._give_out(file) if file.decision == EXPORT else self._take_in(file))
        except Exception as error:  # noqa: BLE001 (whatever it is, the other files must not wait for it)
            log.error("roster file %d failed: %s", file.id, where(error))
            if file.attempts + 1 >= TRIES:
                await self._end(file, [Message(self.office.say("roster.failed"))])
        return True

    # ------------------------------------------------------------------------------------ coming in

    async def _take_in(self, file: RosterFile) -> None:
        async with self.database.reading() as conn:
            content = await rosters.content_of(conn, file.id)
            wish = await self._wish(conn, file)
        if content is None or wish is None:
            await self._end(file, [Message(self.office.say("roster.not_yours"))])
            return
        found = await self._read(file, content)
        if file.decision:
            async with self.database.transaction() as conn:
                outcome = await take_in(conn, self.office, self.layout, found, wish, self.now(), silent)
                if outcome.written:
                    await self._written(conn, file, outcome)
        else:
            async with self.database.reporting() as conn:
                plan, _ = await look(conn, self.office, self.layout, found, wish, self.now())
            outcome = Outcome(plan)
        if not outcome.written:
            await self._answer(file, found, outcome.plan)
        self.enqueued()

    async def _wish(self, conn: AsyncConnection, file: RosterFile) -> Wish | None:
        """With the rights that the person has by now; None when none are left."""
        person = 0 if file.person_id is None else file.person_id
        mine = await people.appointments_of(conn, person, self.now())
        places = await regions.get_many(conn, [each.region_id for each in mine])
        rights = rights_of(self.office, mine, places)
        likely = cast(Likely, LIKELY.get(file.decision, "ask"))
        return None if rights is None else Wish(rights, likely, by=file.person_id)

    async def _read(self, file: RosterFile, content: bytes) -> Roster:
        """Read the file in a thread; whoever waits is told that it takes a while."""
        now = self.now()
        work = asyncio.create_task(
            asyncio.to_thread(
                read_roster,
                content,
                file.ending,
                self.layout,
                self.office.content.vocabulary,
                self.office.today(now),
            )
        )
        if not (await asyncio.wait({work}, timeout=PATIENCE))[0]:
            await self._tell(file, Message(self.office.say("roster.working", what="slow")))
        return await work

    async def _tell(self, file: RosterFile, message: Message) -> None:
        async with self.database.transaction() as conn:
            await outbox.enqueue(conn, [parcel(message, file.channel, file.address)], self.now())
        self.enqueued()

    async def _answer(self, file: RosterFile, found: Roster, plan: Plan) -> None:
        """What stands against the file; or what it would change, with the choice about it."""
        if found.troubles:
            await self._refuse(file, found)
            return
        if plan.is_empty and not plan.likely:
            text = self.office.say("roster.nothing_new", counts=plan.counts(), blank=found.is_blank)
            await self._end(file, [Message(text)])
            return
        counts: dict[str, Any] = plan.counts()
        counts["rows"] = [row for row, _ in plan.likely[:SHOWN]]
        async with self.database.transaction() as conn:
            await rosters.change_file(conn, file.id, state="asking", decision="", counts=counts, attempts=0)
            asking = await rosters.get_file(conn, file.id)
            assert asking is not None
            message = parcel(question(self.office, asking), file.channel, file.address)
            await outbox.enqueue(conn, [message], self.now())

    async def _refuse(self, file: RosterFile, found: Roster) -> None:
        say = self.office.say
        lines = telling.trouble_rows(found.troubles.found, say)
        text = say("roster.troubles", count=found.troubles.count, lines=lines[:SHOWN])
        name = say("roster.file_name", what="troubles", day=self.office.today(self.now()))
        table = write_table(telling.trouble_heading(say), lines)
        await self._end(file, [Message(text)], (name, table, say("roster.troubles_file")))

    async def _written(self, conn: AsyncConnection, file: RosterFile, outcome: Outcome) -> None:
        """In the transaction that took the file in: say so, and hand over the invitations."""
        say = self.office.say
        counts = outcome.plan.counts()
        messages = [Message(say("roster.counted", counts=counts, written=True))]
        attached = None
        if outcome.invited:
            name = say("roster.file_name", what="invitations", day=self.office.today(self.now()))
            table = write_table(telling.invited_heading(say), telling.invited_rows(outcome.invited))
            attached = (name, table, say("roster.invitations", count=len(outcome.invited)))
        await self._close(conn, file, messages, attached)

    # ------------------------------------------------------------------------------------ going out

    async def _give_out(self, file: RosterFile) -> None:
        region_id, now, say = int(file.counts["region"]), self.now(), self.office.say
        async with self.database.reporting() as conn:
            mine = await people.appointments_of(conn, file.person_id or 0, now)
            region = await regions.get(conn, region_id)
            allowed = any(each.role == "county" and each.region_id == region_id for each in mine)
            if region is None or not allowed:
                await self._end(file, [Message(say("roster.not_yours"))])
                return
            out = io.BytesIO()
            count = await export(
                conn, self.office, self.layout, region, out, now, with_numbers=False, progress=silent
            )
        name = say("roster.file_name", what="roster", day=self.office.today(now))
        await self._end(file, [], (name, out.getvalue(), say("roster.given_out", count=count)))

    # --------------------------------------------------------------------------------------- ending

    async def _end(
        self, file: RosterFile, messages: Sequence[Message], attached: tuple[str, bytes, str] | None = None
    ) -> None:
        async with self.database.transaction() as conn:
            await self._close(conn, file, messages, attached)
        self.enqueued()

    async def _close(
        self,
        conn: AsyncConnection,
        file: RosterFile,
        messages: Sequence[Message],
        attached: tuple[str, bytes, str] | None,
    ) -> None:
        """Be done with the file, and enqueue what is said of it; `attached` is a name, content and words."""
        said = list(messages)
        if attached is not None:
            name, content, text = attached
            id = await files.put(conn, files.NewFile(None, name, SHEET, content, self.now()))
            said.append(Message(text, file_id=id))
        await outbox.enqueue(conn, [parcel(each, file.channel, file.address) for each in said], self.now())
        await rosters.close_file(conn, file.id)
