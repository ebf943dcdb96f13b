"""Whole chats of households and places that the documents describe, a story for each questionnaire at least.

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
from tests.services.village import loaded

PATHS = sorted(STORIES.glob("*.toml"))


UNFILLED = ("None", "nan", "{{", "{who}", "。。", "，，", "（）", "“”")
"""What no cadre should read: a blank that was not filled, a sign too many."""
ON_BOTH = {
    "01_three_people_ten_mu",
    "03_cellar_water",
    "10_a_late_contact",
    "12_a_village_leaves_the_list",
    "14_a_paper_plan_of_2018",
    "16_a_month_without_change",
    "21_a_problem_put_right",
}
"""Between them: a household's whole way, alerts handed on, reminders, what is done late, a village, a
questionnaire that changes hands, what is kept from month to month, the ledger."""
CASES = [(path, "sqlite") for path in PATHS] + [
    (path, "postgresql") for path in PATHS if path.stem in ON_BOTH
]


@pytest.mark.parametrize(("path", "kind"), CASES, ids=[f"{path.stem}-{kind}" for path, kind in CASES])
async def test_people_see_what_was_recorded_and_it_ends_as_the_documents_imply(
    path: Path, database: Database, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whole chats, from the first word to what stands in the database."""
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


def test_every_questionnaire_is_told_in_a_story() -> None:
    forms = {form.name for form in loaded().latest_forms()}
    told = {
        form for path in PATHS for form in forms if f"《{form}》已提交" in path.read_text(encoding="utf-8")
    }
    assert sorted(forms - told) == []
