"""Several people at one long questionnaire: one holds it at a time, and another may go on with it.

Who holds an interview is the person in its row, which every answer locks; so two never write at once. The
answer log keeps who answered what, and under `HOLDER` from whom to whom it passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.services import auditing, entitled
from bot.services.household_file import HouseholdFile
from bot.services.mending import continued
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import answer_log, cases, interviews, people, problems, subjects
from bot.storage.answer_log import Change
from bot.storage.interviews import Interview
from bot.storage.subjects import Subject

HOLDER: Final = "@holder"
"""The key of the answer log for a change of hands: ids of people before and after."""


def shared(form: Form, subject: Subject) -> bool:
    """Whether there is one for all: a long questionnaire, or one about a region.

    A short one about a household is everybody's own, as two people may make two visits.
    """
    return form.menu or subject.kind == "region"


async def held(
    conn: AsyncConnection, task: Task, subject: Subject, form: Form, continues: int | None = None
) -> Interview | None:
    """The open interview of that form about the subject that somebody else holds, if it is one for all.

    One that takes a problem of the ledger further is one for all who take the same problem further.
    Whoever asks keeps others from beginning one until the end of the transaction.
    """
    if not shared(form, subject):
        return None
    await subjects.hold(conn, subject)
    found = await interviews.open_about(conn, subject, form.id)
    now = [task.interviews.get(interview.id, interview) for interview in found]
    alike = [each for each in now if each.state == "open" and continued(each) == continues]
    return next((each for each in alike if each.person_id != task.me.id), None)


async def offer(conn: AsyncConnection, task: Task, interview: Interview, facts: Mapping[str, object]) -> None:
    """Say who has the questionnaire open, since when and how far, with the choice to go on with it."""
    passed = await answer_log.of_key(conn, interview.id, HOLDER)
    since = passed[-1].at if passed else interview.started_at
    text = task.say(
        "handing.held",
        name=await name(conn, interview.person_id),
        since=task.office.clock(since).replace("T", " "),
        last=task.office.clock(interview.updated_at).replace("T", " "),
        **facts,
    )
    buttons = [
        Button(task.say("handing.go_on"), f"t:{interview.id}"),
        Button(task.say("buttons.home"), "m:home"),
    ]
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


async def take(conn: AsyncConnection, task: Task, id: int) -> Interview | None:
    """Let the person hold the interview from now on; None, after saying why, when that cannot be."""
    locked = await interviews.load(conn, [id], to_change=True)
    interview = task.interviews.get(id) or locked.get(id)
    if interview is None or not await _theirs(conn, task, interview):
        task.reply(Message(task.say("home.not_found")))
        return None
    form = task.office.content.form(interview.form, interview.version)
    if interview.state != "open" or not shared(form, interview.subject):
        task.reply(Message(task.say("handing.closed", form=form.name)))
        return None
    before = interview.person_id
    if before != task.me.id:
        interview = replace(interview, person_id=task.me.id, updated_at=task.now)
        task.keep(interview)
        task.passed.add((id, before))
        auditing.note(task, "seen", interview.subject, shown="questionnaire", form=form.id, before=before)
        task.changes.append(Change(id, HOLDER, before, task.me.id, task.now, task.me.id, task.update_id))
        task.send(Message(task.say("handing.taken", name=await name(conn, before))))
    return interview


async def _theirs(conn: AsyncConnection, task: Task, interview: Interview) -> bool:
    """Whether the person may read what was answered: all of the household, or what it was begun for."""
    if await entitled.whole(conn, task, interview.subject):
        return True
    id = continued(interview)
    problem = None if id is None else await problems.get(conn, id)
    if problem is not None:
        return bool(await entitled.of_problems(conn, task, [problem]))
    begun_for = HouseholdFile.from_json(interview.context).procedure
    alike = [each for each in await cases.of_subject(conn, interview.subject) if each.procedure == begun_for]
    return bool(await entitled.of_cases(conn, task, alike))


async def noticed(conn: AsyncConnection, task: Task, id: int | None) -> bool:
    """Whether the person held that interview until somebody else took it over; they are told so.

    An interview that was never theirs, as when a phone changes hands, is not spoken of.
    """
    if id is None or task.interview is not None:
        return False
    interview = task.interviews.get(id) or (await interviews.load(conn, [id])).get(id)
    if interview is None or interview.person_id == task.me.id:
        return False
    logged = await answer_log.of_key(conn, id, HOLDER)
    if (id, task.me.id) not in task.passed and task.me.id not in {passed.before for passed in logged}:
        return False
    if task.chat.open_interview_id == id:
        task.look_at(open_interview_id=None)
    open_still = interview.state == "open"
    form = task.office.content.form(interview.form, interview.version)
    holder = await name(conn, interview.person_id)
    buttons = [Button(task.say("handing.go_on"), f"t:{id}")] if open_still else []
    buttons.append(Button(task.say("buttons.home"), "m:home"))
    text = task.say("handing.taken_over", form=form.name, name=holder, done=not open_still)
    task.send(Message(text, rows_of(buttons, width=16), slot="menu"))
    return True


async def name(conn: AsyncConnection, person_id: int) -> str:
    """What somebody is called."""
    person = await people.get(conn, person_id)
    return "" if person is None else person.name
