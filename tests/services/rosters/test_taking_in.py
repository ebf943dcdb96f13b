"""Rosters taken into the records: new, changed, once more, probably the same, and in whose care."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.services.rosters.plan import Rights
from bot.storage import assignments, duties, households, people
from bot.storage.duties import NewDuty
from tests.services.rosters.desk_work import COUNTY, LI, MEMBERS, NOW, PEOPLE, WANG, Desk, number, told


def county(**sheets: Any) -> dict[str, Any]:
    return COUNTY | sheets


async def test_a_county_comes_in_whole(desk: Desk) -> None:
    outcome, found = await desk.take(COUNTY)
    assert told(found) == []
    assert outcome.written
    assert await desk.rows() == {
        "regions": 4, "people": 3, "appointments": 3, "invitations": 3, "households": 2, "members": 4,
        "assignments": 1,
    }  # fmt: skip
    async with desk.database.reading() as conn:
        (wang,) = await households.named(conn, "王建新")
        members = (await households.members_of(conn, [wang.id]))[wang.id]
        (li,) = await households.named(conn, "李秀英")
        hers = (await households.members_of(conn, [li.id]))[li.id]
    assert (wang.code, wang.head_id_number, wang.initials) == ("SS-1", number(11), "wjx")
    assert (wang.population, wang.reg_status, wang.exit_year, wang.phone) == (3, 2, 2018, "13800000000")
    assert [(each.name, each.relation, each.sex, str(each.birth_date)) for each in members] == [
        ("王建新", "户主", 1, "1968-03-05"),
        ("赵秀英", "妻子", 2, "1973-09-03"),
    ]
    assert members[0].extra == {}
    assert members[1].extra == {"id_number": number(24, "19730903")}
    # Only the son is listed: the head stands before him, with what the identity number tells.
    assert [(each.position, each.name, each.sex) for each in hers] == [(1, "李秀英", 2), (2, "张小军", None)]
    # What the file does not say is not known.
    assert (li.population, li.reg_status, li.code, li.phone, li.address) == (None, None, None, None, "")


async def test_each_new_person_gets_one_invitation_to_speak_through(desk: Desk) -> None:
    outcome, _ = await desk.take(COUNTY)
    assert [(each.name, each.post, each.region) for each in outcome.invited] == [
        ("周明", "结对帮扶干部", "华容县东山镇松树村"),
        ("陈桂香", "村党支部书记", "华容县东山镇松树村"),
        ("孙丽", "县扶贫办", "华容县"),
    ]
    people = {each.id: each.name for each in await desk.all("people")}
    made = await desk.all("invitations")
    assert sorted(people[each.person_id] for each in made) == sorted(people.values())
    assert await desk.all("accounts") == []


async def test_the_same_file_once_more_changes_nothing(desk: Desk) -> None:
    await desk.take(COUNTY)
    before = [await desk.all(name) for name in await desk.rows()]
    outcome, found = await desk.take(COUNTY)
    assert told(found) == []
    assert outcome.plan.is_empty
    assert outcome.plan.counts()["unchanged"] == 2
    assert outcome.invited == ()
    assert [await desk.all(name) for name in await desk.rows()] == before


async def test_a_household_of_the_same_code_is_changed_where_the_file_says_so(desk: Desk) -> None:
    await desk.take(COUNTY)
    changed = {"code": "SS-1", "town": "东山镇", "village": "石桥村", "head_name": "王新建", "population": 4}
    outcome, found = await desk.take({"households": [changed]})
    assert told(found) == []
    counts = outcome.plan.counts()
    assert (counts["new"], counts["changed"], counts["missing"]) == (0, 1, 1)
    async with desk.database.reading() as conn:
        (wang,) = await households.named(conn, "王新建")
    places = {each.id: each.name for each in await desk.all("regions")}
    assert (places[wang.region_id], wang.population, wang.initials) == ("石桥村", 4, "wxj")
    # An empty cell takes nothing away.
    assert (wang.head_id_number, wang.phone, wang.village_group) == (number(11), "13800000000", "一组")


async def test_a_household_of_the_same_identity_number_is_the_same(desk: Desk) -> None:
    await desk.take(COUNTY)
    outcome, _ = await desk.take({"households": [LI | {"code": "SQ-1"}]})
    assert (outcome.plan.counts()["new"], outcome.plan.counts()["changed"]) == (0, 1)
    assert sorted(str(each.code) for each in await desk.all("households")) == ["SQ-1", "SS-1"]


async def test_members_are_changed_and_added_and_never_dropped(desk: Desk) -> None:
    await desk.take(COUNTY)
    rows = [
        {"code": "SS-1", "name": "赵秀英", "insured": "否"},
        {"code": "SS-1", "name": "王小妹", "relation": "女儿", "birth_date": "2015年6月1日"},
    ]
    outcome, found = await desk.take({"members": rows})
    assert told(found) == []
    assert outcome.plan.counts()["left_members"] == 1
    (wang,) = [each for each in await desk.all("households") if each.head_name == "王建新"]
    members = [each for each in await desk.all("members") if each.household_id == wang.id]
    assert [(each.name, each.relation, each.insured) for each in members] == [
        ("王建新", "户主", 1),
        ("赵秀英", "妻子", 2),
        ("王小妹", "女儿", None),
    ]


LIKE_WANG = {
    "town": "东山镇",
    "village": "松树村",
    "village_group": "一组",
    "head_name": "王建新",
    "phone": "13900000000",
}


async def test_another_head_takes_the_first_place_and_nobody_gets_a_number_of_another(desk: Desk) -> None:
    """The wife is the head now: by her own number, and he keeps his."""
    await desk.take(COUNTY)
    hers = number(24, "19730903")
    wife = WANG | {"head_name": "赵秀英", "head_id_number": hers}
    outcome, found = await desk.take({"households": [wife]})
    assert told(found) == []
    assert (outcome.plan.counts()["changed"], outcome.plan.counts()["heads"]) == (1, 1)
    async with desk.database.reading() as conn:
        (home,) = await households.named(conn, "赵秀英")
        first, second = (await households.members_of(conn, [home.id]))[home.id]
    assert home.head_id_number == hers
    assert (first.name, first.relation, first.sex, first.extra) == ("赵秀英", "户主", 2, {})
    assert (second.name, second.relation, second.extra) == ("王建新", None, {"id_number": number(11)})
    again, _ = await desk.take({"households": [wife]})
    assert again.plan.is_empty


async def test_a_head_whom_nobody_knows_yet_comes_in_as_the_first_member(desk: Desk) -> None:
    await desk.take(COUNTY)
    other = WANG | {"head_name": "钱小红", "head_id_number": number(26, "19750101")}
    listed = [
        {"code": "SS-1", "name": "钱小红", "relation": "户主", "insured": "是"},
        {"code": "SS-1", "name": "王建新", "relation": "公公", "id_number": number(11)},
    ]
    outcome, found = await desk.take({"households": [other], "members": listed})
    assert told(found) == []
    assert outcome.plan.counts()["heads"] == 1
    async with desk.database.reading() as conn:
        (home,) = await households.named(conn, "钱小红")
        members = (await households.members_of(conn, [home.id]))[home.id]
    assert [(each.position, each.name, each.relation, each.insured) for each in members] == [
        (1, "钱小红", "户主", 1), (2, "赵秀英", "妻子", None), (3, "王建新", "公公", 1)
    ]  # fmt: skip
    assert [each.extra.get("id_number") for each in members] == [None, number(24, "19730903"), number(11)]
    again, _ = await desk.take({"households": [other], "members": listed})
    assert again.plan.is_empty


async def test_a_new_head_comes_with_the_number(desk: Desk) -> None:
    await desk.take(COUNTY)
    wife = {"code": "SS-1", "town": "东山镇", "village": "松树村", "head_name": "赵秀英"}
    outcome, found = await desk.take({"households": [wife]})
    assert told(found) == [("农户", 2, "户主身份证号", "new_head")]
    assert not outcome.written


async def test_a_place_is_missed_at_the_highest_name_that_is_wrong(desk: Desk) -> None:
    await desk.take(COUNTY)
    _, found = await desk.take({"households": [LI | {"county": "华容"}, WANG | {"town": "东山"}]})
    assert told(found) == [
        ("农户", 2, "县", "place_unknown"),
        ("农户", 3, "乡镇", "place_unknown"),
    ]
    assert [each.facts["near"] for each in found.troubles.found] == ["华容县", "东山镇"]


async def test_a_probable_match_is_asked_about_and_nothing_is_written(desk: Desk) -> None:
    await desk.take(COUNTY)
    before = await desk.rows()
    new = {"town": "东山镇", "village": "石桥村", "head_name": "吴大海"}
    outcome, found = await desk.take({"households": [LIKE_WANG, new]})
    assert (told(found), outcome.written) == ([], False)
    assert [row for row, _ in outcome.plan.likely] == [2]
    assert await desk.rows() == before


@pytest.mark.parametrize(("likely", "count"), [("merge", 2), ("both", 3), ("leave", 2)])
async def test_what_becomes_of_a_probable_match_is_chosen(desk: Desk, likely: Any, count: int) -> None:
    await desk.take(COUNTY)
    outcome, _ = await desk.take({"households": [LIKE_WANG]}, likely)
    assert outcome.written
    rows = [each for each in await desk.all("households") if each.head_name == "王建新"]
    assert len(await desk.all("households")) == count
    phones = sorted(each.phone for each in rows)
    expected = {"merge": ["13900000000"], "both": ["13800000000", "13900000000"], "leave": ["13800000000"]}
    assert phones == expected[likely]
    # Whatever was chosen, the same file leaves nothing to choose or to change.
    again, _ = await desk.take({"households": [LIKE_WANG]}, likely)
    assert again.plan.is_empty
    assert len(await desk.all("households")) == count


@pytest.mark.parametrize(
    "told_apart",
    [
        {"code": "SS-9"},
        {"head_id_number": number(33)},
        {"village_group": "二组"},
        {"address": "7号"},
        {"village": "石桥村"},
    ],
)
async def test_who_is_told_apart_is_somebody_else(desk: Desk, told_apart: dict[str, Any]) -> None:
    await desk.take(COUNTY)
    outcome, found = await desk.take({"households": [LIKE_WANG | told_apart]})
    assert (told(found), outcome.written, outcome.plan.counts()["new"]) == ([], True, 1)


async def test_a_code_and_a_number_of_different_households_are_refused(desk: Desk) -> None:
    await desk.take(COUNTY)
    outcome, found = await desk.take({"households": [WANG | {"head_id_number": number(22)}]})
    assert told(found) == [("农户", 2, "户主身份证号", "code_and_id_differ")]
    assert not outcome.written


async def test_somebody_else_responsible_is_a_matter_of_handing_over(desk: Desk) -> None:
    other = PEOPLE[0] | {"name": "刘强"}
    await desk.take(county(people=[*PEOPLE, other]))
    rows = {"households": [WANG | {"helper_name": "刘强"}]}
    outcome, _ = await desk.take(rows)
    assert outcome.plan.counts()["handovers"] == 1
    (first,) = [each for each in await desk.all("assignments") if each.until is None]
    due = date(2026, 6, 30)
    visit = NewDuty(first.household_id, "visit", due, "hr:x", due, NOW, {"text": "x"}, first.person_id)
    async with desk.database.transaction() as conn:
        await duties.plan(conn, [visit])
    await desk.take(rows, reassign=True)
    names = {each.id: each.name for each in await desk.all("people")}
    async with desk.database.reading() as conn:
        now = await assignments.responsible(conn, [first.household_id])
        history = await assignments.history(conn, first.household_id)
        (passed,) = await duties.open_of_household(conn, first.household_id)
    assert names[now[first.household_id]] == "刘强"
    assert [names[each.person_id] for each in history] == ["周明", "刘强"]
    assert names[passed.person_id or 0] == "刘强", "what was to be done there goes along"


async def test_whoever_is_suspended_gets_no_household(desk: Desk) -> None:
    await desk.take(COUNTY)
    (zhou,) = [each for each in await desk.all("people") if each.name == "周明"]
    async with desk.database.transaction() as conn:
        await people.set_status(conn, zhou.id, "suspended")
    outcome, found = await desk.take({"households": [WANG, LI | {"helper_name": "周明"}]})
    assert told(found) == [("农户", 3, "帮扶责任人", "helper_suspended")], "his own household stays his"
    assert not outcome.written


async def test_the_county_takes_in_its_own_places_and_lower_posts_only(desk: Desk) -> None:
    await desk.take(COUNTY)
    (county,) = [each for each in await desk.all("regions") if each.level == "county"]
    rights = Rights(frozenset({county.path}), frozenset({"township", "village", "cadre"}))
    rows = {
        "regions": [{"county": "邻县"}, {"county": "华容县", "town": "新镇"}],
        "people": [{"name": "甲", "post": "县扶贫办", "county": "华容县"}],
        "households": [LI],
    }
    outcome, found = await desk.take(rows, rights=rights)
    assert told(found) == [("地区", 2, "县", "place_outside"), ("人员", 2, "职务", "post_not_yours")]
    assert not outcome.written
    narrow = replace(rights, tops=frozenset({"999/"}))
    outcome, found = await desk.take({"members": MEMBERS}, rights=narrow)
    assert {reason for *_, reason in told(found)} == {"household_unknown"}


async def test_with_one_wrong_row_nothing_at_all_comes_in(desk: Desk) -> None:
    wrong = LI | {"village": "没有村"}
    outcome, found = await desk.take(county(households=[WANG, wrong]))
    # The member of that household has no household either, but is not the reason.
    assert ("农户", 3, "村", "place_unknown") in told(found)
    assert not outcome.written
    assert set((await desk.rows()).values()) == {0}


async def test_what_cannot_be_written_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("bot.services.rosters.writing.rosters.first_assign", broken)
    with pytest.raises(OSError, match="disk"):
        await desk.take(COUNTY)
    assert set((await desk.rows()).values()) == {0}
