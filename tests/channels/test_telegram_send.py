"""The mouth: what stands in the outbox reaches the chat, in order, and what happened is recorded."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from telegram import Bot

from bot.channels.sender import MOST_ATTEMPTS
from bot.channels.telegram import CHANNEL
from bot.channels.telegram_limits import LIFTED
from bot.channels.telegram_sender import Sender
from bot.channels.telegram_texts import parts, units
from bot.render.charts import Chart, Series, chart_svg
from bot.render.pictures import PNG, png
from bot.storage import chats, files, outbox
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.files import NewFile
from bot.storage.outbox import Priority
from tests.channels.telegram_fixture import *  # noqa: F403
from tests.channels.telegram_fixture import GROUP, LI, WANG, Now, enqueue, errors, message, rows, running
from tests.telegram_server import TOKEN, Kind, Person, TelegramServer

YES_NO = [[["是", "y"], ["否", "n"]]]
NO = [[["否", "n"]]]


def heard(person: Person) -> list[str]:
    """What the bot has said, oldest first."""
    return [shown.text for shown in person.chat.screen() if shown.from_bot]


async def until_attempt(database: Database, number: int) -> None:
    """Wait until the first row to Wang has been tried so often, and this is written down."""
    async with asyncio.timeout(20):
        while True:
            if (await rows(database, WANG))[0].attempts >= number:
                return


async def until_said(database: Database, caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the log holds these words, and what it speaks of is written down."""
    async with asyncio.timeout(20):
        while words not in caplog.text:
            await rows(database, WANG)


async def until_failed(database: Database, chat_id: int) -> None:
    """Wait until no row to the chat waits any more."""
    async with asyncio.timeout(20):
        while True:
            if all(row.state == "failed" for row in await rows(database, chat_id)):
                return


# ---------------------------------------------------------------- sending


async def test_a_message_with_buttons_is_sent_and_recorded(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    await enqueue(database, now, message(WANG, "在家吗?", buttons=YES_NO))
    async with running(sender.run()):
        shown = await wang.hears("在家吗?")
        assert [(key.label, key.data) for row in shown.keyboard for key in row] == [("是", "y"), ("否", "n")]
    (row,) = await rows(database, WANG)
    assert (row.state, row.message_id, row.sent_at, row.attempts) == ("sent", shown.message_id, now(), 1)


async def test_what_is_enqueued_later_is_sent_when_the_sender_is_woken(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    async with running(sender.run()):
        await enqueue(database, now, message(WANG, "一"))
        sender.wake()
        await wang.hears("一")
        await enqueue(database, now, message(WANG, "二"))
        sender.wake()
        await wang.hears("二")


async def test_what_another_process_enqueued_is_found_without_being_woken(
    bot: Bot, database: Database, server: TelegramServer, now: Now, wang: Person
) -> None:
    sender = Sender(bot, database, now, idle=0.01)
    async with running(sender.run()):
        await enqueue(database, now, message(WANG, "早"))
        server.clock.advance(1)
        await wang.hears("早")


async def test_what_is_planned_waits_for_its_time(
    bot: Bot, database: Database, server: TelegramServer, now: Now, wang: Person
) -> None:
    at = now() + timedelta(hours=1)
    await enqueue(database, now, message(WANG, "提醒", not_before=at), message(WANG, "现在"))
    async with running(Sender(bot, database, now, idle=0.01).run()):
        await wang.hears("现在")
        server.clock.advance(3600)
        await wang.hears("提醒")
    assert heard(wang) == ["现在", "提醒"]


async def test_the_order_in_each_chat_is_kept(
    bot: Bot, database: Database, now: Now, server: TelegramServer, wang: Person, li: Person
) -> None:
    people = [wang, li]
    numbers = [f"{number}" for number in range(40)]
    await enqueue(database, now, *(message(who.chat_id, number) for number in numbers for who in people))
    server.faults.add(Kind.DELAY, "sendMessage", probability=0.3, seconds=0.005)
    async with running(Sender(bot, database, now, limits=LIFTED).run()):
        for who in people:
            await who.until(lambda screen: screen.last.text == "39")
    assert heard(wang) == heard(li) == numbers


async def test_what_a_person_waits_for_overtakes_a_broadcast(
    bot: Bot, database: Database, now: Now, wang: Person, li: Person
) -> None:
    for number in range(3):
        await enqueue(database, now, message(WANG, f"通知 {number}", priority=Priority.BROADCAST))
    await enqueue(database, now, message(LI, "提醒", priority=Priority.REMINDER), message(WANG, "回答"))
    async with running(Sender(bot, database, now, parallel=1).run()):
        await wang.hears("通知 2")
    assert heard(wang) == ["回答", "通知 0", "通知 1", "通知 2"]
    assert li.chat.last.message_id  # the reminder too


async def test_a_long_text_comes_in_parts_with_the_buttons_under_the_last(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    paragraphs = ["帮扶措施" * 300, "🏠" * 1000, "年度计划" * 900]
    await enqueue(database, now, message(WANG, "\n\n".join(paragraphs), buttons=YES_NO))
    async with running(sender.run()):
        last = await wang.until(lambda screen: screen.last.labels)
    assert heard(wang) == ["\n\n".join(paragraphs[:2]), paragraphs[2]]
    assert (await rows(database, WANG))[0].message_id == last.last.message_id


async def test_parts_that_arrived_are_not_sent_again(
    sender: Sender, database: Database, now: Now, wang: Person, server: TelegramServer
) -> None:
    server.faults.add(Kind.FLOOD, "sendMessage", skip=1, count=1, retry_after=7)
    await enqueue(database, now, message(WANG, "甲" * 4000 + "\n\n" + "乙" * 4000))
    async with running(sender.run()):
        await until_attempt(database, 1)
        server.clock.advance(7)
        sender.wake()
        await wang.hears("乙")
    assert [text[0] for text in heard(wang)] == ["甲", "乙"]


def test_parts_end_at_the_best_border_and_lose_nothing_but_space() -> None:
    text = "一二三\n\n四五六\n七八九 十"
    assert parts(text, 100) == [text]
    assert parts(text, 8) == ["一二三", "四五六", "七八九 十"]
    assert parts("一二三\n四五六", 5) == ["一二三", "四五六"]
    assert parts("一二三 四五六", 5) == ["一二三", "四五六"]
    assert parts("一二三四五六七", 3) == ["一二三", "四五六", "七"]
    assert parts("🏠🏠🏠", 3) == ["🏠", "🏠", "🏠"]
    assert parts("一二三\n\n", 3) == ["一二三"]
    assert parts("") == [""]
    assert units("a🏠一") == 4


# ---------------------------------------------------------------- documents


async def keep(database: Database, now: Now, content: bytes) -> int:
    async with database.transaction() as conn:
        return await files.put(conn, NewFile(None, "帮扶方案.docx", "application/msword", content, now()))


async def test_a_document_comes_with_its_text_and_buttons(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    file = await keep(database, now, b"PK" * 50_000)
    await enqueue(database, now, message(WANG, "请核对", kind="document", file_id=file, buttons=YES_NO))
    async with running(sender.run()):
        shown = await wang.hears("请核对")
    (document,) = wang.chat.documents
    assert (document.name, document.content) == ("帮扶方案.docx", b"PK" * 50_000)
    assert shown.labels == ["是", "否"]
    assert (await rows(database, WANG))[0].message_id == shown.message_id


async def test_a_picture_is_shown_in_the_chat(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    drawn = png(chart_svg(Chart("户数", "", "bars", ("甲村",), (Series("户", (3,)),))), width=540)
    async with database.transaction() as conn:
        file = await files.put(conn, NewFile(None, "户数.png", PNG, drawn, now()))
    await enqueue(database, now, message(WANG, "看图", kind="document", file_id=file))
    async with running(sender.run()):
        await wang.hears("看图")
    (picture,) = wang.chat.documents
    assert (picture.kind, picture.content) == ("photo", drawn)


async def test_a_text_too_long_for_a_document_follows_it(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    file = await keep(database, now, b"PK")
    await enqueue(database, now, message(WANG, "长" * 1025, kind="document", file_id=file, buttons=YES_NO))
    async with running(sender.run()):
        await wang.hears("长")
    assert heard(wang) == ["", "长" * 1025]
    assert wang.chat.buttons() == ["是", "否"]
    assert len(wang.chat.documents) == 1


async def test_a_row_that_makes_no_sense_fails_alone(
    bot: Bot, database: Database, now: Now, wang: Person
) -> None:
    await enqueue(
        database,
        now,
        message(WANG, "哪里?", kind="document", file_id=404),
        message(WANG, "没有号", kind="edit"),
        message(WANG, "   "),
        message(WANG, "坏按钮", buttons=[[["是", "y" * 65]]]),
        message(WANG, "好"),
    )
    async with running(Sender(bot, database, now, limits=LIFTED).run()):
        await wang.hears("好")
    assert [state for state, _ in await errors(database, WANG)] == ["failed"] * 4 + ["sent"]
    assert [error for _, error in await errors(database, WANG)][:2] == ["its file does not exist", "KeyError"]


# ---------------------------------------------------------------- editing


async def test_an_edit_changes_the_message_in_place(
    sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    async with running(sender.run()):
        await enqueue(database, now, message(WANG, "问题一", buttons=YES_NO))
        sender.wake()
        shown = await wang.hears("问题一")
        edit = message(WANG, "问题二", kind="edit", message_id=shown.message_id, buttons=NO)
        await enqueue(database, now, edit, edit)  # the second changes nothing, which is success
        await enqueue(database, now, message(WANG, "完"))
        sender.wake()
        await wang.hears("完")
    assert heard(wang) == ["问题二", "完"]
    assert shown.labels == ["否"]
    edited = (await rows(database, WANG))[:3]
    assert [(row.state, row.message_id) for row in edited] == [("sent", shown.message_id)] * 3


@pytest.mark.parametrize("what", ["gone", "not ours", "a document", "too long"])
async def test_what_cannot_be_edited_is_sent_anew(
    sender: Sender, database: Database, now: Now, wang: Person, bot: Bot, what: str
) -> None:
    text = "新" * (4100 if what == "too long" else 1)
    if what == "not ours":
        message_id = wang.say("我的话").message_id
    elif what == "a document":
        message_id = (await bot.send_document(WANG, b"x", filename="a.txt")).message_id
    elif what == "too long":
        await enqueue(database, now, message(WANG, "旧", buttons=YES_NO))
        message_id = wang.chat.next_message_id()
    else:
        message_id = 4040
    await enqueue(database, now, message(WANG, text, kind="edit", message_id=message_id, buttons=NO))
    async with running(sender.run()):
        await wang.until(lambda screen: screen.last.labels == ["否"])
    assert "".join(heard(wang)).endswith(text)
    assert (await rows(database, WANG))[-1].message_id == wang.chat.last.message_id
    assert len(list(wang.chat.tappable())) == 1


async def test_a_new_question_takes_the_keyboard_off_the_old_one(
    bot: Bot, sender: Sender, database: Database, now: Now, wang: Person
) -> None:
    async with running(sender.run()):
        await enqueue(database, now, message(WANG, "问题一", slot="q1", buttons=YES_NO))
        sender.wake()
        await wang.hears("问题一")
        await enqueue(database, now, message(WANG, "菜单", slot="menu", buttons=NO))
        await enqueue(database, now, message(WANG, "问题二", slot="q1", buttons=YES_NO))
        sender.wake()
        await wang.until(lambda screen: [shown.labels for shown in screen][1:] == [[], ["否"], ["是", "否"]])
    # Another process knows the standing message from the outbox.
    await enqueue(database, now, message(WANG, "问题三", slot="q1", buttons=YES_NO))
    async with running(Sender(bot, database, now).run()):
        await wang.until(
            lambda screen: [shown.labels for shown in screen][1:] == [[], ["否"], [], ["是", "否"]]
        )


async def test_a_strip_takes_the_buttons_off_and_a_second_one_is_fine(
    sender: Sender, database: Database, now: Now, wang: Person, bot: Bot
) -> None:
    await enqueue(database, now, message(WANG, "问题", buttons=YES_NO))
    shown = wang.chat.next_message_id()
    strip = message(WANG, "", kind="strip", message_id=shown)
    await enqueue(database, now, strip, strip, message(WANG, "完"))
    async with running(sender.run()):
        await wang.hears("完")
    assert list(wang.chat.tappable()) == []
    assert [row.state for row in await rows(database, WANG)] == ["sent"] * 4


# ---------------------------------------------------------------- who is spoken to


async def test_what_is_private_never_reaches_a_group(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    group = server.group(GROUP, "村群")
    await enqueue(
        database,
        now,
        message(GROUP, "秘密", private=True),
        message(GROUP, "秘密", private=True, kind="edit", message_id=1),
        message(GROUP, "公开", private=False),
    )
    async with running(sender.run()):
        await group.activity.until(lambda: group.last.text == "公开")
    assert [shown.text for shown in group.screen()] == ["公开"]
    assert [state for state, _ in await errors(database, GROUP)] == ["failed", "failed", "sent"]


async def test_a_person_who_blocked_the_bot_is_left_alone(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person, li: Person
) -> None:
    async with database.transaction() as conn:
        await chats.save(conn, [Chat(CHANNEL, str(who)) for who in (WANG, LI)])
    wang.block()
    await enqueue(database, now, *(message(WANG, f"{number}") for number in range(9)), message(LI, "在吗?"))
    async with running(sender.run()):
        await li.hears("在吗?")
    assert {state for state, _ in await errors(database, WANG)} == {"failed"}
    assert server.world.calls["sendmessage"] == 2
    async with database.reading() as conn:
        known = await chats.load(conn, CHANNEL, [str(WANG), str(LI)])
    assert {address: chat.reachable for address, chat in known.items()} == {str(WANG): False, str(LI): True}


async def test_a_person_who_never_wrote_is_unreachable(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    async with database.transaction() as conn:
        await chats.save(conn, [Chat(CHANNEL, "999")])
    await enqueue(database, now, message(999, "你好"), message(999, "在吗"))
    async with running(sender.run()):
        await until_failed(database, 999)
        await enqueue(database, now, message(WANG, "好"))
        sender.wake()
        await wang.hears("好")
    assert server.world.calls["sendmessage"] == 2
    assert await errors(database, 999) == [("failed", "BadRequest: Chat not found")] * 2
    async with database.reading() as conn:
        assert not (await chats.load(conn, CHANNEL, ["999"]))["999"].reachable


# ---------------------------------------------------------------- trouble


@pytest.mark.parametrize("trouble", [Kind.RESET, Kind.SERVER_ERROR])
async def test_what_failed_is_sent_again_before_what_comes_after_it(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person, trouble: Kind
) -> None:
    server.faults.add(trouble, "sendMessage", count=2)
    await enqueue(database, now, *(message(WANG, text) for text in "一二三"))
    async with running(sender.run()):
        for seconds in (1, 2):
            await server.until(lambda: server.faults.active[0].hits)
            server.faults.active[0].hits, server.faults.active[0].count = (
                0,
                (server.faults.active[0].count or 0) - 1,
            )
            await until_attempt(database, seconds)
            server.clock.advance(seconds)
            sender.wake()
        await wang.hears("三")
    assert heard(wang) == ["一", "二", "三"]
    assert [row.attempts for row in await rows(database, WANG)] == [3, 1, 1]


async def test_an_answer_that_is_lost_can_send_one_message_twice_and_no_other(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    server.faults.add(Kind.APPLY_THEN_DROP, "sendMessage", count=1)
    await enqueue(database, now, *(message(WANG, text) for text in "一二"))
    async with running(sender.run()):
        await until_attempt(database, 1)
        server.clock.advance(1)
        sender.wake()
        await wang.hears("二")
    assert heard(wang) == ["一", "一", "二"]


async def test_a_row_that_fails_for_ever_is_given_up_and_its_chat_goes_on(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    server.faults.add(Kind.SERVER_ERROR, "sendMessage", count=MOST_ATTEMPTS)
    await enqueue(database, now, message(WANG, "一"), message(WANG, "二"))
    async with running(sender.run()):
        for attempt in range(1, MOST_ATTEMPTS):
            await until_attempt(database, attempt)
            server.clock.advance(300)
            sender.wake()
        await wang.hears("二")
    assert heard(wang) == ["二"]
    assert [state for state, _ in await errors(database, WANG)] == ["failed", "sent"]


async def test_what_is_on_its_way_at_the_end_still_arrives_and_is_recorded(
    sender: Sender, database: Database, now: Now, server: TelegramServer, wang: Person
) -> None:
    server.latency = 0.05
    await enqueue(database, now, message(WANG, "一"), message(WANG, "二"))
    async with running(sender.run()):
        await server.until(lambda: server.world.calls["sendmessage"] == 1)
    assert heard(wang) == ["一"]
    assert [row.state for row in await rows(database, WANG)] == ["sent", "pending"]


async def test_no_token_and_no_text_is_ever_logged(
    sender: Sender,
    database: Database,
    now: Now,
    server: TelegramServer,
    wang: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    for trouble in (Kind.RESET, Kind.SERVER_ERROR, Kind.FLOOD):
        server.faults.add(trouble, "sendMessage", count=1)
    await enqueue(database, now, message(WANG, "秘密", buttons=[[["秘密", "y" * 65]]]), message(WANG, "秘密"))
    async with running(sender.run()):
        for attempt in (1, 2, 3):
            await until_attempt(database, attempt)
            server.clock.advance(300)
            sender.wake()
        await wang.hears("秘密")
    assert "pauses for" in caplog.text
    assert "failed" in caplog.text
    assert TOKEN not in caplog.text
    assert "秘密" not in caplog.text
    assert str(WANG) not in caplog.text


async def test_the_server_that_cannot_be_reached_costs_no_row_its_attempts(
    bot: Bot,
    database: Database,
    now: Now,
    server: TelegramServer,
    wang: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.stop()
    await enqueue(database, now, *(message(WANG, text) for text in "一二"))
    sender = Sender(bot, database, now, chance=lambda: 1.0)
    async with running(sender.run()):
        await until_said(database, caplog, "everything pauses")
    assert [row.attempts for row in await rows(database, WANG)] == [0, 0]
    async with database.reading() as conn:
        assert await outbox.take(conn, CHANNEL, now(), 10) == []
        later = now() + timedelta(seconds=1)
        assert len(await outbox.take(conn, CHANNEL, later, 10)) == 1
