"""What the server knows: the bot, chats, files, taps, and how what people do becomes an update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.activity import Activity
from tests.telegram_server.chats import Attachment, Chat, Message, Version
from tests.telegram_server.clock import Clock
from tests.telegram_server.faults import Faults
from tests.telegram_server.flood import Flood
from tests.telegram_server.refusals import bad_request
from tests.telegram_server.updates import CALLBACK_LIFETIME, MESSAGE_LIFETIME, UpdateQueue

CALLBACK_KEY = 3 << 33  # the real server adds a class to the person's id, so taps and texts are two lanes
MEMBER_KEY = 5 << 33


@dataclass(slots=True, eq=False)
class Tap:
    """One tap on a button, and the bot's answers to it (each its text, "" for a bare one)."""

    callback_id: str
    user: dict[str, Any]
    message: Message
    data: str
    at: float
    answers: list[str] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether the spinner on the button has stopped."""
        return bool(self.answers)

    @property
    def notice(self) -> str:
        """What the person read above the chat, "" when nothing."""
        return next((text for text in self.answers if text), "")


class World:
    """Everything behind the HTTP surface. Nothing here waits."""

    def __init__(self, *, clock: Clock, seed: int, token: str) -> None:
        self.clock = clock
        self.token = token
        self.bot: dict[str, Any] = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "Bot under test",
            "username": "under_test_bot",
        }
        self.faults = Faults(seed)
        self.flood = Flood(clock)
        self.activity = Activity()
        self.updates = UpdateQueue(clock, self.faults, self.activity)
        self.privacy = True
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, Attachment] = {}
        self.taps: dict[str, Tap] = {}
        self.commands: list[dict[str, str]] = []
        self.calls: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.applied: Counter[str] = Counter()
        self._next_callback = 4_000_000_001
        self._next_file = 1

    # --- chats and files ----------------------------------------------------------------------------------

    def chat(self, chat_id: int, title: str = "", kind: str = "") -> Chat:
        """The chat with this id; a private one has not begun until the person writes."""
        chat = self.chats.get(chat_id)
        if chat is None:
            kind = kind or ("private" if chat_id > 0 else "supergroup")
            chat = self.chats[chat_id] = Chat(chat_id, kind, title or f"chat {chat_id}")
        elif title:
            chat.title = title
        return chat

    def keep_file(self, kind: str, name: str, mime: str, content: bytes) -> Attachment:
        """Store a file and give it an id."""
        file_id = f"{kind}-{self._next_file:06d}"
        self._next_file += 1
        attachment = self.files[file_id] = Attachment(kind, file_id, name, mime, content)
        return attachment

    def file_path(self, attachment: Attachment) -> str:
        """Where the file can be downloaded, below /file/bot<token>/."""
        suffix = attachment.name.rpartition(".")[2] if attachment.name.isascii() else "bin"
        return f"{attachment.kind}s/{attachment.file_id}.{suffix or 'bin'}"

    def message_json(self, message: Message) -> dict[str, Any]:
        """The Bot API's Message."""
        body: dict[str, Any] = {
            "message_id": message.message_id,
            "from": message.sender,
            "chat": self.chats[message.chat_id].to_json(),
            "date": message.date,
        }
        if message.edit_date is not None:
            body["edit_date"] = message.edit_date
        if message.attachment is not None:
            body.update(file_json(message.attachment))
        words, marks = ("caption", "caption_entities") if message.attachment else ("text", "entities")
        if message.text:
            body[words] = message.text
        if message.entities:
            body[marks] = message.entities
        if message.reply_markup is not None and "inline_keyboard" in message.reply_markup:
            body["reply_markup"] = message.reply_markup
        body.update(message.extra)
        return body

    def add_message(self, chat: Chat, sender: dict[str, Any], **parts: Any) -> Message:
        """Put a message on the screen of a chat."""
        message = Message(chat.next_message_id(), chat.chat_id, sender, int(self.clock.now()), **parts)
        chat.messages[message.message_id] = message
        chat.activity.notify()
        return message

    # --- what people do -----------------------------------------------------------------------------------

    def person_sends(self, chat_id: int, user: dict[str, Any], **parts: Any) -> Message:
        """A person's message: on the screen, and to the bot as an update."""
        chat = self.chat(chat_id, user["first_name"] if chat_id > 0 else "")
        if chat.blocked:
            self.set_blocked(chat_id, user, blocked=False)
        chat.begun = True
        text = parts.get("text", "")
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            parts.setdefault("entities", [{"type": "bot_command", "offset": 0, "length": length}])
        message = self.add_message(chat, user, **parts)
        if chat_id > 0 or not self.privacy or text.startswith("/") or self._mentions_bot(chat, message):
            self.push("message", self.message_json(message), key=chat_id, chat_id=chat_id)
        return message

    def _mentions_bot(self, chat: Chat, message: Message) -> bool:
        answered = message.extra.get("reply_to_message", {}).get("from", {}).get("id")
        return answered == self.bot["id"] or f"@{self.bot['username']}" in message.text

    def person_edits(self, message: Message, text: str) -> None:
        """A person corrects an own message."""
        message.edits.append(self.version(message))
        message.text, message.edit_date = text, int(self.clock.now())
        self.chats[message.chat_id].activity.notify()
        self.push("edited_message", self.message_json(message), key=message.chat_id, chat_id=message.chat_id)

    def person_taps(self, user: dict[str, Any], message: Message, data: str) -> Tap:
        """A person taps a button of a message."""
        callback_id = str(self._next_callback)
        self._next_callback += 1
        tap = self.taps[callback_id] = Tap(callback_id, user, message, data, self.clock.now())
        content = {
            "id": callback_id,
            "from": user,
            "message": self.message_json(message),
            "chat_instance": str(7_000_000_000 + abs(message.chat_id)),
            "data": data,
        }
        key = user["id"] + CALLBACK_KEY
        self.push("callback_query", content, key=key, chat_id=message.chat_id, lifetime=CALLBACK_LIFETIME)
        return tap

    def set_blocked(self, chat_id: int, user: dict[str, Any], *, blocked: bool) -> None:
        """A person stops (or restarts) the bot; the bot is told by my_chat_member."""
        chat = self.chat(chat_id)
        chat.blocked = blocked
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        content = {
            "chat": chat.to_json(),
            "from": user,
            "date": int(self.clock.now()),
            "old_chat_member": self._membership(old),
            "new_chat_member": self._membership(new),
        }
        self.push("my_chat_member", content, key=chat_id + MEMBER_KEY, chat_id=chat_id)

    def _membership(self, status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.bot, "status": status, **until}

    def push(
        self,
        kind: str,
        content: dict[str, Any],
        *,
        key: int,
        chat_id: int,
        lifetime: float = MESSAGE_LIFETIME,
    ) -> None:
        """Queue an update for the bot."""
        self.updates.push(kind, content, key=key, lifetime=lifetime, chat_id=chat_id)

    def version(self, message: Message) -> Version:
        """The message as it is now, for its history."""
        return Version(message.text, message.keyboard, self.clock.now())

    def tap_of(self, callback_id: str) -> Tap:
        """The tap with this id, if it may still be answered."""
        tap = self.taps.get(callback_id)
        if tap is None or self.clock.now() > tap.at + CALLBACK_LIFETIME:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return tap

    # --- looking on ---------------------------------------------------------------------------------------

    def statistics(self) -> dict[str, Any]:
        """Counters: calls and applied calls by method, refusals by code, updates, faults."""
        queue = self.updates
        return {
            "calls": dict(self.calls),
            "applied": dict(self.applied),
            "refusals": dict(self.refusals),
            "updates": {
                "pushed": queue.pushed,
                "delivered": queue.delivered,
                "confirmed": queue.confirmed,
                "expired": queue.expired,
                "pending": queue.pending,
                "conflicts": queue.conflicts,
            },
            "too_early": self.flood.too_early,
            "faults": [{"kind": fault.kind, "hits": fault.hits} for fault in self.faults.active],
        }

    def everything_sent(self) -> Iterator[Message]:
        """Every message of the bot in every chat, deleted ones too."""
        return (each for chat in self.chats.values() for each in chat.messages.values() if each.from_bot)


def file_json(attachment: Attachment) -> dict[str, Any]:
    """The part of a Message that describes its file."""
    common = {
        "file_id": attachment.file_id,
        "file_unique_id": f"u{attachment.file_id}",
        "file_size": len(attachment.content),
    }
    if attachment.kind == "photo":
        return {"photo": [{**common, "width": 90, "height": 90}, {**common, "width": 800, "height": 800}]}
    return {attachment.kind: {**common, "file_name": attachment.name, "mime_type": attachment.mime}}
