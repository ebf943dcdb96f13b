"""Signatures under plan papers (workflow.md WF-10, WF-11, WF-17)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Task
from bot.services.outgoing import Button, Message
from bot.storage.people import Appointment


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """What waits here for the person, for the home screen."""
    return []


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command of this room, with the words behind it."""
    task.reply(Message(task.say("home.old_button")))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    task.reply(Message(task.say("home.old_button")))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed when this room had asked for words; `rest` is what it had asked for."""
    task.reply(Message(task.say("home.old_button")))
