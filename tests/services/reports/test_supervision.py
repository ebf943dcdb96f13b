"""The monthly reports of villages under supervision, and the units in charge of townships."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import LevelUnfit
from bot.services.reports.supervision import REPORTS
from bot.services.reports.town_support import REPORTS as SUPPORT
from bot.storage import regions
from bot.storage.database import Database
from bot.storage.subjects import Subject
from tests.county import TOWNS, fill
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.handed_papers import hand_in
from tests.services.reports.little_county import JUNE, MAY, Little, Opened, by
from tests.services.village import loaded

(MONTHLY,), (PLAN,) = REPORTS, SUPPORT
STATES = {1: "落实到位", 2: "还有差距", 3: "没有落实"}
FACTS = [loaded().form("dv").by_id[f"5.{number}"].fact for number in range(1, 11)]


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """Two villages that report, one of them on the document's list."""
    here = await Little.open(database, "huarong")
    async with here.database.transaction() as conn:
        town = await regions.add(conn, name="新河乡", level="town", parent=here.places["样县"])
        village = await regions.add(conn, name="徐家岭村", level="village", parent=town)
    here.places |= {town.name: town, village.name: village}
    return here


async def report(here: Little, village: str, on: date, month: str, **answers: Any) -> None:
    """A monthly report; the ten contents are in order unless said otherwise."""
    subject = Subject("region", here.places[village].id)
    usual = dict.fromkeys(FACTS, 1)
    said = {
        "supervision_month": month,
        "supervised_on": on.isoformat(),
        "has_important_matter": 2,
        "found_new_problem": 2,
        **usual,
        **answers,
    }
    await hand_in(here, subject, "dv", on, **said)


async def reports(here: Little) -> None:
    await report(
        here,
        "徐家岭村",
        date(2020, 5, 24),
        "2020-05",
        supervision_leader="文领导",
        unlifted_before=34,
        unlifted_now=33,
        last_month_problem_count=0,
    )
    await report(
        here,
        "徐家岭村",
        date(2020, 6, 10),
        "2020-06",
        supervision_leader="文领导",
        supervision_members="甲、乙",
        supervised_guarantees=2,
        supervised_guarantees_words="水池没修好",
        found_new_problem=1,
        found_problem=[
            {
                "problem_words": "三户没通水，找110101199003070037",
                "problem_category": 8,
                "problem_due": "2020-06-30",
            },
            {"problem_words": "台账不全", "problem_category": 3, "problem_due": None},
        ],
        last_month_problem_count=3,
        last_month_closed_count=1,
        open_problem_reason="等资金",
        supervision_step=1,
        unlifted_before=33,
        unlifted_now=35,
        unlifted_rise_reason="返贫两人",
        has_important_matter=1,
        important_matter="要修渠",
    )
    await report(
        here,
        "东村",
        date(2020, 6, 12),
        "2020-06",
        last_month_problem_count=0,
        unlifted_before=4,
        unlifted_now=2,
    )


async def test_contents_problems_and_progress_of_a_month(here: Little) -> None:
    await reports(here)
    opened = await here.opened(MONTHLY, "样县", period=JUNE)
    assert opened.names == ["督战村名单", "十项内容", "发现问题", "销号和人口变化"]
    lines = [row for row in opened.shown["十项内容"].iter_rows(min_row=4, values_only=True) if row[1]]
    assert len(lines) == 20
    form = loaded().form("dv")
    gaps = {line[1]: line[2:] for line in lines if line[3]}
    assert gaps == {form.by_id["5.2"].label: ("还有差距", "水池没修好")}
    assert Counter(line[2] for line in lines) == {"落实到位": 19, "还有差距": 1}
    found = [row for row in opened.rows("发现问题", "序号") if isinstance(row["序号"], int)]
    assert [(row["村"], row["问题类别"], row["整改期限"]) for row in found] == [
        ("新河乡徐家岭村", "饮水安全保障政策", datetime(2020, 6, 30)),
        ("新河乡徐家岭村", "驻村结对帮扶责任", None),
    ]
    assert "110101199003070037" not in opened.words()
    rows = by(opened.rows("销号和人口变化", "村"), "村")
    first, east, total = rows["新河乡徐家岭村"], rows["甲镇东村"], rows["合计"]
    assert [first[f"上月问题/{each}"] for each in ("问题数", "已销号", "未销号", "督促办法")] == [
        3,
        1,
        2,
        "提醒预警",
    ]
    assert [first[f"未脱贫人口/{each}"] for each in ("上月", "本月", "增减", "增加原因")] == [
        33,
        35,
        2,
        "返贫两人",
    ]
    assert [east[f"未脱贫人口/{each}"] for each in ("上月", "本月", "增减")] == [4, 2, -2]
    assert (first["重要情况"], east["重要情况"]) == ("要修渠", "无")
    for head in ("上月问题/问题数", "上月问题/未销号", "未脱贫人口/本月", "未脱贫人口/增减"):
        assert total[head] == first[head] + east[head]
    assert opened.formulas == 4 + 8 - 1


async def test_the_list_says_who_has_not_reported(here: Little) -> None:
    await reports(here)
    opened = await here.opened(MONTHLY, "样县", period=JUNE)
    villages = by(opened.rows("督战村名单", "序号"), "挂牌督战村")
    assert villages["徐家岭村"]["本期月报"] == 1
    assert (villages["西来村"]["本期月报"], villages["西来村"]["乡镇"]) == (0, "梅田湖镇")
    assert "还没有交这一期月报的督战村：西来村。" in opened.words()
    town = await here.opened(MONTHLY, "新河乡", period=JUNE)
    assert [row["挂牌督战村"] for row in town.rows("督战村名单", "序号")] == ["徐家岭村"]
    other = await here.opened(MONTHLY, "乙镇", period=JUNE)
    assert "这里没有挂牌督战村。" in other.words()
    assert "这一期还没有交上来的督战月报。" in other.words()


async def test_each_month_has_its_own_and_a_late_one_counts_where_it_belongs(here: Little) -> None:
    await reports(here)
    may = by((await here.opened(MONTHLY, "样县", period=MAY)).rows("销号和人口变化", "村"), "村")
    assert may["新河乡徐家岭村"]["未脱贫人口/增减"] == -1
    assert "甲镇东村" not in may
    await report(here, "东村", date(2020, 6, 13), "2020-05", unlifted_now=4)
    may = by((await here.opened(MONTHLY, "样县", period=MAY)).rows("销号和人口变化", "村"), "村")
    assert may["甲镇东村"]["未脱贫人口/本月"] == 4
    assert may["甲镇东村"]["上月问题/未销号"] is None
    both = Period(MAY.first, JUNE.last)
    rows = (await here.opened(MONTHLY, "样县", period=both)).rows("销号和人口变化", "村")
    assert [row["村"] for row in rows if row["月份"]] == [
        "甲镇东村（2020-05）",
        "甲镇东村（2020-06）",
        "新河乡徐家岭村（2020-05）",
        "新河乡徐家岭村（2020-06）",
    ]


async def test_attachment_six_is_what_the_document_says(database: Database) -> None:  # noqa: F811
    content = loaded()
    county = await fill(database, scale=0.05, seed=3, content=content)
    office = Office(content, ZoneInfo("Asia/Shanghai"), content.county.schemes)
    now = datetime(2020, 7, 1, 2, 0, tzinfo=UTC)
    async with database.reading() as conn:
        ask = ask_for(office, PLAN, county.place.region, now)
        opened = Opened(write(await make(conn, PLAN, ask)))
        with pytest.raises(LevelUnfit):
            ask_for(office, PLAN, county.towns[0].region, now)
    rows = by(opened.rows("附件6", "序号"), "乡镇")
    assert [name for name in rows if name and name in TOWNS] == list(TOWNS)
    alive = Counter(home.town.name for home in county.homes if home.nature.reg_status in (1, 2))
    for name, wanted in TOWNS.items():
        assert rows[name]["贫困户数"] == alive[name]
        if alive[name] != wanted:
            assert f"{name}名册{alive[name]}户、附件6为{wanted}户" in opened.words()
    assert rows["三封寺镇"]["县直单位"] == "水利局"
    assert rows["章华镇"]["县直单位"] == "卫健局"
    assert rows["田家湖"]["县直单位"] is None
    total = next(row for row in opened.rows("附件6", "序号") if row["序号"] == "合计")
    assert total["贫困户数"] == sum(alive.values())
    notes = [cell.comment.text for line in opened.made["附件6"].iter_rows() for cell in line if cell.comment]
    assert any("附件6这一格是空的" in note for note in notes)


def test_the_figures_of_attachment_six_come_to_what_the_catalogue_adds_up() -> None:
    words = loaded().layouts["O-15"].words
    counts = [int(text) for key, text in words.items() if key.startswith("count.")]
    assert (len(counts), sum(counts)) == (15, 9273)


async def test_a_county_of_other_townships_is_told_which_are_missing(here: Little) -> None:
    opened = await here.opened(PLAN, "样县")
    assert "附件6还有" in opened.words()
    assert [row["乡镇"] for row in opened.rows("附件6", "序号") if isinstance(row["序号"], int)] == [
        "新河乡",
        "甲镇",
        "乙镇",
    ]
