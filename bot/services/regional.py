"""Villages, townships and the county: their questionnaires, and the way to the places in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.subject_file import LEVELS, RegionDossier, forms_of_level, read_subject
from bot.storage import interviews, people, regions, visibility
from bot.storage.people import Appointment
from bot.storage.regions import Region
from bot.storage.subjects import Subject

PAGE: Final = 8
MOST: Final = 3
"""So many regions at most have a button of their own on the home screen."""
BELOW: Final = {"county": ("county", "town", "village"), "town": ("town", "village"), "village": ("village",)}


def begin_data(region_id: int, form: str) -> str:
    """The data of the button that begins a questionnaire about a region."""
    return f"n:r{region_id}:{form}"


def home_buttons(task: Task, appointments: Sequence[Appointment], places: Sequence[Region]) -> list[Button]:
    """The ways from the home screen to the questionnaires of the person's own regions."""
    mine = {each.region_id for each in appointments if each.role in (*visibility.OVERSEERS, "cadre")}
    levels = [level for level in LEVELS if forms_of_level(task.office, level)]
    own = [each for each in places if each.id in mine and any(level in levels for level in BELOW[each.level])]
    buttons: list[Button] = []
    for region in own[:MOST]:
        alone = sum(each.level == region.level for each in own) == 1
        label = task.say("region.button", level=region.level, name="" if alone else region.name)
        buttons.append(Button(label, f"g:{region.id}"))
    return buttons


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "g:region" and "g:region:skipped", the latter for further places in it."""
    id, _, skipped = rest.partition(":")
    await screen(conn, task, int(id), int(skipped or 0))


async def screen(conn: AsyncConnection, task: Task, region_id: int, skipped: int = 0) -> None:
    """A region: its questionnaires with what was last handed in and who is at it, and the places in it."""
    if await visibility.region(conn, task.me.id, region_id, task.now) is None:
        task.reply(Message(task.say("region.not_found")))
        return
    dossier = await read_subject(conn, task.office, Subject("region", region_id), task.now)
    assert isinstance(dossier, RegionDossier)
    forms = forms_of_level(task.office, dossier.region.level)
    children = await regions.children(conn, region_id)
    children = [
        child for child in children if any(forms_of_level(task.office, e) for e in BELOW[child.level])
    ]
    skipped = skipped if skipped < len(children) else 0
    shown = children[skipped : skipped + PAGE]
    text = task.say(
        "region.screen",
        name=dossier.name(task.office),
        level=dossier.region.level,
        forms=await lines(conn, task, forms, Subject("region", region_id)),
        places=len(children),
        first=skipped + 1,
        last=skipped + len(shown),
    )
    own = [Button(form.short, begin_data(region_id, form.id)) for form in forms]
    below = [Button(child.name, f"g:{child.id}") for child in shown]
    turns: list[Button] = []
    if skipped:
        turns.append(Button(task.say("buttons.earlier"), f"g:{region_id}:{max(skipped - PAGE, 0)}"))
    if skipped + PAGE < len(children):
        turns.append(Button(task.say("buttons.later"), f"g:{region_id}:{skipped + PAGE}"))
    turns.append(Button(task.say("buttons.home"), "m:home"))
    rows = rows_of(own, width=16) + rows_of(below, width=16) + rows_of(turns, width=18)
    task.reply(Message(text, rows, slot="menu"))


async def lines(
    conn: AsyncConnection, task: Task, forms: Sequence[Form], subject: Subject
) -> list[tuple[str, str, str, str, str]]:
    """Of each form: its name, when and by whom it was last handed in, who is at it and since when."""
    last = await interviews.handed_in(conn, subject)
    at_it = {form.id: await interviews.open_about(conn, subject, form.id) for form in forms}
    held = [task.interviews.get(each.id, each) for found in at_it.values() for each in found]
    who = await people.get_many(conn, {each.person_id for each in (*last.values(), *held)})
    found: list[tuple[str, str, str, str, str]] = []
    for form in forms:
        done = last.get(form.id)
        holder = next((each for each in held if each.form == form.id and each.state == "open"), None)
        found.append(
            (
                form.name,
                ""
                if done is None or done.submitted_at is None
                else task.office.today(done.submitted_at).isoformat(),
                "" if done is None else who[done.person_id].name,
                "" if holder is None else who[holder.person_id].name,
                "" if holder is None else task.office.today(holder.started_at).isoformat(),
            )
        )
    return found


def offer_next(task: Task, form: Form, dossier: RegionDossier) -> None:
    """What one can do next for this region."""
    others = [each for each in forms_of_level(task.office, dossier.region.level) if each.id != form.id]
    buttons = [Button(each.short, begin_data(dossier.region.id, each.id)) for each in others]
    label = task.say("region.button", level=dossier.region.level, name=dossier.region.name)
    buttons.append(Button(label, f"g:{dossier.region.id}"))
    buttons.append(Button(task.say("buttons.home"), "m:home"))
    task.send(Message(task.say("home.what_next"), rows_of(buttons, width=16), slot="menu"))
