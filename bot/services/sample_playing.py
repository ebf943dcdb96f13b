"""Acting in the practice county as people do in the chat: taps, words and questionnaires, at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs import engine
from bot.dialogs.effects import Asked, Doubted, Recalled, Refused, Reviewed, Sections, Suspected
from bot.dialogs.engine import Turn
from bot.dialogs.form import NUMBERS, Item, Step
from bot.dialogs.reply import Enter, Reply, Resume, Said, Submit, Tapped
from bot.dialogs.session import Session
from bot.errors import HubangError
from bot.expressions import Value
from bot.services import turning
from bot.services.desk import Desk
from bot.services.incoming import Incoming
from bot.services.office import Office, Task
from bot.storage import answer_log, audit, chats, interviews
from bot.storage.answer_log import Change
from bot.storage.chats import Chat
from bot.storage.columns import ABSENT
from bot.storage.interviews import Interview
from bot.storage.people import Person

MOST_TURNS: Final = 400
DAY: Final = "@"
"""Begins a day that is counted from the one of the deed: "@-3" is three days before."""


class SampleStuck(HubangError):
    """The sample cannot be played: {deed} of {who} led to "{said}"."""


@dataclass(slots=True)
class Player:
    """Lets people act through the same door as the chat; what would be sent to them is not kept."""

    conn: AsyncConnection
    office: Office
    channel: str
    people: Mapping[str, Person]
    words: Mapping[str, str]
    """What is said where a questionnaire asks for words of which nothing is known, by kind."""
    chats: dict[str, Chat] = field(default_factory=dict)
    updates: int = 0

    def task(self, address: str, at: datetime) -> Task:
        """One update of this person at that moment."""
        self.updates += 1
        chat = self.chats.get(address) or Chat(self.channel, address, self.people[address].id)
        incoming = Incoming(self.channel, address, True, self.people[address].name, message_id=1)
        return Task(self.office, incoming, self.updates, at, chat, self.people[address])

    async def tap(self, task: Task, data: str) -> None:
        """Tap a button by its data."""
        await Desk(self.office).tapped(self.conn, task, data)

    async def say(self, task: Task, text: str) -> None:
        """Type words."""
        await Desk(self.office).said(self.conn, task, text)

    async def done(self, task: Task) -> None:
        """Write what the update left to be written, as the worker does."""
        await interviews.save(self.conn, list(task.changed.values()))
        await answer_log.append(self.conn, task.changes)
        await audit.append(self.conn, task.noted)
        self.chats[task.incoming.address] = task.chat

    async def leave(self) -> None:
        """Write where the conversations stand."""
        await chats.save(self.conn, list(self.chats.values()))

    async def fill(self, task: Task, true: Mapping[str, Any], *, hand_in: bool = True) -> None:
        """Answer the open questionnaire with what is true and hand it in; SampleStuck when that cannot be.

        Without `hand_in` it is left half way.
        """
        interview = task.interview
        if interview is None:
            raise self.stuck(task, "no questionnaire")
        filling = _Filling(self, task, interview, true)
        task.keep(filling.answered(half=not hand_in))
        if not hand_in:
            await Desk(self.office).interviewing.pause(self.conn, task)
            return
        await Desk(self.office).interviewing.reply(self.conn, task, Submit())
        if task.interviews[interview.id].state != "submitted":
            raise self.stuck(task, interview.form)

    def stuck(self, task: Task, deed: str) -> SampleStuck:
        """Why the sample cannot be played; everybody in it is invented, so all may be said."""
        said = str(task.out[-1].payload.get("text", "")) if task.out else ""
        return SampleStuck(deed=deed, who=task.incoming.address, said=said)


class _Filling:
    """One questionnaire on its way, answered on the questions that the engine puts."""

    def __init__(self, player: Player, task: Task, interview: Interview, true: Mapping[str, Any]) -> None:
        self.player, self.task, self.interview, self.true = player, task, interview, true
        self.form = task.office.content.form(interview.form, interview.version)
        self.around = turning.context(task.office, interview, task.now)
        self.vocabulary = task.office.content.vocabulary
        self.turn: Turn = self._advance(Session.from_json(interview.session), Resume())

    def answered(self, *, half: bool) -> Interview:
        """The interview with everything answered, or about half of it."""
        for _ in range(MOST_TURNS):
            if isinstance(self.turn.effects[-1], Reviewed):
                break
            if half and self.turn.path.answered * 2 > self.turn.path.total:
                break
            before, effect = self.turn.session, self.turn.effects[-1]
            self._do(self._reply(effect))
            refused = [each for each in self.turn.effects if isinstance(each, Refused)]
            if refused or self.turn.session == before:
                key = effect.step.key if isinstance(effect, Asked) else type(effect).__name__
                raise self.player.stuck(self.task, f"{self.form.id} {key}")
        session = self.turn.session
        return replace(
            self.interview, session=session.to_json(), revision=session.revision, updated_at=self.task.now
        )

    def _advance(self, session: Session, reply: Reply) -> Turn:
        return engine.advance(self.form, session, reply, self.around, self.vocabulary)

    def _do(self, reply: Reply) -> None:
        self.turn = self._advance(self.turn.session, reply)
        self.task.changes += [
            Change(
                self.interview.id,
                each.key,
                each.before if each.was_there else ABSENT,
                each.after,
                self.task.now,
                self.task.me.id,
                self.task.update_id,
            )
            for each in self.turn.changes
        ]

    def _reply(self, effect: object) -> Reply:
        """What the person taps or says now; doubts and probable problems are confirmed."""
        match effect:
            case Asked():
                return self._answer(effect)
            case Recalled(card, revision):
                same = all(each.value == self._wanted(each.step) for each in card.entries)
                return Tapped(self._open(), revision, "pick", 1 if same else 2)
            case Suspected() | Doubted():
                return Tapped(self._open(), effect.revision, "pick", 1)
            case Sections(states):
                return Enter(next(state.section.id for state in states if state.left))
        raise self.player.stuck(self.task, f"{self.form.id} {type(effect).__name__}")

    def _open(self) -> str:
        step = self.turn.path.open_step
        assert step is not None
        return step.key

    def _answer(self, asked: Asked) -> Reply:
        item, wanted = asked.step.item, self._wanted(asked.step)
        assert item is not None
        key, revision = asked.step.key, asked.revision
        if wanted is None and not item.required:
            known = asked.known is not None and asked.known.way != "hint"
            return Tapped(key, revision, "keep" if known else "unknown")
        if wanted is None:
            wanted = self._sensible(item)
        if item.kind == "select_multiple":
            return self._ticked(asked, wanted if isinstance(wanted, list) else [wanted])
        if item.options:
            return Tapped(key, revision, "pick", int(wanted))
        return Said(str(wanted))

    def _ticked(self, asked: Asked, codes: list[int]) -> Reply:
        """Tick one more option, or say that these are all."""
        left = [code for code in codes if code not in asked.draft]
        item = asked.step.item
        assert item is not None
        if codes == [item.none]:
            return Tapped(asked.step.key, asked.revision, "pick", codes[0])
        if not left:
            return Tapped(asked.step.key, asked.revision, "done")
        # A tick is no answer yet: the session takes it up at once.
        self.turn = replace(self.turn, session=replace(self.turn.session, draft=tuple(sorted(codes))))
        return Tapped(asked.step.key, asked.revision, "done")

    def _wanted(self, step: Step) -> Any:
        """What is true of the question; None when nobody knows."""
        item = step.item
        assert item is not None
        if item.repeat is None or step.row is None:
            found = self.true.get(item.fact)
        else:
            rows = self.true.get(item.repeat) or []
            found = rows[step.row - 1].get(item.fact) if step.row <= len(rows) else None
        return dated(item, found, self.task.today)

    def _sensible(self, item: Item) -> Value:
        """Something that may be said where an answer is needed and nothing is known."""
        if item.options:
            return item.options[0].code
        if item.kind in NUMBERS:
            return 1 if item.min is None else item.min
        return dated(item, self.player.words.get(item.kind, self.player.words["text"]), self.task.today)


def dated(item: Item, value: Any, today: date) -> Any:
    """The value, a day that is counted from today written out."""
    if not isinstance(value, str) or not value.startswith(DAY):
        return value
    day = today + timedelta(days=int(value[len(DAY) :] or 0))
    return f"{day.isoformat()} 08:10" if item.kind == "datetime" else day.isoformat()
