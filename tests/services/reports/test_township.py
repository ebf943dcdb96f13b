"""Attachment 2: exact figures are computed, hints stay hints, the township states the rest (003:871-1290)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bot.expressions import parse
from bot.services.reports.report import LevelUnfit
from bot.services.reports.township import REPORTS
from bot.storage.database import Database
from tests.county import County, Home, fill
from tests.services.reports.look_back_case import Little, Written, asked, written
from tests.services.village import loaded

TS = REPORTS[0]
SHEET, WHOLE = "附件2", "附件2汇总"
SAID = date(2020, 5, 20)


async def column(here: Little, town: str = "甲镇") -> dict[str, list[Any]]:
    """Value and remark by the correct code of the row; the paper prints two codes twice."""
    file = await written(here.database, TS, here.places[town])
    file.foots()
    return by_code(file, SHEET)


def by_code(file: Written, sheet: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in file.lines(sheet)[4:]:
        if line[2] is None:
            continue
        if line[0] not in ("22", "25"):
            code = line[0]
        elif line[0] == "22":
            code = "2-2" if "2-2" not in found else "22"
        else:
            code = "25-1" if "25" in found else "25"
        found[code] = [None if cell == "" else cell for cell in line[3:]]
    return found


async def state(here: Little, place: str, **answers: Any) -> None:
    """What a township or village wrote into its questionnaire."""
    await here.say(here.places[place].id, SAID, kind="region", **answers)


def test_the_layout_speaks_of_questions_and_facts_that_there_are() -> None:
    content = loaded()
    layout, form = content.layouts["O-12"], content.form("ts")
    starts = ("full.", "hint.", "place.", "villages.", "struck.", "sum.", "rate.", "left.", "hinted.")
    for start in starts:
        named = set(layout.under(start))
        assert named
        assert named <= form.by_id.keys(), start
    for text in (*layout.under("full.").values(), *layout.under("hint.").values()):
        read = parse(text)
        rosters = {"disabled", "uninsured", "child", "student", "worker", "population", "reg_status"}
        assert read.names - rosters <= content.registry.keys(), text
    assert set(layout.under("villages.").values()) <= {item.fact for item in content.form("ve").items}
    assert layout.under("hinted.").keys() == layout.under("hint.").keys()
    assert set(layout.under("struck.").values()) <= content.ledger.problems.keys()


async def test_all_81_rows_stand_in_the_order_of_the_paper(database: Database) -> None:
    here = await Little.open(database)
    file = await written(database, TS, here.places["甲镇"])
    rows = [line for line in file.lines(SHEET)[4:] if line[2] is not None]
    assert len(rows) == 81
    assert [row[0] for row in rows[:5]] == ["1", "2", "2-1", "22", "3"]
    assert [row[0] for row in rows if row[0].startswith("25")] == ["25", "25"]
    assert [row[1] for row in rows[-2:]] == ["乡村旅游扶贫帮扶人数", "电商扶贫帮扶人数"]
    notes = file.remarks(SHEET)
    assert sorted(note for note in notes.values()) == ["原表印作22，应为2-2", "原表印作25，应为25-1"]
    headings = [line[1] for line in file.lines(SHEET) if line[3] in ("2019年（末）", "2014年以来")]
    assert [heading[:2] for heading in headings] == ["一、", "二、", "三、"]


async def test_places_and_households_are_counted(database: Database) -> None:
    here = await Little.open(database)
    await here.home(
        "东村", 2, population=4, house_safety=1, house_renovation=1, renovation_accepted=1,
        renovation_old_house_removed=2, is_relocated=2, water_source=1, had_microloan=1,
        microloan_amount=30000, microloan_interest_subsidy=1234.5, joined_industry_project=1,
        industry_projects=[5, 6],
    )  # fmt: skip
    await here.home(
        "东村", 1, population=3, house_safety=2, house_renovation=2, renovation_accepted=2,
        renovation_old_house_removed=1, is_relocated=1, relocation_moved_in=1, relocation_followup=2,
        relocation_old_house_removed=1, relocation_land_reclaimed=None, water_source=2,
        water_shortage=2, had_microloan=2, joined_industry_project=2,
    )  # fmt: skip
    await here.home("西村", 3, population=9, house_safety=1, had_microloan=1, microloan_amount=50000)
    await state(here, "东村", poor_village=1)
    found = await column(here)
    figures = {code: found[code][0] for code in found}
    expected = {
        "1": 1, "2": 2, "2-1": 1, "2-2": 1, "17": 2, "17-1": 1, "17-2": 1, "17-3": 0, "17-3-1": 1,
        "18": 1, "18-1": 3, "18-2": 0, "18-3": 1, "18-4": 0, "19": 4, "24": 1, "24-1": 3, "24-2": 0.12345,
        "29": 4,
    }  # fmt: skip
    assert {code: figures[code] for code in expected} == expected
    assert "还有1个村没有登记" in found["2-2"][1]
    assert "还有1户不知道" in found["18-4"][1]
    assert {code for code, figure in figures.items() if figure is not None} == expected.keys()


async def test_what_says_only_part_is_a_hint_and_not_the_figure(database: Database) -> None:
    here = await Little.open(database)
    await here.home(
        "东村", 2, population=5, all_insured=2, uninsured=[{"name": "王二"}], has_school_age_child=1,
        child=[{"name": "王三", "in_school": 1, "home_teaching": 1}], has_worker=1, worker=[{"name": "王四"}],
    )  # fmt: skip
    await here.problem(await here.home("东村", 2), "6.1", "王五", "王六", closed=date(2020, 5, 1))
    await state(here, "东村", village_orphans=2)
    found = await column(here)
    for code, words in {
        "5-7": "有4人",
        "10": "1个送教上门",
        "26": "1个务工的人",
        "5": "共8人",
        "5-1": "已脱贫户共8人，含稳定脱贫的",
        "11": "已销号的有2人",
        "4-6": "合计2（1个村填了，共2个村）",
    }.items():
        assert found[code][0] is None
        assert words in found[code][1], code
        assert found[code][1].startswith("乡镇还没有填报")


async def test_the_township_fills_the_rest_and_never_what_is_computed(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, house_safety=1)
    await state(
        here, "甲镇", town_resident_population=20500, town_houses_graded=7, town_village_count=2,
        town_local_treatment_rate=92.5, town_groups_paved_km=3.25, town_startup_subsidized=None,
    )  # fmt: skip
    found = await column(here)
    assert found["3"] == [20500, "乡镇填报"]
    assert found["8"] == [0.925, "乡镇填报"]
    assert found["21-1"] == [3.25, "乡镇填报"]
    assert found["28"] == [None, "乡镇还没有填报"]
    assert found["2"] == [2, "按区划和名册算"]
    assert found["17"][0] == 1
    assert "乡镇填报的是7，与算出来的1不一致" in found["17"][1]


async def test_what_nobody_was_asked_is_as_the_township_says_or_blank(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2)
    await state(here, "甲镇", town_houses_unsafe=6)
    found = await column(here)
    assert found["17-1"] == [6, "乡镇填报；还没有入户调查，算不出来"]
    assert found["17"] == [None, "还没有入户调查，算不出来"]
    # Of a township without registered households the true figure is 0.
    assert (await column(here, "乙镇"))["17"][0] == 0


async def test_what_is_known_of_a_part_only_does_not_override_the_township(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, house_safety=2)
    unasked = await here.home("东村", 2)
    await state(here, "东村", poor_village=1)
    found = await column(here)
    assert found["17-1"] == [1, "按户算；按知道的1户算，还有1户不知道"]
    await state(here, "甲镇", town_houses_unsafe=6, town_poor_villages=2)
    found = await column(here)
    assert found["17-1"] == [6, "乡镇填报；目前只能算出1，供参考；按知道的1户算，还有1户不知道"]
    assert found["2-2"][0] == 2
    assert "目前只能算出1，供参考；按知道的1个村算，还有1个村没有登记" in found["2-2"][1]
    whole = await written(database, TS, here.places["样县"])
    assert by_code(whole, WHOLE)["17-1"][:2] == [6, 6]
    assert "代码17-1" not in whole.words(WHOLE)
    await here.say(unasked, SAID, house_safety=1)
    await state(here, "西村", poor_village=2)
    found = await column(here)
    assert found["17-1"][0] == found["2-2"][0] == 1
    assert "乡镇填报的是6，与算出来的1不一致" in found["17-1"][1]
    assert "乡镇填报的是2，与算出来的1不一致" in found["2-2"][1]


async def test_the_lifted_are_as_the_township_says_and_a_rate_says_what_it_lacks(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, population=30)
    await state(here, "甲镇", town_registered_poor=40)
    found = await column(here)
    assert found["5-1"][0] is None
    assert found["5-2"] == [None, "乡镇还没有填报；要有代码5-1、4的数才能算"]
    await state(here, "甲镇", town_lifted_people=25, town_registered_population=0)
    found = await column(here)
    assert found["5-1"] == [25, "乡镇填报；名册上已脱贫户共30人，含稳定脱贫的；稳定脱贫的要扣除"]
    assert found["5-2"] == [None, "乡镇还没有填报；代码4是0，不能算"]
    await state(here, "甲镇", town_lifted_people=41, town_registered_population=1000)
    assert (await column(here))["5-2"] == [None, "乡镇还没有填报；代码5-1大于代码5，不能算，请核对"]
    await state(here, "乙镇", town_registered_poor=0, town_lifted_people=0, town_registered_population=10)
    whole = await written(database, TS, here.places["样县"])
    assert by_code(whole, WHOLE)["5-2"] == [None, None, 0]
    assert "代码5-1大于代码5，不能算，请核对" in whole.remarks(WHOLE).values()


async def test_money_adds_up_once_all_of_it_is_known(database: Database) -> None:
    here = await Little.open(database)
    names = (
        "fiscal", "integrated", "social_fiscal", "bonds", "east_west", "donations", "bank_loans", "other",
    )  # fmt: skip
    some = {f"town_funds_{name}": 10.5 for name in names[:-1]}
    await state(here, "甲镇", **some)
    assert (await column(here))["9"] == [None, "乡镇还没有填报"]
    await state(here, "甲镇", town_funds_total=80)
    assert (await column(here))["9"] == [80, "乡镇填报"]
    await state(here, "甲镇", town_funds_other=6.25)
    found = await column(here)
    assert found["9"][0] == 79.75
    assert "乡镇填报的是80，与算出来的79.75不一致" in found["9"][1]


async def test_rates_are_formulas_until_the_township_states_them(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, population=30)
    people = {"town_registered_population": 1000, "town_medical_people": 950, "town_pension_people": 600}
    await state(here, "甲镇", **people, town_registered_poor=40, town_lifted_people=30)
    found = await column(here)
    assert found["6"][0] == 0.95
    assert found["7"][0] == 0.6
    assert found["5-2"][0] == 0.01
    assert "代码4-5除以代码4" in found["6"][1]
    await state(here, "甲镇", town_medical_rate=96)
    assert (await column(here))["6"] == [0.96, "乡镇填报"]
    # The whole county only has a rate when every township has its parts.
    whole = await written(database, TS, here.places["样县"])
    assert whole.foots() > 81
    assert by_code(whole, WHOLE)["6"] == [None, 0.96, None]
    await state(here, "乙镇", town_registered_population=3000, town_medical_people=2550)
    whole = await written(database, TS, here.places["样县"])
    whole.foots()
    assert by_code(whole, WHOLE)["6"][0] == 3500 / 4000
    assert by_code(whole, WHOLE)["7"][0] is None
    await state(
        here,
        "乙镇",
        town_pension_people=1400,
        town_registered_poor=0,
        town_lifted_people=0,
        town_local_treatment_rate=90,
    )
    whole = await written(database, TS, here.places["样县"])
    whole.foots()
    rows = by_code(whole, WHOLE)
    assert rows["7"] == [0.5, 0.6, pytest.approx(1400 / 3000)]
    assert rows["5-2"][0] == 10 / 4000
    assert rows["8"][0] is None
    assert any("率不能相加" in note for note in whole.remarks(WHOLE).values())


async def test_a_village_has_no_such_table(database: Database) -> None:
    here = await Little.open(database)
    with pytest.raises(LevelUnfit):
        asked(TS, here.places["东村"])


async def test_conflicts_are_listed_under_the_county(database: Database) -> None:
    here = await Little.open(database)
    await here.home("东村", 2, house_safety=1)
    await state(here, "甲镇", town_houses_graded=7)
    words = (await written(database, TS, here.places["样县"])).words(WHOLE)
    assert "甲镇：代码17“住房鉴定户数（时点数）”，乡镇填报的是7" in words


# ----------------------------------------------------------------------------------- the invented county

COUNTED: dict[str, Callable[[Home, dict[str, Any]], Any]] = {
    "17": lambda home, facts: facts.get("house_safety") in (1, 2),
    "17-1": lambda home, facts: facts.get("house_safety") == 2,
    "17-2": lambda home, facts: facts.get("house_renovation") == 1 and facts.get("renovation_accepted") == 1,
    "18": lambda home, facts: facts.get("is_relocated") == 1 and facts.get("relocation_moved_in") == 1,
    "24": lambda home, facts: facts.get("had_microloan") == 1,
    "24-1": lambda home, facts: (facts.get("microloan_amount") or 0) / 10000,
    "29": lambda home, facts: facts["population"] if facts.get("joined_industry_project") == 1 else 0,
}


MAIN = {
    "17": "house_safety",
    "17-1": "house_safety",
    "17-2": "house_renovation",
    "18": "is_relocated",
    "24": "had_microloan",
    "24-1": "had_microloan",
    "29": "joined_industry_project",
}
"""The answer without which nothing is known of a household for that figure."""


def known(home: Home, until: date) -> dict[str, Any]:
    """What was known of a home that day, from the plain records."""
    facts: dict[str, Any] = {"population": home.nature.population}
    rows = [row for row in home.history.rows if row.as_of <= until]
    for row in sorted(rows, key=lambda row: row.as_of):
        if row.value is not None or row.name != "population":
            facts[row.name] = row.value
    return facts


@pytest.fixture
async def county(database: Database) -> County:
    return await fill(database, scale=0.03, content=loaded())


async def test_every_township_is_the_sum_of_its_households(database: Database, county: County) -> None:
    until = date(2020, 6, 15)
    file = await written(database, TS, county.place.region)
    assert file.foots() > 81
    rows = by_code(file, WHOLE)
    assert file.lines(WHOLE)[3][3:] == ["合计", *(town.region.name for town in county.towns)]
    computed = stated = 0
    for code, figure in COUNTED.items():
        fact = loaded().form("ts").by_id[code].fact
        for at, town in enumerate(county.towns, 1):
            homes = [home for home in county.within(town.region) if home.nature.registered]
            if town.region == county.silent_town:
                assert rows[code][at] is None
                continue
            told = [known(home, until) for home in homes]
            expected = sum(figure(home, facts) for home, facts in zip(homes, told, strict=True))
            rows_of_town = [row for row in town.history.rows if row.name == fact and row.as_of <= until]
            said = rows_of_town[-1].value if rows_of_town else None
            if said is not None and any(facts.get(MAIN[code]) is None for facts in told):
                # Some households are unknown: the township's own figure stands.
                expected, stated = said, stated + 1
            else:
                computed += 1
            assert rows[code][at] == pytest.approx(expected), (code, town.region.name)
        towns = [value for value in rows[code][1:] if value is not None]
        assert rows[code][0] == pytest.approx(sum(towns))
    assert computed
    assert stated
    assert rows["1"][0] == 15
    assert rows["2"][0] == len(county.villages)


async def test_a_township_alone_says_what_its_column_says(database: Database, county: County) -> None:
    whole = by_code(await written(database, TS, county.place.region), WHOLE)
    for at in (0, 5):
        alone = await written(database, TS, county.towns[at].region)
        alone.foots()
        column = by_code(alone, SHEET)
        assert {code: row[0] for code, row in column.items()} == {
            code: row[at + 1] for code, row in whole.items()
        }
