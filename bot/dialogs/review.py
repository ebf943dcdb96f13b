"""What stands at the end: what is missing, blocked, warned and changed, and the answers as on paper."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogs.context import Context
from bot.dialogs.effects import Effect, Hidden, Restored, Reviewed, Skipped
from bot.dialogs.form import Form, Item, Step, split_key
from bot.dialogs.path import Path
from bot.dialogs.session import Session
from bot.expressions import Value


def review(form: Form, session: Session, path: Path, context: Context) -> Reviewed:
    """The state of a fully walked interview (questionnaires.md 0.4 and 20.5)."""
    asked = [(step, step.item) for step in path.steps if step.item is not None]
    missing = [
        (step, item) for step, item in asked if session.answers.get(step.key) is None and not item.optional
    ]
    changed = [
        (step, known.value, value)
        for step, item in asked
        if not item.repeat
        and (known := context.known.get(item.fact)) is not None
        and known.changed_by(value := session.answers.get(step.key))
    ]
    fired = path.fired
    return Reviewed(
        tuple(step for step, _ in missing),
        tuple(step for step, item in missing if item.required),
        tuple(check for check in fired if check.level == "block"),
        tuple(check for check in fired if check.level == "warn"),
        tuple(check for check in fired if check.level == "info"),
        tuple(changed),
        session.revision,
    )


def official_answers(form: Form, session: Session, path: Path) -> dict[str, Value]:
    """Answers by item id as the paper form has them; rows in addition under `id#row`.

    A row item's own id holds the household's folded answer (questionnaires.md 3.3).
    """
    facts = path.facts
    answers: dict[str, Value] = {key: taken(form, key, facts) for key in path.kept}
    answers |= {step.key: session.answers.get(step.key) for step in path.steps if step.item is not None}
    for item in form.items:
        if item.fold is not None and item.fold.fact in facts:
            answers[item.id] = facts[item.fold.fact]
        elif item.calc is not None and item.repeat is None and item.fact in facts:
            answers[item.id] = facts[item.fact]
    return answers


def taken(form: Form, key: str, facts: Mapping[str, Value]) -> Value:
    """The answer under `key` that was taken from the file."""
    id, row = split_key(key)
    item = form.by_id[id]
    if row is None or item.repeat is None:
        return facts.get(item.fact)
    return facts[item.repeat][row - 1].get(item.fact)


def skipped(form: Form, path: Path, step: Step, item: Item) -> Skipped | None:
    """What an answer to `item` made the conversation pass over, as the form's own jump notes would say."""
    order = form.order
    here = order[item.id]
    to = path.open_step
    if to is not None and to.item is None:
        return None
    there = len(form.items) if to is None or to.item is None else order[to.item.id]
    fact = item.fact
    left_out = {
        between.id
        for between in form.items[here + 1 : there]
        if between.ask_if is not None and between.calc is None and fact in between.ask_if.names
    }
    if not left_out:
        return None
    asked = {each.item.id for each in path.steps if each.item is not None}
    return Skipped(step, to) if left_out - asked - set(path.kept) else None


def moved(before: Path, after: Path, session: Session, key: str) -> list[Effect]:
    """Which stored answers an answer to `key` took off the path or brought back."""
    old = {step.key for step in before.steps if step.item is not None}
    new = {step.key for step in after.steps if step.item is not None}
    hidden = tuple(k for k in session.answers if k in old and k not in new)
    restored = tuple(k for k in session.answers if k in new and k not in old and k != key)
    return [*([Hidden(hidden)] if hidden else []), *([Restored(restored)] if restored else [])]
