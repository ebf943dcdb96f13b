"""A questionnaire is released again in a new shape while people are in the middle of the old one."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot import app
from bot import content as contents
from bot.content import SHIPPED, Content, Places
from bot.services import versions
from bot.services.versions import FormWithdrawn
from bot.settings import Settings
from bot.storage import facts, interviews, verdicts
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.interviews import Interview
from tests.services.interviewer import GREEN, YELLOW, begin, fill, hand_in, standing
from tests.services.village import Village, loaded

NEW_HEAD = ('id = "cs"\nversion = 1', 'id = "cs"\nversion = 2')
NEW_QUESTION = """
[[item]]
id = "9.x"
section = "assets"
no = "9-1"
fact = "owns_boat"
kind = "select_one"
label = "是否有渔船"
text = "家里有没有渔船？"
options = "yes_no"
ask_if = "reg_status in [2, 3]"

# --- family
"""
NO_LONGER_ASKED = "20"
WANG, GUO = "王建新", "郭立春"
"""Two households of the sample village that were lifted out of poverty."""


def reshaped(text: str) -> str:
    """`cs` in a new shape: one question more, and one less."""
    assert NEW_HEAD[0] in text
    text = text.replace(*NEW_HEAD).replace("\n# --- family\n", NEW_QUESTION, 1)
    tables = text.split("\n[[item]]\n")
    left = [each for each in tables if not each.startswith(f'id = "{NO_LONGER_ASKED}"\n')]
    assert (len(tables), NEW_QUESTION in text) == (len(left) + 1, True)
    return "\n[[item]]\n".join(left)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """What ships, and beside it the second version of `cs`."""
    dialogs = tmp_path_factory.mktemp("content") / "dialogs"
    shutil.copytree(SHIPPED.dialogs, dialogs, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shipped = (dialogs / "forms" / "cs.toml").read_text(encoding="utf-8")
    (dialogs / "forms" / "cs-2.toml").write_text(reshaped(shipped), encoding="utf-8")
    return contents.load(Places(dialogs=dialogs))


@pytest.fixture(scope="module")
def withdrawn(both: Content) -> Content:
    """The second version only: somebody has overwritten the first."""
    return replace(both, forms={key: form for key, form in both.forms.items() if key != ("cs", 1)})


async def restarted(village: Village, content: Content) -> Village:
    """The same database and the same people on new content."""
    again = await Village.open(village.database, content=content)
    again.wait(seconds=(village.now - again.now).total_seconds())
    return again


async def load(village: Village, interview: Interview) -> Interview:
    async with village.database.reading() as conn:
        return (await interviews.load(conn, [interview.id]))[interview.id]


async def known(village: Village, interview: Interview) -> Mapping[str, Fact]:
    """The current facts of the interview's household."""
    id = interview.subject.id
    async with village.database.reading() as conn:
        return {fact.name: fact for fact in (await facts.current(conn, [id]))[id]}


async def said_of(village: Village, interview: Interview, fact: str) -> list[tuple[Any, int | None]]:
    """Every value that was ever recorded of a fact, with the interview that found it."""
    async with village.database.reading() as conn:
        found = await facts.history(conn, interview.subject.id, fact)
    return [(each.value, each.interview_id) for each in found]


async def test_what_was_begun_is_finished_on_its_version_while_new_ones_begin_on_the_next(
    village: Village, both: Content
) -> None:
    await begin(village, "cadre", WANG, "cs")
    old = await fill(village, "cadre", "7", GREEN)
    assert old.interview.version == 1

    await village.say("cadre", "暂停")
    village = await restarted(village, both)
    at = await begin(village, "cadre", GUO, "cs")
    assert (at.interview.version, at.key) == (2, "2")
    at = await fill(village, "cadre", "9.x", GREEN)
    at = await fill(village, "cadre", "review", GREEN)
    assert at.answers["9.x"] == 1
    assert NO_LONGER_ASKED not in at.answers
    await village.say("cadre", "提交")

    await begin(village, "cadre", WANG, "cs")
    at = await standing(village, "cadre")
    assert (at.interview.id, at.interview.version, at.key) == (old.interview.id, 1, "7")
    at = await fill(village, "cadre", "review", GREEN)
    assert "9.x" not in at.answers
    assert NO_LONGER_ASKED in at.answers
    await village.say("cadre", "提交")
    done = await load(village, old.interview)
    assert (done.state, done.version) == ("submitted", 1)
    assert "owns_boat" not in await known(village, done)


async def test_a_button_from_before_the_release_still_answers_its_question(
    village: Village, both: Content
) -> None:
    await begin(village, "cadre", WANG, "cs")
    await fill(village, "cadre", "9", GREEN)
    message, data = await village.button("cadre", "2 否")
    village = await restarted(village, both)
    await village.tap_data("cadre", message, data)
    at = await standing(village, "cadre")
    assert at.answers["9"] == 2
    assert (at.interview.version, at.key) == (1, "10.x1")


async def test_answers_of_both_versions_feed_the_same_facts_and_the_verdict(
    village: Village, both: Content
) -> None:
    first = await hand_in(village, "cadre", WANG, "cs", GREEN)
    village = await restarted(village, both)
    village.wait(days=40)
    second = await hand_in(village, "cadre", WANG, "cs", YELLOW | {"9.x": "2"})
    assert (first.version, second.version) == (1, 2)

    now = await known(village, second)
    assert (now["handbook_income_per_capita"].value, now["stable_exit"].value) == (3000, 2)
    assert now["owns_boat"].value == 2
    assert await said_of(village, second, "handbook_income_per_capita") == [
        (9000, first.id),
        (3000, second.id),
    ]
    async with village.database.reading() as conn:
        judged = await verdicts.history(conn, second.subject.id, "hr")
    assert [each.verdict for each in judged] == ["green", "yellow"]


async def test_what_is_asked_no_longer_stays_unknown_once_it_is_left_out(
    village: Village, both: Content
) -> None:
    first = await hand_in(village, "cadre", WANG, "cs", YELLOW)
    asked = both.form("cs", 1).by_id[NO_LONGER_ASKED].fact
    assert (await known(village, first))[asked].value == 1
    village = await restarted(village, both)
    second = await hand_in(village, "cadre", WANG, "cs", YELLOW)
    assert (await known(village, second))[asked].value is None


async def test_the_bot_does_not_start_without_a_version_on_which_an_interview_is_open(
    village: Village, database_url: str, both: Content, withdrawn: Content
) -> None:
    await begin(village, "cadre", WANG, "cs")
    await village.say("cadre", "暂停")
    await begin(village, "cadre", GUO, "cs")
    at = await standing(village, "cadre")
    settings = Settings(database_url=database_url)
    with pytest.raises(FormWithdrawn, match=r"no longer there: cs version 1 \(interviews 1, 2\)\. Put"):
        await app.build(settings, loaded=withdrawn)

    for content in (loaded(), both):
        await (await app.build(settings, loaded=content)).close()

    await fill(village, "cadre", "review", GREEN)
    await village.say("cadre", "提交")
    with pytest.raises(FormWithdrawn, match=r"cs version 1 \(interview 1\)"):
        await app.build(settings, loaded=withdrawn)
    assert (await load(village, at.interview)).state == "submitted"
    await begin(village, "cadre", WANG, "cs")
    await fill(village, "cadre", "review", GREEN)
    await village.say("cadre", "提交")
    await (await app.build(settings, loaded=withdrawn)).close()


async def test_many_open_interviews_are_counted_and_not_all_named(
    database: Database, withdrawn: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = await Village.open(database)
    for head in (WANG, GUO, "刘大山"):
        await begin(village, "cadre", head, "cs")
        await village.say("cadre", "暂停")
    monkeypatch.setattr(versions, "NAMED", 1)
    async with database.reading() as conn:
        with pytest.raises(FormWithdrawn, match=r"\(interviews 1 and 2 more\)") as refused:
            await versions.require_all(conn, withdrawn)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)
