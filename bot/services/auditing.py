"""Putting on record who saw or changed what, with the deed itself; the notary chains it soon after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Task
from bot.storage.audit import LISTED, Entry, append
from bot.storage.facts import Fact
from bot.storage.interviews import Interview
from bot.storage.people import Person
from bot.storage.subjects import Subject


def note(task: Task, deed: str, subject: Subject | Person | None, **what: Any) -> None:
    """Put on record that whoever speaks did this; it is written with everything else the update causes.

    `deed` is a word in the past: seen, changed, decided, assigned, appointed, signed, postponed, exported …
    `what` are details that JSON can say, such as `plan=7`, `old=…, new=…`, `pack="2020-05-01"`. Of what lies
    about a household or region (a problem, an alert, a case) the subject is that household or region.
    """
    kind = subject.kind if isinstance(subject, Subject) else "person" if subject is not None else ""
    task.noted.append(
        Entry(
            at=task.now,
            person_id=task.person.id if task.person is not None else None,
            deed=deed,
            subject=kind,
            subject_id=subject.id if subject is not None else None,
            what=what,
        )
    )


def note_listed(task: Task, shown: str, household_ids: Iterable[int | None]) -> None:
    """Put on record whose names a page of a list showed, once for the whole page: see `audit.listings`."""
    homes = sorted({id for id in household_ids if id is not None})
    if homes:
        note(task, LISTED, None, shown=shown, households=homes)


async def by_command(
    conn: AsyncConnection, deed: str, kind: str, id: int, now: datetime, **what: Any
) -> None:
    """Put on record that a command gave something out: no person of ours speaks there."""
    what["by"] = "command"
    entry = Entry(at=now, person_id=None, deed=deed, subject=kind, subject_id=id, what=what)
    await append(conn, [entry])


def note_answers(task: Task, interview: Interview, before: Iterable[Fact], learnt: Iterable[Fact]) -> None:
    """Put on record what a questionnaire that was handed in changed: old and new value by fact.

    A fact of a period stands under "name@period"; what was not known before has no old value.
    """
    known = {_key(fact): fact.value for fact in before if fact.row == 0}
    changed: dict[str, dict[str, Any]] = {}
    for fact in learnt:
        key = _key(fact)
        if key not in known:
            changed[key] = {"new": fact.value}
        elif known[key] != fact.value:
            changed[key] = {"old": known[key], "new": fact.value}
    note(
        task,
        "changed",
        interview.subject,
        form=interview.form,
        version=interview.version,
        interview=interview.id,
        facts=changed,
    )


def _key(fact: Fact) -> str:
    return f"{fact.name}@{fact.period}" if fact.period else fact.name
