"""Changes month by month (O-44), assessments of help (O-45) and what villages lack (O-41), by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import content
from bot.render.workbooks import write
from bot.services.reports import analysis_months
from bot.services.reports.analysis_shelf import REPORTS
from bot.services.reports.making import make
from bot.services.reports.report import SchemeOff
from bot.storage import facts
from bot.storage.database import Database
from bot.storage.facts import Fact
from tests.services.reports.little_county import Little, Opened, by, content_of, noon
from tests.services.reports.test_analysis import drawn, series

BY_ID = {report.id: report for report in REPORTS}
VILLAGES, MONTHS, HELP = (BY_ID[f"O-{number}"] for number in (41, 44, 45))
MAY = date(2020, 5, 10)

# ----------------------------------------------------------------------------------- months (O-44), by hand


def test_a_field_is_worse_when_any_answer_is_worse() -> None:
    compared = analysis_months.compared
    assert compared((1, 1), (1, 1)) == "same"
    assert compared((1, 0), (1, 1)) == "better"
    assert compared((1, 0), (0, 1)) == "worse"
    assert compared((None, 5.0), (1, 6.0)) == "better"
    assert compared((None, 1), (1, None)) == "open"


SIDES = [
    ("housing", {"house_safe_now": 1}, {"house_safe_now": 3}, "worse"),
    ("housing", {"house_safe_now": 2}, {"house_safe_now": 3}, "better"),
    ("housing", {"new_house_hazards": [0]}, {"new_house_hazards": [1, 5]}, "worse"),
    ("education", {"school_age_schooling": 2}, {"school_age_schooling": 3}, "better"),
    ("education", {"education_aid_received": 1}, {"education_aid_received": 2}, "worse"),
    ("medical", {"all_insured": 2}, {"all_insured": 1}, "better"),
    ("medical", {"illness_this_month": 2}, {"illness_this_month": 1}, "worse"),
    ("water", {"water_shortage_days_month": 3}, {"water_shortage_days_month": 4}, "worse"),
    ("water", {"water_quality_now": 2}, {"water_quality_now": 1}, "better"),
    ("water", {"water_source": 2, "water_access": 2}, {"water_source": 1}, "better"),
    ("income", {"forecast_income_per_capita": 5000}, {"forecast_income_per_capita": 4999.5}, "worse"),
    ("income", {"has_large_expense": 1}, {"has_large_expense": 2}, "better"),
    ("employment", {"has_labor": 1, "has_worker": 1, "worker": [{"work_status": 1}, {"work_status": 4}]},
     {"has_labor": 1, "has_worker": 1, "worker": [{"work_status": 1}, {"work_status": 3}]}, "worse"),
    ("employment", {"has_labor": 2},
     {"has_labor": 1, "has_worker": 1, "worker": [{"work_status": 4}]}, "better"),
    ("living", {"food_enough": 1}, {"food_enough": 2}, "worse"),
    ("living", {"seasonal_clothes": 2}, {"seasonal_clothes": 1}, "better"),
    ("living", {"has_living_difficulty": 2}, {"has_living_difficulty": 1}, "worse"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "before", "now", "change"), SIDES)
def test_what_counts_as_better_and_worse(
    field: str, before: dict[str, Any], now: dict[str, Any], change: str
) -> None:
    formulas = analysis_months.formulas(content_of("huarong").layouts["O-44"])[field]

    def found(facts: Mapping[str, Any]) -> list[Any]:
        return [formula.evaluate(facts) for formula in formulas]

    assert analysis_months.compared(found(before), found(now)) == change
    assert (
        analysis_months.compared(found(now), found(before)) == {"better": "worse", "worse": "better"}[change]
    )
    assert analysis_months.compared(found(now), found(now)) == "same"
    check = content_of("huarong").form("mc")
    options = {item.fact: {option.code for option in item.options} for item in check.items}
    for formula in formulas:
        assert formula.names <= {*options, *(roster.id for roster in check.rosters)}
        for fact, code in formula.constants:
            assert code in options[fact], (fact, code)


async def test_months_compare_the_last_check_with_the_one_before(database: Database) -> None:
    here = await Little.open(database, "huarong")
    for head, village in (("甲", "东村"), ("乙", "南村"), ("丙", "南村")):
        await here.home(village, head)
    await here.checked("甲", date(2020, 3, 10), house_safe_now=1, all_insured=2)
    await here.checked("甲", date(2020, 5, 3), house_safe_now=1, all_insured=2)
    await here.checked("甲", date(2020, 5, 20), house_safe_now=2, all_insured=1)
    await here.checked("乙", date(2020, 5, 5), house_safe_now=2)
    await here.said("乙", date(2020, 5, 25), house_safe_now=None)
    await here.checked("乙", date(2020, 6, 5), house_safe_now=1, food_enough=1)
    made = await here.opened(MONTHS, "样县")
    rows = by(made.rows("逐月对比", "月份"), "月份")
    checks = ("合计", "能比的", "头一回")
    told = {name: tuple(row[f"做了月监测/{each}"] for each in checks) for name, row in rows.items()}
    assert told == {
        "2020年1月": (0, 0, 0), "2020年2月": (0, 0, 0), "2020年3月": (1, 0, 1), "2020年4月": (0, 0, 0),
        "2020年5月": (2, 1, 1), "2020年6月": (1, 1, 0), "合计（户次）": (4, 2, 2),
    }  # fmt: skip
    may = rows["2020年5月"]
    assert [may[f"住房/{each}"] for each in ("好转", "没变", "变差", "没法比")] == [0, 0, 1, 0]
    assert [may[f"医疗/{each}"] for each in ("好转", "没变", "变差", "没法比")] == [1, 0, 0, 0]
    june = rows["2020年6月"]
    assert [june[f"住房/{each}"] for each in ("好转", "没变", "变差", "没法比")] == [1, 0, 0, 0]
    assert june["生活状态/没法比"] == 1
    places = by(made.rows("各地合计", "地方"), "地方")
    whole = {name: figure for name, figure in rows["合计（户次）"].items() if name != "月份"}
    assert {name: figure for name, figure in places["合计"].items() if name != "地方"} == whole
    assert places["甲镇"]["做了月监测/能比的"] == 1
    fields, worse, better = await drawn(here, MONTHS, "样县")
    assert fields.categories[0] == "住房"
    assert [series(fields)[name][0] for name in ("好转", "没变", "变差")] == [1, 0, 1]
    assert worse.categories == better.categories == ("2020年5月", "2020年6月")
    assert series(worse)["住房"] == (1, 0)
    assert series(better)["住房"] == (0, 1)


# ------------------------------------------------------- help (O-45), then villages (O-41), by hand


async def test_assessments_before_during_and_after(database: Database) -> None:
    here = await Little.open(database, "jishishan")
    await here.home("东村", "甲", state_before_help="住土坯房", state_during_help="正在盖房", house_grade=3)
    await here.home("东村", "乙", state_before_help="没活干", state_after_help="有了工作")
    await here.home("南村", "丙")
    await here.said("乙", MAY, state_before_help=None)
    await here.checked("甲", MAY, forecast_income_per_capita=8200, house_safe_now=3)
    made = await here.opened(HELP, "样县")
    rows = by(made.rows("评估情况", "地方"), "地方")
    heads = (
        "户数/合计",
        "户数/写过评估",
        "户数/还没写",
        "写了的户/帮扶前",
        "写了的户/帮扶中",
        "写了的户/帮扶后",
        "写了的户/三段都有",
    )
    assert [rows["甲镇"][head] for head in heads] == [2, 2, 0, 1, 1, 1, 0]
    assert [rows["合计"][head] for head in heads] == [3, 2, 1, 1, 1, 1, 0]
    listed = by(made.rows("逐户对照", "序号"), "户主")
    assert set(listed) == {"甲", "乙"}
    assert listed["甲"]["帮扶前/评估"] == "住土坯房"
    assert listed["甲"]["帮扶前/住房鉴定"] == "C级"
    assert listed["甲"]["帮扶中/预估全年人均收入（元）"] == 8200
    assert listed["甲"]["帮扶中/最近月监测"].date() == MAY
    assert listed["乙"]["帮扶前/评估"] is None
    assert listed["乙"]["帮扶后/评估"] == "有了工作"
    [chart] = await drawn(here, HELP, "样县")
    assert series(chart) == {"帮扶前": (1, 0), "帮扶中": (1, 0), "帮扶后": (1, 0)}


async def filled(here: Little, village: str, **answers: Any) -> None:
    """What a village filled in."""
    place = here.places[village].id
    async with here.database.transaction() as conn:
        said = [
            Fact(None, name, value, MAY, "ve", noon(MAY), region_id=place) for name, value in answers.items()
        ]
        await facts.record(conn, said)


async def villages(database: Database) -> Little:
    """One village that lacks much, one that lacks nothing asked, two that said nothing."""
    here = await Little.open(database, "huarong")
    groups = {f"village_groups_{each}": 4 for each in ("power", "signal", "broadband", "broadcast")}
    common = {"village_group_count": 4, "village_population": 200, "village_registered_households": 10}
    await filled(
        here, "东村", **common, **groups, village_groups_hard_road=3, village_medical_insured=190,
        village_cooperative_households=4, village_piped_water=2, village_net_income_2019=0,
        village_has_clinic=1, village_has_doctor=2, village_registered_people=30, poor_village=1,
    )  # fmt: skip
    await filled(
        here, "南村", **common, **groups, village_groups_hard_road=4, village_medical_insured=200,
        village_cooperative_households=9, village_piped_water=1, village_net_income_2019=5.5,
        village_has_clinic=1, village_has_doctor=1,
    )  # fmt: skip
    return here


async def opened(here: Little, region: str) -> Opened:
    ask = here.ask(VILLAGES, region)
    async with here.database.reading() as conn:
        return Opened(write(await make(conn, VILLAGES, ask)))


async def test_what_villages_lack_have_and_have_not_said(database: Database) -> None:
    here = await villages(database)
    made = await opened(here, "样县")
    items = by(made.rows("各项缺口", "项目"), "项目")
    told = {
        name: tuple(row[each] for each in ("有缺口", "不缺", "没填全", "合计")) for name, row in items.items()
    }
    assert told["18-1 主干道硬化"] == (1, 1, 2, 4)
    assert told["18-2 通动力电"] == (0, 2, 2, 4)
    assert told["16 供水入户"] == (1, 1, 2, 4)
    assert told["14、15 卫生室和医生"] == (1, 1, 2, 4)
    assert told["20 集体经济净收入"] == (1, 1, 2, 4)
    assert told["22 组织化程度"] == (1, 1, 2, 4)
    assert told["没脱贫的人"] == (0, 0, 4, 4)
    rows = by(made.rows("各村数字", "乡镇"), "村")
    assert rows["东村"]["18-1 主干道硬化/还差"] == 1
    assert rows["东村"]["18-1 主干道硬化/占比"] == 0.75
    assert rows["东村"]["6 医保参保/占比"] == 0.95
    assert rows["东村"]["22 参加合作组织/占比"] == 0.4
    assert rows["东村"]["16 供水入户"] == "部分"
    assert rows["东村"]["县里定了门槛的指标"] == "县里没定门槛，不判定"
    assert rows["西村"]["18-1 主干道硬化/还差"] is None
    totals = {row["乡镇"]: row for row in made.rows("各村数字", "乡镇") if row["村"] is None}
    assert totals["甲镇小计"]["18-1 主干道硬化/有的"] == 3
    assert totals["合计"]["18 自然村（个）"] == 8
    assert totals["合计"]["20 村集体经济2019年净收入（万元）"] == 5.5
    listed = made.rows("缺口清单", "乡镇")
    told_of = [row["缺什么"] for row in listed if row["情况"] == "有缺口"]
    assert "有自然村主干道没有硬化：全村4个，硬化主干道的自然村3个，占75%" in told_of
    # Equal neighbours in a column are one cell: a village stands in the first of its rows.
    south = next(at for at, row in enumerate(listed) if row["村"] == "南村")
    assert [row["情况"] for row in listed[south:]] == ["没填全", "没填全"]
    assert "没脱贫的人" in listed[south]["缺什么"]
    assert listed[south + 1]["缺什么"] == "核实表还没有填。"


async def test_gaps_add_up_and_are_drawn(database: Database) -> None:
    here = await villages(database)
    county = by((await opened(here, "样县")).rows("各地缺口", "地方"), "地方")
    town = by((await opened(here, "甲镇")).rows("各地缺口", "地方"), "地方")
    assert {**town["合计"], "地方": "甲镇"} == county["甲镇"]
    assert (county["合计"]["村/合计"], county["合计"]["村/填过核实表"], county["合计"]["村/还没填"]) == (
        4,
        2,
        2,
    )
    assert (
        by((await opened(here, "东村")).rows("各地缺口", "地方"), "地方")["东村"]["有缺口/16 供水入户"] == 1
    )
    gaps, covered = await drawn(here, VILLAGES, "样县")
    assert series(gaps)["有缺口"][0] == 1
    assert {sum(column) for column in zip(*series(gaps).values(), strict=True)} == {4}
    assert series(covered)["占比"][0] == 87.5
    assert series(covered)["占比"][5] == 97.5
    empty = await drawn(here, VILLAGES, "空村")
    assert empty[1].series == ()


async def test_who_is_not_lifted_is_taken_from_the_register_where_no_report_says_it(
    database: Database,
) -> None:
    here = await villages(database)
    await here.home("东村", "甲未", status=1, population=4)
    await here.home("东村", "乙未", status=1, population=2)
    await here.home("西村", "丙脱", status=2)
    await here.home("南村", "丁疑", status=1, population=None)
    made = await opened(here, "样县")
    told = [(row["村"], row["缺什么"]) for row in made.rows("缺口清单", "乡镇")]
    words = [what for _, what in told if "照户名册算的" in what]
    assert len(words) == 1
    assert "还有6人没脱贫" in words[0]
    row = by(made.rows("各项缺口", "项目"), "项目")["没脱贫的人"]
    assert [row["有缺口"], row["不缺"], row["没填全"]] == [1, 1, 2]
    row = by(made.rows("各项缺口", "项目"), "项目")["挂牌督战"]
    assert row["没填全"] == 0, "nobody put these villages under supervision"
    assert not [what for _, what in told if "挂牌督战" in what]


async def test_a_county_without_the_scheme_has_no_report_of_villages(database: Database) -> None:
    here = await Little.open(database, "gansu")
    with pytest.raises(SchemeOff):
        await opened(here, "样县")


async def test_a_village_below_the_countys_threshold_is_told_so(database: Database, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[county]\nid = "own"\nname = "样县"\nschemes = ["hr", "village"]\n'
        '[[parameter]]\nscheme = "village"\nid = "road_least"\n'
        'values = [{ from = 2020-01-01, value = 90, clause = "县里定" }]\n',
        encoding="utf-8",
    )
    here = await villages(database)
    here.office = replace(here.office, content=content.load(content.in_county(str(own))))
    made = await opened(here, "样县")
    rows = by(made.rows("各村数字", "乡镇"), "村")
    assert rows["东村"]["县里定了门槛的指标"] == "有指标没达到县里的门槛"
    assert rows["南村"]["县里定了门槛的指标"] == "县里定了门槛的指标都达到"
    assert rows["西村"]["县里定了门槛的指标"] == "还没填全，先不下结论"
    told = [row["缺什么"] for row in made.rows("缺口清单", "乡镇")]
    assert "硬化主干道的自然村占75%，没有达到90%" in told
