"""After a questionnaire that is due every month: the next household of the village that still lacks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.services.household_file import Dossier
from bot.services.office import Task
from bot.services.outgoing import Button
from bot.storage import visibility
from bot.storage.households import Household

MONTHLY = "month"


@dataclass(frozen=True, slots=True)
class Round:
    """A person's round through a village: the household to go to next, and how many are left with it."""

    next: Household | None
    left: int


async def after(conn: AsyncConnection, task: Task, form: Form, dossier: Dossier) -> Round | None:
    """The round once the form of this household is handed in; None for a form that is not due every month."""
    if form.every != MONTHLY:
        return None
    here = dossier.household
    begin = datetime.combine(task.today.replace(day=1), time(), task.office.zone)
    around = await visibility.lacking(conn, task.me.id, task.now, here, form=form.id, since=begin)
    # What this group of updates hands in is written at its end only.
    done = {here.id} | {
        each.household_id
        for each in task.changed.values()
        if each.form == form.id and each.submitted_at is not None
    }
    place = next((at for at, each in enumerate(around) if each.id == here.id), 0)
    in_turn = [*around[place:], *around[:place]]
    left = [each for each in in_turn if each.id not in done and suits(form, each, dossier)]
    return Round(left[0] if left else None, len(left))


def suits(form: Form, household: Household, like: Dossier) -> bool:
    """Whether the form is meant for such a household, or may be."""
    register = Dossier(household, (), like.places, None, (), like.today).register()
    return form.suits is None or form.suits.evaluate(register) is not False


def said(task: Task, form: Form, dossier: Dossier, visits: Round) -> str:
    """How many households are left, or that all of them are done."""
    return task.say("next.left", form=form.short, village=dossier.place("village"), count=visits.left)


def buttons(task: Task, form: Form, visits: Round) -> list[Button]:
    """The way to the next household, if there is one."""
    if visits.next is None:
        return []
    label = task.say("next.button", head=visits.next.head_name, group=visits.next.village_group)
    return [Button(label, f"n:{visits.next.id}:{form.id}")]
