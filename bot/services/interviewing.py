"""Interviews: begin, answer, pause, resume, hand in. The dialogue engine thinks; this room remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs import engine
from bot.dialogs.effects import Answered, Finished, Ignored
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.dialogs.path import Context
from bot.dialogs.reply import Back, Edit, Reply, Resume, Submit, Tapped
from bot.dialogs.session import Session
from bot.services import alerting, finishing
from bot.services.household_file import HouseholdFile, read_file
from bot.services.office import Office, Task
from bot.services.outgoing import Message
from bot.services.presenting import Presenter
from bot.storage import interviews, visibility
from bot.storage.answer_log import Change
from bot.storage.columns import ABSENT
from bot.storage.interviews import Interview, NewInterview

ACTIONS = {"p": "pick", "+": "on", "-": "off", "d": "done", "k": "keep", "u": "unknown"}


class Interviewing:
    """The deeds of one questionnaire at a time per chat."""

    def __init__(self, office: Office) -> None:
        self.office = office

    # ------------------------------------------------------------------------------------ opening

    async def opened(self, conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
        """Buttons "n:household:form" (begin, or go on with the one begun) and "r:interview" (go on)."""
        if kind == "r":
            found = (await interviews.load(conn, [int(rest)], to_change=True)).get(int(rest))
            if found is not None and found.person_id == task.me.id and found.state == "open":
                await self.take_up(conn, task, found)
            else:
                task.reply(Message(task.say("interview.nothing_open")))
            return
        household, _, form = rest.partition(":")
        await self.begin(conn, task, int(household), form)

    async def begin(self, conn: AsyncConnection, task: Task, household_id: int, form_id: str) -> None:
        """Begin a questionnaire about a household that the person may see, or take up the one begun."""
        if await visibility.household(conn, task.me.id, household_id, task.now) is None:
            task.reply(Message(task.say("home.not_found")))
            return
        for begun in await interviews.open_of(conn, task.me.id):
            if (begun.household_id, begun.form) == (household_id, form_id):
                await self.take_up(conn, task, begun)
                return
        form = self.office.content.form(form_id)
        file = await read_file(conn, self.office, household_id, task.now)
        known = file.known(form, task.me)
        session = Session(form.id, form.version)
        new = NewInterview(
            household_id,
            form.id,
            form.version,
            task.me.id,
            session.to_json(),
            task.now,
            context=known.to_json(),
        )
        interview = await interviews.start(conn, new)
        task.keep(interview)
        task.look_at(open_interview_id=interview.id)
        turn = engine.begin(form, self.context(interview, task.now))
        greeting = task.say(
            "interview.begun",
            form=form.name,
            household=file.name(task.office),
            total=turn.path.total,
            kept=len(turn.path.kept),
        )
        self.show(task, form, interview, turn, greeting)

    async def take_up(self, conn: AsyncConnection, task: Task, interview: Interview) -> None:
        """Make an interview that was left the open one, at the place where it stood."""
        task.interviews.setdefault(interview.id, interview)
        task.look_at(open_interview_id=interview.id)
        await self.resume(conn, task)

    async def resume(self, conn: AsyncConnection, task: Task) -> None:
        """Show the open question again; without one, the interviews that were left unfinished."""
        interview = task.interview
        if interview is None:
            begun = await interviews.open_of(conn, task.me.id)
            if not begun:
                task.reply(Message(task.say("interview.nothing_open")))
            elif len(begun) == 1:
                await self.take_up(conn, task, begun[0])
            else:
                await finishing.unfinished(conn, task, begun)
            return
        form = self.form(interview)
        turn = self.turn(form, interview, Resume(), task.now)
        file = await read_file(conn, self.office, interview.household_id, task.now)
        said = task.say(
            "interview.resumed",
            form=form.name,
            household=file.name(task.office),
            answered=turn.path.answered,
            total=turn.path.total,
        )
        self.show(task, form, interview, turn, said)

    async def pause(self, conn: AsyncConnection, task: Task) -> None:
        """Leave the open interview as it stands."""
        interview = task.interview
        task.look_at(open_interview_id=None)
        if interview is None:
            task.reply(Message(task.say("interview.nothing_open")))
            return
        form = self.form(interview)
        turn = self.turn(form, interview, Resume(), task.now)
        file = await read_file(conn, self.office, interview.household_id, task.now)
        said = task.say(
            "interview.paused",
            form=form.name,
            household=file.name(task.office),
            answered=turn.path.answered,
            total=turn.path.total,
        )
        task.reply(Message(said))

    # ------------------------------------------------------------------------------------ answering

    async def tapped(self, conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
        """A button under a question or the review, of this interview or of an older one."""
        parts = rest.split(":")
        interview = task.interview
        if interview is None or not parts[0].isdigit() or int(parts[0]) != interview.id:
            # A button of an interview that is not open never changes the one that is.
            await self.stale(conn, task)
            return
        reply: Reply
        match kind:
            case "b":
                reply = Back()
            case "e":
                reply = Edit(parts[1])
            case "s":
                reply = Submit()
            case _:
                action = ACTIONS[parts[3][0]]
                reply = Tapped(parts[2], int(parts[1]), action, int(parts[3][1:] or 0))  # type: ignore[arg-type]
        await self.reply(conn, task, reply)

    async def stale(self, conn: AsyncConnection, task: Task) -> None:
        """Say that the button is an old one, and show what is open."""
        interview = task.interview
        if interview is None:
            task.reply(Message(task.say("interview.nothing_open")))
            return
        form = self.form(interview)
        turn = self.turn(form, interview, Resume(), task.now)
        self.show(task, form, interview, turn, task.say("interview.stale"), replace_tapped=False)

    async def reply(self, conn: AsyncConnection, task: Task, reply: Reply) -> None:
        """Apply a reply to the open interview and say what came of it."""
        interview = task.interview
        assert interview is not None
        form = self.form(interview)
        turn = self.turn(form, interview, reply, task.now)
        if turn.session != Session.from_json(interview.session):
            interview = replace(
                interview,
                session=turn.session.to_json(),
                revision=turn.session.revision,
                updated_at=task.now,
            )
            task.keep(interview)
        task.changes += [
            Change(
                interview.id,
                change.key,
                change.before if change.was_there else ABSENT,
                change.after,
                task.now,
                task.me.id,
                task.update_id,
            )
            for change in turn.changes
        ]
        last = turn.effects[-1]
        if isinstance(last, Finished):
            await finishing.finish(conn, task, form, interview, turn, last)
            return
        for effect in turn.effects:
            if isinstance(effect, Answered):
                await alerting.on_answer(conn, task, interview, effect, turn.path.results())
        ignored = any(isinstance(effect, Ignored) for effect in turn.effects)
        self.show(task, form, interview, turn, replace_tapped=not ignored)

    # ------------------------------------------------------------------------------------ helpers

    def form(self, interview: Interview) -> Form:
        """The form in the version that the interview began with."""
        return self.office.content.form(interview.form, interview.version)

    def context(self, interview: Interview, now: datetime) -> Context:
        """What the interview may read besides its answers."""
        file = HouseholdFile.from_json(interview.context)
        today = self.office.today(now)
        return Context(
            today.isoformat(),
            self.office.clock(now),
            self.office.content.form_parameters(today),
            file.rosters,
            file.values,
        )

    def turn(self, form: Form, interview: Interview, reply: Reply, now: datetime) -> Turn:
        """One turn of the engine."""
        session = Session.from_json(interview.session)
        return engine.advance(
            form, session, reply, self.context(interview, now), self.office.content.vocabulary
        )

    def show(
        self,
        task: Task,
        form: Form,
        interview: Interview,
        turn: Turn,
        before: str = "",
        *,
        replace_tapped: bool = True,
    ) -> None:
        """Send what came of a turn, behind `before`."""
        message = Presenter(self.office.content.messages, form, interview.id).message(turn)
        if not message.text:
            return
        text = f"{before}\n\n{message.text}" if before else message.text
        message = replace(message, text=text)
        if not replace_tapped or before:
            task.send(message)
        else:
            task.reply(message)
