"""Lists, cards and search: what a person may see, one tap from what is to be done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import alerts_at_hand, auditing, due_list, entitled
from bot.services.household_file import Dossier, read_file
from bot.services.judging import TO_VERIFY
from bot.services.office import IDENTITY, Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.subject_file import forms_about, is_usual
from bot.storage import duties, households, verdicts, visibility
from bot.storage.households import Household
from bot.storage.subjects import Subject

PAGE: Final = 8
LONGEST_NAME: Final = 12
LONGEST_DATA: Final = 64
NUMBER: Final = re.compile("[0-9]{6}")


async def tapped(conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
    """Buttons "m:…" (menu), "l:page" (list), "h:household" (card); anything else is of another time."""
    match kind, rest:
        case "m", "due":
            await due(conn, task)
        case "d", _:
            await due(conn, task, int(rest))
        case "m", "help":
            task.send(Message(task.say("interview.help")))
        case "m", "alerts":
            await alerts_at_hand.listed(conn, task)
        case "l", _:
            words, _, skipped = rest.rpartition("/")
            await listed(conn, task, words, int(skipped))
        case "h", _ if rest.endswith(":more"):
            await more(conn, task, int(rest.partition(":")[0]))
        case "h", _:
            await card(conn, task, int(rest))
        case _:
            task.send(Message(task.say("home.old_button")))


async def listed(conn: AsyncConnection, task: Task, words: str = "", skipped: int = 0) -> None:
    """A page of the households that the person may see."""
    page = await visibility.find(conn, task.me.id, task.now, words=words, size=PAGE, skipped=skipped)
    if not page.total:
        await nobody(conn, task, words)
        return
    if not page.items:  # the list has become shorter since its button was made
        skipped = (page.total - 1) // PAGE * PAGE
        page = await visibility.find(conn, task.me.id, task.now, words=words, size=PAGE, skipped=skipped)
    auditing.note_listed(task, "list", [each.id for each in page.items])
    # Whoever was only asked for something there reads no card of it, as in `part`.
    charged = await visibility.in_charge(conn, task.me.id, [each.id for each in page.items], task.now)
    cards = await card_names(conn, task, [each for each in page.items if each.id in charged])
    buttons = [
        Button(
            task.say("home.list_one", head=h.head_name, group=h.village_group, card=cards.get(h.id, "")),
            f"h:{h.id}",
        )
        for h in page.items
    ]
    turns = pages(task, f"l:{words}/", skipped, page.total)
    text = task.say(
        "home.list", words=words, first=skipped + 1, last=skipped + len(page.items), total=page.total
    )
    task.reply(Message(text, rows_of(buttons, width=18) + rows_of(turns), slot="menu"))


async def nobody(conn: AsyncConnection, task: Task, words: str) -> None:
    """Nothing was found, or there is nothing: what one can do about it."""
    every = await visibility.find(conn, task.me.id, task.now, size=1)
    if not every.total:
        task.reply(Message(task.say("home.no_households")))
        return
    # What is too long for a name may be anything, an identity number too: it is not repeated on the screen.
    said = words if len(words) <= LONGEST_NAME and not NUMBER.search(words) else ""
    buttons = [Button(task.say("buttons.households", count=every.total), "l:/0")]
    task.reply(Message(task.say("home.none_found", words=said), rows_of(buttons), slot="menu"))


def pages(task: Task, data: str, skipped: int, total: int) -> list[Button]:
    """Buttons to the page before and after, where there is one; `data` takes the number to skip."""
    turns: list[Button] = []
    if skipped > 0:
        turns.append(Button(task.say("buttons.earlier"), f"{data}{max(skipped - PAGE, 0)}"))
    if skipped + PAGE < total:
        turns.append(Button(task.say("buttons.later"), f"{data}{skipped + PAGE}"))
    return [button for button in turns if len(button.data.encode()) <= LONGEST_DATA]


async def card_names(conn: AsyncConnection, task: Task, found: Sequence[Household]) -> dict[int, str]:
    """The name of each household's present card under the county's first scheme."""
    scheme = task.office.schemes[0]
    names = {outcome.id: outcome.name for outcome in task.office.content.packs[scheme].outcomes}
    latest = await verdicts.latest(conn, [household.id for household in found], scheme)
    return {id: names.get(verdict.verdict, task.say("home.to_verify")) for id, verdict in latest.items()}


async def search(conn: AsyncConnection, task: Task, words: str) -> None:
    """A household by name, part of a name, pinyin initials, or the whole identity number of its head.

    Several are offered to choose from.
    """
    words = " ".join(words.split())
    if IDENTITY.fullmatch(number := words.replace(" ", "")):
        found = (await households.by_identity(conn, [number])).get(number, [])
        # One head has one household; should there be two, the newer one is the one in force.
        if mine := await visibility.among(conn, task.me.id, found, task.now):
            await card(conn, task, max(mine))
            return
    page = await visibility.find(conn, task.me.id, task.now, words=words, size=2)
    if page.total == 1 and words:
        await card(conn, task, page.items[0].id)
    else:
        await listed(conn, task, words)


async def card(conn: AsyncConnection, task: Task, household_id: int) -> None:
    """One household: what is known, what is due, and what can be done."""
    if await visibility.household(conn, task.me.id, household_id, task.now) is None:
        task.reply(Message(task.say("home.not_found")))
        return
    about = Subject("household", household_id)
    dossier = await read_file(conn, task.office, household_id, task.now)
    if not await entitled.whole(conn, task, about):
        part(task, dossier)
        return
    auditing.note(task, "seen", about, shown="card")
    scheme = task.office.schemes[0]
    pack = task.office.content.packs[scheme]
    latest = (await verdicts.latest(conn, [household_id], scheme)).get(household_id)
    names = {outcome.id: outcome.name for outcome in pack.outcomes}
    status = task.office.content.registry["reg_status"].options
    due = await duties.open_of_household(conn, household_id)
    record = dossier.household
    text = task.say(
        "home.card",
        name=dossier.name(task.office),
        population=record.population,
        status=status.get(record.reg_status or 0, ""),
        exit_year=record.exit_year,
        responsible=dossier.responsible.name if dossier.responsible is not None else "",
        scheme=pack.scheme.name,
        card="" if latest is None else names.get(latest.verdict, task.say("home.to_verify")),
        card_on="" if latest is None else latest.on.isoformat(),
        due=[(duty.text["text"], duty.due.isoformat(), duty.due < task.today) for duty in due[:3]],
    )
    first = pack.scheme.forms[0] if latest is not None and latest.verdict == TO_VERIFY else ""
    task.send(Message(text, rows_of(actions(task, dossier, first), width=16), slot="menu"))
    task.look_at(view={**task.chat.view, "household": household_id})


def part(task: Task, dossier: Dossier) -> None:
    """A household for somebody who was only asked for something there: who looks after it, and that."""
    id, responsible = dossier.household.id, dossier.responsible
    auditing.note(task, "seen", Subject("household", id), shown="part")
    text = task.say(
        "home.part",
        name=dossier.name(task.office),
        responsible="" if responsible is None else responsible.name,
    )
    buttons = rows_of([Button(task.say("casework.of_household"), f"w:h{id}")])
    task.send(Message(text, buttons, slot="menu"))
    task.look_at(view={**task.chat.view, "household": id})


def actions(task: Task, dossier: Dossier, first: str) -> list[Button]:
    """What one does most often at a household: its usual questionnaires, `first` before others, its plan."""
    id = dossier.household.id
    forms = forms_about(task.office, dossier)
    usual = [form for form in forms if is_usual(task.office, form)]
    usual.sort(key=lambda form: (form.id != first, form.id != "vc", form.every != "month", form.id))
    seldom = [form for form in forms if form not in usual]
    return [
        *(Button(form.short, f"n:{id}:{form.id}") for form in usual),
        Button(task.say("buttons.summary"), f"p:{id}"),
        Button(task.say("buttons.full_paper"), f"f:{id}"),
        Button(task.say("casework.of_household"), f"w:h{id}"),
        *([Button(task.say("buttons.more"), f"h:{id}:more")] if seldom else []),
    ]


async def more(conn: AsyncConnection, task: Task, household_id: int) -> None:
    """The questionnaires that are seldom needed at a household."""
    if await entitled.refused(conn, task, Subject("household", household_id)):
        return
    dossier = await read_file(conn, task.office, household_id, task.now)
    forms = [form for form in forms_about(task.office, dossier) if not is_usual(task.office, form)]
    buttons = [Button(form.short, f"n:{household_id}:{form.id}") for form in forms]
    buttons.append(Button(task.say("buttons.household"), f"h:{household_id}"))
    text = task.say("home.more", name=dossier.name(task.office), forms=[form.name for form in forms])
    task.send(Message(text, rows_of(buttons, width=16), slot="menu"))


async def due(conn: AsyncConnection, task: Task, skipped: int = 0) -> None:
    """What the person has to do these days, the overdue first; each a tap from the household."""
    every = await due_list.duties_of(conn, task)
    mine = due_list.soon(task, every)
    if not mine:
        later = every[0].due.isoformat() if every else ""
        task.reply(Message(task.say("home.nothing_due", next=later)))
        return
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + PAGE]
    auditing.note_listed(task, "due", [each.household_id for each in shown])
    called = await due_list.heads(conn, shown)
    buttons = [
        Button(
            due_list.duty_line(task, called[duty.id], duty),
            f"j:{duty.id}" if duty.household_id is None else f"h:{duty.household_id}",
        )
        for duty in shown
    ]
    text = task.say(
        "home.due",
        count=len(mine),
        first=skipped + 1,
        last=skipped + len(shown),
        overdue=sum(duty.due < task.today for duty in mine),
        later=len(every) - len(mine),
    )
    turns = rows_of([*pages(task, "d:", skipped, len(mine)), Button(task.say("reminding.later"), "j:all")])
    task.reply(Message(text, rows_of(buttons) + turns, slot="menu"))
