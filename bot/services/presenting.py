"""A turn of the dialogue as one message: what happened, then the open question with its buttons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.dialogs.context import Known
from bot.dialogs.effects import (
    Answered,
    Asked,
    Choose,
    Doubted,
    Effect,
    Hidden,
    Ignored,
    Noted,
    Refused,
    Restored,
    Reviewed,
    Skipped,
)
from bot.dialogs.engine import Turn
from bot.dialogs.form import Check, Form, Item, Step, split_key
from bot.dialogs.opening import row_name
from bot.dialogs.rejection import Rejected
from bot.render.messages import Messages
from bot.services.keyboards import Keyboards, to_mend
from bot.services.outgoing import Message, Rows
from bot.services.overview import Overview
from bot.services.values import beyond, figure, shown

NAMED_HIDDEN: Final = 4
"""So many questions are named when answers are put away; the rest are counted."""
LONGEST_NAME: Final = 20
"""Characters of a row's title where it stands beside a question: a promise may be a whole sentence."""
NO_ANSWER: Final = frozenset(
    {"at_start", "at_review", "no_such_item", "not_asked", "no_such_choice", "not_complete", "not_ready"}
)
"""Reasons that concern the conversation: what the open question accepts would not help."""


class Presenter:
    """Says turns of one form in one interview."""

    def __init__(
        self, messages: Messages, form: Form, interview: int, problems: Mapping[str, str] | None = None
    ) -> None:
        self.say = messages.say
        self.messages = messages
        self.form = form
        self.interview = interview
        self.keyboards = Keyboards(messages, interview, menu=form.menu)
        self.overview = Overview(messages, form, self.keyboards, problems or {}, self.why)

    def message(self, turn: Turn) -> Message:
        """Everything a person sees after a turn, as one message in the question's slot."""
        lines = [text for effect in turn.effects if (text := self.text(effect, turn))]
        return Message("\n\n".join(lines), self.keyboard(turn), slot=f"q{self.interview}")

    def keyboard(self, turn: Turn) -> Rows:
        """The buttons of what stands open, above them the questions to choose from after an edit."""
        rows: Rows = ()
        for effect in turn.effects:
            match effect:
                case Choose(_, steps, revision):
                    names = [(step.key, self.question_name(step, turn)) for step in steps]
                    rows += self.keyboards.choose(names, revision)
                case Asked():
                    rows += self.keyboards.question(effect)
                case Doubted(check, revision, edits):
                    rows += self.keyboards.doubt(check, revision, self.decisions(check, edits, turn))
                case Reviewed():
                    wrong = to_mend(effect, turn.path)
                    names = [(step.key, self.question_name(step, turn)) for step in wrong]
                    rows += self.keyboards.review(names, effect.revision, complete=effect.complete)
                case _:
                    rows += self.overview.rows(effect)
        return rows

    def text(self, effect: Effect, turn: Turn) -> str:
        """The sentences for one effect; empty for what needs none."""
        match effect:
            case Answered(step, value, _, known):
                return self.answered(step, value, known)
            case Asked():
                return self.asked(effect)
            case Doubted(check, _, edits):
                return self.doubted(check, edits, turn)
            case Refused(step, rejection):
                return self.refused(step, rejection)
            case Noted(check):
                return self.say("interview.noted", text=check.text)
            case Skipped(after, to):
                return self.skipped(after, to, turn)
            case Hidden(keys):
                return self.say("interview.hidden", labels=self.labels(keys), count=len(keys))
            case Restored(keys):
                return self.say("interview.restored", labels=self.labels(keys), count=len(keys))
            case Choose(what, steps, _):
                lines = [
                    self.say("interview.option_line", code=step.key, label=self.label(step, turn))
                    for step in steps
                ]
                return self.say("interview.choose", what=what, choices="\n".join(lines))
            case Ignored(_, twice):
                return "" if twice else self.say("interview.stale")
            case Reviewed():
                return self.reviewed(effect, turn)
        return self.overview.text(effect)

    def answered(self, step: Step, value: Any, known: Known | None) -> str:
        assert step.item is not None
        item = step.item
        if known is not None and known.way == "hint":
            # What another concept or scope gave is not what this answer was before.
            known = None
        return self.say(
            "interview.answered",
            no=item.no,
            label=item.label,
            value=shown(item, value, self.messages),
            before="" if known is None else shown(item, known.value, self.messages),
            before_on="" if known is None else known.on,
        )

    def asked(self, asked: Asked) -> str:
        item = asked.step.item
        assert item is not None
        who = self.who(asked)
        multiple = item.kind == "select_multiple"
        known = asked.known
        return self.say(
            "interview.asked",
            no=item.no,
            text=self.prompt(asked),
            hint=item.hint.replace("{who}", who),
            options=self.options(item),
            who=who,
            position=asked.position,
            total=asked.total,
            unit="" if item.options else item.unit,
            known=None if known is None else shown(item, known.value, self.messages, to_confirm=True),
            known_on=known.on if known is not None else "",
            known_way=known.way if known is not None else "",
            current=None
            if asked.current is None
            else shown(item, asked.current[0], self.messages, to_confirm=True),
            appending=asked.appending,
            multiple=multiple,
            maximum=item.max_choices,
            optional=item.optional,
        )

    def prompt(self, asked: Asked) -> str:
        """The question as it is put, without its number, hint and options."""
        return "" if asked.step.item is None else asked.step.item.text.replace("{who}", self.who(asked))

    def who(self, asked: Asked) -> str:
        """The person or thing that a roster's question is about; empty outside of rosters."""
        return brief(asked.who or self.row_title(asked.step))

    def options(self, item: Item) -> str:
        """The options with their official codes, as they stand under the question."""
        lines = [self.say("interview.option_line", code=o.code, label=o.label) for o in item.options]
        return self.say("interview.option_list", lines=lines) if lines else ""

    def row_title(self, step: Step) -> str:
        """The name of a row whose person has not been named yet."""
        if step.row is None or step.item is None or step.item.repeat is None:
            return ""
        roster = self.form.roster_by_id[step.item.repeat]
        return self.say("interview.row", name=roster.name, number=step.row)

    def question_name(self, step: Step, turn: Turn) -> str:
        """A question by number and official name, with the row's person."""
        assert step.item is not None
        return f"{step.item.no} {self.label(step, turn)}".lstrip()

    def label(self, step: Step, turn: Turn) -> str:
        """A question's official name, with the row's person."""
        assert step.item is not None
        who = brief(row_name(self.form, turn.path, step) or self.row_title(step))
        return self.say("interview.labelled", label=step.item.label, who=who)

    def labels(self, keys: Iterable[str]) -> str:
        """Official names of the questions under `keys`, each once, the first few."""
        names = list(dict.fromkeys(self.form.by_id[split_key(key)[0]].label for key in keys))
        return self.say("interview.value_list", labels=names[:NAMED_HIDDEN])

    def check_text(self, check: Check, turn: Turn) -> str:
        """What a check says; soft limits say their own figures."""
        if check.text:
            return check.text
        item = self.form.by_id[check.items[0]]
        return self.say(
            "interview.soft_range",
            label=item.label,
            value=figure(item, beyond(item, turn.path.facts)),
            low=None if item.soft_min is None else figure(item, item.soft_min),
            high=None if item.soft_max is None else figure(item, item.soft_max),
            unit=item.unit,
        )

    def decisions(self, check: Check, edits: Iterable[str], turn: Turn) -> list[str]:
        """What can be done about a fired check, with the number to type."""
        labels = self.decision_labels(check, edits, turn)
        return [
            self.say("interview.option_line", code=code, label=text) for code, text in enumerate(labels, 1)
        ]

    def decision_labels(self, check: Check, edits: Iterable[str], turn: Turn) -> list[str]:
        """What can be done about a fired check: accept it, or change one of its answers."""
        blocks = check.level == "block"
        labels = [self.say("buttons.accept_block") if blocks else self.say("buttons.accept_warn")]
        for key in edits:
            id, row = split_key(key)
            step = Step(key, self.form.by_id[id], row)
            labels.append(self.say("buttons.change", label=self.question_name(step, turn)))
        return labels

    def doubted(self, check: Check, edits: tuple[str, ...], turn: Turn) -> str:
        choices = "\n".join(self.decisions(check, edits, turn))
        return self.say(
            "interview.doubted", level=check.level, text=self.check_text(check, turn), choices=choices
        )

    def why(self, step: Step | None, rejection: Rejected) -> str:
        """Why a reply could not be taken, without what would be."""
        item = None if step is None else step.item
        params: dict[str, Any] = dict(rejection.params)
        for name in ("candidates", "options"):
            if isinstance(pairs := params.get(name), list | tuple):
                params[name] = self.brief_list([_joined(pair) for pair in pairs])
        for name in ("low", "high", "value"):
            if isinstance(params.get(name), int | float):
                params[name] = figure(item, params[name])
        return self.messages.say(f"rejected.{rejection.reason}", **params)

    def refused(self, step: Step | None, rejection: Rejected) -> str:
        item = None if step is None else step.item
        why = self.why(step, rejection)
        helps = item is not None and rejection.reason not in NO_ANSWER
        return self.say("interview.refused", why=why, accepts=self.accepts(item) if item and helps else "")

    def accepts(self, item: Item) -> str:
        """What would be accepted as an answer to `item`."""
        lines = [self.say("interview.option_line", code=o.code, label=o.label) for o in item.options]
        facts = {
            "options": self.brief_list(lines),
            "low": figure(item, item.min) if isinstance(item.min, int | float) else None,
            "high": figure(item, item.max) if isinstance(item.max, int | float) else None,
            "unit": item.unit,
        }
        return self.messages.say(f"accepts.{item.kind}", **facts)

    def brief_list(self, lines: list[str]) -> str:
        """Options in one line; empty for none."""
        return self.say("interview.option_brief", lines=lines) if lines else ""

    def skipped(self, after: Step, to: Step | None, turn: Turn) -> str:
        item = after.item
        assert item is not None
        value = shown(item, turn.session.answers.get(after.key), self.messages)
        target = to.item.no if to is not None and to.item is not None else ""
        return self.say("interview.skipped", no=item.no, value=value, to=target)

    def reviewed(self, review: Reviewed, turn: Turn) -> str:
        required = set(review.required)
        return self.say(
            "interview.reviewed",
            form=self.form.name,
            missing=[self.question_name(step, turn) for step in review.missing if step not in required],
            required=[self.question_name(step, turn) for step in review.required],
            blocked=[self.check_text(check, turn) for check in review.blocked],
            warned=[self.check_text(check, turn) for check in review.warned],
            noted=[self.check_text(check, turn) for check in review.noted],
            changed=[self.change(step, before, now, turn) for step, before, now in review.changed],
            complete=review.complete,
        )

    def change(self, step: Step, before: Any, now: Any, turn: Turn) -> str:
        assert step.item is not None
        return self.say(
            "interview.changed",
            name=self.question_name(step, turn),
            before=shown(step.item, before, self.messages),
            now=shown(step.item, now, self.messages),
        )


def brief(name: str) -> str:
    """A row's title, cut to a length that fits a sentence or a button."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _joined(pair: Any) -> str:
    return " ".join(map(str, pair)) if isinstance(pair, list | tuple) else str(pair)
