"""People with open interviews, written as the services would have left them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.dialogs.session import Session
from bot.storage import assignments, chats, households, interviews, people, regions
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.households import NewHousehold
from bot.storage.interviews import NewInterview
from bot.storage.people import Account


async def enter_interviews(
    database: Database, starts: Mapping[int, Session], channel: str, now: datetime
) -> None:
    """For each chat a cadre, a household, and an open interview that stands at that session."""
    async with database.transaction() as conn:
        village = await regions.add(conn, name="松树村", level="village")
        for chat_id, session in starts.items():
            address = str(chat_id)
            person = await people.add(conn, name=f"person {address}", unit="县水利局")
            await people.appoint(conn, person_id=person.id, role="cadre", region_id=village.id, since=now)
            await people.bind(conn, Account(channel, address, person.id))
            household = await households.add(
                conn,
                NewHousehold(
                    region_id=village.id,
                    village_group="一组",
                    head_name="王建新",
                    initials="wjx",
                    created_at=now,
                ),
            )
            await assignments.assign(conn, household, person.id, now)
            new = NewInterview(household, session.form, session.version, person.id, session.to_json(), now)
            interview = await interviews.start(conn, new)
            await chats.save(conn, [Chat(channel, address, person.id, interview.id)])
