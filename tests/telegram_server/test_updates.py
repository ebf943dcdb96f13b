"""The queue of updates does what the real one does."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.telegram_server import Kind, Person, TelegramServer
from tests.telegram_server.caller import WANG, YES_NO, Caller, ids, texts


async def test_unconfirmed_updates_are_delivered_again(call: Caller, wang: Person) -> None:
    for text in ("一", "二", "三"):
        wang.say(text)
    first = await call("getUpdates")
    assert texts(first) == ["一", "二", "三"]
    assert ids(first) == sorted(ids(first))
    assert await call("getUpdates") == first
    assert texts(await call("getUpdates", offset=ids(first)[1])) == ["二", "三"]
    assert await call("getUpdates", offset=ids(first)[2] + 1) == []


async def test_an_offset_from_the_far_future_confirms_nothing(call: Caller, wang: Person) -> None:
    wang.say("在")
    assert texts(await call("getUpdates", offset=2_000_000_000)) == ["在"]


async def test_a_negative_offset_keeps_only_the_newest(call: Caller, wang: Person) -> None:
    for text in "abc":
        wang.say(text)
    assert texts(await call("getUpdates", offset=-1)) == ["c"]
    assert texts(await call("getUpdates")) == ["c"]


async def test_a_reply_holds_one_to_a_hundred_updates(call: Caller, wang: Person) -> None:
    for number in range(130):
        wang.say(str(number))
    assert len(await call("getUpdates", limit=500)) == 100
    assert len(await call("getUpdates", limit=0)) == 1
    assert len(await call("getUpdates", limit=7)) == 7


async def test_a_reply_holds_about_four_megabytes(call: Caller, server: TelegramServer) -> None:
    for number in range(60):
        content = {"message_id": number, "text": "x" * 100_000}
        server.updates.push("message", content, key=WANG, lifetime=60)
    assert 40 <= len(await call("getUpdates")) <= 42


async def test_a_long_poll_ends_with_the_first_update(call: Caller, wang: Person) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=50))
    await call.server.until(lambda: call.server.updates.polled)
    wang.say("来了")
    assert texts(await poll) == ["来了"]


async def test_a_long_poll_ends_empty_after_fifty_seconds_at_most(
    call: Caller, server: TelegramServer
) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=600))
    await server.until(lambda: server.updates.polled)
    server.clock.advance(49)
    server.clock.advance(1)
    assert await poll == []


async def test_the_newest_of_two_pollers_wins(call: Caller, server: TelegramServer, wang: Person) -> None:
    older = asyncio.create_task(call.raw("getUpdates", timeout=50))
    await server.until(lambda: server.updates.polled)
    newer = asyncio.create_task(call("getUpdates", timeout=50))
    refused = await older
    assert refused["error_code"] == 409
    assert refused["description"].startswith("Conflict: terminated by other getUpdates request")
    wang.say("给新的")
    assert texts(await newer) == ["给新的"]


async def test_the_same_offset_at_once_again_forces_limit_one(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    server.updates.strict_repeats = True
    wang.say("一")
    wang.say("二")
    assert len(await call("getUpdates", offset=1)) == 2
    assert len(await call("getUpdates", offset=1)) == 1
    server.clock.advance(0.6)
    assert len(await call("getUpdates", offset=1)) == 2


async def test_messages_live_a_day_and_taps_150_seconds(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    wang.say("早")
    await call("sendMessage", chat_id=WANG, text="?", reply_markup=YES_NO)
    tap = wang.tap("是")
    assert len(await call("getUpdates")) == 2
    server.clock.advance(151)
    assert texts(await call("getUpdates")) == ["早"]
    why = await call.why("answerCallbackQuery", callback_query_id=tap.callback_id)
    assert "query is too old" in why
    server.clock.advance(86_400)
    assert await call("getUpdates") == []


async def test_updates_may_be_limited_to_some_kinds(call: Caller, wang: Person) -> None:
    wang.say("一")
    await call("getUpdates", allowed_updates=["callback_query"])
    wang.say("二")
    assert texts(await call("getUpdates")) == ["一"]
    await call("getUpdates", allowed_updates=[])
    wang.say("三")
    assert texts(await call("getUpdates")) == ["一", "三"]


async def test_a_duplicate_comes_again_after_it_was_confirmed(call: Caller, wang: Person) -> None:
    call.server.faults.add(Kind.DUPLICATE, count=1)
    wang.say("再说")
    wang.say("一次")
    first = await call("getUpdates")
    assert texts(await call("getUpdates", offset=ids(first)[1] + 1)) == ["再说"]
    assert await call("getUpdates", offset=ids(first)[1] + 1) == []


async def test_a_tap_and_a_text_of_one_person_can_swap(call: Caller, server: TelegramServer) -> None:
    wang = Person(server, WANG, "老王")
    wang.start()
    await call("sendMessage", chat_id=WANG, text="?", reply_markup=YES_NO)
    with server.updates.held():
        wang.tap("是")
        wang.say("一")
        wang.say("二")
    assert texts(await call("getUpdates")) == ["/start", "一", "二", "tap"]


async def test_people_overtake_each_other_but_never_themselves(server: TelegramServer, call: Caller) -> None:
    server.faults.add(Kind.REORDER, probability=0.5)
    people = [Person(server, 600 + number, f"p{number}") for number in range(4)]
    for round_ in range(20):
        for person in people:
            person.say(str(round_))
    received: list[dict[str, Any]] = []
    while len(received) < 80:
        received += await call("getUpdates", offset=received[-1]["update_id"] + 1 if received else 0)
        await asyncio.sleep(0)
    senders = [update["message"]["from"]["id"] for update in received]
    assert senders != [person.chat_id for _ in range(20) for person in people]
    for person in people:
        own = [update["message"] for update in received if update["message"]["from"]["id"] == person.chat_id]
        assert [int(message["text"]) for message in own] == list(range(20))
