"""The bot inside the test's own process: the parts as the product composes them, on a fake Bot API server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import app as product
from bot.app import App
from bot.channels import telegram
from bot.channels.telegram_limits import LIFTED
from bot.channels.telegram_poller import Poller
from bot.channels.telegram_sender import Sender
from bot.services import inviting
from bot.settings import Settings
from bot.storage import regions
from tests.acceptance.crowd import Standing, standings
from tests.services.village import loaded
from tests.telegram_server import Person, TelegramServer

SHANGHAI = ZoneInfo("Asia/Shanghai")
HASTE = 0.5
"""Seconds after which an answer of the server counts as lost."""
MORNING = 10
"""The hour at which these bots begin: what may wait until the morning is told at once."""
_AHEAD = timedelta(hours=MORNING - product.utc_now().astimezone(SHANGHAI).hour)


def by_day() -> datetime:
    """A clock that runs on as the machine's does and began on the same day in the morning."""
    return product.utc_now() + _AHEAD


@asynccontextmanager
async def deployed(server: TelegramServer, database_url: str) -> AsyncIterator[App]:
    """A bot with the sample village that receives, works and sends, without limits of its own."""
    settings = Settings(database_url=database_url, telegram_token=server.token)
    app = await product.build(settings, now=by_day, loaded=loaded())
    await product.enter_sample(app, by_day())
    async with telegram.connected(server.token, server.base_url, server.base_file_url, patience=HASTE) as bot:
        sender = Sender(bot, app.database, by_day, limits=LIFTED)
        app.wakes.append(sender.wake)
        poller = Poller(bot, app.database, by_day, app.worker.wake, seconds=5)
        async with side_by_side(app.worker.run(), sender.run(), poller.run()):
            yield app
    await app.close()


@asynccontextmanager
async def side_by_side(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """The works go on inside the block; at its end they are cancelled and have ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def invitation(app: App, role: str, name: str, region: str) -> str:
    """A token, as the office makes it on the command line."""
    async with app.database.transaction() as conn:
        (county,) = await regions.children(conn, None)
        places = {place.name: place.id for place in await regions.subtree(conn, county.id)}
        return await inviting.issue(
            conn, role=role, region_id=places[region], name=name, by=None, now=by_day()
        )


async def invited(
    app: App, server: TelegramServer, chat_id: int, role: str, name: str, region: str
) -> Person:
    """Somebody who has come in by a link."""
    person = Person(server, chat_id, name)
    person.start(await invitation(app, role, name, region))
    await person.hears("欢迎")
    return person


async def open_question(phone: Person, after: Standing | None = None) -> Standing:
    """Wait for a question or review that is newer than `after`."""
    found: list[Standing] = []

    def stands(_screen: object) -> bool:
        found[:] = [each for each in standings(phone) if after is None or each.place > after.place]
        return bool(found)

    await phone.until(stands, patience=60)
    return max(found, key=lambda each: each.place)


async def ticked(phone: Person, data: str) -> None:
    """Wait until the button that takes the tick off can be seen."""
    await phone.until(lambda _: any(message.button(data) for message in phone.chat.tappable()))


async def answer_all(phone: Person, script: Sequence[tuple[str, str]]) -> Standing:
    """Answer question after question, each (key, what): "=text" is typed, anything else a button's action."""
    standing = await open_question(phone)
    for key, what in script:
        assert standing.key == key, (standing.key, key)
        stem = f"i:{standing.interview}:{standing.revision}:{key}:"
        if what.startswith("="):
            phone.say(what[1:])
        else:
            phone.tap(stem + what, standing.message)
        if what.startswith("+"):  # a tick is no answer yet
            await ticked(phone, stem + what.replace("+", "-"))
        else:
            standing = await open_question(phone, standing)
    return standing
