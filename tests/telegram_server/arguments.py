"""The arguments of a request, whatever way they came: query, form, multipart or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import BodyPartReader, web

from tests.telegram_server.refusals import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Arguments:
    """Named values (text, or what JSON held) and named files."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value as text, "" when absent."""
        value = self.values.get(name)
        return value if type(value) is str else "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """The value as a whole number; whatever is none counts as the default, as at the real server."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """The value as yes or no."""
        return self.text(name).lower() in ("true", "yes", "1")

    def json(self, name: str) -> Any:
        """The value as JSON; None when absent; 400 when it cannot be parsed."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, or the one it points at with attach://."""
        value = self.text(name)
        if value.startswith("attach://"):
            return self.files.get(value.removeprefix("attach://"))
        return self.files.get(name)


async def read(request: web.BaseRequest) -> Arguments:
    """Read the arguments of a request to its end."""
    arguments = Arguments()
    if "?" in request.path_qs:
        arguments.values.update(request.query)
    if request.method != "POST":
        return arguments
    content_type = request.content_type
    if content_type == "application/json":
        body = await request.read()
        try:
            found = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(found, dict):
            raise bad_request("can't parse JSON object")
        arguments.values.update(found)
    elif content_type == "application/x-www-form-urlencoded":
        arguments.values.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    elif content_type == "multipart/form-data":
        await _multipart(request, arguments)
    else:
        await request.read()
    return arguments


async def _multipart(request: web.BaseRequest, arguments: Arguments) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            arguments.values[part.name] = content.decode()
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            arguments.files[part.name] = Upload(part.filename, mime, content)
