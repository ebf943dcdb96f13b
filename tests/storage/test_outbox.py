"""What goes out: by priority, in order within a chat, and not to those who must be left in peace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.storage import outbox
from bot.storage.database import Database
from bot.storage.outbox import EVERYWHERE, NewMessage, Priority, Sent
from tests.storage.conftest import SPRING

SECOND = timedelta(seconds=1)


def message(text: str, address: str = "7", **more: Any) -> NewMessage:
    return NewMessage(more.pop("channel", "telegram"), address, "send", {"text": text}, **more)


async def enqueue(database: Database, *messages: NewMessage) -> None:
    async with database.transaction() as conn:
        await outbox.enqueue(conn, messages, SPRING)


async def ready(database: Database, now: datetime = SPRING, limit: int = 10, **more: Any) -> str:
    """The texts that may be sent now, joined."""
    async with database.reading() as conn:
        taken = await outbox.take(conn, more.pop("channel", "telegram"), now, limit, **more)
    return " ".join(item.payload["text"] for item in taken)


async def test_replies_go_before_alerts_reminders_and_broadcasts(database: Database) -> None:
    await enqueue(database, *(message(p.name, str(p), priority=p) for p in reversed(Priority)))
    assert await ready(database) == "REPLY ALERT REMINDER BROADCAST"
    assert await ready(database, limit=2) == "REPLY ALERT"


async def test_a_chat_receives_its_messages_in_order_one_after_the_other(database: Database) -> None:
    await enqueue(
        database, message("a1"), message("b1", "8"), message("a2"), message("a3"), message("b2", "8")
    )
    assert await ready(database) == "a1 b1"
    assert await ready(database, per_chat=2) == "a1 b1 a2 b2"
    async with database.transaction() as conn:
        first = (await outbox.take(conn, "telegram", SPRING, 1))[0]
        # While the first is under way the second must wait for it.
        assert [item.address for item in await outbox.take(conn, "telegram", SPRING, 9, busy=[first.id])] == [
            "8"
        ]
        await outbox.mark_sent(conn, [Sent(first.id, 501)], SPRING + SECOND)
    assert await ready(database) == "b1 a2"


async def test_what_is_planned_for_later_waits_and_holds_nothing_up(database: Database) -> None:
    await enqueue(database, message("later", not_before=SPRING + SECOND), message("now"))
    assert await ready(database, per_chat=5) == "now"
    assert await ready(database, SPRING + SECOND, per_chat=5) == "later now"


async def test_channels_do_not_take_each_others_messages(database: Database) -> None:
    await enqueue(database, message("t"), message("w", channel="web"))
    assert (await ready(database), await ready(database, channel="web")) == ("t", "w")


async def test_a_paused_chat_is_left_in_peace_with_all_that_comes_after(database: Database) -> None:
    await enqueue(database, message("a1"), message("b1", "8"))
    async with database.transaction() as conn:
        first = (await outbox.take(conn, "telegram", SPRING, 1))[0]
        await outbox.pause(conn, "telegram", "7", SPRING + 30 * SECOND, tried=[first.id], error="429")
    await enqueue(database, message("a2"))
    assert await ready(database) == "b1"
    assert await ready(database, SPRING + 30 * SECOND, per_chat=2) == "a1 b1 a2"
    async with database.transaction() as conn:
        again = (await outbox.last(conn, "telegram", "7"))[0]
        assert (again.attempts, again.error, again.state) == (1, "429", "pending")
        await outbox.pause(conn, "telegram", EVERYWHERE, SPRING + 60 * SECOND)
    assert await ready(database, SPRING + 59 * SECOND) == ""
    assert await ready(database, SPRING + 60 * SECOND) == "a1 b1"


async def test_a_message_on_the_screen_is_found_by_its_slot(database: Database) -> None:
    await enqueue(
        database, *(message(t, slot=s) for t, s in (("q1", "question"), ("m", "menu"), ("q2", "question")))
    )
    async with database.transaction() as conn:
        q1, menu, q2 = await outbox.take(conn, "telegram", SPRING, 9, per_chat=9)
        await outbox.mark_sent(conn, [Sent(q1.id, 11), Sent(menu.id, 12)], SPRING)
        assert await outbox.latest_message(conn, "telegram", "7", "question") == 11
        await outbox.mark_sent(conn, [Sent(q2.id, 2**40)], SPRING)
        assert await outbox.latest_message(conn, "telegram", "7", "question") == 2**40
        assert await outbox.latest_message(conn, "telegram", "7", "other") is None
        assert await outbox.latest_message(conn, "telegram", "8", "question") is None


async def test_what_failed_for_good_is_not_tried_again_and_says_why(database: Database) -> None:
    await enqueue(database, message("a1"), message("a2"), message("b1", "8"), message("a3"))
    async with database.transaction() as conn:
        first = (await outbox.take(conn, "telegram", SPRING, 1))[0]
        await outbox.fail(conn, first.id, "message is too long")
    assert await ready(database, per_chat=9) == "a2 b1 a3"
    async with database.transaction() as conn:
        await outbox.fail_chat(conn, "telegram", "7", "bot was blocked by the user")
        errors = [item.error for item in await outbox.last(conn, "telegram", "7")]
    assert await ready(database) == "b1"
    assert errors == ["message is too long", "bot was blocked by the user", "bot was blocked by the user"]


async def test_a_page_reads_on_after_the_last_message_that_it_shows(database: Database) -> None:
    await enqueue(
        database, *(message(str(n), channel="web") for n in range(5)), message("x", "8", channel="web")
    )
    async with database.reading() as conn:
        shown = await outbox.after(conn, "web", "7", 0, 3)
        assert [item.payload["text"] for item in shown] == ["0", "1", "2"]
        rest = await outbox.after(conn, "web", "7", shown[-1].id)
        assert [item.payload["text"] for item in rest] == ["3", "4"]
        assert await outbox.after(conn, "web", "7", rest[-1].id) == []
        assert await outbox.last(conn, "web", "7", 2) == rest
    sent = rest[0]
    assert (sent.private, sent.priority, sent.kind, sent.state, sent.created_at) == (
        True,
        0,
        "send",
        "pending",
        SPRING,
    )
