"""The conversation: a session and a reply in, a session and what happened out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialogs import answering
from bot.dialogs.effects import (
    Answered,
    Choose,
    Effect,
    Finished,
    Hidden,
    Ignored,
    Noted,
    Refused,
    Restored,
)
from bot.dialogs.form import CONFIRM, Check, Form, Item, Step
from bot.dialogs.opening import draft, earlier, edits, kept_value, open_step, present
from bot.dialogs.path import Context, Path, fingerprint, walk
from bot.dialogs.rejection import Rejected
from bot.dialogs.reply import Back, Edit, Reply, Resume, Said, Submit, Tapped
from bot.dialogs.review import official_answers, review, skipped
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary
from bot.expressions import Value


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the answer log: what stood under `key` before and after (`was_there` False: nothing)."""

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
    return Turn(session, path, (present(form, session, path, context),))


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
        shown = present(self.form, self.session, self.path, self.context)
        return Turn(self.session, self.path, (*effects, shown))

    def refuse(self, rejection: Rejected) -> Turn:
        return self.stay(Refused(self.step, rejection))

    def said(self, text: str) -> Turn:
        step = self.step
        if step is None:
            return self.refuse(Rejected("at_review", {}))
        if step.check is not None:
            count = len(edits(step.check, self.path, self.session))
            code = answering.read_decision(text, count, self.vocabulary)
            return self.refuse(code) if isinstance(code, Rejected) else self.decide(step.check, code)
        item = step.item
        assert item is not None
        if answering.means_keep(text, item, self.vocabulary):
            kept = kept_value(step, self.session, self.context)
            if kept is not None:
                return self.judge(step, item, kept[0])
        value = answering.read(item, text, self.context, self.vocabulary)
        return self.judge(step, item, value)

    def tapped(self, tap: Tapped) -> Turn:
        step = self.step
        if step is None or tap.key != step.key or tap.revision != self.session.revision:
            return self.late(tap)
        if step.check is not None:
            return self.decide(step.check, tap.code)
        item = step.item
        assert item is not None
        match tap.action:
            case "pick":
                return self.judge(step, item, answering.pick(item, tap.code))
            case "on" | "off" if item.kind == "select_multiple":
                return self.toggle(step, item, tap.code, on=tap.action == "on")
            case "done" if item.kind == "select_multiple":
                return self.judge(step, item, answering.close(item, draft(step, self.session)))
            case "unknown":
                return self.judge(step, item, answering.unknown(item))
            case "keep":
                kept = kept_value(step, self.session, self.context)
                return self.stay() if kept is None else self.judge(step, item, kept[0])
        return self.stay(Ignored(tap.key, False))

    def late(self, tap: Tapped) -> Turn:
        """A tap on a keyboard that is not the open question's; the second half of a double tap is silent."""
        session = self.session
        twice = tap.key == session.last and tap.revision == session.revision - 1
        if twice and tap.action == "pick" and not tap.key.startswith(CONFIRM):
            # Another option of the question just answered is no double tap: the person means to change it.
            twice = session.answers.get(tap.key) in (tap.code, [tap.code])
        ignored = Ignored(tap.key, twice)
        return Turn(session, self.path, (ignored,)) if twice else self.stay(ignored)

    def judge(self, step: Step, item: Item, value: Value | Rejected) -> Turn:
        """Store a value that meets the item's limits and constraints; say why of any other."""
        if not isinstance(value, Rejected):
            value = answering.constrain(item, step.row, value, self.path, self.context)
        return self.refuse(value) if isinstance(value, Rejected) else self.answer(step, item, value)

    def toggle(self, step: Step, item: Item, code: int, *, on: bool) -> Turn:
        ticked = answering.toggled(item, draft(step, self.session), code, on=on)
        self.session = replace(self.session, draft=ticked)
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
        path = self.onward(after, step)
        effects: list[Effect] = [Answered(step, value, before)]
        effects += [
            Noted(check) for check in path.fired if check.level == "info" and check not in self.path.fired
        ]
        # Without hidden answers before and after, a new answer has moved none.
        if was_there or len(session.answers) != self.path.answered or len(after.answers) != path.answered:
            effects += _moved(self.path, path, after, key)
        if not was_there and (skip := skipped(self.form, path, step, item)) is not None:
            effects.append(skip)
        effects.append(present(self.form, after, path, self.context))
        return Turn(after, path, tuple(effects), (Change(key, before, value, was_there),))

    def decide(self, check: Check, code: int) -> Turn:
        """1 accepts a doubted answer (or puts a block off until the review); n changes the n-1st answer."""
        keys = edits(check, self.path, self.session)
        session = replace(self.session, revision=self.session.revision + 1, last=CONFIRM + check.id)
        if 2 <= code <= len(keys) + 1:
            return self.reopened(replace(session, editing=keys[code - 2]))
        if code != 1:
            return self.refuse(Rejected("no_such_choice", {"last": len(keys) + 1}))
        held = fingerprint(check, self.path.steps, session.answers)
        confirmed = {**session.confirmed, check.id: held}
        key = CONFIRM + check.id
        change = Change(key, session.confirmed.get(check.id), held, check.id in session.confirmed)
        session = replace(session, confirmed=confirmed)
        path = self.onward(session, self.step)
        return Turn(session, path, (present(self.form, session, path, self.context),), (change,))

    def onward(self, session: Session, step: Step | None) -> Path:
        """The path once `step` is answered or confirmed; what stands before the open step is as it was."""
        mark = self.path.mark if step is self.path.open_step else None
        return walk(self.form, session.answers, session.confirmed, self.context, mark)

    def reopened(self, session: Session) -> Turn:
        """Another question is open; no answer has changed, so the path is the same."""
        return Turn(session, self.path, (present(self.form, session, self.path, self.context),))

    def back(self, count: int) -> Turn:
        before = earlier(self.form, self.path, self.step)
        if not before:
            return self.refuse(Rejected("at_start", {}))
        target = before[max(len(before) - max(count, 1), 0)]
        return self.reopen(target.key)

    def edit(self, what: str) -> Turn:
        matches = answering.find(what, self.form, self.path)
        if isinstance(matches, Rejected):
            return self.refuse(matches)
        if len(matches) > 1:
            return self.stay(Choose(what, matches, self.session.revision))
        return self.reopen(matches[0].key)

    def reopen(self, key: str) -> Turn:
        return self.reopened(
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
            return self.refuse(
                Rejected("not_ready", {"blocked": len(outcome.blocked), "required": len(outcome.required)})
            )
        after = replace(
            self.session, finished=True, editing=None, draft=None, revision=self.session.revision + 1
        )
        answers = official_answers(self.form, after, self.path)
        return Turn(after, self.path, (Finished(answers, self.path.results()),))


def _moved(before: Path, after: Path, session: Session, key: str) -> list[Effect]:
    """Which stored answers an answer to `key` took off the path or brought back."""
    old = {step.key for step in before.steps if step.item is not None}
    new = {step.key for step in after.steps if step.item is not None}
    hidden = tuple(k for k in session.answers if k in old and k not in new)
    restored = tuple(k for k in session.answers if k in new and k not in old and k != key)
    return [*([Hidden(hidden)] if hidden else []), *([Restored(restored)] if restored else [])]
