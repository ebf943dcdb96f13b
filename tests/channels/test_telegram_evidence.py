"""Photos from Telegram: acknowledged first, fetched afterwards, and fetched again after a kill."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from telegram import Bot

from bot.channels.telegram import CHANNEL, translate
from bot.channels.telegram_evidence import PhotoFetcher
from bot.channels.telegram_poller import Poller
from bot.services.evidence_files import EvidenceFolder
from bot.services.incoming import Attachment
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.sample import enter, read_sample
from bot.storage import chats, evidence, interviews, outbox, people, regions
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.evidence import Evidence
from bot.storage.interviews import NewInterview
from bot.storage.people import Account
from tests.channels.telegram_fixture import *  # noqa: F403
from tests.channels.telegram_fixture import WANG, Now, running
from tests.services.subjects import VILLAGE, with_forms
from tests.services.test_evidence import PHOTO, PLACES
from tests.telegram_server import Kind, Person, TelegramServer

LIMIT = 4096


@dataclass
class Desk:
    """A bot's parts, and a person of the sample village who has a questionnaire open."""

    server: TelegramServer
    bot: Bot
    database: Database
    office: Office
    folder: EvidenceFolder
    now: Now
    interview: int

    def fetcher(self) -> PhotoFetcher:
        """A fetcher of a process that has just begun."""
        return PhotoFetcher(self.bot, self.database, self.office, self.folder, self.now, chance=lambda: 1.0)

    async def hear(self) -> None:
        """Receive what people sent until it is acknowledged, and handle it."""
        poller = Poller(self.bot, self.database, self.now, lambda: None, chance=lambda: 0.0)
        async with running(poller.run()):
            await self.server.until(lambda: self.server.updates.pending == 0)
        worker = Worker(self.database, self.office, {CHANNEL: translate}, self.now)
        while await worker.turn():
            pass

    async def photos(self) -> list[Evidence]:
        async with self.database.reading() as conn:
            return await evidence.of_interview(conn, self.interview)

    async def answers(self) -> dict[str, Any]:
        async with self.database.reading() as conn:
            return dict((await interviews.load(conn, [self.interview]))[self.interview].session["answers"])

    async def told(self) -> list[str]:
        """Everything that waits to be sent to the person."""
        async with self.database.reading() as conn:
            return [row.payload["text"] for row in await outbox.last(conn, CHANNEL, str(WANG))]

    def on_disk(self) -> dict[str, bytes]:
        """The files of the folder by name."""
        paths = self.folder.path.glob("*") if self.folder.path.exists() else []
        return {path.name: path.read_bytes() for path in paths}


@pytest.fixture
async def desk(
    server: TelegramServer, bot: Bot, database: Database, now: Now, wang: Person, tmp_path: Path
) -> Desk:
    folder = EvidenceFolder(tmp_path / "files", LIMIT)
    office = Office(with_forms(VILLAGE + PLACES), ZoneInfo("Asia/Shanghai"), folder=folder)
    async with database.transaction() as conn:
        await enter(conn, read_sample(), "web", now())
        keeper = (await people.behind(conn, "web", ["village"]))["village"]
        await people.bind(conn, Account(CHANNEL, str(WANG), keeper.id))
        county = (await regions.children(conn, None))[0]
        place = next(r for r in await regions.subtree(conn, county.id) if r.name == "松树村")
        session = {"form": "tv", "version": 1, "answers": {}, "confirmed": {}, "editing": None}
        session |= {"draft": None, "last": None, "revision": 0, "finished": False}
        new = NewInterview(None, "tv", 1, keeper.id, session, now(), region_id=place.id)
        interview = await interviews.start(conn, new)
        await chats.save(conn, [Chat(CHANNEL, str(WANG), keeper.id, interview.id)])
    return Desk(server, bot, database, office, folder, now, interview.id)


async def test_a_photo_is_acknowledged_before_it_is_fetched(desk: Desk, wang: Person) -> None:
    wang.send_photo(PHOTO)
    await desk.hear()
    (photo,) = await desk.photos()
    assert (photo.state, photo.key) == ("pending", "p")
    assert await desk.answers() == {"p": [str(photo.id)]}
    assert desk.server.world.calls["getfile"] == 0
    assert await desk.fetcher().turn() == 1
    (photo,) = await desk.photos()
    assert (photo.state, photo.size) == ("stored", len(PHOTO))
    assert desk.on_disk() == {photo.file_name: PHOTO}
    assert await desk.fetcher().turn() == 0


async def test_an_image_sent_as_a_file_is_as_good(desk: Desk, wang: Person) -> None:
    wang.send_document("IMG_1.png", b"\x89PNG\r\n\x1a\n" + PHOTO, mime="image/png")
    await desk.hear()
    await desk.fetcher().turn()
    assert [photo.state for photo in await desk.photos()] == ["stored"]
    assert [name.rpartition(".")[2] for name in desk.on_disk()] == ["png"]


async def test_a_location_is_an_answer_at_once(desk: Desk, wang: Person) -> None:
    wang.send(extra={"location": {"latitude": 29.53, "longitude": 112.55}})
    await desk.hear()
    assert await desk.answers() == {"g": "29.530000 112.550000"}


async def test_a_fetch_that_was_killed_is_made_by_the_next_process(desk: Desk, wang: Person) -> None:
    wang.send_photo(PHOTO)
    await desk.hear()
    hung = desk.server.faults.add(Kind.HANG, "getFile", count=1)
    async with running(desk.fetcher().run()):
        await desk.server.until(lambda: hung.hits == 1)
    assert [photo.state for photo in await desk.photos()] == ["pending"]
    assert desk.on_disk() == {}
    assert await desk.fetcher().turn() == 1
    assert [photo.state for photo in await desk.photos()] == ["stored"]


async def test_a_file_that_was_written_before_the_kill_is_written_over(desk: Desk, wang: Person) -> None:
    wang.send_photo(PHOTO)
    await desk.hear()
    (photo,) = await desk.photos()
    desk.folder.keep(PHOTO + b"half", photo.file_name)
    await desk.fetcher().turn()
    assert list(desk.on_disk().values()) == [PHOTO]


async def test_what_telegram_does_not_give_now_is_asked_for_later(
    desk: Desk, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wang.send_photo(PHOTO)
    await desk.hear()
    desk.server.faults.add(Kind.SERVER_ERROR, "getFile", count=1, code=502)
    fetcher = desk.fetcher()
    assert await fetcher.turn() == 1
    assert await fetcher.turn() == 0
    desk.server.clock.advance(2)
    assert await fetcher.turn() == 1
    assert [photo.state for photo in await desk.photos()] == ["stored"]
    assert desk.bot.token not in caplog.text


async def test_a_flood_is_waited_out_as_long_as_telegram_asks(desk: Desk, wang: Person) -> None:
    wang.send_photo(PHOTO)
    await desk.hear()
    desk.server.faults.add(Kind.FLOOD, "getFile", count=1, retry_after=30)
    fetcher = desk.fetcher()
    await fetcher.turn()
    desk.server.clock.advance(29)
    assert await fetcher.turn() == 0
    desk.server.clock.advance(2)
    assert await fetcher.turn() == 1
    assert [photo.state for photo in await desk.photos()] == ["stored"]


@pytest.mark.parametrize(
    ("content", "said"), [(PHOTO * 3, "太大"), (b"%PDF-1.7 what is called a photo", "不是照片")]
)
async def test_what_proves_unusable_is_taken_out_and_said(
    desk: Desk, wang: Person, content: bytes, said: str
) -> None:
    wang.send_photo(content)
    await desk.hear()
    await desk.fetcher().turn()
    assert desk.on_disk() == {}
    assert await desk.answers() == {}
    assert said in (await desk.told())[-1]


async def test_a_file_that_telegram_no_longer_has_is_asked_for_again(desk: Desk, wang: Person) -> None:
    wang.send_photo(PHOTO)
    await desk.hear()
    desk.server.world.files.clear()
    await desk.fetcher().turn()
    assert [photo.state for photo in await desk.photos()] == ["refused"]
    assert "请再发一次" in (await desk.told())[-1]


async def test_other_files_are_refused_with_a_clear_sentence(desk: Desk, wang: Person) -> None:
    wang.send_document("表.pdf", b"%PDF-1.7", mime="application/pdf")
    await desk.hear()
    assert "不是照片" in (await desk.told())[-1]
    assert await desk.photos() == []


async def test_a_fetcher_that_is_woken_fetches_at_once(desk: Desk, wang: Person) -> None:
    fetcher = desk.fetcher()
    async with running(fetcher.run()):
        wang.send_photo(PHOTO)
        await desk.hear()
        assert desk.server.world.calls["getfile"] == 0
        fetcher.wake()
        await desk.server.until(lambda: desk.server.world.calls["getfile"] == 1)


def sent(**parts: Any) -> Attachment | None:
    """What a message with these parts brings."""
    person = {"id": WANG, "first_name": "老王"}
    message = {"message_id": 1, "chat": {"id": WANG, "type": "private"}, "from": person, **parts}
    found = translate({"update_id": 1, "message": message})
    return None if found is None else found.attached


def test_the_largest_size_of_a_photo_is_taken() -> None:
    sizes = [{"file_id": "small", "file_size": 9}, {"file_id": "large", "file_size": 99}]
    assert sent(photo=sizes, caption="说明") == Attachment("image", "large", 99)


def test_a_file_is_known_by_its_type_and_an_animation_is_none() -> None:
    file = {"file_id": "f", "file_size": 5}
    assert sent(document={**file, "mime_type": "image/jpeg"}) == Attachment("image", "f", 5)
    assert sent(document={"file_id": "f"}) == Attachment("other", "f", None)
    assert sent(animation=file, document={**file, "mime_type": "image/gif"}) == Attachment("other", "f", 5)
    assert sent(voice=file) == Attachment("other", "f", 5)
    assert sent(sticker=file) is None


@pytest.mark.parametrize(
    "parts",
    [
        {"location": {"latitude": "29", "longitude": 112}},
        {"location": {"latitude": 29}},
        {"photo": [{}]},
        {"photo": [{"file_id": 7}]},
        {"document": {"file_id": "f", "file_size": "large"}},
        {"document": {"file_id": "f", "mime_type": 4}},
    ],
)
def test_an_attachment_that_makes_no_sense_is_no_attachment(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        sent(**parts)
