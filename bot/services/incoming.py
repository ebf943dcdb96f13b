"""What a person did in a chat, freed of the medium."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Incoming:
    """A typed text or a tapped button in the chat at `address` of `channel`.

    `private` is False where others read along: nothing about a household is said there. `message_id` is the
    channel's number of the message whose button was tapped.
    """

    channel: str
    address: str
    private: bool
    name: str
    text: str | None = None
    data: str | None = None
    message_id: int | None = None


Translate: TypeAlias = Callable[[Mapping[str, Any]], Incoming | None]
"""From a channel's raw update to what was done; None for an update that asks for nothing."""
