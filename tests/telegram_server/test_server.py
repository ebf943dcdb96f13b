"""The fake Bot API server does what the real one does: asked over HTTP, as a bot asks it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from tests.telegram_server import Clock, Kind, Person, TelegramServer

WANG = 501
LI = 502
GROUP = -1001
YES_NO = {"inline_keyboard": [[{"text": "是", "callback_data": "y"}, {"text": "否", "callback_data": "n"}]]}


class Caller:
    """A bot that speaks plain HTTP."""

    def __init__(self, server: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def __call__(self, method: str, **values: Any) -> Any:
        """The result; a refusal is an AssertionError."""
        body = await self.raw(method, **values)
        assert body["ok"], body
        return body["result"]

    async def raw(self, method: str, **values: Any) -> dict[str, Any]:
        url = f"{self.server.base_url}{self.server.token}/{method}"
        async with self.session.post(url, json=values) as response:
            body: dict[str, Any] = orjson.loads(await response.read())
            assert body["ok"] == (response.status == 200)
            assert body.get("error_code", 200) == response.status
            return body

    async def why(self, method: str, **values: Any) -> str:
        """The sentence of a refusal."""
        return str((await self.raw(method, **values))["description"])


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=Clock(1_800_000_000.0, running=False)) as server:
        server.updates.strict_repeats = False
        yield server


@pytest.fixture
async def call(server: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
def wang(server: TelegramServer) -> Person:
    return Person(server, WANG, "老王")


def ids(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] if "message" in update else "tap" for update in updates]


# --- updates ------------------------------------------------------------------------------------------------


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


# --- webhook ------------------------------------------------------------------------------------------------


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


# --- what people see ----------------------------------------------------------------------------------------


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


# --- refusals -----------------------------------------------------------------------------------------------

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


# --- flood limits and faults --------------------------------------------------------------------------------


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


# --- as a process of its own --------------------------------------------------------------------------------


async def test_another_process_is_driven_by_its_control_api() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.telegram_server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        where = orjson.loads(await process.stdout.readline())
        async with aiohttp.ClientSession() as session:

            async def control(how: str, what: str, **values: Any) -> Any:
                async with session.request(how, f"{where['url']}/control/{what}", json=values) as response:
                    return await response.json()

            async def bot(method: str, **values: Any) -> Any:
                url = f"{where['base_url']}{where['token']}/{method}"
                async with session.post(url, json=values) as response:
                    return await response.json()

            await control("POST", "start", chat_id=WANG, name="老王", payload="x1")
            waiting = asyncio.create_task(control("GET", "wait", chat_id=WANG, after=1))
            await bot("sendMessage", chat_id=WANG, text="在家吗?", reply_markup=YES_NO)
            assert (await waiting)["messages"][1]["keyboard"] == [[["是", "y"], ["否", "n"]]]
            await control("POST", "tap", chat_id=WANG, button="是")
            updates = (await bot("getUpdates"))["result"]
            assert [set(update) - {"update_id"} for update in updates] == [{"message"}, {"callback_query"}]
            assert "error" in await control("POST", "tap", chat_id=WANG, button="没有")
            await control("POST", "updates", updates=[{"kind": "message", "content": {"odd": 1}}])
            await control("POST", "faults", kind="reset", method="getme", count=1)
            with pytest.raises(aiohttp.ClientError):
                await bot("getMe")
            statistics = await control("GET", "statistics")
            assert statistics["applied"]["sendmessage"] == 1
            assert statistics["updates"]["pending"] == 3
    finally:
        process.terminate()
        await process.wait()


async def test_message_ids_count_up_by_chat(call: Caller, server: TelegramServer, wang: Person) -> None:
    """A bot that looks a message up by its id alone finds another person's."""
    wang.start()
    Person(server, LI, "李四").start()
    sent = [await call("sendMessage", chat_id=chat_id, text="x") for chat_id in (WANG, LI, LI)]
    assert [message["message_id"] for message in sent] == [2, 2, 3]
