"""What is to be shown to a person, before any medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

REPLY: Final = 0
ALERT: Final = 1
REMINDER: Final = 2
BROADCAST: Final = 3
"""Priorities of the sender: what a person waits for goes first (design.md 3)."""

PATIENCE: Final = 2.0
"""Seconds after which whoever waits for something is told how far it is."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `data` is at most 64 bytes and says all that is needed to act on a tap."""

    label: str
    data: str


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. With `slot`, it takes the place of the last one in that slot: the old keyboard goes."""

    text: str
    buttons: Rows = ()
    slot: str = ""
    file_id: int | None = None
    priority: int = REPLY


def rows_of(buttons: Sequence[Button], *, width: int = 12, most: int = 4) -> Rows:
    """Lay buttons out: short labels share a row of about `width` characters, long ones stand alone."""
    rows: list[list[Button]] = []
    room = 0
    for button in buttons:
        length = len(button.label) + 1
        if rows and length <= room and len(rows[-1]) < most:
            rows[-1].append(button)
            room -= length
        else:
            rows.append([button])
            room = width - length
    return tuple(tuple(row) for row in rows)
