"""The main job, end to end: from the first question to the card, the plan, the paper and the reminders."""

from __future__ import annotations

from tests.services.village import Village


async def test_a_household_is_interviewed_and_gets_its_card_and_plan(village: Village) -> None:
    await village.say("cadre", "开始", "王建新")
    await village.tap("cadre", "四卡核实")
    assert "精准扶贫手册" in await village.last("cadre")
