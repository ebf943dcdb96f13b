"""Delivery by webhook: one lane per key, retries that back off, Retry-After, the secret token header."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson

from tests.telegram_server.arguments import Arguments
from tests.telegram_server.refusals import bad_request, too_many_requests
from tests.telegram_server.updates import Update, UpdateQueue

LONGEST_DELAY = 60  # the real server draws the cap between this and twice this
LONGEST_RETRY_AFTER = 3600
SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_TIMEOUT = 60.0
IN_REPLY = ("get", "deletewebhook", "setwebhook", "close", "logout")  # not accepted as a webhook's answer


class Webhook:
    """Posts updates to the bot. A failed update is tried again and holds up only its own key."""

    def __init__(self, queue: UpdateQueue, call: Callable[[str, Arguments], object]) -> None:
        self.url = ""
        self.secret_token = ""
        self.max_connections = 40
        self.delivered = self.failures = 0
        self.last_error: tuple[float, str] | None = None
        self._queue = queue
        self._call = call
        self._session: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(self.max_connections)
        self._lanes: dict[int, deque[Update]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._next_set = float("-inf")

    async def set(self, arguments: Arguments) -> bool:
        """setWebhook; an empty url is deleteWebhook. At most once a second, as at the real server."""
        url, secret = arguments.text("url"), arguments.text("secret_token")
        now = self._queue.clock.now()
        if url and now < self._next_set:
            raise too_many_requests(1)
        if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        if url:
            self._next_set = now + 1
        await self.close()
        if arguments.flag("drop_pending_updates"):
            self._queue.keep(0)
        if "allowed_updates" in arguments.values:
            self._queue.allowed = frozenset(arguments.json("allowed_updates") or ()) or None
        self.url, self.secret_token = url, secret
        if url:
            self.max_connections = min(max(arguments.number("max_connections", 40), 1), 100)
            self._places = asyncio.Semaphore(self.max_connections)
            self._queue.interrupt("terminated by setWebhook request")
            self._queue.on_ready = self.feed
            for update in self._queue.waiting():
                self.feed(update)
        return True

    async def close(self) -> None:
        """Stop delivering; what is not accepted stays in the queue."""
        self._queue.on_ready = None
        tasks = list(self._tasks.values())
        self._tasks.clear()
        self._lanes.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
        self.url = ""

    def info(self) -> dict[str, Any]:
        """getWebhookInfo."""
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self._queue.pending,
        }
        if self.url:
            info["max_connections"] = self.max_connections
        if self.url and self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = int(self.last_error[0]), self.last_error[1]
        if self._queue.allowed is not None:
            info["allowed_updates"] = sorted(self._queue.allowed)
        return info

    def feed(self, update: Update) -> None:
        """Put an update into the lane of its key."""
        self._lanes.setdefault(update.key, deque()).append(update)
        if update.key not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._drain(update.key))
            self._tasks[update.key] = task

    async def _drain(self, key: int) -> None:
        lane = self._lanes[key]
        while lane:
            update = lane[0]
            if await self._deliver(update):
                self.delivered += 1
                if update.again > 0:
                    update.again -= 1
                    continue
            lane.popleft()
            self._queue.forget(update)
        del self._lanes[key], self._tasks[key]

    async def _deliver(self, update: Update) -> bool:
        clock = self._queue.clock
        delay, failures = 1, 0
        while not update.gone:
            wait = await self._post(update)
            if wait is None:
                return True
            self.failures += 1
            if wait == 0 and failures > 0:  # the first retry is at once, then 2 s, 4 s …
                cap = self._queue.faults.random.randint(LONGEST_DELAY, LONGEST_DELAY * 2)
                delay = wait = min(cap, delay * 2)
            failures += 1
            if clock.now() + wait > update.expires:
                self._queue.forget(update, expired=True)
                return False
            self._queue.activity.notify()
            await clock.sleep(wait)
        return False

    async def _post(self, update: Update) -> int | None:
        """None when accepted, else the seconds that the bot asked for (0 when it named none)."""
        headers = {"Content-Type": "application/json"}
        if self.secret_token:
            headers[SECRET_HEADER] = self.secret_token
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT))
        try:
            async with (
                self._places,
                self._session.post(self.url, data=update.raw, headers=headers) as response,
            ):
                body = await response.read()
                if 200 <= response.status <= 299:
                    self._answer_in_reply(body)
                    return None
                self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "0")
                return min(int(asked), LONGEST_RETRY_AFTER) if asked.isdigit() else 0
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return 0

    def _failed(self, why: str) -> None:
        self.last_error = (self._queue.clock.now(), why)

    def _answer_in_reply(self, body: bytes) -> None:
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if isinstance(found, dict) and isinstance(found.get("method"), str):
            method = found.pop("method").lower()
            if not method.startswith(IN_REPLY):
                self._call(method, Arguments(found))
