"""A room waits for words: the next thing typed in the chat goes to it, unless it is a command."""

from __future__ import annotations

from typing import Final

from bot.services.office import Task

KEY: Final = "awaits"


def wait(task: Task, asked: str) -> None:
    """Let the next words go to the room of the button `asked` ("w:12:return": to `proceeding.said`)."""
    task.look_at(view={**task.chat.view, KEY: asked})


def asked(task: Task) -> str:
    """What is asked for in this chat; "" for nothing."""
    return str(task.chat.view.get(KEY) or "")


def take(task: Task) -> str | None:
    """What had been asked for in this chat, if anything; it is asked no longer."""
    asked = task.chat.view.get(KEY)
    if asked is None:
        return None
    task.look_at(view={name: value for name, value in task.chat.view.items() if name != KEY})
    return str(asked)
