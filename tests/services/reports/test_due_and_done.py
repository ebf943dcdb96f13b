"""The circular of counts (O-22): due and done, open and mended, by place and unit, and no order of merit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from bot.services.reports.due_and_done import REPORTS
from bot.storage import assignments, duties, people, problems
from bot.storage.database import Database
from bot.storage.problems import NewProblem
from tests.county import Problem, fill
from tests.services.reports.little_county import JUNE, MAY, Little, by, content_of, noon, opened_in

CIRCULAR = REPORTS[0]
MARCH = date(2020, 3, 20)
AFTER = noon(date(2020, 6, 10))


async def may(database: Database) -> Little:
    """What was due in May, and what came of it by the tenth of June."""
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲一", (MARCH, "red"))
    await here.home("西村", "乙二", (MARCH, "red"))
    await here.home("南村", "丙三", (MARCH, "red"), kept=False)
    await here.due("甲一", "visit", date(2020, 5, 31), done=date(2020, 5, 20))
    await here.due("甲一", "contact", date(2020, 5, 15), done=date(2020, 5, 18))
    await here.due("甲一", "contact", date(2020, 5, 31))
    await here.due("乙二", "monitor", date(2020, 5, 31), done=date(2020, 6, 3))
    await here.due("乙二", "review", date(2020, 5, 31), off=True)
    await here.due("丙三", "monitor", date(2020, 5, 31))
    await here.due("丙三", "promise:1.1", date(2020, 5, 30))
    await here.due("丙三", "monitor", date(2020, 6, 10))
    await here.problem("甲一", "4.2", date(2020, 4, 2), deadline=date(2020, 4, 20))
    await here.problem("甲一", "8.1", date(2020, 4, 3), deadline=date(2020, 4, 20), closed=date(2020, 5, 9))
    await here.problem("乙二", "6.1", date(2020, 5, 3), deadline=date(2020, 6, 5))
    await here.problem("丙三", "6.1", date(2020, 5, 4), deadline=date(2020, 5, 20), closed=date(2020, 6, 2))
    async with database.transaction() as conn:
        for place in ("甲镇", "样县"):
            region = here.places[place].id
            new = NewProblem(None, region, "1.3", 1, "confirmed", noon(date(2020, 5, 5)))
            await problems.add(conn, new)
        other = await people.add(conn, name="单另", unit="县水利局")
        await assignments.assign(conn, here.homes["乙二"], other.id, noon(MARCH))
        await duties.hand_over(conn, [here.homes["乙二"]], other.id)
    await here.said(
        "甲一", date(2020, 5, 22), spot_checked=1, spot_checked_on="2020-05-22", spot_check_outcome=2
    )
    await here.said(
        "乙二", date(2020, 5, 23), spot_checked=1, spot_checked_on="2020-05-23", spot_check_outcome=1
    )
    await here.said(
        "丙三", date(2020, 4, 23), spot_checked=1, spot_checked_on="2020-04-23", spot_check_outcome=2
    )
    return here


def figures(row: dict, *names: str) -> list:
    """Some cells of a row."""
    return [row[name] for name in names]


async def test_due_done_and_left(database: Database) -> None:
    here = await may(database)
    rows = by((await here.opened(CIRCULAR, "样县", period=MAY, now=AFTER)).rows("按地方", "地方"), "地方")
    a, b, all_ = rows["甲镇"], rows["乙镇"], rows["合计"]
    assert figures(a, "上户/应做", "上户/已做", "上户/没做") == [1, 1, 0]
    assert figures(a, "联络/应做", "联络/已做", "联络/没做") == [2, 1, 1]
    # Done on the third of June: by the end of May it was not.
    assert figures(a, "月监测/应做", "月监测/已做", "月监测/没做") == [1, 0, 1]
    assert figures(a, "复核/应做", "其中过期才做的") == [0, 1]
    assert figures(b, "月监测/应做", "月监测/没做", "上户/应做") == [1, 1, 0]
    assert figures(all_, "户数", "月监测/应做", "联络/没做") == [3, 2, 1]


async def test_problems_samples_and_what_was_mended(database: Database) -> None:
    here = await may(database)
    rows = by((await here.opened(CIRCULAR, "样县", period=MAY, now=AFTER)).rows("按地方", "地方"), "地方")
    told = (
        "问题台账/没销号",
        "问题台账/其中逾期",
        "上月底逾期的问题/件数",
        "上月底逾期的问题/已整改",
        "上月底逾期的问题/还没整改",
    )
    assert figures(rows["甲镇"], *told) == [3, 1, 2, 1, 1]
    assert figures(rows["乙镇"], *told) == [1, 1, 0, 0, 0]
    assert figures(rows["样县本级"], *told) == [1, 0, 0, 0, 0]
    assert figures(rows["合计"], *told) == [5, 2, 2, 1, 1]
    assert figures(rows["合计"], "县里抽查/抽查户数", "县里抽查/有出入") == [2, 1]


async def test_reports_are_owed_and_nobody_here_knows_whether_they_came(database: Database) -> None:
    here = await may(database)
    made = await here.opened(CIRCULAR, "样县", period=MAY, now=AFTER)
    rows = by(made.rows("按地方", "地方"), "地方")
    # One report of each village on the eighth of May (004:375); the town itself owes none.
    assert figures(rows["甲镇"], "上报/应报", "上报/已报") == [2, None]
    page = made.made["按地方"]
    notes = [cell.comment.text for line in page.iter_rows() for cell in line if cell.comment]
    assert any("由收件的单位登记" in note for note in notes)
    other = await Little.open(database, "huarong")
    await other.home("东村", "丁四", (MARCH, "red"))
    silent = by((await other.opened(CIRCULAR, "甲镇", period=MAY)).rows("按地方", "地方"), "地方")
    assert silent["东村"]["上报/应报"] is None


async def test_villages_and_the_towns_own_add_up_to_the_county(database: Database) -> None:
    here = await may(database)
    county = by((await here.opened(CIRCULAR, "样县", period=MAY, now=AFTER)).rows("按地方", "地方"), "地方")
    for town in ("甲镇", "乙镇"):
        rows = by((await here.opened(CIRCULAR, town, period=MAY, now=AFTER)).rows("按地方", "地方"), "地方")
        ours, theirs = dict(rows["合计"]), dict(county[town])
        del ours["地方"], theirs["地方"]
        assert ours == theirs
    assert "甲镇本级" in (await here.opened(CIRCULAR, "甲镇", period=MAY, now=AFTER)).words()


async def test_by_unit_in_the_order_of_the_register(database: Database) -> None:
    here = await may(database)
    made = await here.opened(CIRCULAR, "样县", period=MAY, now=AFTER)
    rows = made.rows("按单位", "单位")
    assert [row["单位"] for row in rows] == ["县林业局", "县水利局", "没有登记单位", "合计"]
    found = by(rows, "单位")
    assert figures(found["县林业局"], "上户/应做", "联络/没做", "问题台账/没销号") == [1, 1, 1]
    assert figures(found["没有登记单位"], "户数", "问题台账/没销号") == [1, 1]
    assert figures(found["合计"], "月监测/应做", "户数") == [2, 3]
    words = made.words()
    assert "不排名次" in words
    for never in ("方助", "单另", "%", "排名：", "得分"):
        assert never not in words


async def test_what_is_due_today_is_not_overdue(database: Database) -> None:
    here = await may(database)
    now = noon(date(2020, 6, 10))
    today = await here.opened(CIRCULAR, "南村", period=JUNE, now=now)
    assert today.rows("按地方", "地方")[0]["月监测/应做"] == 0
    tomorrow = await here.opened(CIRCULAR, "南村", period=JUNE, now=noon(date(2020, 6, 11)))
    assert tomorrow.rows("按地方", "地方")[0]["月监测/没做"] == 1


async def test_the_counts_of_a_whole_county(database: Database) -> None:
    found = content_of("huarong")
    county = await fill(database, scale=0.01, seed=22, content=found)
    now, end = noon(date(2020, 7, 10)), datetime(2020, 6, 30, 16, tzinfo=UTC)
    made = await opened_in(database, found, CIRCULAR, county.place.region, now, period=JUNE)
    rows = by(made.rows("按地方", "地方"), "地方")
    wanted: Counter[tuple[str, str]] = Counter()
    for home in county.homes:
        for due in home.history.duties:
            if due.state == "cancelled" or not JUNE.first <= due.due <= JUNE.last:
                continue
            wanted[home.town.name, f"{due.kind}_due"] += 1
            if due.state in ("done", "done_late") and due.submission is not None:
                visit = home.history.submissions[due.submission]
                wanted[home.town.name, f"{due.kind}_done"] += (visit.visited_at or visit.at) < end
        wanted[home.town.name, "open"] += sum(still_open(each, end) for each in home.problems)
    for place in (*county.towns, *county.villages):
        town = next(t for t in county.towns if place.region.path.startswith(t.region.path)).region.name
        wanted[town, "open"] += sum(still_open(each, end) for each in place.history.problems)
    assert wanted.total()
    heads = {"visit": "上户", "contact": "联络", "monitor": "月监测", "review": "复核"}
    for town in county.towns:
        row, name = rows[town.region.name], town.region.name
        for kind, head in heads.items():
            assert (kind, row[f"{head}/应做"]) == (kind, wanted[name, f"{kind}_due"])
            assert (kind, row[f"{head}/已做"]) == (kind, wanted[name, f"{kind}_done"])
        assert row["问题台账/没销号"] == wanted[name, "open"]


def still_open(problem: Problem, end: datetime) -> bool:
    """Whether a problem was on record and not struck off at that moment."""
    if problem.recorded_at >= end:
        return False
    return problem.status == "confirmed" or (problem.status == "closed" and problem.changed_at >= end)
