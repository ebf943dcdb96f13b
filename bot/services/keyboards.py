"""The buttons under an open question, doubt or review; their data says all that a tap means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.dialogs.effects import Asked, Reviewed
from bot.dialogs.form import CONFIRM, Check, Step
from bot.dialogs.path import Path
from bot.render.messages import Messages
from bot.services.outgoing import Button, Rows, rows_of

LONGEST_LABEL: Final = 60
"""Characters; a phone shows less than that in one row anyway."""
MOST_TO_MEND: Final = 6


class Keyboards:
    """Lays out the buttons of one interview.

    Data: `i:interview:revision:key:action` with p+code pick, + and - tick, d done, k keep, u not known;
    `b:interview:revision` back, `e:interview:revision:key` change, `s:interview:revision` hand in. The
    revision tells a second tap from a first. `c:interview:revision:section` goes into a section of a long
    form, out to its menu without one; `x:interview:revision` says more to the text just given. At most 64
    bytes.
    """

    def __init__(self, messages: Messages, interview: int, *, menu: bool = False) -> None:
        self.say = messages.say
        self.interview = interview
        self.menu = menu

    def question(self, asked: Asked) -> Rows:
        """Options, then keep, skip or not known, and back."""
        item, key, revision = asked.step.item, asked.step.key, asked.revision
        assert item is not None

        def button(label: str, action: str, code: int = 0) -> Button:
            return self.answer(label, key, revision, action, code)

        if item.kind == "select_multiple":
            choices = [
                button(self.say("buttons.ticked", label=o.label), "-", o.code)
                if o.code in asked.draft
                else button(self.say("buttons.open", label=o.label), "+", o.code)
                for o in item.options
                if o.code != item.none
            ]
            # "None of these" stands alone, so there is nothing more to tick: one tap answers.
            choices += [button(o.label, "p", o.code) for o in item.options if o.code == item.none]
        else:
            choices = [
                button(self.say("interview.option_line", code=o.code, label=o.label), "p", o.code)
                for o in item.options
            ]
        done = ((button(self.say("buttons.done"), "d"),),) if item.kind == "select_multiple" else ()
        extra: list[Button] = []
        if asked.current is not None:
            extra.append(button(self.say("buttons.unchanged"), "k"))
        elif asked.known is not None and asked.known.way != "hint":
            extra.append(button(self.say("buttons.keep"), "k"))
        if item.optional:
            extra.append(button(self.say("buttons.skip"), "u"))
        elif not item.required:
            extra.append(button(self.say("buttons.unknown"), "u"))
        extra.append(self.back(revision))
        if asked.extendable and not asked.appending:
            extra.append(Button(self.say("buttons.append"), f"x:{self.interview}:{revision}"))
        if self.menu:
            extra.append(Button(self.say("buttons.sections"), f"c:{self.interview}:{revision}:"))
        return rows_of(choices) + done + rows_of(extra)

    def doubt(self, check: Check, revision: int, decisions: Sequence[str]) -> Rows:
        """One row for each thing that can be done about a fired check."""
        return self.pick(CONFIRM + check.id, revision, decisions)

    def pick(self, key: str, revision: int, labels: Sequence[str]) -> Rows:
        """One row for each thing that can be chosen about a check, a card or a candidate: 1, 2, ..."""
        return tuple((self.answer(label, key, revision, "p", code),) for code, label in enumerate(labels, 1))

    def pick_in_row(self, key: str, revision: int, labels: Sequence[str]) -> Rows:
        """The same for short labels, beside each other."""
        return (tuple(button for row in self.pick(key, revision, labels) for button in row),)

    def sections(self, named: Sequence[tuple[str, str]], revision: int) -> Rows:
        """The sections (id, name) of a long form."""
        return rows_of(
            [Button(_short(name), f"c:{self.interview}:{revision}:{id}") for id, name in named], width=20
        )

    def review(self, to_change: Sequence[tuple[str, str]], revision: int, *, complete: bool) -> Rows:
        """What is to be mended, one question a row, then hand in (when nothing hinders it) and back."""
        submit = Button(self.say("buttons.submit"), f"s:{self.interview}:{revision}")
        last = [submit] if complete else []
        return (*self.choose(to_change, revision), (*last, self.back(revision)))

    def choose(self, questions: Sequence[tuple[str, str]], revision: int) -> Rows:
        """A row for each question (key, name) that may be asked again."""
        return tuple(
            (Button(_short(self.say("buttons.change", label=name)), f"e:{self.interview}:{revision}:{key}"),)
            for key, name in questions
        )

    def back(self, revision: int) -> Button:
        """The way to the question before."""
        return Button(self.say("buttons.back"), f"b:{self.interview}:{revision}")

    def answer(self, label: str, key: str, revision: int, action: str, code: int) -> Button:
        """A button that answers the question `key` as it stands at `revision`."""
        return Button(_short(label), f"i:{self.interview}:{revision}:{key}:{action}{code}")


def to_mend(review: Reviewed, path: Path) -> list[Step]:
    """The questions that a review offers to change: required, in a blocking check, then the other missing."""
    steps = [(step, step.item.id) for step in path.steps if step.item is not None]
    blamed = {id for check in review.blocked for id in check.items}
    wrong = [*review.required, *(step for step, id in steps if id in blamed), *review.missing]
    return list({step.key: step for step in wrong}.values())[:MOST_TO_MEND]


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
