"""A bot that speaks plain HTTP: what the tests of the server ask it with."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

from tests.telegram_server.server import TelegramServer

WANG = 501
LI = 502
GROUP = -1001
YES_NO = {"inline_keyboard": [[{"text": "是", "callback_data": "y"}, {"text": "否", "callback_data": "n"}]]}


class Caller:
    """A bot that speaks plain HTTP."""

    def __init__(self, server: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def __call__(self, method: str, **values: Any) -> Any:
        """The result; a refusal is an AssertionError."""
        body = await self.raw(method, **values)
        assert body["ok"], body
        return body["result"]

    async def raw(self, method: str, **values: Any) -> dict[str, Any]:
        url = f"{self.server.base_url}{self.server.token}/{method}"
        async with self.session.post(url, json=values) as response:
            body: dict[str, Any] = orjson.loads(await response.read())
            assert body["ok"] == (response.status == 200)
            assert body.get("error_code", 200) == response.status
            return body

    async def why(self, method: str, **values: Any) -> str:
        """The sentence of a refusal."""
        return str((await self.raw(method, **values))["description"])


def ids(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] if "message" in update else "tap" for update in updates]
