"""Plan papers by version: one while nothing changes, a new one when something does, the old one again."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Final

import pytest

from bot.errors import NotFound
from bot.services import plan_papers
from bot.services.household_file import read_file
from bot.services.plan_papers import Made, TemplateLost
from bot.storage import facts, papers
from bot.storage.facts import Fact
from tests.services.village import Village

WANG: Final = 1
"""The first household of the sample village."""


async def paper(village: Village, form: str = "gp", **changed: object) -> Made:
    """Learn the changed facts, and make the household's paper."""
    async with village.database.transaction() as conn:
        new = [
            Fact(WANG, name, value, date(2020, 6, 1), "test", village.now) for name, value in changed.items()
        ]
        await facts.record(conn, new)
        dossier = await read_file(conn, village.office, WANG, village.now)
        return await plan_papers.make(conn, village.office, form, dossier, village.now)


async def again(village: Village, version: int, form: str = "gp") -> Made:
    async with village.database.reading() as conn:
        return await plan_papers.make_again(conn, village.office, WANG, form, version)


async def test_asked_for_again_it_is_the_same_version_and_the_same_bytes(village: Village) -> None:
    first = await paper(village)
    village.wait(days=9)
    later = await paper(village)
    assert (first.version, later.version) == (1, 1)
    assert first.content == later.content
    assert first.on == later.on


async def test_a_change_makes_a_new_version_and_the_old_one_can_be_made_again(village: Village) -> None:
    first = await paper(village, poor_household_kind=1)
    second = await paper(village, poor_household_kind=2)
    assert (first.version, second.version) == (1, 2)
    assert first.paper.slots["1.4"] != second.paper.slots["1.4"]
    assert (await again(village, 1)).content == first.content
    assert (await again(village, 2)).content == second.content


async def test_an_old_version_keeps_its_words_when_the_template_changes(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await paper(village)
    shipped = plan_papers.shipped_frame("gp")
    sentences = shipped.sentences.replace("[paper]", "# reworded\n[paper]", 1)
    other = dataclasses.replace(shipped, digest="other", sentences=sentences)
    monkeypatch.setattr(plan_papers, "shipped_frame", lambda _: other)
    second = await paper(village)
    assert (first.version, second.version) == (1, 2)
    async with village.database.reading() as conn:
        kept = await papers.of_household(conn, WANG, "gp")
        frames = [await papers.frame(conn, each.frame_digest) for each in kept]
    assert [frame and frame.sentences for frame in frames] == [shipped.sentences, sentences]
    assert (await again(village, 1)).content == first.content


async def test_a_version_keeps_answers_figures_of_the_law_and_departments(village: Village) -> None:
    await paper(village, poor_household_kind=1)
    async with village.database.reading() as conn:
        kept = (await papers.of_household(conn, WANG, "gp"))[0]
    assert kept.snapshot["facts"]["poor_household_kind"] == 1
    assert kept.snapshot["facts"]["head_name"]
    assert kept.snapshot["parameters"]["hardening_area"] == 30
    assert kept.snapshot["units"]["M-000-01"]


async def test_there_is_no_version_that_was_never_made(village: Village) -> None:
    await paper(village)
    with pytest.raises(NotFound, match="version of the paper gp named 7"):
        await again(village, 7)


async def test_what_is_missing_and_what_does_not_go_together_is_told(village: Village) -> None:
    made = await paper(village, registered_population=3, ncms_insured_count=5)
    assert made.paper.blanks
    checks = {check.id: check for check in village.office.content.form("gp").checks}
    fired = [check.text for check in checks.values() if check.text in made.contradictions]
    assert fired, "five of three people cannot be insured"


async def test_a_template_that_is_gone_is_an_error_that_says_so(village: Village) -> None:
    await paper(village)
    forms = {key: form for key, form in village.office.content.forms.items() if key[0] != "gp"}
    office = dataclasses.replace(
        village.office, content=dataclasses.replace(village.office.content, forms=forms)
    )
    async with village.database.reading() as conn:
        with pytest.raises(TemplateLost, match="its questionnaire is withdrawn"):
            await plan_papers.make_again(conn, office, WANG, "gp", 1)
