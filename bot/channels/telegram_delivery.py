"""One row of the outbox to Telegram, and what its answer means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.sender import Delivered, Impossible, Outcome, Postponed, Unreachable
from bot.channels.telegram_limits import CAPTION, TEXT
from bot.channels.telegram_request import NotSent, call
from bot.channels.telegram_texts import parts, units
from bot.storage import files
from bot.storage.database import Database
from bot.storage.files import File
from bot.storage.outbox import Message

_NOT_MODIFIED: Final = ("message is not modified",)
_NOT_EDITABLE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_NOBODY: Final = (
    "chat not found",
    "user is deactivated",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
)

Keyboard = dict[str, list[list[dict[str, str]]]]
Call = Callable[[], Awaitable[int]]
"""Something to send; gives the number of the message."""


class Delivery:
    """Sends rows through `bot`; files come from `database`."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot = bot
        self._database = database
        self._done: dict[int, int] = {}  # of a row in several parts: how many of them arrived

    async def deliver(self, message: Message) -> Outcome:
        """Send a row. Never raises: whatever happens is an outcome."""
        outcome = await self._deliver(message)
        if not isinstance(outcome, Postponed):
            self._done.pop(message.id, None)
        return outcome

    async def strip(self, address: str, message_id: int) -> Outcome:
        """Take the buttons off a message; that it has none, or is gone, is as good."""
        try:
            await call(self._bot, "editMessageReplyMarkup", chat_id=address, message_id=message_id)
        except BadRequest:
            pass
        except TelegramError as error:
            return outcome_of(error)
        return Delivered(message_id)

    async def _deliver(self, message: Message) -> Outcome:
        if message.private and not is_private(message.address):
            return Impossible("what is private is not sent to a group")
        try:
            match message.kind:
                case "send":
                    return await self._say(message)
                case "edit":
                    return await self._edit(message)
                case "strip":
                    return await self.strip(message.address, int(message.payload["message_id"]))
                case "document":
                    return await self._send_document(message)
        except TelegramError as error:
            return outcome_of(error)
        except SQLAlchemyError as error:
            return Postponed(type(error).__name__, general=True)
        except Exception as error:  # noqa: BLE001 (a row that makes no sense must not stop the others)
            return Impossible(type(error).__name__)

    async def _say(
        self, message: Message, before: tuple[Call, ...] = (), stale: int | None = None
    ) -> Outcome:
        """Send the text as new messages, the last one with the buttons, after the calls `before`."""
        *first, last = parts(message.payload["text"])
        send = partial(self._send_text, message.address)
        calls: list[Call] = [*before, *(partial(send, text) for text in first)]
        calls.append(partial(send, last, keyboard(message.payload)))
        return await self._call(message, calls, stale)

    async def _call(self, message: Message, calls: list[Call], stale: int | None = None) -> Outcome:
        """Make the calls in order, but not those that succeeded when this row was tried before."""
        shown: int | None = None
        done = self._done.get(message.id, 0)
        for number, step in enumerate(calls[done:], done + 1):
            shown = await step()
            if number < len(calls):
                self._done[message.id] = number
        return Delivered(shown, len(calls) - done, stale)

    async def _send_text(self, address: str, text: str, buttons: Keyboard | None = None) -> int:
        sent = await call(self._bot, "sendMessage", chat_id=address, text=text, reply_markup=buttons)
        message_id: int = sent["message_id"]
        return message_id

    async def _edit(self, message: Message) -> Outcome:
        text, message_id = message.payload["text"], int(message.payload["message_id"])
        if units(text) > TEXT:
            return await self._say(message, stale=message_id)
        try:
            await call(
                self._bot,
                "editMessageText",
                chat_id=message.address,
                message_id=message_id,
                text=text,
                reply_markup=keyboard(message.payload),
            )
        except BadRequest as error:
            if _says(error, _NOT_EDITABLE):
                return await self._say(message)
            if not _says(error, _NOT_MODIFIED):
                raise
        return Delivered(message_id)

    async def _send_document(self, message: Message) -> Outcome:
        async with self._database.reading() as conn:
            file = await files.get(conn, int(message.payload["file_id"]))
        if file is None:
            return Impossible("its file does not exist")
        text = message.payload.get("text", "")
        if units(text) > CAPTION:
            return await self._say(message, (partial(self._send_file, message.address, file),))
        buttons = keyboard(message.payload)
        markup = None if buttons is None else InlineKeyboardMarkup.de_json(buttons, self._bot)
        send = partial(self._send_file, message.address, file, caption=text or None, reply_markup=markup)
        return await self._call(message, [send])

    async def _send_file(self, address: str, file: File, **rest: Any) -> int:
        # A picture is shown in the chat, anything else is a file to open.
        picture = file.media_type.startswith("image/")
        send = self._bot.send_photo if picture else self._bot.send_document
        sent = await send(address, file.content, filename=file.name, **rest)
        return sent.message_id


def is_private(address: str) -> bool:
    """Whether one person alone reads there: groups have negative numbers, channels may have names."""
    return address.isascii() and address.isdigit()


def keyboard(payload: Mapping[str, Any]) -> Keyboard | None:
    """The buttons of a payload as the Bot API has them; None when there are none."""
    rows = payload.get("buttons")
    if not rows:
        return None
    return {
        "inline_keyboard": [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    }


def outcome_of(error: TelegramError) -> Outcome:
    """What a refusal or a failure means for the row, its chat, or everybody."""
    why = f"{type(error).__name__}: {error.message}"
    match error:
        case RetryAfter():
            seconds = error.retry_after
            return Postponed(why, seconds if isinstance(seconds, int) else seconds.total_seconds())
        case Forbidden() | ChatMigrated():
            return Unreachable(why)
        case BadRequest():
            return Unreachable(why) if _says(error, _NOBODY) else Impossible(why)
        case NotSent() | InvalidToken():
            return Postponed(why, general=True)
        case NetworkError():
            # It may have arrived, or a gateway failed: sending again can send twice, but never loses.
            return Postponed(why)
    return Postponed(why)


def _says(error: TelegramError, sentences: tuple[str, ...]) -> bool:
    said = error.message.lower()
    return any(sentence in said for sentence in sentences)
