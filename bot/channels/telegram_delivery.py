"""One row of the outbox to Telegram, and what its answer means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram import Message as Shown
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
from bot.channels.telegram_request import NotSent
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

Call = Callable[[], Awaitable[Shown | bool]]


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
            await self._bot.edit_message_reply_markup(chat_id=address, message_id=message_id)
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
        send = partial(self._bot.send_message, message.address)
        calls: list[Call] = [*before, *(partial(send, text) for text in first)]
        calls.append(partial(send, last, reply_markup=keyboard(message.payload)))
        return await self._call(message, calls, stale)

    async def _call(self, message: Message, calls: list[Call], stale: int | None = None) -> Outcome:
        """Make the calls in order, but not those that succeeded when this row was tried before."""
        shown: Shown | bool = False
        done = self._done.get(message.id, 0)
        for number, call in enumerate(calls[done:], done + 1):
            shown = await call()
            if number < len(calls):
                self._done[message.id] = number
        return Delivered(shown.message_id if isinstance(shown, Shown) else None, len(calls) - done, stale)

    async def _edit(self, message: Message) -> Outcome:
        text, message_id = message.payload["text"], int(message.payload["message_id"])
        if units(text) > TEXT:
            return await self._say(message, stale=message_id)
        try:
            await self._bot.edit_message_text(
                text, message.address, message_id, reply_markup=keyboard(message.payload)
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
            return await self._say(message, (self._document(message, file),))
        call = self._document(message, file, caption=text or None, reply_markup=keyboard(message.payload))
        return await self._call(message, [call])

    def _document(self, message: Message, file: File, **rest: Any) -> Call:
        return partial(self._bot.send_document, message.address, file.content, filename=file.name, **rest)


def is_private(address: str) -> bool:
    """Whether one person alone reads there: groups have negative numbers, channels may have names."""
    return address.isascii() and address.isdigit()


def keyboard(payload: Mapping[str, Any]) -> InlineKeyboardMarkup | None:
    """The buttons of a payload; None when there are none."""
    rows = payload.get("buttons")
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


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
