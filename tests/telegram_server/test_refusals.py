"""What the real server refuses is refused, in its words."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import orjson
import pytest

from tests.telegram_server import Person, TelegramServer, limits
from tests.telegram_server.caller import WANG, YES_NO, Caller

LONG = "长" * 4096
REFUSED = [
    ("sendMessage", {"chat_id": 9, "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": "@somebody", "text": "x"}, "chat not found"),
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"text": ""}, "message text is empty"),
    ("sendMessage", {"text": " \n"}, "text must be non-empty"),
    ("sendMessage", {"text": LONG + "长"}, "message is too long"),
    ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
    ("sendMessage", {"text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities: Unsupported start tag"),
    ("sendMessage", {"text": "<b>x</i>", "parse_mode": "HTML"}, "can't parse entities: Unmatched end tag"),
    ("sendMessage", {"text": "a.b", "parse_mode": "MarkdownV2"}, "can't parse entities: Character '.' is"),
    (
        "sendMessage",
        {"text": "*a", "parse_mode": "MarkdownV2"},
        "can't parse entities: Can't find end of Bold",
    ),
    ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("sendMessage", {"text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
    ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
    ("sendDocument", {}, "there is no document in the request"),
    ("sendPhoto", {"photo": "x", "caption": "c" * 1025}, "message caption is too long"),
    ("editMessageText", {"message_id": 77, "text": "x"}, "message to edit not found"),
    ("editMessageText", {"message_id": 2, "text": LONG + "长"}, "MESSAGE_TOO_LONG"),
    ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
    ("editMessageText", {"message_id": 2, "text": "问"}, "message is not modified: specified new message"),
    ("editMessageText", {"message_id": 2, "text": " 问\n"}, "message is not modified"),
    ("editMessageReplyMarkup", {"message_id": 2}, "message is not modified"),
    ("deleteMessage", {"message_id": 77}, "message to delete not found"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old and response timeout expired or"),
    ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
    ("setMyCommands", {"commands": [{"command": "开始", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("getFile", {"file_id": "nothing"}, "wrong file_id or the file is temporarily unavailable"),
]


@pytest.mark.parametrize(("method", "values", "sentence"), REFUSED)
async def test_what_the_real_server_refuses_is_refused(
    call: Caller, wang: Person, method: str, values: dict[str, Any], sentence: str
) -> None:
    wang.say("在")
    await call("sendMessage", chat_id=WANG, text="问")
    given = {"chat_id": WANG, **values} if sentence != "chat_id is empty" else values
    assert (await call.why(method, **given)).startswith(f"Bad Request: {sentence}")
    assert len(wang.chat.screen()) == 2


def board(*rows: int, data: str = "d") -> dict[str, Any]:
    key = {"text": "k", "callback_data": data}
    return {"inline_keyboard": [[key] * size for size in rows]}


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        (board(*[8] * 12, 4), None),
        (board(*[8] * 12, 5), "reply markup is too long"),
        (board(9), "reply markup is too long"),
        (board(1, data="数" * 21), None),
        (board(1, data="数" * 21 + "xx"), "BUTTON_DATA_INVALID"),
        (board(1, data=""), "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "k"}]]}, "text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_a_keyboard_has_its_limits(
    call: Caller, wang: Person, markup: dict[str, Any], sentence: str | None
) -> None:
    wang.start()
    body = await call.raw("sendMessage", chat_id=WANG, text="?", reply_markup=orjson.dumps(markup).decode())
    assert body.get("description") == (sentence and f"Bad Request: {sentence}")


async def test_4096_units_pass(call: Caller, wang: Person) -> None:
    wang.start()
    assert (await call("sendMessage", chat_id=WANG, text=LONG))["text"] == LONG


async def test_a_blocked_bot_may_not_write(call: Caller, wang: Person) -> None:
    wang.start()
    wang.block()
    body = await call.raw("sendMessage", chat_id=WANG, text="x")
    assert body == {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    member = (await call("getUpdates"))[-1]["my_chat_member"]
    assert member["new_chat_member"]["status"] == "kicked"
    wang.unblock()
    await call("sendMessage", chat_id=WANG, text="又能说了")


async def test_a_person_who_has_not_written_cannot_be_written_to(call: Caller, wang: Person) -> None:
    assert await call.why("sendMessage", chat_id=WANG, text="x") == "Bad Request: chat not found"


async def test_a_wrong_token_is_401_and_a_wrong_method_404(call: Caller, server: TelegramServer) -> None:
    async with call.session.get(f"{server.base_url}12345:wrong/getMe") as response:
        assert (response.status, await response.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
    assert (await call.raw("sendDice"))["error_code"] == 404
    assert (await call("GETME"))["is_bot"] is True


async def test_arguments_come_by_query_form_and_json(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    wang.start()
    url = f"{server.base_url}{server.token}/sendMessage"
    values = {"chat_id": str(WANG), "text": "a b&c"}
    for how in ({"params": values}, {"data": values}, {"json": values}):
        async with call.session.post(url, **how) as response:  # type: ignore[arg-type]
            assert response.status == 200
    async with call.session.get(url, params=values) as response:
        assert response.status == 200
    assert [message.text for message in wang.chat.screen()][1:] == ["a b&c"] * 4


async def test_files_have_their_limits(call: Caller, server: TelegramServer, wang: Person) -> None:
    url = f"{server.base_url}{server.token}"
    big = wang.send_document("big.bin", bytes(limits.DOWNLOAD + 1))
    assert big.attachment is not None
    assert await call.why("getFile", file_id=big.attachment.file_id) == "Bad Request: file is too big"
    for kind, size, code in (
        ("photo", limits.PHOTO, 400),
        ("document", limits.UPLOAD, 413),
        ("document", -1, 400),
    ):
        form = aiohttp.FormData({"chat_id": str(WANG)})
        form.add_field(kind, io.BytesIO(bytes(size + 1)), filename="big.bin")
        async with call.session.post(f"{url}/send{kind}", data=form) as response:
            assert response.status == code
    assert wang.chat.documents == []


async def test_an_answer_to_a_tap_holds_200_characters(call: Caller, wang: Person) -> None:
    wang.start()
    await call("sendMessage", chat_id=WANG, text="?", reply_markup=YES_NO)
    tap = wang.tap("是")
    why = await call.why("answerCallbackQuery", callback_query_id=tap.callback_id, text="长" * 201)
    assert why == "Bad Request: MESSAGE_TOO_LONG"
    await call("answerCallbackQuery", callback_query_id=tap.callback_id, text="长" * 200)
