"""The parts of the chat page that need no browser."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.channels.web_delivery import Deliveries
from bot.channels.web_port import ChatMessage
from bot.channels.web_screen import Screen, newest_said_to
from bot.channels.web_watch import Watches
from tests.channels.web_fixture import NOON, Village, serving

LIN = "web:1"


def chat(count: int) -> list[ChatMessage]:
    return [ChatMessage(number, str(number), number % 2 == 0, NOON) for number in range(1, count + 1)]


# ---------------------------------------------------------------- the screen


def test_a_patch_holds_only_what_differs() -> None:
    screen, history = Screen(), chat(3)
    first = screen.patch(history)
    assert first is not None
    assert [each["id"] for each in first["put"]] == first["order"] == [1, 2, 3]
    assert screen.patch(history) is None
    history[1] = replace(history[1], text="edited")
    second = screen.patch([*history, *chat(4)[3:]])
    assert second is not None
    assert [each["id"] for each in second["put"]] == [2, 4]
    assert second["order"] == [1, 2, 3, 4]


def test_a_message_that_is_gone_leaves_the_order() -> None:
    screen = Screen()
    screen.patch(chat(3))
    assert screen.patch(chat(3)[:2]) == {"order": [1, 2], "put": [], "more": 0}


def test_only_the_newest_are_shown_until_more_are_asked_for() -> None:
    screen = Screen(span=10)
    first = screen.patch(chat(25))
    assert first is not None
    assert (first["order"], first["more"]) == (list(range(16, 26)), 15)
    screen.widen()
    second = screen.patch(chat(25))
    assert second is not None
    assert ([each["id"] for each in second["put"]], second["more"]) == (list(range(6, 16)), 5)


def test_news_are_what_was_said_to_the_person() -> None:
    assert newest_said_to([]) == 0
    assert newest_said_to(chat(4)) == 3


# ---------------------------------------------------------------- what is sent


async def test_what_is_sent_twice_is_done_once_and_what_failed_may_be_repeated() -> None:
    deliveries, done = Deliveries(), []

    async def act() -> None:
        done.append(1)
        if len(done) == 1:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        await deliveries.once(LIN, "a", act)
    assert [await deliveries.once(LIN, "a", act) for _ in range(3)] == [True, False, False]
    assert await deliveries.once("web:2", "a", act)
    assert len(done) == 3


async def test_two_copies_on_their_way_at_once_are_done_once() -> None:
    deliveries, done, go_on = Deliveries(), [], asyncio.Event()

    async def act() -> None:
        await go_on.wait()
        done.append(1)

    both = asyncio.gather(deliveries.once(LIN, "a", act), deliveries.once(LIN, "a", act))
    go_on.set()
    assert list(await both) == [True, False]
    assert done == [1]


# ---------------------------------------------------------------- looking


class CountingVillage(Village):
    reads = 0

    async def history(self, address: str) -> tuple[ChatMessage, ...]:
        self.reads += 1
        return tuple(await super().history(address))


async def test_a_conversation_is_read_once_for_all_who_look() -> None:
    village = CountingVillage()
    village.put(LIN, "hello")
    watches = Watches(village)
    async with watches.watching(LIN) as one, watches.watching(LIN) as two:
        assert one is two
        for viewer in (one.looks(), two.looks()):
            assert [each.text for each in await anext(viewer)] == ["hello"]
            await viewer.aclose()
        assert village.reads == 1
        task = one.task
    assert task is not None
    assert task.cancelled()


async def test_a_change_during_reading_is_not_missed() -> None:
    village = Village()
    village.put(LIN, "first")
    read = village.history

    async def slow(address: str) -> tuple[ChatMessage, ...]:
        found = tuple(await read(address))
        if len(village.chats[LIN]) == 1:
            village.put(LIN, "second")
        return found

    village.history = slow  # type: ignore[method-assign]
    async with Watches(village).watching(LIN) as watch:
        looks = watch.looks()
        lengths = [len(await anext(looks)), len(await anext(looks))]
        await looks.aclose()
    assert lengths == [1, 2]


# ---------------------------------------------------------------- the server


async def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    async with serving(Village()) as at:
        port = int(at.rstrip("/").rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with serving(Village(), port=port):
                pass
