"""Alerts end: when the reason is gone, when it was a slip, or when somebody says what was done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from bot.rules.alerts import alerts as called_for
from bot.rules.alerts import over
from bot.rules.decide import decide
from bot.services.watching import Watcher
from bot.storage import alerts, assignments, facts, households, plans
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.tables import plans as plan_rows
from tests.services.interviewer import GREEN, begin, fill, hand_in
from tests.services.storytelling import open_village
from tests.services.test_alerts import FOOD, household, hungry, raised
from tests.services.village import Village, loaded
from tests.shipped import shipped

ZONE = ZoneInfo("Asia/Shanghai")
LOST = {"8": "1", "8.x1": "7", "2": "昨天"}
"""A visit that finds that something has struck the family."""


async def look(village: Village) -> None:
    await Watcher(village.database, village.office, lambda: village.now).turn()
    await village.work()


async def kinds(village: Village, head: str = "王建新") -> list[str]:
    return sorted(kind for kind, _, _ in await raised(village, head))


async def test_what_is_put_right_is_over_and_those_told_in_red_hear_of_it(village: Village) -> None:
    await hungry(village)
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    assert "AL-01" in await kinds(village)
    village.wait(days=3)
    await begin(village, "cadre", "王建新", "jd")
    await fill(village, "cadre", "2")
    await village.say("cadre", "1")
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    assert "AL-01" not in await kinds(village)
    for who in ("village", "township"):
        assert "预警解除" in await village.last(who)
    assert FOOD not in await village.say("township", "预警")


async def test_a_slip_that_was_put_right_before_handing_in_is_taken_back(village: Village) -> None:
    await hungry(village)
    await village.say("cadre", "改 2", "1")
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    assert "AL-01" not in await kinds(village)
    assert "填错了" in await village.last("township")
    assert "填错了" not in await village.heard("county")


async def test_what_has_happened_is_closed_by_people_only_and_all_read_what_was_done(
    village: Village,
) -> None:
    await hand_in(village, "cadre", "王建新", "vc", LOST)
    village.wait(days=5)
    await hand_in(village, "cadre", "王建新", "vc", {"8": "2"})
    assert await kinds(village) == ["AL-05"], "nobody has done anything about it yet"
    assert "写一句" in await village.tap("township", "处理好了")
    await village.say("township", "好")
    assert await kinds(village) == ["AL-05"], "a word says nothing"
    await village.say("township", "已入户核实，救助金当天发放")
    assert await kinds(village) == []
    assert "救助金当天发放" in await village.last("county")
    assert "办结了" in await village.last("township")
    assert "没有要看的预警" in await village.say("county", "预警")


async def test_only_who_has_an_alert_closes_it(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "vc", LOST)
    message, data = await village.button("township", "处理好了")
    assert "不在您手上" in await village.tap_data("cadre", message, data)
    assert await kinds(village) == ["AL-05"]


async def test_what_stays_as_it_was_is_not_told_again_with_every_questionnaire(village: Village) -> None:
    for _ in range(3):
        await hungry(village)
        await fill(village, "cadre")
        await village.say("cadre", "提交")
        village.wait(days=20)
    assert (await kinds(village)).count("AL-01") == 1
    assert (await village.heard("township")).count(FOOD) == 1


async def test_a_yellow_alert_handed_on_at_night_waits_for_the_morning(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", {"2": "3000", "4.a": "2"})
    village.at[0] = datetime(2026, 4, 12, 22, tzinfo=ZONE)
    await village.tap("township", "转交")
    await village.tap("township", "陈桂香")
    before = await village.heard("village")
    village.at[0] = datetime(2026, 4, 13, 9, tzinfo=ZONE)
    await village.work()
    assert len(await village.heard("village")) > len(before)


async def test_what_was_to_be_made_clear_in_a_week_goes_to_the_township_after_it(village: Village) -> None:
    await begin(village, "cadre", "王建新", "jd")
    await fill(village, "cadre", answers={"6": "3"})
    await village.say("cadre", "提交")
    assert f"请在 {date(2026, 4, 17)} 前弄清楚" in await village.heard("village")
    before = await village.heard("township")
    village.wait(days=7)
    await look(village)
    assert await village.heard("township") == before
    village.wait(days=1)
    await look(village)
    assert "2026-04-17前该核实清楚" in await village.last("township")
    await begin(village, "cadre", "王建新", "jd")
    await fill(village, "cadre", answers={"6": "1"})
    await village.say("cadre", "提交")
    await look(village)
    assert "AL-02" not in await kinds(village)


async def test_a_finding_of_the_watch_is_over_when_it_is_put_right_and_told_again_when_it_comes_back(
    village: Village,
) -> None:
    async def population(people: int) -> None:
        async with village.database.transaction() as conn:
            home = (await households.named(conn, "王建新"))[0]
            await households.revise(conn, home.id, {"population": people})
        village.wait(hours=1)
        await look(village)

    async with village.database.reading() as conn:
        right = (await households.named(conn, "王建新"))[0].population
    assert right is not None
    await population(9)
    assert await kinds(village) == ["AL-34"]
    await population(right)
    assert await kinds(village) == []
    told = (await village.heard("township")).count("名册上人口是9人")
    await population(9)
    assert await kinds(village) == ["AL-34"]
    assert (await village.heard("township")).count("名册上人口是9人") == told + 1


async def test_a_card_of_thirty_days_without_a_plan_is_told_to_cadre_and_township(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    home = await household(village, "王建新")
    village.wait(days=31)
    await look(village)
    assert "AL-36" not in await kinds(village), "it has one"
    async with village.database.transaction() as conn:
        await conn.execute(delete(plan_rows).where(plan_rows.c.household_id == home))
        assert await plans.latest(conn, [home]) == {}
        assert home in await assignments.responsible(conn, [home])
    await look(village)
    assert "AL-36" in await kinds(village)
    for who in ("cadre", "township"):
        assert "还没有“一户一策”帮扶计划" in await village.last(who)
    assert "一户一策" not in await village.heard("county")


async def test_a_day_on_which_nobody_looked_is_made_up_for(database: Database) -> None:
    village = await open_village(database, date(2020, 4, 10))
    async with village.database.transaction() as conn:
        await facts.record(conn, [Fact(3, "house_safety", 2, date(2020, 4, 10), "jd.6", village.now)])
    for day, count in (
        (date(2020, 6, 2), 1),
        (date(2020, 6, 25), 2),
        (date(2020, 7, 2), 3),
        (date(2020, 7, 9), 3),
    ):
        village.at[0] = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=9)
        await look(village)
        assert (await village.heard("county")).count("2020-06-30前要解决") == count, day
        async with village.database.reading() as conn:
            mine = [each for each in await alerts.open_of_household(conn, 3) if each.kind == "AL-27"]
        assert len(mine) == 1, "the earlier notice gives way to the later one"


def test_an_unknown_answer_is_no_reason_to_forget_an_alert() -> None:
    pack = loaded().packs["hr"]
    assert "AL-02:house_unassessed" not in over(pack, {}, date(2026, 4, 10), None)
    assert over(pack, {"house_safety": 1}, date(2026, 4, 10), None)["AL-02:house_unassessed"] is False
    assert over(pack, {"visit_risks": []}, date(2026, 4, 10), None)["AL-05:disaster_struck"] is True


def test_a_change_of_colours_is_told_once_and_only_upwards() -> None:
    pack = shipped().packs["yb"]
    states = ("food", "clothes", "schooling", "medical", "house", "water")
    facts = {f"{name}_state": 1 for name in states} | {
        "forecast_income_per_capita": 6000,
        "hardship_causes": [],
        "system_mark_2019": 3,
        "reg_status": 2,
    }
    day = date(2020, 4, 10)
    assert decide(pack, facts, day).verdict == "yellow"
    for earlier, told in (("green", ["AL-07"]), ("yellow", []), ("red", []), (None, [])):
        found = called_for(pack, facts, day, verdict_id="yellow", before=facts, earlier=earlier)
        assert [alert.code for alert in found if alert.code == "AL-07"] == told, earlier


def test_a_loan_without_its_subsidy_is_told_to_the_cadre() -> None:
    pack = loaded().packs["hr"]
    found = called_for(pack, {"microloan_interest_subsidy": 0, "had_microloan": 1}, date(2026, 4, 10))
    loan = next(alert for alert in found if alert.code == "AL-31")
    assert (loan.to, [office.name for office in loan.departments]) == (("cadre",), ["财政局"])
    with_it = called_for(pack, {"microloan_interest_subsidy": 20}, date(2026, 4, 10))
    assert all(alert.code != "AL-31" for alert in with_it)
