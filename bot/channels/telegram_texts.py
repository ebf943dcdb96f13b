"""Texts as Telegram counts them, and long ones in parts."""

from __future__ import annotations

from typing import Final

from bot.channels.telegram_limits import TEXT

_BORDERS: Final = ("\n\n", "\n", " ")


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts(text: str, limit: int = TEXT) -> list[str]:
    """`text` in parts of at most `limit` units, cut between paragraphs, else lines, else words."""
    found = []
    while units(text) > limit:
        room = _longest(text, limit)
        cut = next((cut for border in _BORDERS if (cut := text.rfind(border, 1, room + 1)) > 0), room)
        head = text[:cut].rstrip()
        if head:
            found.append(head)
        text = text[cut:].lstrip("\n ")
    return [*found, text] if text or not found else found


def _longest(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return index
    return len(text)
