"""Photos and locations sent while a questionnaire is open: kept beside the database, never required."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from bot.channels import web_chat
from bot.services import evidence as services
from bot.services.evidence_files import EvidenceFolder, image_type
from bot.storage import evidence, facts, inbox, interviews
from bot.storage.database import Database
from bot.storage.evidence import Evidence, NewEvidence
from bot.storage.inbox import NewUpdate
from tests.databases import database, database_url, empty_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.interviewer import begin, history, is_open, standing
from tests.services.subjects import VILLAGE, with_forms
from tests.services.village import Village

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8
"""How a photo begins, and enough after it."""
PLACES = """
[[item]]
id = "p"
section = "a"
no = "p"
fact = "test_photo"
kind = "image"
label = "照片"
text = "拍一张村里的路。"

[[item]]
id = "g"
section = "a"
no = "g"
fact = "test_place"
kind = "geopoint"
label = "位置"
text = "发一下位置。"
"""


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "files", 4096)


@pytest.fixture
async def village(database: Database, folder: EvidenceFolder) -> Village:  # noqa: F811
    """The sample village, whose own questionnaire has a place for photos and one for a location."""
    return await Village.open(database, content=with_forms(VILLAGE + PLACES), folder=folder)


async def open_form(village: Village, address: str = "village") -> None:
    await village.say(address, "首页")
    await village.tap(address, "村里的表")
    await village.tap(address, "村情表")


async def send(village: Village, photo: Any, address: str = "village") -> str:
    """Send a photo on the page; what is said then."""
    village.wait(seconds=1)
    await village.chat.send_photo(address, photo)
    await village.work()
    return await village.last(address)


async def send_elsewhere(village: Village, given: dict[str, Any], address: str = "village") -> str:
    """What a channel brings whose photos are to be fetched, or a location."""
    village.wait(seconds=1)
    async with village.database.transaction() as conn:
        number = int(village.now.timestamp() * 1000)
        update = NewUpdate(
            web_chat.CHANNEL,
            number,
            f"{web_chat.CHANNEL}:{address}",
            {"address": address, "photo": given},
        )
        await inbox.store(conn, [update], village.now)
    await village.work()
    return await village.last(address)


async def photos(village: Village, address: str = "village") -> list[Evidence]:
    """The photos of the interview that is open there."""
    at = await standing(village, address)
    async with village.database.reading() as conn:
        return await evidence.of_interview(conn, at.interview.id)


def on_disk(folder: EvidenceFolder) -> list[str]:
    return sorted(path.name for path in folder.path.glob("*")) if folder.path.exists() else []


async def test_a_photo_answers_its_question_at_any_moment_and_the_open_question_stays(
    village: Village, folder: EvidenceFolder
) -> None:
    await open_form(village)
    before = await standing(village, "village")
    await send(village, PHOTO)
    after = await standing(village, "village")
    assert after.key == before.key
    (photo,) = await photos(village)
    assert after.answers == {"p": [str(photo.id)]}
    assert (photo.key, photo.state, photo.size) == ("p", "stored", len(PHOTO))
    assert photo.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert (folder.path / photo.file_name).read_bytes() == PHOTO
    assert [entry.key for entry in await history(village, after.interview)] == ["p"]


async def test_several_photos_stand_side_by_side_and_become_facts(
    village: Village, folder: EvidenceFolder
) -> None:
    await open_form(village)
    await send(village, PHOTO)
    await village.say("village", "1")
    await send(village, b"\x89PNG\r\n\x1a\n" + PHOTO)
    assert "已存 2 张" in await village.heard("village")
    kept = [str(photo.id) for photo in await photos(village)]
    subject = (await standing(village, "village")).interview.subject
    await village.say("village", "1200", "提交")
    async with village.database.reading() as conn:
        found = (await facts.current(conn, [subject.id], "region"))[subject.id]
    assert {fact.name: fact.value for fact in found} == {
        "test_road": 1,
        "test_people": 1200,
        "test_photo": kept,
    }
    assert [name.rpartition(".")[2] for name in on_disk(folder)].count("png") == 1


async def test_a_questionnaire_is_complete_without_any_photo(village: Village) -> None:
    await open_form(village)
    await village.say("village", "1", "1200", "提交")
    assert not await is_open(village, "village")


async def test_a_file_name_tells_nothing(village: Village, folder: EvidenceFolder) -> None:
    await open_form(village)
    await send(village, PHOTO)
    await send(village, PHOTO)
    names = on_disk(folder)
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}\.jpg", name) for name in names)


async def test_a_location_answers_its_question(village: Village) -> None:
    await open_form(village)
    await send_elsewhere(village, {"kind": "geopoint", "value": "29.530000 112.550000"})
    at = await standing(village, "village")
    assert at.answers == {"g": "29.530000 112.550000"}
    assert await photos(village) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (PHOTO * 3, "最多收 0 MB"),
        ("too_large", "太大"),
        (b"%PDF-1.7 " * 20, "不是照片"),
        (b"", "不是照片"),
        ("other", "不是照片"),
    ],
)
async def test_what_cannot_be_taken_is_refused_clearly_and_leaves_nothing(
    village: Village, folder: EvidenceFolder, sent: Any, said: str
) -> None:
    await open_form(village)
    assert said in await send(village, sent)
    assert (await standing(village, "village")).answers == {}
    assert await photos(village) == []
    assert on_disk(folder) == []


async def test_a_photo_without_an_open_questionnaire_is_answered_and_not_kept(
    village: Village, folder: EvidenceFolder
) -> None:
    assert "没有正在填的表" in await send(village, PHOTO)
    assert on_disk(folder) == []


async def test_a_questionnaire_without_a_place_for_photos_says_so_and_keeps_none(
    village: Village, folder: EvidenceFolder
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await send(village, PHOTO, "cadre")
    assert (await standing(village, "cadre")).answers == {}
    assert [photo.state for photo in await photos(village, "cadre")] == ["refused"]
    assert on_disk(folder) == []


async def test_a_photo_for_what_another_took_over_is_not_taken(
    village: Village, folder: EvidenceFolder
) -> None:
    await open_form(village, "cadre")
    await open_form(village, "village")
    await village.tap("village", "我来接着填")
    assert "由陈桂香接过去" in await send(village, PHOTO, "cadre")
    assert (await standing(village, "village")).answers == {}


async def test_a_photo_that_is_still_to_be_fetched_waits_on_record(village: Village) -> None:
    await open_form(village)
    await send_elsewhere(village, {"kind": "image", "value": "file-1", "size": 100})
    async with village.database.reading() as conn:
        (photo,) = await evidence.pending(conn, 10)
        assert await evidence.pending(conn, 10, waiting=[photo.id]) == []
    assert (photo.remote_id, photo.size, photo.key, photo.sha256) == ("file-1", 100, "p", None)
    assert (await standing(village, "village")).answers == {"p": [str(photo.id)]}


async def test_a_photo_that_proves_unusable_is_taken_out_again_and_said_to_its_sender(
    village: Village,
) -> None:
    await open_form(village)
    for file in ("file-1", "file-2"):
        await send_elsewhere(village, {"kind": "image", "value": file})
    first, second = await photos(village)
    for photo, left in ((first, {"p": [str(second.id)]}), (second, {})):
        async with village.database.transaction() as conn:
            await services.withdraw(conn, village.office, photo, "too_large", village.now)
        await village.work()
        assert "太大" in await village.last("village")
        assert (await standing(village, "village")).answers == left
    assert [photo.state for photo in await photos(village)] == ["refused", "refused"]
    await village.say("village", "1", "1200", "提交")
    assert not await is_open(village, "village")


async def test_a_photo_that_proves_unusable_after_handing_in_changes_no_answer(village: Village) -> None:
    await open_form(village)
    await send_elsewhere(village, {"kind": "image", "value": "file-1"})
    (photo,) = await photos(village)
    await village.say("village", "1", "1200", "提交")
    async with village.database.transaction() as conn:
        await services.withdraw(conn, village.office, photo, "gone", village.now)
        interview = (await interviews.load(conn, [photo.interview_id]))[photo.interview_id]
    await village.work()
    assert "没有取到" in await village.last("village")
    assert interview.session["answers"]["p"] == [str(photo.id)]


async def test_a_photo_is_stored_once_under_its_name(village: Village) -> None:
    await open_form(village)
    at = await standing(village, "village")
    new = NewEvidence(at.interview.id, "p", at.interview.person_id, "a" * 32, "pending", village.now, "x")
    async with village.database.transaction() as conn:
        id = await evidence.add(conn, new)
        await evidence.stored(conn, id, file_name="a.jpg", size=3, sha256="00")
        await evidence.stored(conn, id, file_name="b.jpg", size=4, sha256="01")
        kept = (await evidence.get_many(conn, [id]))[id]
    assert (kept.state, kept.file_name, kept.size) == ("stored", "a.jpg", 3)


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PHOTO, "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x18ftypheic\x00", "heic"),
        (b"GIF89a", "gif"),
        (b"<svg onload=alert(1)>", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"", None),
    ],
)
def test_an_image_is_known_by_how_it_begins(content: bytes, ending: str | None) -> None:
    assert image_type(content) == ending


def test_the_folder_removes_only_what_it_named(folder: EvidenceFolder, tmp_path: Path) -> None:
    outside = tmp_path / "keep.jpg"
    outside.write_bytes(PHOTO)
    kept = folder.keep(PHOTO)
    for name in ("../keep.jpg", "", ".", kept.name.upper()):
        folder.drop(name)
    assert outside.exists()
    assert on_disk(folder) == [kept.name]
    folder.drop(kept.name)
    folder.drop(kept.name)
    assert on_disk(folder) == []
    assert folder.keep(PHOTO, "b" * 32) == folder.keep(PHOTO, "b" * 32)
