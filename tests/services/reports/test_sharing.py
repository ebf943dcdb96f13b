"""What departments get (O-23) and what is to be done in other systems (O-23b): no more than each needs."""

from __future__ import annotations

from datetime import date

import pytest

from bot.services.reports.outside_systems import REPORTS as OUTSIDE
from bot.services.reports.report import LevelUnfit, SchemeOff
from bot.services.reports.sharing import REPORTS as SHARED
from bot.storage.database import Database
from tests.services.reports.little_county import Little, by
from tests.services.village import loaded

SHARING, TODO = SHARED[0], OUTSIDE[0]
MARCH = date(2020, 3, 20)
GOOD = {f"{each}_state": 1 for each in ("food", "clothes", "schooling", "medical", "house", "water")}


async def huarong(database: Database) -> Little:
    """Three households with cards; one lacks a safe house, one safe water."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "甲房", (MARCH, "red"), status=1, house_safety=2)
    await here.home("南村", "乙水", (MARCH, "yellow"), water_source=2, water_access=2)
    await here.home("南村", "丙外", (MARCH, "none"), status=3, house_safety=2)
    return here


async def test_each_department_gets_its_own_households_and_little_of_them(database: Database) -> None:
    here = await huarong(database)
    made = await here.opened(SHARING, "样县")
    assert "住建局" in made.names
    assert "水利局" in made.names
    rows = made.rows("住建局", "序号")
    assert rows == [
        {"序号": 1, "乡镇、村、组": "甲镇东村一组", "户主": "甲房", "类别": "红卡", "需求": "解决住房安全"}
    ]
    assert [row["户主"] for row in made.rows("水利局", "序号")] == ["乙水"]
    assert "丙外" not in made.words()
    for office in ("支村委", "结对帮扶干部", "乡镇", "县扶贫办"):
        assert office not in made.names
    for private in ("方助", "人口", "收入", "电话"):
        assert private not in made.words()


async def test_of_a_measure_for_several_each_department_reads_its_own_part(database: Database) -> None:
    here = await huarong(database)
    made = await here.opened(SHARING, "样县")
    needs = {
        name: [row["需求"] for row in made.rows(name, "序号") if row["户主"] == "乙水"]
        for name in ("农业农村局", "残联", "教体局", "水利局")
    }
    assert needs["残联"] == ["残疾保障重点扶持"]
    assert needs["教体局"] == ["教育重点扶持"]
    assert needs["水利局"] == ["解决饮水安全"]
    assert "产业重点扶持" in needs["农业农村局"][0]
    assert "黄卡户重点扶持" not in made.words()


async def test_every_part_belongs_to_a_measure_and_a_department_of_it() -> None:
    content = loaded()
    offices = {
        (measure.id, office.id)
        for pack in content.packs.values()
        for measure in pack.measures
        for office in measure.departments
    }
    parts = [tuple(name.rsplit(".", 1)) for name in content.layouts["O-23"].under("part.")]
    assert parts
    assert set(parts) <= offices


async def test_the_directory_foots_with_the_packages(database: Database) -> None:
    here = await huarong(database)
    made = await here.opened(SHARING, "样县")
    listed = by(made.rows("目录", "部门"), "部门")
    assert list(listed) == made.names[1:]
    for name, row in listed.items():
        homes = made.rows(name, "序号")
        assert row["合计"] == len(homes)
        for town in ("甲镇", "乙镇"):
            assert row[town] == sum(home["乡镇、村、组"].startswith(town) for home in homes)
    assert made.formulas == len(listed)


async def test_colours_are_not_shared(database: Database) -> None:
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲某", (MARCH, "red"), **{**GOOD, "house_state": 3})
    made = await here.opened(SHARING, "样县")
    assert "类别" not in made.rows("住建局", "序号")[0]
    for word in ("红", "黄", "绿", "颜色"):
        assert word not in made.words()
    assert "内部资料" in made.shown["住建局"]["A1"].value
    with pytest.raises(LevelUnfit):
        await here.opened(SHARING, "东村")


async def test_nothing_to_share(database: Database) -> None:
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲某")
    made = await here.opened(SHARING, "样县")
    assert made.names == ["目录"]
    assert "现在没有要部门帮办的户" in made.words()


async def yibin(database: Database) -> Little:
    """Households at every step of a warning."""
    here = await Little.open(database, "yibin")
    short = {**GOOD, "house_state": 3}
    await here.home("东村", "甲标", (MARCH, "red"), system_mark_2019=3, **short)
    await here.home("东村", "乙录", (MARCH, "red"), status=3, system_mark_2019=3, **GOOD)
    await here.home("东村", "丙在", (MARCH, "red"), system_mark_2019=1, **GOOD)
    await here.home("西村", "丁升", (MARCH, "yellow"), **short)
    await here.home("南村", "戊请", (MARCH, "red"), system_mark_2019=1, **GOOD)
    await here.home("南村", "己销", (MARCH, "red"), system_mark_2019=2, status=3, **GOOD)
    await here.said(
        "甲标", date(2020, 4, 10), county_colour=1, county_approved_on="2020-04-10", county_paper="审3号"
    )
    await here.checked("甲标", date(2020, 6, 3), advice=2)
    await here.warned("丙在", "AL-01", date(2020, 5, 4), "住房不安全")
    asked = {"department_asked_on": "2020-06-01", "department_asking": "住建局"}
    await here.said("戊请", date(2020, 6, 1), **asked)
    await here.said("己销", date(2020, 6, 1), **asked)
    done = {"county_exit": 1, "county_exit_on": "2020-06-05", "department_updated_on": "2020-06-08"}
    await here.said("己销", date(2020, 6, 8), **done)
    return here


async def test_what_is_to_be_done_under_the_three_colours(database: Database) -> None:
    here = await yibin(database)
    made = await here.opened(TODO, "样县")
    assert made.names == ["国子系统", "大数据平台", "行业部门系统", "一致性差异"]
    national = by(made.rows("国子系统", "序号"), "户主")
    assert {head: row["要做的事"] for head, row in national.items()} == {
        "甲标": "标注为新增脱贫监测户",
        "乙录": "录入为新增边缘户",
    }
    assert national["甲标"]["依据"] == "县书面审定：2020年4月10日审3号"
    assert "日期待补" in national["乙录"]["依据"]
    platform = by(made.rows("大数据平台", "序号"), "户主")
    assert {head: row["要做的事"] for head, row in platform.items()} == {
        "甲标": "标注预警",
        "丙在": "申请销号",
        "丁升": "先在国子系统录入或标注，导入平台后再标注预警",
        "戊请": "核实并批准销号",
        "己销": "核实并批准销号",
    }
    assert platform["甲标"]["依据"] == "2020年6月3日月监测，缺项：住房"
    assert platform["戊请"]["完成日期"] is None
    assert platform["己销"]["完成日期"].date() == date(2020, 6, 5)
    (update,) = made.rows("行业部门系统", "序号")
    assert (update["户主"], update["责任人（单位）"]) == ("己销", "住建局")
    assert update["完成日期"].date() == date(2020, 6, 8)
    assert "现有的答案和国家系统的标注没有对不上的" in made.words("一致性差异")
    assert all("内部资料" in made.shown[name]["A1"].value for name in made.names)


async def test_a_new_warning_after_the_last_was_struck_off(database: Database) -> None:
    here = await yibin(database)
    await here.said("己销", date(2020, 6, 12), department_asked_on="2020-06-12", department_asking="水利局")
    platform = by((await here.opened(TODO, "南村")).rows("大数据平台", "序号"), "户主")
    assert platform["己销"]["完成日期"] is None
    assert "水利局" in platform["己销"]["依据"]


async def test_what_differs_from_the_national_system(database: Database) -> None:
    here = await Little.open(database, "gansu")
    await here.home("东村", "甲错", (MARCH, "eased"), status=3, system_mark_2019=1, monitor_kind=2)
    await here.home("东村", "乙对", (MARCH, "eased"), status=2, system_mark_2019=1, monitor_kind=1)
    await here.home("东村", "丙空", (MARCH, "eased"), status=3, monitor_kind=2)
    made = await here.opened(TODO, "样县")
    assert made.names == ["一致性差异"]
    rows = made.rows("一致性差异", "序号")
    told = [(row["户主"], row["项目"], row["国家系统标注"], row["这里登记的"]) for row in rows]
    assert told == [
        ("甲错", "名册状态", "脱贫监测户", "非建档立卡"),
        ("甲错", "两类户的户类型", "脱贫监测户", "边缘易致贫户"),
    ]


async def test_the_system_of_poverty_relief(database: Database) -> None:
    here = await Little.open(database, "prefecture")
    taken = {"county_conclusion": 1, "county_decided_on": "2020-05-06"}
    await here.home("东村", "甲进", (MARCH, "key"), **taken)
    out = {"county_exit": 1, "county_exit_on": "2020-06-02", "system_closed_on": "2020-06-04"}
    await here.home("东村", "乙出", (MARCH, "key"), **out)
    await here.home("东村", "丙否", (MARCH, "key"), county_conclusion=2, county_decided_on="2020-05-06")
    rows = by((await here.opened(TODO, "东村")).rows("扶贫开发信息系统", "序号"), "户主")
    assert set(rows) == {"甲进", "乙出"}
    assert rows["甲进"]["要做的事"] == "录入全国扶贫开发信息系统"
    assert rows["乙出"]["完成日期"].date() == date(2020, 6, 4)
    other = await Little.open(database, "huarong")
    await other.home("西村", "丁某")
    with pytest.raises(SchemeOff):
        await other.opened(TODO, "西村")
