"""Every procedure is walked through by people in their posts, on every path, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.evidence_files import EvidenceFolder
from bot.storage.database import Database
from tests.services.case_storytelling import STORIES, CasePlayer, open_story, read_story

PATHS = sorted(STORIES.glob("*.toml"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
async def test_a_case_goes_its_way(path: Path, database: Database, tmp_path: Path) -> None:
    """Steps, returns, objections, deadlines and refusals as the document has them."""
    story = read_story(path)
    folder = EvidenceFolder(tmp_path / "files")
    await CasePlayer(await open_story(database, story, folder), story).play()
