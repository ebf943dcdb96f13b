"""Clues in the chat: noted, merged, matched by a person, refused where nobody may apply; who sees which."""

from __future__ import annotations

from datetime import date

import pytest

from bot.storage import cases, clues, households, people, regions
from bot.storage.cases import Case
from bot.storage.clues import Clue, NewClue
from bot.storage.database import Database
from bot.storage.subjects import Subject
from tests.services.case_storytelling import CaseStory, open_story
from tests.services.village import Village

DAY = date(2020, 5, 6)
CAST = (
    {"address": "elsewhere", "name": "外村书记", "post": "village_secretary", "region": "石桥村"},
    {"address": "leader", "name": "三组老曾", "post": "group_leader", "region": "松树村"},
    {"address": "inspectors", "name": "督查组小邵", "post": "inspection_team", "region": "华容县"},
    {"address": "housing", "name": "住建局小梁", "post": "housing", "region": "华容县"},
)


async def in_county(database: Database, county: str) -> Village:
    """The sample village in a county of that kind, with people of other places and offices."""
    return await open_story(database, CaseStory("clues", "", "", DAY, county, "", CAST, ()))


async def of(village: Village, name: str) -> list[Case]:
    """The cases of the household of that head."""
    async with village.database.reading() as conn:
        found = await households.named(conn, name)
        return await cases.of_subject(conn, Subject("household", found[0].id))


async def note(village: Village, who: str, name: str, kind: str, words: str, day: str = "今天") -> str:
    """Note a clue by typing the name and tapping on."""
    await village.say(who, f"线索 {name}")
    await village.tap(who, kind)
    await village.tap(who, day)
    return await village.say(who, words)


async def list_clue(village: Village, name: str = "刘大山", village_name: str = "松树村") -> Clue:
    """A clue of a list that nobody has matched yet, of the county office."""
    async with village.database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        person = (await people.behind(conn, "web", ["county"]))["county"]
        new = NewClue(
            procedure="n9_watch",
            source="department",
            office="welfare",
            received_on=DAY,
            household_id=None,
            region_id=county.id,
            name=name,
            village=village_name,
            id_number=None,
            words="低保数据里有，系统里没有",
            state="unmatched",
            case_id=None,
            person_id=person.id,
            entered_at=village.now,
        )
        return await clues.add(conn, new)


async def test_a_households_own_application_opens_a_check_within_five_working_days(
    database: Database,
) -> None:
    village = await in_county(database, "prefecture")
    said = await note(village, "village", "王建新", "群众自己申请", "老人住院，钱不够", "前天")
    assert "待入户核查" in said
    case = (await of(village, "王建新"))[0]
    assert case.procedure == "n9_watch"
    assert case.due == date(2020, 5, 11), "the 4th and 5th of May 2020 were off, Saturday the 9th was not"
    assert "请在2020-05-11前完成入户核查" in await village.last("township")
    assert "王建新" not in await village.heard("elsewhere")


async def test_the_day_can_be_typed_but_not_lie_ahead(database: Database) -> None:
    village = await in_county(database, "prefecture")
    await village.say("village", "线索 王建新")
    await village.tap("village", "群众自己申请")
    assert "还没到" in await village.say("village", "2020-05-20")
    assert "请打几句话" in await village.say("village", "4月30日")
    await village.say("village", "地被淹了")
    assert (await of(village, "王建新"))[0].due == date(2020, 5, 11)


async def test_several_clues_to_one_household_are_one_case_and_the_first_day_counts(
    database: Database,
) -> None:
    village = await in_county(database, "prefecture")
    await note(village, "village", "王建新", "群众自己申请", "老人住院", "前天")
    first = (await of(village, "王建新"))[0]
    village.wait(days=1)
    said = await note(village, "county", "王建新", "部门比对预警", "医保数据里费用高")
    assert "并在一起" in said
    held = await of(village, "王建新")
    assert [(case.id, case.due) for case in held] == [(first.id, first.due)]
    assert "又来了一条线索（部门比对预警）" in await village.last("village")
    async with database.reading() as conn:
        kept = await clues.of_cases(conn, [first.id])
    assert [clue.source for clue in kept] == ["application", "department"]
    await village.say("village", "线索")
    shown = await village.tap("village", "群众自己申请")
    assert "也是这一户：2020-05-07 部门比对预警，医保数据里费用高" in shown


@pytest.mark.parametrize(
    ("county", "words"),
    [("huarong", "农户不用自己申请"), ("yibin", "监测对象不申请"), ("district", "不由农户申请")],
    ids=["hr", "yb", "n6"],
)
async def test_where_nobody_may_apply_the_documents_words_are_said(
    database: Database, county: str, words: str
) -> None:
    village = await in_county(database, county)
    await village.say("village", "线索 王建新")
    said = await village.tap("village", "群众自己申请")
    assert words in said
    assert await of(village, "王建新") == []


async def test_an_application_cannot_be_forged_where_nobody_may_apply(database: Database) -> None:
    village = await in_county(database, "yibin")
    async with database.reading() as conn:
        home = (await households.named(conn, "王建新"))[0]
    await village.tap_data("village", 1, f"k:h{home.id}:application:yb_colours:2020-05-06")
    await village.say("village", "我要申请")
    assert await of(village, "王建新") == []


async def test_three_channels_of_the_net_are_one_case_that_goes_straight_to_the_district(
    database: Database,
) -> None:
    village = await in_county(database, "district")
    await note(village, "leader", "刘大山", "防返贫三级监测", "院墙被水冲了")
    case = (await of(village, "刘大山"))[0]
    assert (case.procedure, case.state) == ("n6_net", "at_village")
    said = await note(village, "inspectors", "刘大山", "督查检查发现", "督导查到房子不安全")
    assert "并在一起" in said
    held = await of(village, "刘大山")
    assert [(each.id, each.state) for each in held] == [(case.id, "at_district")]


async def test_where_two_procedures_take_a_clue_both_are_offered(database: Database) -> None:
    village = await in_county(database, "district")
    await village.say("cadre", "线索 刘大山")
    await village.tap("cadre", "因病返贫预警")
    await village.tap("cadre", "今天")
    await village.say("cadre", "住院花了三万")
    assert [(each.procedure, each.state) for each in await of(village, "刘大山")] == [
        ("m8_alert", "screened")
    ]


async def test_comparison_doubts_of_the_colours_go_to_the_town(database: Database) -> None:
    village = await in_county(database, "yibin")
    await note(village, "county", "曹有田", "部门比对预警", "残联的数据里有重度残疾")
    assert [(each.procedure, each.state) for each in await of(village, "曹有田")] == [
        ("yb_comparison", "fed_back")
    ]
    assert "请组织核实" in await village.last("township")


async def test_people_outside_the_region_learn_nothing(database: Database) -> None:
    village = await in_county(database, "prefecture")
    await note(village, "village", "王建新", "群众自己申请", "老人住院")
    clue = await list_clue(village)
    for who in ("elsewhere", "housing"):
        assert "没有找到" in await village.tap_data(who, 1, f"k:{clue.id - 1}")
        assert "没有找到" in await village.tap_data(who, 1, f"k:{clue.id}")
        async with database.reading() as conn:
            home = (await households.named(conn, "王建新"))[0]
        await village.tap_data(who, 1, f"k:h{home.id}:application:n9_watch:2020-05-06")
        assert "王建新" not in await village.heard(who)
        assert "还没有线索" in await village.say(who, "线索")
        assert "没有找到这一户" in await village.say(who, "线索 王建新")


async def test_a_helper_sees_clues_to_their_own_households_only(database: Database) -> None:
    village = await in_county(database, "prefecture")
    await note(village, "village", "王建新", "群众自己申请", "老人住院")
    await list_clue(village)
    said = await village.say("cadre", "线索")
    assert "线索一共 1 条" in said
    assert "没对上" not in said


async def test_a_person_says_whom_an_unmatched_clue_means(database: Database) -> None:
    village = await in_county(database, "prefecture")
    clue = await list_clue(village)
    await village.say("county", "线索")
    shown = await village.tap("county", "？松树村 刘大山")
    assert "还没对上" in shown
    assert "民政局" in shown
    said = await village.tap("county", "松树村二组 刘大山")
    assert "待入户核查" in said
    case = (await of(village, "刘大山"))[0]
    assert case.due == date(2020, 5, 12)
    async with database.reading() as conn:
        kept = await clues.seen(conn, case.person_id or 0, clue.id, village.now)
    assert kept is not None
    assert (kept.state, kept.case_id, kept.id_number) == ("matched", case.id, None)
    await village.tap_data("county", 1, f"k:{clue.id}:is:1")
    assert len(await of(village, "刘大山")) == 1, "a second tap changes nothing"


async def test_another_household_can_be_looked_for_by_name(database: Database) -> None:
    village = await in_county(database, "prefecture")
    clue = await list_clue(village, "刘大三")
    await village.tap_data("county", 1, f"k:{clue.id}")
    await village.tap("county", "按名字另找")
    await village.say("county", "刘大山")
    await village.tap("county", "刘大山")
    assert [each.state for each in await of(village, "刘大山")] == ["suspect"]


async def test_a_clue_that_means_nobody_is_taken_off_with_a_reason(database: Database) -> None:
    village = await in_county(database, "prefecture")
    clue = await list_clue(village, "李没人")
    await village.tap_data("county", 1, f"k:{clue.id}")
    await village.tap("county", "撤下")
    assert "撤下了" in await village.say("county", "不是本县的")
    assert "还没有线索" in await village.say("county", "线索")
    async with database.transaction() as conn:
        kept = await clues.get(conn, clue.id)
    assert kept is not None
    assert (kept.state, kept.reason) == ("dropped", "不是本县的")


async def test_the_home_screen_leads_to_the_clues_of_those_who_note_any(database: Database) -> None:
    village = await in_county(database, "prefecture")
    await list_clue(village)
    await village.say("county", "首页")
    await village.tap("county", "线索（1 条没对上）")
    await village.tap("county", "记一条线索")
    await village.say("county", "王建新")
    assert "从哪里来的" in await village.last("county")


async def test_a_long_list_has_pages(database: Database) -> None:
    village = await in_county(database, "prefecture")
    for number in range(10):
        await list_clue(village, f"某人{number}")
    assert "这是第 1—8 条" in await village.say("county", "线索")
    assert "这是第 9—10 条" in await village.tap("county", "下一页")


@pytest.mark.parametrize("data", ["p²", "h²", "9" * 30, "1:is:²", "h1:a:b:c:d", "x", "", "1:other"])
async def test_buttons_of_another_time_do_nothing(database: Database, data: str) -> None:
    village = await in_county(database, "prefecture")
    clue = await list_clue(village)
    assert "以前的按钮" in await village.tap_data("county", 1, f"k:{data}")
    async with village.database.reading() as conn:
        assert await clues.get(conn, clue.id) == clue


@pytest.mark.parametrize(
    ("who", "kind"),
    [("cadre", "干部走访发现"), ("county", "部门比对预警"), ("inspectors", "督查检查发现")],
)
async def test_visits_comparison_and_supervision_open_a_change_of_card(
    database: Database, who: str, kind: str
) -> None:
    village = await in_county(database, "huarong")
    await note(village, who, "王建新", kind, "家里收入变了")
    assert [(each.procedure, each.state) for each in await of(village, "王建新")] == [("hr_change", "found")]
