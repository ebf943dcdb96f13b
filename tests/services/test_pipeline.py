"""From inbox to outbox: once, in order, whole or not at all, and never stuck."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.services.desk import Desk
from bot.services.office import Task
from bot.services.pipeline import TRIES, Worker
from bot.storage import answer_log, chats, inbox, interviews, outbox
from bot.storage.inbox import NewUpdate
from bot.storage.tables import answer_log as log_table
from bot.storage.tables import inbox as inbox_table
from bot.storage.tables import interviews as interview_table
from bot.storage.tables import outbox as outbox_table
from tests.services.interviewer import GREEN, HEAD_ID, begin, fill, history, standing
from tests.services.village import Village


async def store(village: Village, number: int, address: str, payload: Any) -> None:
    """Put an update into the inbox as a channel does."""
    new = NewUpdate(web_chat.CHANNEL, number, f"{web_chat.CHANNEL}:{address}", payload)
    async with village.database.transaction() as conn:
        await inbox.store(conn, [new], village.now)


async def counts(village: Village) -> dict[str, int]:
    """How many rows there are of everything that an answer writes."""
    tables = {"log": log_table, "outbox": outbox_table, "interviews": interview_table}
    async with village.database.reading() as conn:
        found = {
            name: (await conn.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in tables.items()
        }
        for state in ("new", "done", "dead"):
            query = select(func.count()).select_from(inbox_table).where(inbox_table.c.state == state)
            found[state] = (await conn.execute(query)).scalar_one()
    return found


def failing(monkeypatch: pytest.MonkeyPatch, address: str, times: int, said: str | None = None) -> list[int]:
    """Let whatever that address does fail so often, after everything else was done; the attempts so far."""
    handle, tried = Desk.handle, [0]

    async def handled(self: Desk, conn: AsyncConnection, task: Task) -> None:
        await handle(self, conn, task)
        mine = task.incoming.address == address and said in (None, task.incoming.text)
        if mine and tried[0] < times:
            tried[0] += 1
            raise LookupError(f"no such thing: {HEAD_ID}")

    monkeypatch.setattr(Desk, "handle", handled)
    return tried


async def test_an_update_that_comes_again_is_handled_once(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    for _ in range(2):
        await store(village, 77, "cadre", {"address": "cadre", "text": "9000"})
    await village.work()
    await store(village, 77, "cadre", {"address": "cadre", "text": "9000"})
    await village.work()
    at = await standing(village, "cadre")
    assert at.answers == {"2": 9000}
    assert len(await history(village, at.interview)) == 1


async def test_answers_of_one_person_are_taken_in_the_order_in_which_they_came(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    for said in ("9000", "2", "1", "上一题", "2"):
        await village.chat.say("cadre", said)
    await village.work()
    assert (await standing(village, "cadre")).answers == {"2": 9000, "4.a": 2, "6": 2}


@pytest.mark.parametrize(
    "payload",
    [[], "text", {}, {"address": 5, "text": "9000"}, {"text": "9000"}],
    ids=["list", "text", "empty", "number", "nobody"],
)
async def test_what_cannot_be_read_is_laid_aside_and_the_others_go_on(village: Village, payload: Any) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await store(village, 1, "cadre", payload)
    await village.chat.say("cadre", "9000")
    await village.chat.say("village", "首页")
    await village.work()
    assert (await standing(village, "cadre")).answers == {"2": 9000}
    assert "陈桂香" in await village.last("village")
    async with village.database.reading() as conn:
        assert [update.update_id for update, _ in await inbox.dead(conn)] == [1]
        assert await inbox.waiting(conn) == 0


async def test_a_translator_that_fails_in_its_own_way_stops_nobody(village: Village) -> None:
    def translate(payload: Any) -> Any:
        raise RuntimeError("unforeseen")

    village.worker.translate = {**village.worker.translate, "odd": translate}
    async with village.database.transaction() as conn:
        new = [NewUpdate("odd", 1, "odd:1", {"x": 1}), NewUpdate("unheard of", 1, "unheard of:1", {})]
        await inbox.store(conn, new, village.now)
    await village.say("cadre", "首页")
    assert "周明" in await village.last("cadre")
    async with village.database.reading() as conn:
        assert len(await inbox.dead(conn)) == 2


async def test_when_one_fails_nothing_of_its_group_is_half_written(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await begin(village, "village", "刘大山", "cs")
    before = await counts(village)
    failing(monkeypatch, "village", times=10**6)
    await village.chat.say("cadre", "9000")
    await village.chat.say("village", "3000")
    # The group is undone; then the one answer is taken, the other one waits with its failure counted.
    await village.worker.turn()
    after = await counts(village)
    assert after == before | {
        "log": before["log"] + 1,
        "outbox": before["outbox"] + 1,
        "done": before["done"] + 1,
        "new": 1,
    }
    assert (await standing(village, "cadre")).answers == {"2": 9000}
    assert (await standing(village, "village")).answers == {}
    async with village.database.reading() as conn:
        waiting = (await inbox.of_lane(conn, "web:village", 1))[0]
    assert waiting.attempts == 1


async def test_a_failure_that_passes_costs_nothing(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    await begin(village, "cadre", "王建新", "cs")
    tried = failing(monkeypatch, "cadre", times=2)
    await village.say("cadre", "9000")
    assert tried == [2]
    at = await standing(village, "cadre")
    assert at.answers == {"2": 9000}
    assert len(await history(village, at.interview)) == 1
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []


async def test_what_always_fails_is_laid_aside_with_an_apology_and_its_person_goes_on(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    before = await counts(village)
    tried = failing(monkeypatch, "cadre", times=10**6, said="9000")
    await village.chat.say("cadre", "9000")
    await village.chat.say("cadre", "5000")
    await village.work()
    assert tried[0] >= TRIES
    at = await standing(village, "cadre")
    assert at.answers == {"2": 5000}
    texts = [message.text for message in await village.screen("cadre") if not message.mine]
    assert "抱歉" in texts[-2]
    assert "5,000" in texts[-1] or "5000" in texts[-1]
    after = await counts(village)
    assert (after["dead"], after["new"]) == (1, 0)
    assert after["log"] == before["log"] + 1
    assert after["outbox"] == before["outbox"] + 2


async def test_a_failure_is_logged_by_place_and_never_by_what_was_said(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch, "cadre", times=10**6)
    with caplog.at_level(logging.DEBUG):
        await village.say("cadre", f"王建新 {HEAD_ID}")
    assert "LookupError" in caplog.text
    assert "test_pipeline.py" in caplog.text
    assert HEAD_ID not in caplog.text
    assert "王建新" not in caplog.text


async def test_a_statement_that_fails_does_not_show_its_values(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def append(conn: AsyncConnection, changes: Any) -> None:
        await conn.execute(text("SELECT :number FROM no_such_table"), {"number": HEAD_ID})

    monkeypatch.setattr(answer_log, "append", append)
    with caplog.at_level(logging.WARNING):
        await village.say("cadre", "首页")
    assert "Error" in caplog.text
    assert HEAD_ID not in caplog.text
    async with village.database.reading() as conn:
        assert [HEAD_ID in error for _, error in await inbox.dead(conn)] == [False]


async def test_a_stop_between_commit_and_sending_loses_no_message(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await village.chat.say("cadre", "9000")
    while await village.worker.turn():
        pass
    heard = await village.heard("cadre")
    # The process ends here. Another one begins with nothing but the database.
    chat = WebChat(village.database, lambda: village.now, lambda: None)
    while await chat.deliver():
        pass
    shown = [message.text for message in await chat.history("cadre") if not message.mine]
    assert len("\n\n".join(shown)) > len(heard)
    assert "9,000" in shown[-1] or "9000" in shown[-1]
    async with village.database.reading() as conn:
        rows = await outbox.last(conn, web_chat.CHANNEL, "cadre")
    assert {row.state for row in rows} == {"sent"}


async def test_a_stop_before_the_commit_loses_no_answer(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    before = await counts(village)
    mark_done = inbox.mark_done

    async def stop(conn: AsyncConnection, ids: Any) -> None:
        await mark_done(conn, ids)
        raise asyncio.CancelledError  # as when the process is told to end

    monkeypatch.setattr(inbox, "mark_done", stop)
    await village.chat.say("cadre", "9000")
    with pytest.raises(asyncio.CancelledError):
        await village.worker.turn()
    monkeypatch.undo()
    assert await counts(village) == before | {"new": 1}
    again = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    while await again.turn():
        pass
    at = await standing(village, "cadre")
    assert at.answers == {"2": 9000}
    assert len(await history(village, at.interview)) == 1


async def test_two_workers_share_the_people_and_take_every_answer_once(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await begin(village, "village", "刘大山", "cs")
    said = ["9000", "2", "1", "2", "2", "2"]
    for answer in said:
        await village.chat.say("cadre", answer)
        await village.chat.say("village", answer)
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for _ in range(len(said) * 2):
        await asyncio.gather(village.worker.turn(), other.turn())
    for address in ("cadre", "village"):
        at = await standing(village, address)
        log = await history(village, at.interview)
        assert len(at.answers) == len(said)
        assert [entry.seq for entry in log] == list(range(1, len(said) + 1))


async def test_the_worker_survives_a_database_that_goes_away(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, away = inbox.claim, asyncio.Event()
    back = asyncio.Event()

    async def claimed(conn: AsyncConnection, limit: int) -> Any:
        if not away.is_set():
            away.set()
        if not back.is_set():
            raise ConnectionError("the server is gone")
        return await claim(conn, limit)

    monkeypatch.setattr(inbox, "claim", claimed)
    enqueued = asyncio.Event()
    worker = Worker(
        village.database, village.office, village.worker.translate, lambda: village.now, enqueued.set
    )
    task = asyncio.create_task(worker.run())
    await village.chat.say("cadre", "首页")
    await asyncio.wait_for(away.wait(), 30)
    back.set()
    worker.wake()
    await asyncio.wait_for(enqueued.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while await village.chat.deliver():
        pass
    assert "周明" in await village.last("cadre")


async def test_answers_log_and_snapshot_agree_after_a_whole_questionnaire(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", answers=GREEN)
    await village.say("cadre", "改 4.a", "1", "提交")
    async with village.database.reading() as conn:
        held = (await interviews.load(conn, [at.interview.id]))[at.interview.id]
        chat = (await chats.load(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
    replayed: dict[str, Any] = {}
    for entry in await history(village, held):
        if not entry.key.startswith("!"):
            replayed[entry.key] = entry.after
    assert replayed == held.session["answers"]
    assert chat.open_interview_id in (None, held.id)
