"""The ear: updates are in the inbox before Telegram hears that they arrived."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select, text
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Conflict

from bot.channels.telegram import translate
from bot.channels.telegram_intake import new_update
from bot.channels.telegram_poller import Poller
from bot.channels.telegram_webhook import LARGEST, Webhook
from bot.services.incoming import Incoming
from bot.storage.database import Database
from bot.storage.tables import inbox
from tests.channels.telegram_fixture import *  # noqa: F403
from tests.channels.telegram_fixture import GROUP, LI, WANG, Now, payloads, running
from tests.telegram_server import TOKEN, Kind, Person, TelegramServer

YES_NO = InlineKeyboardMarkup([[InlineKeyboardButton("是", callback_data="y")]])
SECRET = "a-secret_word"


class Ear:
    """Counts what was stored, and lets one wait for it."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def __call__(self) -> None:
        self.heard.set()

    async def next(self) -> None:
        """Wait until something was stored since the last time."""
        async with asyncio.timeout(20):
            await self.heard.wait()
        self.heard.clear()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def poller(bot: Bot, database: Database, now: Now, ear: Ear) -> Poller:
    return Poller(bot, database, now, ear, chance=lambda: 0.0)


def said(found: list[Any]) -> list[str]:
    return [update["message"].get("text", "") for update in found]


# ---------------------------------------------------------------- polling


async def test_an_update_is_stored_and_then_acknowledged(
    poller: Poller, server: TelegramServer, wang: Person, database: Database, now: Now
) -> None:
    wang.say("在家")
    async with running(poller.run()):
        await server.until(lambda: server.updates.confirmed == 2)
        assert said(await payloads(database)) == ["/start", "在家"]
    async with database.reading() as conn:
        lanes, times = zip(*(await conn.execute(select(inbox.c.lane, inbox.c.received_at))), strict=True)
    assert set(lanes) == {f"telegram:{WANG}"}
    assert set(times) == {now()}


async def test_a_bot_that_dies_after_storing_is_told_again_and_keeps_it_once(
    bot: Bot, database: Database, now: Now, server: TelegramServer, wang: Person, ear: Ear
) -> None:
    def die() -> None:
        # The commit has happened, the acknowledgement has not.
        assert server.updates.confirmed == 0
        first.cancel()

    first = asyncio.create_task(Poller(bot, database, now, die).run())
    with pytest.raises(asyncio.CancelledError):
        await first
    assert server.updates.pending == 1
    assert said(await payloads(database)) == ["/start"]
    async with running(Poller(bot, database, now, ear).run()):
        wang.say("又来")
        await server.until(lambda: server.updates.confirmed == 2)
    assert said(await payloads(database)) == ["/start", "又来"]


async def test_a_duplicate_is_kept_once(
    poller: Poller, server: TelegramServer, database: Database, ear: Ear
) -> None:
    server.faults.add(Kind.DUPLICATE, count=1)
    wang = Person(server, WANG, "老王")
    wang.say("一")
    async with running(poller.run()):
        await server.until(lambda: server.updates.confirmed == 1)
        wang.say("二")
        await server.until(lambda: server.updates.confirmed == 2)
    assert server.updates.delivered == 3
    assert said(await payloads(database)) == ["一", "二"]


async def test_an_update_that_makes_no_sense_does_not_stop_the_others(
    poller: Poller, server: TelegramServer, wang: Person, database: Database
) -> None:
    server.updates.push("message", {"message_id": "?", "chat": 7}, key=1, lifetime=60)
    half = server.updates.push("message", {}, key=1, lifetime=60)
    half.raw = b'{"update_id":%d,"message":{"text":"half \\ud83d"}}' % half.update_id
    numberless = server.updates.push("message", {}, key=1, lifetime=60)
    numberless.raw = b'{"message":{"text":"?"}}'
    server.updates.push("surprise", {"from": "nobody"}, key=1, lifetime=60)
    wang.say("我在最后")
    server.updates.push("message", {"text": "bye"}, key=1, lifetime=60)
    async with running(poller.run()):
        await server.until(lambda: server.updates.pending == 0)
    found = await payloads(database)
    start, half_stored, last, bye = (
        update["message"]["text"] for update in found if "text" in update.get("message", {})
    )
    assert (start, half_stored[:5], last, bye) == ("/start", "half ", "我在最后", "bye")


async def test_nothing_is_acknowledged_that_the_database_refused(
    poller: Poller, server: TelegramServer, wang: Person, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.transaction() as conn:
        await conn.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    async with running(poller.run()):
        await server.until(lambda: server.updates.delivered >= 2)  # asked for once more, after a pause
        assert server.updates.confirmed == 0
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
        await server.until(lambda: server.updates.confirmed == 1)
    assert said(await payloads(database)) == ["/start"]
    assert "trying again" in caplog.text


async def test_a_second_program_with_the_same_token_is_said_clearly(
    poller: Poller,
    bot: Bot,
    server: TelegramServer,
    database: Database,
    ear: Ear,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with running(poller.run()):
        await server.until(lambda: server.updates.polled)
        other = asyncio.create_task(bot.get_updates(timeout=50, read_timeout=60))
        await server.until(lambda: server.updates.conflicts == 2)  # ours was thrown out and came back
        server.clock.advance(3)  # Telegram is slow to say so twice
        with pytest.raises(Conflict):
            await other
        Person(server, WANG, "老王").say("给谁?")
        await ear.next()
    assert "(409 Conflict): another program polls with this bot's token" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_webhook_that_was_left_is_removed_first(
    poller: Poller, bot: Bot, server: TelegramServer, wang: Person, ear: Ear
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/")
    async with running(poller.run()):
        await ear.next()
    assert server.webhook.url == ""


@pytest.mark.parametrize("kind_of_trouble", [Kind.RESET, Kind.SERVER_ERROR, Kind.FLOOD, Kind.APPLY_THEN_DROP])
async def test_polling_goes_on_after_trouble(
    poller: Poller,
    server: TelegramServer,
    wang: Person,
    ear: Ear,
    kind_of_trouble: Kind,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.faults.add(kind_of_trouble, "getUpdates", count=1, code=502)
    async with running(poller.run()):
        await ear.next()
    assert TOKEN not in caplog.text


async def test_a_tap_is_answered_with_nobody_at_work(
    poller: Poller, bot: Bot, server: TelegramServer, wang: Person, database: Database
) -> None:
    await bot.send_message(WANG, "在家吗?", reply_markup=YES_NO)
    async with running(poller.run()):
        tap = wang.tap("是")
        assert await wang.answered(tap) == ""
        server.faults.add(Kind.SERVER_ERROR, "answerCallbackQuery")
        lost = wang.tap("是")
        await server.until(lambda: server.updates.confirmed == 3)
    assert not lost.answered
    assert len(await payloads(database)) == 3


async def test_only_texts_and_taps_are_asked_for(
    poller: Poller, server: TelegramServer, wang: Person, database: Database
) -> None:
    async with running(poller.run()):
        await server.until(lambda: server.updates.confirmed == 1)
        wang.edit(wang.say("写错"), "改正")
        await server.until(lambda: server.updates.confirmed == 2)
    assert said(await payloads(database)) == ["/start", "写错"]


# ---------------------------------------------------------------- the webhook


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def webhook(bot: Bot, database: Database, now: Now, ear: Ear) -> Webhook:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook/telegram"
    return Webhook(bot, database, now, ear, url=url, secret=SECRET, port=port, host="127.0.0.1")


async def test_what_telegram_posts_is_stored_before_it_is_accepted(
    webhook: Webhook, server: TelegramServer, database: Database, wang: Person, li: Person
) -> None:
    async with running(webhook.run()):
        await server.until(lambda: server.webhook.delivered == 2)
        for number in range(30):
            wang.say(f"{number}")
            li.say(f"{number}")
        await server.until(lambda: server.webhook.delivered == 62)
        assert len(await payloads(database)) == 62
    assert server.webhook.secret_token == SECRET
    assert server.webhook.failures == 0


async def post(server: TelegramServer, body: bytes, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    stream = io.BytesIO(body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.webhook.url, data=stream, headers=headers) as response,
    ):
        return response.status


async def test_only_telegram_may_post(webhook: Webhook, server: TelegramServer, database: Database) -> None:
    update = b'{"update_id":7,"message":{"text":"x"}}'
    async with running(webhook.run()):
        await server.until(lambda: server.webhook.url)
        assert await post(server, update, None) == 401
        assert await post(server, update, "a-secret_worD") == 401
        assert await post(server, update, "sécret") == 401
        assert await payloads(database) == []
        assert await post(server, update) == 200
        assert await post(server, update) == 200
        assert [found["update_id"] for found in await payloads(database)] == [7]


async def test_what_is_too_large_or_no_update_is_not_kept(
    webhook: Webhook, server: TelegramServer, database: Database
) -> None:
    async with running(webhook.run()):
        await server.until(lambda: server.webhook.url)
        assert await post(server, b" " * (LARGEST + 1)) == 413
        for body in (b"", b"{", b"[]", b'{"update_id":"7"}', b'{"update_id":99999999999999999999}'):
            assert await post(server, body) == 200  # it would only come again
        assert await payloads(database) == []
        assert await post(server, b'{"update_id":8,"message":{"text":"half \\ud83d"}}') == 200
        assert len(await payloads(database)) == 1


async def test_what_the_database_refuses_comes_again(
    webhook: Webhook, server: TelegramServer, database: Database
) -> None:
    update = b'{"update_id":7,"message":{"text":"x"}}'
    async with running(webhook.run()):
        await server.until(lambda: server.webhook.url)
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        assert await post(server, update) == 503
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
        assert await post(server, update) == 200


async def test_a_tap_that_comes_by_webhook_is_answered(
    webhook: Webhook, bot: Bot, server: TelegramServer, wang: Person
) -> None:
    await bot.send_message(WANG, "在家吗?", reply_markup=YES_NO)
    async with running(webhook.run()):
        await wang.answered(wang.tap("是"))


# ---------------------------------------------------------------- what an update says

PERSON = {"id": WANG, "is_bot": False, "first_name": "大山", "last_name": "王"}
HERE = {"id": WANG, "type": "private"}


def update(**parts: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 3, "from": PERSON, "chat": HERE, **parts}}


def tap(**parts: Any) -> dict[str, Any]:
    message = {"message_id": 3, "chat": HERE, "date": 0}
    return {"update_id": 1, "callback_query": {"id": "9", "from": PERSON, "message": message, **parts}}


def test_a_text_is_translated() -> None:
    assert translate(update(text="3 口人")) == Incoming("telegram", "501", True, "大山 王", text="3 口人")


def test_a_start_link_keeps_its_payload() -> None:
    found = translate(update(text="/start inv_x7"))
    assert found is not None
    assert found.text == "/start inv_x7"


def test_a_command_in_a_group_loses_the_name_of_the_bot() -> None:
    group = {"id": GROUP, "type": "supergroup"}
    found = translate(update(text="/help@our_bot a@b", chat=group))
    assert found == Incoming("telegram", str(GROUP), False, "大山 王", text="/help a@b")


def test_a_tap_is_translated_even_on_a_message_that_is_too_old_to_be_shown() -> None:
    assert translate(tap(data="q:1")) == Incoming(
        "telegram", "501", True, "大山 王", data="q:1", message_id=3
    )


@pytest.mark.parametrize(
    "payload",
    [
        update(photo=[]),
        update(text="hi", **{"from": {"id": 1, "is_bot": True, "first_name": "Bot"}}),
        {"update_id": 1, "message": {"message_id": 3, "chat": HERE, "text": "no sender"}},
        tap(game_short_name="x"),
        tap(data="x", message=None),
        {"update_id": 1, "edited_message": {}},
        {"update_id": 1},
    ],
)
def test_what_asks_for_nothing_is_none(payload: Mapping[str, Any]) -> None:
    assert translate(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"text": "x"}},
        update(text=7),
        update(text="x", chat={"id": "501", "type": "private"}),
        update(text="x", **{"from": {"first_name": "x"}}),
        update(text="x", **{"from": {"id": 1, "first_name": 3}}),
        tap(data="x", message={"chat": HERE}),
        tap(data=[1]),
    ],
)
def test_what_makes_no_sense_is_a_value_error(payload: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        translate(payload)


def test_a_lane_is_a_person_whatever_the_update_is() -> None:
    def lane(raw: dict[str, Any]) -> str:
        found = new_update(raw)
        assert found is not None
        return found.lane

    assert lane(update(text="x")) == lane(tap(data="x")) == f"telegram:{WANG}"
    assert lane({"update_id": 1, "channel_post": {"chat": {"id": GROUP}}}) == f"telegram:{GROUP}"
    assert lane({"update_id": 1, "message": {"from": [], "chat": {"id": LI}}}) == f"telegram:{LI}"
    assert lane({"update_id": 1, "message": 5}) == "telegram:"


@pytest.mark.parametrize("number", [None, "7", 1.5, True, -1, 2**63])
def test_an_update_without_a_usable_number_cannot_be_kept(number: object) -> None:
    assert new_update({"update_id": number}) is None
