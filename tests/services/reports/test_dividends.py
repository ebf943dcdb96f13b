"""The check of dividends: the ratio is a formula, the floors are the scheme's, a running contract is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from bot.content import Content
from bot.services.reports.dividends import REPORTS
from bot.services.reports.report import RegionEmpty, SchemeOff
from bot.storage.database import Database
from bot.storage.regions import Region
from tests.county import Home, fill
from tests.county.following import END
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.little_county import NOW, Little, Opened, by, content_of, opened_in

(DIVIDENDS,) = REPORTS
MARCH = date(2020, 3, 20)


async def opened(here: Little, region: str) -> Opened:
    """The report as a file, opened again."""
    return await of(here.database, here.office.content, here.places[region], NOW)


async def of(database: Database, content: Content, region: Region, now: datetime) -> Opened:  # noqa: F811
    """The report of any county."""
    return await opened_in(database, content, DIVIDENDS, region, now)


def dividend(principal: float | None, amount: float | None, running: int | None = 2) -> dict[str, Any]:
    """Answers of questionnaire cs, item 18."""
    known = principal is not None and amount is not None
    rate = round(amount / principal * 100, 2) if known else None  # type: ignore[operator]
    return {
        "has_dividend": 1, "dividend_principal": principal, "dividend_amount": amount, "dividend_rate": rate,
        "dividend_contract_running": running,
    }  # fmt: skip


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """Households with and without a floor, on and around it."""
    here = await Little.open(database, "huarong")
    await here.home("东村", "红足", (MARCH, "red"), status=1, **dividend(10000, 1000))
    await here.home("东村", "红低", (MARCH, "red"), status=1, **dividend(10000, 999))
    await here.home("东村", "黄足", (MARCH, "yellow"), **dividend(5000, 400))
    await here.home("西村", "黄低", (MARCH, "yellow"), **dividend(5000, 399))
    await here.home("西村", "黄约", (MARCH, "yellow"), **dividend(5000, 100, 1))
    await here.home("西村", "黄疑", (MARCH, "yellow"), **dividend(5000, 100, None))
    await here.home("南村", "黄无", (MARCH, "yellow"), has_dividend=2)
    await here.home("南村", "红问", (MARCH, "red"), status=1)
    await here.home("南村", "黄半", (MARCH, "yellow"), **dividend(5000, None))
    await here.home("南村", "绿分", (MARCH, "green"), **dividend(2000, 20))
    await here.home("南村", "绿空", (MARCH, "green"))
    await here.home("南村", "未定", status=1)
    return here


async def test_every_household_with_a_floor_or_a_dividend_is_listed(here: Little) -> None:
    rows = by((await opened(here, "样县")).rows("分红核查", "序号"), "户主")
    assert {name: row["是否低于下限"] for name, row in rows.items() if name} == {
        "红足": "不低于",
        "红低": "低于下限",
        "黄足": "不低于",
        "黄低": "低于下限",
        "黄约": "合同期内，按原合同",
        "黄疑": "低于下限，合同期还没有问到",
        "黄无": "没有产业分红",
        "红问": "还没有问到",
        "黄半": "比例还没有问清",
        "绿分": "—",
    }
    assert (rows["红足"]["比例"], rows["红足"]["下限"]) == (0.1, 0.1)
    assert (rows["黄低"]["比例"], rows["黄低"]["下限"]) == (0.0798, 0.08)
    assert (rows["绿分"]["比例"], rows["绿分"]["下限"]) == (0.01, "—")
    assert (rows["黄无"]["本金"], rows["黄无"]["一年分红"], rows["黄无"]["比例"]) == (None, None, None)
    assert rows["黄半"]["比例"] is None


async def test_an_unknown_card_has_neither_a_dash_nor_a_result(here: Little) -> None:
    await here.home("东村", "疑分", status=1, **dividend(1000, 100))
    book = await opened(here, "东村")
    row = by(book.rows("分红核查", "序号"), "户主")["疑分"]
    assert [row[name] for name in ("卡别", "下限", "是否低于下限")] == [None, None, None]
    assert (row["本金"], row["比例"]) == (1000, 0.1)
    notes = [cell.comment.text for line in book.made["分红核查"].iter_rows() for cell in line if cell.comment]
    assert notes == ["卡别未定"] * 3


async def test_the_floor_follows_the_parameter_of_the_scheme(here: Little) -> None:
    floors = here.office.content.packs["hr"].parameter_by_id
    rows = by((await opened(here, "东村")).rows("分红核查", "序号"), "户主")
    assert rows["红足"]["下限"] == floors["dividend_floor_red"].value(date(2020, 6, 15)) / 100  # type: ignore[operator]
    assert rows["黄足"]["下限"] == floors["dividend_floor_yellow"].value(date(2020, 6, 15)) / 100  # type: ignore[operator]


async def test_sums_and_counts_foot(here: Little) -> None:
    book = await opened(here, "样县")
    rows = book.rows("分红核查", "序号")
    sums = {row["乡镇"] or row["序号"]: (row["本金"], row["一年分红"]) for row in rows if row["户主"] is None}
    assert sums == {"甲镇小计": (40000, 2998), "乙镇小计": (7000, 20), "合计": (47000, 3018)}
    counts = by(book.rows("户数", "地方"), "地方")
    total = counts["合计"]
    assert [counts[name]["黄卡/户数"] for name in ("甲镇", "乙镇", "合计")] == [4, 2, 6]
    for card in ("红卡", "黄卡"):
        parts = [
            value for name, value in total.items() if name.startswith(card) and not name.endswith("户数")
        ]
        assert sum(parts) == total[f"{card}/户数"]
    assert "另有1户的卡别还没有定" in book.words("户数")


async def test_before_the_scheme_and_without_it_there_is_no_such_check(here: Little) -> None:
    with pytest.raises(RegionEmpty):
        await opened(here, "空村")
    await here.home("空村", "辛绿", (MARCH, "green"))
    assert "没有红卡户、黄卡户" in (await opened(here, "空村")).words()


async def test_a_county_without_the_four_cards_has_none(database: Database) -> None:  # noqa: F811
    here = await Little.open(database, "yibin")
    with pytest.raises(SchemeOff):
        await opened(here, "样县")


def below(home: Home) -> bool:
    """Whether a household lies below its floor, from the plain records."""
    told: Mapping[str, Any] = home.facts
    card = {1: "red", 2: "yellow"}.get(told.get("filed_card") or 0) or home.verdict("hr")
    floor = {"red": 10, "yellow": 8}.get(card or "")
    if floor is None or told.get("has_dividend") != 1 or told.get("dividend_contract_running") != 2:
        return False
    principal, amount = told.get("dividend_principal"), told.get("dividend_amount")
    return principal is not None and amount is not None and round(amount / principal * 100, 2) < floor


async def test_towns_add_up_to_the_county(database: Database) -> None:  # noqa: F811
    content = content_of("huarong")
    county = await fill(database, scale=0.05, seed=5, content=content)
    top = await of(database, content, county.place.region, END)
    counts = by(top.rows("户数", "地方"), "地方")
    assert any(map(below, county.homes))
    for place in county.towns:
        row = counts[place.region.name]
        assert row["红卡/低于"] + row["黄卡/低于"] == sum(map(below, county.within(place.region)))
    rows = [row for row in top.rows("分红核查", "序号") if row["户主"]]
    assert (
        sum(row["是否低于下限"] == "低于下限" for row in rows)
        == counts["合计"]["红卡/低于"] + counts["合计"]["黄卡/低于"]
    )
    town = next(place.region for place in county.towns if counts[place.region.name]["红卡/户数"])
    own = by((await of(database, content, town, END)).rows("户数", "地方"), "地方")["合计"]
    assert {**own, "地方": town.name} == counts[town.name]
