"""The lists of the four cards say what the rules suggest and what the county decided; figures foot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.card_lists import REPORTS
from bot.services.reports.card_procedure import Course
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import SchemeOff
from bot.storage import plans
from bot.storage.database import Database
from bot.storage.plans import NewPlan
from tests.county import County, fill
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.handed_papers import step
from tests.services.reports.little_county import Little, Opened, by, noon
from tests.services.village import loaded

(LIST,) = REPORTS
APRIL = date(2020, 4, 1)
CARDS = ("红卡", "黄卡", "绿卡", "蓝卡")


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """One household of each kind."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "安一", (APRIL, "red"), status=1)
    await here.home(
        "东村",
        "白二",
        (APRIL, "green"),
        (date(2020, 5, 1), "yellow"),
        status=2,
        exit_year=2018,
        handbook_income_per_capita=4800,
        return_risk=1,
        return_risk_causes=[1, 7],
        return_risk_other="要修房",
        labor_normal_count=1,
        illness_disability_expense=30000,
        education_expense=0,
        gross_income=15000,
        consumer_car=2,
    )
    await here.home(
        "西村",
        "常三",
        (APRIL, "green"),
        status=2,
        handbook_income_per_capita=4500,
        return_risk=1,
        return_risk_causes=[2],
        consumer_car=1,
    )
    await here.home(
        "西村",
        "丁四",
        (APRIL, "blue"),
        status=3,
        estimated_income_per_capita=4000,
        poverty_risk_causes=[3],
        kept=False,
    )
    await here.home("西村", "方五", (APRIL, "none"), status=3)
    await here.home("西村", "葛六", (APRIL, "to_verify"), status=3)
    await here.home("南村", "何七", (APRIL, "to_verify"), status=2)
    await here.home("南村", "贾八", status=2)
    return here


def of(opened: Opened, kind: str) -> dict[Any, Any]:  # noqa: F811
    return by([row for row in opened.rows(kind, "序号") if isinstance(row["序号"], int)], "户主")


async def test_who_is_listed_and_under_which_card(here: Little) -> None:
    opened = await here.opened(LIST, "样县")
    homes = of(opened, "县数据库")
    assert list(homes) == ["安一", "白二", "丁四", "常三", "何七", "贾八"]
    assert [row["序号"] for row in homes.values()] == [1, 2, 3, 4, 5, 6]
    assert {name: row["卡别/建议卡"] for name, row in homes.items()} == {
        "安一": "红卡",
        "白二": "黄卡",
        "常三": "绿卡",
        "丁四": "蓝卡",
        "何七": "待核实",
        "贾八": None,
    }
    assert "另有1户非建档立卡户还没问清楚" in opened.words("县数据库")
    (noted,) = [cell for line in opened.made["县数据库"].iter_rows() for cell in line if cell.comment]
    assert "还没有问到" in noted.comment.text


async def test_incomes_risks_exclusions_and_priority_stand_with_their_households(here: Little) -> None:
    homes = of(await here.opened(LIST, "甲镇"), "乡镇名单")
    red, yellow, green, blue = (homes[name] for name in ("安一", "白二", "常三", "丁四"))
    assert (red["人均纯收入/元"], red["人均纯收入/口径"]) == (None, None)
    assert (yellow["人均纯收入/元"], yellow["人均纯收入/口径"]) == (4800, "手册2019年度")
    assert (blue["人均纯收入/元"], blue["人均纯收入/口径"]) == (4000, "预计（2019-10至2020-09）")
    assert (yellow["风险原因"], blue["风险原因"], red["风险原因"]) == ("因病、其他（要修房）", "因学", None)
    assert (yellow["不得评黄、蓝卡的情形"], green["不得评黄、蓝卡的情形"]) == (None, "有消费型汽车")
    assert (yellow["优先考虑"], green["优先考虑"]) == ("优先", None)
    assert "请乡镇复核" in green["复核提示"]
    assert (yellow["原状态"], yellow["脱贫年度"], blue["原状态"]) == ("已脱贫", "2018", "非建档立卡")
    assert (yellow["帮扶责任人/姓名"], yellow["帮扶责任人/单位"]) == ("方助", "县林业局")
    assert blue["帮扶责任人/姓名"] is None


async def test_the_procedure_and_the_card_of_the_round_before(here: Little) -> None:
    await step(here, "白二", 1, date(2020, 3, 25), applicant="周助", proposed_card=3)
    await step(here, "白二", 2, date(2020, 3, 26), appraised_card=3)
    await step(here, "白二", 3, date(2020, 3, 27), review_outcome=1)
    await step(here, "白二", 4, date(2020, 3, 28), spot_checked=2)
    await step(
        here,
        "白二",
        6,
        date(2020, 4, 9),
        filed_on="2020-04-09",
        filed_card=3,
        has_objection=2,
        publicity_began_on="2020-04-01",
        publicity_ended_on="2020-04-07",
    )
    row = of(await here.opened(LIST, "东村"), "村级分类名单")["白二"]
    assert (row["卡别/核定卡"], row["卡别/上期卡"], row["认定程序/复核意见"]) == ("绿卡", None, "维持")
    assert (row["认定程序/抽查结论"], row["认定程序/异议"]) == ("未抽到", "无")
    assert row["认定程序/公示起"] == datetime(2020, 4, 1)
    await step(here, "白二", 1, date(2020, 6, 1), applicant="吴支书", proposed_card=3)
    row = of(await here.opened(LIST, "东村"), "村级分类名单")["白二"]
    assert (row["卡别/核定卡"], row["卡别/上期卡"], row["认定程序/初核人"]) == ("绿卡", None, "吴支书")
    assert (row["认定程序/评议结论"], row["认定程序/公示起"]) == (None, None)
    await step(here, "白二", 2, date(2020, 6, 2), appraised_card=3)
    await step(here, "白二", 3, date(2020, 6, 3), review_outcome=2, reviewed_card=2, review_opinion="收入低")
    await step(here, "白二", 4, date(2020, 6, 4), spot_checked=1, spot_check_outcome=1)
    row = of(await here.opened(LIST, "东村"), "村级分类名单")["白二"]
    assert (row["卡别/核定卡"], row["卡别/上期卡"]) == ("黄卡", "绿卡")
    assert (row["认定程序/复核意见"], row["认定程序/抽查结论"]) == ("调整为黄卡：收入低", "属实")
    june = Period(date(2020, 1, 1), date(2020, 5, 31))
    row = of(await here.opened(LIST, "东村", period=june), "村级分类名单")["白二"]
    assert (row["卡别/核定卡"], row["卡别/上期卡"], row["认定程序/初核人"]) == ("绿卡", None, "周助")


def test_a_step_taken_again_undoes_what_followed() -> None:
    course = Course()
    for number, said in (
        (1, {"proposed_card": 2}),
        (2, {"appraised_card": 2}),
        (3, {"review_outcome": 1}),
        (4, {"spot_checked": 2}),
    ):
        course.took(number, said)
    assert (course.decided, course.card) == (True, 2)
    course.took(2, {"appraised_card": 3})
    assert (course.decided, course.card, course.get("spot_checked")) == (False, 3, None)
    assert course.get("proposed_card") == 2


async def test_visits_and_plans_are_those_of_the_year_up_to_the_day(here: Little) -> None:
    await here.due("白二", "contact", date(2020, 6, 30), off=True)
    for month, done in ((3, date(2020, 3, 30)), (6, date(2020, 6, 16)), (9, None), (12, None)):
        await here.due("白二", "visit", date(2020, month, 28), done=done)
    await here.due("白二", "contact", date(2020, 5, 31), done=date(2020, 5, 30))
    async with here.database.transaction() as conn:
        for on in (date(2020, 4, 2), date(2020, 6, 16)):
            await plans.add(conn, NewPlan(here.homes["白二"], {}, "", noon(on)))
    homes = of(await here.opened(LIST, "东村"), "村级分类名单")
    row = homes["白二"]
    assert (row["上户次数/应"], row["上户次数/已"]) == (4, 1)
    assert (row["联络次数/应"], row["联络次数/已"]) == (1, 1)
    assert homes["安一"]["上户次数/应"] is None
    assert homes["安一"]["计划状态"] == "还没有"
    assert row["计划状态"].endswith("（2020-04-02）")


async def test_the_county_marks_with_whom_it_shares(here: Little) -> None:
    town, county = await here.opened(LIST, "甲镇"), await here.opened(LIST, "样县")
    shared = [head for head in of(county, "县数据库")["安一"] if head.startswith("共享标志")]
    assert len(shared) == 9
    assert not [head for head in of(town, "乡镇名单")["安一"] if head.startswith("共享标志")]
    row = of(county, "县数据库")["白二"]
    marked = {head.partition("/")[2] for head in shared if row[head]}
    assert {"农业农村局", "人社局"} <= marked
    assert "水利局" not in marked
    assert not any(of(county, "县数据库")["贾八"][head] for head in shared)


async def test_a_county_without_the_four_cards_has_no_such_list(here: Little) -> None:
    content = here.office.content
    here.office = replace(
        here.office,
        content=replace(content, county=replace(content.county, schemes=("yb",))),
        schemes=("yb",),
    )
    with pytest.raises(SchemeOff):
        here.ask(LIST, "样县")


async def test_the_summary_of_a_county_is_that_of_its_towns(database: Database) -> None:  # noqa: F811
    content = loaded()
    county = await fill(database, scale=0.02, seed=11, content=content)
    office = Office(content, ZoneInfo("Asia/Shanghai"), content.county.schemes)
    now = datetime(2020, 7, 1, 2, 0, tzinfo=UTC)
    opened = await at(database, office, county.place.region, now)
    wanted = expected(county, now)
    rows = by(opened.rows("汇总", "地方"), "地方")
    for town in county.towns:
        own = by((await at(database, office, town.region, now)).rows("汇总", "地方"), "地方")
        for card in CARDS:
            figure = rows[town.region.name][f"建议卡/{card}"]
            assert figure == wanted[town.region.name, card], (town.region.name, card)
            assert own["合计"][f"建议卡/{card}"] == figure
    for card in (*CARDS, "合计", "待核实"):
        total = sum(rows[town.region.name][f"建议卡/{card}"] for town in county.towns)
        assert rows["合计"][f"建议卡/{card}"] == total
    assert opened.formulas == 2 * len(county.towns) + 11
    largest = max((town.region for town in county.towns), key=lambda town: rows[town.name]["建议卡/合计"])
    figures = dict.fromkeys((f"建议卡/{card}" for card in CARDS), 0)
    for village in county.villages:
        if village.region.parent_id == largest.id and any(county.within(village.region)):
            own = by((await at(database, office, village.region, now)).rows("汇总", "地方"), "地方")
            for head in figures:
                figures[head] += own["合计"][head]
    assert figures == {head: rows[largest.name][head] for head in figures}
    assert sum(figures.values()) > 0


async def at(database: Database, office: Office, region: Any, now: datetime) -> Opened:  # noqa: F811
    async with database.reading() as conn:
        return Opened(write(await make(conn, LIST, ask_for(office, LIST, region, now))))


def expected(county: County, now: datetime) -> Counter[tuple[str, str]]:
    names = {outcome.id: outcome.name for outcome in loaded().packs["hr"].outcomes}
    found: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        verdict = home.verdict("hr", now.date())
        if verdict in names:
            found[home.town.name, names[verdict]] += 1
    return found
