"""The menu of a long form: which section is meant, going in and coming out."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogs.answering import MOST_FOUND
from bot.dialogs.effects import Choose
from bot.dialogs.form import Form, Section, Step, split_key
from bot.dialogs.opening import open_step, section_of
from bot.dialogs.path import Path
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import plain


def enter(
    form: Form, session: Session, path: Path, section: str | None
) -> tuple[Session, tuple[Choose, ...]] | Rejected:
    """The session inside a section, or at the menu (None); for a finished one its answers to choose from."""
    named = next((each for each in form.sections if each.id == section), None)
    if section is not None and named is None:
        return reject("no_such_section", what=section)
    fresh = replace(session, section=section, editing=None, appending=False, draft=None, last=None)
    fresh = replace(fresh, revision=session.revision + 1)
    if named is None or open_step(form, fresh, path) is not None:
        return fresh, ()
    steps = in_section(named.id, form, path)
    choose = (Choose(named.name, steps, fresh.revision),) if steps else ()
    return replace(fresh, section=None), choose


def left(form: Form, session: Session, path: Path) -> Session:
    """The session, out of a section in which nothing is open any more."""
    if not form.menu or session.section is None:
        return session
    steps = (path.steps[index] for index in path.opens)
    still = any(section_of(form, step) == session.section for step in steps)
    return session if still else replace(session, section=None)


def find_section(what: str, form: Form) -> Section | Rejected:
    """The section that `what` names: its number in the form, or a part of its name that only it has."""
    said = plain(what).replace(" ", "")
    numbered = {str(number): section for number, section in enumerate(form.sections, 1)}
    if said in numbered:
        return numbered[said]
    named = [section for section in form.sections if said and said in plain(section.name)]
    return named[0] if len(named) == 1 else reject("no_such_section", what=what)


def in_section(section: str, form: Form, path: Path) -> tuple[Step, ...]:
    """The answered questions of a section, to be asked again."""
    steps = [step for step in path.steps if step.item is not None and step.item.section == section]
    for key in path.kept:
        id, row = split_key(key)
        if form.by_id[id].section == section:
            steps.append(Step(key, form.by_id[id], row))
    return tuple(sorted(steps, key=lambda step: form.order[split_key(step.key)[0]]))[:MOST_FOUND]
