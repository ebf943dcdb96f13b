"""Who keeps a copy of a signed paper (001:94: the household, the monitor, the village and the township)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import signatures_deeds
from bot.services.household_file import names
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.signatures_deeds import Paper
from bot.storage import signature_shares


async def shown(conn: AsyncConnection, task: Task, paper: Paper, before: str = "") -> None:
    """Who has a copy of the signed paper."""
    given_to = await signature_shares.given(conn, paper.signing.id)
    rows = [
        (name, task.office.today(given_to[keeper]).isoformat() if keeper in given_to else "")
        for keeper, name in paper.signers.copies.items()
    ]
    household = paper.signing.household_id
    called = (await names(conn, task.office, [household]))[household]
    text = task.say("signing.copies", household=called, rows=rows)
    at, buttons = f"v:s{paper.signing.id}", list[Button]()
    if signatures_deeds.may_give(paper):
        for keeper, name in paper.signers.copies.items():
            if keeper not in given_to:
                buttons.append(Button(task.say("signing.copy", keeper=name), f"{at}:copy:{keeper}"))
    buttons.append(Button(task.say("signing.back"), at))
    task.reply(Message(f"{before}\n\n{text}" if before else text, rows_of(buttons, width=16), slot="menu"))


async def given(conn: AsyncConnection, task: Task, paper: Paper, keeper: str) -> None:
    """Somebody has got their copy."""
    if not signatures_deeds.may_give(paper):
        await shown(conn, task, paper, task.say("signing.no_copies"))
        return
    left = await signatures_deeds.give(conn, task, paper, keeper)
    if left:
        await shown(conn, task, paper)
        return
    after = await signatures_deeds.read(conn, task, paper.signing.id)
    assert after is not None
    await shown(conn, task, after, task.say("signing.all_copies"))
