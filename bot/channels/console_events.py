"""A turn as JSON values, one for each thing that happened: what a program that rehearses a form reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.dialogs.context import Context
from bot.dialogs.effects import (
    Affirmed,
    Answered,
    Asked,
    Choose,
    Doubted,
    Finished,
    Hidden,
    Ignored,
    Noted,
    Recalled,
    Refused,
    Restored,
    Reviewed,
    Sections,
    Skipped,
    Suspected,
    TakenFromPaper,
)
from bot.dialogs.engine import Turn
from bot.dialogs.form import Item, Step
from bot.dialogs.rejection import Rejected
from bot.services.presenting import Presenter

Event = dict[str, Any]
WORDS: Final = frozenset({"text", "said", "what", "near"})
"""Parameters of a rejection that repeat what was typed or are sentences: no bounds."""


class Events:
    """Turns of one form as events; `text` is what the chat would say."""

    def __init__(self, presenter: Presenter, context: Context) -> None:
        self.presenter = presenter
        self.today = context.today

    def of(self, turn: Turn) -> Iterator[Event]:
        """The events of a turn, in their order; the last one is what stands open, or `finished`."""
        for effect in turn.effects:
            match effect:
                case Answered() | Ignored():
                    continue
                case Asked():
                    yield self.ask(effect)
                case Doubted():
                    yield self.doubted(effect, turn)
                case Reviewed():
                    yield self.review(effect)
                case Refused(step, rejection):
                    yield self.rejected(step, rejection)
                case Finished(answers, facts, problems):
                    yield {
                        "event": "finished",
                        "answers": dict(answers),
                        "facts": dict(facts),
                        "problems": [{"problem": p.problem, "accepted": p.accepted} for p in problems],
                    }
                case Recalled() | Affirmed() | Sections() | Suspected():
                    yield self.overview(effect, turn)
                case _:
                    yield self.aside(effect, turn)

    def aside(
        self, effect: Noted | Skipped | Hidden | Restored | Choose | TakenFromPaper, turn: Turn
    ) -> Event:
        """What a turn brought about besides asking the next question."""
        text = self.presenter.text(effect, turn)
        match effect:
            case Noted(check):
                return {"event": "noted", "check": check.id, "items": list(check.items), "text": text}
            case Skipped(after, to):
                return {"event": "skipped", "after": after.key, "to": to and to.key, "text": text}
            case Hidden(keys):
                return {"event": "hidden", "items": list(keys), "text": text}
            case Restored(keys):
                return {"event": "restored", "items": list(keys), "text": text}
            case Choose(what, steps, _):
                return {"event": "choose", "what": what, "items": [step.key for step in steps], "text": text}
            case TakenFromPaper(taken, refused, _):
                said = [each.said for each in refused]
                stored = [each.step.key for each in taken]
                return {"event": "from_paper", "items": stored, "refused": said, "text": text}

    def overview(self, effect: Recalled | Affirmed | Sections | Suspected, turn: Turn) -> Event:
        """What stands above single questions."""
        text = self.presenter.text(effect, turn)
        match effect:
            case Recalled(card, _):
                return {"event": "card", "section": card.section.id, "items": card.keys, "text": text}
            case Affirmed(card):
                return {"event": "affirmed", "section": card.section.id, "items": card.keys, "text": text}
            case Sections(states, _):
                left = {state.section.id: len(state.left) for state in states}
                return {"event": "sections", "left": left, "text": text}
            case Suspected(candidate, persons, _, wanted):
                return {
                    "event": "suspected",
                    "problem": candidate.problem,
                    "persons": list(persons),
                    "reason_wanted": wanted,
                    "text": text,
                }

    def ask(self, asked: Asked) -> Event:
        item = asked.step.item
        assert item is not None
        event: Event = {
            "event": "ask",
            "item": item.id,
            "no": item.no,
            "fact": item.fact,
            "kind": item.kind,
            "text": self.presenter.prompt(asked),
            "options": [{"code": option.code, "label": option.label} for option in item.options],
            "row": asked.step.row,
            "who": asked.who,
            "progress": [asked.position, asked.total],
        }
        if asked.current is not None:
            event["current"] = asked.current[0]
        if asked.known is not None:
            event["known"] = {"value": asked.known.value, "on": asked.known.on, "source": asked.known.source}
        return event

    def rejected(self, step: Step | None, rejection: Rejected) -> Event:
        item = None if step is None else step.item
        return {
            "event": "rejected",
            "item": None if item is None else item.id,
            "row": None if step is None else step.row,
            "why": rejection.reason,
            "bounds": self.bounds(item)
            | {name: value for name, value in rejection.params.items() if name not in WORDS},
            "text": self.presenter.refused(step, rejection),
        }

    def bounds(self, item: Item | None) -> Event:
        """The hard limits that the open question has."""
        if item is None:
            return {}
        limits = {"low": item.min, "high": item.max, "maximum": item.max_choices}
        return {
            name: self.today if limit == "today" else limit
            for name, limit in limits.items()
            if limit is not None
        }

    def doubted(self, doubted: Doubted, turn: Turn) -> Event:
        check = doubted.check
        items: list[str | None] = [None, *doubted.edits]
        labels = self.presenter.decision_labels(check, doubted.edits, turn)
        return {
            "event": "blocked" if check.level == "block" else "warned",
            "check": check.id,
            "items": list(check.items),
            "text": self.presenter.check_text(check, turn),
            "options": [
                {"code": code, "label": label} | ({} if key is None else {"item": key})
                for code, (label, key) in enumerate(zip(labels, items, strict=True), 1)
            ],
        }

    def review(self, review: Reviewed) -> Event:
        return {
            "event": "review",
            "missing": [step.key for step in review.missing],
            "required": [step.key for step in review.required],
            "blocked": [check.id for check in review.blocked],
            "warned": [check.id for check in review.warned],
            "noted": [check.id for check in review.noted],
            "changed": [
                {"item": step.key, "before": before, "now": now} for step, before, now in review.changed
            ],
            "complete": review.complete,
        }
