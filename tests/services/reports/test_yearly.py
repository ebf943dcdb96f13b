"""The yearly comparison: targets of the plan against what later questionnaires found, concept by concept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.render.workbooks import write
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import RegionEmpty
from bot.services.reports.yearly import REPORTS
from bot.services.reports.yearly_lines import LineUnclear, lines_of
from bot.storage import facts
from bot.storage.database import Database
from bot.storage.facts import Fact
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import NOW, Little, Opened, noon

(YEARLY,) = REPORTS
PLANNED = date(2020, 3, 1)
BASE: dict[str, Any] = {
    "base_income_kinds": [1, 4, 7, 8], "base_crop_income": 3000, "base_transfer_income": 1200,
    "base_total_income": 21500, "base_disposable_income_pc": 3600, "base_crops": [2], "base_corn_area": 4.5,
    "base_livestock": [1], "base_sheep_count": 8, "dibao_class": 2, "dibao_people": 2,
}  # fmt: skip
PLAN: dict[str, Any] = {
    "plan_2018_business_income": 8000, "plan_2018_wage_income": 15000, "plan_2018_transfer_income": 1500,
    "plan_2018_property_income": 500, "plan_2018_total_income": 25000, "plan_2018_disposable_income_pc": 4200,
    "plan_2018_aspects": [1, 2, 9], "plan_2018_crops": [2], "plan_2018_corn_area": 5, "plan_2018_sheep": 12,
    "plan_2019_total_income": 28000, "plan_2019_disposable_income_pc": 4800, "plan_2019_aspects": [5, 7],
    "plan_2019_housing_ways": [1, 3], "plan_2019_education_ways": [1], "plan_2019_mending_funds": 2600,
    "student_2019": [{"name": "梅小花", "aid_amount": 1000}, {"name": "梅小树", "aid_amount": 600}],
    "livestock_sale": [
        {"livestock": "羊", "livestock_income": 4000}, {"livestock": "猪", "livestock_income": 2300},
    ],
    "job": [{"name": "梅大山", "job_income": 11000}], "house_safety": 1, "all_insured": 1,
    "training": [{"name": "梅大山", "training_month": "2018-11", "training_content": "焊工"}],
}  # fmt: skip


async def tell(here: Little, head: str, period: str, on: date = PLANNED, **answers: Any) -> None:
    """Answers about a period."""
    new = [
        Fact(here.homes[head], name, value, on, "gp", noon(on), period=period)
        for name, value in answers.items()
    ]
    async with here.database.transaction() as conn:
        await facts.record(conn, new)


async def opened(here: Little, village: str, head: str = "", now: datetime = NOW) -> Opened:
    household = here.homes[head] if head else None
    ask = ask_for(here.office, YEARLY, here.places[village], now, household=household)
    async with here.database.reading() as conn:
        return Opened(write(await make(conn, YEARLY, ask)))


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """A household with a plan and one of the two kinds; one of which nothing is known."""
    here = await Little.open(database, "jishishan")
    await here.home("东村", "梅大山", **PLAN)
    await here.home("东村", "石小溪", monitor_kind=1)
    await here.home("东村", "竹有林")
    await tell(here, "梅大山", "2017", **BASE)
    await tell(
        here, "梅大山", "2019-10/2020-09", gross_income=30000, wage_income=20000, net_income_per_capita=7000
    )
    await tell(here, "梅大山", "2019", handbook_income_per_capita=6500)
    net: dict[str, Any] = {"wage": 9000, "business": 2000, "property": 0, "transfer": 1000}
    await tell(here, "石小溪", "2020", **{f"net_{name}_income": value for name, value in net.items()})
    await tell(here, "石小溪", "2020", household_net_income=12000, resident_net_income_per_capita=4000)
    await tell(
        here, "石小溪", "2021", **{f"expected_net_{name}_income": value + 500 for name, value in net.items()}
    )
    await tell(
        here, "石小溪", "2021", expected_household_net_income=14000, expected_net_income_per_capita=4666.67
    )
    return here


def lines(book: Opened) -> dict[str, dict[str, Any]]:
    """The rows of a household's sheet by what they are called."""
    return {str(row["内容"]).strip(): row for row in book.rows(book.names[0], "项目")}


def deep(book: Opened, name: str) -> list[dict[str, Any]]:
    """The rows under a head of three levels."""
    page = list(book.shown[name].iter_rows(values_only=True))
    first = next(at for at, line in enumerate(page) if line[0] == "序号")
    names, held = [], ["", ""]
    for top, middle, low in zip(*page[first : first + 3], strict=True):
        held = [top or held[0], middle or ("" if top else held[1])]
        names.append("/".join(word for word in (*held, low) if word))
    return [dict(zip(names, line, strict=True)) for line in page[first + 3 :] if sum(map(bool, line)) > 1]


async def test_a_household_sees_targets_beside_what_happened_and_nothing_is_made_up(here: Little) -> None:
    book = await opened(here, "东村", "梅大山")
    rows = lines(book)
    assert book.names == ["年度对照"]
    total = rows["家庭总收入（填报数，元）"]
    assert (total["2017年/实际"], total["2018年/目标"], total["2019年/目标"]) == (21500, 25000, 28000)
    assert (total["2018年/实际"], total["2018年/差额"]) == (None, None)
    assert total["跨年问卷/2019年10月—2020年9月"] == 30000
    assert rows["人均纯收入（扶贫手册，元）"]["2019年/实际"] == 6500
    assert rows["人均可支配收入（元）"]["2019年/实际"] is None, "another concept stands in its own line"
    assert rows["玉米（亩）"]["2018年/目标"] == 5
    assert rows["玉米（亩）"]["2019年/目标"] == "—"
    assert rows["养羊（只）"]["2017年/实际"] == 8
    assert rows["安全饮水"]["2018年/目标"] == "安全饮水"
    assert rows["住房改造、搬迁"]["2019年/目标"] == "危房改造、厕所改造（改厕）"
    assert rows["技能培训"]["2018年/实际"] == "焊工"
    assert rows["社会保障"]["2017年/实际"] == "二类"
    assert rows["住房安全"]["目前/最近一次问到的"] == "安全（A级或B级）"
    assert "家庭全部净收入（元）" not in rows, "what nobody asked has no line"


async def test_sums_are_of_what_stands_above_and_of_the_rows_of_a_list(here: Little) -> None:
    rows = lines(await opened(here, "东村", "梅大山"))
    assert rows["其中：养殖（元）"]["2017年/实际"] == 4000 + 2300
    assert [rows[f"其中：{name}"]["2017年/实际"] for name in ("羊", "猪")] == [4000, 2300]
    assert rows["其中：小生意（元）"]["2017年/实际"] == 0, "asked, and they have none"
    assert rows["生产经营性收入（元）"]["2017年/实际"] == 3000 + 4000 + 2300
    assert rows["四项相加（元）"]["2017年/实际"] == 9300 + 11000 + 1200
    assert rows["四项相加（元）"]["2018年/目标"] == 8000 + 15000 + 1500 + 500
    assert rows["四项相加（元）"]["2019年/目标"] is None
    assert rows["享受补助资金（元）"]["2019年/目标"] == 1600


async def test_a_part_that_nobody_knows_leaves_the_sum_open(here: Little) -> None:
    await tell(here, "梅大山", "2017", date(2020, 4, 1), base_crop_income=None)
    rows = lines(await opened(here, "东村", "梅大山"))
    assert rows["生产经营性收入（元）"]["2017年/实际"] is None
    assert rows["四项相加（元）"]["2017年/实际"] is None
    assert rows["家庭总收入（填报数，元）"]["2017年/实际"] == 21500


async def test_the_questionnaire_of_the_next_year_brings_the_actual_figure_and_the_difference(
    here: Little,
) -> None:
    await tell(here, "梅大山", "2018", date(2020, 5, 1), base_total_income=26100, base_sheep_count=10)
    book = await opened(here, "东村", "梅大山")
    rows = lines(book)
    total, sheep = rows["家庭总收入（填报数，元）"], rows["养羊（只）"]
    assert (total["2018年/实际"], total["2018年/差额"]) == (26100, 1100)
    assert (sheep["2018年/实际"], sheep["2018年/差额"]) == (10, -2)
    assert book.formulas > 20
    before = await opened(here, "东村", "梅大山", now=noon(date(2020, 4, 30)))
    assert lines(before)["家庭总收入（填报数，元）"]["2018年/实际"] is None


async def test_an_actual_figure_that_is_missing_says_why(here: Little) -> None:
    book = await opened(here, "东村", "梅大山")
    remarks = {
        cell.comment.text for line in book.made.worksheets[0].iter_rows() for cell in line if cell.comment
    }
    assert "还没有问到，年末实际数由下一年的问卷填写。" in remarks
    assert "现有的问卷不问这一项的实际数，请照实补填。" in remarks
    assert "2020年3月1日问到的。" in remarks
    assert "差额＝实际－目标" in book.words()


async def test_the_other_kind_of_plan_has_its_own_years_and_its_own_concept(here: Little) -> None:
    rows = lines(await opened(here, "东村", "石小溪"))
    total = rows["家庭全部净收入（元）"]
    assert (total["2020年/实际"], total["2021年/目标"], total["2021年/差额"]) == (12000, 14000, None)
    assert rows["人均纯收入（按常住人口，元）"]["2020年/实际"] == 4000
    assert "2018年/目标" not in total
    assert "家庭总收入（填报数，元）" not in rows


async def test_a_household_without_a_plan_is_told_so(here: Little) -> None:
    book = await opened(here, "东村", "竹有林")
    assert "这一户还没有填过计划" in book.words()


async def test_a_village_lists_each_concept_by_itself_with_totals(here: Little) -> None:
    await tell(here, "梅大山", "2018", date(2020, 5, 1), base_total_income=26100)
    book = await opened(here, "东村")
    assert book.names == ["总收入口径", "净收入口径（两类户）", "人均纯收入（手册、问卷）", "户数"]
    first, total = deep(book, "总收入口径")
    assert [first["户主"], *(first[f"2018年/{word}/家庭总收入"] for word in ("目标", "实际", "差额"))] == [
        "梅大山",
        25000,
        26100,
        1100,
    ]
    assert [total["序号"], *(total[f"2018年/{word}/家庭总收入"] for word in ("目标", "实际", "差额"))] == [
        "合计",
        25000,
        26100,
        1100,
    ]
    assert total["2018年/目标/人均可支配收入"] is None, "heads of figures per person are not added up"
    assert "另有2户还没有这个口径的目标和实际数" in book.words("总收入口径")
    net, _ = deep(book, "净收入口径（两类户）")
    assert net["2021年/目标/家庭全部净收入"] == 14000


async def test_a_concept_of_which_nobody_has_a_figure_is_named_and_has_no_sheet(here: Little) -> None:
    await here.home("西村", "柳成荫")
    await tell(here, "柳成荫", "2019", handbook_income_per_capita=6500)
    book = await opened(here, "西村")
    assert book.names == ["人均纯收入（手册、问卷）", "户数"]
    assert "净收入口径（两类户）：还没有哪一户" in book.words("户数")
    words = book.words("人均纯收入（手册、问卷）")
    assert "合计" not in [row["序号"] for row in deep(book, "人均纯收入（手册、问卷）")]
    assert "：人均纯收入（手册、问卷）" in words


async def test_the_counts_say_how_many_reach_their_target(here: Little) -> None:
    await here.home("东村", "柳成荫", plan_2018_total_income=20000)
    await tell(here, "梅大山", "2018", date(2020, 5, 1), base_total_income=26100)
    await tell(here, "柳成荫", "2018", date(2020, 5, 1), base_total_income=19999)
    book = await opened(here, "东村")
    rows = {(row["指标"], row["年份"]): row for row in book.rows("户数", "口径")}
    row = rows["家庭总收入", "2018"]
    assert [row["全村户数"], row["有目标"], row["有实际数"]] == [4, 2, 2]
    assert [row["两样都有/合计"], row["两样都有/达到目标"], row["两样都有/没达到"]] == [2, 1, 1]
    later = rows["家庭总收入", "2019"]
    assert [later["有目标"], later["有实际数"], later["两样都有/达到目标"]] == [1, 0, None]


async def test_a_village_without_households_has_no_comparison(here: Little) -> None:
    with pytest.raises(RegionEmpty):
        await opened(here, "空村")


async def test_every_fact_that_a_line_names_is_asked_by_some_questionnaire(here: Little) -> None:
    content = here.office.content
    asked = set(content.registry) | {f.id for form in content.forms.values() for f in form.rosters}
    for line in lines_of(content.layouts["O-04"]):
        for source in (*line.targets, *line.actuals):
            for name in source.names:
                assert name.replace("{Y}", "2018") in asked or name.replace("{Y}", "2019") in asked, (
                    line.id,
                    name,
                )


async def test_a_line_that_cannot_be_read_is_named(here: Little) -> None:
    layout = here.office.content.layouts["O-04"]
    broken = replace(layout, words={"line.x": "甲|乙|money|plan_{Y}_sheep when 3|"})
    with pytest.raises(LineUnclear):
        lines_of(broken)
