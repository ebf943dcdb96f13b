"""Questionnaires handed in as the product does it: each keeps its answers and withdraws earlier ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.storage import facts, interviews
from bot.storage.facts import Fact
from bot.storage.interviews import NewInterview
from bot.storage.subjects import Subject
from tests.services.reports.little_county import Little, noon


async def hand_in(here: Little, subject: Subject, form: str, on: date, **answers: Any) -> int:
    """A questionnaire with these answers; what it no longer asks becomes unknown, as in `finishing`."""
    async with here.database.transaction() as conn:
        new = NewInterview(
            subject.household_id, form, 1, here.cadre, {}, noon(on), region_id=subject.region_id
        )
        begun = await interviews.start(conn, new)
        await interviews.save(conn, [replace(begun, state="submitted", submitted_at=noon(on))])
        known = (await facts.current(conn, [subject.id], subject.kind)).get(subject.id, [])
        gone = [
            replace(fact, value=None, as_of=on, recorded_at=noon(on), interview_id=begun.id)
            for fact in known
            if fact.source == form and fact.value is not None and fact.name not in answers
        ]
        learnt = [
            Fact(subject.household_id, name, value, on, form, noon(on), begun.id, region_id=subject.region_id)
            for name, value in answers.items()
        ]
        await facts.record(conn, [*learnt, *gone])
    return begun.id


async def step(here: Little, head: str, number: int, on: date, **answers: Any) -> int:
    """One step of the procedure for a card (form ap)."""
    subject = Subject("household", here.homes[head])
    return await hand_in(here, subject, "ap", on, procedure_step=number, **answers)
