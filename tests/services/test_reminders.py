"""Duties follow from the card, are reminded of once at the right morning, and are fulfilled by visits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update

from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.services.duty_planning import AHEAD
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.storage import assignments, duties, households, outbox, people, visibility
from bot.storage.database import Database
from bot.storage.duties import Duty, NewDuty
from bot.storage.households import NewHousehold
from bot.storage.outbox import Message
from bot.storage.tables import assignments as assignment_table
from tests.services.interviewer import BLUE, GREEN, YELLOW, hand_in
from tests.services.village import Village, loaded

COUNTY = ZoneInfo("Asia/Shanghai")
CARDS = {
    "red": ("马维平", {}),
    "yellow": ("王建新", YELLOW),
    "green": ("王建新", GREEN),
    "blue": ("曹有田", BLUE),
}
"""A household for each card, with its answers of `cs`."""


async def household(village: Village, head: str) -> int:
    async with village.database.reading() as conn:
        county = (await people.behind(conn, web_chat.CHANNEL, ["county"]))["county"]
        return (await visibility.find(conn, county.id, village.now, words=head)).items[0].id


async def due_at(village: Village, head: str) -> list[Duty]:
    home = await household(village, head)
    async with village.database.reading() as conn:
        return await duties.open_of_household(conn, home)


async def reminders(village: Village, address: str) -> list[Message]:
    """The reminders that went out to an address, or wait to."""
    async with village.database.reading() as conn:
        rows = await outbox.last(conn, web_chat.CHANNEL, address, 5000)
    return [row for row in rows if (row.slot or "").startswith(("d", "reminders")) and row.slot != "done"]


async def tick(village: Village) -> int:
    """Let the reminders of the moment go out."""
    sent = await village.reminder.tick()
    await village.work()
    return sent


def at(day: date, hour: int = 8, minute: int = 30) -> datetime:
    """A moment of the county's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=COUNTY).astimezone(UTC)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    seen: list[str] = []

    def executed(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", executed)


@pytest.mark.parametrize("card", list(CARDS))
async def test_each_card_plans_its_visits_contacts_monitoring_and_reviews(
    village: Village, card: str
) -> None:
    head, answers = CARDS[card]
    months = 6 if card == "red" else 3
    await hand_in(village, "cadre", head, "cs", answers)
    planned = await due_at(village, head)
    pack = village.office.content.packs["hr"]
    today = date(2026, 4, 10)
    kinds = {
        kind: [duty for duty in planned if duty.kind == kind]
        for kind in ("visit", "contact", "monitor", "review")
    }
    for rule in pack.frequencies:
        if card not in rule.verdicts or rule.kind not in kinds:
            continue
        times = int(pack.parameter_by_id[rule.times].at(today).value) if rule.times else 1
        mine = kinds.pop(rule.kind)
        assert {duty.frequency for duty in mine} == {f"hr:{rule.id}"}
        this_year = [duty.due for duty in mine if duty.due <= date(2026, 12, 31)]
        assert mine[0].due >= today
        assert mine[-1].due <= today + AHEAD
        assert len({duty.due for duty in mine}) == len(mine)
        whole = Counter((duty.due.year, duty.due.month) for duty in mine)
        if rule.per == "month":
            assert whole[2026, 6] == times
        if rule.per == "year":
            # spread over the year: what is left of 2026 is three quarters of it
            assert len(this_year) == pytest.approx(times * 3 / 4, abs=1)
            gaps = [(b - a).days for a, b in pairwise(this_year)]
            assert max(gaps) - min(gaps) <= 5
    assert set(kinds) <= ({"visit"} if card == "blue" else set())
    reviews = [d.due for d in planned if d.kind == "review"]
    assert reviews[0] == date(2026, 6, 30)
    assert {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(reviews)} == {months}


async def test_of_two_schemes_each_plans_its_own_and_calls_off_none_of_the_other(village: Village) -> None:
    """A duty that is called off and planned again would be reminded of twice."""
    village.worker.office = village.office = replace(village.office, schemes=("hr", "n6"))
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    first = await due_at(village, "王建新")
    assert {duty.frequency.partition(":")[0] for duty in first} == {"hr", "n6"}
    village.wait(days=9)
    await tick(village)
    reminded = {duty.id for duty in await due_at(village, "王建新") if duty.state == "reminded"}
    assert reminded
    await hand_in(village, "cadre", "王建新", "jd")
    again = await due_at(village, "王建新")
    assert reminded & {duty.id for duty in again} <= {d.id for d in again if d.state == "reminded"}


async def test_who_is_to_do_it_is_the_cadre_the_village_or_the_township(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    async with village.database.reading() as conn:
        names = {p.id: p.name for p in (await people.get_many(conn, range(1, 10))).values()}
    who = {(duty.kind, names[duty.person_id or 0]) for duty in await due_at(village, "王建新")}
    assert who == {
        ("visit", "周明"),
        ("contact", "周明"),
        ("monitor", "陈桂香"),
        ("review", "李国强"),
    }


async def test_a_reminder_comes_once_on_its_morning_and_not_a_minute_before(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    first = next(duty for duty in await due_at(village, "王建新") if duty.kind == "visit")
    morning = at(first.due - timedelta(days=village.office.reminders.lead_of("visit")))
    assert first.remind_at == morning
    assert morning.astimezone(COUNTY).time() == village.office.reminders.morning

    def about(rows: list[Message]) -> list[Message]:
        return [row for row in rows if row.slot == f"d{first.id}"]

    village.at[0] = morning - timedelta(days=1)
    while await tick(village):
        pass
    village.at[0] = morning - timedelta(minutes=1)
    assert await tick(village) == 0
    assert about(await reminders(village, "cadre")) == []
    village.at[0] = morning
    assert await tick(village) > 0
    assert await tick(village) == 0
    village.wait(days=1)
    await tick(village)
    [row] = about(await reminders(village, "cadre"))
    assert row.state == "sent"
    assert first.due.isoformat() in row.payload["text"]
    assert "王建新" in row.payload["text"]


async def test_reminders_survive_a_restart(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    monitor = next(duty for duty in await due_at(village, "王建新") if duty.kind == "monitor")
    # Everything that is not in the database is gone; it comes back weeks after the day.
    office = Office(loaded(), COUNTY)
    clock = [at(monitor.due + timedelta(days=3))]

    def now() -> datetime:
        return clock[0]

    worker = Worker(village.database, office, {web_chat.CHANNEL: web_chat.translate}, now)
    chat = WebChat(village.database, now, worker.wake)
    again = Village(village.database, office, worker, Reminder(village.database, office, now), chat, clock)
    await tick(again)
    text = "\n".join(row.payload["text"] for row in await reminders(again, "village"))
    assert "晚了也能补记" in text
    assert "每月监测" in text
    assert await tick(again) == 0


async def test_two_reminders_at_once_send_one(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    while await tick(village):
        pass
    before = len(await reminders(village, "village"))
    monitor = next(
        duty for duty in await due_at(village, "王建新") if duty.kind == "monitor" and duty.state == "planned"
    )
    village.at[0] = monitor.remind_at
    other = Reminder(village.database, village.office, lambda: village.now)
    sent = await asyncio.gather(village.reminder.tick(), other.tick(), village.reminder.tick())
    assert sorted(sent)[:2] == [0, 0]
    assert len(await reminders(village, "village")) == before + 1


async def test_a_visit_fulfils_the_earliest_open_duty_and_no_other(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    planned = await due_at(village, "王建新")
    visits = [duty for duty in planned if duty.kind == "visit"]
    monitors = [duty for duty in planned if duty.kind == "monitor"]
    village.at[0] = at(visits[0].due - timedelta(days=2), 15)
    visit = await hand_in(village, "cadre", "王建新", "vc")
    left = await due_at(village, "王建新")
    assert [duty.due for duty in left if duty.kind == "visit"][:1] == [visits[1].due]
    # A visit is no monthly check.
    open_still = [duty.due for duty in left if duty.kind == "monitor"]
    assert open_still[: len(monitors)] == [duty.due for duty in monitors]
    assert "逾期" not in await village.heard("cadre")
    async with village.database.reading() as conn:
        done = await duties.done_by(conn, visit.id)
    assert [(duty.kind, duty.due, duty.state) for duty in done] == [("visit", visits[0].due, "done")]


async def test_the_monthly_check_fulfils_the_monitoring_of_its_month_once(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    before = [duty.due for duty in await due_at(village, "王建新") if duty.kind == "monitor"]
    check = await hand_in(village, "cadre", "王建新", "mc")
    async with village.database.reading() as conn:
        done = await duties.done_by(conn, check.id)
    assert [(duty.kind, duty.due, duty.state) for duty in done] == [("monitor", before[0], "done")]
    again = await hand_in(village, "cadre", "王建新", "mc")
    async with village.database.reading() as conn:
        assert await duties.done_by(conn, again.id) == []
    assert [duty.due for duty in await due_at(village, "王建新") if duty.kind == "monitor"] == before[1:]


async def test_a_check_after_a_month_without_one_is_in_time_and_leaves_nothing_due(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    planned = [duty.due for duty in await due_at(village, "王建新") if duty.kind == "monitor"]
    village.at[0] = at(planned[1] - timedelta(days=3), 15)
    check = await hand_in(village, "cadre", "王建新", "mc")
    assert "逾期" not in await village.heard("cadre")
    async with village.database.reading() as conn:
        done = await duties.done_by(conn, check.id)
    assert [(duty.due, duty.state) for duty in done] == [(planned[0], "done_late"), (planned[1], "done")]


@pytest.mark.parametrize("form", ["jd", "cs"])
async def test_a_record_of_the_household_is_its_review_and_not_its_monthly_check(
    village: Village, form: str
) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    village.wait(days=90)
    before = Counter(duty.kind for duty in await due_at(village, "王建新"))
    record = await hand_in(village, "cadre", "王建新", form, GREEN if form == "cs" else None)
    async with village.database.reading() as conn:
        assert {duty.kind for duty in await duties.done_by(conn, record.id)} == {"review"}
    after = Counter(duty.kind for duty in await due_at(village, "王建新"))
    assert after["monitor"] >= before["monitor"]


async def test_the_reminder_of_the_monthly_check_leads_to_its_questionnaire(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    monitor = next(duty for duty in await due_at(village, "王建新") if duty.kind == "monitor")
    village.at[0] = monitor.remind_at
    while await tick(village):
        pass
    assert "月度动态监测核查" in await village.tap("village", "月监测")


async def test_a_call_counts_as_a_contact_and_not_as_a_visit(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    before = Counter(duty.kind for duty in await due_at(village, "王建新"))
    await hand_in(village, "cadre", "王建新", "vc", {"3": "2"})
    after = Counter(duty.kind for duty in await due_at(village, "王建新"))
    assert {kind: before[kind] - after[kind] for kind in before} == {
        "visit": 0,
        "contact": 1,
        "monitor": 0,
        "review": 0,
    }


async def test_a_late_visit_can_still_be_recorded_and_is_marked_late(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    first = next(duty for duty in await due_at(village, "王建新") if duty.kind == "visit")
    village.at[0] = at(first.due + timedelta(days=20), 15)
    visit = await hand_in(village, "cadre", "王建新", "vc")
    assert "逾期完成" in await village.heard("cadre")
    async with village.database.reading() as conn:
        done = {duty.kind: duty for duty in await duties.done_by(conn, visit.id)}
    assert (done["visit"].due, done["visit"].state) == (first.due, "done_late")


async def test_a_visit_in_time_that_is_written_down_later_is_not_late(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    first = next(duty for duty in await due_at(village, "王建新") if duty.kind == "visit")
    village.at[0] = at(first.due + timedelta(days=5), 15)
    visit = await hand_in(village, "cadre", "王建新", "vc", {"2": f"{first.due} 10:00"})
    async with village.database.reading() as conn:
        done = {duty.kind: duty for duty in await duties.done_by(conn, visit.id)}
    assert (done["visit"].due, done["visit"].state) == (first.due, "done")


async def test_a_promise_is_reminded_to_whoever_made_it(village: Village) -> None:
    promised = {
        "10": "1",
        "10.n": "2",
        "10.a#1": "修水窖",
        "10.b#1": "2026-05-01",
        "10.a#2": "送种子",
        "10.b#2": "2026-06-01",
    }
    await hand_in(village, "cadre", "王建新", "vc", promised)
    village.at[0] = at(date(2026, 4, 30)) - timedelta(seconds=1)
    await tick(village)
    assert await reminders(village, "cadre") == []
    village.at[0] = at(date(2026, 4, 30))
    assert await tick(village) == 1
    [row] = await reminders(village, "cadre")
    assert "修水窖" in row.payload["text"]
    assert "2026-05-01" in row.payload["text"]


async def test_a_changed_card_cancels_what_it_no_longer_needs_and_keeps_what_was_done(
    village: Village,
) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    visit = await hand_in(village, "cadre", "王建新", "vc", {"3": "2"})
    async with village.database.reading() as conn:
        done = await duties.done_by(conn, visit.id)
    green = await due_at(village, "王建新")
    village.wait(days=1)
    await hand_in(village, "cadre", "王建新", "cs", YELLOW)
    yellow = await due_at(village, "王建新")
    async with village.database.reading() as conn:
        assert await duties.done_by(conn, visit.id) == done
    fits = {rule.id for rule in village.office.content.packs["hr"].frequencies if "yellow" in rule.verdicts}
    assert {duty.frequency.removeprefix("hr:") for duty in yellow} <= fits
    assert not {(d.kind, d.due) for d in yellow} & {(d.kind, d.due) for d in done}
    june = [
        duty for duty in yellow if duty.kind == "contact" and (duty.due.year, duty.due.month) == (2026, 6)
    ]
    assert [(duty.frequency, duty.text["turns"]) for duty in june] == [("hr:F-04", len(june))] * len(june)
    # And back again: what was called off is due once more.
    village.wait(days=1)
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    again = await due_at(village, "王建新")
    assert {(d.kind, d.due, d.frequency) for d in green if d.kind != "review"} <= {
        (d.kind, d.due, d.frequency) for d in again
    }


async def test_the_same_card_once_more_changes_nothing_that_was_planned(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    before = await due_at(village, "王建新")
    await tick(village)
    reminded = {duty.id for duty in await due_at(village, "王建新") if duty.state == "reminded"}
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    after = await due_at(village, "王建新")
    # The verification itself is the review of the quarter.
    assert [(d.id, d.due, d.remind_at) for d in after] == [
        (d.id, d.due, d.remind_at) for d in before if (d.kind, d.due) != ("review", date(2026, 6, 30))
    ]
    assert {duty.id for duty in after if duty.state == "reminded"} == reminded


async def test_a_household_without_anybody_in_charge_does_not_stop_the_others(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    lonely, home = await household(village, "刘大山"), await household(village, "王建新")
    async with village.database.transaction() as conn:
        await conn.execute(
            update(assignment_table)
            .where(assignment_table.c.household_id == lonely)
            .values(until=village.now)
        )
        await duties.plan(
            conn,
            [
                NewDuty(
                    id,
                    "contact",
                    date(2026, 4, 12),
                    "x:F",
                    date(2026, 4, 1),
                    village.now,
                    {"text": "打个电话", "turn": 1, "turns": 1},
                    person,
                )
                for id, person in ((lonely, None), (home, None))
            ],
        )
    while await tick(village):
        pass
    # With nobody responsible, the village is told.
    assert "刘大山" in await village.heard("village")
    assert "打个电话" in "\n".join(row.payload["text"] for row in await reminders(village, "cadre"))


async def test_nobody_is_reminded_of_a_household_that_is_no_longer_theirs(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    home = await household(village, "王建新")
    async with village.database.transaction() as conn:
        successor = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        await people.appoint(conn, person_id=successor.id, role="cadre", region_id=1, since=village.now)
        await assignments.assign(conn, home, successor.id, village.now)
    visit = next(duty for duty in await due_at(village, "王建新") if duty.kind == "visit")
    village.at[0] = visit.remind_at
    while await tick(village):
        pass
    assert await reminders(village, "cadre") == []
    assert "上户走访" in "\n".join(row.payload["text"] for row in await reminders(village, "village"))
    assert "王建新" not in await village.say("cadre", "待办")


async def test_a_suspended_person_is_not_reminded(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        await people.set_status(conn, person.id, "suspended")
    village.wait(days=60)
    while await tick(village):
        pass
    assert await reminders(village, "cadre") == []


async def test_a_thousand_duties_of_one_morning_take_few_statements_and_one_message(village: Village) -> None:
    async with village.database.transaction() as conn:
        cadre = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        known = await households.get(conn, await household_in(conn, cadre.id, village.now))
        assert known is not None
        homes = await households.add_many(
            conn,
            [
                NewHousehold(
                    region_id=known.region_id,
                    village_group="六组",
                    head_name=f"户主{number}",
                    initials="hz",
                    created_at=village.now,
                )
                for number in range(1000)
            ],
        )
        await assignments.assign_many(conn, homes, cadre.id, village.now)
        await duties.plan(
            conn,
            [
                NewDuty(
                    home,
                    "contact",
                    date(2026, 4, 12),
                    "x:F",
                    date(2026, 4, 1),
                    village.now,
                    {"text": "打个电话", "turn": 1, "turns": 1},
                    cadre.id,
                )
                for home in homes
            ],
        )
    with statements(village.database) as executed:
        assert await village.reminder.tick() == 1000
    assert len(executed) <= 18
    assert await village.reminder.tick() == 0
    [row] = await reminders(village, "cadre")
    assert "1000" in row.payload["text"]
    await village.work()
    listed = await village.tap("cadre", "看是哪几件")
    assert "1000" in listed
    assert "第 9—16 件" in await village.tap("cadre", "下一页")
    assert "户主" in await village.tap("cadre", "户主")


async def household_in(conn: Any, person_id: int, now: datetime) -> int:
    """Any household that the person may see."""
    return (await visibility.find(conn, person_id, now, size=1)).items[0].id


async def test_the_buttons_of_a_reminder_lead_to_the_visit_record(village: Village) -> None:
    await hand_in(
        village, "cadre", "王建新", "vc", {"10": "1", "10.n": "1", "10.a": "修水窖", "10.b": "2026-05-01"}
    )
    village.at[0] = at(date(2026, 4, 30))
    await tick(village)
    assert "走访/联络记录" in await village.tap("cadre", "记走访")


async def test_what_is_due_is_listed_with_the_overdue_first(village: Village) -> None:
    assert "没有要办的事" in await village.say("cadre", "待办")
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    village.wait(days=100)
    listed = await village.say("cadre", "待办")
    assert "已过期" in listed
    labels = [
        b.label
        for m in await village.screen("cadre")
        for row in m.buttons
        for b in row
        if "王建新" in b.label
    ]
    assert "⏰" in labels[0]
