"""The report on the "look back": coverage, problems and what is open foot, and its attachments are those."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.services.reports import look_back, township
from bot.services.reports.look_back_paper import REPORTS
from bot.services.reports.report import LevelUnfit
from bot.storage.database import Database
from tests.county import County, Home, fill
from tests.services.reports.look_back_case import Little, Written, asked, written
from tests.services.village import loaded

REPORT = REPORTS[0]
WORK, COVERAGE, PROBLEMS, OPEN = "一、组织情况", "二、核查进度", "三、问题和整改", "六、未解决问题"
SHEETS = [WORK, COVERAGE, PROBLEMS, "四、附件1", "五、附件2", OPEN]
LAST = datetime(2020, 6, 15, 16, tzinfo=UTC)


def rows(file: Written, sheet: str, column: int = 0) -> dict[str, list[Any]]:
    """The rows by what stands in a column, blank formulas as None."""
    found = file.under(sheet, column)
    return {key: [None if cell == "" else cell for cell in line] for key, line in found.items()}


async def test_the_attachments_are_those_of_the_other_reports(database: Database) -> None:
    here = await Little.open(database)
    await here.problem(await here.home("东村", 2, form="jd"), "4.1")
    for region in ("甲镇", "样县"):
        file = await written(database, REPORT, here.places[region])
        assert file.shown.sheetnames == SHEETS
        assert file.foots() > 100
        for report, sheet in ((look_back.REPORTS[0], SHEETS[3]), (township.REPORTS[0], SHEETS[4])):
            alone = await written(database, report, here.places[region])
            assert file.lines(sheet) == alone.lines(alone.shown.sheetnames[0])
    with pytest.raises(LevelUnfit):
        asked(REPORT, here.places["东村"])


async def test_due_and_checked_by_the_kinds_of_the_scheme(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 1, form="jd")
    await here.home("东村", 2)
    await here.home("西村", 2, form="jd")
    for kind in (1, 2, 3, 4, 5):
        await here.home("东村", 3, form="nj", nonreg_kind=kind)
    await here.home("东村", 3)
    late = await here.home("西村", 2)
    await here.hand_in("jd", date(2020, 6, 16), household=late)
    east, west, south = (here.places[name].id for name in ("东村", "西村", "南村"))
    await here.say(east, date(2020, 5, 1), kind="region", poor_village=1)
    await here.hand_in("ve", date(2020, 5, 1), region=east)
    await here.say(west, date(2020, 5, 1), kind="region", poor_village=2)
    await here.hand_in("ve", date(2020, 5, 1), region=west)
    town = await written(database, REPORT, here.places["甲镇"])
    town.foots()
    found = rows(town, COVERAGE)
    assert found["东村"][1:] == [1, 1, 0, 1, 0, 1, 1, 1, 0, 4, 4, 0, 1, 0, 1, 8, 6, 2, 0.75, 1, 1, 0]
    assert found["西村"][1:] == [0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1, 0.5, 0, 0, 0]
    assert found["合计"][16:] == [10, 7, 3, 0.7, 1, 1, 0]
    assert "填报贫困村" not in town.words(COVERAGE)
    # Both levels count the villages that are marked as poor; where the township says otherwise, both say so.
    await here.say(here.places["甲镇"].id, date(2020, 5, 1), kind="region", town_poor_villages=2)
    assert south
    found = rows(await written(database, REPORT, here.places["样县"]), COVERAGE)
    assert found["甲镇"][20:] == [1, 1, 0]
    assert found["合计"][20:] == [1, 1, 0]
    assert found["乙镇"][20:] == [None, 0, None]
    assert found["乙镇"][16:20] == [0, 0, 0, None]
    for region in ("甲镇", "样县"):
        words = (await written(database, REPORT, here.places[region])).words(COVERAGE)
        assert "甲镇：乡镇填报贫困村2个，村情登记的是1个，表中按登记的算" in words


async def test_a_township_some_villages_of_which_are_not_marked_foots_too(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, form="jd")
    await here.say(here.places["东村"].id, date(2020, 5, 1), kind="region", poor_village=1)
    await here.say(here.places["甲镇"].id, date(2020, 5, 1), kind="region", town_poor_villages=2)
    town = await written(database, REPORT, here.places["甲镇"])
    county = await written(database, REPORT, here.places["样县"])
    town.foots()
    county.foots()
    assert rows(town, COVERAGE)["西村"][20:] == [None, 0, None]
    assert rows(town, COVERAGE)["合计"][20] == rows(county, COVERAGE)["甲镇"][20] == 1
    assert "还有1个村没有登记是不是贫困村" in county.remarks(COVERAGE).values()
    for file in (town, county):
        assert "村情登记的是1个，还有1个村没有登记，表中按登记的算" in file.words(COVERAGE)


async def test_who_asked_how_and_when(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, form="jd", survey_method=1)
    await here.home("东村", 3, form="nj", survey_method=2)
    await here.home("西村", 2, form="jd")
    await here.home("西村", 2, survey_method=3)
    await here.hand_in("ve", date(2020, 5, 3), region=here.places["西村"].id)
    file = await written(database, REPORT, here.places["甲镇"])
    file.foots()
    found = rows(file, WORK)
    assert found["东村"][1:5] == [1, 1, 1, 0]
    assert found["西村"][1:5] == [1, 1, 0, 1]
    assert [day.date() for day in found["西村"][5:7]] == [date(2020, 4, 10), date(2020, 5, 3)]
    assert found["东村"][7:] == [1, 1, 0, 0, 0]
    # Nobody said how the household in the west was asked; one that was not asked does not count.
    assert found["西村"][7:] == [0, 0, 0, 0, 1]
    # The same cadre worked in both villages.
    assert found["合计"][1:] == [1, 2, 1, 1, None, None, 1, 1, 0, 0, 1]


async def test_problems_by_category_and_level(database: Database) -> None:
    here = await Little.open(database)
    home = await here.home("东村", 2)
    await here.problem(home, "4.1", closed=date(2020, 5, 1))
    await here.problem(home, "4.2", closed=date(2020, 6, 16))
    await here.problem(home, "4.3", status="candidate")
    await here.problem(here.places["东村"].id, "4.10", kind="region")
    await here.problem(here.places["甲镇"].id, "16.1", kind="region", closed=date(2020, 6, 1))
    await here.problem(here.places["样县"].id, "2.1", kind="region")
    file = await written(database, REPORT, here.places["样县"])
    file.foots()
    found = rows(file, PROBLEMS, 1)
    assert len([line for line in file.lines(PROBLEMS)[4:] if line[1]]) == 18
    assert found["农村危房改造政策"][2:] == [2, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 3, 1, 2]
    assert found["各类扶贫开发项目组织实施"][2:] == [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0]
    assert found["行业部门分工责任"][11:14] == [1, 0, 1]
    assert rows(file, PROBLEMS)["合计"][14:] == [5, 2, 3]
    assert "另有1条候选问题" in file.words(PROBLEMS)
    town = await written(database, REPORT, here.places["甲镇"])
    town.foots()
    assert rows(town, PROBLEMS)["合计"][14:] == [4, 2, 2]


async def test_what_is_open_by_stage_and_what_stands_in_the_way(database: Database) -> None:
    here = await Little.open(database)
    home = await here.home("东村", 2)
    file = await written(database, REPORT, here.places["甲镇"])
    assert "已确认的问题都销号了" in file.words(OPEN)
    await here.problem(home, "4.1")
    await here.problem(home, "4.2", closed=date(2020, 6, 16))
    await here.problem(home, "6.1", closed=date(2020, 6, 15))
    file = await written(database, REPORT, here.places["甲镇"])
    file.foots()
    found = rows(file, OPEN)
    # The one that was struck off a day later was open; how far it was then is not on record.
    assert found["农村危房改造政策"][1:10] == [2, 2, 0, 0, 0, 0, 0, 0, 2]
    assert "教育扶贫政策" not in found
    assert found["合计"][1] == 2


# ----------------------------------------------------------------------------------- the invented county


@pytest.fixture
async def county(database: Database) -> County:
    return await fill(database, scale=0.02, content=loaded())


def was_asked(home: Home) -> bool:
    told = [each for each in home.history.submissions if each.state == "submitted"]
    return any(each.form in ("jd", "nj") and each.at < LAST for each in told)


async def test_the_county_counts_what_its_records_hold(database: Database, county: County) -> None:
    file = await written(database, REPORT, county.place.region)
    assert file.foots() > 500
    coverage, problems, still = rows(file, COVERAGE), rows(file, PROBLEMS, 1), rows(file, OPEN)
    for town in county.towns:
        homes = list(county.within(town.region))
        line = coverage[town.region.name]
        assert line[16:18] == [len(homes), sum(map(was_asked, homes))]
        for status, at in ((1, 1), (2, 4)):
            kind = [home for home in homes if home.nature.reg_status == status]
            assert line[at : at + 2] == [len(kind), sum(map(was_asked, kind))]
    assert coverage["合计"][16] == len(county.homes)
    found: Counter[tuple[str, bool]] = Counter()
    everywhere = [each for home in county.homes for each in home.problems]
    everywhere += [each for place in county.places() for each in place.history.problems]
    for each in everywhere:
        if each.recorded_at < LAST and each.status in ("confirmed", "closed"):
            found[each.category, each.status == "closed" and each.changed_at < LAST] += 1
    for category in loaded().ledger.categories:
        solved, left = found[category.id, True], found[category.id, False]
        assert problems[category.name][14:] == [solved + left, solved, left]
        assert (still[category.name][1] if category.name in still else 0) == left
