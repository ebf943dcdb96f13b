"""Attachment 7 and the ledger behind it: what is listed, where, under which number, and how far it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.making import ask_for, make
from bot.services.reports.problem_lists import REPORTS, parts_of
from bot.storage import problems
from bot.storage.database import Database
from bot.storage.problems import NewProblem
from tests.county import fill
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import NOW, Little, Opened, noon
from tests.services.village import loaded

LIST, LEDGER = REPORTS
SIX = ["序号", "问题类别", "具体问题及案例", "所在乡镇", "所在村", "所在户"]
MARCH = date(2020, 3, 20)


async def of_region(here: Little, region: str, sub: str, on: date, text: str, **more: Any) -> None:
    """A problem of a village, a township or the county."""
    new = NewProblem(None, here.places[region].id, sub, 2, "confirmed", noon(on), text, **more)
    async with here.database.transaction() as conn:
        assert await problems.add(conn, new) is not None


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """Problems at every level, and such as must not be listed."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "梅大山", status=1)
    await here.home("西村", "石小溪")
    await here.home("南村", "竹有林")
    await here.problem(
        "梅大山",
        "8.1",
        MARCH,
        deadline=date(2020, 6, 10),
        description="水池漏了\n冬天常停水",
        handling={
            "problem_stage": 4,
            "mending_measure": "换水池",
            "mending_unit": "水利局",
            "mending_person": "方助",
            "problem_money": 1200,
        },
    )
    await of_region(here, "东村", "3.1", date(2020, 3, 21), "村里的队长常不在")
    await of_region(here, "甲镇", "1.1", date(2020, 3, 22), "没有开会")
    await here.problem(
        "石小溪", "6.1", date(2020, 3, 23), persons=("石一", "石二"), deadline=date(2020, 6, 30)
    )
    await here.problem(
        "石小溪",
        "7.1",
        date(2020, 3, 24),
        closed=date(2020, 5, 6),
        deadline=date(2020, 6, 30),
        handling={
            "problem_stage": 6,
            "mending_result": "补办了，号码110101199003070037",
            "struck_off_by": "周主任",
            "people_satisfied": 1,
        },
    )
    await of_region(here, "样县", "2", date(2020, 3, 25), "部门没有研究")
    await here.problem("竹有林", "9.1", date(2020, 3, 26))
    return here


async def unlisted(here: Little) -> None:
    """A candidate, a dismissed one, one struck off the year before, and one of tomorrow."""
    home = here.homes["竹有林"]
    async with here.database.transaction() as conn:
        for sub, status, on in (
            ("10.1", "candidate", MARCH),
            ("11.1", "dismissed", MARCH),
            ("12.1", "closed", date(2019, 9, 1)),
            ("13.1", "confirmed", date(2020, 6, 16)),
        ):
            new = NewProblem(home, None, sub, 1, status, noon(on))  # type: ignore[arg-type]
            assert await problems.add(conn, new) is not None


def cells(opened: Opened, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row[head] for head in SIX) for row in opened.rows(name, "序号")]


async def test_attachment_seven_numbers_by_township_and_leaves_what_has_no_place_blank(here: Little) -> None:
    await unlisted(here)
    opened = await here.opened(LIST, "样县")
    assert opened.names == ["县级", "甲镇", "乙镇"]
    names = loaded().ledger.names
    kinds = [category.name for category in loaded().ledger.categories]
    assert cells(opened, "县级") == [(1, kinds[1], "部门没有研究", None, None, None)]
    assert cells(opened, "甲镇") == [
        (1, kinds[7], f"{names['8.1']}：水池漏了；冬天常停水", "甲镇", "东村", "梅大山"),
        (2, kinds[2], f"{names['3.1']}：村里的队长常不在", "甲镇", "东村", None),
        (3, kinds[0], f"{names['1.1']}：没有开会", "甲镇", None, None),
        (4, kinds[5], f"{names['6.1']}（涉及：石一、石二）", "甲镇", "西村", "石小溪"),
        (5, kinds[6], names["7.1"], "甲镇", "西村", "石小溪"),
    ]
    assert [row[:2] for row in cells(opened, "乙镇")] == [(1, kinds[8])]
    heads = list(opened.rows("甲镇", "序号")[0])
    assert heads == SIX


async def test_a_town_has_the_sheet_that_the_county_has_of_it_and_a_village_its_part(here: Little) -> None:
    county, town = await here.opened(LIST, "样县"), await here.opened(LIST, "甲镇")
    assert town.names == ["甲镇"]
    assert cells(town, "甲镇") == cells(county, "甲镇")
    west = await here.opened(LIST, "西村")
    assert [row[0] for row in cells(west, "甲镇")] == [1, 2]
    assert [row[1:] for row in cells(west, "甲镇")] == [row[1:] for row in cells(town, "甲镇")[3:]]
    assert "甲镇西村" in west.words()


async def test_where_nothing_is_on_record_the_list_says_so(here: Little) -> None:
    opened = await here.opened(LIST, "空村")
    assert "到这一天，还没有确认的问题。" in opened.words()


async def test_the_ledger_says_how_far_each_is_and_marks_the_late_in_words(here: Little) -> None:
    opened = await here.opened(LEDGER, "甲镇")
    first, second, _, fourth, fifth = opened.rows("甲镇", "序号")
    assert (first["整改措施"], first["整改单位"], first["责任人"]) == ("换水池", "水利局", "方助")
    assert (first["状态"], first["逾期"], first["涉及资金（元）"]) == ("整改中", "逾期5天", 1200)
    assert first["整改期限"] == datetime(2020, 6, 10)
    assert first["来源"] == "问卷发现"
    assert (second["来源"], second["状态"], second["整改单位"]) == ("排查发现", "已发现", None)
    assert (fourth["逾期"], fourth["状态"]) == (None, "已发现")
    assert (fifth["状态"], fifth["销号日期"], fifth["销号人"]) == ("已销号", datetime(2020, 5, 6), "周主任")
    assert (fifth["群众是否满意"], fifth["逾期"]) == ("是", None)
    assert "110101199003070037" not in opened.words()
    assert "共5件：已销号1件，未销号4件，其中逾期1件。" in opened.words()


async def test_the_ledger_of_an_earlier_day_knows_nothing_of_what_came_later(here: Little) -> None:
    before = Period(date(2020, 1, 1), date(2020, 4, 30))
    opened = await here.opened(LEDGER, "甲镇", period=before)
    first, *_, fifth = opened.rows("甲镇", "序号")
    assert first["逾期"] is None
    assert (fifth["状态"], fifth["销号日期"], fifth["整改结果"]) == ("未销号", None, None)
    assert "共5件：已销号0件，未销号5件，其中逾期0件。" in opened.words()
    page = opened.made["甲镇"]
    assert sum(cell.comment is not None for line in page.iter_rows() for cell in line) == 1


async def test_what_was_struck_off_before_the_period_is_over(here: Little) -> None:
    summer = Period(date(2020, 6, 1), date(2020, 6, 30))
    opened = await here.opened(LEDGER, "甲镇", period=summer)
    assert len(opened.rows("甲镇", "序号")) == 4


async def test_the_deadline_day_itself_is_not_late(here: Little) -> None:
    on = datetime(2020, 6, 10, 15, 59, tzinfo=UTC)  # a minute before midnight in the county
    ask = here.ask(LEDGER, "甲镇", now=on)
    async with here.database.reading() as conn:
        opened = Opened(write(await make(conn, LEDGER, ask)))
    assert opened.rows("甲镇", "序号")[0]["逾期"] is None


async def test_the_lists_of_a_county_hold_every_confirmed_problem_once(database: Database) -> None:  # noqa: F811
    content = loaded()
    county = await fill(database, scale=0.02, seed=7, content=content)
    office = Office(content, ZoneInfo("Asia/Shanghai"), folder=None)
    now = datetime(2020, 7, 1, 2, 0, tzinfo=UTC)
    wanted: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        for problem in home.problems:
            if problem.status in ("confirmed", "closed") and problem.recorded_at < now:
                wanted[home.town.name, problem.sub_problem] += 1
    for place in county.places():
        for problem in place.history.problems:
            if problem.status in ("confirmed", "closed") and problem.recorded_at < now:
                above = [
                    town.region for town in county.towns if place.region.path.startswith(town.region.path)
                ]
                wanted[above[0].name if above else "县级", problem.sub_problem] += 1
    assert wanted
    async with database.reading() as conn:
        parts = await parts_of(conn, ask_for(office, LIST, county.place.region, now))
        for town in county.towns:
            (own,) = await parts_of(conn, ask_for(office, LIST, town.region, now))
            (same,) = [part for part in parts if part.name == town.region.name]
            assert [each.problem.id for each in own.problems] == [each.problem.id for each in same.problems]
            villages = [v.region for v in county.villages if v.region.parent_id == town.region.id]
            under = [
                each.problem.id
                for village in villages
                for part in await parts_of(conn, ask_for(office, LIST, village, now))
                for each in part.problems
            ]
            assert set(under) <= {each.problem.id for each in own.problems}
            beside = [each for each in own.problems if each.village]
            assert len(under) == len(beside)
    found = Counter((part.name, each.problem.sub_problem) for part in parts for each in part.problems)
    assert found == wanted
    for part in parts:
        assert [each.number for each in part.problems] == list(range(1, len(part.problems) + 1))


async def test_a_dismissed_one_that_is_closed_again_stays_as_it_stands(here: Little) -> None:
    """Only the words of the last step count: the ledger keeps no others."""
    async with here.database.transaction() as conn:
        known = await problems.of_subject(conn, problems.subject_of(here.homes["竹有林"], None))
        await problems.change(conn, replace(known[0], status="dismissed", changed_at=NOW))
    opened = await here.opened(LIST, "乙镇")
    assert "到这一天，还没有确认的问题。" in opened.words()
