"""The month of a village under the three colours (O-21), against the rows of the little county."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bot.rules.calendar import Period
from bot.services.reports.report import SchemeOff
from bot.services.reports.village_month import REPORTS
from bot.storage import verdicts
from bot.storage.database import Database
from bot.storage.verdicts import Verdict
from tests.county import fill
from tests.services.reports.little_county import JUNE, MAY, Little, by, content_of, noon, opened_in

MONTH = REPORTS[0]
MARCH, APRIL = date(2020, 3, 20), date(2020, 4, 10)
GOOD = {f"{each}_state": 1 for each in ("food", "clothes", "schooling", "medical", "house", "water")}
NAMES = {"red": "红", "review": "再研判", "watch": "村里留意", "yellow": "黄", "green": "绿"}
AFTER = noon(date(2020, 6, 2))


async def may(database: Database) -> Little:
    """Two villages and what May brought to them."""
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲红", (MARCH, "red"), **{**GOOD, "house_state": 3})
    await here.home("东村", "乙升", (MARCH, "green"), (date(2020, 5, 6), "yellow"), **GOOD)
    await here.home("东村", "丙新", (date(2020, 5, 7), "red"), **{**GOOD, "water_state": 3, "food_state": 2})
    await here.home("南村", "丁退", (MARCH, "red"), (date(2020, 5, 9), "outside"), **GOOD)
    await here.home("南村", "戊绿", (MARCH, "green"), **GOOD)
    for head in ("甲红", "乙升", "丁退", "戊绿"):
        await here.due(head, "monitor", date(2020, 5, 31), off=head == "丁退")
    await here.checked("甲红", date(2020, 5, 12), advice=2)
    await here.checked("乙升", date(2020, 5, 13), way=2)
    await here.checked("戊绿", date(2020, 4, 28))
    await here.checked("丙新", date(2020, 6, 1), advice=2)
    await here.said("甲红", date(2020, 5, 20), department_asked_on="2020-05-20", department_asking="住建局")
    await here.said("戊绿", date(2020, 5, 25), county_exit=1, county_exit_on="2020-05-25")
    await here.said("丁退", date(2020, 5, 26), county_exit=2, county_exit_on="2020-05-26")
    await here.said("丙新", date(2020, 5, 27), town_met_on="2020-05-26", county_approved_on="2020-05-27")
    await here.problem("甲红", "4.2", date(2020, 5, 2), deadline=date(2020, 6, 20))
    await here.problem("甲红", "8.1", date(2020, 5, 3), closed=date(2020, 5, 30))
    await here.problem("乙升", "6.1", date(2020, 5, 3), closed=date(2020, 6, 1))
    await here.due("戊绿", "monitor", date(2020, 6, 30))
    return here


async def test_the_figures_of_may(database: Database) -> None:
    here = await may(database)
    made = await here.opened(MONTH, "样县", period=MAY, now=AFTER)
    rows = by(made.rows("月报", "地方"), "地方")
    east, south, all_ = rows["甲镇"], rows["乙镇"], rows["合计"]
    now = {name: east[f"月末户数/{name}"] for name in ("红", "再研判", "村里留意", "黄", "绿", "合计")}
    assert now == {"红": 2, "再研判": 0, "村里留意": 0, "黄": 1, "绿": 0, "合计": 3}
    assert (south["月末户数/红"], south["月末户数/绿"]) == (0, 1)
    assert [east[f"本月新增/{name}"] for name in ("红", "黄", "绿")] == [1, 0, 0]
    assert (east["本月升级/升为红"], east["本月升级/升为黄"]) == (0, 1)
    assert [east[f"月监测/{name}"] for name in ("应做", "已做", "其中实地", "没做")] == [2, 2, 1, 0]
    assert [south[f"月监测/{name}"] for name in ("应做", "已做", "其中实地", "没做")] == [1, 0, 0, 1]
    assert [east[f"预警/{name}"] for name in ("月监测上报", "镇初审", "县审定")] == [1, 1, 1]
    assert (east["在帮户"], south["在帮户"]) == (2, 0)
    assert (east["销号/申请"], east["销号/已销号"], south["销号/已销号"]) == (1, 0, 1)
    assert (east["没解决的问题"], south["没解决的问题"]) == (2, 0)
    assert (all_["月末户数/合计"], all_["月监测/没做"], all_["没解决的问题"]) == (4, 1, 2)
    assert made.formulas


async def test_townships_add_up_to_the_county_and_villages_to_townships(database: Database) -> None:
    here = await may(database)
    county = by((await here.opened(MONTH, "样县", period=MAY, now=AFTER)).rows("月报", "地方"), "地方")
    for town in ("甲镇", "乙镇"):
        rows = by((await here.opened(MONTH, town, period=MAY, now=AFTER)).rows("月报", "地方"), "地方")
        figures = {name: value for name, value in rows["合计"].items() if name != "地方"}
        assert figures == {name: value for name, value in county[town].items() if name != "地方"}


async def test_what_is_lacking_and_who_is_at_it(database: Database) -> None:
    here = await may(database)
    made = await here.opened(MONTH, "甲镇", period=MAY, now=AFTER)
    rows = by(made.rows("在帮户的缺项", "缺项"), "缺项")
    assert {name: row["合计"] for name, row in rows.items()} == dict(
        zip(("吃饭", "穿衣", "义务教育", "基本医疗", "住房", "饮水"), (1, 0, 0, 0, 1, 1), strict=True)
    )
    assert rows["住房"]["东村"] == 1
    assert rows["住房"]["在帮的部门"] == "住建局"
    assert rows["饮水"]["在帮的部门"] == "水利局"
    assert rows["穿衣"]["在帮的部门"] is None


async def test_what_is_still_open_and_what_comes_next(database: Database) -> None:
    here = await may(database)
    made = await here.opened(MONTH, "样县", period=MAY, now=AFTER)
    rows = by(made.rows("补短和没解决的问题", "序号"), "户主")
    assert set(rows) == {"甲红", "丙新", "乙升"}
    assert "2020年6月20日前整改" in rows["甲红"]["没解决的问题"]
    assert rows["甲红"]["缺项"] == "住房"
    # Struck off on the first of June: at the end of May it was still open.
    assert rows["乙升"]["没解决的问题"]
    coming = made.rows("下月安排", "序号")
    told = [(row["到期"].date(), row["做什么"], row["户数（件数）"]) for row in coming]
    assert (date(2020, 6, 20), "整改问题台账里到期的问题", 1) in told
    assert (date(2020, 6, 30), "monitor", 1) in told
    assert any(day == date(2020, 6, 8) and count is None for day, _, count in told)
    assert any("比对数据" in what for _, what, _ in told)
    village = await here.opened(MONTH, "东村", period=MAY, now=AFTER)
    assert "比对数据" not in village.words("下月安排")


async def test_by_when_a_village_reports(database: Database) -> None:
    here = await may(database)
    assert "请在2020年6月8日前报镇扶贫办" in (await here.opened(MONTH, "东村", period=MAY, now=AFTER)).words()
    assert "前报镇扶贫办" not in (await here.opened(MONTH, "甲镇", period=MAY, now=AFTER)).words("月报")
    march = Period(date(2020, 3, 1), date(2020, 3, 31))
    early = await here.opened(MONTH, "东村", period=march, now=AFTER)
    assert "前报镇扶贫办" not in early.words("月报")
    assert by(early.rows("月报", "地方"), "地方")["东村"]["月末户数/红"] == 1


async def test_the_title_bears_the_year_and_the_signature_fits_the_level(database: Database) -> None:
    here = await may(database)
    for region, signed in (("东村", "村党支部书记"), ("甲镇", "乡镇负责人"), ("样县", "单位负责人")):
        made = await here.opened(MONTH, region, period=MAY, now=AFTER)
        assert made.shown["月报"]["A1"].value.startswith(f"{region}2020年5月监测")
        assert f"{signed}（签字）" in made.words("月报")
        assert ("村党支部书记" in made.words()) == (region == "东村")


async def test_the_colours_stay_inside(database: Database) -> None:
    here = await may(database)
    made = await here.opened(MONTH, "东村", period=JUNE)
    for name in ("月报", "在帮户的缺项", "补短和没解决的问题"):
        assert "内部资料" in made.shown[name]["A1"].value
    other = await Little.open(database, "huarong")
    await other.home("东村", "甲某", (MARCH, "red"))
    with pytest.raises(SchemeOff):
        await other.opened(MONTH, "东村")


async def test_the_month_of_a_whole_county(database: Database) -> None:
    found = content_of("yibin")
    county = await fill(database, scale=0.01, seed=21)
    said = {home.id: ([*NAMES, "outside"] * 2)[home.id % 9] for home in county.homes}
    on, until = date(2020, 4, 1), JUNE.last
    async with database.transaction() as conn:
        kept = [
            Verdict(id, "yb", on, v, None, [], [], {}, {}, {}, "", None, noon(on)) for id, v in said.items()
        ]
        await verdicts.add(conn, kept)
    made = await opened_in(database, found, MONTH, county.place.region, noon(date(2020, 7, 10)), period=JUNE)
    rows = by(made.rows("月报", "地方"), "地方")
    colours = {1: "red", 2: "yellow", 3: "green", 4: "review", 5: "outside"}
    wanted: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        told = [row for row in home.history.rows if row.name == "county_colour" and row.as_of <= until]
        verdict = colours[max(told, key=lambda r: r.as_of).value] if told else said[home.id]
        wanted[home.town.name, verdict] += 1
        due = any(
            each.kind == "monitor" and each.state != "cancelled" and JUNE.first <= each.due <= until
            for each in home.history.duties
        )
        done = any(
            row.name == "monitoring_method" and JUNE.first <= row.as_of <= until for row in home.history.rows
        )
        wanted[home.town.name, "due"] += due
        wanted[home.town.name, "done"] += due and done
    assert wanted.total()
    for town in county.towns:
        row = rows[town.region.name]
        for verdict, name in NAMES.items():
            assert row[f"月末户数/{name}"] == wanted[town.region.name, verdict]
        assert row["月监测/应做"] == wanted[town.region.name, "due"]
        assert row["月监测/已做"] == wanted[town.region.name, "done"]
