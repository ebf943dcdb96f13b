"""Flood limits and faults."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.telegram_server import Kind, Person, TelegramServer
from tests.telegram_server.caller import GROUP, LI, WANG, Caller


async def test_a_chat_takes_one_message_a_second_after_a_burst(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    server.world.flood.enabled = True
    wang.start()
    codes = [(await call.raw("sendMessage", chat_id=WANG, text="x")).get("error_code") for _ in range(6)]
    assert codes == [None] * 5 + [429]
    body = await call.raw("sendMessage", chat_id=WANG, text="x")
    assert body["parameters"] == {"retry_after": 1}
    assert body["description"] == "Too Many Requests: retry after 1"
    assert server.world.flood.too_early == 1
    server.clock.advance(1)
    await call("sendMessage", chat_id=WANG, text="x")


async def test_a_group_takes_twenty_messages_a_minute(call: Caller, server: TelegramServer) -> None:
    server.world.flood.enabled = True
    server.group(GROUP)
    for _ in range(20):
        await call("sendMessage", chat_id=GROUP, text="x")
        server.clock.advance(2)
    assert (await call.raw("sendMessage", chat_id=GROUP, text="x"))["parameters"] == {"retry_after": 20}
    server.clock.advance(20)
    await call("sendMessage", chat_id=GROUP, text="x")


async def test_a_bot_sends_thirty_messages_a_second(call: Caller, server: TelegramServer) -> None:
    server.world.flood.enabled = True
    for number in range(31):
        Person(server, 700 + number, "p").start()
    codes = [
        (await call.raw("sendMessage", chat_id=700 + number, text="x")).get("error_code")
        for number in range(31)
    ]
    assert codes == [None] * 30 + [429]


async def test_faults_strike_the_method_and_chat_they_name(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    wang.start()
    Person(server, LI, "李四").start()
    server.faults.add(Kind.FLOOD, "sendMessage", chat_id=WANG, count=2, skip=1, retry_after=7)
    codes = [(await call.raw("sendMessage", chat_id=WANG, text="x")).get("error_code") for _ in range(4)]
    assert codes == [None, 429, 429, None]
    server.faults.add(Kind.SERVER_ERROR, chat_id=LI, code=502, count=1)
    assert (await call.raw("sendMessage", chat_id=LI, text="x"))["description"] == "Bad Gateway"
    server.faults.add(Kind.FORBIDDEN, chat_id=LI, count=1)
    assert (await call.raw("sendMessage", chat_id=LI, text="x"))["error_code"] == 403
    assert [message.text for message in server.chat(LI).screen()] == ["/start"]


@pytest.mark.parametrize(("kind", "applied"), [(Kind.RESET, False), (Kind.APPLY_THEN_DROP, True)])
async def test_a_connection_breaks_before_or_after_the_deed(
    call: Caller, server: TelegramServer, wang: Person, kind: Kind, applied: bool
) -> None:
    wang.start()
    server.faults.add(kind, "sendMessage", count=1)
    with pytest.raises(aiohttp.ClientError):
        await call("sendMessage", chat_id=WANG, text="x")
    assert len(wang.chat.screen()) == 1 + applied
    await call("sendMessage", chat_id=WANG, text="y")


@pytest.mark.parametrize(("kind", "applied"), [(Kind.HANG, False), (Kind.APPLY_THEN_HANG, True)])
async def test_an_answer_can_stay_away(
    call: Caller, server: TelegramServer, wang: Person, kind: Kind, applied: bool
) -> None:
    wang.start()
    fault = server.faults.add(kind, "sendMessage", count=1)
    sending = asyncio.create_task(call("sendMessage", chat_id=WANG, text="x"))
    await server.until(lambda: fault.hits)
    await call("getMe")
    assert not sending.done()
    sending.cancel()
    assert len(wang.chat.screen()) == 1 + applied


async def test_the_same_seed_brings_the_same_trouble() -> None:
    seen = []
    for _ in range(2):
        async with TelegramServer(seed=5) as server, aiohttp.ClientSession() as session:
            Person(server, WANG, "老王").start()
            server.faults.add(Kind.SERVER_ERROR, "sendMessage", probability=0.3)
            call = Caller(server, session)
            seen.append([(await call.raw("sendMessage", chat_id=WANG, text="x"))["ok"] for _ in range(30)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {True, False}


async def test_a_request_that_does_not_wait_is_counted(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    wang.start()
    server.faults.add(Kind.FLOOD, "sendMessage", count=1, retry_after=30)
    for _ in range(2):
        await call.raw("sendMessage", chat_id=WANG, text="x")
    assert server.world.statistics()["too_early"] == 1
    server.clock.advance(30)
    await call("sendMessage", chat_id=WANG, text="x")
    assert server.world.statistics()["too_early"] == 1
