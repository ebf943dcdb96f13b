"""What people see and do on their phones."""

from __future__ import annotations

import aiohttp
import pytest

from tests.telegram_server import Person, TelegramServer
from tests.telegram_server.caller import GROUP, WANG, YES_NO, Caller, texts


async def test_the_screen_shows_messages_after_their_edits(call: Caller, wang: Person) -> None:
    wang.start("abc-_9")
    first = await call("sendMessage", chat_id=WANG, text="在家吗?", reply_markup=YES_NO)
    await call("editMessageText", chat_id=WANG, message_id=first["message_id"], text="在家")
    await call("sendMessage", chat_id=WANG, text="<b>几</b>口人?", parse_mode="HTML")
    chat = wang.chat
    assert [message.text for message in chat.screen()] == ["/start abc-_9", "在家", "几口人?"]
    assert chat.last.entities == [{"type": "bold", "offset": 0, "length": 1}]
    edited = chat.messages[first["message_id"]]
    assert edited.keyboard == ()
    assert edited.edits[0].text == "在家吗?"
    await call("deleteMessage", chat_id=WANG, message_id=first["message_id"])
    assert [message.text for message in chat.screen()][1:] == ["几口人?"]
    assert await call.why("editMessageText", chat_id=WANG, message_id=2, text="x") == (
        "Bad Request: message to edit not found"
    )


async def test_a_tap_stops_spinning_when_it_is_answered(call: Caller, wang: Person) -> None:
    wang.start()
    await call("sendMessage", chat_id=WANG, text="在家吗?", reply_markup=YES_NO)
    assert wang.chat.buttons() == ["是", "否"]
    tap = wang.tap("n")
    update = (await call("getUpdates"))[-1]["callback_query"]
    assert (update["data"], update["message"]["text"], update["from"]["id"]) == ("n", "在家吗?", WANG)
    assert not tap.answered
    await call("answerCallbackQuery", callback_query_id=update["id"], text="记下了")
    assert await wang.answered(tap) == "记下了"


async def test_an_old_keyboard_can_still_be_tapped(call: Caller, wang: Person) -> None:
    wang.start()
    sent = await call("sendMessage", chat_id=WANG, text="?", reply_markup=YES_NO)
    await call("editMessageReplyMarkup", chat_id=WANG, message_id=sent["message_id"])
    with pytest.raises(LookupError, match="no button"):
        wang.tap("是")
    assert wang.tap("是", wang.chat.last).data == "y"


async def test_a_reply_keyboard_says_its_label(call: Caller, wang: Person) -> None:
    wang.start()
    await call("sendMessage", chat_id=WANG, text="?", reply_markup={"keyboard": [["继续", {"text": "停"}]]})
    assert wang.press("停").text == "停"
    await call("sendMessage", chat_id=WANG, text=".", reply_markup={"remove_keyboard": True})
    with pytest.raises(LookupError):
        wang.press("停")


async def test_files_go_both_ways(call: Caller, server: TelegramServer, wang: Person) -> None:
    wang.send_document("名册.xlsx", b"PK rows")
    given = (await call("getUpdates"))[0]["message"]["document"]
    assert given["file_name"] == "名册.xlsx"
    path = (await call("getFile", file_id=given["file_id"]))["file_path"]
    async with call.session.get(f"{server.base_file_url}{server.token}/{path}") as response:
        assert await response.read() == b"PK rows"
    form = aiohttp.FormData({"chat_id": str(WANG), "caption": "方案"}, quote_fields=False)
    form.add_field("document", b"DOCX", filename="方案.docx", content_type="application/msword")
    async with call.session.post(f"{server.base_url}{server.token}/sendDocument", data=form) as response:
        assert response.status == 200
    assert [(file.name, file.content) for file in wang.chat.documents] == [("方案.docx", b"DOCX")]
    assert wang.chat.last.text == "方案"


async def test_a_start_link_carries_64_plain_characters(wang: Person) -> None:
    wang.start("a" * 64)
    for bad in ("a" * 65, "a b", "是"):
        with pytest.raises(ValueError, match="start link"):
            wang.start(bad)


async def test_a_bot_hears_only_what_concerns_it_in_a_group(
    call: Caller, server: TelegramServer, wang: Person
) -> None:
    server.group(GROUP, "驻村队")
    talk = wang.in_group(GROUP)
    talk.say("吃了吗")
    talk.say("/help")
    sent = await call("sendMessage", chat_id=GROUP, text="请讲")
    talk.say("好", reply_to=server.chat(GROUP).messages[sent["message_id"]])
    updates = await call("getUpdates")
    assert texts(updates) == ["/help", "好"]
    assert updates[0]["message"]["chat"] == {"id": GROUP, "type": "supergroup", "title": "驻村队"}
