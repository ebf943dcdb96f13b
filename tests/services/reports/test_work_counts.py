"""The counts of a year's work and the coverage of the roster: due, done and open, and nothing of merit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.rules.calendar import Period
from bot.services.reports.report import RegionEmpty
from bot.services.reports.work_counts import REPORTS
from bot.services.reports.work_points import PointUnclear, points_of
from bot.storage import assignments, duties, people, problems
from bot.storage.database import Database
from bot.storage.problems import NewProblem
from tests.county import Due, Home, fill
from tests.county.following import END
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import Little, Opened, by, content_of, noon, opened_in

COUNTS, COVERAGE = REPORTS
YEAR = Period(date(2020, 1, 1), date(2020, 12, 31))
MARCH = date(2020, 3, 20)


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """Three households, work done, late, undone and called off, problems, and one that changed hands."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "甲一", (MARCH, "red"), status=1)
    await here.home("西村", "乙二", (MARCH, "yellow"))
    await here.home("南村", "丙三", (MARCH, "yellow"))
    await here.due("甲一", "visit", date(2020, 4, 30), done=date(2020, 4, 10))
    await here.due("甲一", "visit", date(2020, 6, 10))
    await here.due("甲一", "contact", date(2020, 5, 15), done=date(2020, 5, 20))
    await here.due("乙二", "monitor", date(2020, 5, 31), done=date(2020, 5, 30))
    await here.due("丙三", "visit", date(2020, 4, 30), off=True)
    await here.due("丙三", "monitor", date(2020, 5, 31))
    await here.due("丙三", "review", date(2020, 6, 30))
    await here.problem("甲一", "8.1", MARCH, deadline=date(2020, 6, 1))
    await here.problem("乙二", "15.1", MARCH, closed=date(2020, 5, 5))
    await here.problem("乙二", "7.1", date(2019, 5, 5), closed=date(2019, 6, 5))
    await here.said(
        "乙二", date(2020, 5, 22), spot_checked=1, spot_checked_on="2020-05-22", spot_check_outcome=2
    )
    async with here.database.transaction() as conn:
        await problems.add(
            conn, NewProblem(None, here.places["样县"].id, "1.5", 1, "confirmed", noon(date(2020, 5, 5)))
        )
        other = await people.add(conn, name="单另", unit="县水利局")
        await assignments.assign(conn, here.homes["丙三"], other.id, noon(date(2020, 5, 1)))
        await duties.hand_over(conn, [here.homes["丙三"]], other.id)
    return here


def figures(row: Mapping[str, Any], *names: str) -> list[Any]:
    """Some cells of a row."""
    return [row[name] for name in names]


async def test_every_point_of_the_catalogue_is_there_and_the_unknown_says_why(here: Little) -> None:
    rows = (await here.opened(COUNTS, "样县", period=YEAR)).rows("考核点", "考核点")
    numbers = [row["编号"] for row in rows]
    assert list(dict.fromkeys(numbers)) == [f"K-{number:02}" for number in range(1, 16)]
    said = {row["考核点"]: row for row in rows}
    assert said["上户"]["来源"] == "分类帮扶方案五（一）"
    assert all(row["来源"] and not re.search(r"\d{3}:\d", row["来源"]) for row in rows)
    assert figures(said["上户"], "应", "实", "逾期", "迟做") == [2, 1, 1, 0]
    assert figures(said["电话、微信联络"], "应", "实", "逾期", "迟做") == [1, 1, 0, 1]
    assert figures(said["月监测"], "应", "实", "没做（没销号）") == [2, 1, 1]
    assert figures(said["问题销号"], "应", "实", "没做（没销号）", "逾期") == [3, 1, 2, 1]
    assert figures(said["数据真实性：县里抽查的户"], "应", "实", "差错") == [None, 1, 1]
    assert said["乡镇党委书记、村党支部书记遍访"]["差错"] == 1
    assert said["应纳尽纳，不符条件的一个不纳"]["差错"] == 1
    untold = [row for row in rows if not any(figures(row, "应", "实", "差错"))]
    assert untold
    assert all(row["说明"] for row in untold if row["考核点"] != "复核")
    assert said["复核"]["应"] == 0, "what falls due later is not due yet"


async def test_places_and_units_stand_in_the_order_of_the_register_and_add_up(here: Little) -> None:
    book = await here.opened(COUNTS, "样县", period=YEAR)
    places = by(book.rows("按地方", "地方"), "地方")
    assert list(places) == ["甲镇", "乙镇", "样县本级", "合计"]
    names = (
        "户数",
        "上户/应做",
        "月监测/没做",
        "问题台账/件数",
        "问题台账/没销号",
    )
    assert figures(places["甲镇"], *names) == [2, 2, 0, 2, 1]
    assert figures(places["乙镇"], *names) == [1, 0, 1, 0, 0]
    assert figures(places["合计"], *names) == [3, 2, 1, 3, 2]
    units = by(book.rows("按单位", "单位"), "单位")
    assert list(units) == ["县林业局", "县水利局", "合计"]
    assert figures(units["县水利局"], "户数", "月监测/应做", "月监测/没做") == [1, 1, 1]


async def test_of_a_person_there_is_what_is_due_done_and_left_and_no_rate(here: Little) -> None:
    book = await here.opened(COUNTS, "样县", period=YEAR)
    rows = by(book.rows("按人", "序号"), "姓名")
    assert [name for name in rows if name] == ["方助", "单另"]
    assert figures(rows["方助"], "负责户数", "上户/没做", "交接/接手", "交接/交出") == [2, 1, 0, 1]
    assert figures(rows["单另"], "负责户数", "月监测/没做", "交接/接手", "交接/交出") == [1, 1, 1, 0]
    page = book.made["按人"]
    heads = {str(cell.value) for line in page.iter_rows(max_row=6) for cell in line if cell.value}
    assert not [
        head for head in heads if any(word in head for word in ("率", "分数", "得分", "排名", "名次"))
    ]
    formulas = [c.value for line in page.iter_rows() for c in line if str(c.value).startswith("=")]
    assert not [formula for formula in formulas if "/" in formula]


async def test_what_is_overdue_is_listed_below_the_county(here: Little) -> None:
    county = await here.opened(COUNTS, "样县", period=YEAR)
    assert "逾期事项" not in county.names
    town = await here.opened(COUNTS, "甲镇", period=YEAR)
    rows = town.rows("逾期事项", "序号")
    assert [figures(row, "户主", "到期", "过了几天", "责任人") for row in rows] == [
        ["甲一", datetime(2020, 6, 1), 14, None],
        ["甲一", datetime(2020, 6, 10), 5, "方助"],
    ]
    assert [row["事项"].split("：")[0] for row in rows] == ["整改问题", "上户"]
    assert "没有逾期的事项。" in (await here.opened(COUNTS, "西村", period=YEAR)).words("逾期事项")


async def test_a_kind_of_work_that_the_scheme_does_not_ask_for_is_not_nought(database: Database) -> None:  # noqa: F811
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲一", (MARCH, "red"))
    rows = by((await here.opened(COUNTS, "样县", period=YEAR)).rows("考核点", "考核点"), "考核点")
    assert rows["上户"]["应"] is None
    assert rows["上户"]["说明"] == "本县的方案没有要求这一项。"
    assert rows["月监测"]["应"] == 0


async def test_a_point_that_cannot_be_read_is_named() -> None:
    layout = content_of("huarong").layouts["O-25"]
    with pytest.raises(PointUnclear):
        points_of(replace(layout, words={"point.x": "K-99|甲|户|marks||003:1"}))


def done_by(home: Home, due: Due, end: datetime) -> bool:
    """Whether something due was done before that moment."""
    if due.state not in ("done", "done_late"):
        return False
    visit = None if due.submission is None else home.history.submissions[due.submission]
    return visit is None or (visit.visited_at or visit.at) < end


async def test_the_counts_of_a_whole_county(database: Database) -> None:  # noqa: F811
    found = content_of("huarong")
    county = await fill(database, scale=0.01, seed=22, content=found)
    made = await opened_in(database, found, COUNTS, county.place.region, END, period=YEAR)
    rows = by(made.rows("按地方", "地方"), "地方")
    last = date(2020, 7, 31)  # END is midnight: the first of August
    wanted: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        for due in home.history.duties:
            if due.state != "cancelled" and YEAR.first <= due.due <= last:
                wanted[home.town.name, due.kind] += 1
                wanted[home.town.name, f"{due.kind} done"] += done_by(
                    home, due, datetime(2020, 8, 1, 16, tzinfo=UTC)
                )
    assert wanted.total()
    heads = {
        "visit": "上户",
        "contact": "联络",
        "monitor": "月监测",
        "review": "复核",
    }
    for town in county.towns:
        row, name = rows[town.region.name], town.region.name
        for each, head in heads.items():
            assert figures(row, f"{head}/应做", f"{head}/已做") == [
                wanted[name, each],
                wanted[name, f"{each} done"],
            ]
    points = {row["考核点"]: row for row in made.rows("考核点", "考核点")}
    total = rows["合计"]
    assert points["上户"]["应"] == total["上户/应做"]
    assert points["月监测"]["实"] == total["月监测/已做"]
    assert points["问题销号"]["应"] == total["问题台账/件数"]
    assert points["问题销号"]["逾期"] == total["问题台账/其中逾期"]
    persons = made.rows("按人", "序号")[-1]
    assert persons["上户/应做"] == total["上户/应做"]


# ------------------------------------------------------------------------------------------ coverage


@pytest.fixture
async def roster(database: Database) -> Little:  # noqa: F811
    """Households asked at home, by telephone, in no way that is noted, and not at all."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "甲一", status=1, survey_method=1)
    await here.home("东村", "乙二", survey_method=2)
    await here.home("西村", "丙三", status=3, nonreg_kind=1)
    await here.home("西村", "丁四", status=3, nonreg_kind=5)
    await here.home("南村", "戊五", survey_method=3)
    await here.home("南村", "己六", kept=False)
    await here.home("南村", "庚七", status=None)
    for head, form, on in (
        ("甲一", "jd", MARCH), ("甲一", "jd", date(2020, 5, 1)), ("乙二", "jd", MARCH), ("丙三", "nj", MARCH),
        ("戊五", "jd", date(2020, 6, 14)), ("己六", "vc", MARCH),
    ):  # fmt: skip
        await here.handed(head, on, form)
    return here


HEADS = ("应查/小计", "已查/入户", "已查/电话", "已查/视频", "已查/没记方式", "已查/小计", "未查")


async def test_coverage_counts_each_household_once_by_the_way_it_was_asked(roster: Little) -> None:
    book = await roster.opened(COVERAGE, "样县")
    rows = by(book.rows("覆盖情况", "地方"), "地方")
    assert figures(rows["甲镇"], *HEADS) == [4, 1, 1, 0, 1, 3, 1]
    assert figures(rows["乙镇"], *HEADS) == [3, 0, 0, 1, 0, 1, 2]
    assert figures(rows["合计"], *HEADS) == [7, 1, 1, 1, 1, 4, 3]
    kinds = [f"应查/{name}" for name in ("未脱贫", "已脱贫", "边缘户", "特殊困难户", "还说不清")]
    assert figures(rows["合计"], *kinds) == [1, 3, 1, 1, 1]
    assert rows["合计"]["其中联系不上"] is None
    assert "联系不上的，系统里没有记" in book.words("覆盖情况")


async def test_villages_add_up_to_towns_and_towns_to_the_county(roster: Little) -> None:
    book = await roster.opened(COVERAGE, "样县")
    rows = book.rows("按村", "乡镇")
    named = {row["村"] or row["乡镇"]: row for row in rows}
    assert list(named) == ["东村", "西村", "甲镇小计", "南村", "空村", "乙镇小计", "合计"]
    assert figures(named["甲镇小计"], *HEADS) == [4, 1, 1, 0, 1, 3, 1]
    town = by((await roster.opened(COVERAGE, "甲镇")).rows("覆盖情况", "地方"), "地方")
    assert figures(town["合计"], *HEADS) == figures(named["甲镇小计"], *HEADS)
    assert figures(town["东村"], *HEADS) == figures(named["东村"], *HEADS)


async def test_who_has_not_been_asked_is_listed_in_the_order_of_the_register(roster: Little) -> None:
    def left(book: Opened) -> list[list[Any]]:
        return [figures(row, "户主", "户类别", "帮扶责任人") for row in book.rows("未查名单", "序号")]

    assert left(await roster.opened(COVERAGE, "样县")) == [
        ["丁四", "特殊困难户", "方助"], ["己六", "已脱贫户", None], ["庚七", "还说不清", "方助"],
    ]  # fmt: skip
    before = await roster.opened(COVERAGE, "南村", now=noon(date(2020, 6, 13)))
    assert [row[0] for row in left(before)] == ["己六", "庚七", "戊五"]
    assert "名册上的户都查到了。" in (await roster.opened(COVERAGE, "东村")).words("未查名单")
    with pytest.raises(RegionEmpty):
        await roster.opened(COVERAGE, "空村")


async def test_the_coverage_of_a_whole_county(database: Database) -> None:  # noqa: F811
    found = content_of("huarong")
    county = await fill(database, scale=0.01, seed=23, content=found)
    made = await opened_in(database, found, COVERAGE, county.place.region, END)
    rows = by(made.rows("覆盖情况", "地方"), "地方")
    for town in county.towns:
        homes = list(county.within(town.region))
        asked = [home for home in homes if any(s.form in ("jd", "nj") for s in home.history.submissions
                                               if s.state == "submitted")]  # fmt: skip
        ways = Counter(home.facts.get("survey_method") for home in asked)
        row = rows[town.region.name]
        assert figures(row, "应查/小计", "已查/小计", "未查") == [
            len(homes),
            len(asked),
            len(homes) - len(asked),
        ]
        assert figures(row, "已查/入户", "已查/电话") == [ways[1], ways[2]]
    villages = [row for row in made.rows("按村", "乡镇") if row["村"]]
    assert sum(row["已查/小计"] for row in villages) == rows["合计"]["已查/小计"] > 0
