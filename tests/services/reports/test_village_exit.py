"""Attachment 3: what was checked in the village counts, the register prefills, the rest stays blank."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.expressions import parse
from bot.services.reports.village_exit import REPORTS
from bot.storage.database import Database
from tests.county import County, Place, fill
from tests.services.reports.look_back_case import Little, Written, written
from tests.services.village import loaded

VE = REPORTS[0]
SHEET, WHOLE = "附件3", "各村汇总"
CHECKED = date(2020, 5, 20)


def rows(file: Written, sheet: str) -> dict[str, list[Any]]:
    """What stands behind the unit, by the number of the row."""
    lines = [line for line in file.lines(sheet)[4:] if line[0] is not None and line[2] is not None]
    return {line[0]: [None if cell == "" else cell for cell in line[3:]] for line in lines}


async def paper(here: Little, village: str = "东村") -> dict[str, list[Any]]:
    file = await written(here.database, VE, here.places[village])
    file.foots()
    return rows(file, SHEET)


async def check(here: Little, village: str, **answers: Any) -> None:
    """What was found in the village."""
    await here.say(here.places[village].id, CHECKED, kind="region", **answers)


def test_the_layout_speaks_of_questions_and_facts_that_there_are() -> None:
    content = loaded()
    layout, form = content.layouts["O-13"], content.form("ve")
    for start in ("full.", "least."):
        found = layout.under(start)
        assert found
        assert found.keys() <= form.by_id.keys()
        for text in found.values():
            rosters = {"disabled", "population", "reg_status"}
            assert parse(text).names - rosters <= content.registry.keys(), text
    assert set(layout.say("alone").split()) <= form.by_id.keys()
    assert {item.section for item in form.items if item.no} == layout.under("part.").keys()


async def test_all_56_items_stand_under_the_six_headings(database: Database) -> None:
    here = await Little.open(database)
    file = await written(database, VE, here.places["东村"])
    lines = file.lines(SHEET)
    assert lines[0][0] == "贫困村退出核实表"
    assert "乡镇：甲镇" in lines[2][0]
    assert "村：东村" in lines[2][0]
    found = rows(file, SHEET)
    assert len(found) == 56
    assert list(found)[-5:] == ["31", "32", "33", "34", "35"]
    assert {"18-1", "24-1", "27-1", "30-1"} <= found.keys()
    headings = [line[1] for line in lines[4:] if line[1] and line[0] is None]
    assert [heading[:2] for heading in headings] == ["一、", "二、", "三、", "四、", "五、", "六、"]
    under = {line[0]: line for line in lines}
    assert under["16"][1:3] == ["是否供水入户（供水管道到住房周边视同入户）①全部②部分③否", "——"]
    assert under["1"][2] == "年"


async def test_the_register_prefills_and_the_rest_waits_for_a_visit(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 1, population=4)
    await here.home("东村", 2, population=None)
    await here.home("东村", 3, population=9)
    await here.home("西村", 2, population=2)
    found = await paper(here)
    assert found["4"] == [2, "预填：按名册算，到村核实后以核实为准"]
    assert found["5"][0] == 4
    assert "还有1户不知道" in found["5"][1]
    assert {no for no, row in found.items() if row[0] is not None} == {"4", "5"}
    assert found["2"] == [None, "手填：还没有到村核实"]


async def test_a_part_that_is_known_is_shown_beside_and_never_instead(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, dibao_now=1, house_renovation=2, joined_asset_income_program=1)
    await here.home(
        "东村", 2, dibao_now=2, house_renovation=1, has_disability=1, disabled=[{"has_certificate": 1}]
    )
    found = await paper(here)
    for no, words in {
        "8": "已有1户",
        "11": "已有1人",
        "28": "已有1户",
        "30-4-1": "1户",
        "30-4-2": "1户",
    }.items():
        assert found[no][0] is None
        assert words in found[no][1], no
    await check(here, "东村", village_dibao_households=0, village_asset_households=5)
    found = await paper(here)
    assert found["8"] == [0, "到村核实；核实的是0，比户表里已有的1还少，请核对"]
    assert found["28"] == [5, "到村核实"]


async def test_what_was_checked_counts_and_choices_show_their_option(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, population=4)
    await check(
        here, "东村", village_registered_households=3, village_piped_water=2, village_exit_year=2018,
        village_net_income_2019=-1.25, village_has_team=2, village_workshops=0, reviewer_unit="县水利局",
        signed_on="2020-05-20", village_households=None,
    )  # fmt: skip
    file = await written(database, VE, here.places["东村"])
    found = rows(file, SHEET)
    assert found["4"] == [3, "到村核实；核实的是3，与名册算出来的1不一致，请核对"]
    assert found["16"][0] == "②部分"
    assert found["1"][0] == 2018
    assert found["20"][0] == -1.25
    assert found["31"][0] == "②否"
    # No team: the paper ends there; no workshop: the next two are passed over.
    for no in ("24", "24-1", "32", "33", "34", "35"):
        assert found[no] == [None, "前面的答案用不着填这一项"]
    assert found["2"][0] is None
    assert "复核人员单位：县水利局" in file.words(SHEET)
    assert "2020年5月20日" in file.words(SHEET)


async def test_a_township_lists_its_villages_and_adds_what_can_be_added(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, population=4)
    await check(
        here,
        "东村",
        village_population=900,
        village_has_clinic=1,
        town_boarding_schools=1,
        village_exit_year=2017,
    )
    await check(here, "西村", village_population=600, village_has_clinic=2, town_boarding_schools=1)
    file = await written(database, VE, here.places["甲镇"])
    assert file.shown.sheetnames == [WHOLE, "东村", "西村"]
    assert file.foots() > 40
    assert file.lines(WHOLE)[3][3:] == ["合计", "东村", "西村"]
    found = rows(file, WHOLE)
    assert found["3"] == [1500, 900, 600]
    assert found["4"] == [1, 1, 0]
    assert found["14"] == [None, "①是", "②否"]
    assert found["19"] == [None, 1, 1]
    assert found["1"] == [None, 2017, None]
    assert found["2"] == [None, None, None]
    notes = set(file.remarks(WHOLE).values())
    assert {"到村核实", "手填：还没有到村核实"} <= notes
    assert rows(file, "东村") == await paper(here, "东村")


async def test_the_county_adds_up_its_townships(database: Database) -> None:
    here = await Little.open(database)
    for village, people, water in (("东村", 900, 1), ("西村", 600, 2), ("南村", 500, 1)):
        await check(
            here, village, village_population=people, village_piped_water=water, village_exit_year=2018
        )
    await check(here, "东村", village_net_income_2019=1.1)
    await check(here, "西村", village_net_income_2019=2.2)
    file = await written(database, VE, here.places["样县"])
    assert file.foots() > 40
    found = rows(file, WHOLE)
    assert file.lines(WHOLE)[3][3:] == ["合计", "甲镇", "乙镇"]
    assert found["3"] == [2000, 1500, 500]
    assert found["16"] == [None, "全部1、部分1", "全部1"]
    assert found["20"] == [3.3, 3.3, None]
    assert found["1"] == [None, None, None]
    assert "1个村有数，共1个村" in file.remarks(WHOLE).values()
    assert "2个村有数，共2个村" in file.remarks(WHOLE).values()


@pytest.fixture
async def county(database: Database) -> County:
    return await fill(database, scale=0.02, content=loaded())


def expected(county: County, village: Place) -> int:
    """The registered households of a village: as checked there by that day, else as on the register."""
    said = [
        row.value
        for row in village.history.rows
        if row.name == "village_registered_households" and row.as_of <= date(2020, 6, 15)
    ]
    if said and said[-1] is not None:
        return int(said[-1])
    homes = county.within(village.region)
    return sum(home.nature.registered for home in homes)


async def test_registers_of_villages_towns_and_county_agree(database: Database, county: County) -> None:
    whole = await written(database, VE, county.place.region)
    whole.foots()
    by_village = {village.region: expected(county, village) for village in county.villages}
    by_town = [
        sum(count for region, count in by_village.items() if region.parent_id == town.region.id)
        for town in county.towns
    ]
    assert rows(whole, WHOLE)["4"] == [sum(by_village.values()), *by_town]
    town = next(place for place in county.towns if county.empty_village.parent_id == place.region.id)
    file = await written(database, VE, town.region)
    file.foots()
    inside = [count for region, count in by_village.items() if region.parent_id == town.region.id]
    assert rows(file, WHOLE)["4"] == [sum(inside), *inside]
    assert rows(file, county.empty_village.name)["4"][0] == by_village[county.empty_village]
