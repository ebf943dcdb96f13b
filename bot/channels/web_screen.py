"""What one browser shows of a conversation, and the smallest news that brings it up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bot.channels.web_port import ChatMessage

SPAN: Final = 60  # messages on screen at first, and more at each request for earlier ones


class Screen:
    """The newest messages as one browser has them; a patch holds only what differs.

    A patch is `{"order": [id, …], "put": [message, …], "more": earlier messages not shown}`.
    """

    def __init__(self, span: int = SPAN) -> None:
        self._span = span
        self._limit = span
        self._shown: dict[int, ChatMessage] = {}
        self._more = 0

    def patch(self, history: Sequence[ChatMessage]) -> dict[str, Any] | None:
        """What to send so that the browser shows the end of `history`; None when it already does."""
        visible = history[-self._limit :]
        more = len(history) - len(visible)
        put = [message for message in visible if self._shown.get(message.id) != message]
        order = [message.id for message in visible]
        if not put and more == self._more and order == list(self._shown):
            return None
        self._shown = {message.id: message for message in visible}
        self._more = more
        return {"order": order, "put": [wire(message) for message in put], "more": more}

    def widen(self) -> None:
        """Let the next patch reach further back."""
        self._limit += self._span


def wire(message: ChatMessage) -> dict[str, Any]:
    """A message as the page reads it: `at` in milliseconds since 1970."""
    document = message.document
    return {
        "id": message.id,
        "text": message.text,
        "mine": message.mine,
        "at": int(message.at.timestamp() * 1000),
        "rows": [[{"label": key.label, "data": key.data} for key in row] for row in message.buttons],
        "document": document and {"id": document.file_id, "name": document.name, "size": document.size},
    }


def newest_said_to(history: Sequence[ChatMessage]) -> int:
    """The id of the last message that was said to the person, 0 when there is none."""
    return next((message.id for message in reversed(history) if not message.mine), 0)
