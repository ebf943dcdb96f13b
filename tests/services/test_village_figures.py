"""What the households of a village are known to be is shown beside the questions about the village."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.services.household_file import HouseholdFile
from bot.services.subject_file import RegionDossier, read_subject
from bot.storage import facts, people, regions
from bot.storage.facts import Fact
from bot.storage.subjects import Subject
from tests.services.test_alerts import household
from tests.services.test_reminders import statements
from tests.services.village import Village

PLACE = "松树村"


async def village_file(village: Village) -> tuple[RegionDossier, HouseholdFile]:
    """The file of the village, and what its questionnaire may propose."""
    content = village.office.content
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        place = next(each for each in await regions.subtree(conn, county.id) if each.name == PLACE)
        dossier = await read_subject(conn, village.office, Subject("region", place.id), village.now)
        me = (await people.get_many(conn, [1]))[1]
    assert isinstance(dossier, RegionDossier)
    parameters = content.form_parameters(village.office.today(village.now))
    return dossier, dossier.known(content.form("ve"), me, content.reuse, parameters)


async def note(village: Village, head: str, on: date = date(2026, 4, 1), **answers: Any) -> None:
    home = await household(village, head)
    async with village.database.transaction() as conn:
        new = [Fact(home, name, value, on, "jd.x", village.now) for name, value in answers.items()]
        await facts.record(conn, new)


async def test_the_register_counts_the_registered_households_and_people(village: Village) -> None:
    dossier, file = await village_file(village)
    registered = [row for row in dossier.households if row["reg_status"] in (1, 2)]
    assert 0 < len(registered) < len(dossier.households)
    shown = file.values["village_registered_households"]
    assert (shown.value, shown.way) == (len(registered), "hint")
    people_of_all = sum(row["population"] for row in registered)
    assert file.values["village_registered_people"].value == people_of_all


async def test_what_is_unknown_of_a_household_counts_as_nothing(village: Village) -> None:
    _, file = await village_file(village)
    before = file.values["village_dibao_households"].value
    await note(village, "王建新", dibao_now=1, house_renovation=2)
    await note(village, "马维平", dibao_now=None)
    _, file = await village_file(village)
    assert file.values["village_dibao_households"].value == before + 1
    assert file.values["village_rebuilt_households"].value == 1
    assert file.values["village_repaired_households"].value == 0


async def test_an_answer_that_was_outdone_is_not_counted(village: Village) -> None:
    await note(village, "王建新", date(2026, 3, 1), house_renovation=1)
    await note(village, "王建新", date(2026, 4, 1), house_renovation=2)
    _, file = await village_file(village)
    assert file.values["village_repaired_households"].value == 0
    assert file.values["village_rebuilt_households"].value == 1


async def test_rows_hold_what_is_counted_and_nothing_else(village: Village) -> None:
    await note(village, "王建新", has_serious_illness=1, head_phone="13800000000")
    dossier, _ = await village_file(village)
    assert {name for row in dossier.households for name in row} == {
        *("reg_status", "population", "dibao_now", "house_renovation", "joined_asset_income_program"),
    }


async def test_all_households_are_read_with_one_query(village: Village) -> None:
    id = (await village_file(village))[0].region.id
    with statements(village.database) as executed:
        async with village.database.transaction() as conn:
            found = await facts.of_village(conn, id, ["reg_status", "population", "dibao_now"])
    assert len(found) > 1
    assert len([each for each in executed if "households" in each]) == 1


async def test_households_of_other_villages_are_not_counted(village: Village) -> None:
    await note(village, "王建新", house_renovation=2)
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        other = next(each for each in await regions.subtree(conn, county.id) if each.name == "石桥村")
        elsewhere = await read_subject(conn, village.office, Subject("region", other.id), village.now)
    assert isinstance(elsewhere, RegionDossier)
    assert not [row for row in elsewhere.households if row["house_renovation"] == 2]


async def test_what_the_households_add_up_to_is_not_called_the_earlier_answer(village: Village) -> None:
    """It is shown for reference only: another scope, so nothing has changed from it."""
    await village.say("village", "首页")
    await village.tap("village", "村里的表")
    await village.tap("village", "村退出核实")
    await village.tap("village", "基本情况")
    await village.tap("village", "跳过")
    for figure in ("200", "900"):
        said = await village.say("village", figure)
    assert "供参考：档案里记的是 5户" in said
    said = await village.say("village", "30")
    assert "当前建档立卡户数：30户\n" in said
