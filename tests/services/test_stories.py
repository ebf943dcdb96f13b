"""Whole chats of households that the documents describe, from the first question to the plan.

`pytest tests/services/test_stories.py --update` records screens and endings anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.services.storytelling import STORIES, Player, open_village, read_story, record, recorded

PATHS = sorted(STORIES.glob("*.toml"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
async def test_a_household_goes_from_the_first_question_to_its_plan(
    path: Path, database: Database, kind: str, request: pytest.FixtureRequest
) -> None:
    """People see what was recorded, and the household ends as the documents imply."""
    story = read_story(path)
    update = bool(request.config.getoption("--update"))
    told = await Player(await open_village(database, story.day), story).play(compare=not update)
    told.outcome.meets(story.expect, f"{path.name}, at the end")
    if not update:
        assert recorded(told.outcome) == story.ending
    elif kind == "sqlite":
        record(story, told)


def test_there_are_stories_of_the_households_in_the_documents() -> None:
    assert len(PATHS) >= 8
