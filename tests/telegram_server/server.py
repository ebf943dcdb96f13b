"""The HTTP surface: /bot<token>/<method> and /file/bot<token>/<path> on a real socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Self

import orjson
from aiohttp import web

from tests.telegram_server import arguments as request_arguments
from tests.telegram_server.activity import PATIENCE
from tests.telegram_server.arguments import Arguments
from tests.telegram_server.chats import Chat
from tests.telegram_server.clock import Clock
from tests.telegram_server.control import Control
from tests.telegram_server.faults import Fault, Faults, Kind
from tests.telegram_server.methods import METHODS
from tests.telegram_server.refusals import Refused, conflict, forbidden, too_many_requests
from tests.telegram_server.updates import UpdateQueue
from tests.telegram_server.webhook import Webhook
from tests.telegram_server.world import World

TOKEN = "4100000001:AAfake-token-for-tests-only-000000000"
BODY_LIMIT = 64 << 20
JSON_HEADERS = {"Content-Type": "application/json"}
ASYNC_METHODS = frozenset({"getupdates", "setwebhook", "deletewebhook", "getwebhookinfo"})
APPLIED_FIRST = frozenset({Kind.APPLY_THEN_DROP, Kind.APPLY_THEN_HANG, Kind.APPLY_THEN_ERROR, Kind.DELAY})
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class TelegramServer:
    """A Bot API server in this process: `async with TelegramServer() as server`.

    `base_url` and `base_file_url` are what python-telegram-bot wants, `token` the only token known.
    `latency` (seconds) delays every answer after it was applied.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 0,
        token: str = TOKEN,
        clock: Clock | None = None,
        latency: float = 0.0,
    ) -> None:
        self.token = token
        self.latency = latency
        self.clock = clock or Clock()
        self.world = World(clock=self.clock, seed=seed, token=token)
        self.webhook = Webhook(self.world.updates, self._apply_quietly)
        self._control = Control(self)
        self._port = port
        self._prefix = f"/bot{token}/"
        self._closing = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on loopback; port 0 takes a free one."""
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        self._closing.set()
        await self.webhook.close()
        self.world.updates.interrupt("terminated by other getUpdates request")
        if self._runner is not None:
            await self._runner.cleanup()

    # --- for tests ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The root, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """python-telegram-bot's `base_url`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """python-telegram-bot's `base_file_url`."""
        return f"{self.url}/file/bot"

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.world.faults

    @property
    def updates(self) -> UpdateQueue:
        """The queue of updates; `updates.held()` reorders."""
        return self.world.updates

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id, as the person sees it."""
        return self.world.chat(chat_id)

    def group(self, chat_id: int, title: str = "group", kind: str = "supergroup") -> Chat:
        """A group (negative id) of which the bot is a member."""
        return self.world.chat(chat_id, title, kind)

    async def until(self, holds: Callable[[], object], *, patience: float = PATIENCE) -> None:
        """Wait until something holds of the server (`updates.pending`, a fault's `hits` …)."""
        await self.world.activity.until(holds, patience=patience)

    # --- requests -----------------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        try:
            if path.startswith(self._prefix):
                return await self._call(request, path[len(self._prefix) :].strip("/").lower())
            if path.startswith("/control/"):
                return await self._control.handle(request)
            if path.startswith("/file/bot"):
                return self._file(path.removeprefix("/file/bot"))
            if path.startswith("/bot") and "/" in path[4:]:
                token = path[4:].partition("/")[0]
                well_formed = ":" in token and token[0] in "123456789"
                raise Refused(401, "Unauthorized" if well_formed else "Unauthorized: invalid token specified")
            raise Refused(404, "Not Found")
        except Refused as refused:
            self.world.refusals[str(refused.code)] += 1
            return _refusal(refused)

    async def _call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        world = self.world
        if method not in METHODS and method not in ASYNC_METHODS:
            raise Refused(404, "Not Found: method not found")
        request._client_max_size = BODY_LIMIT
        arguments = await request_arguments.read(request)
        world.calls[method] += 1
        chat_id = arguments.number("chat_id") or None
        if method.startswith(("send", "edit")):
            world.flood.arrived(chat_id)
        fault = world.faults.for_request(method, chat_id)
        if fault is not None and fault.kind not in APPLIED_FIRST:
            await self._strike(fault, request, chat_id)
        body = await self._apply(method, arguments)
        world.activity.notify()
        if self.latency > 0:
            await asyncio.sleep(self.latency)
        if fault is not None and fault.kind in APPLIED_FIRST:
            await self._strike(fault, request, chat_id)
        return web.Response(body=body, headers=JSON_HEADERS)

    async def _apply(self, method: str, arguments: Arguments) -> bytes:
        if method == "getupdates":
            batch = await self._get_updates(arguments)
            self.world.applied[method] += 1
            return b'{"ok":true,"result":[' + b",".join(batch) + b"]}"
        result: Any
        if method in METHODS:
            result = METHODS[method](self.world, arguments)
        elif method == "getwebhookinfo":
            result = self.webhook.info()
        else:
            if method == "deletewebhook":
                arguments.values.pop("url", None)
            result = await self.webhook.set(arguments)
        self.world.applied[method] += 1
        return orjson.dumps({"ok": True, "result": result})

    async def _get_updates(self, arguments: Arguments) -> list[bytes]:
        queue = self.world.updates
        if self.webhook.url:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            queue.refuse_late(conflict(WEBHOOK_ACTIVE), done)
            await done
        if "allowed_updates" in arguments.values:
            queue.allowed = frozenset(arguments.json("allowed_updates") or ()) or None
        offset, limit = arguments.number("offset"), arguments.number("limit", 100)
        return await queue.poll(offset, limit, arguments.number("timeout"))

    def _apply_quietly(self, method: str, arguments: Arguments) -> None:
        """A method in the answer of a webhook: nobody hears of its refusal."""
        try:
            if method in METHODS:
                METHODS[method](self.world, arguments)
                self.world.applied[method] += 1
        except Refused as refused:
            self.world.refusals[str(refused.code)] += 1

    async def _strike(self, fault: Fault, request: web.BaseRequest, chat_id: int | None) -> None:
        self.world.activity.notify()
        match fault.kind:
            case Kind.FLOOD:
                self.world.flood.pause(chat_id, fault.retry_after)
                raise too_many_requests(fault.retry_after)
            case Kind.FORBIDDEN:
                raise forbidden("bot was blocked by the user")
            case Kind.SERVER_ERROR | Kind.APPLY_THEN_ERROR:
                names = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
                raise Refused(fault.code, names.get(fault.code, "Error"))
            case Kind.DELAY:
                await asyncio.sleep(fault.seconds)
            case Kind.HANG | Kind.APPLY_THEN_HANG:
                await self._closing.wait()
                self._drop(request, reset=False)
            case Kind.RESET | Kind.APPLY_THEN_DROP:
                self._drop(request, reset=fault.kind is Kind.RESET)

    @staticmethod
    def _drop(request: web.BaseRequest, *, reset: bool) -> None:
        """End the connection under the request; nothing that is written afterwards arrives."""
        transport = request.transport
        if transport is None:
            raise asyncio.CancelledError
        raw = transport.get_extra_info("socket")
        if reset and raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        raise asyncio.CancelledError

    def _file(self, rest: str) -> web.StreamResponse:
        token, _, path = rest.partition("/")
        if token != self.token:
            raise Refused(401, "Unauthorized")
        for attachment in self.world.files.values():
            if self.world.file_path(attachment) == path:
                return web.Response(body=attachment.content, content_type="application/octet-stream")
        raise Refused(404, "Not Found")


def _refusal(refused: Refused) -> web.Response:
    headers = dict(JSON_HEADERS)
    if "retry_after" in refused.parameters:
        headers["Retry-After"] = str(refused.parameters["retry_after"])
    return web.Response(status=refused.code, body=orjson.dumps(refused.body()), headers=headers)
