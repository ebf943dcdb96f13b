"""Telegram's limits are kept, and a 429 silences no more chats than it must."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from telegram import Bot

from bot.channels.sender import Delivered, Impossible, Pause, Postponed, Schedule, Troubles, delay_after
from bot.channels.telegram_limits import LIFTED, USUAL, Bucket, Limits, TelegramPace
from bot.channels.telegram_sender import Sender
from bot.storage.database import Database
from bot.storage.outbox import EVERYWHERE, Message, Priority
from tests.channels.telegram_fixture import *  # noqa: F403
from tests.channels.telegram_fixture import GROUP, LI, WANG, Now, enqueue, message, rows, running
from tests.telegram_server import Kind, Person, TelegramServer


def said(server: TelegramServer, chat_id: int) -> list[str]:
    return [shown.text for shown in server.chat(chat_id).screen() if shown.from_bot]


# ---------------------------------------------------------------- the limits


def test_a_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    bucket = Bucket(rate=2.0, burst=3.0, now=100.0)
    for _ in range(3):
        assert bucket.wait(100.0) == 0
        bucket.spend(100.0)
    assert bucket.wait(100.0) == 0.5
    assert bucket.wait(100.5) == 0
    bucket.spend(100.5)
    bucket.spend(100.5)
    assert bucket.wait(100.5) == 1.0
    assert bucket.wait(99.0) == 1.0  # a clock that is set back
    assert not bucket.is_full(100.9)
    assert bucket.is_full(101.0)


def test_a_group_hears_twenty_messages_in_any_minute() -> None:
    pace = TelegramPace(USUAL)
    at, sent = 0.0, []
    while at < 300:
        if (wait := pace.wait("-5", at)) > 0:
            at += wait
            continue
        pace.spend("-5", at)
        sent.append(at)
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[20:], strict=False))
    assert len(sent) == 100


def test_thirty_a_second_are_shared_by_all_chats() -> None:
    pace = TelegramPace(USUAL)
    at, sent = 0.0, 0
    while at < 10:
        address = str(sent)
        if (wait := pace.wait(address, at)) > 0:
            at += wait
            continue
        pace.spend(address, at)
        sent += 1
    assert sent == pytest.approx(10 * 30 + 10, abs=1)


def test_lifted_limits_never_wait() -> None:
    pace = TelegramPace(LIFTED)
    for _ in range(1000):
        assert pace.wait("-5", 0.0) == 0
        pace.spend("-5", 0.0)


def test_pauses_double_and_are_spread() -> None:
    assert [delay_after(failures, 1.0) for failures in (0, 1, 2, 5, 6, 99)] == [1, 2, 4, 32, 60, 60]
    assert delay_after(3, 0.0) == 4


async def test_a_chat_hears_a_short_burst_and_then_one_a_second(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    server.world.flood.enabled = True
    await enqueue(database, now, *(message(WANG, f"{number}") for number in range(8)))
    burst = int(USUAL.chat_burst)
    async with running(sender.run()):
        await wang.hears(f"{burst - 1}")
        for number in range(burst, 8):
            assert len(said(server, WANG)) == number
            server.clock.advance(1)
            sender.wake()
            await wang.hears(f"{number}")
    assert said(server, WANG) == [f"{number}" for number in range(8)]
    assert server.world.refusals["429"] == 0


async def test_a_broadcast_keeps_to_thirty_a_second_and_a_reply_goes_first(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    server.world.flood.enabled = True
    crowd = [Person(server, 1000 + number, "人") for number in range(60)]
    for person in crowd:
        person.start()
    sent = server.world.applied
    await enqueue(
        database, now, *(message(who.chat_id, "通知", priority=Priority.BROADCAST) for who in crowd)
    )

    async def let_pass(seconds: float) -> None:
        """Let the time pass in which at least one more message may be sent."""
        before = sent["sendmessage"]
        server.clock.advance(seconds)
        sender.wake()
        await server.until(lambda: sent["sendmessage"] > before)

    async with running(sender.run()):
        await server.until(lambda: sent["sendmessage"] == USUAL.burst)
        await enqueue(database, now, message(WANG, "回答"))
        while not said(server, WANG):
            await let_pass(0.04)
        assert sent["sendmessage"] < 61  # what was about to begin went first, the rest behind it
        while sent["sendmessage"] < 61:
            await let_pass(0.2)
    assert server.world.refusals["429"] == 0


async def test_a_group_is_not_flooded(
    sender: Sender, database: Database, now: Now, server: TelegramServer
) -> None:
    server.world.flood.enabled = True
    group = server.group(GROUP)
    await enqueue(database, now, *(message(GROUP, f"{number}") for number in range(25)))
    async with running(sender.run()):
        for number in range(25):
            while f"{number}" not in said(server, GROUP):
                server.clock.advance(1)
                sender.wake()
                await asyncio.sleep(0)
    assert [shown.text for shown in group.screen()] == [f"{number}" for number in range(25)]
    assert server.world.refusals["429"] == 0


# ---------------------------------------------------------------- 429


async def test_a_429_silences_its_chat_for_as_long_as_it_says_and_no_other(
    bot: Bot,
    sender: Sender,
    database: Database,
    now: Now,
    server: TelegramServer,
    wang: Person,
    li: Person,
) -> None:
    flood = server.faults.add(Kind.FLOOD, "sendMessage", chat_id=WANG, count=1, retry_after=30)
    await enqueue(database, now, message(WANG, "一"), message(WANG, "二"), message(LI, "三"))
    async with running(sender.run()):
        await li.hears("三")
        await server.until(lambda: flood.hits == 1)
    assert said(server, WANG) == []
    first, second = await rows(database, WANG)
    assert (first.attempts, second.attempts) == (1, 0)
    server.clock.advance(29)
    restarted = Sender(bot, database, now)  # the pause survives
    async with running(restarted.run()):
        await enqueue(database, now, message(LI, "四"))
        restarted.wake()
        await li.hears("四")
        assert said(server, WANG) == []
        server.clock.advance(1)
        restarted.wake()
        await wang.hears("二")
    assert said(server, WANG) == ["一", "二"]
    assert server.world.flood.too_early == 0


async def test_a_pause_ends_without_anybody_waking_the_sender(
    bot: Bot, database: Database, server: TelegramServer, wang: Person
) -> None:
    server.faults.add(Kind.FLOOD, "sendMessage", count=1, retry_after=1)

    def real() -> datetime:
        return datetime.now(UTC)

    sender = Sender(bot, database, real, idle=3600)
    await enqueue(database, real, message(WANG, "一"))
    async with running(sender.run()):
        await wang.hears("一")


async def test_a_429_in_many_chats_silences_all(
    bot: Bot, database: Database, now: Now, server: TelegramServer
) -> None:
    crowd = [Person(server, 1000 + number, "人") for number in range(9)]
    for person in crowd:
        person.start()
    flood = server.faults.add(Kind.FLOOD, "sendMessage", count=3, retry_after=20)
    await enqueue(database, now, *(message(who.chat_id, "通知") for who in crowd))
    sender = Sender(bot, database, now, parallel=1)
    async with running(sender.run()):
        await server.until(lambda: flood.hits == 3)
    assert server.world.calls["sendmessage"] == 3
    async with running(sender.run()):
        server.clock.advance(20)
        sender.wake()
        for person in crowd:
            await person.hears("通知")
    assert server.world.flood.too_early == 0


async def test_a_429_for_an_old_keyboard_silences_the_chat_too(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    strip = server.faults.add(Kind.FLOOD, "editMessageReplyMarkup", count=1, retry_after=9)
    buttons = [[["是", "y"]]]
    await enqueue(database, now, *(message(WANG, text, slot="q", buttons=buttons) for text in "一二"))
    async with running(sender.run()):
        await server.until(lambda: strip.hits)
    await enqueue(database, now, message(WANG, "三"))
    async with running(sender.run()):
        sender.wake()
        server.clock.advance(9)
        sender.wake()
        await wang.hears("三")
    assert server.world.flood.too_early == 0


# ---------------------------------------------------------------- whose fault it is


def row(id: int, address: str, attempts: int = 0) -> Message:
    moment = Message.__dataclass_fields__  # every other field is beside the point here
    given = {"id": id, "address": address, "attempts": attempts}
    return Message(**{name: given.get(name) for name in moment})  # type: ignore[arg-type]


def test_a_chat_goes_on_when_the_outbox_knows_what_has_arrived_there() -> None:
    """Else a crash could leave two messages of one chat unrecorded, and both would be sent again."""
    schedule = Schedule(TelegramPace(LIFTED))
    schedule.refill([row(1, "a"), row(2, "a"), row(3, "b")])
    first, other = schedule.next(0.0), schedule.next(0.0)
    assert first is not None
    assert other is not None
    assert (first.id, other.id) == (1, 3)
    schedule.end(first, Delivered(70))
    assert schedule.next(0.0) is None
    schedule.recorded([first.id], [])
    second = schedule.next(0.0)
    assert second is not None
    assert second.id == 2


def test_failures_of_different_chats_with_no_success_between_are_everybodys() -> None:
    troubles = Troubles(lambda: 1.0)
    failed = Postponed("502")
    assert troubles.judge(row(1, "a"), failed, 0.0) == Pause("a", 1.0, "502")
    assert troubles.judge(row(1, "a", attempts=1), failed, 1.0) == Pause("a", 2.0, "502")
    assert troubles.judge(row(2, "b"), failed, 2.0) == Pause("b", 1.0, "502")
    assert troubles.judge(row(3, "c"), failed, 3.0) == Pause(EVERYWHERE, 1.0, "502")
    # What was under way meanwhile makes it no longer; the next failure does.
    assert troubles.judge(row(4, "d"), failed, 3.5) == Pause(EVERYWHERE, 0.5, "502")
    assert troubles.judge(row(4, "d"), failed, 4.0) == Pause(EVERYWHERE, 2.0, "502")


def test_a_row_is_given_up_only_when_it_is_at_fault_itself() -> None:
    troubles = Troubles(lambda: 1.0)
    assert troubles.judge(row(1, "a", attempts=19), Postponed("500"), 0.0) == Impossible("500")
    assert troubles.judge(row(1, "a", attempts=19), Postponed("429", 5.0), 0.0) == Pause("a", 5.0, "429")
    unreachable = Postponed("no connection", general=True)
    assert troubles.judge(row(1, "a", attempts=19), unreachable, 0.0) == Pause(
        EVERYWHERE, 1.0, "no connection"
    )


def test_limits_are_arguments() -> None:
    pace = TelegramPace(Limits(per_second=None, chat_per_second=10.0, chat_burst=1.0))
    pace.spend("7", 0.0)
    assert pace.wait("7", 0.0) == pytest.approx(0.1)
    assert pace.wait("8", 0.0) == 0
