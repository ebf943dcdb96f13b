"""Signatures under plan papers in the chat (workflow.md WF-10, WF-11, WF-17).

Buttons: "p8" (a page of what waits), "next", "s12" (a paper), "c5" (the paper of a case), "s12:look",
"s12:paper", "s12:sign:party", "s12:yes:party", "s12:home…" (the household, see `signatures_home`),
"s12:copies" and "s12:copy:keeper".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.pictures import PNG
from bot.rules.signers import Party
from bot.services import (
    home,
    plan_copies,
    signatures_copies,
    signatures_deeds,
    signatures_home,
    signatures_lists,
    signatures_papers,
)
from bot.services.case_notices import post_name
from bot.services.household_file import names
from bot.services.incoming import Attachment
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.signatures_deeds import Hand, Paper
from bot.storage import files, signature_shares, visibility
from bot.storage import signatures as records
from bot.storage.people import Appointment

REST: Final = re.compile(r"s([0-9]{1,18})(?::(.*))?")


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """How many papers wait for the person's signature, or for that of a household in their care."""
    mine = await signatures_lists.waiting_papers(conn, task, appointments)
    return [Button(task.say("signing.button", count=len(mine)), "v:p0")] if mine else []


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: what waits for my signature; with a name, the paper of that household."""
    if not words:
        await signatures_lists.listed(conn, task, 0)
        return
    page = await visibility.find(conn, task.me.id, task.now, words=words, size=1)
    if page.total != 1:
        await home.search(conn, task, words)
        return
    for procedure in task.office.content.running:
        if procedure.signers is not None:
            found = await records.of_household(conn, page.items[0].id, procedure.signers.form)
            if found:
                await opened(conn, task, found[-1].id, "")
                return
    task.reply(Message(task.say("signing.no_paper", household=page.items[0].head_name)))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    if found := REST.fullmatch(rest):
        await opened(conn, task, int(found[1]), found[2] or "")
    elif rest[:1] == "p" and rest[1:].isdigit():
        await signatures_lists.listed(conn, task, int(rest[1:]))
    elif rest[:1] == "c" and rest[1:].isdigit():
        await of_case(conn, task, int(rest[1:]))
    elif rest == "next":
        await following(conn, task)
    else:
        task.reply(Message(task.say("home.old_button")))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed while a photo, or who signs for the household, was waited for."""
    found = REST.fullmatch(rest)
    paper = await signatures_deeds.read(conn, task, int(found[1])) if found else None
    if found is None or paper is None:
        task.reply(Message(task.say("signing.not_found")))
    else:
        await signatures_home.said(conn, task, paper, found[2] or "", text)


async def attached(conn: AsyncConnection, task: Task, rest: str, given: Attachment) -> None:
    """A photo that was sent while this room waited for one."""
    found = REST.fullmatch(rest)
    paper = await signatures_deeds.read(conn, task, int(found[1]), to_change=True) if found else None
    if found is None or paper is None:
        task.reply(Message(task.say("signing.not_found")))
    else:
        await signatures_home.photographed(conn, task, paper, found[2] or "")


async def of_case(conn: AsyncConnection, task: Task, case_id: int) -> None:
    """The paper that a case is about."""
    found = await records.of_case(conn, case_id)
    if found:
        await opened(conn, task, found[-1].id, "")
    else:
        task.reply(Message(task.say("signing.not_found")))


async def following(conn: AsyncConnection, task: Task) -> None:
    """The next paper that waits, with its first page at once."""
    mine = await signatures_lists.mine(conn, task)
    paper = await signatures_deeds.read(conn, task, mine[0].id) if mine else None
    if paper is None:
        task.reply(Message(task.say("signing.nothing")))
    else:
        await look(conn, task, paper)


async def opened(conn: AsyncConnection, task: Task, signing_id: int, deed: str) -> None:
    """Show a paper, or do with it what the button says."""
    changes = deed.partition(":")[0] in ("yes", "home", "copy")
    paper = await signatures_deeds.read(conn, task, signing_id, to_change=changes)
    if paper is None:
        task.reply(Message(task.say("signing.not_found")))
        return
    match deed.split(":"):
        case [""]:
            await show(conn, task, paper)
        case ["look"]:
            await look(conn, task, paper)
        case ["paper"]:
            await send(conn, task, paper)
        case [("sign" | "yes") as step, party]:
            await own_hand(conn, task, paper, paper.signers.by_id.get(party), sure=step == "yes")
        case ["home", *more]:
            await signatures_home.tapped(conn, task, paper, more)
        case ["copies"]:
            await signatures_copies.shown(conn, task, paper)
        case ["copy", keeper] if keeper in paper.signers.copies:
            await signatures_copies.given(conn, task, paper, keeper)
        case _:
            task.reply(Message(task.say("home.old_button")))


async def show(conn: AsyncConnection, task: Task, paper: Paper, before: str = "") -> None:
    """Who has signed the paper and who has not, and what the person can do about it."""
    signing = paper.signing
    signed_by = [
        (
            paper.signers.by_id[each.party].name,
            each.name,
            post_name(task, each.post) if each.how == "account" else "",
            task.office.today(each.signed_at).isoformat(),
            each.how,
            each.note,
        )
        for each in paper.given
    ]
    text = task.say(
        "signing.one",
        household=await _called(conn, task, paper),
        paper=task.office.content.form(signing.form).name,
        version=signing.version,
        begun=task.office.today(signing.begun_at).isoformat(),
        due="" if signing.late_on is None else signing.late_on.isoformat(),
        late=signing.state == "open" and signing.late_on is not None and signing.late_on < task.today,
        state=signing.state,
        signed=signed_by,
        missing=[party.name for party in paper.missing],
        proxy=paper.signers.proxy,
        digest=signing.signed_digest or signing.digest,
    )
    buttons = await ways(conn, task, paper)
    task.reply(Message(f"{before}\n\n{text}" if before else text, rows_of(buttons, width=16), slot="menu"))


async def ways(conn: AsyncConnection, task: Task, paper: Paper) -> list[Button]:
    """What the person can do with the paper: look, sign, let the household sign, say who has a copy."""
    at = f"v:s{paper.signing.id}"
    buttons = [
        Button(task.say("buttons.first_page"), f"{at}:look"),
        Button(task.say("signing.whole"), f"{at}:paper"),
    ]
    if paper.signing.state == "open":
        several = len(paper.own) > 1
        for party in paper.own:
            label = task.say("signing.sign", party=party.name if several else "")
            buttons.append(Button(label, f"{at}:sign:{party.id}"))
        if paper.host_of is not None:
            buttons.append(Button(task.say("signing.household_signs"), f"{at}:home"))
    if signatures_deeds.may_give(paper):
        buttons.append(Button(task.say("signing.copies_button"), f"{at}:copies"))
    mine = [each for each in await signatures_lists.mine(conn, task) if each.id != paper.signing.id]
    if mine:
        buttons.append(Button(task.say("signing.next", count=len(mine)), "v:next"))
    return [*buttons, Button(task.say("casework.look"), f"w:{paper.case.id}")]


async def _called(conn: AsyncConnection, task: Task, paper: Paper) -> str:
    household = paper.signing.household_id
    return (await names(conn, task.office, [household]))[household]


async def look(conn: AsyncConnection, task: Task, paper: Paper) -> None:
    """The first page as a picture, then what can be done: who has looked may sign."""
    signing = paper.signing
    printed = await signatures_papers.with_names(conn, task.office, paper.signers, signing)
    picture = await asyncio.to_thread(plan_copies.drawn, printed.content)
    name = task.say(
        "planning.picture_name",
        day=task.today.isoformat(),
        number=signing.household_id,
        paper=signing.form,
    )
    id = await files.put(conn, files.NewFile(signing.household_id, name, PNG, picture, task.now))
    await signature_shares.look(conn, signing.id, task.me.id, task.now)
    called = await _called(conn, task, paper)
    task.send(Message(task.say("signing.picture", household=called, version=printed.version), file_id=id))
    text = task.say("signing.looked", household=called, may=bool(paper.own) and signing.state == "open")
    task.send(Message(text, rows_of(await ways(conn, task, paper), width=16), slot="menu"))


async def send(conn: AsyncConnection, task: Task, paper: Paper) -> None:
    """The whole paper as a file, with the signatures that it has."""
    signing = paper.signing
    printed = await signatures_papers.with_names(conn, task.office, paper.signers, signing)
    name = task.say(
        "planning.file_name", day=task.today.isoformat(), number=signing.household_id, paper=signing.form
    )
    new = files.NewFile(signing.household_id, name, plan_copies.WORD, printed.content, task.now)
    id = await files.put(conn, new)
    await signature_shares.look(conn, signing.id, task.me.id, task.now)
    called = await _called(conn, task, paper)
    text = task.say("signing.file", household=called, version=printed.version, frozen=printed.frozen)
    task.send(Message(text, rows_of([Button(task.say("signing.back"), f"v:s{signing.id}")]), file_id=id))


async def own_hand(
    conn: AsyncConnection, task: Task, paper: Paper, party: Party | None, *, sure: bool
) -> None:
    """The person signs with their own account: after they have looked, and once they have said so."""
    why = paper.refusal(party, looked=await signatures_deeds.looked(conn, paper))
    if why == "unseen" and not sure:
        await look(conn, task, paper)
        return
    if why is not None or party is None or party.household:
        name = "" if party is None else party.name
        await show(conn, task, paper, task.say("signing.refused", why=why or "not_yours", party=name))
        return
    called, at = await _called(conn, task, paper), f"v:s{paper.signing.id}"
    post = post_name(task, paper.post_for(party))
    if not sure:
        yes = [
            Button(task.say("signing.yes"), f"{at}:yes:{party.id}"),
            Button(task.say("signing.not_yet"), at),
        ]
        text = task.say(
            "signing.confirm",
            household=called,
            name=task.me.name,
            post=post,
            version=paper.signing.version,
            only=paper.signers.proxy,
        )
        task.reply(Message(text, rows_of(yes), slot="menu"))
        return
    after = await signatures_deeds.sign(conn, task, paper, Hand(party, task.me.name, "account"))
    await show(conn, task, after, task.say("signing.done", household=called, name=task.me.name, post=post))
