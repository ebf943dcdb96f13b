"""The monthly check reads what is known of the household, and what it finds counts from its day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.dialogs.context import Known
from bot.services.finishing import survey_day
from bot.services.household_file import Dossier, HouseholdFile, read_file
from bot.services.judging import facts_of
from bot.storage import facts, people, plans
from bot.storage.facts import Fact
from tests.services.interviewer import BLUE, GREEN, begin, fill, hand_in, standing
from tests.services.test_alerts import household, raised
from tests.services.village import Village

HEAD = "王建新"
UNSAFE = {"6": "2", "6.x": "4"}
"""Attachment 4 of a house of grade D."""


async def dossier(village: Village, head: str = HEAD) -> Dossier:
    home = await household(village, head)
    async with village.database.reading() as conn:
        return await read_file(conn, village.office, home, village.now)


async def proposed(village: Village, form: str = "mc", head: str = HEAD) -> HouseholdFile:
    """What a questionnaire that begins now may propose."""
    content = village.office.content
    async with village.database.reading() as conn:
        me = (await people.get_many(conn, [1]))[1]
    parameters = content.form_parameters(village.office.today(village.now))
    return (await dossier(village, head)).known(content.form(form), me, content.reuse, parameters)


async def now_known(village: Village, head: str = HEAD) -> dict[str, Any]:
    """What the rules read of the household."""
    return facts_of(village.office, village.office.content.packs["hr"], await dossier(village, head))


async def note(village: Village, on: date, **answers: Any) -> None:
    """Answers of a questionnaire about that day."""
    home = await household(village, HEAD)
    async with village.database.transaction() as conn:
        await facts.record(
            conn, [Fact(home, name, value, on, "mc.x", village.now) for name, value in answers.items()]
        )


# ---------------------------------------------------------------- the later answer counts


async def test_what_the_month_finds_replaces_what_attachment_4_said(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "jd", UNSAFE)
    assert (await now_known(village))["house_safety"] == 2
    village.wait(days=20)
    await hand_in(village, "cadre", HEAD, "mc", {"1": "1"})
    assert (await now_known(village))["house_safety"] == 1
    village.wait(days=20)
    await hand_in(village, "cadre", HEAD, "jd", UNSAFE)
    assert (await now_known(village))["house_safety"] == 2


async def test_questionnaire_5_and_the_monthly_check_outdo_each_other_by_day(village: Village) -> None:
    head = "曹有田"
    await hand_in(village, "cadre", head, "nj", {"4": "2", "4.x": "3"})
    assert (await now_known(village, head))["house_safety"] == 2
    village.wait(days=20)
    await hand_in(village, "cadre", head, "mc", {"1": "1"})
    assert (await now_known(village, head))["house_safety"] == 1


async def test_a_check_that_is_recorded_late_does_not_outdo_a_newer_answer(village: Village) -> None:
    today = village.office.today(village.now)
    await note(village, today, house_safety=1)
    village.wait(minutes=5)
    await note(village, date(2026, 3, 1), house_safe_now=2)
    assert (await now_known(village))["house_safety"] == 1


async def test_an_unsafe_house_of_the_month_is_told_the_moment_it_is_answered(village: Village) -> None:
    await begin(village, "cadre", HEAD, "mc")
    await fill(village, "cadre", "1")
    await village.say("cadre", "2")
    assert "住房不安全" in await village.last("village")
    assert await raised(village, HEAD) == [("AL-01", "red", ["李国强", "陈桂香"])]


async def test_a_misfortune_of_the_month_is_told_to_township_and_county(village: Village) -> None:
    await begin(village, "cadre", HEAD, "mc")
    await fill(village, "cadre", "8")
    await village.say("cadre", "7")
    for address in ("township", "county"):
        assert "突发变故" in await village.last(address)


async def test_a_large_expense_of_the_month_is_told_to_the_township_once_it_is_handed_in(
    village: Village,
) -> None:
    spent = {"5-4": "1", "5-5.a": "1", "5-5.b": "60000", "5-5.c": "1", "5-5.d": "2"}
    await hand_in(village, "cadre", HEAD, "mc", spent)
    assert ("AL-04", "red", ["李国强"]) in await raised(village, HEAD)
    assert "60000元" in await village.heard("township")


def test_the_answers_of_a_check_belong_to_the_day_of_the_check() -> None:
    today = date(2026, 5, 2)
    assert survey_day({"checked_on": "2026-04-30"}, today) == date(2026, 4, 30)
    assert survey_day({"visited_at": "2026-04-29T10:00"}, today) == date(2026, 4, 29)
    assert survey_day({"checked_on": None}, today) == today


# ---------------------------------------------------------------- what it is offered


async def test_the_scheme_of_the_county_is_known(village: Village) -> None:
    assert (await proposed(village)).values["monitoring_scheme"].value == 1
    await note(village, date(2026, 3, 1), monitoring_scheme=3)
    assert (await proposed(village)).values["monitoring_scheme"].value == 3


async def test_without_a_plan_nothing_is_said_of_measures(village: Village) -> None:
    assert "has_open_measure" not in (await proposed(village)).values
    assert "open_measure" not in (await proposed(village)).values


async def test_the_measures_of_the_plan_are_proposed(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    home = await household(village, HEAD)
    async with village.database.reading() as conn:
        plan = (await plans.latest(conn, [home]))[home]
    names = [measure["short"] for measure in plan.snapshot["view"]["measures"]]
    assert names
    known = (await proposed(village)).values
    assert known["has_open_measure"] == Known(1, "2026-04-10")
    assert known["open_measure_count"].value == len(names)
    assert known["open_measure"].value == [{"measure_name": name} for name in names]


async def test_how_far_a_measure_had_come_stays_with_it_and_what_is_done_goes(village: Village) -> None:
    await hand_in(village, "cadre", "曹有田", "cs", BLUE)
    names = [
        row["measure_name"] for row in (await proposed(village, head="曹有田")).values["open_measure"].value
    ]
    assert len(names) > 1
    home = await household(village, "曹有田")
    rows = [
        {"measure_name": names[0], "measure_progress": 3, "measure_delivered": 1},
        *({"measure_name": name, "measure_progress": 2, "measure_delivered": 2} for name in names[1:]),
        {"measure_name": "已不在计划里的措施", "measure_progress": 2, "measure_delivered": 2},
    ]
    async with village.database.transaction() as conn:
        on = village.office.today(village.now)
        await facts.record(conn, [Fact(home, "open_measure", rows, on, "mc", village.now)])
        await facts.record(conn, [Fact(home, "open_measure_count", 9, on, "mc.10.n", village.now)])
    known = (await proposed(village, head="曹有田")).values
    assert known["open_measure"].value == rows[1:-1]
    assert known["open_measure_count"].value == len(names) - 1


async def test_the_proposed_measures_are_asked_about_by_name(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    names = [row["measure_name"] for row in (await proposed(village)).values["open_measure"].value]
    await begin(village, "cadre", HEAD, "mc")
    await fill(village, "cadre", "10.a#1", {"10.x": "1", "10.n": str(len(names))})
    assert names[0] in await village.last("cadre")


# ---------------------------------------------------------------- what is recorded


async def stored(village: Village, name: str) -> list[Fact]:
    home = await household(village, HEAD)
    async with village.database.reading() as conn:
        return await facts.history(conn, home, name)


async def test_what_a_card_keeps_is_an_answer_of_this_day_and_what_is_kept_in_silence_is_not(
    village: Village,
) -> None:
    await hand_in(village, "cadre", HEAD, "mc")
    first = village.office.today(village.now)
    await note(village, first, monitoring_scheme=3)
    village.wait(days=30)
    later = village.office.today(village.now)
    await begin(village, "cadre", HEAD, "mc")
    for _ in range(60):
        at = await standing(village, "cadre")
        if at.key == "review":
            break
        item = at.asked.step.item if at.asked is not None else None
        told = ANSWERS.get(item.id, "1") if item is not None else "1"  # a card: nothing has changed
        await village.say("cadre", told)
    await village.say("cadre", "提交")
    checks = await stored(village, "food_enough")
    assert [(fact.as_of, fact.source) for fact in checks] == [(first, "mc.7"), (later, "mc.7")]
    assert checks[0].interview_id != checks[1].interview_id
    days = await stored(village, "checked_on")
    assert [fact.value for fact in days] == [first.isoformat(), later.isoformat()]
    assert [fact.as_of for fact in await stored(village, "monitoring_scheme")] == [first]


ANSWERS = {"change.name": "王五", "8": "0"}


async def test_rows_that_a_card_keeps_are_recorded_whole_with_this_day(village: Village) -> None:
    told = {"3": "2", "3-1.n": "1", "uninsured.name": "王小二", "3-1": "1"}
    await hand_in(village, "cadre", HEAD, "mc", told)
    first = village.office.today(village.now)
    village.wait(days=30)
    later = village.office.today(village.now)
    await begin(village, "cadre", HEAD, "mc")
    await fill(village, "cadre", "=medical", {"3-1": "1"})
    assert (await standing(village, "cadre")).key == "=medical"
    await village.say("cadre", "1")
    assert not (await standing(village, "cadre")).key.startswith("3-1")
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    kept = await stored(village, "uninsured")
    assert [(fact.as_of, fact.value) for fact in kept] == [
        (first, [{"name": "王小二", "uninsured_reason": 1}]),
        (later, [{"name": "王小二", "uninsured_reason": 1}]),
    ]
    assert [fact.as_of for fact in await stored(village, "main_uninsured_reason")] == [first, later]


async def test_a_check_that_runs_past_midnight_belongs_to_the_day_on_which_it_began(village: Village) -> None:
    began = village.office.today(village.now)
    await begin(village, "cadre", HEAD, "mc")
    village.wait(days=1)
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    (checked,) = await stored(village, "checked_on")
    assert checked.value == began.isoformat()
