"""Answers typed from paper: one message of `number=answer` pairs, taken through the ordinary conversation.

Every check, limit and jump holds. A pair that cannot be taken changes nothing; the others stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogs import answering, engine
from bot.dialogs.context import Context
from bot.dialogs.effects import (
    Answered,
    Effect,
    Hidden,
    LeftOut,
    Noted,
    NotTaken,
    Refused,
    Restored,
    TakenFromPaper,
)
from bot.dialogs.engine import Change, Turn
from bot.dialogs.form import Form, Item, Step, split_key
from bot.dialogs.numbering import UNASKED, numbering, supplementary
from bot.dialogs.opening import open_step
from bot.dialogs.paper_pairs import Pair, read_pairs
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.reply import Reply, Resume, Said
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary
from bot.expressions import Value

FREE: Final = frozenset({"text", "person", "signature", "date", "datetime", "month"})
"""Kinds whose own answers may begin with a number and a colon."""


def _means_paper(
    pairs: Sequence[Pair], text: str, step: Step | None, context: Context, vocabulary: Vocabulary
) -> bool:
    """Whether pairs are what was meant: behind a colon they may also be the answer to the open question."""
    if pairs[0].sign == "=" or step is None or step.item is None:
        return True
    if step.item.kind in FREE:
        return False
    return isinstance(answering.read(step.item, text, context, vocabulary), Rejected)


def respond(form: Form, session: Session, reply: Reply, context: Context, vocabulary: Vocabulary) -> Turn:
    """`engine.advance` that also understands a message of answers from paper."""
    taken = apply(form, session, reply.text, context, vocabulary) if isinstance(reply, Said) else None
    return taken or engine.advance(form, session, reply, context, vocabulary)


def apply(form: Form, session: Session, text: str, context: Context, vocabulary: Vocabulary) -> Turn | None:
    """Take every answer of a message from paper; None when the message is none.

    The turn begins with what was taken, refused and left out, and ends with what stands open as always: a
    check that fired is asked about then.
    """
    pairs = read_pairs(form, text, vocabulary)
    if not pairs:
        return None
    standing = engine.advance(form, session, Resume(), context, vocabulary)
    if not _means_paper(pairs, text, open_step(form, session, standing.path), context, vocabulary):
        return None
    taking = _Taking(form, standing, context, vocabulary)
    taking.take(pairs)
    return taking.turn(standing)


class _Taking:
    """The pairs of one message on their way into the session."""

    def __init__(self, form: Form, standing: Turn, context: Context, vocabulary: Vocabulary) -> None:
        self.form = form
        self.context = context
        self.vocabulary = vocabulary
        self.session = standing.session
        self.path = standing.path
        self.changes: list[Change] = []
        self.answered: dict[str, Answered] = {}
        self.noted: list[Noted] = []
        self.bound: dict[int, Step] = {}
        """Which question each pair, by its place in the message, was found to mean."""

    def take(self, pairs: Sequence[Pair]) -> None:
        """Apply the pairs in order; those that could not be applied once more, after what opens them."""
        left: dict[int, Refused | None] = dict.fromkeys(range(len(pairs)))
        moved = True
        while moved and left:
            before = len(left)
            for place in list(left):
                refused = self.one(place, pairs[place])
                if isinstance(refused, Answered):
                    del left[place]
                else:
                    left[place] = refused
            moved = len(left) < before
        self.refused = tuple(
            NotTaken(pairs[place].said, refused.step, refused.rejection)
            for place, refused in left.items()
            if refused is not None
        )
        self.left_out = tuple(
            self.why_left_out(place, pairs[place]) for place, refused in left.items() if refused is None
        )

    def one(self, place: int, pair: Pair) -> Answered | Refused | None:
        """Apply one pair: what was answered, why it was not taken, or None when it does not apply."""
        if not numbering(self.form).find(pair.name):
            return Refused(None, reject("no_such_item", what=pair.said, near=""))
        step = self.bound.get(place) or self.meant(pair)
        if step is None:
            return None
        self.bound[place] = step
        applies = self.path.find(step.key) is not None or step.key in self.path.kept
        return self.say(step, pair.answer) if applies else None

    def say(self, step: Step, answer: str) -> Answered | Refused:
        """Answer one question by the ordinary way, as if it had been opened to be changed."""
        opened = replace(self.session, editing=step.key, draft=None)
        turn = engine.advance(self.form, opened, Said(answer), self.context, self.vocabulary)
        for effect in turn.effects:
            if isinstance(effect, Refused):
                return effect
        answered = next(effect for effect in turn.effects if isinstance(effect, Answered))
        self.session, self.path = turn.session, turn.path
        self.changes += turn.changes
        self.noted += [effect for effect in turn.effects if isinstance(effect, Noted)]
        self.answered[step.key] = answered
        return answered

    def meant(self, pair: Pair) -> Step | None:
        """The question that a pair means: the first of that number which no other pair means already."""
        addressed = {step.key for step in self.bound.values()}
        steps = self.under(pair)
        return next((step for step in steps if step.key not in addressed), steps[-1] if steps else None)

    def under(self, pair: Pair) -> list[Step]:
        """The questions under a number that apply now, row by row, the paper's own before ours."""
        items = numbering(self.form).find(pair.name)
        rank = {item.id: (supplementary(item), place) for place, item in enumerate(items)}
        steps = [step for step in self.path.steps if step.item is not None]
        for key in self.path.kept:
            id, row = split_key(key)
            steps.append(Step(key, self.form.by_id[id], row))
        # A figure that is worked out has its box on the paper too: it must not push the next answer into it.
        steps += [
            Step(item.id, item) for item in items if item.kind == "calculate" and item.fact in self.path.facts
        ]
        found = [
            (step.row or 0, rank[step.item.id], step)
            for step in steps
            if step.item is not None and step.item.id in rank and pair.row in (None, step.row)
        ]
        return [step for *_, step in sorted(found, key=lambda each: each[:2])]

    def why_left_out(self, place: int, pair: Pair) -> LeftOut:
        """What a pair that does not apply would have answered, and which question it waits for."""
        bound = self.bound.get(place)
        item = bound.item if bound is not None and bound.item is not None else None
        item = item or numbering(self.form).find(pair.name)[0]
        return LeftOut(pair.said, item, self.waits_for(item))

    def waits_for(self, item: Item) -> Item | None:
        """The question without an answer that decides whether `item` is asked; None: it is not asked."""
        if item.kind in UNASKED:
            return None
        facts = self.path.facts
        if item.repeat is not None:
            count = self.form.by_id[self.form.roster_by_id[item.repeat].count]
            if facts.get(count.fact) is not None:
                return None
            return count if self.open(count) else self.waits_for(count)
        if item.ask_if is None or item.ask_if.run(facts.get) is not None:
            return None
        named = (self.form.by_fact.get(name) for name in sorted(item.ask_if.names))
        deciding = [each for each in named if each is not None and facts.get(each.fact) is None]
        deciding.sort(key=lambda each: self.form.order[each.id])
        return next((each for each in deciding if self.open(each)), None)

    def open(self, item: Item) -> bool:
        """Whether a question outside of rosters applies and has no answer yet."""
        return self.path.find(item.id) is not None and self.session.answers.get(item.id) is None

    def turn(self, standing: Turn) -> Turn:
        """The outcome: what was taken, what that moved, and what stands open now."""
        now = engine.advance(self.form, self.session, Resume(), self.context, self.vocabulary)
        taken = TakenFromPaper(tuple(self.answered.values()), self.refused, self.left_out)
        noted = dict.fromkeys(effect for effect in self.noted if effect.check in now.path.fired)
        effects: list[Effect] = [taken, *noted, *self.moved(standing)]
        return Turn(now.session, now.path, (*effects, now.effects[-1]), tuple(self.changes))

    def moved(self, standing: Turn) -> list[Effect]:
        """Which answers went off the path or came back, over the whole message."""
        old = {step.key for step in standing.path.steps}
        new = {step.key for step in self.path.steps}
        answers: dict[str, Value] = dict(self.session.answers)
        hidden = tuple(key for key in answers if key not in new and (key in old or key in self.answered))
        restored = tuple(
            key for key in standing.session.answers if key in new - old and key not in self.answered
        )
        return [*([Hidden(hidden)] if hidden else []), *([Restored(restored)] if restored else [])]
