"""Photos and locations that are sent while a questionnaire is open, and what becomes of photos later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.reply import Attached, Reply
from bot.services import signatures_deeds, taking_over
from bot.services.evidence_files import MEGABYTE, random_name
from bot.services.incoming import Attachment
from bot.services.office import Office, Task, parcels_for
from bot.services.outgoing import Message
from bot.storage import answer_log, interviews, outbox
from bot.storage import evidence as records
from bot.storage.answer_log import Change
from bot.storage.columns import ABSENT
from bot.storage.evidence import Evidence, NewEvidence

Answer: TypeAlias = Callable[[AsyncConnection, Task, Reply], Awaitable[None]]
Why: TypeAlias = Literal["too_large", "not_image", "gone"]
USUAL_LIMIT: Final = 10 * MEGABYTE


async def attached(conn: AsyncConnection, task: Task, given: Attachment, answer: Answer) -> None:
    """Take what was sent along as an answer of the open questionnaire; `answer` applies it."""
    if await taking_over.noticed(conn, task, task.chat.open_interview_id):
        return
    interview, why = task.interview, refused(task.office, given)
    if interview is None or why is not None:
        drop(task.office, given)
        said = task.say("evidence.nothing_open") if why is None else sentence(task.office, why)
        task.reply(Message(said))
        return
    if given.kind == "geopoint":
        await answer(conn, task, Attached("geopoint", given.value))
        return
    new = NewEvidence(
        interview.id,
        "",
        task.me.id,
        given.file_name or random_name(),
        "stored" if given.file_name else "pending",
        task.now,
        remote_id=given.value or None,
        size=given.size,
        sha256=given.sha256 or None,
    )
    id = await records.add(conn, new)
    before = len(task.changes)
    await answer(conn, task, Attached("image", str(id)))
    key = next((change.key for change in task.changes[before:]), None)
    if key is None:  # the questionnaire has no place for a photo, and has said so
        await records.refuse(conn, id)
        drop(task.office, given)
    else:
        await records.place(conn, id, key)


def refused(office: Office, given: Attachment) -> Why | None:
    """Why a file cannot be taken, as far as is known before it is here."""
    if given.kind == "too_large" or (office.folder is not None and office.folder.too_large(given.size)):
        return "too_large"
    return "not_image" if given.kind == "other" else None


def sentence(office: Office, why: Why) -> str:
    """What is said of a file that cannot be taken."""
    limit = office.folder.limit if office.folder is not None else USUAL_LIMIT
    return office.say("evidence.refused", why=why, limit=limit // MEGABYTE)


def drop(office: Office, given: Attachment) -> None:
    """Remove the file of a photo that came with it and is not taken."""
    if given.file_name and office.folder is not None:
        office.folder.drop(given.file_name)


async def withdraw(conn: AsyncConnection, office: Office, photo: Evidence, why: Why, now: datetime) -> None:
    """A photo turned out to be unusable: take it out of the open questionnaire and tell whoever sent it."""
    await records.refuse(conn, photo.id)
    interview = (await interviews.load(conn, [photo.interview_id], to_change=True)).get(photo.interview_id)
    if interview is not None and interview.state == "open":
        answers = dict(interview.session["answers"])
        before = answers.get(photo.key)
        if isinstance(before, list) and str(photo.id) in before:
            left = [each for each in before if each != str(photo.id)]
            answers.pop(photo.key)
            answers |= {photo.key: left} if left else {}
            session = {**interview.session, "answers": answers}
            await interviews.save(conn, [replace(interview, session=session, updated_at=now)])
            after = left or ABSENT
            change = Change(interview.id, photo.key, before, after, now, photo.person_id)
            await answer_log.append(conn, [change])
    said = sentence(office, why)
    if await signatures_deeds.lost(conn, office, photo.id, now):
        said = f"{said}\n{office.say('signing.photo_lost')}"
    messages = await parcels_for(conn, [photo.person_id], Message(said))
    await outbox.enqueue(conn, messages, now)
