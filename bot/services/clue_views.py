"""Clues as people see them: a page of them, one of them; and one that means nobody taken off the list."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing, clue_cases, home
from bot.services.case_notices import post_name
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import cases, households, people, regions, visibility
from bot.storage import clues as records
from bot.storage.clues import Clue
from bot.storage.households import Household
from bot.storage.subjects import Subject


async def place_of(conn: AsyncConnection, household: Household) -> str:
    """Village, group and head of a household in one line."""
    village = await regions.get(conn, household.region_id)
    return f"{'' if village is None else village.name}{household.village_group} {household.head_name}"


async def listed(conn: AsyncConnection, task: Task, skipped: int) -> None:
    """A page of the clues that the person may see, those that nobody has matched first."""
    page = await records.page(conn, task.me.id, task.now, home.PAGE, skipped)
    if not page.items and skipped:
        page, skipped = await records.page(conn, task.me.id, task.now, home.PAGE), 0
    homes = await households.get_many(
        conn, [c.household_id for c in page.items if c.household_id is not None]
    )
    auditing.note_listed(task, "clues", homes)
    buttons = []
    for clue in page.items:
        found = homes.get(clue.household_id or 0)
        label = task.say(
            "clues.line",
            who=await place_of(conn, found) if found else f"{clue.village} {clue.name}".strip(),
            source=task.say("clues.source", source=clue.source),
            day=clue.received_on.isoformat(),
            matched=found is not None,
        )
        buttons.append(Button(label, f"k:{clue.id}"))
    text = task.say(
        "clues.list",
        total=page.total,
        unmatched=await records.unmatched(conn, task.me.id, task.now),
        first=skipped + 1,
        last=skipped + len(page.items),
    )
    posts = {
        name for a in await people.appointments_of(conn, task.me.id, task.now) for name in (a.post, a.role)
    }
    if any(clue_cases.may_note(way, posts) for way in clue_cases.ways(task)):
        buttons.append(Button(task.say("clues.new"), "k:new"))
    turns = rows_of(home.pages(task, "k:p", skipped, page.total))
    task.reply(Message(text, rows_of(buttons, width=18) + turns, slot="menu"))


async def shown(conn: AsyncConnection, task: Task, clue: Clue, *, can_match: bool) -> None:
    """One clue with its source, the case it went to, and the other clues that went there."""
    found = None if clue.household_id is None else await households.get(conn, clue.household_id)
    by = await people.get(conn, clue.person_id)
    case = None if clue.case_id is None else await cases.get(conn, clue.case_id)
    procedure = None if case is None else task.office.content.procedures.get(case.procedure)
    others = [] if case is None else [c for c in await records.of_cases(conn, [case.id]) if c.id != clue.id]
    if found is not None:
        auditing.note(task, "seen", Subject("household", found.id), shown="clue")
    text = task.say(
        "clues.one",
        who=await place_of(conn, found) if found else f"{clue.village} {clue.name}".strip(),
        matched=found is not None,
        source=task.say("clues.source", source=clue.source),
        office=post_name(task, clue.office) if clue.office else "",
        day=clue.received_on.isoformat(),
        words=clue.words,
        by="" if by is None else by.name,
        procedure="" if procedure is None else procedure.name,
        state="" if case is None or procedure is None else procedure.states[case.state].name,
        others=[
            (c.received_on.isoformat(), task.say("clues.source", source=c.source), c.words) for c in others
        ],
    )
    buttons = []
    if can_match:
        page = await visibility.find(conn, task.me.id, task.now, words=clue.name, size=home.PAGE)
        buttons += [Button(await place_of(conn, each), f"k:{clue.id}:is:{each.id}") for each in page.items]
        buttons += [
            Button(task.say("clues.another"), f"k:{clue.id}:find"),
            Button(task.say("clues.drop"), f"k:{clue.id}:drop"),
        ]
    if case is not None:
        buttons.append(Button(task.say("clues.case"), f"w:{case.id}"))
    buttons.append(Button(task.say("clues.all"), "k:p0"))
    task.reply(Message(text, rows_of(buttons, width=18), slot="menu"))


async def drop(conn: AsyncConnection, task: Task, clue: Clue, reason: str) -> None:
    """The clue means nobody here; why is kept, the identity number is not."""
    held = replace(clue, state="dropped", settled_by=task.me.id, reason=reason, id_number=None)
    await records.change(conn, held)
    auditing.note(task, "decided", Subject("region", clue.region_id), clue=clue.id, dropped=True)
