"""What stands open in an interview: the one question, the one doubt, or the review."""

from __future__ import annotations

from typing import Final

from bot.dialogs.effects import Asked, Doubted, Reviewed
from bot.dialogs.form import Check, Form, Step
from bot.dialogs.path import Context, Known, Path
from bot.dialogs.review import review
from bot.dialogs.session import Session
from bot.expressions import Value

MOST_EDITS: Final = 8
"""So many answers at most are offered for change under a doubt."""


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


def present(form: Form, session: Session, path: Path, context: Context) -> Asked | Doubted | Reviewed:
    """The open question, check or review as it is to be shown."""
    step = open_step(form, session, path)
    if step is None:
        return review(form, session, path, context)
    if step.check is not None:
        return Doubted(step.check, session.revision, edits(step.check, path, session))
    answered = step.key in session.answers
    return Asked(
        step,
        row_name(form, path, step),
        len(earlier(form, path, step)) + 1,
        path.total,
        session.revision,
        None if answered else known(step, context),
        (session.answers[step.key],) if answered else None,
        draft(step, session),
    )


def earlier(form: Form, path: Path, step: Step | None) -> list[Step]:
    """The questions on the path before `step` (None: before the review), in the order of the form."""
    here = len(path.steps)
    if step is not None and (found := path.find(step.key)) is not None:
        here = found
    elif step is not None and step.item is not None:
        # An item of the household's file that is being asked stands on no path: its place in the form counts.
        place = form.order[step.item.id]
        places = ((at, each.item) for at, each in enumerate(path.steps))
        here = next((at for at, item in places if item is not None and form.order[item.id] > place), here)
    return [each for each in path.steps[:here] if each.item is not None]


def edits(check: Check, path: Path, session: Session) -> tuple[str, ...]:
    """Keys of the check's answers that can be changed, the latest asked first, at most MOST_EDITS."""
    keys = [step.key for step in path.steps if step.item is not None and step.item.id in check.items]
    given = [key for key in reversed(keys) if key in session.answers]
    return (*given, *(key for key in path.kept if key in check.items))[:MOST_EDITS]


def known(step: Step, context: Context) -> Known | None:
    """What the household's file says about the step's fact, where it may be offered."""
    item = step.item
    if item is None or item.repeat is not None or item.keep == "never":
        return None
    return context.known.get(item.fact)


def kept_value(step: Step, session: Session, context: Context) -> tuple[Value] | None:
    """The present answer, or else what the household's file knows; boxed, as the value may be None."""
    if step.key in session.answers:
        return (session.answers[step.key],)
    found = known(step, context)
    return None if found is None else (found.value,)


def draft(step: Step, session: Session) -> tuple[int, ...]:
    """What is ticked of a select_multiple: the taps so far, before the first tap its present answer."""
    if step.item is None or step.item.kind != "select_multiple":
        return ()
    if session.draft is not None:
        return session.draft
    current = session.answers.get(step.key)
    return tuple(current) if isinstance(current, list) else ()
