"""People: what they do on their phones, and what they wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.telegram_server import limits
from tests.telegram_server.activity import PATIENCE
from tests.telegram_server.chats import Chat, Message, Screen
from tests.telegram_server.entities import units
from tests.telegram_server.world import Tap

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer


class Person:
    """One person in one chat: the private chat with the bot, or a group when `chat_id` is negative."""

    def __init__(
        self, server: TelegramServer, chat_id: int, name: str, *, user_id: int | None = None
    ) -> None:
        if chat_id < 0 and user_id is None:
            raise ValueError("in a group a person needs a user_id")
        self.server = server
        self.chat_id = chat_id
        self.user: dict[str, Any] = {
            "id": chat_id if user_id is None else user_id,
            "is_bot": False,
            "first_name": name,
            "language_code": "zh-hans",
        }
        self.taps: list[Tap] = []

    @property
    def chat(self) -> Chat:
        """The chat as this person sees it."""
        return self.server.world.chat(self.chat_id)

    def in_group(self, chat_id: int) -> Person:
        """The same person, in a group."""
        return Person(self.server, chat_id, self.user["first_name"], user_id=self.user["id"])

    # --- doing --------------------------------------------------------------------------------------------

    def say(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Send a text; one that is too long goes out in parts, as the app does it. Gives the last."""
        extra: dict[str, Any] = {}
        if reply_to is not None:
            extra["reply_to_message"] = self.server.world.message_json(reply_to)
        parts = [text]
        while units(parts[-1]) > limits.TEXT:
            whole = parts.pop()
            parts += [whole[: limits.TEXT // 2], whole[limits.TEXT // 2 :]]
        for part in parts[:-1]:
            self.send(text=part)
        return self.send(text=parts[-1], extra=extra)

    def send(self, **parts: Any) -> Message:
        """Send anything: `text`, `attachment`, or `extra` with the Bot API's fields (location, contact …)."""
        return self.server.world.person_sends(self.chat_id, self.user, **parts)

    def send_document(self, name: str, content: bytes, *, mime: str = "application/octet-stream") -> Message:
        """Send a file."""
        return self.send(attachment=self.server.world.keep_file("document", name, mime, content))

    def send_photo(self, content: bytes, *, caption: str = "") -> Message:
        """Send a photo."""
        photo = self.server.world.keep_file("photo", "photo.jpg", "image/jpeg", content)
        return self.send(attachment=photo, text=caption)

    def start(self, payload: str = "") -> Message:
        """Press Start, or follow a link t.me/bot?start=payload."""
        return self.say(f"/start {limits.deep_link(payload)}" if payload else "/start")

    def edit(self, message: Message, text: str) -> None:
        """Correct an own message."""
        self.server.world.person_edits(message, text)

    def tap(self, label_or_data: str, message: Message | None = None) -> Tap:
        """Tap an inline button: on the newest message that shows it, or on the given one.

        A given message may have lost its keyboard since: a phone can still show the old one. LookupError when
        there is no such button.
        """
        for board in [message] if message is not None else self.chat.tappable():
            button = board.button(label_or_data, stale=message is not None)
            if button is not None and button.data is not None:
                tap = self.server.world.person_taps(self.user, board, button.data)
                self.taps.append(tap)
                return tap
        raise LookupError(
            f"no button {label_or_data!r} for {self.user['first_name']} on\n{self.chat.screen()}"
        )

    def press(self, label: str) -> Message:
        """Press a key of the reply keyboard, which says its label. LookupError when it is not there."""
        if not any(label in row for row in self.chat.reply_keyboard):
            raise LookupError(f"no key {label!r} in {self.chat.reply_keyboard}")
        return self.say(label)

    def block(self) -> None:
        """Stop the bot: it may not write any more."""
        self.server.world.set_blocked(self.chat_id, self.user, blocked=True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self.server.world.set_blocked(self.chat_id, self.user, blocked=False)

    # --- waiting ------------------------------------------------------------------------------------------

    async def until(self, holds: Callable[[Screen], object], *, patience: float = PATIENCE) -> Screen:
        """Wait until something holds on the screen; a LookupError counts as "not yet".

        Raises AssertionError with the screen when it takes longer than `patience` real seconds.
        """
        seen: list[Screen] = []

        def look() -> object:
            seen[:] = [self.chat.screen()]
            return holds(seen[0])

        try:
            await self.chat.activity.until(look, patience=patience)
        except TimeoutError:
            raise AssertionError(
                f"waited {patience} s in vain; on the screen:\n{self.chat.screen()}"
            ) from None
        return seen[0]

    async def hears(self, words: str, *, patience: float = PATIENCE) -> Message:
        """Wait until the bot's newest message holds these words."""
        return (await self.until(lambda screen: words in screen.last.text, patience=patience)).last

    async def answered(self, tap: Tap, *, patience: float = PATIENCE) -> str:
        """Wait until the spinner of a tap has stopped; gives the notice the person reads ("" for none)."""
        await self.until(lambda screen: tap.answered, patience=patience)
        return tap.notice
