"""The ledger of problems: what is on record, once, and who finds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage import assignments, people, problems
from bot.storage.database import Database
from bot.storage.people import Role
from bot.storage.problems import LedgerProblem, NewProblem
from bot.storage.subjects import Subject
from tests.storage.conftest import SPRING, County

DAY = timedelta(days=1)


def at_home(home: int, sub_problem: str = "6.1", **more: Any) -> NewProblem:
    """A confirmed problem of a household, unless told otherwise."""
    given: dict[str, Any] = {"source": 1, "status": "confirmed", "recorded_at": SPRING} | more
    return NewProblem(home, None, sub_problem, **given)


def in_region(region: int, sub_problem: str = "7.6", **more: Any) -> NewProblem:
    given: dict[str, Any] = {"source": 2, "status": "confirmed", "recorded_at": SPRING} | more
    return NewProblem(None, region, sub_problem, **given)


async def test_a_problem_is_read_as_it_was_written(database: Database, county: County) -> None:
    home = county.households[0]
    new = at_home(
        home,
        persons=("王小妹", "王小弟"),
        description="两个孩子都没上学",
        reason="",
        grounds={"in_school": [2, 2], "school_age_child_count": 2},
        handling={"stage": 2, "measure": "劝返", "money": 1200.5},
        deadline=date(2020, 6, 30),
        person_id=county.cadre.id,
    )
    async with database.transaction() as conn:
        problem_id = await problems.add(conn, new)
        assert problem_id is not None
        found = await problems.get(conn, problem_id)
        assert await problems.get(conn, 4711) is None
    assert found == LedgerProblem(
        id=problem_id,
        household_id=home,
        region_id=None,
        sub_problem="6.1",
        source=1,
        status="confirmed",
        recorded_at=SPRING,
        changed_at=SPRING,
        description="两个孩子都没上学",
        persons=["王小妹", "王小弟"],
        reason="",
        grounds={"in_school": [2, 2], "school_age_child_count": 2},
        handling={"stage": 2, "measure": "劝返", "money": 1200.5},
        deadline=date(2020, 6, 30),
        interview_id=None,
        person_id=county.cadre.id,
    )
    assert found.is_open
    assert found.subject == Subject("household", home)


async def test_a_problem_that_is_open_is_not_put_on_record_twice(database: Database, county: County) -> None:
    home, other = county.households[:2]
    village = county.villages[0].id
    async with database.transaction() as conn:
        first = await problems.add(conn, at_home(home, status="candidate"))
        assert first is not None
        assert await problems.add(conn, at_home(home)) is None
        assert await problems.add(conn, at_home(home, source=2, description="又说了一遍")) is None
        assert await problems.add(conn, at_home(home, "6.2")) is not None
        assert await problems.add(conn, at_home(other)) is not None
        assert await problems.add(conn, in_region(village)) is not None
        assert await problems.add(conn, in_region(village)) is None
        assert await problems.add(conn, in_region(county.villages[1].id)) is not None
        assert [each.sub_problem for each in await problems.of_subject(conn, Subject("household", home))] == [
            "6.1",
            "6.2",
        ]


async def test_a_household_and_a_region_of_the_same_number_have_ledgers_of_their_own(
    database: Database, county: County
) -> None:
    number = county.households[0]  # a region has this number as well
    assert number in {county.county.id, *(region.id for region in (*county.towns, *county.villages))}
    async with database.transaction() as conn:
        assert await problems.add(conn, at_home(number, "18.4")) is not None
        assert await problems.add(conn, in_region(number, "18.4")) is not None
        for kind in ("household", "region"):
            found = await problems.of_subject(conn, Subject(kind, number))
            assert [each.subject for each in found] == [Subject(kind, number)]


async def test_a_problem_is_of_a_household_or_of_a_region_and_never_of_both_or_none(
    database: Database, county: County
) -> None:
    for home, region in ((None, None), (county.households[0], county.villages[0].id)):
        new = replace(at_home(county.households[0]), household_id=home, region_id=region)
        with pytest.raises(IntegrityError):
            async with database.transaction() as conn:
                await problems.add(conn, new)


async def test_a_problem_that_was_closed_may_come_again(database: Database, county: County) -> None:
    home = county.households[0]
    async with database.transaction() as conn:
        first = await problems.add(conn, at_home(home, person_id=county.cadre.id))
        assert first is not None
        found = await problems.get(conn, first)
        assert found is not None
        closed = replace(
            found, status="closed", handling={"stage": 6}, changed_at=SPRING + DAY, person_id=county.chief.id
        )
        await problems.change(conn, closed)
        assert await problems.get(conn, first) == closed
        assert not closed.is_open
        assert (await problems.decided(conn, Subject("household", home)))["6.1"] == closed
        again = await problems.add(conn, at_home(home, recorded_at=SPRING + 2 * DAY))
        assert again not in (None, first)
        assert (await problems.decided(conn, Subject("household", home)))["6.1"].id == again


async def test_what_was_dismissed_on_the_same_answers_is_said_once(
    database: Database, county: County
) -> None:
    home = county.households[0]
    subject = Subject("household", home)
    forty = {"water_shortage_days": 40}
    no = at_home(home, "8.4", status="dismissed", reason="水管冻了，已经修好", grounds=forty)
    async with database.transaction() as conn:
        first = await problems.add(conn, no)
        assert first is not None
        assert await problems.add(conn, replace(no, recorded_at=SPRING + DAY)) is None
        said = (await problems.decided(conn, subject))["8.4"]
        assert (said.id, said.status, said.reason, said.grounds) == (first, "dismissed", no.reason, forty)
        # On other answers it is another decision, and the latest one counts.
        sixty = {"water_shortage_days": 60}
        assert await problems.add(conn, replace(no, grounds=sixty, recorded_at=SPRING + DAY)) is not None
        assert (await problems.decided(conn, subject))["8.4"].grounds == sixty
        # What is open outweighs what was dismissed later on.
        confirmed = await problems.add(conn, at_home(home, "8.4", grounds=sixty))
        assert (await problems.decided(conn, subject))["8.4"].id == confirmed
        assert await problems.decided(conn, Subject("household", county.households[1])) == {}


async def test_open_problems_are_found_by_deadline_by_those_whose_place_it_is(
    database: Database, county: County
) -> None:
    home, _, unassigned, far = county.households
    async with database.transaction() as conn:
        clerk = await people.add(conn, name="新人")
        await people.appoint(
            conn, person_id=clerk.id, role="county", region_id=county.county.id, since=SPRING
        )
        for new in (
            at_home(home, "6.1", deadline=date(2020, 9, 30)),
            at_home(home, "6.2"),
            at_home(home, "6.3", status="dismissed"),
            at_home(unassigned, "8.4", deadline=date(2020, 6, 30)),
            at_home(far, "4.2", deadline=date(2020, 6, 30), recorded_at=SPRING - DAY),
            in_region(county.villages[0].id, "7.6", recorded_at=SPRING + DAY),
            in_region(county.towns[0].id, "1.3", recorded_at=SPRING + DAY),
            in_region(county.towns[1].id, "1.4", recorded_at=SPRING + DAY),
        ):
            assert await problems.add(conn, new) is not None

    async def found(person_id: int, most: int = 100) -> list[str]:
        async with database.reading() as conn:
            return [each.sub_problem for each in await problems.near(conn, person_id, SPRING, most)]

    assert await found(clerk.id) == ["4.2", "8.4", "6.1", "6.2", "7.6", "1.3", "1.4"]
    assert await found(clerk.id, 2) == ["4.2", "8.4"]
    assert await found(county.chief.id) == ["8.4", "6.1", "6.2", "7.6", "1.3"]
    assert await found(county.cadre.id) == ["8.4", "6.1", "6.2", "7.6"]


async def test_a_household_assigned_from_elsewhere_belongs_to_the_persons_place(
    database: Database, county: County
) -> None:
    far = county.households[3]
    async with database.transaction() as conn:
        await problems.add(conn, at_home(far))
        assert await problems.near(conn, county.cadre.id, SPRING, 9) == []
        await assignments.assign(conn, far, county.cadre.id, SPRING)
        assert len(await problems.near(conn, county.cadre.id, SPRING, 9)) == 1


@pytest.mark.parametrize("role", ["cadre", "village", "township", "county"])
async def test_nothing_is_found_before_an_appointment(database: Database, county: County, role: Role) -> None:
    async with database.transaction() as conn:
        await problems.add(conn, at_home(county.households[0]))
        person = await people.add(conn, name="新人")
        await people.appoint(
            conn, person_id=person.id, role=role, region_id=county.county.id, since=SPRING + DAY
        )
        assert await problems.near(conn, person.id, SPRING, 9) == []
        assert len(await problems.near(conn, person.id, SPRING + DAY, 9)) == 1
