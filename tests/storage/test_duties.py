"""Duties and alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text, update

from bot.storage import alerts, due_reminders, duties, interviews, postponements
from bot.storage.alerts import NewAlert
from bot.storage.database import Database
from bot.storage.due_reminders import Advance
from bot.storage.duties import Duty, NewDuty
from bot.storage.interviews import NewInterview
from bot.storage.postponements import NewPostponement
from bot.storage.subjects import Subject
from bot.storage.tables import duties as rows
from tests.storage.conftest import SPRING, County

DAY = timedelta(days=1)


def visit(home: int, month: int, **more: Any) -> NewDuty:
    due = date(2020, month, 30)
    remind_at = SPRING + DAY * 30 * (month - 4)
    return NewDuty(home, "visit", due, "F-01", due.replace(day=1), remind_at, {"n": month}, **more)


def moved(told: list[Duty], at: datetime | None = None) -> list[Advance]:
    """Each duty one stage on, with the next one at that moment (never)."""
    return [Advance(duty.id, duty.stage + 1, at) for duty in told]


async def test_a_duty_is_planned_once_however_often_it_is_planned(database: Database, county: County) -> None:
    home, other = county.households[:2]
    async with database.transaction() as conn:
        assert await duties.plan(conn, [visit(home, 4), visit(home, 5)]) == 2
        assert await duties.plan(conn, [visit(home, 4), visit(home, 6), visit(other, 4)]) == 2
        assert await duties.plan(conn, []) == 0
        assert [duty.due.month for duty in await duties.open_of_household(conn, home)] == [4, 5, 6]


async def test_everybody_is_reminded_in_time_once_and_the_longest_waiting_first(
    database: Database, county: County
) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(home, month) for month in (6, 5, 4)])
        assert await due_reminders.to_remind(conn, SPRING - DAY, 10) == []
        waiting = await due_reminders.to_remind(conn, SPRING + 40 * DAY, 10)
        assert [duty.due.month for duty in waiting] == [4, 5]
        assert await due_reminders.to_remind(conn, SPRING + 40 * DAY, 1) == waiting[:1]
        await due_reminders.advance(conn, moved(waiting))
        assert await due_reminders.to_remind(conn, SPRING + 40 * DAY, 10) == []
        assert len(await duties.open_of_household(conn, home)) == 3
        await due_reminders.remind_again(conn, waiting[0].id, SPRING + 50 * DAY)
        assert [duty.id for duty in await due_reminders.to_remind(conn, SPRING + 50 * DAY, 10)] == [
            waiting[0].id
        ]


async def test_two_workers_never_remind_of_the_same_duty(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(county.households[0], month) for month in (4, 5, 6)])
    now = SPRING + 100 * DAY
    if database.is_sqlite:  # one writer at a time: the second worker comes after the first
        async with database.transaction() as conn:
            first = await due_reminders.to_remind(conn, now, 2)
            await due_reminders.advance(conn, moved(first))
        async with database.transaction() as conn:
            second = await due_reminders.to_remind(conn, now, 2)
    else:
        async with database.transaction() as one, database.transaction() as two:
            first = await due_reminders.to_remind(one, now, 2)
            second = await due_reminders.to_remind(two, now, 2)
    assert [duty.due.month for duty in first] == [4, 5]
    assert [duty.due.month for duty in second] == [6]


async def test_a_visit_fulfils_the_earliest_open_duty_and_says_when_it_was_late(
    database: Database, county: County
) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        begun = await interviews.start(conn, NewInterview(home, "vc", 1, county.cadre.id, {}, SPRING))
        await duties.plan(conn, [visit(home, 5), visit(home, 4), visit(home, 6)])

        async def go(month: int, day: int) -> tuple[int, str] | None:
            done = await duties.complete(conn, home, "visit", date(2020, month, day), begun.id)
            return done and (done.due.month, done.state)

        assert await go(3, 31) is None  # before the window of any
        assert await go(4, 30) == (4, "done")  # the last day still counts
        assert await go(7, 15) == (5, "done_late")  # late, and recorded all the same
        assert await go(6, 1) == (6, "done")
        assert await go(6, 1) is None
        assert await duties.complete(conn, home, "call", date(2020, 6, 1), begun.id) is None
        assert await duties.open_of_household(conn, home) == []


async def test_open_duties_are_found_by_person_by_household_and_by_region(
    database: Database, county: County
) -> None:
    first, second, _, far = county.households
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(first, 5, person_id=county.cadre.id), visit(first, 4), visit(far, 4)])
        await duties.plan(conn, [visit(second, 4, person_id=county.cadre.id)])

        async def in_region(region: int) -> list[int]:
            return [duty.household_id for duty in await duties.open_of_region(conn, region)]

        assert await in_region(county.county.id) == [first, far, second, first]
        assert await in_region(county.towns[1].id) == [far]
        assert await in_region(county.villages[1].id) == []
        mine = await duties.open_of_person(conn, county.cadre.id)
        assert [duty.household_id for duty in mine] == [second, first]
        await duties.cancel(conn, [mine[0].id])
        await duties.hand_over(conn, [first, second], county.chief.id)
        assert await duties.open_of_person(conn, county.cadre.id) == []
        assert [duty.due.month for duty in await duties.open_of_person(conn, county.chief.id)] == [4, 5]


async def test_an_alert_is_raised_once_for_its_cause_and_again_for_another(
    database: Database, county: County
) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        begun = await interviews.start(conn, NewInterview(home, "jd", 1, county.cadre.id, {}, SPRING))
        ids = [
            await alerts.raise_(conn, NewAlert(home, "AL-01", "urgent", subject, {}, SPRING, interview))
            for subject, interview in (
                ("income", None),
                ("income", None),
                ("income", begun.id),
                ("income", begun.id),
                ("housing", begun.id),
            )
        ]
        assert [alert_id is None for alert_id in ids] == [False, True, False, True, False]
        raised = await alerts.open_of_household(conn, home)
        assert [alert.id for alert in raised] == [ids[0], ids[2], ids[4]]
        await alerts.close(conn, raised[0].id)
        assert [alert.id for alert in await alerts.open_of_household(conn, home)] == [ids[2], ids[4]]


async def test_an_alert_is_seen_and_handed_on_by_those_who_have_it_and_by_nobody_else(
    database: Database, county: County
) -> None:
    home, now = county.households[0], SPRING + DAY
    cadre, chief = county.cadre.id, county.chief.id
    async with database.transaction() as conn:
        alert_id = await alerts.raise_(conn, NewAlert(home, "AL-02", "normal", "water", {"n": 1}, SPRING))
        assert alert_id is not None
        await alerts.send(conn, alert_id, [chief, chief], SPRING)
        await alerts.send(conn, alert_id, [], SPRING)
        assert not await alerts.see(conn, alert_id, cadre, now)
        assert not await alerts.hand_on(conn, alert_id, cadre, chief, now)
        assert not await alerts.hand_on(conn, alert_id, chief, chief, now)
        assert await alerts.see(conn, alert_id, chief, now)
        assert not await alerts.see(conn, alert_id, chief, now)
        assert await alerts.hand_on(conn, alert_id, chief, cadre, now)
        assert not await alerts.hand_on(conn, alert_id, chief, cadre, now)
        states = {
            item.person_id: (item.state, item.handed_to) for item in await alerts.recipients(conn, alert_id)
        }
        assert states == {chief: ("handed_on", cadre), cadre: ("sent", None)}
        assert await alerts.open_of_person(conn, chief) == []
        assert await alerts.open_of_person(conn, cadre) == [await alerts.get(conn, alert_id)]
        assert await alerts.get(conn, 4711) is None


async def test_a_duty_that_was_called_off_can_be_planned_again_and_one_that_is_done_cannot(
    database: Database, county: County
) -> None:
    home, cadre = county.households[0], county.cadre.id
    async with database.transaction() as conn:
        begun = await interviews.start(conn, NewInterview(home, "vc", 1, cadre, {}, SPRING))
        await duties.plan(conn, [visit(home, month) for month in (4, 5, 6)])
        april, may, june = await duties.open_of_household(conn, home)
        await duties.complete(conn, home, "visit", date(2020, 4, 20), begun.id)
        await due_reminders.advance(conn, moved([may]))
        await duties.cancel(conn, [june.id])
        again = [replace(visit(home, month), frequency="F-02", person_id=cadre) for month in (4, 5, 6)]
        assert await duties.plan(conn, again) == 1
        assert [
            (duty.due.month, duty.frequency, duty.state) for duty in await duties.done_by(conn, begun.id)
        ] == [(4, "F-01", "done")]
        left = await duties.open_of_household(conn, home)
        assert [(d.id, d.frequency, d.state, d.person_id) for d in left] == [
            (may.id, "F-02", "reminded", cadre),
            (june.id, "F-02", "planned", cadre),
        ]
        assert april.id not in {duty.id for duty in left}


async def test_an_alert_that_is_handed_back_is_new_to_its_first_recipient(
    database: Database, county: County
) -> None:
    home, cadre, chief = county.households[0], county.cadre.id, county.chief.id
    async with database.transaction() as conn:
        alert_id = await alerts.raise_(conn, NewAlert(home, "AL-02", "normal", "water", {"n": 1}, SPRING))
        assert alert_id is not None
        await alerts.send(conn, alert_id, [chief], SPRING)
        assert await alerts.unseen(conn, chief) == {alert_id}
        await alerts.see(conn, alert_id, chief, SPRING)
        assert await alerts.unseen(conn, chief) == frozenset()
        assert await alerts.hand_on(conn, alert_id, chief, cadre, SPRING + DAY)
        assert await alerts.hand_on(conn, alert_id, cadre, chief, SPRING + 2 * DAY)
        assert await alerts.unseen(conn, chief) == {alert_id}
        assert await alerts.open_of_person(conn, cadre) == []
        await alerts.close(conn, alert_id)
        assert await alerts.unseen(conn, chief) == frozenset()


async def test_what_waits_for_a_reminder_is_found_by_its_own_index(
    database: Database, county: County
) -> None:
    """Nobody reads through everything that is planned to find what is due this morning."""
    async with database.transaction() as conn:
        many = [visit(home, month) for home in county.households for month in range(3, 12)]
        far = [replace(duty, due=duty.due.replace(year=2020 + n)) for duty in many for n in range(40)]
        await duties.plan(conn, far)
        await conn.execute(
            update(rows).where(rows.c.due > date(2020, 3, 1)).values(remind_at=SPRING + 99 * DAY)
        )
        if not database.is_sqlite:
            await conn.execute(text("ANALYZE duties"))
        for statement in (due_reminders._DUE, due_reminders._SHARED, due_reminders._WAITING):
            words = explained(conn.dialect, statement)
            shown = await conn.execute(text(f"EXPLAIN {'QUERY PLAN ' if database.is_sqlite else ''}{words}"))
            assert "ix_duties_remind_at" in str(list(shown)), words


def explained(dialect: Any, statement: Any) -> str:
    """The statement with its values written out, as both databases read it."""
    if statement is due_reminders._DUE:
        statement = statement.limit(10)
    bound = statement.params(now=SPRING)
    return str(bound.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


async def test_a_region_owes_what_its_posts_have_to_do_and_a_household_never_sees_it(
    database: Database, county: County
) -> None:
    village = county.villages[0].id

    def report(day: int) -> NewDuty:
        due = date(2020, 5, day)
        return NewDuty(
            None, "report:F-14", due, "yb:F-14", due, SPRING, {"text": "t"}, region_id=village, role="village"
        )

    async with database.transaction() as conn:
        assert await duties.plan(conn, [report(8), report(9), visit(county.households[0], 5)]) == 3
        assert await duties.plan(conn, [report(8)]) == 0
        assert [d.due.day for d in await duties.open_in_regions(conn, [village])] == [8, 9]
        assert [d.kind for d in await duties.open_of_household(conn, county.households[0])] == ["visit"]
        assert len(await duties.open_of_region(conn, county.county.id)) == 3
        assert [d.due.day for d in await due_reminders.shared_to_remind(conn, SPRING)] == [8, 9]
        about = Subject("region", village)
        assert await duties.complete(conn, about, "rep", date(2020, 5, 9), None) is None
        done = await duties.complete(conn, about, "report", date(2020, 5, 9), None)
        assert done is not None
        assert (done.due.day, done.state, done.subject) == (8, "done_late", about)
        noted = await duties.note(conn, done, note="报了")
        assert noted.text == {"text": "t", "note": "报了"}
        assert [d.due.day for d in await duties.open_of_regions(conn)] == [9]


async def test_each_stage_is_told_of_once_and_late_ones_are_found_below_a_region(
    database: Database, county: County
) -> None:
    home, cadre = county.households[0], county.cadre.id
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(home, 4, person_id=cadre)])
        assert await due_reminders.people_to_remind(conn, SPRING) == [cadre]
        (own,) = await due_reminders.to_remind_of(conn, [cadre], SPRING)
        assert await due_reminders.shared_to_remind(conn, SPRING) == []
        await due_reminders.advance(conn, [Advance(own.id, 2, SPRING + 3 * DAY)])
        assert await due_reminders.people_to_remind(conn, SPRING + 3 * DAY) == []
        (late,) = await due_reminders.shared_to_remind(conn, SPRING + 3 * DAY)
        assert (late.stage, late.state) == (2, "reminded")
        assert await duties.late_in_region(conn, county.county.id, date(2020, 12, 1)) == []
        await due_reminders.advance(conn, [Advance(own.id, 3, None)])
        assert await due_reminders.shared_to_remind(conn, SPRING + 99 * DAY) == []
        assert [d.id for d in await duties.late_in_region(conn, county.county.id, date(2020, 12, 1))] == [
            own.id
        ]
        assert await duties.late_in_region(conn, county.county.id, date(2020, 4, 1)) == []
        assert await duties.late_in_region(conn, county.villages[1].id, date(2020, 12, 1)) == []


async def test_a_waived_duty_is_neither_open_nor_planned_again(database: Database, county: County) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(home, 4)])
        (april,) = await duties.open_of_household(conn, home)
        await duties.waive(conn, april.id)
        assert await duties.open_of_household(conn, home) == []
        assert await duties.plan(conn, [visit(home, 4)]) == 0
        known = await duties.get(conn, april.id)
        assert known is not None
        assert known.state == "waived"
        assert await duties.complete_one(conn, april.id, date(2020, 4, 1)) is None


async def test_a_postponement_holds_until_it_is_refused_and_is_decided_once(
    database: Database, county: County
) -> None:
    home, cadre, chief = county.households[0], county.cadre.id, county.chief.id
    async with database.transaction() as conn:
        await duties.plan(conn, [visit(home, 4)])
        (april,) = await duties.open_of_household(conn, home)
        assert await postponements.latest(conn, april.id) is None
        until = date(2020, 5, 7)
        wish = await postponements.add(conn, NewPostponement(april.id, cadre, until, "下雪封路", SPRING))
        assert wish.state == "put_off"
        assert await postponements.put_off_until(conn, [april.id]) == {april.id: until}
        assert await postponements.decide(conn, wish.id, "refused", chief, SPRING + DAY)
        assert not await postponements.decide(conn, wish.id, "agreed", chief, SPRING + DAY)
        assert await postponements.put_off_until(conn, [april.id]) == {}
        last = await postponements.add(conn, NewPostponement(april.id, cadre, None, "已迁出", SPRING))
        assert last.state == "asked"
        assert await postponements.latest(conn, april.id) == last
        assert [each.state for each in await postponements.of_duty(conn, april.id)] == ["refused", "asked"]


async def test_an_alert_of_the_night_waits_and_is_announced_once(database: Database, county: County) -> None:
    home, cadre, chief = county.households[0], county.cadre.id, county.chief.id
    async with database.transaction() as conn:
        for subject in ("water", "income"):
            alert_id = await alerts.raise_(conn, NewAlert(home, "AL-02", "yellow", subject, {}, SPRING))
            assert alert_id is not None
            await alerts.send(conn, alert_id, [cadre, chief], SPRING, state="waiting")
        assert await alerts.unseen(conn, cadre) == {alert_id - 1, alert_id}
        assert await alerts.see(conn, alert_id, chief, SPRING)
        assert await alerts.announce(conn, SPRING + DAY) == {cadre: 2, chief: 1}
        assert await alerts.announce(conn, SPRING + DAY) == {}
