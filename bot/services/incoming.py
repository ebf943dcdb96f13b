"""What a person did in a chat, freed of the medium."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo, a location, a table, or a file that cannot be taken, with its size in bytes if that is known.

    `value` of a location is "latitude longitude"; of a photo the id under which the channel still has it, or
    "" when its file is here already under `file_name` with its `sha256`. Of a table ("document") it is that
    id too, or "" when the file is here already as the roster file `stored`; `ending` is that of its name.
    """

    kind: Literal["image", "geopoint", "document", "other", "too_large"]
    value: str = ""
    size: int | None = None
    file_name: str = ""
    sha256: str = ""
    ending: str = ""
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A typed text, a tapped button or something attached in the chat at `address` of `channel`.

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
    attached: Attachment | None = None


TABLES: Final = (".xlsx", ".csv", ".xls", ".xlsm", ".et", ".ods")
"""Endings of files in which offices keep tables."""


def table_ending(file_name: str) -> str:
    """The ending of a table's file name, in small letters; "" when it is no table."""
    dot = file_name.rfind(".")
    ending = file_name[dot:].lower() if dot >= 0 else ""
    return ending if ending in TABLES else ""


Translate: TypeAlias = Callable[[Mapping[str, Any]], Incoming | None]
"""From a channel's raw update to what was done; None for an update that asks for nothing."""
