"""Planning never runs dry, and one visit serves everything that asks for one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.reminders import Reminders
from bot.services import duty_planning
from bot.storage import duties, households, one_household
from bot.storage.duties import Duty, NewDuty
from tests.services.interviewer import GREEN, hand_in
from tests.services.village import Village, loaded

ZONE = ZoneInfo("Asia/Shanghai")


async def owed(village: Village, head: str, *kinds: str) -> list[Duty]:
    async with village.database.reading() as conn:
        home = (await households.named(conn, head))[0]
        every = await duties.open_of_household(conn, home.id)
    return [duty for duty in every if not kinds or duty.kind in kinds]


async def test_a_household_that_nobody_touches_for_years_is_planned_for_all_the_time(
    village: Village,
) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    first = await owed(village, "王建新")
    assert max(duty.due for duty in first) > village.now.date() + timedelta(days=300)
    for _ in range(5):
        village.wait(days=183)
        await village.reminder.plan()
        ahead = [duty for duty in await owed(village, "王建新") if duty.due > village.now.date()]
        assert {duty.kind for duty in ahead} == {"visit", "contact", "monitor", "review"}
        assert max(duty.due for duty in ahead) > village.now.date() + timedelta(days=31)
    found = await owed(village, "王建新", "monitor")
    months = [(duty.due.year, duty.due.month) for duty in found]
    assert months == sorted(set(months)), "each month once"
    assert len(months) >= 30, "and none is left out"
    assert {duty.person_id for duty in found} == {duty.person_id for duty in first if duty.kind == "monitor"}


async def test_planning_on_is_asked_for_once_a_year_and_not_every_day(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    planned = {duty.id for duty in await owed(village, "王建新")}
    village.wait(days=duty_planning.AHEAD.days - duty_planning.LOW.days - 40)
    await village.reminder.plan()
    assert {duty.id for duty in await owed(village, "王建新")} == planned
    village.wait(days=60)
    await village.reminder.plan()
    assert {duty.id for duty in await owed(village, "王建新")} > planned


async def test_nothing_is_planned_on_for_who_has_been_erased_or_has_no_card(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    async with village.database.transaction() as conn:
        home = (await households.named(conn, "王建新"))[0]
        every = await duties.open_of_household(conn, home.id)
        await duties.cancel(conn, [duty.id for duty in every])
        await one_household.erase(conn, home.id, village.now)
    await village.reminder.plan()
    async with village.database.reading() as conn:
        assert await duties.open_of_household(conn, home.id) == []


async def test_one_visit_serves_every_frequency_that_asks_for_a_visit_each_once(village: Village) -> None:
    async with village.database.transaction() as conn:
        home = (await households.named(conn, "王建新"))[0]
        await duties.plan(
            conn,
            [
                NewDuty(home.id, "visit", due, frequency, date(2026, 1, 1), None, {"text": "上户走访"})
                for frequency, due in (
                    ("t3:F-31", date(2026, 6, 30)),
                    ("t3:F-31", date(2026, 9, 30)),
                    ("t3:F-23", date(2026, 4, 30)),
                    ("t3:F-23", date(2026, 5, 31)),
                )
            ],
        )
    await hand_in(village, "cadre", "王建新", "vc")
    left = [(duty.frequency, duty.due) for duty in await owed(village, "王建新", "visit")]
    assert ("t3:F-23", date(2026, 5, 31)) in left
    assert ("t3:F-31", date(2026, 9, 30)) in left
    assert ("t3:F-23", date(2026, 4, 30)) not in left
    assert ("t3:F-31", date(2026, 6, 30)) not in left


def test_what_is_due_as_the_month_ends_is_reminded_of_on_the_25th() -> None:
    known: Reminders = loaded().reminders
    for kind in ("contact", "monitor"):
        for last in (date(2026, 1, 31), date(2026, 2, 28), date(2028, 2, 29), date(2026, 4, 30)):
            assert known.first_day(kind, last) == last.replace(day=25), (kind, last)
    assert known.first_day("contact", date(2026, 1, 15)) == date(2026, 1, 12)
    assert known.first_day("monitor", date(2026, 1, 17)) == date(2026, 1, 12)
    assert known.first_day("visit", date(2026, 3, 31)) == date(2026, 3, 17)


def test_every_duty_of_a_household_has_a_questionnaire_that_fulfils_it() -> None:
    content = loaded()
    for pack in content.packs.values():
        for rule in pack.frequencies:
            if rule.of == "household":
                form = content.reminders.form_for(rule.kind, pack.scheme.forms)
                assert form is not None, (pack.scheme.id, rule.id)
    assert content.reminders.form_for("review", content.packs["gs"].scheme.forms) == "gs"
    assert content.reminders.form_for("review", content.packs["hr"].scheme.forms) == "cs"
    assert content.reminders.form_for("adjust", content.packs["gp"].scheme.forms) == "gp"


async def test_the_round_of_cards_is_owed_by_towns_and_the_county_and_closed_with_a_sentence(
    village: Village,
) -> None:
    await village.reminder.plan()
    village.at[0] = datetime(2026, 6, 23, 9, tzinfo=ZONE)
    await village.reminder.plan()
    while await village.reminder.tick():
        pass
    await village.work()
    assert "卡类动态调整" in await village.heard("township")
    assert "卡类动态调整" in await village.heard("county")
