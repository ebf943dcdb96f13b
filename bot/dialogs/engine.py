"""The conversation: a session and a reply in, a session and what happened out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.dialogs import answering
from bot.dialogs.effects import (
    Answered,
    Asked,
    Choose,
    Doubted,
    Effect,
    Finished,
    Hidden,
    Ignored,
    Noted,
    Refused,
    Restored,
    Reviewed,
)
from bot.dialogs.form import CONFIRM, Check, Form, Item, Step, split_key
from bot.dialogs.path import Context, Path, fingerprint, walk
from bot.dialogs.rejection import Rejected
from bot.dialogs.reply import Back, Edit, Reply, Resume, Said, Submit, Tapped
from bot.dialogs.review import official_answers, review, skipped
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary
from bot.expressions import Value


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the answer log: what stood under `key` before and after (absent before: `was_there` False)."""

    key: str
    before: Value
    after: Value
    was_there: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one reply."""

    session: Session
    path: Path
    effects: tuple[Effect, ...]
    changes: tuple[Change, ...] = ()


def begin(form: Form, context: Context) -> Turn:
    """A new interview with its first question."""
    session = Session(form.id, form.version)
    path = walk(form, {}, {}, context)
    return Turn(session, path, (_present(form, session, path, context),))


def advance(form: Form, session: Session, reply: Reply, context: Context, vocabulary: Vocabulary) -> Turn:
    """Apply `reply` to the open question of `session`; never raises for what a person says or taps."""
    conversation = _Conversation(form, session, context, vocabulary)
    match reply:
        case Said(text):
            return conversation.said(text)
        case Tapped():
            return conversation.tapped(reply)
        case Back(steps):
            return conversation.back(steps)
        case Edit(what):
            return conversation.edit(what)
        case Submit():
            return conversation.submit()
        case Resume():
            return conversation.stay()


def open_step(form: Form, session: Session, path: Path) -> Step | None:
    """The one open question; None when the interview stands at its review."""
    if session.editing is not None:
        if (index := path.find(session.editing)) is not None:
            return path.steps[index]
        if session.editing in path.kept:
            return Step(session.editing, form.by_id[session.editing])
    return path.open_step


def row_name(form: Form, path: Path, step: Step) -> str | None:
    """The name given in the step's row, if it is about a person or thing of a roster."""
    if step.row is None or step.item is None or step.item.repeat is None:
        return None
    roster = form.roster_by_id[step.item.repeat]
    name = path.facts[roster.id][step.row - 1].get(roster.title)
    return name if isinstance(name, str) and step.item.fact != roster.title else None


def _present(form: Form, session: Session, path: Path, context: Context) -> Effect:
    """The open question, check or review as it is to be shown."""
    step = open_step(form, session, path)
    if step is None:
        return review(form, session, path, context)
    if step.check is not None:
        return Doubted(step.check, session.revision, _edits(step.check, path, session.answers))
    item = step.item
    assert item is not None
    answered = step.key in session.answers
    current = (session.answers[step.key],) if answered else None
    index = path.find(step.key)
    before = 0 if index is None else sum(1 for earlier in path.steps[:index] if earlier.item is not None)
    return Asked(
        step,
        row_name(form, path, step),
        before + 1,
        path.total,
        session.revision,
        None if answered or item.repeat else context.known.get(item.fact),
        current,
        session.draft or (),
    )


def _edits(check: Check, path: Path, answers: Mapping[str, Value]) -> tuple[str, ...]:
    """Keys of the check's answers that can be changed, the latest asked first, at most five."""
    keys = [step.key for step in path.steps if step.item is not None and step.item.id in check.items]
    return tuple(key for key in reversed(keys) if key in answers)[:5]


class _Conversation:
    """One turn of one interview."""

    __slots__ = ("context", "form", "path", "session", "step", "vocabulary")

    def __init__(self, form: Form, session: Session, context: Context, vocabulary: Vocabulary) -> None:
        self.form = form
        self.session = session
        self.context = context
        self.vocabulary = vocabulary
        self.path = walk(form, session.answers, session.confirmed, context)
        self.step = open_step(form, session, self.path)

    def stay(self, *effects: Effect) -> Turn:
        """Nothing changed: say what happened and show the open question again."""
        shown = _present(self.form, self.session, self.path, self.context)
        return Turn(self.session, self.path, (*effects, shown))

    def refuse(self, rejection: Rejected) -> Turn:
        return self.stay(Refused(self.step, rejection))

    def said(self, text: str) -> Turn:
        step = self.step
        if step is None:
            return self.refuse(Rejected("at_review", {}))
        if step.check is not None:
            count = len(_edits(step.check, self.path, self.session.answers))
            code = answering.read_decision(text, count, self.vocabulary)
            return self.refuse(code) if isinstance(code, Rejected) else self.decide(step.check, code)
        item = step.item
        assert item is not None
        if answering.means_keep(text, item, self.vocabulary) and (kept := self.kept_value(step)) is not None:
            return self.answer(step, item, kept[0])
        value = answering.read(item, text, self.context, self.vocabulary)
        return self.judge(step, item, value)

    def tapped(self, tap: Tapped) -> Turn:
        step = self.step
        if step is None or tap.key != step.key or tap.revision != self.session.revision:
            twice = tap.key == self.session.last and tap.revision == self.session.revision - 1
            ignored = Ignored(tap.key, twice)
            return Turn(self.session, self.path, (ignored,)) if twice else self.stay(ignored)
        if step.check is not None:
            return self.decide(step.check, tap.code)
        item = step.item
        assert item is not None
        match tap.action:
            case "pick":
                return self.judge(step, item, answering.pick(item, tap.code))
            case "on" | "off":
                return self.toggle(item, tap.code, on=tap.action == "on")
            case "done":
                return self.judge(step, item, answering.close(item, self.session.draft or ()))
            case "unknown":
                return self.judge(step, item, answering.unknown(item))
            case "keep":
                kept = self.kept_value(step)
                return self.stay() if kept is None else self.answer(step, item, kept[0])

    def kept_value(self, step: Step) -> tuple[Value] | None:
        """The present answer, or else what the household's file knows; boxed, as the value may be None."""
        assert step.item is not None
        if step.key in self.session.answers:
            return (self.session.answers[step.key],)
        known = self.context.known.get(step.item.fact)
        return None if known is None or step.item.repeat else (known.value,)

    def judge(self, step: Step, item: Item, value: Value | Rejected) -> Turn:
        """Store a value that meets the item's limits and constraints; say why of any other."""
        if not isinstance(value, Rejected):
            value = answering.constrain(item, step.row, value, self.path, self.context)
        return self.refuse(value) if isinstance(value, Rejected) else self.answer(step, item, value)

    def toggle(self, item: Item, code: int, *, on: bool) -> Turn:
        draft = answering.toggled(item, self.session.draft or (), code, on=on)
        self.session = replace(self.session, draft=draft)
        return self.stay()

    def answer(self, step: Step, item: Item, value: Value) -> Turn:
        session, key = self.session, step.key
        was_there = key in session.answers
        before = session.answers.get(key)
        after = replace(
            session,
            answers={**session.answers, key: value},
            editing=None,
            draft=None,
            last=key,
            revision=session.revision + 1,
        )
        path = walk(self.form, after.answers, after.confirmed, self.context)
        effects: list[Effect] = [Answered(step, value, before)]
        effects += [Noted(check) for check in path.fired if check.level == "info" and check not in self.path.fired]
        if was_there or len(after.answers) != path.answered:
            effects += _moved(self.path, path, after, key)
        if not was_there and (skip := skipped(self.form, path, step, item)) is not None:
            effects.append(skip)
        effects.append(_present(self.form, after, path, self.context))
        return Turn(after, path, tuple(effects), (Change(key, before, value, was_there),))

    def decide(self, check: Check, code: int) -> Turn:
        """1 accepts a doubted answer (or puts a block off until the review); n changes the n-1st answer."""
        edits = _edits(check, self.path, self.session.answers)
        session = replace(self.session, revision=self.session.revision + 1, last=CONFIRM + check.id)
        if 2 <= code <= len(edits) + 1:
            return self.moved_to(replace(session, editing=edits[code - 2]))
        if code != 1:
            return self.refuse(Rejected("no_such_choice", {"last": len(edits) + 1}))
        held = fingerprint(check, session.answers)
        confirmed = {**session.confirmed, check.id: held}
        key = CONFIRM + check.id
        change = Change(key, session.confirmed.get(check.id), held, check.id in session.confirmed)
        turn = self.moved_to(replace(session, confirmed=confirmed))
        return replace(turn, changes=(change,))

    def moved_to(self, session: Session) -> Turn:
        path = walk(self.form, session.answers, session.confirmed, self.context)
        return Turn(session, path, (_present(self.form, session, path, self.context),))

    def back(self, count: int) -> Turn:
        steps = self.path.steps
        here = len(steps) if self.step is None else self.path.find(self.step.key)
        earlier = [step for step in steps[: here or 0] if step.item is not None]
        if not earlier:
            return self.refuse(Rejected("at_start", {}))
        target = earlier[max(len(earlier) - max(count, 1), 0)]
        return self.reopen(target.key)

    def edit(self, what: str) -> Turn:
        matches = answering.find(what, self.form, self.path)
        if isinstance(matches, Rejected):
            return self.refuse(matches)
        if len(matches) > 1:
            return self.stay(Choose(what, matches, self.session.revision))
        return self.reopen(matches[0].key)

    def reopen(self, key: str) -> Turn:
        return self.moved_to(
            replace(self.session, editing=key, draft=None, last=None, revision=self.session.revision + 1)
        )

    def submit(self) -> Turn:
        if self.path.open is not None:
            left = self.path.total - self.path.answered
            return self.refuse(Rejected("not_complete", {"left": max(left, 1)}))
        outcome = review(self.form, self.session, self.path, self.context)
        if not outcome.complete:
            self.session = replace(self.session, editing=None)
            self.step = None
            return self.refuse(Rejected("not_ready", {"blocked": len(outcome.blocked), "required": len(outcome.required)}))
        after = replace(self.session, finished=True, editing=None, draft=None, revision=self.session.revision + 1)
        answers = official_answers(self.form, after, self.path)
        return Turn(after, self.path, (Finished(answers, self.path.results()),))


def _moved(before: Path, after: Path, session: Session, key: str) -> list[Effect]:
    """Which stored answers an answer to `key` took off the path or brought back."""
    old = {step.key for step in before.steps if step.item is not None}
    new = {step.key for step in after.steps if step.item is not None}
    hidden = tuple(k for k in session.answers if k in old and k not in new)
    restored = tuple(k for k in session.answers if k in new and k not in old and k != key)
    return ([Hidden(hidden)] if hidden else []) + ([Restored(restored)] if restored else [])


def holds_row(key: str) -> bool:
    """Whether a key belongs to a row of a roster."""
    return split_key(key)[1] is not None
