"""What the web page needs to know of conversations: a port that the services are plugged into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what it says and what a tap sends back."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that came with a message; `size` in bytes."""

    file_id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message as it stands on the screen now; `at` is aware, `buttons` are rows as given."""

    id: int
    text: str
    mine: bool
    at: datetime
    buttons: tuple[tuple[Button, ...], ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone the page can be: an address, a name, the label of the role, and a few words of note.

    With many people to choose from they stand under their `level`.
    """

    address: str
    name: str
    role: str
    note: str
    level: str = ""


class Conversations(Protocol):
    """The conversations of everybody, as the page sees them."""

    @property
    def photo_limit(self) -> int:
        """Bytes of the largest photo that is taken; 0 where none are."""
        ...

    async def personas(self) -> Sequence[Persona]:
        """Everybody who has a conversation here, in the order to show."""
        ...

    async def history(self, address: str) -> Sequence[ChatMessage]:
        """What is on this person's screen now, in order, with edits applied."""
        ...

    async def say(self, address: str, text: str) -> None:
        """This person typed `text`; kept for good when this returns."""
        ...

    async def tap(self, address: str, message_id: int, data: str) -> None:
        """This person tapped a button of a message; kept for good when this returns."""
        ...

    async def send_photo(self, address: str, photo: bytes | Literal["too_large", "other"]) -> None:
        """This person sent a photo, or tried to send what is none; kept for good when this returns."""
        ...

    @property
    def table_limit(self) -> int:
        """Bytes of the largest table that is taken; 0 where none are."""
        ...

    async def send_table(self, address: str, ending: str, content: bytes | None) -> None:
        """This person sent a table (None: it is too large to be sent); kept for good when this returns."""
        ...

    async def document(self, address: str, file_id: int) -> tuple[str, str, bytes] | None:
        """Name, media type and content of a file, or None when it is not this person's."""
        ...

    async def changed(self, address: str, timeout: float) -> None:  # noqa: ASYNC109 (its end is no error)
        """Return when something new may be on this person's screen, or after `timeout` seconds."""
        ...
