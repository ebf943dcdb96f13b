"""Whole chats of households that the documents describe, from the first question to the plan.

`pytest tests/services/test_stories.py --update` records screens and endings anew; read the difference.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.services.storytelling import (
    STORIES,
    Player,
    Story,
    Told,
    open_village,
    read_story,
    record,
    recorded,
)

PATHS = sorted(STORIES.glob("*.toml"))


UNFILLED = ("None", "nan", "{{", "{who}", "。。", "，，", "（）", "“”")
"""What no cadre should read: a blank that was not filled, a sign too many."""
ON_BOTH = {"01_three_people_ten_mu", "03_cellar_water", "10_a_late_contact"}
"""Between them: a household's whole way, alerts handed on, reminders, what is done late."""
CASES = [(path, "sqlite") for path in PATHS] + [
    (path, "postgresql") for path in PATHS if path.stem in ON_BOTH
]


@pytest.mark.parametrize(("path", "kind"), CASES, ids=[f"{path.stem}-{kind}" for path, kind in CASES])
async def test_a_household_goes_from_the_first_question_to_its_plan(
    path: Path, database: Database, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """People see what was recorded, and the household ends as the documents imply."""
    story = read_story(path)
    update = bool(request.config.getoption("--update"))
    told = await Player(await open_village(database, story.day), story).play(compare=not update)
    told.outcome.meets(story.expect, f"{path.name}, at the end")
    texts = [told.outcome.paper, *(text for shown in told.shown for text in shown.values())]
    assert [word for word in UNFILLED if any(word in text for text in texts)] == []
    if update:
        if kind == "sqlite":
            record(story, told)
        return
    assert recorded(told.outcome) == story.ending
    check_recording(story, told, tmp_path)


def check_recording(story: Story, told: Told, folder: Path) -> None:
    """What `--update` would write is what stands in the file, the words written by hand included."""
    again = folder / story.path.name
    shutil.copy(story.path, again)
    record(replace(story, path=again), told)
    assert again.read_text(encoding="utf-8") == story.path.read_text(encoding="utf-8")


def test_there_are_stories_of_the_households_in_the_documents() -> None:
    assert len(PATHS) >= 8
