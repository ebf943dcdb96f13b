"""A turn of the dialogue as one message: what happened, then the open question with its buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
from bot.dialogs.engine import Turn, row_name
from bot.dialogs.form import Check, Form, Item, Step, split_key
from bot.render.messages import Messages, number
from bot.services.outgoing import Button, Message, Rows, rows_of
from bot.services.values import shown

NAMED_HIDDEN = 4
"""So many questions are named when answers are put away; the rest are counted."""


class Presenter:
    """Says turns of one form in one interview."""

    def __init__(self, messages: Messages, form: Form, interview: int) -> None:
        self.say = messages.say
        self.messages = messages
        self.form = form
        self.interview = interview

    def message(self, turn: Turn) -> Message:
        """Everything a person sees after a turn, as one message in the question's slot."""
        lines = [text for effect in turn.effects if (text := self.text(effect, turn))]
        buttons = next((self.buttons(e, turn) for e in reversed(turn.effects) if self.opens(e)), ())
        return Message("\n\n".join(lines), buttons, slot=f"q{self.interview}")

    @staticmethod
    def opens(effect: Effect) -> bool:
        """Whether the effect is what stands open at the end of the turn, and so carries the keyboard."""
        return isinstance(effect, Asked | Doubted | Reviewed)

    def text(self, effect: Effect, turn: Turn) -> str:
        """The sentences for one effect; empty for what needs none."""
        match effect:
            case Answered(step, value, _):
                return self.answered(step, value)
            case Asked():
                return self.asked(effect, turn)
            case Doubted(check, _, edits):
                return self.doubted(check, edits, turn)
            case Refused(step, rejection):
                return self.refused(step, rejection.reason, dict(rejection.params), turn)
            case Noted(check):
                return self.say("interview.noted", text=check.text)
            case Skipped(after, to):
                return self.skipped(after, to, turn)
            case Hidden(keys):
                return self.say("interview.hidden", labels=self.labels(keys), count=len(keys))
            case Restored(keys):
                return self.say("interview.restored", labels=self.labels(keys), count=len(keys))
            case Choose(what, steps, _):
                lines = [self.question_name(step, turn) for step in steps]
                return self.say("interview.choose", what=what, choices="\n".join(lines))
            case Ignored(_, twice):
                return "" if twice else self.say("interview.stale")
            case Reviewed():
                return self.reviewed(effect, turn)
        return ""

    def answered(self, step: Step, value: Any) -> str:
        assert step.item is not None
        item = step.item
        return self.say("interview.answered", no=item.no, label=item.label, value=shown(item, value, self.messages))

    def asked(self, asked: Asked, turn: Turn) -> str:
        item = asked.step.item
        assert item is not None
        who = asked.who or self.row_title(asked.step)
        multiple = item.kind == "select_multiple"
        known = asked.known
        return self.say(
            "interview.asked",
            no=item.no,
            text=item.text.replace("{who}", who),
            hint=item.hint.replace("{who}", who),
            options=self.options(item),
            who=who,
            position=asked.position,
            total=asked.total,
            unit="" if item.options else item.unit,
            known=None if known is None else shown(item, known.value, self.messages),
            known_on=known.on if known is not None else "",
            known_source=known.source if known is not None else "",
            current=None if asked.current is None else shown(item, asked.current[0], self.messages),
            multiple=multiple,
            maximum=item.max_choices,
            optional=item.optional,
        )

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
        who = row_name(self.form, turn.path, step) or self.row_title(step)
        label = self.say("interview.labelled", label=step.item.label, who=who)
        return f"{step.item.no} {label}"

    def labels(self, keys: Iterable[str]) -> str:
        """Official names of the questions under `keys`, each once, the first few."""
        names = list(dict.fromkeys(self.form.by_id[split_key(key)[0]].label for key in keys))
        return self.say("interview.value_list", labels=names[:NAMED_HIDDEN])

    def check_text(self, check: Check, turn: Turn) -> str:
        """What a check says; soft limits say their own figures."""
        if check.text:
            return check.text
        item = self.form.by_id[check.items[0]]
        value = turn.path.facts.get(item.fact)
        return self.say(
            "interview.soft_range",
            label=item.label,
            value="" if value is None else number(value),
            low=None if item.soft_min is None else number(item.soft_min),
            high=None if item.soft_max is None else number(item.soft_max),
            unit=item.unit,
        )

    def decisions(self, check: Check, edits: Iterable[str], turn: Turn) -> list[str]:
        """What can be done about a fired check: accept it, or change one of its answers."""
        accept = "buttons.accept_block" if check.level == "block" else "buttons.accept_warn"
        labels = [self.messages.say(accept)]
        for key in edits:
            id, row = split_key(key)
            step = Step(key, self.form.by_id[id], row)
            labels.append(self.say("buttons.change", label=self.question_name(step, turn)))
        return [self.say("interview.option_line", code=code, label=text) for code, text in enumerate(labels, 1)]

    def doubted(self, check: Check, edits: tuple[str, ...], turn: Turn) -> str:
        choices = "\n".join(self.decisions(check, edits, turn))
        return self.say("interview.doubted", level=check.level, text=self.check_text(check, turn), choices=choices)

    def refused(self, step: Step | None, reason: str, params: dict[str, Any], turn: Turn) -> str:
        for name in ("candidates", "options"):
            if isinstance(params.get(name), list | tuple):
                lines = [" ".join(map(str, p)) if isinstance(p, list | tuple) else str(p) for p in params[name]]
                params[name] = self.say("interview.option_brief", lines=lines)
        for name in ("low", "high", "value"):
            if isinstance(params.get(name), int | float):
                params[name] = number(params[name])
        why = self.messages.say(f"rejected.{reason}", **params)
        return self.say("interview.refused", why=why, accepts=self.accepts(step, turn))

    def accepts(self, step: Step | None, turn: Turn) -> str:
        """What would be accepted as an answer to `step`."""
        if step is None:
            return ""
        item = step.item
        if item is None:
            return ""
        lines = [self.say("interview.option_line", code=o.code, label=o.label) for o in item.options]
        return self.messages.say(
            f"accepts.{item.kind}",
            options=self.say("interview.option_brief", lines=lines) if lines else "",
            low=number(item.min) if isinstance(item.min, int | float) else None,
            high=number(item.max) if isinstance(item.max, int | float) else None,
            unit=item.unit,
        )

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

    def buttons(self, effect: Effect, turn: Turn) -> Rows:
        """The keyboard under the open question, check or review."""
        match effect:
            case Asked():
                return self.question_buttons(effect)
            case Doubted(check, revision, edits):
                labels = self.decisions(check, edits, turn)
                key = f"!{check.id}"
                return tuple(
                    (Button(label, self.data(key, revision, "p", code)),) for code, label in enumerate(labels, 1)
                )
            case Reviewed():
                return self.review_buttons(effect, turn)
        return ()

    def question_buttons(self, asked: Asked) -> Rows:
        item, key, revision = asked.step.item, asked.step.key, asked.revision
        assert item is not None

        def button(label: str, action: str, code: int = 0) -> Button:
            return Button(label, self.data(key, revision, action, code))

        if item.kind == "select_multiple":
            choices = [
                button(
                    self.say("buttons.ticked" if o.code in asked.draft else "buttons.open", label=o.label),
                    "-" if o.code in asked.draft else "+",
                    o.code,
                )
                for o in item.options
            ]
            choices.append(button(self.say("buttons.done"), "d"))
        else:
            choices = [button(f"{o.code} {o.label}", "p", o.code) for o in item.options]
        extra: list[Button] = []
        if asked.current is not None:
            extra.append(button(self.say("buttons.unchanged"), "k"))
        elif asked.known is not None:
            extra.append(button(self.say("buttons.keep"), "k"))
        if item.optional:
            extra.append(button(self.say("buttons.skip"), "u"))
        elif not item.required:
            extra.append(button(self.say("buttons.unknown"), "u"))
        extra.append(Button(self.say("buttons.back"), f"b:{self.interview}"))
        return rows_of(choices) + rows_of(extra)

    def review_buttons(self, review: Reviewed, turn: Turn) -> Rows:
        wrong = [*review.required, *(s for s in review.missing if s not in review.required)]
        steps = [step for step in turn.path.steps if step.item is not None]
        for check in review.blocked:
            wrong += [step for step in steps if step.item is not None and step.item.id in check.items]
        unique = list({step.key: step for step in wrong}.values())[:6]
        rows: list[tuple[Button, ...]] = [
            (
                Button(
                    self.say("buttons.change", label=self.question_name(step, turn)),
                    f"e:{self.interview}:{step.key}",
                ),
            )
            for step in unique
        ]
        last = [Button(self.say("buttons.back"), f"b:{self.interview}")]
        if review.complete:
            last.insert(0, Button(self.say("buttons.submit"), f"s:{self.interview}"))
        return (*rows, tuple(last))

    def data(self, key: str, revision: int, action: str, code: int) -> str:
        """Callback data of an answer: interview, revision, item and what to do, at most 64 bytes."""
        return f"i:{self.interview}:{revision}:{key}:{action}{code}"
