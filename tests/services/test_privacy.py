"""Nothing about a household reaches anybody who may not see it, by whatever way."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.channels import telegram, web_chat
from bot.storage import files, households, inbox, outbox, people, visibility
from bot.storage.inbox import NewUpdate
from bot.storage.people import Account
from bot.storage.tables import metadata
from tests.services.interviewer import GREEN, HEAD_ID, begin, fill, hand_in, standing
from tests.services.village import Village

GROUP = -1001
HEADS = ("王建新", "刘大山", "马维平", "曹有田", "吴长河", "钱四海", "孟广福", "郭立春", "方德顺")


async def join_telegram(village: Village, address: str, number: int) -> None:
    """Let a person of the village speak on Telegram as well."""
    village.worker.translate = {**village.worker.translate, telegram.CHANNEL: telegram.translate}
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, [address]))[address]
        await people.bind(conn, Account(telegram.CHANNEL, str(number), person.id))


async def receive(village: Village, number: int, payload: dict[str, Any]) -> None:
    update = NewUpdate(telegram.CHANNEL, number, "telegram:5", {"update_id": number, **payload})
    async with village.database.transaction() as conn:
        await inbox.store(conn, [update], village.now)
    await village.work()


async def in_group(village: Village, number: int, *, text: str = "", data: str = "") -> list[str]:
    """Somebody of the village types or taps in a group; what the group has been told so far."""
    user = {"id": 5, "is_bot": False, "first_name": "周明"}
    chat = {"id": GROUP, "type": "supergroup", "title": "帮扶群"}
    message: dict[str, Any] = {"message_id": 9, "date": 1, "chat": chat, "from": user}
    if data:
        tapped = {"id": str(number), "from": user, "message": message, "chat_instance": "1", "data": data}
        await receive(village, number, {"callback_query": tapped})
    else:
        await receive(village, number, {"message": {**message, "text": text}})
    async with village.database.reading() as conn:
        rows = await outbox.last(conn, telegram.CHANNEL, str(GROUP))
    assert not any(row.private for row in rows)
    return [row.payload["text"] for row in rows]


async def everything(village: Village) -> dict[str, int]:
    """How many rows every table has that a tap could change."""
    found = {}
    async with village.database.reading() as conn:
        for table in metadata.sorted_tables:
            if table.name not in ("inbox", "outbox", "chats", "lanes", "audit"):
                query = select(func.count()).select_from(table)
                found[table.name] = (await conn.execute(query)).scalar_one()
    return found


async def household(village: Village, head: str) -> int:
    async with village.database.reading() as conn:
        county = (await people.behind(conn, web_chat.CHANNEL, ["county"]))["county"]
        return (await visibility.find(conn, county.id, village.now, words=head)).items[0].id


async def test_in_a_group_nothing_about_a_household_is_ever_said(village: Village) -> None:
    await join_telegram(village, "cadre", 5)
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    await begin(village, "cadre", "刘大山", "cs")
    said = [
        *HEADS,
        "/start",
        "/find 王建新",
        "首页",
        "计划 王建新",
        "全文 王建新",
        "待办",
        "预警",
        "继续",
        "/resume",
        "9000",
    ]
    taps = [
        "h:1",
        "p:1",
        "f:1",
        "n:1:cs",
        "a:1:show",
        "l:/0",
        "m:due",
        "m:home",
        "m:resume",
        "i:2:0:2:k0",
        "r:2",
    ]
    number = 0
    for text in said:
        number += 1
        told = await in_group(village, number, text=text)
    for data in taps:
        number += 1
        told = await in_group(village, number, data=data)
    assert told, "somebody who calls the bot in a group is shown the way to the private chat"
    assert set(told) == {village.office.say("home.group")}
    assert len(told) == len([text for text in said if text.startswith("/")])
    # In private the same person is served.
    user = {"id": 5, "is_bot": False, "first_name": "周明"}
    chat = {"id": 5, "type": "private", "first_name": "周明"}
    message = {"message_id": 10, "date": 1, "chat": chat, "from": user, "text": "王建新"}
    await receive(village, number + 1, {"message": message})
    async with village.database.reading() as conn:
        rows = await outbox.last(conn, telegram.CHANNEL, "5")
    assert "王建新" in rows[-1].payload["text"]
    assert rows[-1].private


async def test_an_identity_number_is_on_no_screen_in_no_log_and_in_no_file_name(
    village: Village, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        home = await household(village, "王建新")
        async with village.database.transaction() as conn:
            await households.revise(conn, home, {"head_id_number": None})
        await begin(village, "cadre", "王建新", "jd")
        await fill(village, "cadre", answers={"h5": HEAD_ID})
        at = await standing(village, "cadre")
        assert at.answers["h5"] == HEAD_ID
        # Said at the wrong place, looked for, mistyped, and asked for again.
        await village.say("cadre", "改 h5", HEAD_ID[:-1] + "0", HEAD_ID[:-1], "上一题", HEAD_ID)
        await village.say("cadre", "改 2", HEAD_ID, "1", "改 h5", "不改", "提交")
        await village.say("cadre", HEAD_ID, f"查 {HEAD_ID}", f"全文 {HEAD_ID}", f"邀请 干部 {HEAD_ID}")
        await village.say("village", "王建新", "全文 王建新")
        for address in ("cadre", "village", "township"):
            for label in ("计划摘要", "完整计划"):
                await village.say(address, "王建新")
                await village.tap(address, label)
        async with village.database.reading() as conn:
            rows = [
                row
                for a in ("cadre", "village", "township")
                for row in await outbox.last(conn, "web", a, 500)
            ]
            papers = [
                await files.get(conn, row.payload["file_id"]) for row in rows if "file_id" in row.payload
            ]
    digits = HEAD_ID[:14]
    for row in rows:
        assert digits not in str(row.payload)
    assert papers
    for paper in papers:
        assert paper is not None
        assert digits not in paper.name
        assert not any(head in paper.name for head in HEADS)
    assert digits not in caplog.text
    assert not any(head in caplog.text for head in HEADS)


@pytest.mark.parametrize(
    "data", ["h:{}", "n:{}:cs", "n:{}:vc", "p:{}", "p:{}:why", "f:{}", "a:{}:show", "a:{}:seen", "a:{}:to"]
)
async def test_another_cadres_household_is_as_if_it_did_not_exist(village: Village, data: str) -> None:
    """方德顺 lives in another village, and another person is responsible."""
    await begin(village, "village", "王建新", "cs")  # there is an alert-free interview about, too
    there = await household(village, "方德顺")
    before = await everything(village)
    mine = await village.tap_data("cadre", 1, data.format(there))
    nobodys = await village.tap_data("cadre", 1, data.format(987654321))
    assert mine == nobodys
    assert "没有找到" in mine
    assert "方德顺" not in await village.heard("cadre")
    assert await everything(village) == before


async def test_another_persons_interview_cannot_be_opened_or_answered(village: Village) -> None:
    theirs = await begin(village, "village", "王建新", "cs")
    number = theirs.interview.id
    for data in (
        f"r:{number}",
        theirs.data("k"),
        theirs.data("p", 1),
        f"b:{number}",
        f"s:{number}",
        f"e:{number}:2",
    ):
        mine = await village.tap_data("cadre", 1, data)
        assert mine == await village.tap_data("cadre", 1, data.replace(str(number), "987654"))
    assert (await standing(village, "village")).interview == theirs.interview


async def test_a_household_that_was_taken_away_cannot_be_finished_or_taken_up(village: Village) -> None:
    at = await begin(village, "cadre", "王建新", "cs")
    await fill(village, "cadre", answers=GREEN)
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        [office] = await people.appointments_of(conn, person.id, village.now)
        await people.dismiss(conn, office.id, village.now)
    heard = await village.heard("cadre")
    assert "没有找到这一户" in await village.say("cadre", "提交")
    assert "没有正在填的表" in await village.say("cadre", "继续")
    assert "没有找到这一户" in await village.tap_data("cadre", 1, f"r:{at.interview.id}")
    home = await village.say("cadre", "首页")
    assert "没填完" not in home
    assert "王建新" not in (await village.heard("cadre"))[len(heard) :]


MALFORMED = """
h: h:abc h:-1 h:1.5 h:1:2 h:² h:１ h:99999999999999999999999 n:1 n:1: n:1:xx n:abc:jd n:: n:1:cs:9 r: r:x
i: i:1 i:1:2 i:1:2:3 i:1:2:3:4 i:1:2:3:p i:1:x:3:p1 i:1:2:3:z1 i:a:b:c:p1 i:1:2::p1 i:1:0:2:p99999999999999
b: b:x b:1:x s: s:1:1:1 e: e:1 e:1: e:x:1 p: p:x p:1:?? f: f:x f:1:zz
a: a:1 a:1: a:1:zz a:x:seen a:1:to: a:1:to:x l: l:x l:/ l:/x l:/-8 l:王/999999999999 l:%/0
m: m:zz d: d:x d:-1 zz : :: :::
"""


async def test_malformed_button_data_never_fails_and_never_changes_anything(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "9000")
    at, before = await standing(village, "cadre"), await everything(village)
    told = 0
    for data in [*MALFORMED.split(), "", " ", "\x00", "h:\x00", "l:\x00/0"]:
        await village.tap_data("cadre", 10**6, data)
        async with village.database.reading() as conn:
            rows = await outbox.last(conn, web_chat.CHANNEL, "cadre", 500)
        assert len(rows) > told, data
        told = len(rows)
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
    assert await everything(village) == before
    assert (await standing(village, "cadre")).answers == at.answers


ANY_DATA = st.one_of(
    st.binary(max_size=64).map(lambda raw: raw.decode("latin-1")),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=64),
    st.builds(
        lambda kind, parts: ":".join([kind, *parts]),
        st.sampled_from(list("ibesnrpfahlmd")),
        st.lists(
            st.one_of(
                st.text(max_size=5), st.integers().map(str), st.sampled_from(["to", "seen", "cs", "p1", "k"])
            ),
            max_size=4,
        ),
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(many=st.lists(ANY_DATA, min_size=20, max_size=40))
async def test_no_data_whatever_fails_or_shows_another_village(village: Village, many: list[str]) -> None:
    for data in many:
        await village.chat.tap("cadre", 10**6, data)
        await village.chat.tap("stranger", 10**6, data)
    await village.work()
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
        assert await inbox.waiting(conn) == 0
        rows = await outbox.last(conn, web_chat.CHANNEL, "cadre", 200)
        strange = await outbox.last(conn, web_chat.CHANNEL, "stranger", 200)
    assert not any("方德顺" in str(row.payload) for row in rows)
    assert {row.payload["text"] for row in strange} <= {village.office.say("inviting.stranger")}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    many=st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=80), min_size=10, max_size=30)
)
async def test_no_text_whatever_fails(village: Village, many: list[str]) -> None:
    for said in many:
        await village.chat.say("cadre", said)
        await village.chat.say("stranger", said)
    await village.work()
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
        assert await inbox.waiting(conn) == 0
