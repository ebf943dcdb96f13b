"""The way to the Bot API over aiohttp: python-telegram-bot's requests at several times the default's pace.

The address of every request carries the bot's token. No message, log line or chained error here quotes it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, cast

import aiohttp
import orjson
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

# python-telegram-bot's marker for "not given" has no public type.
Timeout = Any


class NotSent(NetworkError):
    """No connection came about: the server cannot have acted, so sending again cannot send twice."""


class NotSentInTime(NotSent, TimedOut):
    """No connection came about within its time; as certain as `NotSent` that nothing was applied."""


class FloodWait(RetryAfter):
    """429: `retry_after` says how long to be silent. The parent's own property warns whenever it is read."""

    @property
    def retry_after(self) -> dt.timedelta:
        """The silence that the server asks for."""
        return self._retry_after


class AiohttpRequest(BaseRequest):
    """Requests over a pool of `connection_limit` connections. All timeouts in seconds, None waits for ever.

    `pool_timeout` bounds the wait for a free place, `connect_timeout` a new connection, `read_timeout` each
    wait for bytes of the answer, `write_timeout` the sending of a body (`media_write_timeout` with files).
    A lost or late answer raises NetworkError or TimedOut: the server may have acted. `proxy` is a URL.
    """

    __slots__ = (
        "_connect_timeout",
        "_connection_limit",
        "_media_write_timeout",
        "_places",
        "_pool_timeout",
        "_proxy",
        "_read_timeout",
        "_session",
        "_timeout",
        "_write_timeout",
    )

    def __init__(
        self,
        *,
        connection_limit: int = 256,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_write_timeout: float | None = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._connection_limit = connection_limit
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._media_write_timeout = media_write_timeout
        self._proxy = proxy
        self._timeout = _client_timeout(connect_timeout, read_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(connection_limit)

    @property
    def read_timeout(self) -> float | None:
        """Seconds that are waited for bytes of an answer when a call names no time of its own."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the pool; harmless when it is open."""
        if self._session is None:
            self._places = asyncio.Semaphore(self._connection_limit)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                timeout=self._timeout,
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Close the pool; harmless when it is closed."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer's JSON object. Raises TelegramError when it is none."""
        try:
            found = orjson.loads(payload)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise TelegramError("Invalid server response")
        return found

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer. Raises FloodWait, NotSent(InTime), TimedOut or NetworkError."""
        session = self._session
        if session is None:
            raise RuntimeError("AiohttpRequest is used before initialize() or after shutdown()")
        files = request_data is not None and request_data.contains_files
        read = _chosen(read_timeout, self._read_timeout)
        connect = _chosen(connect_timeout, self._connect_timeout)
        write = _chosen(write_timeout, self._media_write_timeout if files else self._write_timeout)
        waits = self._timeout
        if read != self._read_timeout or connect != self._connect_timeout:
            waits = _client_timeout(connect, read)
        # A small body leaves in one piece; only a file can be slow on its way out.
        limit = _together(connect, write, read) if files else None
        await self._take_place(_chosen(pool_timeout, self._pool_timeout))
        try:
            status, body = await _exchange(session, method, url, request_data, waits, limit)
        finally:
            self._places.release()
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            _refuse_flood(body)
        return status, body

    async def _take_place(self, patience: float | None) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
        except TimeoutError:
            raise NotSentInTime("All connections are in use; the request was not sent") from None


@dataclass(frozen=True, slots=True)
class _Json:
    """A method's parameters as they are sent; the like of RequestData, without taking them all apart."""

    parameters: dict[str, Any]
    contains_files: ClassVar[bool] = False


async def call(bot: Bot, method: str, **given: Any) -> Any:
    """What the Bot API answers to `method`, as plain JSON; what is None is not given.

    Raises what the bot's own methods raise. Those make objects of all that goes out and of all that comes
    back, which takes longer than everything else that is to be done for an answer.
    """
    sent = _Json({name: value for name, value in given.items() if value is not None})
    return await bot.request.post(f"{bot.base_url}/{method}", cast(RequestData, sent))


async def _exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    request_data: RequestData | None,
    waits: aiohttp.ClientTimeout,
    limit: float | None,
) -> tuple[int, bytes]:
    data, headers = _body(request_data)
    # Errors are raised from None: aiohttp's own texts quote the address, and with it the token.
    try:
        async with asyncio.timeout(limit) as guard:
            response = await session.request(
                method, _address(url), data=data, headers=headers, timeout=waits, allow_redirects=False
            )
            guard.reschedule(None)
            async with response:
                return response.status, await response.read()
    except aiohttp.ConnectionTimeoutError:
        raise NotSentInTime("No connection in time") from None
    except aiohttp.ClientConnectorError as error:
        raise NotSent(f"No connection: {_named(error)}") from None
    except TimeoutError:
        raise TimedOut from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NetworkError(f"aiohttp.{_named(error)}") from None


def _body(request_data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, dict[str, str] | None]:
    if request_data is None:
        return None, None
    if not request_data.contains_files:
        return orjson.dumps(request_data.parameters), {"Content-Type": "application/json"}
    # Telegram takes file names as they are: percent signs for Chinese would be shown to people.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, content_type) in request_data.multipart_data.items():
        # As bytes a large file would hold up the loop while it is written.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=content_type)
    return form, None


def _refuse_flood(body: bytes) -> None:
    try:
        parameters = AiohttpRequest.parse_json_payload(body).get("parameters")
    except TelegramError:
        return  # said by something between us and Telegram; it becomes a plain NetworkError
    if isinstance(parameters, dict) and isinstance(parameters.get("retry_after"), int):
        raise FloodWait(parameters["retry_after"])


@lru_cache(maxsize=256)
def _address(url: str) -> URL:
    return URL(url)


def _client_timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=read)


def _together(*seconds: float | None) -> float | None:
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def _chosen(given: Timeout, default: float | None) -> float | None:
    if given is BaseRequest.DEFAULT_NONE:
        return default
    chosen: float | None = given
    return chosen


def _named(error: BaseException) -> str:
    """The kind of error and the system's word for it, without any address."""
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__
