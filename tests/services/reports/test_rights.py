"""Who may have which report: one rule for chats, printing and the page; what files are called."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.services.printing import NotAllowed, Progress, printed
from bot.services.reports.analysis_board import Board
from bot.services.reports.making import ask_for
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import NotOfOne, Report
from bot.storage import assignments, people, regions, visibility
from bot.storage.orders import Order
from bot.storage.people import Account, Role
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import NOW, Little

MARCH = date(2020, 3, 20)
(OF_ONE,) = (report for report in REPORTS.values() if report.of_one)
SINCE = NOW - timedelta(days=30)
HELD: tuple[tuple[Role, str], ...] = (
    *(("county", "样县"), ("township", "甲镇"), ("village", "南村"), ("cadre", "东村"), ("admin", "样县")),
)
OVERSEEN = {
    "county": {"样县", "甲镇", "乙镇", "东村", "西村", "南村", "空村"},
    "township": {"甲镇", "东村", "西村"},
    "village": {"南村"},
}


@pytest.fixture
async def here(database: Any) -> Little:  # noqa: F811
    """A county with secret colours, and a household in two of its villages."""
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲红", (MARCH, "red"), kept=False)
    await here.home("西村", "乙黄", (MARCH, "yellow"), kept=False)
    return here


async def somebody(here: Little, role: Role, place: str) -> int:
    """Somebody who holds the role there, behind an address that is called like it."""
    async with here.database.transaction() as conn:
        person = await people.add(conn, name="周助")
        region_id = here.places[place].id
        await people.appoint(conn, person_id=person.id, role=role, region_id=region_id, since=SINCE)
        await people.bind(conn, Account("web", role, person.id))
    return person.id


async def seen_by(here: Little, person_id: int, now: datetime = NOW) -> dict[str, set[str]]:
    """The places that a person oversees: asked one by one, and all under those of the appointment."""
    async with here.database.reading() as conn:
        asked = {
            name
            for name, place in here.places.items()
            if await visibility.overseen(conn, person_id, place.id, now) == place
        }
        tops = await visibility.appointed(conn, person_id, now)
        under = {each.name for top in tops for each in await regions.subtree(conn, top.id)}
    return {"asked": asked, "under": under}


@pytest.mark.parametrize(("role", "place"), HELD)
async def test_chat_printing_and_page_ask_one_rule(here: Little, role: Role, place: str) -> None:
    person = await somebody(here, role, place)
    wanted = OVERSEEN.get(role, set())
    assert await seen_by(here, person) == {"asked": wanted, "under": wanted}
    board = Board(here.database, "", here.office, lambda: NOW, channel="web")
    viewer = await board.viewer(role)
    assert viewer is not None
    assert {each.name for each in viewer.places} == wanted
    assert await seen_by(here, person, SINCE - timedelta(days=1)) == {"asked": set(), "under": set()}
    async with here.database.transaction() as conn:
        await people.set_status(conn, person, "suspended")
    assert await seen_by(here, person) == {"asked": set(), "under": set()}
    assert await board.viewer(role) is None


def order_of(person: int, report: Report, region: int, household: int | None) -> Order:
    wanted = {"report": report.id, "region": region, "first": "2020-01-01", "last": "2020-06-15"}
    own = {} if household is None else {"household": household}
    return Order(1, person, "web", "cadre", {**wanted, **own}, "waiting", 0, NOW, None)


async def test_a_cadre_has_the_household_that_they_see_and_nothing_of_the_village(here: Little) -> None:
    person, village = await somebody(here, "cadre", "东村"), here.places["东村"].id
    async with here.database.transaction() as conn:
        await assignments.assign(conn, here.homes["甲红"], person, SINCE)
    async with here.database.reading() as conn:
        [paper] = await printed(
            conn, here.office, order_of(person, OF_ONE, village, here.homes["甲红"]), NOW, Progress()
        )
        assert "甲红" not in paper.name
        for region, household in ((village, None), (village, here.homes["乙黄"]), (village, 99)):
            with pytest.raises(NotAllowed):
                await printed(conn, here.office, order_of(person, OF_ONE, region, household), NOW, Progress())
        for report in REPORTS.values():
            if not report.of_one:
                order = order_of(person, report, village, here.homes["甲红"])
                with pytest.raises(NotOfOne):
                    await printed(conn, here.office, order, NOW, Progress())


def test_only_what_is_about_one_household_is_made_of_one(here: Little) -> None:
    for report in REPORTS.values():
        if not report.of_one:
            with pytest.raises(NotOfOne):
                ask_for(here.office, report, here.places["东村"], NOW, household=here.homes["甲红"])


async def test_a_file_has_a_name_that_every_system_takes(here: Little) -> None:
    async with here.database.transaction() as conn:
        odd = await regions.add(conn, name='乙/丙\\:*?"<>|\n镇', level="town", parent=here.places["样县"])
    person = await somebody(here, "county", "样县")
    async with here.database.reading() as conn:
        [paper] = await printed(
            conn, here.office, order_of(person, REPORTS["O-14"], odd.id, None), NOW, Progress()
        )
    assert paper.name.startswith("O-14-")
    assert not set('/\\:*?"<>|\n') & set(paper.name)
