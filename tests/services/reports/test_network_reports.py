"""The six monthly reports of the net of three levels (O-20): who reports what, by when, with room to sign."""

from __future__ import annotations

from datetime import date

import pytest

from bot.rules.calendar import Period
from bot.services.reports.network_reports import REPORTS
from bot.services.reports.report import SchemeOff
from bot.storage import assignments, people
from bot.storage.database import Database
from tests.services.reports.little_county import JUNE, MAY, Little, noon

NETWORK = REPORTS[0]
MARCH = date(2020, 3, 20)
SHEETS = ["组摸排名单", "村初审名单", "乡镇汇总名单", "责任人上报", "单位汇总名单和申报表", "督查直报"]


async def june(database: Database) -> Little:
    """What three channels found in June, and before."""
    here = await Little.open(database, "district")
    await here.home("东村", "甲灾", (MARCH, "ordinary"), status=3, hardship_causes=[1])
    await here.home("西村", "乙病", (MARCH, "lifted"))
    await here.home("南村", "丙查", (MARCH, "lifted"), info_source=4, info_received_on="2020-06-05")
    await here.home("南村", "丁好", (MARCH, "lifted"), info_source=4, info_received_on="2020-05-05")
    await here.home("南村", "戊访", (MARCH, "lifted"), kept=False)
    await here.checked("甲灾", date(2020, 6, 3), monthly_risks=[5], monthly_risk_description="屋顶要修")
    await here.checked("乙病", date(2020, 5, 20), monthly_risks=[3], monthly_risk_description="住院")
    await here.checked("丁好", date(2020, 6, 4), monthly_risks=[0])
    await here.checked("丙查", date(2020, 6, 2), monthly_risks=[2])
    await here.checked("丙查", date(2020, 6, 9), monthly_risks=[0])
    await here.said("戊访", date(2020, 6, 7), visit_risks=[1, 2], visit_risk_description="果子卖不掉")
    await here.said("乙病", date(2020, 6, 8), visit_risks=[3], visit_risk_description="药费重")
    async with database.transaction() as conn:
        other = await people.add(conn, name="单另", unit="县水利局")
        await assignments.assign(conn, here.homes["戊访"], other.id, noon(MARCH))
    return here


async def test_each_channel_lists_what_it_found_this_month(database: Database) -> None:
    here = await june(database)
    made = await here.opened(NETWORK, "样县", period=JUNE)
    assert made.names == SHEETS
    heads = {name: [row["户主"] for row in made.rows(name, head)] for name, head in first_heads().items()}
    assert heads == {
        **{key: ["甲灾"] for key in SHEETS[:3]},
        "责任人上报": ["乙病", "戊访"],
        "单位汇总名单和申报表": ["乙病", "戊访"],
        "督查直报": ["丙查"],
    }
    row = made.rows("村初审名单", "序号")[0]
    assert (row["易返贫原因"], row["风险点"], row["需解决的相关事宜"]) == ("自然灾害", "受灾", "屋顶要修")
    assert row["村初审意见"] is None
    assert row["发现日期"].date() == date(2020, 6, 3)
    unit = made.rows("单位汇总名单和申报表", "帮扶单位")
    assert [(row["帮扶单位"], row["风险点"]) for row in unit] == [
        ("县林业局", "就医"),
        ("县水利局", "产业、就业"),
    ]


def first_heads() -> dict[str, str]:
    """By which word the head of each sheet begins."""
    return {name: "帮扶单位" if name == SHEETS[4] else "序号" for name in SHEETS}


async def test_the_villages_of_a_town_and_the_month_before(database: Database) -> None:
    here = await june(database)
    may = await here.opened(NETWORK, "甲镇", period=MAY)
    assert [row["户主"] for row in may.rows("组摸排名单", "序号")] == ["乙病"]
    assert "没有发现返贫风险，照实上报" in may.words("责任人上报")
    village = await here.opened(NETWORK, "东村", period=JUNE)
    assert [row["户主"] for row in village.rows("乡镇汇总名单", "序号")] == ["甲灾"]
    assert "照实上报" in village.words("督查直报")


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (JUNE, ["17", "20", "30", "20", "25", "25"]),
        # February has no thirtieth: then it is its last day.
        (Period(date(2020, 2, 1), date(2020, 2, 29)), ["17", "20", "29", "20", "25", "25"]),
    ],
)
async def test_deadlines_and_signatures(database: Database, period: Period, days: list[str]) -> None:
    here = await june(database)
    made = await here.opened(NETWORK, "样县", period=period)
    month = period.last.month
    for name, day in zip(SHEETS, days, strict=True):
        assert f"应在2020年{month}月{day}日前报" in made.words(name)
        assert "签字" in made.words(name)
    assert "乡镇主要领导（签字）" in made.words("乡镇汇总名单")
    assert "单位主要领导（签字）" in made.words("单位汇总名单和申报表")


async def test_days_come_from_the_scheme(database: Database) -> None:
    here = await june(database)
    pack = here.office.content.packs["n6"]
    days = pack.parameters_on(date(2020, 6, 30))
    assert (days["group_day"], days["village_day"], days["town_day"]) == (17, 20, 30)
    other = await Little.open(database, "yibin")
    await other.home("东村", "甲某")
    with pytest.raises(SchemeOff):
        await other.opened(NETWORK, "东村")
