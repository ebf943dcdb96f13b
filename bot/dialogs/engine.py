"""The conversation: a session and a reply in, a session and what happened out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialogs import answering, menu
from bot.dialogs.context import Context
from bot.dialogs.deciding import Decision, about_candidate, about_card, about_check, outcome
from bot.dialogs.effects import Answered, Choose, Effect, Finished, Ignored, Noted, Refused
from bot.dialogs.form import Form, Item, Step
from bot.dialogs.opening import draft, earlier, extendable, kept_value, known, open_step, present, section_of
from bot.dialogs.path import Path
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.reply import Append, Attached, Back, Edit, Enter, Reply, Resume, Said, Submit, Tapped
from bot.dialogs.review import moved, official_answers, review, skipped
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary
from bot.dialogs.walking import walk
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
        case Enter(section):
            return conversation.enter(section)
        case Append(text):
            return conversation.append(text)
        case Attached(kind, value):
            return conversation.attach(kind, value)


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
            return self.said_at_menu(text) if self.at_menu else self.refuse(Rejected("at_review", {}))
        if step.item is None:
            return self.settle(self.decision(step, text))
        item = step.item
        if self.session.appending and step.key == self.session.editing:
            return self.extend(step, item, text)
        if answering.means_keep(text, item, self.vocabulary):
            kept = kept_value(self.form, step, self.session, self.path, self.context)
            if kept is not None:
                return self.judge(step, item, kept[0])
        value = answering.read(item, text, self.context, self.vocabulary)
        return self.judge(step, item, value)

    def decision(self, step: Step, said: str | int) -> Decision | Rejected:
        """What a reply to a check, a card or a candidate settles; a tapped code or a typed text."""
        if step.check is not None:
            return about_check(step.check, said, self.path, self.session, self.vocabulary)
        if step.recall is not None:
            return about_card(self.path.cards[step.key], said, self.session, self.vocabulary)
        assert step.candidate is not None
        return about_candidate(step.candidate, said, self.path, self.session, self.vocabulary)

    def settle(self, decision: Decision | Rejected) -> Turn:
        """The turn after a decision; one that changes no answer leaves the path as it is."""
        if isinstance(decision, Rejected):
            return self.refuse(decision)
        if decision.change is None:
            return self.reopened(decision.session)
        path = self.onward(decision.session, self.step)
        session = menu.left(self.form, decision.session, path)
        shown = present(self.form, session, path, self.context)
        return Turn(session, path, (*decision.effects, shown), (Change(*decision.change),))

    @property
    def at_menu(self) -> bool:
        """Whether the menu of a long form is shown."""
        return self.form.menu and bool(self.path.opens)

    def said_at_menu(self, text: str) -> Turn:
        """A section by its number in the form or by a part of its name."""
        found = menu.find_section(text, self.form)
        return self.refuse(found) if isinstance(found, Rejected) else self.enter(found.id)

    def enter(self, section: str | None) -> Turn:
        """Go into a section, or out to the menu; a finished section offers its answers for change."""
        found = menu.enter(self.form, self.session, self.path, section)
        if isinstance(found, Rejected):
            return self.refuse(found)
        self.session, choose = found
        self.step = open_step(self.form, self.session, self.path)
        return self.stay(*choose)

    def append(self, text: str) -> Turn:
        """Say more to the text just given: at once, or with what is said next."""
        key = extendable(self.form, self.session)
        index = None if key is None else self.path.find(key)
        if index is None:
            return self.refuse(reject("nothing_to_append"))
        step = self.path.steps[index]
        if text.strip() and step.item is not None:
            return self.extend(step, step.item, text)
        return self.reopened(
            replace(self.session, editing=key, appending=True, revision=self.session.revision + 1)
        )

    def extend(self, step: Step, item: Item, text: str) -> Turn:
        """Put `text` behind the answer that is there."""
        said = f"{self.session.answers[step.key]}\n{text}"
        return self.judge(step, item, answering.read(item, said, self.context, self.vocabulary))

    def attach(self, kind: str, value: str) -> Turn:
        """Put a photo or a location where the section, or else the form, asks for one."""
        here = self.session.section if self.step is None else section_of(self.form, self.step)
        item = answering.place_for(kind, here, self.form, self.path)
        if item is None:
            return self.refuse(reject("nothing_to_show"))
        before = self.session.answers.get(item.id)
        many = [*before, value] if isinstance(before, list) else [value]
        was, turn = self.session, self.answer(Step(item.id, item), item, many if kind == "image" else value)
        session = replace(turn.session, editing=was.editing, appending=was.appending)
        session = replace(session, section=was.section, draft=was.draft)
        shown = present(self.form, session, turn.path, self.context)
        return replace(turn, session=session, effects=(*turn.effects[:-1], shown))

    def tapped(self, tap: Tapped) -> Turn:
        step = self.step
        if step is None or tap.key != step.key or tap.revision != self.session.revision:
            return self.late(tap)
        if step.item is None:
            return self.settle(self.decision(step, tap.code))
        item = step.item
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
                kept = kept_value(self.form, step, self.session, self.path, self.context)
                return self.stay() if kept is None else self.judge(step, item, kept[0])
        return self.stay(Ignored(tap.key, False))

    def late(self, tap: Tapped) -> Turn:
        """A tap on a keyboard that is not the open question's; the second half of a double tap is silent."""
        session = self.session
        twice = tap.key == session.last and tap.revision == session.revision - 1
        if twice and tap.action == "pick" and tap.key.partition("#")[0] in self.form.by_id:
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
            appending=False,
            draft=None,
            last=key,
            revision=session.revision + 1,
        )
        path = self.onward(after, step)
        after = menu.left(self.form, after, path)
        told = known(self.form, step, self.path, self.context)
        other = told if told is not None and told.changed_by(value) else None
        effects: list[Effect] = [Answered(step, value, before, other)]
        effects += [
            Noted(check) for check in path.fired if check.level == "info" and check not in self.path.fired
        ]
        # Without hidden answers before and after, a new answer has moved none.
        if was_there or len(session.answers) != self.path.answered or len(after.answers) != path.answered:
            effects += moved(self.path, path, after, key)
        if (
            not was_there
            and not self.form.menu
            and (skip := skipped(self.form, path, step, item)) is not None
        ):
            effects.append(skip)
        effects.append(present(self.form, after, path, self.context))
        return Turn(after, path, tuple(effects), (Change(key, before, value, was_there),))

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
        fresh = replace(self.session, editing=key, appending=False, draft=None, last=None)
        return self.reopened(replace(fresh, revision=fresh.revision + 1))

    def submit(self) -> Turn:
        if self.path.open is not None:
            left = self.path.total - self.path.answered
            return self.refuse(Rejected("not_complete", {"left": max(left, 1)}))
        reviewed = review(self.form, self.session, self.path, self.context)
        if not reviewed.complete:
            self.session = replace(self.session, editing=None)
            self.step = None
            return self.refuse(
                Rejected("not_ready", {"blocked": len(reviewed.blocked), "required": len(reviewed.required)})
            )
        after = replace(
            self.session, finished=True, editing=None, draft=None, revision=self.session.revision + 1
        )
        answers = official_answers(self.form, after, self.path)
        return Turn(after, self.path, (Finished(answers, self.path.results(), outcome(self.path.suspected)),))
