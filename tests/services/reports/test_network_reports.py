"""The six monthly reports of the net of three levels (O-20): who reports what, by when, with room to sign."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from bot.rules.calendar import Period
from bot.services.reports.network_reports import REPORTS
from bot.services.reports.report import SchemeOff
from bot.storage import assignments, people
from bot.storage.database import Database
from bot.storage.tables.households import households
from tests.services.reports.little_county import JUNE, MAY, Little, noon

NETWORK = REPORTS[0]
MARCH = date(2020, 3, 20)
SHEETS = ["组摸排名单", "村初审名单", "乡镇汇总名单", "责任人上报", "单位汇总名单和申报表", "督查直报"]
SENT_BY = {
    "东村": ["组摸排名单", "村初审名单", "责任人上报"],
    "西村": ["组摸排名单", "村初审名单", "责任人上报"],
    "甲镇": ["乡镇汇总名单"],
    "样县": ["单位汇总名单和申报表", "督查直报"],
}


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
    heads: dict[str, list[str]] = {}
    for region, names in SENT_BY.items():
        made = await here.opened(NETWORK, region, period=JUNE)
        assert made.names == names
        for name in names:
            heads[f"{region}/{name}"] = [row["户主"] for row in made.rows(name, first_heads()[name])]
    assert heads == {
        **{f"东村/{key}": ["甲灾"] for key in SHEETS[:2]},
        "东村/责任人上报": [],
        "西村/组摸排名单": [],
        "西村/村初审名单": [],
        "西村/责任人上报": ["乙病"],
        "甲镇/乡镇汇总名单": ["甲灾"],
        "样县/单位汇总名单和申报表": ["乙病", "戊访"],
        "样县/督查直报": ["丙查"],
    }
    row = (await here.opened(NETWORK, "东村", period=JUNE)).rows("村初审名单", "序号")[0]
    assert (row["易返贫原因"], row["风险点"], row["需解决的相关事宜"]) == ("自然灾害", "受灾", "屋顶要修")
    assert row["村初审意见"] is None
    assert row["发现日期"].date() == date(2020, 6, 3)
    made = await here.opened(NETWORK, "样县", period=JUNE)
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
    may = await here.opened(NETWORK, "西村", period=MAY)
    assert [row["户主"] for row in may.rows("组摸排名单", "序号")] == ["乙病"]
    assert "没有发现返贫风险，照实上报" in may.words("责任人上报")
    town = await here.opened(NETWORK, "甲镇", period=MAY)
    assert [row["户主"] for row in town.rows("乡镇汇总名单", "序号")] == ["乙病"]
    assert "照实上报" in (await here.opened(NETWORK, "样县", period=MAY)).words("单位汇总名单和申报表")


async def test_why_a_household_may_fall_back(database: Database) -> None:
    here = await june(database)
    await here.home("东村", "己组", (MARCH, "ordinary"), status=3, hardship_causes=[0])
    await here.checked("己组", date(2020, 6, 3), monthly_risks=[2, 4], monthly_risk_description="停工")
    await here.said("甲灾", date(2020, 6, 9), visit_risks=[3], visit_risk_description="住院")
    village = await here.opened(NETWORK, "东村", period=JUNE)
    causes = {row["户主"]: row["易返贫原因"] for row in village.rows("组摸排名单", "序号")}
    assert causes == {"甲灾": "自然灾害", "己组": "就业、就学"}
    county = await here.opened(NETWORK, "样县", period=JUNE)
    told = {row["户主"]: row["易返贫原因"] for row in county.rows("单位汇总名单和申报表", "帮扶单位")}
    assert told == {"甲灾": "自然灾害", "乙病": "就医", "戊访": "产业、就业"}
    # Nothing of it is known of whom the inspectors found: the cell stays empty.
    assert county.rows("督查直报", "序号")[0]["易返贫原因"] is None


async def test_each_group_has_a_block_of_its_own(database: Database) -> None:
    here = await june(database)
    for head, group in (("己组", "二组"), ("庚组", "一组"), ("辛组", "")):
        id = await here.home("东村", head, (MARCH, "ordinary"), status=3)
        async with database.transaction() as conn:
            await conn.execute(update(households).where(households.c.id == id).values(village_group=group))
        await here.checked(head, date(2020, 6, 3), monthly_risks=[3])
    page = (await here.opened(NETWORK, "东村", period=JUNE)).shown["组摸排名单"]
    lines = [line[:3] for line in page.iter_rows(values_only=True)]
    first = next(at for at, line in enumerate(lines) if line[0] == "序号") + 1
    blocks = [(no, head or place) for no, place, head in lines[first:] if no is None or isinstance(no, int)]
    found = [each for each in blocks if each[1]]
    assert found == [
        (None, "一组"),
        (1, "庚组"),
        (2, "甲灾"),
        (None, "二组"),
        (1, "己组"),
        (None, "没有登记组别"),
        (1, "辛组"),
    ]


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
    month = period.last.month
    words: dict[str, str] = {}
    for region, names in SENT_BY.items():
        made = await here.opened(NETWORK, region, period=period)
        words |= {name: made.words(name) for name in names}
    for name, day in zip(SHEETS, days, strict=True):
        assert f"应在2020年{month}月{day}日前报" in words[name]
        assert "签字" in words[name]
    assert "乡镇主要领导（签字）" in words["乡镇汇总名单"]
    assert "单位主要领导（签字）" in words["单位汇总名单和申报表"]


async def test_days_come_from_the_scheme(database: Database) -> None:
    here = await june(database)
    pack = here.office.content.packs["n6"]
    days = pack.parameters_on(date(2020, 6, 30))
    assert (days["group_day"], days["village_day"], days["town_day"]) == (17, 20, 30)
    other = await Little.open(database, "yibin")
    await other.home("东村", "甲某")
    with pytest.raises(SchemeOff):
        await other.opened(NETWORK, "东村")
