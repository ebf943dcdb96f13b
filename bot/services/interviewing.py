"""Interviews: begin, answer, pause, resume, hand in. The dialogue engine thinks; this room remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.effects import Answered, Finished, Ignored, TakenFromPaper
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.dialogs.reply import Append, Back, Edit, Enter, Reply, Resume, Submit, Tapped
from bot.dialogs.session import Session
from bot.services import (
    alerting,
    auditing,
    beginning,
    entitled,
    finishing,
    ledger,
    mending,
    problem_record,
    taking_over,
    turning,
)
from bot.services.office import Office, Task
from bot.services.outgoing import Message
from bot.services.subject_file import kind_of, read_subject
from bot.storage import interviews, visibility
from bot.storage.answer_log import Change
from bot.storage.columns import ABSENT
from bot.storage.interviews import Interview
from bot.storage.problems import LedgerProblem
from bot.storage.subjects import Subject

ACTIONS: Final = {"p": "pick", "+": "on", "-": "off", "d": "done", "k": "keep", "u": "unknown"}
DOUBLE_TAP: Final = timedelta(seconds=30)
"""So long after handing in, the same button once more is no wish of its own."""


class Interviewing:
    """The deeds of one questionnaire at a time per chat."""

    def __init__(self, office: Office) -> None:
        self.office = office

    # ------------------------------------------------------------------------------------ opening

    async def opened(self, conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
        """Buttons "n:household:form", "n:rregion:form" (begin), "r:interview" (go on), "t:" (take over).

        "q:eproblem" takes a problem of the ledger further.
        """
        if kind == "q":
            problem = await ledger.to_continue(conn, task, int(rest.removeprefix("e")))
            if problem is not None:
                await self.begin(conn, task, problem.subject, problem_record.FORM, problem)
            return
        if kind == "t":
            taken = await taking_over.take(conn, task, int(rest))
            if taken is not None:
                await self.take_up(conn, task, taken)
            return
        if kind == "r":
            if await taking_over.noticed(conn, task, int(rest)):
                return
            begun = (await interviews.load(conn, [int(rest)], to_change=True)).get(int(rest))
            await self.take_up(conn, task, begun)
            return
        about, _, form = rest.partition(":")
        about_region = about.startswith("r")
        subject = Subject("region" if about_region else "household", int(about.removeprefix("r")))
        await self.begin(conn, task, subject, form)

    async def begin(
        self,
        conn: AsyncConnection,
        task: Task,
        subject: Subject,
        form_id: str,
        problem: LedgerProblem | None = None,
    ) -> None:
        """Begin a questionnaire about what the person may see (one that takes `problem` further).

        The one begun already is taken up instead.
        """
        if not await visibility.subject(conn, task.me.id, subject, task.now):
            task.reply(Message(self.not_found(task, subject)))
            return
        # Whoever was asked for something may tell of a problem; all else holds what is not theirs to see.
        if form_id != problem_record.FORM and await entitled.refused(conn, task, subject):
            return
        file = await read_subject(conn, self.office, subject, task.now)
        form = next((each for each in self.office.content.latest_forms() if each.id == form_id), None)
        if form is None or kind_of(file) not in form.subjects:
            task.reply(Message(task.say("home.old_button")))
            return
        continues = None if problem is None else problem.id
        for begun in await self.begun(conn, task):
            if (begun.subject, begun.form, mending.continued(begun)) == (subject, form_id, continues):
                await self.take_up(conn, task, begun)
                return
        if (held := await taking_over.held(conn, task, subject, form, continues)) is not None:
            await taking_over.offer(conn, task, held, (await self.standing(conn, task, held))[1])
            return
        auditing.note(task, "seen", subject, shown="questionnaire", form=form_id)
        interview, turn, greeting = await beginning.start(conn, task, subject, file, form, problem)
        task.keep(interview)
        task.look_at(open_interview_id=interview.id)
        self.show(task, form, interview, turn, greeting)

    async def take_up(self, conn: AsyncConnection, task: Task, interview: Interview | None) -> None:
        """Make an interview that was left the open one, at the place where it stood."""
        before = task.chat
        if interview is not None:
            # Another chat of the same group may have moved it on already.
            task.interviews.setdefault(interview.id, interview)
            task.look_at(open_interview_id=interview.id)
        if interview is not None and task.interview is not None:
            await self.resume(conn, task)
        else:
            task.chat = before
            task.reply(Message(task.say("interview.nothing_open")))

    async def begun(self, conn: AsyncConnection, task: Task) -> list[Interview]:
        """What the person began and has not handed in, as far as they may still see whom it is about."""
        mine = await interviews.open_of(conn, task.me.id)
        now = [task.interviews.get(interview.id, interview) for interview in mine]
        seen = await visibility.subjects_among(conn, task.me.id, [each.subject for each in now], task.now)
        return [each for each in now if each.state == "open" and each.subject in seen]

    async def resume(self, conn: AsyncConnection, task: Task) -> None:
        """Show the open question again; without one, the interviews that were left unfinished."""
        interview = task.interview
        if interview is None:
            begun = await self.begun(conn, task)
            if not begun:
                task.reply(Message(task.say("interview.nothing_open")))
            elif len(begun) == 1:
                await self.take_up(conn, task, begun[0])
            else:
                await finishing.unfinished(conn, task, begun)
            return
        if await self.lost(conn, task, interview):
            return
        turn, facts = await self.standing(conn, task, interview)
        said = task.say("interview.resumed", **facts)
        self.show(task, self.form(interview), interview, turn, said)

    async def standing(
        self, conn: AsyncConnection, task: Task, interview: Interview
    ) -> tuple[Turn, dict[str, object]]:
        """The open question once more, and how far the interview has come, as sentences say it."""
        form = self.form(interview)
        turn = turning.turn(self.office, form, interview, Resume(), task.now)
        file = await read_subject(conn, self.office, interview.subject, task.now)
        answered, total = turn.path.answered, turn.path.total
        household = file.name(task.office)
        return turn, {"form": form.name, "household": household, "answered": answered, "total": total}

    async def lost(self, conn: AsyncConnection, task: Task, interview: Interview) -> bool:
        """Whether what it is about is no longer the person's to see; it is then as if it did not exist."""
        if await visibility.subject(conn, task.me.id, interview.subject, task.now):
            return False
        task.look_at(open_interview_id=None)
        task.reply(Message(self.not_found(task, interview.subject)))
        return True

    def not_found(self, task: Task, subject: Subject) -> str:
        """What is said of whom the person may not see."""
        return task.say("home.not_found") if subject.kind == "household" else task.say("region.not_found")

    async def pause(self, conn: AsyncConnection, task: Task) -> None:
        """Leave the open interview as it stands."""
        interview = task.interview
        task.look_at(open_interview_id=None)
        if interview is None:
            task.reply(Message(task.say("interview.nothing_open")))
            return
        if await self.lost(conn, task, interview):
            return
        _, facts = await self.standing(conn, task, interview)
        task.reply(Message(task.say("interview.paused", **facts)))

    # ------------------------------------------------------------------------------------ answering

    async def tapped(self, conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
        """A button under a question or the review, of this interview or of an older one."""
        parts = rest.split(":")
        interview = task.interview
        if interview is None or not parts[0].isdigit() or int(parts[0]) != interview.id:
            if parts[0].isdigit() and await taking_over.noticed(conn, task, int(parts[0])):
                return
            # A button of an interview that is not open never changes the one that is.
            if kind != "s" or not await self.just_handed_in(conn, task, int(parts[0])):
                await self.stale(task)
            return
        if kind == "i":
            action = ACTIONS[parts[3][0]]
            tap = Tapped(parts[2], int(parts[1]), action, int(parts[3][1:] or 0))  # type: ignore[arg-type]
            await self.reply(conn, task, tap)
            return
        last = parts[-1]
        replies: dict[str, Reply] = {"b": Back(), "e": Edit(last), "s": Submit(), "c": Enter(last or None)}
        replies["x"] = Append()
        shown_at = int(parts[1]) if len(parts) > (1 if kind in "bsx" else 2) else interview.revision
        if shown_at == interview.revision:
            await self.reply(conn, task, replies[kind])
        elif shown_at != interview.revision - 1 or interview.session["last"] is not None:
            await self.stale(task)  # else it is the second half of a double tap: there is nothing to say

    async def just_handed_in(self, conn: AsyncConnection, task: Task, id: int) -> bool:
        """Whether that interview was handed in a moment ago: the tap is the second half of a double tap."""
        found = task.interviews.get(id) or (await interviews.load(conn, [id])).get(id)
        if found is None or found.person_id != task.me.id or found.submitted_at is None:
            return False
        return task.now - found.submitted_at < DOUBLE_TAP

    async def stale(self, task: Task) -> None:
        """Say that the button is an old one, and show what is open."""
        interview = task.interview
        if interview is None:
            task.reply(Message(task.say("interview.nothing_open")))
            return
        form = self.form(interview)
        turn = turning.turn(self.office, form, interview, Resume(), task.now)
        self.show(task, form, interview, turn, task.say("interview.stale"), replace_tapped=False)

    async def reply(self, conn: AsyncConnection, task: Task, reply: Reply) -> None:
        """Apply a reply to the open interview and say what came of it."""
        interview = task.interview
        assert interview is not None
        if isinstance(reply, Submit) and await self.lost(conn, task, interview):
            return
        form = self.form(interview)
        turn = turning.turn(self.office, form, interview, reply, task.now)
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
            answered = (effect,) if isinstance(effect, Answered) else ()
            for each in effect.taken if isinstance(effect, TakenFromPaper) else answered:
                await alerting.on_answer(conn, task, interview, each, turn.path.results())
        ignored = any(isinstance(effect, Ignored) for effect in turn.effects)
        self.show(task, form, interview, turn, replace_tapped=not ignored)

    # ------------------------------------------------------------------------------------ one turn

    def form(self, interview: Interview) -> Form:
        """The form in the version that the interview began with."""
        return self.office.content.form(interview.form, interview.version)

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
        message = turning.presenter(self.office, form, interview.id).message(turn)
        if not message.text:
            return
        text = f"{before}\n\n{message.text}" if before else message.text
        message = replace(message, text=text)
        if not replace_tapped or before:
            task.send(message)
        else:
            task.reply(message)
