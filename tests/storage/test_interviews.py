"""Interviews, the log of answers, facts, verdicts, plans and papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage import answer_log, facts, files, interviews, plans, verdicts
from bot.storage.answer_log import Change
from bot.storage.columns import ABSENT
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.files import NewFile
from bot.storage.interviews import Interview, NewInterview
from bot.storage.plans import NewPlan
from bot.storage.verdicts import Verdict
from tests.storage.conftest import SPRING, County

HOUR = timedelta(hours=1)
APRIL, MAY, JUNE = date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1)


@pytest.fixture
async def interview(database: Database, county: County) -> Interview:
    new = NewInterview(county.households[0], "jd", 1, county.cadre.id, {"answers": {}}, SPRING)
    async with database.transaction() as conn:
        return await interviews.start(conn, new)


async def test_many_interviews_are_loaded_and_saved_together(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        begun = [
            await interviews.start(conn, NewInterview(home, "jd", 1, county.cadre.id, {}, SPRING))
            for home in county.households[:3]
        ]
        changed = [
            replace(item, revision=number, session={"answers": {"4": number}}, updated_at=SPRING + HOUR)
            for number, item in enumerate(begun, 1)
        ]
        changed[0] = replace(changed[0], state="submitted", submitted_at=SPRING + HOUR)
        await interviews.save(conn, changed)
        await interviews.save(conn, [])
        loaded = await interviews.load(conn, [item.id for item in reversed(begun)], to_change=True)
        assert loaded == {item.id: item for item in changed}
        assert await interviews.load(conn, []) == {}
        assert [item.id for item in await interviews.open_of(conn, county.cadre.id)] == [
            begun[2].id,
            begun[1].id,
        ]
        assert await interviews.of_household(conn, county.households[0]) == [changed[0]]


async def test_the_log_keeps_every_change_in_order_and_tells_unanswered_from_unknown(
    database: Database, interview: Interview
) -> None:
    def change(before: Any, after: Any) -> Change:
        return Change(interview.id, "4-1.a#1", before, after, SPRING, interview.person_id, 77)

    steps = [ABSENT, 1, None, [1, 2], "是", ABSENT]
    async with database.transaction() as conn:
        await answer_log.append(conn, [change(*pair) for pair in pairwise(steps[:4])])
        await answer_log.append(conn, [change(*pair) for pair in pairwise(steps[3:])])
        await answer_log.append(conn, [])
    async with database.reading() as conn:
        entries = await answer_log.history(conn, interview.id)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [(entry.before, entry.after) for entry in entries] == list(pairwise(steps))
    assert entries[0].before is ABSENT
    assert entries[1].after is None
    assert {(entry.key, entry.at, entry.update_id) for entry in entries} == {("4-1.a#1", SPRING, 77)}


def known(home: int, value: Any, day: date, at: datetime = SPRING, **more: Any) -> Fact:
    return Fact(home, more.pop("name", "income"), value, day, "jd", at, **more)


async def test_the_latest_value_of_a_fact_counts_and_the_earlier_ones_are_kept(
    database: Database, county: County
) -> None:
    home, other = county.households[:2]
    async with database.transaction() as conn:
        await facts.record(conn, [known(home, 4000.5, APRIL), known(other, 1, APRIL)])
        await facts.record(conn, [known(home, None, MAY, SPRING + HOUR)])
        await facts.record(conn, [])
        current = await facts.current(conn, [home, other])
        history = await facts.history(conn, home, "income")
    assert [(fact.value, fact.as_of) for fact in current[home]] == [(None, MAY)]
    assert [fact.value for fact in current[other]] == [1]
    assert [(fact.value, fact.superseded_at) for fact in history] == [(4000.5, SPRING + HOUR), (None, None)]


async def test_a_fact_that_arrives_late_from_an_earlier_visit_does_not_replace_a_newer_one(
    database: Database, county: County
) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        await facts.record(conn, [known(home, "new", JUNE)])
        await facts.record(conn, [known(home, "late", MAY, SPRING + HOUR)])
        assert [fact.value for fact in (await facts.current(conn, [home]))[home]] == ["new"]
        assert [fact.value for fact in await facts.history(conn, home, "income")] == ["late", "new"]


async def test_rows_and_periods_of_a_fact_stand_side_by_side(database: Database, county: County) -> None:
    home = county.households[0]
    rows = [
        known(home, [{"name": "小明"}], APRIL, name="child"),
        known(home, 1, APRIL, row=1),
        known(home, 2, APRIL, row=2),
        known(home, 3, APRIL, period="2019-10/2020-09"),
    ]
    async with database.transaction() as conn:
        await facts.record(conn, rows)
        assert (await facts.current(conn, [home]))[home] == [rows[0], rows[3], rows[1], rows[2]]


def verdict(home: int, on: date, colour: str, **more: Any) -> Verdict:
    return Verdict(
        home,
        "hr",
        on,
        colour,
        f"row.{colour}",
        ["10"],
        [],
        {"a": None},
        {"n": 1.5},
        {"p": 4000},
        "1",
        None,
        SPRING,
    )


async def test_the_verdict_for_the_latest_day_counts_and_of_one_day_the_last_decided(
    database: Database, county: County
) -> None:
    home, other = county.households[:2]
    async with database.transaction() as conn:
        await verdicts.add(conn, [verdict(home, MAY, "red"), verdict(other, MAY, "green")])
        await verdicts.add(conn, [verdict(home, MAY, "yellow"), verdict(home, APRIL, "blue")])
        latest = await verdicts.latest(conn, [*county.households], "hr")
        assert {key: item.verdict for key, item in latest.items()} == {home: "yellow", other: "green"}
        assert latest[other] == verdict(other, MAY, "green")
        assert await verdicts.latest(conn, [home], "yb") == {}
        history = await verdicts.history(conn, home, "hr")
    assert [item.verdict for item in history] == ["blue", "red", "yellow"]


async def test_plans_are_numbered_within_their_household(
    database: Database, county: County, interview: Interview
) -> None:
    home, other = county.households[:2]
    async with database.transaction() as conn:
        numbers = [
            await plans.add(conn, NewPlan(home, {"card": "red"}, "一", SPRING)),
            await plans.add(conn, NewPlan(other, {}, "二", SPRING)),
            await plans.add(conn, NewPlan(home, {}, "三", SPRING, interview.id, "plan-2.docx")),
        ]
        assert numbers == [1, 1, 2]
        latest = await plans.latest(conn, county.households)
        assert {key: plan.summary for key, plan in latest.items()} == {home: "三", other: "二"}
        history = await plans.history(conn, home)
    assert [(plan.version, plan.document_name) for plan in history] == [(1, None), (2, "plan-2.docx")]
    assert history[0].snapshot == {"card": "red"}


async def test_a_paper_is_kept_byte_for_byte_and_replaced_by_its_name(
    database: Database, county: County
) -> None:
    home, other = county.households[:2]
    content = bytes(range(256)) * 400

    def paper(household: int, inside: bytes) -> NewFile:
        return NewFile(household, "plan-1.docx", "application/msword", inside, SPRING)

    async with database.transaction() as conn:
        first = await files.put(conn, paper(home, b"draft"))
        assert await files.put(conn, paper(home, content)) == first
        assert await files.put(conn, paper(other, b"")) != first
    async with database.reading() as conn:
        kept = await files.get(conn, first)
        assert kept is not None
        assert kept.content == content
        assert await files.find(conn, home, "plan-1.docx") == kept
        assert await files.find(conn, home, "plan-2.docx") is None
        assert await files.get(conn, 4711) is None


async def test_nothing_is_written_about_a_household_that_does_not_exist(
    database: Database, county: County
) -> None:
    async def write() -> None:
        async with database.transaction() as conn:
            await verdicts.add(conn, [verdict(4711, MAY, "red")])

    with pytest.raises(IntegrityError):
        await write()
