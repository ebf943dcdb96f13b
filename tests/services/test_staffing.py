"""The people of a region: listed, suspended, let back, bound to another phone, by whoever is above."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.channels import web_chat
from bot.storage import inbox, people, tables
from tests.services.interviewer import begin
from tests.services.test_handover import care, id_of, newcomer
from tests.services.test_people import DOOR, token_in
from tests.services.village import Village

DEEDS = ("c", "s", "b", "u", "n", "l")
"""The buttons about a person; "e" is about a post."""


async def labels(village: Village, address: str) -> list[str]:
    return [b.label for m in await village.screen(address) for row in m.buttons for b in row]


async def deeds_on_record(village: Village) -> list[str]:
    async with village.database.reading() as conn:
        return list((await conn.execute(select(tables.audit.c.deed).order_by(tables.audit.c.id))).scalars())


async def opened(village: Village, name: str = "周明", by: str = "village") -> str:
    """The card of somebody, opened by whoever is above."""
    await village.say(by, f"人员 {name}")
    await village.tap(by, name)
    return await village.last(by)


# ------------------------------------------------------------------------------------------- lists


async def test_people_are_listed_by_post_found_by_name_and_by_post(village: Village) -> None:
    for number in range(9):
        await newcomer(village, f"c{number}", f"新人{number}")
    assert "共有 10 个职务" in await village.say("village", "人员")
    assert "结对帮扶干部（10）" in await labels(village, "village")
    assert "结对帮扶干部 10 人，这是第 1—8 条" in await village.tap("village", "结对帮扶干部（10）")
    assert "这是第 9—10 条" in await village.tap("village", "下一页")
    assert "“新人3”找到 1 条" in await village.say("village", "人员 新人3")
    assert "找到 10 条" in await village.say("village", "人员 帮扶责任人")
    assert "没有找到“李国强”" in await village.say("village", "人员 李国强")


async def test_each_level_lists_those_below_in_its_own_region_only(village: Village) -> None:
    await newcomer(village, "west", "吴柳湖", "柳湖村")
    assert "周明" not in await village.say("cadre", "人员")
    assert "由村里、乡镇和县里管" in await village.last("cadre")
    for address, seen, unseen in (
        ("village", {"周明"}, {"陈桂香", "李国强", "孙丽", "吴柳湖"}),
        ("township", {"周明", "陈桂香"}, {"李国强", "孙丽", "吴柳湖"}),
        ("county", {"周明", "陈桂香", "李国强", "吴柳湖"}, {"孙丽"}),
    ):
        await village.tap_data(address, 1, "staff:p:all:0")
        shown = " ".join(await labels(village, address))
        assert {name for name in seen | unseen if name in shown} == seen


async def test_a_card_tells_posts_and_households_and_nothing_of_what_somebody_does_when(
    village: Village,
) -> None:
    card = await opened(village)
    for told in ("周明（县水利局）", "松树村 结对帮扶干部，2026-04-10 起", "名下有 8 户", "手机已绑定"):
        assert told in card
    for never in ("在线", "登录", "得分", "排名", "完成率", "最近"):
        assert never not in card


# ------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize("deed", DEEDS)
async def test_whoever_is_not_under_oneself_does_not_exist(village: Village, deed: str) -> None:
    """Above, beside, elsewhere, oneself and nobody: the same words."""
    west = await newcomer(village, "west", "吴柳湖", "柳湖村")
    beside = await newcomer(village, "beside", "郑同级", "松树村", "village")
    ids = [await id_of(village, address) for address in ("township", "county", "village")]
    unknown = await village.tap_data("village", 10**6, f"staff:{deed}:4711")
    assert "没有找到这个人" in unknown
    for id in (*ids, west, beside):
        assert await village.tap_data("village", 10**6, f"staff:{deed}:{id}") == unknown
    for address in ("cadre", "west"):
        mine = await id_of(village, "cadre")
        assert await village.tap_data(address, 10**6, f"staff:{deed}:{mine}") == unknown
    assert await deeds_on_record(village) == ["came_in", "came_in"]


@pytest.mark.parametrize("deed", ["s", "n", "l", "u"])
async def test_somebody_with_a_post_above_is_not_touched_as_a_whole(village: Village, deed: str) -> None:
    """Who is a helper in the village and an officer of the township is the village's in the one post only."""
    token = token_in(await village.say("county", "邀请 乡镇 周明 梅田湖镇"))
    await village.say("cadre", f"/start {token}")
    assert "另外还有别处的职务" in await opened(village)
    assert not {"换手机", "手机丢了", "停用账号", "填单位"} & set(await labels(village, "village"))
    told = await village.tap_data("village", 10**6, f"staff:{deed}:{await id_of(village, 'cadre')}")
    assert "没有找到这个人" in told
    await opened(village, by="county")
    assert "停用账号" in await labels(village, "county")


# ------------------------------------------------------------------------------------------- suspension


async def test_a_suspended_helper_sees_nothing_and_the_village_is_told_of_the_households(
    village: Village,
) -> None:
    before = await care(village)
    await opened(village, by="township")
    assert "为什么停用" in await village.tap("township", "停用账号")
    await village.say("township", "停职检查")
    assert "账号已停用" in await village.heard("township")
    for said in ("首页", "王建新", "/start"):
        assert DOOR in await village.say("cadre", said)
    assert await care(village) == before
    assert "名下的 8 户没有人跑" in await village.heard("village")
    # Whoever is suspended comes in by no other invitation.
    other = token_in(await village.say("county", "邀请 干部 周明 柳湖村"))
    assert "账号已停用" in await village.say("cadre", f"/start {other}")
    assert DOOR in await village.say("cadre", "首页")
    await opened(village, by="township")
    assert "为什么恢复" in await village.tap("township", "恢复账号")
    await village.say("township", "查清了")
    assert "王建新" in await village.say("cadre", "王建新")
    assert [d for d in await deeds_on_record(village) if d in ("suspended", "let_back")] == [
        "suspended",
        "let_back",
    ]


async def test_nothing_is_done_without_a_reason_and_home_leaves_it(village: Village) -> None:
    await opened(village)
    await village.tap("village", "停用账号")
    assert "不超过 200 个字" in await village.say("village", "长" * 201)
    await village.say("village", "首页")
    await village.say("village", "不配合")  # a name that is looked for, no reason any more
    async with village.database.reading() as conn:
        person = await people.get(conn, await id_of(village, "cadre"))
    assert person is not None
    assert person.status == "active"


async def test_a_suspended_supervisor_acts_no_more(village: Village) -> None:
    await opened(village)
    await village.tap("village", "停用账号")
    async with village.database.transaction() as conn:
        await people.set_status(
            conn, (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"].id, "suspended"
        )
    assert DOOR in await village.say("village", "停职检查")
    assert "王建新" in await village.say("cadre", "王建新")


# ------------------------------------------------------------------------------------------- phones


async def test_a_lost_phone_is_shut_at_once_and_the_person_goes_on_at_a_new_one(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await opened(village)
    sent = await village.tap("village", "手机丢了")
    assert "已经停掉" in sent
    assert DOOR in await village.say("cadre", "首页")
    welcome = await village.say("new phone", f"/start {token_in(sent)}")
    assert "周明，这部手机已经换好" in welcome
    home = await village.say("new phone", "首页")
    assert "松树村 结对帮扶干部" in home
    assert home.count("结对帮扶干部") == 1
    assert "有 1 份表没填完" in home
    assert DOOR in await village.say("cadre", "首页")
    assert "已经用过" in await village.say("third phone", f"/start {token_in(sent)}")


async def test_only_the_newest_link_for_a_phone_opens_anything(village: Village) -> None:
    """The earlier one may lie on the phone that is lost."""
    await opened(village)
    earlier = token_in(await village.tap("village", "换手机"))
    await opened(village)
    newest = token_in(await village.tap("village", "手机丢了"))
    assert "过期" in await village.say("finder", f"/start {earlier}")
    assert DOOR in await village.say("finder", "首页")
    assert "换好" in await village.say("new phone", f"/start {newest}") or "欢迎" in await village.last(
        "new phone"
    )


async def test_another_phone_takes_over_when_the_link_is_used_and_the_old_one_is_told(
    village: Village,
) -> None:
    await opened(village)
    sent = await village.tap("village", "换手机")
    assert "周明" in await village.say("cadre", "首页")
    await village.say("new phone", f"/start {token_in(sent)}")
    assert "换到另一部手机" in await village.last("cadre")
    assert DOOR in await village.say("cadre", "首页")
    assert "周明" in await village.say("new phone", "首页")
    assert await deeds_on_record(village) == ["new_phone", "bound_anew"]


async def test_a_link_for_a_phone_is_for_exactly_that_person(village: Village) -> None:
    await opened(village)
    sent = token_in(await village.tap("village", "换手机"))
    assert "您发出的邀请" in await village.say("village", f"/start {sent}")
    assert "自己的手机" in await village.say("township", f"/start {sent}")
    assert "乡镇扶贫办" in await village.say("township", "首页")
    assert "这部手机已经换好" in await village.say("new phone", f"/start {sent}")


async def test_a_link_for_a_phone_opens_nothing_for_whoever_was_suspended_meanwhile(village: Village) -> None:
    await opened(village)
    sent = token_in(await village.tap("village", "手机丢了"))
    await opened(village)
    await village.tap("village", "停用账号")
    await village.say("village", "停职检查")
    assert "账号已停用" in await village.say("new phone", f"/start {sent}")
    assert DOOR in await village.say("new phone", "首页")


# ------------------------------------------------------------------------------------------- units, posts


async def test_a_unit_is_written_down_and_its_leader_sees_the_households_of_its_people(
    village: Village,
) -> None:
    await newcomer(village, "unit", "郑局长", "华容县", "unit")
    assert "没有农户" in await village.say("unit", "王建新")
    await opened(village, "郑局长", "county")
    await village.tap("county", "填单位")
    await village.say("county", "县水利局")
    assert "王建新" in await village.say("unit", "王建新")
    await opened(village)
    await village.tap("village", "填单位")
    await village.say("village", "无")
    assert "没有农户" in await village.say("unit", "王建新")


async def test_a_post_without_households_ends_and_stays_on_record(village: Village) -> None:
    gone = await newcomer(village, "gone", "吴调走")
    await opened(village, "吴调走")
    assert "为什么结束" in await village.tap("village", "结束职务")
    await village.say("village", "调走")
    assert "没有职务" in await village.say("gone", "首页")
    assert "没有找到" in await village.say("village", "人员 吴调走")
    async with village.database.reading() as conn:
        held = (
            await conn.execute(select(tables.appointments).where(tables.appointments.c.person_id == gone))
        ).all()
    assert [row.until is not None for row in held] == [True]
    assert "ended_post" in await deeds_on_record(village)


async def test_no_button_of_this_room_fails_whatever_it_says(village: Village) -> None:
    for data in (
        "staff:",
        "staff:p",
        "staff:p::",
        "staff:p:all:x",
        "staff:p:none:0",
        "staff:c:",
        f"staff:c:{'9' * 40}",
    ):
        await village.tap_data("village", 10**6, data)
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
