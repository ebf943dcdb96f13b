"""What does not fit together is told once, to whoever can put it right, by day, and to nobody else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.rules.county import NOWHERE
from bot.rules.watches import LOOKS as NAMED
from bot.rules.watches import read_watches
from bot.services.watching import LOOKS, Watcher
from bot.storage import alerts, facts, households, problems, regions
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.problems import NewProblem
from tests.services.interviewer import hand_in
from tests.services.storytelling import open_village
from tests.services.village import Village

ZONE = ZoneInfo("Asia/Shanghai")


async def look(village: Village) -> dict[str, str]:
    """What everybody is newly told by one look."""
    people = ("cadre", "village", "township", "county")
    before = {who: len(await village.screen(who)) for who in people}
    await Watcher(village.database, village.office, lambda: village.now).turn()
    await village.work()
    told = {who: "\n".join(m.text for m in (await village.screen(who))[before[who] :]) for who in people}
    return {who: text for who, text in told.items() if text}


def at(village: Village, day: date, clock: time = time(9)) -> None:
    """Let it be that day and hour in the county."""
    village.at[0] = datetime.combine(day, clock, ZONE)


async def place(village: Village, name: str) -> int:
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        return next(each.id for each in await regions.subtree(conn, county.id) if each.name == name)


def test_a_set_of_the_library_that_does_not_exist_switches_nothing_on() -> None:
    entry = {
        "id": "AL-1",
        "looks": "not_visited",
        "level": "red",
        "to": [],
        "text": "。",
        "clause": "003:112",
    }
    found = [
        str(problem)
        for name in ("hb", "hx")
        for problem in read_watches(
            {"watch": [entry | {"library": name}]},
            "watches.toml",
            county=NOWHERE,
            schemes=(),
            offices=(),
            sets=("hb",),
        )[1]
    ]
    assert len(found) == 1
    assert "there is no set hx" in found[0]


async def test_what_ends_only_when_its_cause_does_has_no_button_to_close_it(village: Village) -> None:
    await test_another_number_of_people_is_told_once_and_by_day_only(village)
    shown = (await village.screen("township"))[-1].buttons
    assert [button.label for row in shown for button in row if button.label == "处理好了"] == []
    home = (await village.screen("township"))[-1]
    data = next(b.data for row in home.buttons for b in row if b.data.endswith(":seen"))
    await village.tap_data("township", home.id, f"j:alert:{data.split(':')[1]}")
    async with village.database.reading() as conn:
        assert [each.kind for each in await alerts.open_of_kind(conn, "AL-34")] == ["AL-34"]


def test_every_way_to_look_is_there() -> None:
    assert set(LOOKS) == set(NAMED)


async def test_another_number_of_people_is_told_once_and_by_day_only(village: Village) -> None:
    async with village.database.transaction() as conn:
        home = (await households.named(conn, "王建新"))[0]
        await households.revise(conn, home.id, {"population": 5})
    at(village, date(2026, 4, 12), time(22))
    assert await look(village) == {}, "at night nobody is told"
    at(village, date(2026, 4, 13))
    told = await look(village)
    assert set(told) == {"township"}
    assert "名册上人口是5人" in told["township"]
    village.wait(hours=2)
    assert await look(village) == {}


async def test_a_poor_village_without_a_team_is_told_to_township_and_county(village: Village) -> None:
    region, day = await place(village, "松树村"), date(2026, 4, 12)
    said = {"village_has_team": 2, "poor_village": 2, "village_registered_people": 99}
    for people, told in ((99, set()), (100, {"township", "county"})):
        new = [
            Fact(None, name, value, day, "ve", village.now, region_id=region)
            for name, value in (said | {"village_registered_people": people}).items()
        ]
        async with village.database.transaction() as conn:
            await facts.record(conn, new)
        village.wait(minutes=1)
        assert set(await look(village)) == told


async def test_what_a_household_lacks_is_told_thirty_and_seven_days_ahead_and_on_the_day(
    database: Database,
) -> None:
    village = await open_village(database, date(2020, 4, 10))
    async with village.database.transaction() as conn:
        lifted, not_yet = (await households.get_many(conn, [1, 3])).values()
        assert (lifted.reg_status, not_yet.reg_status) == (2, 1)
        day = date(2020, 4, 10)
        for home in (lifted, not_yet):
            await facts.record(conn, [Fact(home.id, "house_safety", 2, day, "jd.6", village.now)])
    last = date(2020, 6, 30)
    for ahead, heard in ((31, False), (30, True), (29, False), (8, False), (7, True), (0, True), (-1, False)):
        at(village, last - timedelta(days=ahead))
        told = {who for who, text in (await look(village)).items() if "2020-06-30前要解决" in text}
        assert told == ({"township", "county"} if heard else set()), ahead


async def test_records_with_one_moment_are_asked_about_and_nobody_is_ranked(village: Village) -> None:
    async with village.database.reading() as conn:
        found = await households.get_many(conn, range(1, 9))
    village_id = found[1].region_id
    heads = [each.head_name for each in found.values() if each.region_id == village_id][:3]
    assert len(heads) == 3
    moment = (village.now - timedelta(days=1)).astimezone(ZONE).strftime("%Y-%m-%d 10:00")
    for number, head in enumerate(heads):
        await hand_in(village, "cadre", head, "vc", {"2": moment, "12": "跳过"})
        told = await look(village)
        assert set(told) == ({"township", "county"} if number == 2 else set())
    assert "3户" in told["county"]


async def test_many_problems_of_a_spot_check_are_told_to_the_county(village: Village) -> None:
    async with village.database.transaction() as conn:
        home = (await households.named(conn, "王建新"))[0]
        for number in range(1, 6):
            new = NewProblem(home.id, None, f"4.{number}", 4, "confirmed", village.now)
            assert await problems.add(conn, new) is not None
    told = await look(village)
    assert "东山镇县级抽查出的问题比较多" in told["county"]
    assert "township" not in told


async def test_a_department_that_is_long_late_is_told_to_the_county(village: Village) -> None:
    async with village.database.transaction() as conn:
        home = (await households.named(conn, "王建新"))[0]
        today = village.now.date()
        new = NewProblem(
            home.id,
            None,
            "4.1",
            1,
            "confirmed",
            village.now,
            handling={"mending_unit": "住建局"},
            deadline=today - timedelta(days=31),
        )
        await problems.add(conn, new)
    told = await look(village)
    assert "住建局手里有1条问题" in told["county"]


async def test_an_alert_about_a_place_is_opened_seen_and_handed_on(village: Village) -> None:
    await test_many_problems_of_a_spot_check_are_told_to_the_county(village)
    await village.say("county", "预警")
    await village.tap("county", "东山镇")
    await village.tap("county", "已知晓")
    assert "东山镇" in await village.heard("county")
    unseen = await village.say("cadre", "预警")
    assert "东山镇" not in unseen


async def test_whom_the_look_back_has_not_come_to_is_counted_as_april_ends(database: Database) -> None:
    village = await open_village(database, date(2020, 4, 19))
    assert "回头看" not in "".join((await look(village)).values())
    at(village, date(2020, 4, 20))
    told = await look(village)
    assert "东山镇“回头看”还有9户没有查，2020-04-30前要查完" in told["township"]
    at(village, date(2020, 4, 21))
    assert "回头看" not in "".join((await look(village)).values()), "once a month is enough"
