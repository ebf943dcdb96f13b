"""The household signs on its cadre's device: who of it, with a photo of the signed page or a drawn name.

Buttons behind "v:s12:home": "" (who?), "3" (the member at position 3: how?), "3:photo", "3:draw", and "other"
(somebody else: refused where it is forbidden, noted where the document is silent). A position of 0 stands for
whoever was named in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.signers import Party
from bot.services import evidence, signatures_alerts, signatures_deeds, signatures_pages, waiting
from bot.services.household_file import Dossier, read_file
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.signatures_deeds import Hand, Paper
from bot.storage import signature_shares

OTHER: Final = "other"
PHOTO: Final = "photo"
DRAW: Final = "draw"
DRAWN: Final = "drawn"
PROXY: Final = "signs_for"
"""Under this name the chat remembers who signs for the household, and why."""
FORBIDDEN: Final = "forbidden"
SHORTEST: Final = 4
"""Fewer signs do not say who signs, and why."""


async def tapped(conn: AsyncConnection, task: Task, paper: Paper, rest: Sequence[str]) -> None:
    """The buttons of a household's signature."""
    party = paper.host_of
    if paper.signing.state != "open" or party is None:
        done = any(each.household and each.id in paper.by_party for each in paper.signers.parties)
        why = "gone" if paper.signing.state != "open" else "signed" if done else "not_yours"
        refuse(task, paper, why)
        return
    dossier = await read_file(conn, task.office, paper.signing.household_id, task.now)
    match list(rest):
        case []:
            who(task, paper, dossier)
        case ["other"]:
            await somebody_else(conn, task, paper, dossier, party)
        case ["drawn", link] if link.isdigit():
            await drawn(conn, task, paper, party, int(link))
        case [position] if position.isdigit() and _signer(task, paper, dossier, int(position)):
            how(task, paper, dossier, int(position))
        case [position, "photo"] if position.isdigit() and _signer(task, paper, dossier, int(position)):
            waiting.wait(task, f"v:s{paper.signing.id}:{PHOTO}:{position}")
            name = _signer(task, paper, dossier, int(position))
            task.reply(Message(task.say("signing.send_photo", name=name)))
        case [position, "draw"] if position.isdigit() and (
            name := _signer(task, paper, dossier, int(position))
        ):
            await draw(conn, task, paper, name, _note(task, paper) if position == "0" else "")
        case _:
            task.reply(Message(task.say("home.old_button")))


def refuse(task: Task, paper: Paper, why: str) -> None:
    """The household cannot sign here: why, and the way back to the paper."""
    back = Button(task.say("signing.back"), f"v:s{paper.signing.id}")
    said = task.say("signing.refused", why=why, party="")
    task.reply(Message(said, rows_of([back]), slot="menu"))


def _signer(task: Task, paper: Paper, dossier: Dossier, position: int) -> str:
    """Whose name it is; "" when that one may not sign."""
    if position == 0:
        return _note(task, paper) and dossier.household.head_name
    may, _ = signatures_deeds.of_age(paper.signers, dossier, task.today)
    return next((member.name for member in may if member.position == position), "")


def _note(task: Task, paper: Paper) -> str:
    """Who signs for this household, and why, as it was told in this chat; "" where nobody may."""
    told = task.chat.view.get(PROXY)
    if paper.signers.proxy == FORBIDDEN or not isinstance(told, list) or told[0] != paper.signing.id:
        return ""
    return str(told[1])


def who(task: Task, paper: Paper, dossier: Dossier) -> None:
    """Ask who of the household signs: the head, or a member of age."""
    may, unknown = signatures_deeds.of_age(paper.signers, dossier, task.today)
    at = f"v:s{paper.signing.id}"
    buttons = [Button(member.name, f"{at}:home:{member.position}") for member in may]
    buttons.append(Button(task.say("signing.somebody_else"), f"{at}:home:{OTHER}"))
    buttons.append(Button(task.say("signing.back"), at))
    text = task.say(
        "signing.who",
        household=dossier.name(task.office),
        adult=paper.signers.adult,
        unknown=[member.name for member in unknown],
        forbidden=paper.signers.proxy == FORBIDDEN,
    )
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


def how(task: Task, paper: Paper, dossier: Dossier, position: int) -> None:
    """Ask for a photo of the signed page, or for the name drawn on the screen."""
    at = f"v:s{paper.signing.id}:home:{position}"
    buttons = [Button(task.say("signing.by_photo"), f"{at}:{PHOTO}")]
    if signatures_pages.may_draw(task.office):
        buttons.append(Button(task.say("signing.by_drawing"), f"{at}:{DRAW}"))
    buttons.append(Button(task.say("signing.back"), f"v:s{paper.signing.id}"))
    name = _signer(task, paper, dossier, position)
    text = task.say("signing.how", name=name, note=_note(task, paper) if position == 0 else "")
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


async def somebody_else(
    conn: AsyncConnection, task: Task, paper: Paper, dossier: Dossier, party: Party
) -> None:
    """Somebody wants to sign for the household: forbidden, and those over it hear of it; or who, and why?"""
    if paper.signers.proxy != FORBIDDEN:
        waiting.wait(task, f"v:s{paper.signing.id}:{OTHER}")
        task.reply(Message(task.say("signing.who_else", household=dossier.name(task.office))))
        return
    clause = task.office.content.clauses.say(party.clause)
    await signatures_alerts.by_proxy(conn, task, paper.signing, dossier, party.clause)
    text = task.say("signing.no_proxy", household=dossier.name(task.office), clause=clause)
    at = f"v:s{paper.signing.id}"
    buttons = [
        Button(task.say("signing.household_signs"), f"{at}:home"),
        Button(task.say("signing.back"), at),
    ]
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


async def said(conn: AsyncConnection, task: Task, paper: Paper, rest: str, text: str) -> None:
    """Who signs for the household, and why; or words where a photo was waited for."""
    dossier = await read_file(conn, task.office, paper.signing.household_id, task.now)
    words = " ".join(text.split())
    if rest != OTHER or paper.signers.proxy == FORBIDDEN:
        waiting.wait(task, f"v:s{paper.signing.id}:{rest}")
        task.reply(Message(task.say("signing.photo_please")))
    elif len(words) < SHORTEST:
        waiting.wait(task, f"v:s{paper.signing.id}:{rest}")
        task.reply(Message(task.say("signing.who_else", household=dossier.name(task.office))))
    else:
        task.look_at(view={**task.chat.view, PROXY: [paper.signing.id, words]})
        how(task, paper, dossier, 0)


async def photographed(conn: AsyncConnection, task: Task, paper: Paper, rest: str) -> None:
    """The photo of the signed page: `rest` is "photo:3", with the position of the member."""
    kind, _, position = rest.partition(":")
    given, party = task.incoming.attached, paper.host_of
    assert given is not None
    why = evidence.refused(task.office, given)
    image = signatures_deeds.image_of(task, paper)
    dossier = await read_file(conn, task.office, paper.signing.household_id, task.now)
    name = _signer(task, paper, dossier, int(position)) if position.isdigit() else ""
    if kind != PHOTO or party is None or not name or paper.signing.state != "open":
        evidence.drop(task.office, given)
        refuse(task, paper, "gone")
    elif why is not None or image is None:
        evidence.drop(task.office, given)
        waiting.wait(task, f"v:s{paper.signing.id}:{rest}")
        said = evidence.sentence(task.office, why) if why is not None else task.say("signing.photo_please")
        task.reply(Message(said))
    else:
        note = _note(task, paper) if position == "0" else ""
        await _keep(conn, task, paper, Hand(party, name, PHOTO, note, image))


async def draw(conn: AsyncConnection, task: Task, paper: Paper, name: str, note: str) -> None:
    """Send the address of the page on which the name is drawn: for some minutes, and once."""
    address = await signatures_pages.offer(conn, task, paper, name, note)
    minutes = paper.signers.link_minutes
    task.reply(Message(task.say("signing.draw_here", name=name, address=address, minutes=minutes)))


async def drawn(conn: AsyncConnection, task: Task, paper: Paper, party: Party, link_id: int) -> None:
    """The name was drawn on its page; without its picture the button is somebody's own invention."""
    link, image = await signature_shares.link(conn, link_id), signatures_deeds.image_of(task, paper)
    mine = link is not None and link.person_id == task.me.id and link.signing_id == paper.signing.id
    if link is None or not mine or link.used_at is None or image is None:
        task.reply(Message(task.say("home.old_button")))
        return
    await _keep(conn, task, paper, Hand(party, link.name, DRAWN, link.note, image))


async def _keep(conn: AsyncConnection, task: Task, paper: Paper, hand: Hand) -> None:
    after = await signatures_deeds.sign(conn, task, paper, hand)
    task.look_at(view={name: value for name, value in task.chat.view.items() if name != PROXY})
    text = task.say("signing.household_done", name=hand.name, how=hand.how, note=hand.note)
    buttons = [Button(task.say("signing.look_at"), f"v:s{after.signing.id}")]
    task.send(Message(text, rows_of(buttons)))
