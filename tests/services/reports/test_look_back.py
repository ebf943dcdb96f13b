"""Attachment 1 counts what the ledger and the answers hold, each once, and foots everywhere (003:125-870)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.render.table_layout import read_layout
from bot.rules.calendar import Period
from bot.services.reports.look_back import REPORTS
from bot.services.reports.look_back_lines import RowUnclear, lines_of
from bot.services.reports.report import LevelUnfit, RegionEmpty
from bot.storage.database import Database
from tests.county import County, Home, fill
from tests.services.reports.look_back_case import Little, Written, asked, written
from tests.services.village import loaded

RS = REPORTS[0]
GROUPS = {
    "合计": 3,
    "未脱贫": 6,
    "已脱贫": 9,
    "边缘户": 12,
    "小计": 15,
    "低保户": 18,
    "五保户": 21,
    "重残重病户": 24,
}
"""The first of each group's three columns."""
JD, NJ = ("未脱贫", "已脱贫"), ("边缘户", "低保户", "五保户", "重残重病户")
HOMES = {
    "预测2019年10月1日—2020年9月30日收入低于4000元": ("14.1", (*JD, *NJ)),
    "住危房户数": ("4.2", (*JD, *NJ)),
    "住房未鉴定户数": ("4.1", (*JD, *NJ)),
    "危房改造未完成户数": ("4.3", ()),
    "D级危房建新未拆旧户数": ("4.11", JD),
    "危房改造未验收户数": ("4.7", JD),
    "危房改造未达到验收入住标准（无厕所、无厨房、未通水、未通电）户数": ("4.6", JD),
    "危房改造补助资金未到位户数": ("4.9", JD),
    "易地搬迁未入住户数": ("5.1", JD),
    "易地搬迁未享受产业、就业扶持户数": ("5.4", JD),
}
PERSONS = {
    "有失学辍学学生": ("6.1", (*JD, *NJ)),
    "义务教育阶段资助政策未得到有效落实": ("6.2", JD),
    "未购买基本医疗保险人数": ("7.1", (*JD, *NJ)),
    "未落实县域内“一站式”结算人数": ("7.8", ()),
    "未落实县域内定点医疗机构住院“先诊疗后付费”政策人数": ("7.7", ()),
}
HAZARDS = {"住房安全但存在隐患": 0, "其中：漏风漏雨": 1, "人畜共住": 2, "投亲靠友": 3, "其他": 4}
WATER = "安全饮水不达标人数"
BODY = slice(7, 31)
"""The 24 rows of figures, below title, two lines and a head of four levels."""
LAST = datetime(2020, 6, 15, 16, tzinfo=UTC)
"""The moment at which the day of the report is over in the county."""


def test_every_row_of_the_paper_is_there_in_its_order() -> None:
    lines = lines_of(loaded().layouts["O-11"])
    assert [line.id for line in lines] == [f"r{at:02}" for at in range(1, 25)]
    ledger = loaded().ledger.problems
    assert {sub for line in lines if line.from_ledger for sub in line.of} <= ledger.keys()


def test_a_row_that_cannot_be_read_is_refused() -> None:
    for text in (
        "甲|乙|户|guesses 1|jd",
        "甲|乙|户|homes 4.1|xx",
        "甲|乙",
        "a|b|c|homes 1|jd|x|y",
        "a|b|c|homes 1|jd||2 house_safety x",
        "a|b|c|homes 1|jd||9 house_safety 2",
        "a|b|c|homes 1|jd||2 house_safety 2|z",
    ):
        tables = {"report": {"id": "O-11", "name": "表"}, "words": {"row.r01": text}}
        layout, problems = read_layout(tables, "O-11.toml")
        assert layout is not None
        assert not problems
        with pytest.raises(RowUnclear):
            lines_of(layout)


# ------------------------------------------------------------------------------------ the paper cell by cell


async def test_the_last_two_rows_have_the_boxes_and_dashes_of_the_paper(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 1, form="jd")
    file = await written(database, RS, here.places["甲镇"])
    rows = file.under("甲镇", 1)
    # Box by box as printed (003:817-868): only where None stands may a figure be written.
    jobs = list("—x—x——x" + "—" * 17)
    works = list("—x—" + "x——" * 7)
    for name, printed in (("今年新增就业贫困人口数", jobs), ("今年新增产业到户个数", works)):
        shown = ["x" if cell in (None, "") else cell for cell in rows[name][3:]]
        assert shown == printed
    line = file.lines("甲镇").index(rows["今年新增就业贫困人口数"]) + 1
    assert "未采集" in file.remarks("甲镇")[f"G{line}"]


async def test_the_head_is_that_of_the_paper(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 1, form="jd")
    lines = (await written(database, RS, here.places["甲镇"])).lines("甲镇")
    assert lines[0][0] == "乡镇“回头看”整改成效统计表"
    assert lines[1][0] == "附件1"
    assert lines[2][0].split() == ["乡镇：甲镇", "截至2020年6月15日"]
    assert lines[3][:3] == ["指标类别", None, "单位"]
    assert lines[3][3].endswith("发现问题解决情况")
    groups = [cell for cell in lines[4] if cell]
    assert groups == ["合计", "建档立卡贫困户", "边缘户", "边缘户以外未建档立卡户"]
    assert [cell for cell in lines[5][6:12] if cell] == ["未脱贫", "已脱贫"]
    assert [cell for cell in lines[5][15:] if cell] == ["小计", "低保户", "分散供养五保户", "重残重病户"]
    assert lines[6][6:9] == ["小计", "已解决", "正在解决"]


# ------------------------------------------------------------------------------------------ what is counted


async def figures(here: Little, row: str, group: str, town: str = "甲镇", **wanted: Any) -> list[Any]:
    file = await written(here.database, RS, here.places[town], **wanted)
    file.foots()
    at = GROUPS[group]
    return [None if cell == "" else cell for cell in file.under(town, 1)[row][at : at + 3]]


async def test_a_problem_counts_by_its_household_and_its_end(database: Database) -> None:
    here = await Little.open(database)
    open_one, done, late, twice, doubt, told_off = [await here.home("东村", 2, form="jd") for _ in range(6)]
    await here.problem(open_one, "4.1")
    await here.problem(done, "4.1", closed=date(2020, 6, 15))
    await here.problem(late, "4.1", closed=date(2020, 6, 16))
    await here.problem(twice, "4.1", closed=date(2020, 5, 1))
    await here.problem(twice, "4.1", on=date(2020, 6, 1))
    await here.problem(doubt, "4.1", status="candidate")
    await here.problem(told_off, "4.1", status="dismissed", reason="查过没有")
    await here.problem(await here.home("西村", 2), "4.1", on=date(2020, 6, 16))
    # `late` was closed a day after the report, `twice` is back again: both are still being solved.
    assert await figures(here, "住房未鉴定户数", "已脱贫") == [4, 1, 3]
    assert await figures(here, "住房未鉴定户数", "合计") == [4, 1, 3]
    assert await figures(here, "住房未鉴定户数", "未脱贫") == [0, 0, 0]


async def test_people_count_once_and_are_done_when_nothing_about_them_is_open(database: Database) -> None:
    here = await Little.open(database)
    both = await here.home("东村", 2, form="jd")
    await here.problem(both, "6.1", "王二", "王三", closed=date(2020, 5, 1))
    await here.problem(both, "6.1", "王三", on=date(2020, 6, 1))
    nobody = await here.home("东村", 2, form="jd")
    await here.problem(nobody, "6.1")
    assert await figures(here, "有失学辍学学生", "已脱贫") == [3, 1, 2]
    file = await written(database, RS, here.places["甲镇"])
    assert "有失学辍学学生：有1户的台账没有写涉及哪些人" in file.words("甲镇")


async def test_everybody_of_a_household_without_safe_water_counts_once(database: Database) -> None:
    here = await Little.open(database)
    thirsty = await here.home("东村", 1, form="jd", population=3)
    await here.say(thirsty, date(2020, 5, 2), population=5)
    await here.say(thirsty, date(2020, 6, 20), population=9)
    await here.problem(thirsty, "8.1", closed=date(2020, 5, 1))
    await here.problem(thirsty, "8.3")
    clean = await here.home("东村", 1, form="jd", population=4)
    await here.problem(clean, "8.4", closed=date(2020, 5, 1))
    unknown = await here.home("东村", 1, form="jd", population=None)
    await here.problem(unknown, "8.1")
    assert await figures(here, WATER, "未脱贫") == [9, 4, 5]
    file = await written(database, RS, here.places["甲镇"])
    assert f"{WATER}：有1户不知道家庭人口" in file.words("甲镇")


async def test_an_old_house_counts_unless_the_answers_say_it_is_gone(database: Database) -> None:
    here = await Little.open(database)
    for grounds in ({"relocation_old_house_removed": 2}, {"relocation_old_house_removed": 1}, {}):
        await here.problem(await here.home("东村", 2, form="jd"), "5.5", grounds=grounds)
    assert await figures(here, "易地搬迁未拆旧户数", "已脱贫") == [2, 0, 2]
    file = await written(database, RS, here.places["甲镇"])
    assert "易地搬迁未拆旧户数：有1户台账没有写明" in file.words("甲镇")


async def test_hazards_come_from_the_answers_of_the_period(database: Database) -> None:
    here = await Little.open(database)
    still = await here.home("东村", 2, form="jd", house_hazards=[1, 4])
    await here.say(still, date(2020, 6, 1), house_hazards=[1])
    gone = await here.home("东村", 2, form="jd", house_hazards=[1, 2])
    await here.say(gone, date(2020, 6, 1), house_hazards=None)
    long_ago = await here.home("东村", 2, form="jd", house_hazards=None)
    await here.say(long_ago, date(2019, 5, 1), house_hazards=[3])
    later = await here.home("东村", 2, form="jd")
    await here.say(later, date(2020, 6, 20), house_hazards=[2])
    assert await figures(here, "住房安全但存在隐患", "已脱贫") == [3, 2, 1]
    spring = Period(date(2020, 5, 1), date(2020, 6, 30))
    assert await figures(here, "住房安全但存在隐患", "已脱贫", period=spring) == [2, 1, 1]
    assert await figures(here, "其中：漏风漏雨", "已脱贫") == [2, 1, 1]
    assert await figures(here, "人畜共住", "已脱贫") == [1, 1, 0]
    assert await figures(here, "其他", "已脱贫") == [1, 1, 0]


async def test_unsafe_houses_of_those_not_lifted_come_from_the_answers(database: Database) -> None:
    row = "住危房户数"
    here = await Little.open(database)
    silent = await here.home("东村", 1)
    assert await figures(here, row, "未脱贫") == [None, None, None]
    await here.hand_in("jd", date(2020, 4, 10), household=silent)
    assert await figures(here, row, "未脱贫") == [0, 0, 0]
    await here.say(await here.home("东村", 1, form="jd", house_safety=2), date(2020, 6, 1), house_safety=None)
    mended = await here.home("东村", 1, form="jd", house_safety=2)
    await here.say(mended, date(2020, 5, 1), house_safety=1)
    later = await here.home("东村", 1, form="jd", house_safety=1)
    await here.say(later, date(2020, 6, 16), house_safety=2)
    # Of the lifted and the others only the ledger tells.
    await here.home("东村", 2, form="jd", house_safety=2)
    await here.home("东村", 3, form="nj", nonreg_kind=1, house_safety=2)
    await here.problem(await here.home("东村", 2, form="jd"), "4.2")
    assert await figures(here, row, "未脱贫") == [2, 1, 1]
    assert await figures(here, row, "已脱贫") == [1, 0, 1]
    assert await figures(here, row, "边缘户") == [0, 0, 0]
    assert await figures(here, row, "合计") == [3, 1, 2]
    summer = Period(date(2020, 6, 1), date(2020, 6, 30))
    assert await figures(here, row, "未脱贫", period=summer) == [1, 0, 1]
    # What somebody put on record all the same is not lost, and no household counts twice.
    await here.problem(mended, "4.2")
    await here.problem(silent, "4.2", closed=date(2020, 5, 1))
    assert await figures(here, row, "未脱贫") == [3, 1, 2]


async def test_a_household_falls_into_one_group_only(database: Database) -> None:
    here = await Little.open(database)
    for kind, other in ((1, [2]), (2, None), (3, [5]), (4, None), (5, [4])):
        answers = {"nonreg_kind": kind, "nonreg_other_kinds": other}
        await here.problem(await here.home("东村", 3, form="nj", **answers), "4.1")
    changed = await here.home("东村", 3, form="nj", nonreg_kind=5)
    await here.say(changed, date(2020, 6, 1), nonreg_kind=2)
    await here.problem(changed, "4.1")
    await here.problem(await here.home("东村", 3, form="nj"), "4.1")
    row = "住房未鉴定户数"
    found = {group: (await figures(here, row, group))[0] for group in GROUPS}
    assert found == {
        "合计": 6, "未脱贫": 0, "已脱贫": 0, "边缘户": 1,
        "小计": 5, "低保户": 2, "五保户": 1, "重残重病户": 2,
    }  # fmt: skip
    file = await written(database, RS, here.places["甲镇"])
    assert "另有1户有问题，但还没有登记户属性" in file.words("甲镇")


async def test_what_nobody_asked_is_blank_with_a_note_and_never_0(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, form="jd")
    await here.home("东村", 3, nonreg_kind=2)
    assert await figures(here, "住房未鉴定户数", "已脱贫") == [0, 0, 0]
    assert await figures(here, "住房未鉴定户数", "低保户") == [None, None, None]
    # Nothing to find where there is nobody: no household here is still poor.
    assert await figures(here, "住房未鉴定户数", "未脱贫") == [0, 0, 0]
    for unasked in ("未落实县域内“一站式”结算人数", "危房改造未完成户数"):
        assert await figures(here, unasked, "已脱贫") == [None, None, None]
    file = await written(database, RS, here.places["甲镇"])
    notes = set(file.remarks("甲镇").values())
    for words in ("还没有交来问卷", "问卷没有问到"):
        assert any(words in note for note in notes)
    await here.problem(await here.home("东村", 2), "7.8", "王二")
    assert await figures(here, "未落实县域内“一站式”结算人数", "已脱贫") == [1, 0, 1]


async def test_the_last_row_tells_of_what_stands_in_no_other(database: Database) -> None:
    here = await Little.open(database)
    home = await here.home("东村", 2, form="jd")
    for sub in ("12.2", "13.2", "4.1"):
        await here.problem(home, sub, closed=date(2020, 5, 1) if sub == "12.2" else None)
    await here.problem(here.places["西村"].id, "8.5", kind="region")
    await here.problem(here.places["乙镇"].id, "18.1", kind="region")
    await here.problem(here.places["样县"].id, "2.1", kind="region")
    file = await written(database, RS, here.places["样县"])
    assert "3条，已销号1条" in file.under("甲镇", 0)["其他情况"][1]
    assert "1条，已销号0条" in file.under("乙镇", 0)["其他情况"][1]
    assert "4条，已销号1条" in file.under("汇总", 0)["其他情况"][1]


async def test_villages_and_empty_places_have_no_such_table(database: Database) -> None:
    here = await Little.open(database)
    with pytest.raises(LevelUnfit):
        asked(RS, here.places["东村"])
    with pytest.raises(RegionEmpty):
        await written(database, RS, here.places["甲镇"])


async def test_no_sheet_names_a_household_or_a_person(database: Database) -> None:
    here = await Little.open(database)
    await here.problem(await here.home("东村", 2, form="jd"), "6.1", "王二小")
    words = (await written(database, RS, here.places["样县"])).words("甲镇")
    assert "王" not in words


# ----------------------------------------------------------------------------------- the invented county


def group_of(home: Home) -> str | None:
    """The group in the words of the paper, from the plain record."""
    if home.nature.registered:
        return {1: "未脱贫", 2: "已脱贫"}[home.nature.reg_status]
    kind = home.facts.get("nonreg_kind")
    return {1: "边缘户", 2: "低保户", 3: "五保户", 4: "重残重病户", 5: "重残重病户"}.get(kind)


def recorded(home: Home, *subs: str) -> list[Any]:
    """Its confirmed problems of these kinds up to the day of the report."""
    return [
        each
        for each in home.problems
        if each.sub_problem in subs and each.status in ("confirmed", "closed") and each.recorded_at < LAST
    ]


def is_open(problem: Any) -> bool:
    return problem.status == "confirmed" or problem.changed_at >= LAST


def pair(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found = list(counts)
    return sum(n for n, _ in found), sum(s for _, s in found)


def by_homes(home: Home, sub: str) -> tuple[int, int]:
    found = recorded(home, sub)
    return (1, int(not any(map(is_open, found)))) if found else (0, 0)


def by_unsafe(home: Home) -> tuple[int, int]:
    """Of a home that was not lifted out of poverty what it answered counts too."""
    found = recorded(home, "4.2")
    still = any(map(is_open, found))
    if group_of(home) == "未脱贫":
        rows = [each for each in home.history.rows if each.as_of <= LAST.date()]
        said = [each.value for each in rows if each.name == "house_safety" and each.value is not None]
        return (
            int(bool(found) or 2 in said),
            int((bool(found) or 2 in said) and not still and said[-1] != 2),
        )
    return (1, int(not still)) if found else (0, 0)


def by_persons(home: Home, sub: str) -> tuple[int, int]:
    found = recorded(home, sub)
    names = {name for each in found for name in each.persons}
    if found and not names:
        return 1, int(not any(map(is_open, found)))
    still = {name for each in found if is_open(each) for name in each.persons}
    return len(names), len(names - still)


def by_people(home: Home) -> tuple[int, int]:
    found = recorded(home, "8.1", "8.2", "8.3", "8.4", "8.5")
    if not found:
        return 0, 0
    said = [row.value for row in home.history.rows if row.name == "population" and row.as_of <= LAST.date()]
    living = ([home.nature.population] + [value for value in said if value is not None])[-1]
    return living, 0 if any(map(is_open, found)) else living


def by_hazards(home: Home, code: int) -> tuple[int, int]:
    said = [
        row.value for row in home.history.rows if row.name == "house_hazards" and row.as_of <= LAST.date()
    ]
    named = [bool(value) and (not code or code in value) for value in said]
    return int(any(named)), int(any(named) and not named[-1])


def counters() -> dict[str, tuple[Callable[[Home], tuple[int, int]], tuple[str, ...]]]:
    """How each row is counted at one home, and in which groups it is asked at all."""
    found: dict[str, tuple[Callable[[Home], tuple[int, int]], tuple[str, ...]]] = {}
    for name, (sub, asked_in) in HOMES.items():
        found[name] = (lambda home, sub=sub: by_homes(home, sub)), asked_in  # type: ignore[misc]
    for name, (sub, asked_in) in PERSONS.items():
        found[name] = (lambda home, sub=sub: by_persons(home, sub)), asked_in  # type: ignore[misc]
    for name, code in HAZARDS.items():
        found[name] = (lambda home, code=code: by_hazards(home, code)), (*JD, *NJ)  # type: ignore[misc]
    found[WATER] = by_people, (*JD, *NJ)
    found["住危房户数"] = by_unsafe, (*JD, *NJ)
    return found


def was_asked(homes: list[Home], group: str) -> bool:
    """Whether a questionnaire came in from any home that might be of the group, or there is none to ask."""
    if group in JD:
        pool = [home for home in homes if home.nature.registered and group_of(home) == group]
    else:
        pool = [home for home in homes if not home.nature.registered]
    told = [each for home in pool for each in home.history.submissions if each.state == "submitted"]
    return not pool or any(each.form in ("jd", "nj") and each.at < LAST for each in told)


def compare(file: Written, sheet: str, homes: list[Home]) -> int:
    """Each figure of a sheet against the plain records; how many were compared."""
    rows, compared = file.under(sheet, 1), 0
    for name, (counted, asked_in) in counters().items():
        for group in (*JD, *NJ):
            expected = pair(counted(home) for home in homes if group_of(home) == group)
            cells = rows[name][GROUPS[group] : GROUPS[group] + 3]
            if not expected[0] and not (group in asked_in and was_asked(homes, group)):
                assert [cell or None for cell in cells] == [None] * 3, (sheet, name, group)
                assert cells[0] is None
                continue
            n, s = expected
            assert cells == [n, s, n - s], (sheet, name, group)
            compared += 1
    return compared


@pytest.fixture
async def county(database: Database) -> County:
    return await fill(database, scale=0.03, content=loaded())


async def test_every_figure_of_the_county_is_that_of_its_records(database: Database, county: County) -> None:
    file = await written(database, RS, county.place.region)
    assert file.shown.sheetnames == ["汇总", *(town.region.name for town in county.towns)]
    assert file.foots() > 16 * 20 * 10
    assert compare(file, "汇总", list(county.homes)) > 55
    for town in county.towns:
        name = town.region.name
        compare(file, name, list(county.within(town.region)))


async def test_the_sum_of_the_townships_is_the_county(database: Database, county: County) -> None:
    file = await written(database, RS, county.place.region)
    towns = [file.lines(town.region.name)[BODY] for town in county.towns]
    for number, line in enumerate(file.lines("汇总")[BODY]):
        for column in range(3, 27):
            figures = [town[number][column] for town in towns if isinstance(town[number][column], int)]
            if isinstance(line[column], int):
                assert line[column] == sum(figures), (number, column)
            else:
                assert not figures, (number, column)
    for town in county.towns[:3]:
        alone = await written(database, RS, town.region)
        assert alone.lines(town.region.name) == file.lines(town.region.name)
