"""What is due in the state of a case: planned when it is entered, called off when it is left."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedures import Procedure
from bot.services.office import Task
from bot.storage.cases import Case


async def plan(conn: AsyncConnection, task: Task, procedure: Procedure, case: Case, seq: int) -> None:
    """Plan the deadline of the state that the case has entered by its step `seq`."""
