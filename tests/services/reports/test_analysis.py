"""The analyses (O-41 to O-45), recomputed from plain records; tables and charts show the same figures."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.render.charts import Chart, chart_svg
from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports import analysis_parts
from bot.services.reports.analysis_shelf import REPORTS
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import RegionEmpty, Report, SchemeOff
from bot.storage.database import Database
from bot.storage.regions import Region
from tests.county import County, Home, fill
from tests.services.reports.little_county import JUNE, Little, Opened, by, content_of

BY_ID = {report.id: report for report in REPORTS}
CLASSES, RISKS, MONTHS, HELP = (BY_ID[f"O-{number}"] for number in (42, 43, 44, 45))
MARCH, MAY, JUNE_5 = date(2020, 3, 20), date(2020, 5, 10), date(2020, 6, 5)
NOW = datetime(2020, 7, 20, 4, tzinfo=UTC)
JULY = Period(date(2020, 7, 1), date(2020, 7, 31))


async def drawn(here: Little, report: Report, region: str, **wanted: Any) -> list[Chart]:
    """The charts of a report; each can be drawn."""
    assert report.draw is not None
    async with here.database.reading() as conn:
        charts = list(await report.draw(conn, here.ask(report, region, **wanted)))
    for chart in charts:
        assert chart_svg(chart).startswith("<svg")
    return charts


def series(chart: Chart) -> dict[str, tuple[float | None, ...]]:
    """The figures of a chart by the names of its series."""
    return {each.name: each.values for each in chart.series}


# --------------------------------------------------------------------------------- classes (O-42), by hand


async def cards(database: Database) -> Little:
    """Households whose cards changed in June, one filed by the county, one without a word."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "甲红", (MARCH, "red"), (JUNE_5, "yellow"))
    await here.home("东村", "乙黄", (MARCH, "yellow"))
    await here.home("西村", "丙新", (JUNE_5, "red"))
    await here.home("南村", "丁报", (MARCH, "green"))
    await here.home("南村", "戊无", (MARCH, "none"))
    await here.home("南村", "己未")
    await here.home("南村", "庚核", (MARCH, "to_verify"))
    await here.said("丁报", date(2020, 6, 8), filed_card=2)
    return here


async def test_classes_before_and_now_with_those_who_came_and_went(database: Database) -> None:
    here = await cards(database)
    made = await here.opened(CLASSES, "样县", period=JUNE)
    rows = by(made.rows("规模与变化", "类别"), "类别")
    figures = {name: tuple(row[head] for head in ("期初户数", "转入", "转出", "期末户数", "增减")) for name,
               row in rows.items()}  # fmt: skip
    assert figures == {
        "红卡": (1, 1, 1, 1, 0),
        "黄卡": (1, 2, 0, 3, 2),
        "绿卡": (1, 0, 1, 0, -1),
        "蓝卡": (0, 0, 0, 0, 0),
        "不发卡": (1, 0, 0, 1, 0),
        "还没判定": (3, 0, 1, 2, -1),
        "合计": (7, 3, 3, 7, 0),
    }
    assert made.formulas > 20
    moves = by(made.rows("去向", "期初"), "期初")
    assert moves["红卡"]["期末/黄卡"] == 1
    assert moves["绿卡"]["期末/黄卡"] == 1
    assert moves["还没判定"]["期末/红卡"] == 1
    assert moves["合计"]["合计"] == 7
    assert "内部使用" not in made.words()


async def test_towns_add_up_to_the_county_and_a_village_is_divided_into_groups(database: Database) -> None:
    here = await cards(database)
    county = by((await here.opened(CLASSES, "样县", period=JUNE)).rows("各地规模", "地方"), "地方")
    assert list(county) == ["甲镇", "乙镇", "合计"]
    for town in ("甲镇", "乙镇"):
        rows = by((await here.opened(CLASSES, town, period=JUNE)).rows("各地规模", "地方"), "地方")
        assert {**rows["合计"], "地方": town} == county[town]
    village = by((await here.opened(CLASSES, "南村", period=JUNE)).rows("各地规模", "地方"), "地方")
    assert {**village["合计"], "地方": "南村"} == {**village["南村"]}
    parts = analysis_parts.groups(
        [_home(1, "二组"), _home(2, ""), _home(3, "二组"), _home(4, "一组")], "没写组"
    )
    assert [(part.name, part.homes) for part in parts] == [("二组", (1, 3)), ("一组", (4,)), ("没写组", (2,))]


def _home(id: int, group: str) -> Any:
    from bot.storage.households import Household

    return Household(id, 1, group, "某", "m", None, "", None, None, None, None, {}, NOW)


async def test_the_charts_of_classes_show_what_the_sheets_say_in_the_colours_of_the_cards(
    database: Database,
) -> None:
    here = await cards(database)
    change, places = await drawn(here, CLASSES, "样县", period=JUNE)
    assert change.categories == ("红卡", "黄卡", "绿卡", "蓝卡")
    assert series(change) == {"期初": (1, 1, 1, 0), "期末": (1, 3, 0, 0)}
    assert places.categories == ("甲镇", "乙镇")
    assert series(places) == {"红卡": (1, 0), "黄卡": (2, 1), "绿卡": (0, 0), "蓝卡": (0, 0)}
    assert len({each.colour for each in places.series} - {None}) == 4


async def test_what_is_secret_says_so_and_two_schemes_have_sheets_of_their_own(database: Database) -> None:
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲红", (MARCH, "red"))
    made = await here.opened(CLASSES, "东村", period=JUNE)
    for name in made.names:
        assert "内部使用" in made.shown[name]["A1"].value
    assert all("内部使用" in chart.title for chart in await drawn(here, CLASSES, "东村", period=JUNE))


async def test_two_schemes_have_sheets_of_their_own(database: Database) -> None:
    here = await Little.open(database, "district")
    await here.home("东村", "甲某", (MARCH, "lifted"))
    await here.judged("甲某", MARCH, "marked", "m8")
    made = await here.opened(CLASSES, "样县", period=JUNE)
    assert len(made.names) == len(set(made.names)) == 6
    assert "因病返贫预警监测和动态帮扶规模与变化" in made.names
    only = await here.opened(CLASSES, "样县", period=JUNE, scheme="m8")
    assert by(only.rows("规模与变化", "类别"), "类别")["系统标记的边缘户、脱贫监测户"]["期末户数"] == 1


async def test_a_plan_that_sorts_nobody_has_no_classes(database: Database) -> None:
    here = await Little.open(database, "jishishan")
    await here.home("东村", "甲某", (MARCH, "sound"))
    for wanted in ({}, {"scheme": "gp"}):
        with pytest.raises(SchemeOff):
            await here.opened(CLASSES, "东村", period=JUNE, **wanted)


async def test_no_household_and_no_scheme_are_refused(database: Database) -> None:
    here = await cards(database)
    for report in (CLASSES, RISKS, MONTHS, HELP):
        with pytest.raises(RegionEmpty):
            await here.opened(report, "空村")
    with pytest.raises(SchemeOff):
        await here.opened(CLASSES, "样县", scheme="yb")


# ----------------------------------------------------------------------------------- risks (O-43), by hand


async def risky(database: Database) -> Little:
    """Risks by plan, by verification, over, denied and unasked; and checks of two months."""
    here = await Little.open(database, "gansu")
    await here.home("东村", "甲病", main_risks=[1, 3], poverty_risk_causes=[2])
    await here.home("东村", "乙完", main_risks=[4], risk_elimination=1)
    await here.home("西村", "丙核", poverty_risk_causes=[2, 4], return_risk_causes=[1, 7])
    await here.home("西村", "丁无", poverty_risk_causes=[0])
    await here.home("南村", "戊否", return_risk=2)
    await here.home("南村", "己未")
    await here.checked("甲病", date(2020, 5, 20), monthly_risks=[6])
    await here.checked("甲病", JUNE_5, monthly_risks=[1, 7])
    await here.checked("丁无", JUNE_5, monthly_risks=[0])
    return here


async def test_risks_by_place_from_plans_and_verifications(database: Database) -> None:
    here = await risky(database)
    made = await here.opened(RISKS, "样县", period=JUNE)
    rows = by(made.rows("各地风险", "地方"), "地方")
    heads = ("合计", "有风险", "没有风险", "风险已消除", "没问到")
    found = {place: tuple(row[f"户数/{head}"] for head in heads) for place, row in rows.items()}
    assert found == {"甲镇": (4, 2, 1, 1, 0), "乙镇": (2, 0, 1, 0, 1), "合计": (6, 2, 2, 1, 1)}
    kinds = {name.rpartition("/")[2]: figure for name, figure in rows["合计"].items() if "有这种" in name}
    assert {name: figure for name, figure in kinds.items() if figure} == {
        "因病": 2, "因学": 1, "因自然灾害": 1, "因产业失败": 1, "其他": 1,
    }  # fmt: skip
    assert rows["合计"]["户次合计"] == sum(kinds.values()) == 6
    assert rows["合计"]["有风险的户里，照四卡核实表算的"] == 1
    villages = made.rows("各村风险", "乡镇")
    assert [row["村"] for row in villages] == ["东村", "西村", None, "南村", "空村", None, None]
    assert villages[2]["户数/合计"] == 4
    assert villages[-1]["户数/合计"] == 6
    monthly = by(made.rows("月监测发现的风险", "地方"), "地方")["合计"]
    assert (monthly["做过月监测的户/合计"], monthly["做过月监测的户/有苗头"], monthly["户次合计"]) == (
        2,
        1,
        2,
    )
    assert monthly["有这种风险的户/受疫情影响"] == 0  # that was in May


async def test_the_charts_of_risks_count_households(database: Database) -> None:
    here = await risky(database)
    causes, places, monthly = await drawn(here, RISKS, "样县", period=JUNE)
    assert len(causes.categories) == 11
    assert series(causes)["户数"][:3] == (2, 1, 1)
    assert places.categories == ("甲镇", "乙镇")
    assert series(places)["因病"] == (2, 0)
    assert len(monthly.categories) == 7
    assert sum(value or 0 for value in series(monthly)["户数"]) == 2
    quiet = await drawn(here, RISKS, "南村", period=JUNE)
    assert [chart.series for chart in quiet] == [(), (), ()]
    assert all(chart.empty in chart_svg(chart) for chart in quiet if len(chart.empty) < 20)


def test_a_county_with_many_places_gets_several_charts() -> None:
    here = content_of("huarong")
    office, county = Office(here, ZoneInfo("Asia/Shanghai")), Region(1, None, "county", "样县", "1/")
    ask = ask_for(office, CLASSES, county, NOW, period=JUNE)
    names = [f"村{at}" for at in range(65)]
    found = analysis_parts.charts_of(
        ask, "places", "stacked", names, {"red": ("红", range(65))}, scheme="某办法", eve=""
    )
    assert [len(chart.categories) for chart in found] == [22, 22, 21]
    assert [name for chart in found for name in chart.categories] == names
    assert [value for chart in found for value in chart.series[0].values] == list(range(65))
    assert found[2].title == "某办法：各地规模（第3张，共3张）"


def test_more_series_than_colours_are_summed_up() -> None:
    many = {str(at): (f"第{at}种", [at, None]) for at in range(10)}
    shown = analysis_parts.told_apart(many, "其余{}种".format)
    assert len(shown) == 8
    assert shown["others"] == ("其余3种", [7 + 8 + 9, None])
    assert analysis_parts.told_apart(dict(list(many.items())[:8]), str) == dict(list(many.items())[:8])


# ------------------------------------------------------------------------------------- a county of 250 homes

AUGUST = datetime(2020, 8, 5, 4, tzinfo=UTC)
JULY = Period(date(2020, 7, 1), date(2020, 7, 31))
YEAR = Period(date(2020, 1, 1), date(2020, 7, 31))


async def county_book(
    database: Database, county: County, report: Report, period: Period, at: Region
) -> Opened:
    """The report of a region of the invented county."""
    office = Office(content_of("huarong"), ZoneInfo("Asia/Shanghai"), ("hr",))
    async with database.reading() as conn:
        return Opened(write(await make(conn, report, ask_for(office, report, at, AUGUST, period=period))))


def at_end(home: Home, name: str, day: date) -> Any:
    """What was last said of a household by the end of a day."""
    said = [row for row in home.history.rows if row.name == name and row.as_of <= day]
    return max(enumerate(said), key=lambda each: (each[1].as_of, each[0]))[1].value if said else None


def card(home: Home, day: date) -> str:
    """Its card: what was filed, before that what the rules say."""
    filed = [row.value for row in home.history.rows if row.name == "filed_card" and row.as_of <= day]
    names = content_of("huarong").registry["filed_card"].options
    given = [code for code in filed if code is not None]
    if given:
        return names[given[-1]] if names[given[-1]].endswith("卡") else "不发卡"
    said = {"red": "红卡", "yellow": "黄卡", "green": "绿卡", "blue": "蓝卡", "none": "不发卡"}
    return said.get(home.verdict("hr", day) or "", "还没判定")


async def test_an_invented_county_foots_at_every_level(database: Database) -> None:
    county = await fill(database, scale=0.02, content=content_of("huarong"))
    whole = await county_book(database, county, CLASSES, JULY, county.place.region)
    rows = by(whole.rows("规模与变化", "类别"), "类别")
    for head, day in (("期初户数", date(2020, 6, 30)), ("期末户数", date(2020, 7, 31))):
        wanted = Counter(card(home, day) for home in county.homes)
        assert {name: row[head] for name, row in rows.items() if row[head]} == {
            **wanted,
            "合计": len(county.homes),
        }
    town = county.towns[0].region
    one = await county_book(database, county, CLASSES, JULY, town)
    line = by(whole.rows("各地规模", "地方"), "地方")[town.name]
    assert {**by(one.rows("各地规模", "地方"), "地方")["合计"], "地方": town.name} == line

    risks = by(
        (await county_book(database, county, RISKS, JULY, county.place.region)).rows("各地风险", "地方"),
        "地方",
    )
    day = JULY.last
    with_plan = [home for home in county.homes if at_end(home, "main_risks", day)]
    over = [home for home in with_plan if at_end(home, "risk_elimination", day) == 1]
    ill = sum(
        (1 in at_end(home, "main_risks", day) and home not in over)
        if home in with_plan
        else 1
        in {
            *(at_end(home, "poverty_risk_causes", day) or ()),
            *(at_end(home, "return_risk_causes", day) or ()),
        }
        for home in county.homes
    )
    assert ill > 0
    assert risks["合计"]["有这种风险的户/因病"] == ill
    assert risks["合计"]["户数/风险已消除"] == len(over)
    assert risks["合计"]["户数/合计"] == len(county.homes)

    months = by(
        (await county_book(database, county, MONTHS, YEAR, county.place.region)).rows("逐月对比", "月份"),
        "月份",
    )
    for month in range(1, 8):
        checked = [
            home
            for home in county.homes
            if any(
                row.name == "monitoring_method" and row.value and row.as_of.month == month
                for row in home.history.rows
            )
        ]
        assert months[f"2020年{month}月"]["做了月监测/合计"] == len(checked)
    assert months["合计（户次）"]["做了月监测/能比的"] > 20
