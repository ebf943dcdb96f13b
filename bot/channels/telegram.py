"""Telegram: the connection to the Bot API, and what an update says that a person did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, Literal

from telegram import Bot

from bot.channels.telegram_request import AiohttpRequest
from bot.services.incoming import Attachment, Incoming, table_ending

CHANNEL: Final = "telegram"
_FILES: Final = ("animation", "document", "video", "audio", "voice", "video_note")
"""What a message may bring besides photos; an animation is a document too."""


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
    """What was done by a raw update: a text, a tap, a photo, a file or a location. None for everything else.

    A start link comes as its text, "/start payload". Raises ValueError when the update makes no sense.
    """
    try:
        if "callback_query" in payload:
            return _tap(payload["callback_query"])
        if "message" in payload:
            return _message(payload["message"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an update that cannot be read: {type(error).__name__}") from error
    return None


def _message(message: Mapping[str, Any]) -> Incoming | None:
    text, person, chat = message.get("text"), message.get("from"), message["chat"]
    attached = _attached(message) if text is None else None
    if (text is None and attached is None) or person is None or person.get("is_bot"):
        return None
    said = None if text is None else _unaddressed(_checked(text))
    return Incoming(CHANNEL, _address(chat), _is_private(chat), _name(person), text=said, attached=attached)


def _attached(message: Mapping[str, Any]) -> Attachment | None:
    """A photo in its largest size, a location, or a file; words under them are not read."""
    if "location" in message:
        place = message["location"]
        return Attachment("geopoint", f"{_figure(place['latitude'])} {_figure(place['longitude'])}")
    if message.get("photo"):
        return _file("image", message["photo"][-1])
    for name in _FILES:
        if name in message:
            file = message[name]
            if name != "document":
                return _file("other", file)
            ending = table_ending(_checked(file.get("file_name") or ""))
            if ending:
                return replace(_file("document", file), ending=ending)
            image = _checked(file.get("mime_type") or "").startswith("image/")
            return _file("image" if image else "other", file)
    return None


def _file(kind: Literal["image", "document", "other"], file: Mapping[str, Any]) -> Attachment:
    size = file.get("file_size")
    return Attachment(kind, _checked(file["file_id"]), None if size is None else _number(size))


def _figure(degrees: object) -> str:
    """Six decimals are a hand's breadth."""
    if not isinstance(degrees, int | float) or isinstance(degrees, bool):
        raise TypeError("a number is expected")
    return f"{degrees:.6f}"


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
