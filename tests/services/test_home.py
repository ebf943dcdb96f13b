"""The home screen says what to do next, and a household is found by a few letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.content import initials
from bot.services import inviting
from bot.storage import assignments, households, regions
from bot.storage.households import NewHousehold
from tests.services.interviewer import GREEN, begin, hand_in
from tests.services.village import Village


async def labels(village: Village, address: str) -> list[str]:
    """The buttons under the newest message that has any."""
    for message in reversed(await village.screen(address)):
        if message.buttons and not message.mine:
            return [button.label for row in message.buttons for button in row]
    return []


async def add(village: Village, *heads: str, cadre: int | None = 1) -> list[int]:
    """More households in 松树村."""
    async with village.database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        place = next(r for r in await regions.subtree(conn, county.id) if r.name == "松树村")
        new = [
            NewHousehold(
                region_id=place.id,
                village_group="七组",
                head_name=head,
                initials=initials(head),
                created_at=village.now,
            )
            for head in heads
        ]
        ids = await households.add_many(conn, new)
        if cadre is not None:
            await assignments.assign_many(conn, ids, cadre, village.now)
    return ids


async def test_a_cadre_sees_households_and_what_is_due_and_begun(village: Village) -> None:
    home = await village.say("cadre", "首页")
    assert "周明" in home
    assert "松树村 结对帮扶干部" in home
    assert "8 户" in home
    assert "户主名字" in home
    assert "邀请" not in home
    assert any("我的户（8）" in label for label in await labels(village, "cadre"))
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    await begin(village, "cadre", "刘大山", "cs")
    home = await village.say("cadre", "首页")
    assert "1 份表没填完" in home
    shown = await labels(village, "cadre")
    assert any("接着填（1）" in label for label in shown)
    assert any("今天要办" in label for label in shown)
    assert "刘大山" in await village.tap("cadre", "接着填")


async def test_while_a_questionnaire_is_open_the_home_screen_says_how_another_household_is_found(
    village: Village,
) -> None:
    """What is typed then answers the open question, be it a household's name."""
    assert "直接打户主名字" in await village.say("cadre", "首页")
    await begin(village, "cadre", "刘大山", "cs")
    home = await village.say("cadre", "首页")
    assert "直接打户主名字" not in home
    assert "查 户主名字" in home
    assert "王建新" in await village.say("cadre", "查 王建新")
    await village.say("cadre", "暂停")
    assert "直接打户主名字" in await village.say("cadre", "首页")


async def test_a_duty_that_is_overdue_is_counted_on_the_home_screen(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    village.wait(days=60)
    home = await village.say("cadre", "首页")
    assert "已过期" in home
    assert "补上就行" in home


@pytest.mark.parametrize(("address", "count"), [("village", 8), ("township", 9), ("county", 9)])
async def test_supervisors_see_their_region_and_how_to_bring_people_in(
    village: Village, address: str, count: int
) -> None:
    home = await village.say(address, "首页")
    assert f"{count} 户" in home
    assert "邀请 干部 张三" in home
    await village.tap(address, "我的户")
    assert len([label for label in await labels(village, address) if "组" in label]) == 8


async def test_an_administrator_sees_no_household_and_is_told_to_invite(village: Village) -> None:
    async with village.database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        token = await inviting.issue(
            conn, role="admin", region_id=county.id, name="管理员甲", by=None, now=village.now
        )
    await village.say("admin", f"/start {token}")
    home = await village.say("admin", "首页")
    assert "管理员" in home
    assert "请人进来" in home
    assert "邀请 干部 张三" in home
    assert await labels(village, "admin") == ["人员", "名册", "帮助"]
    assert "没有农户" in await village.say("admin", "王建新")


async def test_a_county_is_offered_the_questionnaire_of_its_own_scheme(village: Village) -> None:
    """Four cards are another county's: neither their questionnaire nor their words have a place here."""
    village.worker.office = village.office = replace(village.office, schemes=("yb",))
    said = await village.say("cadre", "王建新")
    assert "卡别" not in said
    shown = await labels(village, "cadre")
    assert "监测范围核实" in shown
    assert "四卡核实" not in shown
    await village.tap("cadre", "更多表")
    assert "四卡核实" in await labels(village, "cadre")
    await hand_in(village, "cadre", "王建新", "ys", {"1": "3", "3": "不清楚"})
    assert (await labels(village, "cadre"))[0] == "监测范围核实"
    said = await village.say("cadre", "王建新")
    assert "建议结论：待核实" in said
    assert (await labels(village, "cadre"))[0] == "监测范围核实"


async def test_every_button_of_the_home_screen_leads_somewhere(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    await begin(village, "cadre", "刘大山", "cs")
    village.wait(days=30)
    await village.say("cadre", "首页")
    screen = [m for m in await village.screen("cadre") if m.buttons and not m.mine][-1]
    for row in screen.buttons:
        for button in row:
            said = await village.tap_data("cadre", 10**6, button.data)
            assert "以前的按钮" not in said


@pytest.mark.parametrize(
    "words", ["王建新", "建新", "新", "wjx", "WJX", " 王建新 ", "查 王建新", "/find wjx", "首页 王建新"]
)
async def test_one_household_is_found_by_name_part_or_initials_and_opens(
    village: Village, words: str
) -> None:
    card = await village.say("cadre", words)
    assert "🏠 松树村一组 王建新" in card
    assert "人口 3" in card
    assert any("四卡核实" in label for label in await labels(village, "cadre"))


async def test_several_are_offered_to_choose_from_page_by_page(village: Village) -> None:
    await add(village, *(f"李{name}" for name in "一二三四五六七八九十"))
    told = await village.say("cadre", "李")
    assert "找到 10 户" in told
    assert "第 1—8 户" in told
    first = [label for label in await labels(village, "cadre") if label.startswith("李")]
    await village.tap("cadre", "下一页")
    second = [label for label in await labels(village, "cadre") if label.startswith("李")]
    assert (len(first), len(second)) == (8, 2)
    assert not set(first) & set(second)
    await village.tap("cadre", "上一页")
    assert [label for label in await labels(village, "cadre") if label.startswith("李")] == first
    assert "🏠" in await village.tap("cadre", first[3])


async def test_two_of_the_same_name_are_told_apart_by_their_group(village: Village) -> None:
    await add(village, "王建新")
    assert "找到 2 户" in await village.say("cadre", "王建新")
    shown = await labels(village, "cadre")
    assert [label for label in shown if "王建新" in label] == ["王建新（一组）", "王建新（七组）"]


async def test_nobody_of_that_name_is_said_clearly_with_a_way_on(village: Village) -> None:
    told = await village.say("cadre", "诸葛亮")
    assert "没有找到“诸葛亮”" in told
    assert "拼音首字母" in told
    assert await labels(village, "cadre") == ["我的户（8）"]


async def test_what_is_no_name_is_not_repeated_on_the_screen(village: Village) -> None:
    for said in ("123456789012345678", "1" * 4000, "很长的一段话" * 50):
        told = await village.say("cadre", said)
        assert "没有找到这样的户" in told
        assert said[:10] not in told


async def test_signs_of_the_search_language_stand_for_themselves(village: Village) -> None:
    for said in ("%", "_", "\\", "%%", "王%"):
        assert "没有找到" in await village.say("cadre", said)


async def test_a_list_that_has_become_shorter_shows_its_last_page(village: Village) -> None:
    told = await village.tap_data("cadre", 1, "l:/16")
    assert "第 1—8 户" in told or "共 8 户" in told


async def test_a_cadre_without_households_is_told_whom_to_ask(village: Village) -> None:
    sent = await village.say("village", "邀请 干部 赵新来")
    token = sent.rpartition("/start ")[2].strip()
    await village.say("newcomer", f"/start {token}")
    assert "联系村里或乡镇" in await village.say("newcomer", "首页")
    assert "联系村里或乡镇" in await village.say("newcomer", "王建新")


async def test_the_card_of_a_household_says_what_is_known_and_due(village: Village) -> None:
    assert "还没有认定过卡别" in await village.say("cadre", "王建新")
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    card = await village.say("cadre", "王建新")
    assert "绿卡" in card
    assert "帮扶责任人：周明" in card
    assert "接下来" in card


async def test_names_in_lists_take_the_present_card(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    await village.say("cadre", "首页")
    await village.tap("cadre", "我的户")
    assert "王建新（一组） 绿卡" in await labels(village, "cadre")


async def test_help_is_there_at_any_moment(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    assert "上一题" in await village.say("cadre", "帮助")


async def test_words_that_steer_a_questionnaire_say_so_when_none_is_open(village: Village) -> None:
    for said in ("提交", "上一题", "改 4-1", "暂停", "继续"):
        assert "没有正在填的表" in await village.say("cadre", said)


async def test_a_questionnaire_is_left_and_taken_up_days_later_where_it_stood(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "9000")
    left = await village.say("cadre", "暂停")
    assert "王建新" in left
    await begin(village, "cadre", "刘大山", "cs")
    await village.say("cadre", "暂停")
    village.wait(days=9)
    assert "接着填哪一份" in await village.say("cadre", "继续")
    taken = await village.tap("cadre", "王建新")
    assert "已答 1/" in taken
