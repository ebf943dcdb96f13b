"""A meeting that appraised several households is told once; each keeps its own part and its own filer."""

from __future__ import annotations

from datetime import date

import pytest

from bot.storage import cases, facts, households
from bot.storage.database import Database
from tests.services.case_storytelling import CasePlayer, CaseStory, Turn, open_story
from tests.services.interviewer import YELLOW

HEADS = ("王建新", "张国华", "李秋菊")
SECRETARY = {"address": "secretary", "name": "何书记", "post": "village_secretary", "region": "松树村"}
APPRAISAL = {"2.c": "3", "2.d": "2", "2.e": "2", "2.f": "5", "2.g": "黄卡"}


async def player(database: Database, about: str, village: CasePlayer | None = None) -> CasePlayer:
    """Somebody to act on the household of that head, in the same village as before."""
    story = CaseStory("meeting", "hr_card", "", date(2020, 3, 20), "huarong", about, [SECRETARY], [])
    return CasePlayer(village.village if village else await open_story(database, story), story)


async def heads(database: Database) -> list[str]:
    """Three households of 松树村 in the care of the same cadre."""
    async with database.reading() as conn:
        found = await households.get_many(conn, range(1, 9))
    here = found[1].region_id
    return [each.head_name for each in found.values() if each.region_id == here][:3]


@pytest.mark.parametrize("filed_by_secretary", [False, True])
async def test_the_others_are_told_as_they_were_filed(database: Database, filed_by_secretary: bool) -> None:
    first = await player(database, HEADS[0])
    names = await heads(database)
    players = [first if name == HEADS[0] else await player(database, name, first) for name in names]
    for index, each in enumerate(players):
        await each.act(Turn(who="cadre", fills="cs", answers=YELLOW))
        who = "secretary" if filed_by_secretary and index == 2 else "cadre"
        await each.act(Turn(who=who, opens="初核申报", answers={"1.d": "黄卡"}))
    village = first.village
    await players[0].act(Turn(who="secretary", does="记民主评议", answers=APPRAISAL))
    await village.tap("secretary", "这次会还评了别的户（2 户）")
    assert f"{names[1]}：黄卡" in await village.heard("secretary")
    await village.tap("secretary", "确定")
    told = await village.heard("secretary")
    states = [(await each.case()).state for each in players]  # type: ignore[union-attr]
    if filed_by_secretary:
        assert states == ["appraised", "appraised", "init"]
        assert "一起记了 1 户" in told
        assert "您自己报的" in told
    else:
        assert states == ["appraised"] * 3
        assert "一起记了 2 户" in told
    async with database.reading() as conn:
        case = await players[1].case()
        assert case is not None
        current = (await facts.current(conn, [case.household_id or 0]))[case.household_id or 0]
        values = {fact.name: fact.value for fact in current}
        steps = (await cases.events(conn, [case.id]))[case.id]
    assert values["appraisal_party_members"] == 3
    assert values["appraised_card"] == values["proposed_card"]
    assert steps[-1].interview_id is not None
    assert "这次会还评了" not in await village.say("secretary", "办事")
