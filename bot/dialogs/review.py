"""What stands at the end: what is missing, blocked, warned and changed, and the answers as on paper."""

from __future__ import annotations

from bot.dialogs.effects import Reviewed, Skipped
from bot.dialogs.form import Form, Item, Step
from bot.dialogs.path import Context, Path
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
        and (value := session.answers.get(step.key)) is not None
        and value != known.value
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
    answers: dict[str, Value] = {key: facts.get(form.by_id[key].fact) for key in path.kept}
    answers |= {step.key: session.answers.get(step.key) for step in path.steps if step.item is not None}
    for item in form.items:
        if item.fold is not None and item.fold.fact in facts:
            answers[item.id] = facts[item.fold.fact]
        elif item.calc is not None and item.repeat is None and item.fact in facts:
            answers[item.id] = facts[item.fact]
    return answers


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
