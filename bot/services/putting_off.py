"""A duty is put off: with a reason, and the supervisor sees it (workflow.md WF-19)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Task
from bot.services.outgoing import Message


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command of this room, with the words behind it."""
    task.reply(Message(task.say("home.old_button")))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    task.reply(Message(task.say("home.old_button")))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed when this room had asked for words; `rest` is what it had asked for."""
    task.reply(Message(task.say("home.old_button")))
