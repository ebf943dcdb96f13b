"""One meeting, several households: what it said for all of them is told once (WF-01, appraisal)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.casework import Known
from bot.services.office import Task
from bot.services.outgoing import Button, Message
from bot.storage.cases import Case


async def buttons(conn: AsyncConnection, task: Task, found: Known) -> list[Button]:
    """A button to do the same for the other cases of the village that the last step's meeting dealt with."""
    return []


async def tapped(conn: AsyncConnection, task: Task, case: Case, deed: str) -> None:
    """Buttons "step" (for how many?) and "step:yes"."""
    task.reply(Message(task.say("home.old_button")))
