"""The limits of texts, keyboards, files and commands, with the sentence of each refusal."""

from __future__ import annotations

import re
from typing import Any

import orjson

from tests.telegram_server.entities import Entities, parse, units
from tests.telegram_server.refusals import Refused, bad_request

TEXT = 4096
CAPTION = 1024
CALLBACK_DATA = 64
CALLBACK_ANSWER = 200
BUTTONS = 100
BUTTONS_A_ROW = 8
DOWNLOAD = 20 << 20
UPLOAD = 50 << 20
PHOTO = 10 << 20
DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")


def message_text(raw: str, mode: str, *, too_long: str = "message is too long") -> tuple[str, Entities]:
    """Plain text and entities of a message; it must hold something and not be too long."""
    if not raw:
        raise bad_request("message text is empty")
    if len(raw) > 1 << 13 and len(raw.encode()) > 1 << 15:
        raise bad_request("text is too long")
    text, entities = parse(raw, mode)
    text = text.rstrip() if entities else text.strip()
    if not text.strip():
        raise bad_request("text must be non-empty")
    if units(text) > TEXT:
        raise bad_request(too_long)
    return text, entities


def caption_text(raw: str, mode: str) -> tuple[str, Entities]:
    """Plain text and entities of a caption, which may be empty."""
    text, entities = parse(raw, mode)
    text = text.rstrip()
    if units(text) > CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def reply_markup(raw: object) -> dict[str, Any] | None:
    """The markup as an object, checked; None when there is none (an empty inline keyboard counts as none)."""
    if raw is None or raw == "":
        return None
    try:
        markup = orjson.loads(raw) if isinstance(raw, str) else raw
    except orjson.JSONDecodeError:
        raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup)
    if "keyboard" in markup:
        rows = _rows(markup, "keyboard")
        if not any(rows):
            raise bad_request("keyboard can't be empty")  # said by the real server with the same meaning
    return markup


def _rows(markup: dict[str, Any], field: str) -> list[list[Any]]:
    rows = markup[field]
    if not isinstance(rows, list) or any(not isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" must be an Array of Arrays')
    if any(len(row) > BUTTONS_A_ROW for row in rows) or sum(map(len, rows)) > BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _inline(markup: dict[str, Any]) -> dict[str, Any] | None:
    rows = [row for row in _rows(markup, "inline_keyboard") if row]
    for key in (key for row in rows for key in row):
        if not isinstance(key, dict) or not isinstance(key.get("text"), str):
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
        if not key["text"].strip():
            raise bad_request("can't parse inline keyboard button: Button text must be non-empty")
        if len(key) < 2:
            raise bad_request("text buttons are unallowed in the inline keyboard")
        if "callback_data" in key:
            size = len(str(key["callback_data"]).encode())
            if not 1 <= size <= CALLBACK_DATA:
                raise bad_request("BUTTON_DATA_INVALID")
    return {"inline_keyboard": rows} if rows else None


def uploaded(kind: str, content: bytes) -> None:
    """A file the bot sends: not empty, 50 MB at most, photos 10 MB."""
    if not content:
        raise bad_request("file must be non-empty")
    if len(content) > UPLOAD:
        raise Refused(413, "Request Entity Too Large")
    if kind == "photo" and len(content) > PHOTO:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; the maximum size is {PHOTO} bytes"
        )


def commands(raw: object) -> list[dict[str, str]]:
    """The menu of commands, checked: 100 at most, names of a-z, 0-9 and _, descriptions up to 256."""
    found = orjson.loads(raw) if isinstance(raw, str) else raw
    if not isinstance(found, list):
        raise bad_request("can't parse commands: Array expected")
    if len(found) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for entry in found:
        if not COMMAND.fullmatch(entry.get("command", "")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= units(entry.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return found


def deep_link(payload: str) -> str:
    """A payload that a t.me link can carry; ValueError otherwise (the app would drop it in silence)."""
    if not DEEP_LINK.fullmatch(payload):
        raise ValueError(f"a start link carries 1-64 of A-Za-z0-9_- and not {payload!r}")
    return payload
