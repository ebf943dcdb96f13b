"""Who hears of what is due, and when: the doer, whoever is above, the bulletin; nobody at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import content as contents
from bot.channels import web_chat
from bot.rules.alerts import AlertRaised
from bot.rules.reminders import NO_MORE, Reminders
from bot.services import alerting, region_duties
from bot.services.hierarchy import Hierarchy
from bot.services.household_file import read_file
from bot.services.incoming import Incoming
from bot.services.office import Task
from bot.storage import alerts, duties, interviews, people, visibility
from bot.storage.alerts import NewAlert
from bot.storage.chats import Chat
from bot.storage.duties import Duty, NewDuty
from bot.storage.interviews import NewInterview
from bot.storage.people import Account, Person, Role
from tests.services.village import Village

ZONE = ZoneInfo("Asia/Shanghai")
DUE = date(2026, 4, 30)


def at(day: date, hour: int = 8, minute: int = 30) -> datetime:
    """A moment of the county's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def person(village: Village, address: str) -> Person:
    async with village.database.reading() as conn:
        return (await people.behind(conn, web_chat.CHANNEL, [address]))[address]


async def home_of(village: Village, head: str = "王建新") -> int:
    async with village.database.reading() as conn:
        county = (await people.behind(conn, web_chat.CHANNEL, ["county"]))["county"]
        return (await visibility.find(conn, county.id, village.now, words=head)).items[0].id


async def add(village: Village, address: str, role: Role, region: int, post: str = "", unit: str = "") -> int:
    """Somebody new, with an account of that address."""
    async with village.database.transaction() as conn:
        new = await people.add(conn, name=address, unit=unit)
        await people.appoint(
            conn, person_id=new.id, role=role, region_id=region, since=village.now, post=post
        )
        await people.bind(conn, Account(web_chat.CHANNEL, address, new.id))
        return new.id


async def plan(village: Village, *new: NewDuty) -> list[Duty]:
    async with village.database.transaction() as conn:
        await duties.plan(conn, new)
        homes = {each.household_id for each in new if each.household_id is not None}
        places = {each.region_id for each in new if each.region_id is not None}
        found = [duty for home in homes for duty in await duties.open_of_household(conn, home)]
        return found + await duties.open_in_regions(conn, places)


async def visit(
    village: Village, due: date = DUE, head: str = "王建新", role: str = "cadre", days: int = 14
) -> Duty:
    """A duty at a household, to be reminded of so many days ahead."""
    who = await person(village, {"cadre": "cadre", "village": "village", "township": "township"}[role])
    home = await home_of(village, head)
    new = NewDuty(
        home, "visit", due, "x:F", due.replace(day=1), at(due - timedelta(days=days)),
        {"text": "上户走访", "turn": 1, "turns": 1, "clause": ""}, who.id, role=role,
    )  # fmt: skip
    return next(each for each in await plan(village, new) if each.due == due)


async def tick(village: Village, day: date, hour: int = 8, minute: int = 30) -> int:
    village.at[0] = at(day, hour, minute)
    told = await village.reminder.tick()
    await village.work()
    return told


async def kept(village: Village, duty: Duty) -> Duty:
    async with village.database.reading() as conn:
        found = await duties.get(conn, duty.id)
    assert found is not None
    return found


# ---------------------------------------------------------------- hours


def test_reminders_go_out_between_the_morning_hour_and_the_quiet_ones() -> None:
    known = Reminders()
    day = datetime(2026, 4, 10, tzinfo=ZONE)

    def opens(hour: int, minute: int) -> tuple[int, int, int]:
        found = known.opening(day.replace(hour=hour, minute=minute))
        return found.day, found.hour, found.minute

    assert opens(0, 0) == opens(7, 45) == opens(8, 29) == (10, 8, 30)
    assert opens(8, 30) == (10, 8, 30)
    assert opens(20, 59) == (10, 20, 59)
    assert opens(21, 0) == opens(23, 59) == (11, 8, 30)
    assert known.quiet_end(day.replace(hour=7, minute=45)) is None  # not quiet any more
    assert known.quiet_end(day.replace(hour=7, minute=29)) == day.replace(hour=8, minute=30)


def test_quiet_hours_may_lie_inside_a_day() -> None:
    noon = Reminders(quiet_from=datetime(2026, 1, 1, 12).time(), quiet_until=datetime(2026, 1, 1, 14).time())
    assert [noon.is_open(datetime(2026, 1, 1, hour).time()) for hour in (7, 11, 12, 13, 14, 23)] == [
        *(False, True, False, False, True, True)
    ]


async def test_nothing_goes_out_at_night_and_everything_of_the_night_in_the_morning(village: Village) -> None:
    await visit(village)
    first = DUE - timedelta(days=14)
    for hour, minute in ((0, 1), (7, 29), (7, 45), (8, 29)):
        assert await tick(village, first, hour, minute) == 0
    assert await tick(village, first) == 1
    await visit(village, date(2026, 5, 1))
    assert await tick(village, first + timedelta(days=1), 8, 29) == 0
    assert await tick(village, first + timedelta(days=1), 21, 0) == 0
    assert await tick(village, first + timedelta(days=2)) == 1


async def test_a_county_sets_hours_of_its_own(village: Village) -> None:
    own = replace(village.office.reminders, morning=datetime(2026, 1, 1, 10).time())
    village.reminder.office = village.office = replace(
        village.office, content=replace(village.office.content, reminders=own)
    )
    await visit(village)
    assert await tick(village, DUE - timedelta(days=14), 9, 59) == 0
    assert await tick(village, DUE - timedelta(days=14), 10, 0) == 1


# ---------------------------------------------------------------- stages


async def test_first_the_doer_on_the_day_again_then_the_superior_then_the_bulletin(village: Village) -> None:
    duty = await visit(village)
    heard: dict[str, list[int]] = {who: [] for who in ("cadre", "village", "township", "county")}
    before = {who: len(await village.screen(who)) for who in heard}
    for n in range(-20, 30):
        for hour in (8, 12, 22):
            await tick(village, DUE + timedelta(days=n), hour, 30)
            for who in heard:
                count = len(await village.screen(who))
                heard[who] += [n] * (count - before[who])
                before[who] = count
    assert heard == {"cadre": [-14, 0], "village": [3], "township": [7], "county": [7]}
    assert "今天（2026-04-30）到期" in await village.heard("cadre")
    assert "由 周明 办" in await village.heard("village")
    assert "列入通报" in await village.heard("township")
    assert "周明" not in await village.heard("county")  # a bulletin names places, not people
    done = await kept(village, duty)
    assert (done.stage, done.remind_at, done.state) == (NO_MORE, None, "reminded")


async def test_what_is_done_is_never_told_of_again(village: Village) -> None:
    duty = await visit(village)
    assert await tick(village, DUE - timedelta(days=14)) == 1
    async with village.database.transaction() as conn:
        assert await duties.complete(conn, duty.subject, "visit", DUE - timedelta(days=1), None)
    for n in range(15):
        assert await tick(village, DUE + timedelta(days=n)) == 0


async def test_after_a_long_stop_one_stage_comes_a_day_and_none_is_left_out(village: Village) -> None:
    await visit(village)
    assert [await tick(village, DUE + timedelta(days=n)) for n in (30, 30, 31, 31, 32, 33)] == [
        1,
        0,
        1,
        0,
        1,
        0,
    ]
    assert "晚了也能补记" in await village.heard("cadre")
    assert "抄送给您" in await village.heard("village")
    assert "列入通报" in await village.heard("county")


@pytest.mark.parametrize(
    ("role", "above"), [("cadre", "village"), ("village", "township"), ("township", "county")]
)
async def test_each_level_answers_to_the_next_one(village: Village, role: str, above: str) -> None:
    await visit(village, role=role)
    await tick(village, DUE - timedelta(days=14))
    await tick(village, DUE)
    others = {"cadre", "village", "township", "county"} - {above}
    before = {who: len(await village.screen(who)) for who in others}
    assert await tick(village, DUE + timedelta(days=3)) == 1
    assert "抄送给您" in await village.heard(above)
    assert {who: len(await village.screen(who)) for who in others} == before


async def test_a_county_answers_to_its_leading_group_and_a_department_to_the_county(village: Village) -> None:
    leader = await add(village, "leader", "county", 1, "leading_group")
    clerk = await add(village, "clerk", "department", 1, "education")
    county = (await person(village, "county")).id

    def duty(role: str) -> NewDuty:
        text = {"text": "比对数据"}
        return NewDuty(None, f"compare:{role}", DUE, "x:F", DUE, at(DUE), text, region_id=1, role=role)

    planned = await plan(village, duty("county"), duty("education"))
    async with village.database.reading() as conn:
        who = Hierarchy(conn, village.office, village.now)
        await who.learn(planned)
        found = {each.role: (await who.doers(each), await who.above(each)) for each in planned}
    assert found == {"county": ((county,), (leader,)), "education": ((clerk,), (county,))}


async def test_a_vacant_level_is_passed_over(village: Village) -> None:
    duty = await visit(village)
    async with village.database.transaction() as conn:
        chief = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        await people.set_status(conn, chief.id, "suspended")
        who = Hierarchy(conn, village.office, village.now)
        await who.learn([duty])
        township = (await people.behind(conn, web_chat.CHANNEL, ["township"]))["township"].id
        assert await who.above(duty) == (township,)


async def test_nobody_of_another_village_or_town_hears_of_it(village: Village) -> None:
    duty = await visit(village)
    elsewhere = [await add(village, "far", "village", 4), await add(village, "fartown", "township", 5)]
    async with village.database.reading() as conn:
        who = Hierarchy(conn, village.office, village.now)
        await who.learn([duty])
        told = {*await who.doers(duty), *await who.above(duty), *await who.readers(duty)}
    assert not told & set(elsewhere)


# ---------------------------------------------------------------- one message


async def test_one_morning_is_one_message_for_everybody(village: Village) -> None:
    for head in ("王建新", "刘大山", "马维平"):
        await visit(village, head=head)
    await visit(village, role="village", head="曹有田")
    await visit(village, DUE - timedelta(days=17), "吴长河")  # three days late on that morning
    for n in (-31, -17):
        await tick(village, DUE + timedelta(days=n))
    before = {who: len(await village.screen(who)) for who in ("cadre", "village")}
    assert await tick(village, DUE - timedelta(days=14)) == 5
    assert {who: len(await village.screen(who)) - count for who, count in before.items()} == {
        "cadre": 1,
        "village": 1,
    }
    assert "上户走访 3 件" in await village.last("cadre")
    said = await village.last("village")
    assert "曹有田" in said
    assert "抄送给您的有 1 件" in said
    assert "有 1 件" in await village.tap("village", "看过期的")
    assert "吴长河" in await village.tap("village", "吴长河")


async def test_low_alerts_of_the_night_come_with_the_morning_and_urgent_ones_at_once(
    village: Village,
) -> None:
    home, chief = await home_of(village), (await person(village, "village")).id
    village.at[0] = at(date(2026, 4, 9), 23)
    async with village.database.transaction() as conn:
        for subject in ("water", "income"):
            alert = await alerts.raise_(
                conn, NewAlert(home, "AL-02", "yellow", subject, {"text": "x"}, village.now)
            )
            assert alert is not None
            await alerts.send(conn, alert, [chief], village.now, state="waiting")
    assert await tick(village, date(2026, 4, 10), 3) == 0
    assert "预警" not in await village.heard("village")
    await tick(village, date(2026, 4, 10))
    assert "新来的预警有 2 条" in await village.last("village")
    before = len(await village.screen("village"))
    await tick(village, date(2026, 4, 11))
    assert len(await village.screen("village")) == before


def task_of(village: Village, who: Person, address: str) -> Task:
    """An update by somebody, outside of the worker."""
    incoming = Incoming(web_chat.CHANNEL, address, True, who.name)
    return Task(village.office, incoming, 1, village.now, Chat(web_chat.CHANNEL, address, who.id), who)


@pytest.mark.parametrize(("level", "waits"), [("red", False), ("yellow", True)])
async def test_only_what_is_urgent_disturbs_at_night(village: Village, level: str, waits: bool) -> None:
    home, cadre = await home_of(village), await person(village, "cadre")
    village.at[0] = at(date(2026, 4, 12), 23)
    task = task_of(village, cadre, "cadre")
    async with village.database.transaction() as conn:
        new = NewInterview(home, "vc", 1, cadre.id, {}, village.now)
        begun = await interviews.start(conn, new)
        raised = AlertRaised("R", "AL-02", "x", level, ("village",), (), 0, (), "说明", "003:2014", False)
        dossier = await read_file(conn, village.office, home, village.now)
        await alerting.tell(conn, task, dossier, begun, [raised])
    assert (task.out == []) is waits


# ---------------------------------------------------------------- what regions owe


async def region_duties_of(village: Village, region: int) -> dict[str, Duty]:
    """The first of each kind that is due of a region."""
    async with village.database.reading() as conn:
        found = await duties.open_in_regions(conn, [region])
    return {duty.kind: duty for duty in reversed(found)}


async def test_regions_owe_what_their_county_enables_once_however_often_planned(village: Village) -> None:
    assert await village.reminder.plan() > 0
    assert await village.reminder.plan() == 0
    town, place = await region_duties_of(village, 2), await region_duties_of(village, 3)
    assert {"meeting:F-11-study", "stay:F-11-days"} <= set(town)
    assert place == {}  # no village is under supervision yet
    assert town["meeting:F-11-study"].due == DUE
    leader = await add(village, "leader", "village", 3, "supervision_leader")
    await village.reminder.plan()
    place = await region_duties_of(village, 3)
    assert set(place) == {"supervise:F-10", "report:F-10-report"}
    async with village.database.reading() as conn:
        who = Hierarchy(conn, village.office, village.now)
        assert await who.doers(place["supervise:F-10"]) == (leader,)
    village.wait(days=40)
    assert await village.reminder.plan() > 0  # the horizon moves on
    async with village.database.transaction() as conn:
        (held,) = await people.appointments_of(conn, leader, village.now)
        await people.dismiss(conn, held.id, village.now)
    await village.reminder.plan()
    left = await region_duties_of(village, 3)
    assert all(duty.due < village.office.today(village.now) for duty in left.values())


async def test_a_county_of_another_scheme_owes_what_that_one_asks(village: Village) -> None:
    yibin = contents.load(contents.in_county("yibin"))
    village.reminder.office = village.office = replace(village.office, content=yibin)
    await village.reminder.plan()
    assert set(await region_duties_of(village, 2)) == set()
    assert set(await region_duties_of(village, 3)) == {"report:F-14"}
    assert set(await region_duties_of(village, 1)) == {"compare:F-13"}
    due = (await region_duties_of(village, 3))["report:F-14"]
    assert (due.due, due.remind_at) == (date(2026, 5, 8), at(date(2026, 5, 7)))


async def test_a_meeting_is_said_to_be_done_with_a_sentence(village: Village) -> None:
    await village.reminder.plan()
    first = (await region_duties_of(village, 2))["meeting:F-11-study"]
    assert await tick(village, first.due - timedelta(days=5)) > 0
    assert "专题研究" in await village.heard("township")
    assert "要办的有" in await village.say("township", "待办")
    assert "专题研究" in await village.tap("township", "专题研究")
    assert "写一句怎么办的" in await village.tap("township", "办好了")
    assert "写得太短" in await village.say("township", "开了")
    assert "记上了" in await village.say("township", "四月二十六日党委会研究，九人参加")
    done = await kept(village, first)
    assert (done.state, done.text["note"]) == ("done", "四月二十六日党委会研究，九人参加")


async def test_a_questionnaire_about_a_village_fulfils_its_supervision(village: Village) -> None:
    await add(village, "leader", "village", 3, "supervision_leader")
    await village.reminder.plan()
    duty = (await region_duties_of(village, 3))["supervise:F-10"]
    leader = await person(village, "leader")
    task = task_of(village, leader, "leader")
    async with village.database.transaction() as conn:
        new = NewInterview(None, "dv", 1, leader.id, {}, village.now, region_id=3)
        begun = await interviews.start(conn, new)
        assert not await region_duties.fulfil(conn, task, 3, begun, DUE)
        assert not await region_duties.fulfil(conn, task, 2, begun, DUE)
    assert (await kept(village, duty)).state == "done"


async def test_each_helping_unit_owes_a_report_of_its_own(village: Village) -> None:
    district = contents.load(contents.in_county("district"))
    village.reminder.office = village.office = replace(village.office, content=district)
    first = await add(village, "unit1", "unit", 1, unit="县水利局")
    second = await add(village, "unit2", "unit", 1, unit="县林业局")
    await village.reminder.plan()
    async with village.database.reading() as conn:
        owed = [duty for duty in await duties.open_of_region(conn, 1) if "F-16-unit" in duty.kind]
    assert {duty.person_id for duty in owed} == {first, second}
    assert {duty.due.day for duty in owed} == {25}
