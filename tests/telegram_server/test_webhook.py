"""Delivery by webhook, to a real HTTP receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web

from tests.telegram_server import Kind, Person, TelegramServer
from tests.telegram_server.caller import LI, WANG, Caller, texts


class Receiver:
    """A bot that is called: answers with what `plan` says for a chat, else 200."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []
        self.headers: list[str | None] = []
        self.plan: dict[int, list[web.Response]] = {}
        self.arrived = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        update = orjson.loads(await request.read())
        chat_id = update["message"]["chat"]["id"]
        self.seen.append((chat_id, update["message"]["text"]))
        self.headers.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.arrived.set()
        plan = self.plan.get(chat_id)
        return plan.pop(0) if plan else web.Response()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.seen) < count:
                self.arrived.clear()
                await self.arrived.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_a_failed_update_holds_up_only_its_own_chat(
    call: Caller, server: TelegramServer, wang: Person, receiver: tuple[Receiver, str]
) -> None:
    bot, url = receiver
    bot.plan[WANG] = [web.Response(status=503, headers={"Retry-After": "9000"})]
    await call("setWebhook", url=url, secret_token="s3cret_-")
    li = Person(server, LI, "李四")
    wang.say("一")
    await bot.until(1)
    wang.say("二")
    li.say("甲")
    await bot.until(2)
    assert bot.seen == [(WANG, "一"), (LI, "甲")]
    await server.until(lambda: server.updates.pending == 2)
    server.clock.advance(3599)
    assert len(bot.seen) == 2
    server.clock.advance(1)
    await bot.until(4)
    assert bot.seen[2:] == [(WANG, "一"), (WANG, "二")]
    assert set(bot.headers) == {"s3cret_-"}
    await server.until(lambda: server.updates.pending == 0)


async def test_a_webhook_is_tried_again_until_the_update_expires(
    call: Caller, server: TelegramServer, wang: Person, receiver: tuple[Receiver, str]
) -> None:
    bot, url = receiver
    bot.plan[WANG] = [web.Response(status=500) for _ in range(2000)]
    await call("setWebhook", url=url)
    wang.say("一")
    while server.updates.pending:
        await server.until(lambda: server.clock.alarms or not server.updates.pending)
        server.clock.advance(120)
    info = await call("getWebhookInfo")
    assert 86_400 / 120 <= len(bot.seen) <= 86_400 / 60
    assert info["last_error_message"].startswith("Wrong response from the webhook: 500")


async def test_get_updates_and_a_webhook_exclude_each_other(
    call: Caller, receiver: tuple[Receiver, str], wang: Person
) -> None:
    bot, url = receiver
    wang.say("早先的")
    await call("setWebhook", url=url)
    await bot.until(1)
    assert (await call.why("getUpdates")).startswith("Conflict: can't use getUpdates method while webhook")
    assert (await call("getWebhookInfo"))["url"] == url
    await call("deleteWebhook")
    wang.say("后来的")
    assert texts(await call("getUpdates")) == ["后来的"]


async def test_an_answer_in_the_webhooks_reply_is_carried_out(
    call: Caller, wang: Person, receiver: tuple[Receiver, str]
) -> None:
    bot, url = receiver
    bot.plan[WANG] = [web.json_response({"method": "sendMessage", "chat_id": WANG, "text": "好"})]
    await call("setWebhook", url=url)
    wang.say("行吗")
    assert (await wang.hears("好")).from_bot


async def test_a_duplicate_is_posted_twice(
    call: Caller, server: TelegramServer, wang: Person, receiver: tuple[Receiver, str]
) -> None:
    bot, url = receiver
    server.faults.add(Kind.DUPLICATE, count=1)
    await call("setWebhook", url=url)
    wang.say("一")
    wang.say("二")
    await bot.until(3)
    assert bot.seen == [(WANG, "一"), (WANG, "一"), (WANG, "二")]
