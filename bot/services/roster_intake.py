"""Rosters in a chat: the file that was sent, the choice about it, the template, and a roster to take home.

What takes a while is done beside the conversations: see `bot.services.rosters.desk`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing
from bot.services.evidence_files import MEGABYTE
from bot.services.incoming import Attachment
from bot.services.office import Office, Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.rosters.plan import Rights
from bot.storage import files, people, regions, rosters
from bot.storage.people import Appointment
from bot.storage.regions import Region
from bot.storage.rosters import NewRosterFile, RosterFile
from bot.storage.subjects import Subject

LIMIT: Final = 20 * MEGABYTE
"""Bytes of a file that is taken in a chat: Telegram gives no bot a larger one."""
ENDINGS: Final = (".xlsx", ".csv")
IMPORTERS: Final = ("admin", "county")
"""Roles that may send a roster: an administrator for every place, the county for its own."""
CHOICES: Final = ("take", "merge", "both", "leave")
EXPORT: Final = "export"
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rights_of(office: Office, mine: Sequence[Appointment], places: Sequence[Region]) -> Rights | None:
    """For what somebody so appointed may send a roster; None when for nothing. `places` are theirs."""
    roles = {each.role for each in mine if each.role in IMPORTERS}
    if not roles:
        return None
    may = frozenset(office.content.offices.invited_by(roles))
    if "admin" in roles:
        return Rights(None, may)
    mine_ids = {each.region_id for each in mine if each.role == "county"}
    return Rights(frozenset(each.path for each in places if each.id in mine_ids), may)


async def _rights(conn: AsyncConnection, task: Task) -> Rights | None:
    mine = await people.appointments_of(conn, task.me.id, task.now)
    places = await regions.get_many(conn, [each.region_id for each in mine])
    return rights_of(task.office, mine, places)


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """A way to the rosters for whoever may send one."""
    if not any(each.role in IMPORTERS for each in appointments):
        return []
    return [Button(task.say("roster.button", which="room"), "u:room")]


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command of this room: how rosters come in and go out, and what waits."""
    if await _rights(conn, task) is None:
        task.reply(Message(task.say("roster.not_yours")))
        return
    waiting = [each for each in await rosters.files_of(conn, task.me.id) if each.state == "asking"]
    buttons = [Button(task.say("roster.button", which="template"), "u:template")]
    if await _export_places(conn, task):
        buttons.append(Button(task.say("roster.button", which="export"), "u:export"))
    buttons.append(Button(task.say("buttons.home"), "m:home"))
    text = task.say("roster.room", limit=LIMIT // MEGABYTE, waiting=len(waiting))
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))
    for each in waiting:
        task.send(question(task.office, each))


async def _export_places(conn: AsyncConnection, task: Task) -> list[int]:
    """Regions whose roster the person may take home: those that a county official oversees."""
    mine = await people.appointments_of(conn, task.me.id, task.now)
    return [each.region_id for each in mine if each.role == "county"]


def question(office: Office, file: RosterFile) -> Message:
    """What the file would change, and what to do with it."""
    counts = file.counts
    text = office.say("roster.question", counts=counts, summary=office.say("roster.counted", counts=counts))
    which = ("merge", "both", "leave") if counts.get("likely") else ("take",)
    buttons = [
        Button(office.say("roster.button", which=each), f"u:{file.id}:{each}") for each in (*which, "drop")
    ]
    return Message(text, rows_of(buttons, width=16), slot=f"roster{file.id}")


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "u:room", "u:template", "u:export" and "u:FILE:CHOICE"."""
    rights = await _rights(conn, task)
    if rest == "room" or rights is None:
        await asked(conn, task, "")
    elif rest == "template":
        await template(conn, task)
    elif rest == EXPORT:
        await export(conn, task)
    else:
        await chosen(conn, task, rest)


async def chosen(conn: AsyncConnection, task: Task, rest: str) -> None:
    """What is to become of a file of one's own that waits for a word."""
    id, _, choice = rest.partition(":")
    file = await rosters.get_file(conn, int(id)) if id.isdecimal() and len(id) < 18 else None
    if file is None or file.person_id != task.me.id or file.state != "asking":
        task.reply(Message(task.say("home.old_button")))
    elif choice == "drop":
        await rosters.close_file(conn, file.id)
        task.reply(Message(task.say("roster.dropped"), slot=f"roster{file.id}"))
    elif choice in CHOICES and ((choice == "take") != bool(file.counts.get("likely"))):
        await rosters.change_file(conn, file.id, state="waiting", decision=choice, attempts=0)
        task.ordered = True
        task.reply(Message(task.say("roster.working", what="write"), slot=f"roster{file.id}"))
    else:
        task.reply(Message(task.say("home.old_button")))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """This room asks for no words."""
    await asked(conn, task, text)


async def template(conn: AsyncConnection, task: Task) -> None:
    """The blank workbook as a file."""
    from bot.services.rosters.layout import read_layout  # only now: it takes a while to load
    from bot.services.rosters.workbook import write_template

    out, loaded = io.BytesIO(), task.office.content
    layout = read_layout(loaded)
    write_template(layout, loaded.offices, out)
    name = task.say("roster.file_name", what="template", day=task.today)
    new = files.NewFile(None, name, SHEET, out.getvalue(), task.now)
    task.send(Message(task.say("roster.template"), file_id=await files.put(conn, new)))


async def export(conn: AsyncConnection, task: Task) -> None:
    """Put the roster of one's county in for making; numbers in it are masked."""
    places = await _export_places(conn, task)
    waiting = await rosters.files_of(conn, task.me.id)
    if not places or any(each.decision == EXPORT for each in waiting):
        task.reply(Message(task.say("roster.working", what="export" if places else "none")))
        return
    channel, address = task.incoming.channel, task.incoming.address
    for place in places:
        await rosters.add_file(
            conn,
            NewRosterFile(
                task.me.id,
                channel,
                address,
                ".xlsx",
                "waiting",
                task.now,
                decision=EXPORT,
                counts={"region": place},
            ),
        )
        auditing.note(task, "exported", Subject("region", place), what="roster")
    task.ordered = True
    task.reply(Message(task.say("roster.working", what="export")))


async def received(conn: AsyncConnection, task: Task, given: Attachment) -> None:
    """A table that was sent: kept to be read when the person may send one, else not kept at all."""
    refused = await _refused(conn, task, given)
    if refused:
        if given.stored is not None:
            await rosters.close_file(conn, given.stored)
        task.reply(Message(refused))
        return
    for earlier in await rosters.files_of(conn, task.me.id):
        if earlier.state == "asking":
            await rosters.close_file(conn, earlier.id)
    if given.stored is not None:
        await rosters.change_file(conn, given.stored, state="waiting", person_id=task.me.id)
    else:
        channel, address = task.incoming.channel, task.incoming.address
        new = NewRosterFile(task.me.id, channel, address, given.ending, "fetching", task.now)
        id = await rosters.add_file(conn, new)
        await rosters.change_file(conn, id, remote_id=given.value, size=given.size)
    auditing.note(task, "sent_roster", None, size=given.size)
    task.ordered = True
    task.reply(Message(task.say("roster.working", what="read")))


async def _refused(conn: AsyncConnection, task: Task, given: Attachment) -> str:
    """Why the file is not taken, in words; "" when it is."""
    if await _rights(conn, task) is None:
        return task.say("roster.not_yours")
    if given.ending not in ENDINGS:
        return task.say("roster.not_taken", reason="ending", limit=LIMIT // MEGABYTE)
    if (given.size or 0) > LIMIT or (given.stored is None and not given.value):
        return task.say("roster.not_taken", reason="size", limit=LIMIT // MEGABYTE)
    busy = [
        each for each in await rosters.files_of(conn, task.me.id) if each.state in ("waiting", "fetching")
    ]
    return task.say("roster.not_taken", reason="busy", limit=0) if busy else ""
