"""The ear by webhook: 200 only for what is committed."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot

from bot.channels.telegram_intake import ALLOWED, Intake, new_update
from bot.channels.telegram_poller import insist
from bot.storage.database import Database

log = logging.getLogger(__name__)

LARGEST: Final = 1 << 20
"""Bytes of the largest update that is accepted."""
_SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)


class Webhook:
    """Receives updates at `url` until its `run` is cancelled, on `port` behind whatever speaks https.

    A request without `secret` is answered 401, one over 1 MB 413. What the database refuses is answered 503
    and comes again; what is no update is dropped, since it would come again and again for a day.
    """

    def __init__(
        self,
        bot: Bot,
        database: Database,
        now: Callable[[], datetime],
        stored: Callable[[], None],
        *,
        url: str,
        secret: str,
        port: int,
        host: str = "0.0.0.0",
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`stored` is called after a commit that brought something new."""
        self._bot = bot
        self._intake = Intake(bot, database, now, stored)
        self._url = url
        self._secret = secret
        self._place = (host, port)
        self._chance = chance

    async def run(self) -> None:
        """Serve until cancelled; raises OSError when the port is taken."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(urlsplit(self._url).path or "/", self._receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, *self._place).start()
            await insist(self._announce, self._chance)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
            await self._intake.close()

    async def _announce(self) -> None:
        await self._bot.set_webhook(self._url, secret_token=self._secret, allowed_updates=ALLOWED)

    async def _receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret.encode()):
            return web.Response(status=401)
        update = new_update(_read(await request.read()))
        if update is None:
            log.error("a request of the webhook is no update; it is dropped")
            return web.Response()
        try:
            await self._intake.keep([update])
        except (SQLAlchemyError, OSError) as error:
            log.error("an update could not be stored (%s)", type(error).__name__)
            return web.Response(status=503)
        return web.Response()


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body.decode("utf-8", "replace"))
        except ValueError:
            return None
