"""A real python-telegram-bot Bot speaks to the fake server through AiohttpRequest."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import logging
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.channels.telegram_request import AiohttpRequest, FloodWait, NotSent, NotSentInTime
from tests.telegram_server import TOKEN, Kind, Person, TelegramServer

WANG = 501
YES_NO = InlineKeyboardMarkup([[InlineKeyboardButton("是", callback_data="y")]])


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
def wang(server: TelegramServer) -> Person:
    person = Person(server, WANG, "老王")
    person.start()
    return person


def bot_for(server: TelegramServer, request: AiohttpRequest, token: str = TOKEN) -> Bot:
    return Bot(
        token,
        base_url=server.base_url,
        base_file_url=server.base_file_url,
        request=request,
        get_updates_request=AiohttpRequest(connection_limit=2),
    )


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with bot_for(server, AiohttpRequest(connection_limit=8, read_timeout=20)) as bot:
        yield bot


async def test_a_message_is_sent_and_edited(bot: Bot, wang: Person) -> None:
    sent = await bot.send_message(WANG, "在家吗?", reply_markup=YES_NO)
    assert wang.chat.buttons() == ["是"]
    assert sent.reply_markup == YES_NO
    await bot.edit_message_text("在家", WANG, sent.message_id)
    assert (wang.chat.last.text, wang.chat.buttons()) == ("在家", [])
    await bot.send_message(WANG, "<b>五</b>口人", parse_mode="HTML", disable_notification=True)
    assert wang.chat.last.text == "五口人"
    assert await bot.delete_message(WANG, sent.message_id)


async def test_a_document_arrives_with_its_chinese_name(bot: Bot, wang: Person) -> None:
    content = bytes(range(256)) * 4096
    sent = await bot.send_document(WANG, content, filename="帮扶 方案.docx", caption="请看")
    handle = InputFile(io.BytesIO(b"rows"), filename="名册.xlsx", read_file_handle=False)
    await bot.send_document(WANG, handle, reply_markup=YES_NO)
    names = [(file.name, file.content) for file in wang.chat.documents]
    assert names == [("帮扶 方案.docx", content), ("名册.xlsx", b"rows")]
    assert wang.chat.buttons() == ["是"]
    assert sent.document is not None
    again = await bot.send_document(WANG, sent.document.file_id)
    assert again.document == sent.document


async def test_a_photo_arrives(bot: Bot, wang: Person) -> None:
    sent = await bot.send_photo(WANG, b"\xff\xd8 jpeg", caption="老屋")
    assert len(sent.photo) == 2
    assert wang.chat.last.text == "老屋"


async def test_a_file_is_downloaded(bot: Bot, wang: Person) -> None:
    wang.send_document("名册.xlsx", b"PK rows")
    update = (await bot.get_updates())[-1]
    assert update.message is not None
    assert update.message.document is not None
    file = await bot.get_file(update.message.document.file_id)
    assert await file.download_as_bytearray() == b"PK rows"


async def test_updates_arrive_and_are_confirmed(bot: Bot, server: TelegramServer, wang: Person) -> None:
    await bot.send_message(WANG, "?", reply_markup=YES_NO)
    tap = wang.tap("是")
    updates = await bot.get_updates(allowed_updates=["message", "callback_query"])
    assert [update.effective_user.id for update in updates if update.effective_user] == [WANG, WANG]
    query = updates[-1].callback_query
    assert query is not None
    await query.answer("好")
    assert await wang.answered(tap) == "好"
    waiting = asyncio.create_task(bot.get_updates(offset=updates[-1].update_id + 1, timeout=20))
    await server.until(lambda: server.updates.polled)
    wang.say("三口人")
    (update,) = await waiting
    assert update.message is not None
    assert update.message.text == "三口人"


async def test_the_chat_the_commands_and_the_webhook_are_read(
    bot: Bot, server: TelegramServer, wang: Person
) -> None:
    assert (await bot.get_chat(WANG)).first_name == "老王"
    assert await bot.set_my_commands([("start", "开始")])
    assert server.world.commands == [{"command": "start", "description": "开始"}]
    assert await bot.send_chat_action(WANG, "typing")
    assert await bot.set_webhook(f"{server.url}/control/nothing", secret_token="s3cret")
    assert (await bot.get_webhook_info()).url == f"{server.url}/control/nothing"
    assert await bot.delete_webhook()


async def test_many_messages_share_few_connections(server: TelegramServer, wang: Person) -> None:
    async with bot_for(server, AiohttpRequest(connection_limit=4, pool_timeout=20)) as bot:
        await asyncio.gather(*(bot.send_message(WANG, str(number)) for number in range(200)))
    assert {message.text for message in wang.chat.screen()[1:]} == {str(number) for number in range(200)}


# --- refusals -----------------------------------------------------------------------------------------------


async def test_a_429_says_how_long_to_wait(bot: Bot, server: TelegramServer, wang: Person) -> None:
    server.faults.add(Kind.FLOOD, "sendMessage", retry_after=17, count=1)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(WANG, "x")
    assert caught.value.retry_after == dt.timedelta(seconds=17)
    assert isinstance(caught.value, FloodWait)


async def test_a_403_is_forbidden(bot: Bot, wang: Person) -> None:
    wang.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(WANG, "x")


async def test_a_400_is_a_bad_request(bot: Bot, server: TelegramServer, wang: Person) -> None:
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(9, "x")
    sent = await bot.send_message(WANG, "x")
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("x", WANG, sent.message_id)
    server.group(-5, kind="group").migrated_to = -1005
    with pytest.raises(ChatMigrated):
        await bot.send_message(-5, "x")


async def test_a_409_is_a_conflict(bot: Bot, server: TelegramServer) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=20))
    await server.until(lambda: server.updates.polled)
    newer = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(Conflict):
        await older
    newer.cancel()


async def test_a_wrong_token_is_said(server: TelegramServer) -> None:
    bot = bot_for(server, AiohttpRequest(), "12345:wrong")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


@pytest.mark.parametrize("code", [500, 502])
async def test_a_server_error_is_a_network_error(
    bot: Bot, server: TelegramServer, wang: Person, code: int
) -> None:
    server.faults.add(Kind.SERVER_ERROR, "sendMessage", code=code, count=1)
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(WANG, "x")
    assert not isinstance(caught.value, NotSent | TimedOut)


async def test_an_answer_that_is_no_json_is_a_network_error() -> None:
    async def garbage(request: web.BaseRequest) -> web.Response:
        return web.Response(status=int(request.query.get("status", "502")), body=b"<html>\xff")

    runner = web.ServerRunner(web.Server(garbage, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with AiohttpRequest() as request:
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await request.post(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    await runner.cleanup()


# --- the line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "applied"), [(Kind.HANG, False), (Kind.APPLY_THEN_HANG, True)])
async def test_an_answer_that_stays_away_is_timed_out(
    bot: Bot, server: TelegramServer, wang: Person, kind: Kind, applied: bool
) -> None:
    server.faults.add(kind, "sendMessage", count=1)
    with pytest.raises(TimedOut) as caught:
        await bot.send_message(WANG, "x", read_timeout=0.05)
    assert not isinstance(caught.value, NotSent)
    assert len(wang.chat.screen()) == 1 + applied
    await bot.send_message(WANG, "y")


async def test_an_upload_whose_answer_stays_away_is_timed_out(
    bot: Bot, server: TelegramServer, wang: Person
) -> None:
    server.faults.add(Kind.HANG, "sendDocument", count=1)
    with pytest.raises(TimedOut):
        await bot.send_document(WANG, b"x" * 1000, read_timeout=0.05, write_timeout=0.05)


async def test_an_upload_that_nobody_takes_is_timed_out() -> None:
    """A server that accepts but never reads: the read timer never starts, the write timer must."""
    idle = socket.create_server(("127.0.0.1", 0))
    bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{idle.getsockname()[1]}/bot", request=AiohttpRequest())
    await bot.request.initialize()
    with pytest.raises(TimedOut):
        await bot.send_document(
            WANG, bytes(40 << 20), read_timeout=0.1, write_timeout=0.1, connect_timeout=0.1
        )
    await bot.request.shutdown()
    idle.close()


@pytest.mark.parametrize(("kind", "applied"), [(Kind.RESET, False), (Kind.APPLY_THEN_DROP, True)])
async def test_a_broken_connection_is_a_network_error_and_never_repeated(
    bot: Bot, server: TelegramServer, wang: Person, kind: Kind, applied: bool
) -> None:
    server.faults.add(kind, "sendMessage", count=1)
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(WANG, "x")
    assert not isinstance(caught.value, NotSent | TimedOut)
    assert len(wang.chat.screen()) == 1 + applied


async def test_without_a_server_it_is_certain_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with AiohttpRequest() as request:
        with pytest.raises(NotSent):
            await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")


async def test_without_a_free_connection_it_is_certain_that_nothing_was_sent(
    server: TelegramServer, wang: Person
) -> None:
    fault = server.faults.add(Kind.HANG, "sendMessage", count=1)
    async with bot_for(server, AiohttpRequest(connection_limit=1, pool_timeout=0.01)) as bot:
        sending = asyncio.create_task(bot.send_message(WANG, "x", read_timeout=None))
        await server.until(lambda: fault.hits)
        with pytest.raises(NotSentInTime) as caught:
            await bot.send_message(WANG, "y")
        assert isinstance(caught.value, TimedOut)
        sending.cancel()


async def test_it_says_so_when_it_is_not_open() -> None:
    request = AiohttpRequest()
    with pytest.raises(NetworkError, match="before initialize"):
        await request.post("http://127.0.0.1:1/")
    await request.initialize()
    await request.initialize()
    await request.shutdown()
    await request.shutdown()
    assert request.read_timeout == 5.0


async def test_the_token_is_never_quoted(
    bot: Bot, server: TelegramServer, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.faults.add(Kind.HANG, "sendMessage", count=1)
    server.faults.add(Kind.RESET, "sendMessage", count=1)
    server.faults.add(Kind.SERVER_ERROR, "sendMessage", count=1)
    shown = ""
    for _ in range(3):
        with pytest.raises(NetworkError) as caught:
            await bot.send_message(WANG, "x", read_timeout=0.05)
        shown += "".join(traceback.format_exception(caught.value))
    async with AiohttpRequest() as request:
        for url in (
            f"nowhere://bot{TOKEN}/getMe",
            f"http://127.0.0.1:1/bot{TOKEN}/getMe",
            f"http://[{TOKEN}/",
        ):
            with pytest.raises(NetworkError) as caught:
                await request.post(url)
            shown += "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown + caplog.text
