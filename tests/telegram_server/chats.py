"""Chats as people see them: messages in order, their keyboards, what was edited and what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.activity import Activity


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: what it says and what a tap sends (None for a button that opens something)."""

    label: str
    data: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its kind (document, photo …), name, type and bytes."""

    kind: str
    file_id: str
    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said before an edit, and until when (Unix seconds)."""

    text: str
    keyboard: tuple[tuple[Button, ...], ...]
    until: float


@dataclass(slots=True, eq=False)
class Message:
    """One message. `sender` is the user's JSON; `text` is the text or the caption, as plain text."""

    message_id: int
    chat_id: int
    sender: dict[str, Any]
    date: int
    text: str = ""
    entities: list[dict[str, object]] = field(default_factory=list)
    reply_markup: dict[str, Any] | None = None
    attachment: Attachment | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    edits: list[Version] = field(default_factory=list)
    edit_date: int | None = None
    deleted: bool = False

    @property
    def from_bot(self) -> bool:
        """Whether the bot said it."""
        return bool(self.sender["is_bot"])

    @property
    def keyboard(self) -> tuple[tuple[Button, ...], ...]:
        """The rows of inline buttons; empty when there are none (any more)."""
        if self.reply_markup is None:
            return ()
        rows = self.reply_markup.get("inline_keyboard", ())
        return tuple(tuple(Button(key["text"], key.get("callback_data")) for key in row) for row in rows)

    @property
    def labels(self) -> list[str]:
        """The labels of the inline buttons, left to right, top to bottom."""
        return [button.label for row in self.keyboard for button in row]

    def button(self, label_or_data: str, *, stale: bool = False) -> Button | None:
        """The button with this label or data; `stale` also looks at keyboards that were edited away."""
        boards = [self.keyboard]
        if stale:
            boards += [version.keyboard for version in reversed(self.edits)]
        for board in boards:
            for button in (button for row in board for button in row):
                if label_or_data in (button.label, button.data):
                    return button
        return None


class Screen(tuple[Message, ...]):
    """The messages a person sees now, oldest first."""

    __slots__ = ()

    @property
    def last(self) -> Message:
        """The newest message of the bot; LookupError when it has said nothing."""
        for message in reversed(self):
            if message.from_bot:
                return message
        raise LookupError("the bot has said nothing here")

    @property
    def text(self) -> str:
        """Everything that can be read, a line per message."""
        return "\n".join(message.text for message in self)

    def __str__(self) -> str:
        lines = []
        for message in self:
            who = "bot" if message.from_bot else message.sender["first_name"]
            what = f"[{message.attachment.name}] " if message.attachment else ""
            lines.append(
                f"{message.message_id:>4} {who}: {what}{message.text} {message.labels or ''}".rstrip()
            )
        return "\n".join(lines) or "(nothing)"


class Chat:
    """One chat. `begun` is false until the person has written (a bot may not speak first)."""

    def __init__(self, chat_id: int, kind: str, title: str) -> None:
        self.chat_id = chat_id
        self.kind = kind
        self.title = title
        self.begun = chat_id < 0
        self.blocked = False
        self.left = False
        self.migrated_to: int | None = None
        self.messages: dict[int, Message] = {}
        self.actions: list[str] = []
        self.reply_keyboard: list[list[str]] = []
        self.activity = Activity()

    def to_json(self) -> dict[str, Any]:
        """The Bot API's Chat."""
        name = {"first_name": self.title} if self.kind == "private" else {"title": self.title}
        return {"id": self.chat_id, "type": self.kind, **name}

    def next_message_id(self) -> int:
        """Message ids count up by chat."""
        return len(self.messages) + 1

    def screen(self) -> Screen:
        """Current messages in order, after edits, without the deleted ones."""
        return Screen(message for message in self.messages.values() if not message.deleted)

    @property
    def last(self) -> Message:
        """The newest message of the bot on the screen."""
        for message in reversed(self.messages.values()):
            if message.from_bot and not message.deleted:
                return message
        raise LookupError("the bot has said nothing here")

    def buttons(self, message: Message | None = None) -> list[str]:
        """Labels of the inline buttons of a message (of `last` by default)."""
        return (message or self.last).labels

    def tappable(self) -> Iterator[Message]:
        """Messages on the screen that have inline buttons now, newest first."""
        return (
            message
            for message in reversed(self.messages.values())
            if message.keyboard and not message.deleted
        )

    @property
    def documents(self) -> list[Attachment]:
        """The files that the bot sent and that are still there, oldest first."""
        return [shown.attachment for shown in self.screen() if shown.from_bot and shown.attachment]
