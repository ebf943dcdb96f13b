"""What stands open in an interview: a question, a card, a doubt, a menu of sections, or the review."""

from __future__ import annotations

from typing import Final

from bot.dialogs.context import Context, Known, offered, offered_in_row
from bot.dialogs.effects import Asked, Doubted, Recalled, Reviewed, Sections, SectionState, Suspected
from bot.dialogs.form import Check, Form, Step
from bot.dialogs.path import Path
from bot.dialogs.review import review
from bot.dialogs.session import Session
from bot.expressions import Value

MOST_EDITS: Final = 8
"""So many answers at most are offered for change under a doubt."""

SENTENCE: Final = 6
"""Characters; what is shorter is a name or a place, to which nobody says more."""

Shown = Asked | Doubted | Recalled | Suspected | Sections | Reviewed


def open_step(form: Form, session: Session, path: Path) -> Step | None:
    """The one open question; None when the interview stands at its review or at the menu of its sections."""
    if session.editing is not None:
        if (index := path.find(session.editing)) is not None:
            return path.steps[index]
        id, _, row = session.editing.partition("#")
        if session.editing in path.kept:
            return Step(session.editing, form.by_id[id], int(row) if row else None)
    if not form.menu:
        return path.open_step
    steps = [path.steps[index] for index in path.opens]
    if all(step.candidate is not None for step in steps):
        return path.open_step
    if session.section is None:
        return None
    return next((step for step in steps if section_of(form, step) == session.section), None)


def section_of(form: Form, step: Step) -> str | None:
    """The section in which a step is asked; None for a candidate, which is asked at the end."""
    if step.item is not None:
        return step.item.section
    if step.recall is not None:
        return step.recall.id
    return None if step.check is None else form.section_of_check.get(step.check.id)


def row_name(form: Form, path: Path, step: Step) -> str | None:
    """The name given in the step's row, if it is about a person or thing of a roster."""
    if step.row is None or step.item is None or step.item.repeat is None:
        return None
    roster = form.roster_by_id[step.item.repeat]
    name = path.facts[roster.id][step.row - 1].get(roster.title)
    return name if isinstance(name, str) and step.item.fact != roster.title else None


def present(form: Form, session: Session, path: Path, context: Context) -> Shown:
    """The open question, card, check, candidate, menu or review as it is to be shown."""
    step = open_step(form, session, path)
    if step is None and form.menu and path.opens:
        return sections(form, session, path)
    if step is None:
        return review(form, session, path, context)
    if step.check is not None:
        return Doubted(step.check, session.revision, edits(step.check, path, session))
    if step.recall is not None:
        return Recalled(path.cards[step.key], session.revision)
    if step.candidate is not None:
        persons = next(found.persons for found in path.suspected if found.candidate is step.candidate)
        return Suspected(step.candidate, persons, session.revision, session.dismissing == step.key)
    answered = step.key in session.answers
    before = earlier(form, path, step)
    within = path.steps
    if form.menu:
        within = tuple(each for each in within if section_of(form, each) == section_of(form, step))
    return Asked(
        step,
        row_name(form, path, step),
        len(before) + 1,
        sum(each.item is not None for each in within) + (path.find(step.key) is None),
        session.revision,
        None if answered else known(form, step, path, context),
        (session.answers[step.key],) if answered else None,
        draft(step, session),
        session.appending and step.key == session.editing,
        extendable(form, session) is not None,
    )


def extendable(form: Form, session: Session) -> str | None:
    """Key of the text answer just given, to which more may be said."""
    key = session.last
    item = None if key is None else form.by_id.get(key.partition("#")[0])
    said = session.answers.get(key or "")
    whole = item is not None and item.kind == "text" and isinstance(said, str) and len(said) >= SENTENCE
    return key if whole else None


def sections(form: Form, session: Session, path: Path) -> Sections:
    """The menu of a long form: its sections with what is answered and what is left."""
    answered: dict[str, int] = {}
    left: dict[str, list[str]] = {}
    doubts: dict[str, int] = {}
    for key in path.kept:
        at = form.by_id[key.partition("#")[0]].section
        answered[at] = answered.get(at, 0) + 1
    opens = frozenset(path.opens)
    for index, step in enumerate(path.steps):
        at = section_of(form, step) or ""
        if index in opens:
            doubts[at] = doubts.get(at, 0) + (step.check is not None)
            left.setdefault(at, []).append("select_one" if step.item is None else step.item.kind)
        elif step.item is not None:
            answered[at] = answered.get(at, 0) + 1
    states: list[SectionState] = []
    for section in form.sections:
        done, kinds = answered.get(section.id, 0), left.get(section.id, [])
        if done or kinds:
            doubted = doubts.get(section.id, 0)
            states.append(SectionState(section, done, done + len(kinds), tuple(kinds), doubted))
    return Sections(tuple(states), session.revision)


def earlier(form: Form, path: Path, step: Step | None) -> list[Step]:
    """The questions on the path before `step` (None: before the review), in the order of the form.

    In a form with a menu they are those of the same section.
    """
    here = len(path.steps)
    if step is not None and (found := path.find(step.key)) is not None:
        here = found
    elif step is not None and step.item is not None:
        # An item of the household's file that is being asked stands on no path: its place in the form counts.
        place = form.order[step.item.id]
        places = ((at, each.item) for at, each in enumerate(path.steps))
        here = next((at for at, item in places if item is not None and form.order[item.id] > place), here)
    before = [each for each in path.steps[:here] if each.item is not None]
    if not form.menu or step is None:
        return before
    section = section_of(form, step)
    return [each for each in before if section_of(form, each) == section]


def edits(check: Check, path: Path, session: Session) -> tuple[str, ...]:
    """Keys of the check's answers that can be changed, the latest asked first, at most MOST_EDITS."""
    keys = [step.key for step in path.steps if step.item is not None and step.item.id in check.items]
    given = [key for key in reversed(keys) if key in session.answers]
    kept = (key for key in path.kept if key.partition("#")[0] in check.items)
    return (*given, *kept)[:MOST_EDITS]


def known(form: Form, step: Step, path: Path, context: Context) -> Known | None:
    """What the file says about the step's question, where it may be offered."""
    item = step.item
    if item is None:
        return None
    if item.repeat is None or step.row is None:
        return offered(item, context, path.facts.get)
    return offered_in_row(item, step.row, form.roster_by_id[item.repeat], context)


def kept_value(form: Form, step: Step, session: Session, path: Path, context: Context) -> tuple[Value] | None:
    """The present answer, or else what the file knows and allows to keep; boxed, as it may be None."""
    if step.key in session.answers:
        return (session.answers[step.key],)
    found = known(form, step, path, context)
    return None if found is None or found.way == "hint" else (found.value,)


def draft(step: Step, session: Session) -> tuple[int, ...]:
    """What is ticked of a select_multiple: the taps so far, before the first tap its present answer."""
    if step.item is None or step.item.kind != "select_multiple":
        return ()
    if session.draft is not None:
        return session.draft
    current = session.answers.get(step.key)
    return tuple(current) if isinstance(current, list) else ()
