"""The ledgers of monitored households: who keeps which, what is in them, and what must not be (O-19)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bot.services.reports.monitoring_ledgers import REPORTS
from bot.services.reports.report import RegionEmpty, SchemeOff
from bot.storage.database import Database
from tests.county import fill
from tests.services.reports.little_county import MAY, Little, by, content_of, noon, opened_in

LEDGERS = REPORTS[0]
MARCH, APRIL = date(2020, 3, 20), date(2020, 4, 10)
GOOD = {f"{each}_state": 1 for each in ("food", "clothes", "schooling", "medical", "house", "water")}


async def yibin(database: Database) -> Little:
    """Seven households of the three colours; one of them changed since the county approved it."""
    here = await Little.open(database, "yibin")
    bad = {**GOOD, "house_state": 3}
    await here.home("东村", "甲红", (MARCH, "red"), forecast_income_per_capita=3000, **bad)
    await here.home("东村", "乙黄", (MARCH, "yellow"), forecast_income_per_capita=7000, **GOOD)
    await here.home("东村", "丙绿", (MARCH, "green"), forecast_income_per_capita=12000, **GOOD)
    await here.home("西村", "丁研", (MARCH, "review"), food_state=1)
    await here.home("南村", "戊意", (MARCH, "watch"), status=3)
    await here.home("南村", "己外", (MARCH, "outside"), status=3)
    await here.home("南村", "庚未", kept=False)
    await here.said("甲红", APRIL, county_colour=1, county_approved_on="2020-04-10")
    await here.judged("甲红", date(2020, 5, 20), "yellow")
    return here


async def test_each_office_keeps_its_own_ledger(database: Database) -> None:
    here = await yibin(database)
    made = await here.opened(LEDGERS, "样县")
    assert made.names == ["汇总", "国子系统和平台", "县级台账"]
    heads = {name: [row["户主"] for row in made.rows(name, "序号")] for name in made.names[1:]}
    assert heads == {"国子系统和平台": ["甲红"], "县级台账": ["甲红"]}
    town = await here.opened(LEDGERS, "甲镇")
    assert town.names == ["汇总", "镇级台账"]
    assert [row["户主"] for row in town.rows("镇级台账", "序号")] == ["乙黄", "甲红", "丁研"]
    village = await here.opened(LEDGERS, "东村")
    assert village.names == ["汇总", "村级台账"]
    rows = village.rows("村级台账", "序号")
    assert [row["户主"] for row in rows] == ["丙绿", "乙黄", "甲红"]
    assert [row["序号"] for row in rows] == [1, 2, 3]
    south = await here.opened(LEDGERS, "南村")
    assert [row["户主"] for row in south.rows("村级台账", "序号")] == ["戊意"]
    assert "己外" not in south.words()
    assert "这里不另建台账" not in made.words() + town.words() + village.words()


async def test_what_the_county_approved_goes_before_what_the_rules_say_now(database: Database) -> None:
    here = await yibin(database)
    row = by((await here.opened(LEDGERS, "东村")).rows("村级台账", "序号"), "户主")["甲红"]
    assert row["监测颜色"] == "红色"
    assert row["县书面审定日期"].date() == APRIL
    early = await here.opened(LEDGERS, "东村", period=MAY, now=noon(date(2020, 3, 25)))
    assert by(early.rows("村级台账", "序号"), "户主")["甲红"]["县书面审定日期"] is None


async def test_gaps_departments_measures_and_the_record(database: Database) -> None:
    here = await yibin(database)
    await here.warned("甲红", "AL-01", date(2020, 6, 2), "住房不安全")
    await here.warned("甲红", "AL-xx", date(2020, 6, 2), "别的办法的预警")
    await here.checked(
        "甲红", date(2020, 6, 3), advice=2, monthly_risks=[5],
        open_measure=[{"measure_name": "改造住房", "measure_progress": 2}],
    )  # fmt: skip
    rows = by((await here.opened(LEDGERS, "东村")).rows("村级台账", "序号"), "户主")
    (open_,) = (await here.opened(LEDGERS, "西村")).rows("村级台账", "序号")
    red, rich = rows["甲红"], rows["丙绿"]
    assert red["缺项"] == "住房"
    assert red["还没核实"] is None
    assert red["归口部门"] == "住建局"
    assert "补齐住房安全" in red["措施"]
    assert red["预警"] == "2020年6月2日住房不安全"
    assert red["在办措施进度"] == "改造住房：正在办"
    assert red["最近一次月监测"] == "2020年6月3日实地入户：上报预警"
    assert red["本月风险"] == "受灾"
    assert red["预估年人均收入（元）"] == 3000
    assert rich["缺项"] is None
    assert rich["最近一次月监测"] is None
    assert open_["还没核实"] == "穿衣、义务教育、基本医疗、住房、饮水"
    assert red["帮扶责任人"] == "方助"


async def test_the_summary_adds_up_at_every_level(database: Database) -> None:
    here = await yibin(database)
    county = by((await here.opened(LEDGERS, "样县")).rows("汇总", "地方"), "地方")
    assert county["合计"]["红色"] == 1
    assert county["合计"]["在台账合计"] == 5
    assert county["合计"]["还没有判定"] == 1
    for town in ("甲镇", "乙镇"):
        found = by((await here.opened(LEDGERS, town)).rows("汇总", "地方"), "地方")
        assert {k: v for k, v in found["合计"].items() if k != "地方"} == {
            k: v for k, v in county[town].items() if k != "地方"
        }
    assert found["空村"]["在台账合计"] == 0


async def test_a_secret_scheme_says_so_in_every_title(database: Database) -> None:
    here = await yibin(database)
    made = await here.opened(LEDGERS, "东村")
    for name in made.names:
        assert "内部资料" in made.shown[name]["A1"].value
    assert "还有1户没有判定" not in made.words("村级台账")
    assert "还有1户没有判定" in (await here.opened(LEDGERS, "南村")).words("村级台账")


async def test_each_scheme_has_its_ledgers(database: Database) -> None:
    here = await Little.open(database, "district")
    await here.home("东村", "甲灾", (MARCH, "ordinary"), status=3, hardship_causes=[1], scheme="n6")
    await here.judged("甲灾", MARCH, "ordinary", "m8")
    await here.checked(
        "甲灾", date(2020, 6, 3), monthly_risks=[3, 5], self_paid_this_month=4200,
        monthly_risk_description="房子塌了半边，要修",
    )  # fmt: skip
    assert content_of("district").county.schemes == ("n6", "m8")
    made = await here.opened(LEDGERS, "样县")
    assert made.names == ["汇总", "县级台账"]
    row = made.rows("县级台账", "序号")[0]
    assert row["易返贫原因"] == "自然灾害"
    assert row["风险点"] == "就医、受灾"
    assert row["原因、风险点、需解决的相关事宜"] == "房子塌了半边，要修"
    assert "内部资料" not in made.words()
    village = await here.opened(LEDGERS, "东村")
    assert village.names == ["汇总"]
    assert "这里不另建台账：这个办法的台账是县级监测台账" in village.words("汇总")
    second = await here.opened(LEDGERS, "甲镇", scheme="m8")
    assert second.names == ["汇总", "镇级台账"]
    assert second.rows("镇级台账", "序号")[0]["医疗费用/本月个人自付（元）"] == 4200


@pytest.mark.parametrize(
    ("county", "verdict", "head", "words"),
    [
        ("prefecture", "key", "监测类别", "重点监测对象"),
        ("huarong", "red", "卡别", "红卡"),
        ("town_guarantors", "marginal", "包保责任人", "村两委负责人"),
        ("gansu", "stable", "按规定停下的事", "原则上不再监测"),
        ("township", "key", "类别", "重点监测户"),
    ],
)
async def test_other_schemes(database: Database, county: str, verdict: str, head: str, words: str) -> None:
    here = await Little.open(database, county)
    await here.home("东村", "甲某", (MARCH, verdict))
    made = await here.opened(LEDGERS, "样县" if county == "huarong" else "东村")
    assert words in made.rows(made.names[-1], "序号")[0][head]
    assert "红色" not in made.words()


async def test_what_cannot_be_made(database: Database) -> None:
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲某")
    assert "现在没有要记进这本台账的户" in (await here.opened(LEDGERS, "东村")).words()
    with pytest.raises(RegionEmpty):
        await here.opened(LEDGERS, "空村")
    with pytest.raises(SchemeOff):
        await here.opened(LEDGERS, "东村", scheme="hr")


async def test_the_ledger_of_a_whole_county(database: Database) -> None:
    found = content_of("huarong")
    county = await fill(database, scale=0.01, seed=19, content=found)
    until = date(2020, 6, 30)
    made = await opened_in(database, found, LEDGERS, county.place.region, noon(until))
    cards = {1: "红卡", 2: "黄卡", 3: "绿卡", 4: "蓝卡", 5: ""}
    named = {"red": "红卡", "yellow": "黄卡", "green": "绿卡", "blue": "蓝卡"}
    wanted: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        filed = [row for row in home.history.rows if row.name == "filed_card" and row.as_of <= until]
        filed = [row for row in filed if row.value is not None]
        last = max(filed, key=lambda row: row.as_of).value if filed else None
        card = cards[last] if last else named.get(home.verdict("hr", until) or "", "")
        wanted[home.town.name, card] += bool(card)
    rows = by(made.rows("汇总", "地方"), "地方")
    assert sum(wanted.values())
    for town in county.towns:
        for card in named.values():
            assert rows[town.region.name][card] == wanted[town.region.name, card]
    ledger = made.rows("县级台账", "序号")
    assert len(ledger) == rows["合计"]["在台账合计"] == sum(wanted.values())
    for card in named.values():
        assert sum(row["卡别"] == card for row in ledger) == rows["合计"][card]
