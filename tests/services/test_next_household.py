"""From door to door: after a questionnaire of the month, the next household that lacks it is one tap away."""

from __future__ import annotations

import re

import pytest

from bot.services.sample import read_sample
from bot.storage import assignments, inbox, interviews, visibility
from bot.storage.database import Database
from bot.storage.households import Household
from tests.databases import database, database_url, empty_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.interviewer import standing
from tests.services.subjects import VILLAGE, labels, with_forms
from tests.services.village import Village

MONTHLY = (
    VILLAGE.replace('id = "tv"', 'id = "tm"')
    .replace('subject = "village"', 'every = "month"')
    .replace("村情测试表", "每月测试表")
    .replace('short = "村情表"', 'short = "每月表"')
    .replace("test_", "monthly_test_")
)
REGISTERED = MONTHLY.replace('every = "month"', 'every = "month"\nsuits = "reg_status in [1, 2]"')


@pytest.fixture
async def village(database: Database) -> Village:  # noqa: F811
    """The sample village with a short questionnaire that is due every month."""
    return await Village.open(database, content=with_forms(MONTHLY))


async def around(village: Village, person: int = 1) -> list[Household]:
    """The households of 松树村 that the person may see, in the order of lists."""
    async with village.database.reading() as conn:
        page = await visibility.find(conn, person, village.now, size=100)
    first = page.items[0].region_id
    return [household for household in page.items if household.region_id == first]


async def hand_in(village: Village, address: str) -> str:
    """Fill in the open questionnaire and hand it in; what is said in the end."""
    at = await standing(village, address)
    assert at.interview.form == "tm"
    return await village.say(address, "1", "10", "提交")


async def open_form(village: Village, address: str, head: str) -> None:
    """Open the month's questionnaire of a household."""
    await village.say(address, head)
    await village.tap(address, "每月表")


async def next_label(village: Village, address: str) -> str:
    """The label of the button to the next household; "" without one."""
    found = [label for label in await labels(village, address) if "下一户" in label]
    assert len(found) <= 1
    return found[0] if found else ""


async def test_a_round_through_the_village_visits_every_household_once_in_the_order_of_lists(
    village: Village,
) -> None:
    homes = await around(village)
    start = homes[2]
    await open_form(village, "cadre", start.head_name)
    visited = [start.id]
    for left in range(len(homes) - 1, 0, -1):
        told = await hand_in(village, "cadre")
        assert f"还有 {left} 户没做每月表" in told
        assert (await labels(village, "cadre"))[0] == await next_label(village, "cadre")
        await village.tap("cadre", "下一户")
        visited.append((await standing(village, "cadre")).interview.household_id or 0)
    assert "都做完了" in await hand_in(village, "cadre")
    assert await next_label(village, "cadre") == ""
    ids = [household.id for household in homes]
    assert visited == [*ids[2:], *ids[:2]]


async def test_the_button_names_the_head_and_the_group(village: Village) -> None:
    homes = await around(village)
    await open_form(village, "cadre", homes[0].head_name)
    await hand_in(village, "cadre")
    follows = homes[1]
    assert await next_label(village, "cadre") == f"下一户：{follows.head_name}（{follows.village_group}）"


async def test_a_new_month_begins_a_new_round(village: Village) -> None:
    homes = await around(village)
    await open_form(village, "cadre", homes[0].head_name)
    await hand_in(village, "cadre")
    await open_form(village, "cadre", homes[0].head_name)
    assert f"还有 {len(homes) - 1} 户" in await hand_in(village, "cadre")
    village.wait(days=25)  # from the tenth of April into May
    await open_form(village, "cadre", homes[1].head_name)
    assert f"还有 {len(homes) - 1} 户" in await hand_in(village, "cadre")
    assert homes[2].head_name in await next_label(village, "cadre")


async def test_the_month_is_the_one_of_the_county_and_not_of_the_server(village: Village) -> None:
    homes = await around(village)
    village.wait(days=20, hours=14, minutes=50)  # ten to midnight of the last day of April in the county
    await open_form(village, "cadre", homes[0].head_name)
    await hand_in(village, "cadre")
    village.wait(minutes=20)
    await open_form(village, "cadre", homes[1].head_name)
    assert f"还有 {len(homes) - 1} 户" in await hand_in(village, "cadre")


async def test_a_cadre_is_led_to_their_own_households_only(village: Village) -> None:
    homes = await around(village)
    async with village.database.transaction() as conn:
        await assignments.assign(conn, homes[1].id, 2, village.now)
    await open_form(village, "cadre", homes[0].head_name)
    assert f"还有 {len(homes) - 2} 户" in await hand_in(village, "cadre")
    assert homes[2].head_name in await next_label(village, "cadre")
    # The village sees what anybody of it has handed in.
    await open_form(village, "village", homes[1].head_name)
    assert f"还有 {len(homes) - 2} 户" in await hand_in(village, "village")


async def test_households_of_another_village_are_another_round(village: Village) -> None:
    elsewhere = next(h for h in read_sample()["household"] if h["village"] != "松树村")
    await open_form(village, "township", elsewhere["head"])
    assert "都做完了" in await hand_in(village, "township")


async def test_households_for_which_the_form_is_not_meant_are_passed_over(
    database: Database,  # noqa: F811
) -> None:
    village = await Village.open(database, content=with_forms(REGISTERED))
    homes = await around(village)
    meant = [household for household in homes if household.reg_status in (1, 2)]
    assert 1 < len(meant) < len(homes)
    await open_form(village, "cadre", meant[0].head_name)
    for left in range(len(meant) - 1, 0, -1):
        assert f"还有 {left} 户" in await hand_in(village, "cadre")
        await village.tap("cadre", "下一户")
    assert "都做完了" in await hand_in(village, "cadre")


async def test_what_is_begun_there_already_is_gone_on_with(village: Village) -> None:
    homes = await around(village)
    await open_form(village, "cadre", homes[1].head_name)
    await village.say("cadre", "1", "暂停")
    await open_form(village, "cadre", homes[0].head_name)
    await hand_in(village, "cadre")
    assert "已答 1/" in await village.tap("cadre", "下一户")


async def test_two_people_who_hand_in_at_once_are_not_sent_to_each_others_household(village: Village) -> None:
    homes = await around(village)
    await open_form(village, "cadre", homes[0].head_name)
    await open_form(village, "village", homes[1].head_name)
    for address in ("cadre", "village"):
        await village.say(address, "1", "10")
    for address in ("cadre", "village"):
        await village.chat.say(address, "提交")
    await village.work()
    said = [await village.last(address) for address in ("cadre", "village")]
    counts = [int(found[1]) for text in said if (found := re.search(r"还有 (\d+) 户", text))]
    assert counts == [len(homes) - 1, len(homes) - 2]
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
        held = await interviews.of_household(conn, homes[1].id)
    assert [each.state for each in held] == ["submitted"]


async def test_other_questionnaires_lead_to_no_next_household(village: Village) -> None:
    await village.say("cadre", "王建新")
    await village.tap("cadre", "四卡核实")
    assert await next_label(village, "cadre") == ""
    assert "下一户" not in await village.heard("cadre")
