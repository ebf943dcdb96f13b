"""Telegram: the connection to the Bot API, and what an update says that a person did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram import Bot

from bot.channels.telegram_request import AiohttpRequest
from bot.services.incoming import Incoming

CHANNEL: Final = "telegram"


@asynccontextmanager
async def connected(
    token: str,
    base_url: str = "https://api.telegram.org/bot",
    base_file_url: str = "https://api.telegram.org/file/bot",
    *,
    patience: float = 20.0,
) -> AsyncIterator[Bot]:
    """A bot with an open pool of connections; an answer is waited for `patience` seconds. Asks nothing."""
    request = AiohttpRequest(read_timeout=patience)
    bot = Bot(
        token, base_url=base_url, base_file_url=base_file_url, request=request, get_updates_request=request
    )
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()


def translate(payload: Mapping[str, Any]) -> Incoming | None:
    """What was done by a raw update: a text or a tap. None for everything else, such as edits and photos.

    A start link comes as its text, "/start payload". Raises ValueError when the update makes no sense.
    """
    try:
        if "callback_query" in payload:
            return _tap(payload["callback_query"])
        if "message" in payload:
            return _text(payload["message"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an update that cannot be read: {type(error).__name__}") from error
    return None


def _text(message: Mapping[str, Any]) -> Incoming | None:
    text, person, chat = message.get("text"), message.get("from"), message["chat"]
    if text is None or person is None or person.get("is_bot"):
        return None
    return Incoming(
        CHANNEL, _address(chat), _is_private(chat), _name(person), text=_unaddressed(_checked(text))
    )


def _tap(query: Mapping[str, Any]) -> Incoming | None:
    data, message = query.get("data"), query.get("message")
    if data is None or message is None:  # a game, or a message sent by way of the bot
        return None
    chat, message_id = message["chat"], _number(message["message_id"])
    return Incoming(
        CHANNEL,
        _address(chat),
        _is_private(chat),
        _name(query["from"]),
        data=_checked(data),
        message_id=message_id,
    )


def _address(chat: Mapping[str, Any]) -> str:
    return str(_number(chat["id"]))


def _is_private(chat: Mapping[str, Any]) -> bool:
    return chat.get("type") == "private" and _number(chat["id"]) > 0


def _name(person: Mapping[str, Any]) -> str:
    _number(person["id"])
    parts = (person.get("first_name"), person.get("last_name"))
    return " ".join(_checked(part).strip() for part in parts if part)


def _unaddressed(text: str) -> str:
    """In groups a command names its bot: "/help@our_bot me" is "/help me"."""
    if not text.startswith("/"):
        return text
    command, space, rest = text.partition(" ")
    return command.partition("@")[0] + space + rest


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number is expected")
    return value


def _checked(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value
