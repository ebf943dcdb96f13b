"""The housing ledger: which households are key ones, what is known of their houses, and what adds up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from bot.services.reports.housing import REPORTS
from bot.services.reports.report import RegionEmpty
from bot.storage.database import Database
from tests.county import County, Home, fill
from tests.county.following import END
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import Little, Opened, by, content_of, noon, opened_in

(HOUSING,) = REPORTS
KINDS = ["建档立卡", "低保户", "分散供养特困", "贫困残疾人家庭", "非建档特殊困难"]


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """One household of each kind, one of several, two that are none."""
    here = await Little.open(database, "huarong")
    await here.home(
        "东村", "甲建", status=1, house_safety=2, house_grade=3, house_renovation=1, renovation_accepted=1,
        renovation_lacks=[1, 2], is_relocated=2,
    )  # fmt: skip
    await here.home(
        "东村", "乙残", dibao_now=1, has_disability=1, house_safety=1, house_hazards=[1], is_relocated=1,
        relocation_moved_in=2,
    )  # fmt: skip
    await here.home("西村", "丙低", status=3, nonreg_kind=2, house_safety=3)
    await here.home("西村", "丁特", status=3, nonreg_kind=3)
    await here.home("南村", "戊病", status=3, nonreg_kind=5, house_safety=1, new_house_hazards=[0])
    await here.home("南村", "己富", status=3, has_disability=1, dibao_now=2, house_safety=2)
    await here.home("南村", "庚未", status=None)
    return here


def kinds(row: Mapping[str, Any]) -> list[str]:
    """Of which kinds a household is."""
    return [name for name in KINDS if row.get(f"重点户类别/{name}") == 1]


def ledger(book: Opened) -> dict[Any, Any]:
    """The households by name."""
    return {name: row for name, row in by(book.rows("住房台账", "序号"), "户主").items() if name}


async def test_the_five_kinds_of_key_households(here: Little) -> None:
    rows = ledger(await here.opened(HOUSING, "样县"))
    assert {name: kinds(row) for name, row in rows.items()} == {
        "甲建": ["建档立卡"],
        "乙残": ["建档立卡", "低保户", "贫困残疾人家庭"],
        "丙低": ["低保户", "非建档特殊困难"],
        "丁特": ["分散供养特困", "非建档特殊困难"],
        "戊病": ["非建档特殊困难"],
    }, "a household with a disability that is not poor is none, nor one of which nothing is known"


async def test_what_is_known_of_a_house_stands_in_the_words_of_the_questionnaire(here: Little) -> None:
    rows = ledger(await here.opened(HOUSING, "样县"))
    first, second = rows["甲建"], rows["乙残"]
    assert (first["乡镇"], first["村"], first["组"]) == ("甲镇", "东村", "一组")
    assert (first["鉴定/住房安全"], first["鉴定/等级"]) == ("不安全（C级或D级）", "C级")
    assert (first["改造/危房改造"], first["改造/验收"]) == ("C级危房维修加固", "是")
    assert first["改造/缺什么"] == "无厨房、无厕所"
    assert second["隐患/安全但有隐患"] == "漏风漏雨"
    assert (second["搬迁/易地搬迁户"], second["搬迁/实际入住"]) == ("是", "否")
    assert rows["丁特"]["鉴定/住房安全"] is None, "nobody asked"


async def test_what_cannot_apply_is_no_answer(here: Little) -> None:
    await here.home(
        "东村", "壬没", status=1, house_renovation=3, renovation_livable=1, renovation_accepted=1,
        is_relocated=2, relocation_moved_in=1,
    )  # fmt: skip
    await here.home("东村", "癸问", status=1, renovation_livable=1, relocation_moved_in=1)
    book = await here.opened(HOUSING, "东村")
    rows, count = ledger(book), book.rows("户数", "地方")[0]
    heads = ("改造/验收", "改造/正常使用", "改造/缺什么", "搬迁/实际入住", "搬迁/拆旧")
    assert [rows["壬没"][head] for head in heads] == ["—"] * 5
    assert [rows["癸问"][head] for head in heads] == [None] * 5, "nobody said whether it applies"
    assert rows["壬没"]["改造/危房改造"] is not None
    assert (count["改造/改造户"], count["改造/其中已验收"], count["搬迁/其中已入住"]) == (1, 1, 0)


async def test_a_later_monthly_check_goes_before_an_older_answer(here: Little) -> None:
    await here.said("乙残", date(2020, 5, 3), house_safe_now=2)
    assert ledger(await here.opened(HOUSING, "样县"))["乙残"]["鉴定/住房安全"] == "不安全（C级或D级）"
    earlier = await here.opened(HOUSING, "样县", now=noon(date(2020, 5, 2)))
    assert ledger(earlier)["乙残"]["鉴定/住房安全"] == "安全（A级或B级）"


async def test_the_counts_have_a_row_for_each_part_and_foot(here: Little) -> None:
    book = await here.opened(HOUSING, "样县")
    rows = by(book.rows("户数", "地方"), "地方")
    assert list(rows) == ["甲镇", "乙镇", "合计"]
    first, second, total = rows.values()
    assert [row["重点户"] for row in (first, second, total)] == [4, 1, 5]
    assert [
        total[f"鉴定/{name}"] for name in ("已鉴定", "其中安全", "其中不安全", "没鉴定过", "还没问到")
    ] == [3, 2, 1, 1, 1]
    assert [total["有隐患"], total["改造/改造户"], total["改造/其中已验收"]] == [1, 1, 1]
    assert [total["搬迁/搬迁户"], total["搬迁/其中已入住"]] == [1, 0]
    assert "另有2户不是重点户" in book.words("住房台账")


async def test_every_part_has_its_subtotal_in_the_ledger(here: Little) -> None:
    book = await here.opened(HOUSING, "样县")
    rows = book.rows("住房台账", "序号")
    marked = [(row["乡镇"] or row["序号"], row["户数"]) for row in rows if row["户主"] is None]
    assert marked == [("甲镇小计", 4), ("乙镇小计", 1), ("合计", 5)]
    village = await here.opened(HOUSING, "东村")
    assert [row["户数"] for row in village.rows("住房台账", "序号")] == [1, 1, 2]


async def test_a_village_without_key_households_says_so_and_one_without_any_has_none(here: Little) -> None:
    with pytest.raises(RegionEmpty):
        await here.opened(HOUSING, "空村")
    await here.home("空村", "辛安", status=3, dibao_now=2)
    assert "还没有认出重点户" in (await here.opened(HOUSING, "空村")).words("住房台账")


def is_key(home: Home) -> bool:
    """Whether a household is a key one, from the plain records."""
    told = home.facts
    many = {*(told.get("nonreg_other_kinds") or []), told.get("nonreg_kind")}
    groups = {
        *(("a", code) for code in told.get("household_attributes") or []),
        *(("s", code) for code in told.get("special_groups") or []),
    }
    poor = (
        told.get("dibao_now") == 1
        or bool(many & {2, 3})
        or bool(groups & {("a", 1), ("a", 2), ("s", 1), ("s", 2)})
    )
    hard = (
        bool(many & {1, 4, 5})
        or bool(groups & {("s", 3), ("s", 4)})
        or told.get("has_serious_illness") == 1
        or told.get("has_severe_disability") == 1
        or told.get("marked_marginal") == 1
        or told.get("system_mark_2019") == 2
        or told.get("monitor_kind") == 2
    )
    return home.nature.registered or poor or hard


async def test_every_level_adds_up_to_the_one_above_it(database: Database) -> None:  # noqa: F811
    content = content_of("huarong")
    county: County = await fill(database, scale=0.01, seed=5, content=content)
    top = await opened_in(database, content, HOUSING, county.place.region, END)
    rows = by(top.rows("户数", "地方"), "地方")
    expected = {
        place.region.name: sum(is_key(home) for home in county.within(place.region)) for place in county.towns
    }
    assert {name: row["重点户"] for name, row in rows.items() if name != "合计"} == expected
    assert rows["合计"]["重点户"] == sum(expected.values())
    town = county.towns[0].region
    below = await opened_in(database, content, HOUSING, town, END)
    own = {name: value for name, value in rows[town.name].items() if name != "地方"}
    whole = by(below.rows("户数", "地方"), "地方")["合计"]
    assert own == {name: value for name, value in whole.items() if name != "地方"}
