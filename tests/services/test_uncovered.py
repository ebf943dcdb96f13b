"""Who has not been asked yet, and who has no plan: lists from the home screen of whoever oversees a place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels import web_chat
from bot.services.pipeline import Worker
from bot.storage import regions, uncovered, verdicts
from bot.storage.verdicts import Verdict
from tests.services.interviewer import GREEN, hand_in
from tests.services.test_alerts import appoint, household
from tests.services.village import Village

HEAD = "王建新"


async def carded(village: Village, head: str, verdict: str, days: int = 0) -> None:
    """Let a household have a verdict that drew up no plan, as one that was taken over from elsewhere."""
    on = village.office.today(village.now).replace(day=1 + days)
    home = await household(village, head)
    new = Verdict(home, "hr", on, verdict, None, [], [], {}, {}, {}, "1", None, village.now)
    async with village.database.transaction() as conn:
        await verdicts.add(conn, [new])


@pytest.mark.parametrize("who", ["village", "township", "county"])
async def test_whoever_oversees_a_place_sees_who_was_not_asked_yet(village: Village, who: str) -> None:
    await village.say(who, "首页")
    before = await village.tap(who, "还没查的户")
    assert "“回头看”还没查的有" in before
    assert ("这是第 1—8 户" in before) is (who != "village")  # a village of eight needs no second page
    await hand_in(village, "cadre", HEAD, "jd")
    await village.say(who, "首页")
    after = await village.tap(who, "还没查的户")
    assert before != after
    while True:
        shown = (await village.screen(who))[-1]
        assert HEAD not in str(shown.buttons)
        if village.office.say("buttons.later") not in str(shown.buttons):
            break
        await village.tap(who, village.office.say("buttons.later"))


async def test_a_household_of_another_place_is_not_there(village: Village) -> None:
    await appoint(village, "stone", "石桥干部", "village", "石桥村")
    home = await household(village, HEAD)
    assert HEAD not in await village.say("stone", "没查的户")
    theirs = await village.tap_data("stone", 1, f"left:h{home}")
    nobodys = await village.tap_data("stone", 1, "left:h987654")
    assert theirs == nobodys
    assert HEAD not in await village.heard("stone")


async def test_whoever_has_single_households_is_told_whose_list_it_is(village: Village) -> None:
    assert "给村、乡镇、县里看" in await village.say("cadre", "没查的户")
    assert "给村、乡镇、县里看" in await village.say("cadre", "没有计划的户")
    assert "还没查的户" not in str([m.buttons for m in await village.screen("cadre")])


async def test_a_list_that_is_empty_says_so(village: Village) -> None:
    assert "都有计划了" in await village.say("township", "没计划的户")


async def test_a_button_of_another_time_does_nothing(village: Village) -> None:
    for data in ("left:x1", "left:v", "left:h12x"):
        assert "还没查" not in await village.tap_data("township", 1, data)


async def test_a_county_without_a_look_back_has_no_such_list(village: Village) -> None:
    content = village.office.content
    office = replace(village.office, content=replace(content, county=replace(content.county, library=())))
    translate = {web_chat.CHANNEL: web_chat.translate}
    village = replace(
        village, office=office, worker=Worker(village.database, office, translate, lambda: village.now)
    )
    await village.say("township", "首页")
    assert "还没查的户" not in str([m.buttons for m in await village.screen("township")])


async def test_a_card_without_a_plan_stands_on_the_list_until_there_is_one(village: Village) -> None:
    await carded(village, HEAD, "green")
    await village.say("township", "首页")
    said = await village.tap("township", "没有计划的户（1）")
    assert "没有帮扶计划的有 1 户" in said
    assert HEAD in await village.tap("township", HEAD)
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    assert "都有计划了" in await village.say("township", "没计划的户")


async def test_whoever_has_no_card_needs_no_plan(village: Village) -> None:
    await carded(village, HEAD, "green")
    await carded(village, HEAD, "none", days=1)
    assert "都有计划了" in await village.say("township", "没计划的户")


async def test_where_plans_are_papers_their_questionnaire_counts(village: Village) -> None:
    await carded(village, HEAD, "green")
    home = await household(village, HEAD)
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        missing = await uncovered.planless(conn, [county.id], "hr", ["green"], "gs", 10)
        assert [each.id for each in missing.items] == [home]
    await hand_in(village, "cadre", HEAD, "jd")
    async with village.database.reading() as conn:
        drawn = await uncovered.planless(conn, [county.id], "hr", ["green"], "", 10)
        unwritten = await uncovered.planless(conn, [county.id], "hr", ["green"], "jd", 10)
        assert (drawn.total, unwritten.total) == (0, 0)
