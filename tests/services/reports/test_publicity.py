"""Lists of what the county has decided are posted up, seven days long, never where a scheme forbids it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.rules.calendar import Period
from bot.services.reports.making import make
from bot.services.reports.publicity import REPORTS
from bot.services.reports.report import Forbidden, LevelUnfit
from bot.storage.database import Database
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.handed_papers import step
from tests.services.reports.little_county import Little
from tests.services.village import loaded

(LIST,) = REPORTS
APRIL = date(2020, 4, 1)
HEADS = ["序号", "村", "组", "户主", "卡别", "公示起", "公示止"]


async def checked(here: Little, head: str, card: int, *, drawn: int = 2, **check: int) -> None:
    """Take a household through the county's check."""
    await step(here, head, 1, date(2020, 4, 1), applicant="周助", applied_on="2020-04-01", proposed_card=card)
    await step(here, head, 2, date(2020, 4, 3), appraised_on="2020-04-03", appraised_card=card)
    await step(here, head, 3, date(2020, 4, 8), review_visit_on="2020-04-08", review_outcome=1)
    await step(here, head, 4, date(2020, 4, 15), spot_checked=drawn, **check)


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """Households at every point of the procedure."""
    here = await Little.open(database, "huarong")
    for village, head, status, verdict in (
        ("东村", "安一", 1, "red"),
        ("东村", "白二", 2, "yellow"),
        ("东村", "常三", 2, "green"),
        ("西村", "丁四", 3, "blue"),
        ("西村", "方五", 2, "green"),
        ("西村", "葛六", 2, "green"),
        ("西村", "何七", 3, "none"),
        ("西村", "贾八", 3, "to_verify"),
        ("南村", "康九", 2, "green"),
    ):
        await here.home(village, head, (APRIL, verdict), status=status, has_serious_illness=1)
    await checked(here, "安一", 1)
    await checked(here, "白二", 2, drawn=1, spot_check_outcome=1)
    await step(here, "常三", 1, APRIL, applicant="周助", proposed_card=3)
    await checked(here, "丁四", 4)
    await step(
        here,
        "丁四",
        5,
        date(2020, 6, 12),
        publicity_began_on="2020-06-12",
        publicity_ended_on="2020-06-18",
        publicity_places=[1, 2],
        has_objection=2,
    )
    await checked(here, "方五", 3, drawn=1, spot_check_outcome=2)
    await checked(here, "葛六", 3)
    await step(
        here,
        "葛六",
        6,
        date(2020, 5, 2),
        filed_on="2020-05-02",
        filed_card=3,
        has_objection=2,
        publicity_began_on="2020-04-20",
        publicity_ended_on="2020-04-26",
    )
    return here


async def test_only_what_the_county_decided_is_posted_with_its_seven_days(here: Little) -> None:
    opened = await here.opened(LIST, "甲镇")
    assert opened.names == ["甲镇", "东村", "西村", "异议记录（不张贴）", "办理情况（不张贴）"]
    rows = opened.rows("甲镇", "序号")
    assert list(rows[0]) == HEADS
    today, later = datetime(2020, 6, 15), datetime(2020, 6, 21)
    assert [tuple(row.values()) for row in rows if isinstance(row["序号"], int)] == [
        (1, "东村", "一组", "安一", "红卡", today, later),
        (2, "东村", "一组", "白二", "黄卡", today, later),
        (3, "西村", "一组", "丁四", "蓝卡", datetime(2020, 6, 12), datetime(2020, 6, 18)),
    ]
    for row in rows[:3]:
        assert (row["公示止"] - row["公示起"]).days + 1 == 7


async def test_a_village_posts_what_its_township_posts_of_it(here: Little) -> None:
    town, village = await here.opened(LIST, "甲镇"), await here.opened(LIST, "西村")
    own = [row for row in village.rows("西村", "序号") if isinstance(row["序号"], int)]
    same = [row for row in town.rows("西村", "序号") if isinstance(row["序号"], int)]
    assert own == same
    assert [(row["序号"], row["户主"]) for row in own] == [(1, "丁四")]


async def test_the_posted_sheets_hold_nothing_else_of_a_household(here: Little) -> None:
    opened = await here.opened(LIST, "甲镇")
    for name in ("甲镇", "东村", "西村"):
        words = opened.words(name)
        assert "异议电话" in words
        assert "公示7天" in words
        assert not re.search(r"\d{11,}", words)
        for wrong in ("病", "残", "身份证", "建议", "等", "还没", "周助", "何七", "常三", "方五", "葛六"):
            assert wrong not in words.replace("等着公示", ""), wrong
        page = opened.made[name]
        assert not [cell for line in page.iter_rows() for cell in line if cell.comment]


async def test_the_office_keeps_how_many_wait_and_the_figures_foot(here: Little) -> None:
    opened = await here.opened(LIST, "甲镇")
    counts = {
        row["办到哪一步"]: row["户数"]
        for row in opened.rows("办理情况（不张贴）", "办到哪一步")
        if row["户数"] is not None
    }
    assert counts["在这次公示名单上"] == 3
    assert counts["已初核申报，等民主评议"] == 1
    assert counts["抽查有出入或者异议属实，退回乡镇复核"] == 1
    assert counts["公示已满，已上报县扶贫办"] == 1
    assert counts["系统建议发卡，还没有开始走程序"] == 0
    assert counts["合计"] == 6 == sum(counts.values()) - counts["合计"]
    assert opened.formulas == 1
    south = await here.opened(LIST, "乙镇")
    (begin,) = [
        row
        for row in south.rows("办理情况（不张贴）", "办到哪一步")
        if row["办到哪一步"].startswith("系统建议")
    ]
    assert begin["户数"] == 1
    assert "现在没有等着公示的户。" in south.words("乙镇")


async def test_an_objection_that_is_true_takes_a_household_off_until_it_is_checked_again(
    here: Little,
) -> None:
    await step(
        here,
        "丁四",
        5,
        date(2020, 6, 13),
        publicity_began_on="2020-06-12",
        publicity_ended_on="2020-06-18",
        has_objection=1,
        objection_outcome=2,
    )
    assert "丁四" not in (await here.opened(LIST, "西村")).words("西村")
    await step(
        here,
        "丁四",
        3,
        date(2020, 6, 14),
        review_visit_on="2020-06-14",
        review_outcome=2,
        reviewed_card=5,
        review_opinion="有车",
    )
    await step(here, "丁四", 4, date(2020, 6, 14), spot_checked=2)
    opened = await here.opened(LIST, "西村")
    assert "丁四" not in opened.words("西村")
    counts = {row["办到哪一步"]: row["户数"] for row in opened.rows("办理情况（不张贴）", "办到哪一步")}
    assert counts["核定为不发卡，不上名单"] == 1


async def test_a_list_of_an_earlier_day_is_the_one_that_hung_then(here: Little) -> None:
    opened = await here.opened(LIST, "西村", period=Period(date(2020, 1, 1), date(2020, 4, 20)))
    rows = [row for row in opened.rows("西村", "序号") if isinstance(row["序号"], int)]
    assert [row["户主"] for row in rows] == ["丁四", "葛六"]
    assert rows[1]["公示起"] == datetime(2020, 4, 20)


async def posted(here: Little, head: str, first: str, last: str) -> None:
    """Hang a notice from one day to another, without an objection."""
    days = {"publicity_began_on": first, "publicity_ended_on": last}
    await step(here, head, 5, date(2020, 6, 12), **days, has_objection=2)


async def test_a_notice_that_has_ended_waits_to_be_filed(here: Little) -> None:
    await posted(here, "安一", "2020-06-08", "2020-06-14")
    await posted(here, "白二", "2020-06-09", "2020-06-15")
    await posted(here, "丁四", "2020-06-20", "2020-06-26")
    opened = await here.opened(LIST, "甲镇")
    rows = [row for row in opened.rows("甲镇", "序号") if isinstance(row["序号"], int)]
    assert [row["户主"] for row in rows] == ["白二", "丁四"]
    inside = opened.rows("办理情况（不张贴）", "办到哪一步")
    counts = {row["办到哪一步"]: row["户数"] for row in inside}
    assert counts["在这次公示名单上"] == 2
    assert counts["公示期满，待上报"] == 1
    assert counts["合计"] == 6
    assert "请核对" not in opened.words()


async def test_a_notice_of_other_days_than_the_scheme_gives_gets_a_remark(here: Little) -> None:
    await posted(here, "安一", "2020-06-12", "2020-06-16")
    opened = await here.opened(LIST, "甲镇")
    remark = "请核对：东村安一的公示起止是5天，文件规定公示7天。"
    assert remark in opened.words("办理情况（不张贴）")
    assert opened.words().count("请核对") == 1
    assert "请核对" not in opened.words("甲镇")


async def test_no_county_posts_anything_up(here: Little) -> None:
    with pytest.raises(LevelUnfit):
        here.ask(LIST, "样县")


SCHEMES = sorted(loaded().packs)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_only_the_scheme_that_says_so_is_posted_up(here: Little, scheme: str) -> None:
    ask = replace(here.ask(LIST, "甲镇"), scheme=scheme)
    async with here.database.reading() as conn:
        if scheme == "hr":
            assert await make(conn, LIST, ask)
            return
        with pytest.raises(Forbidden) as refused:
            await make(conn, LIST, ask)
    assert refused.value.reason == "forbidden"
    clause = "004:331" if scheme == "yb" else loaded().packs[scheme].scheme.source
    assert clause in str(refused.value)
    assert scheme in str(refused.value)


async def test_a_county_of_three_colours_is_told_that_it_is_forbidden(database: Database) -> None:  # noqa: F811
    content = loaded()
    here = await Little.open(database, "huarong")
    yibin = replace(content, county=replace(content.county, schemes=("yb",)))
    here.office = replace(here.office, content=yibin, schemes=("yb",))
    ask = here.ask(LIST, "甲镇")
    async with here.database.reading() as conn:
        with pytest.raises(Forbidden, match="yb"):
            await make(conn, LIST, ask)
