"""A web server that lives inside a running event loop, beside the other work of the process."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import Final

import fastapi
import uvicorn
from nicegui import Client, core

GOODBYE: Final = 3  # seconds that open requests get when the server stops


class _Guest(uvicorn.Server):
    """The signals of the process belong to the host, who cancels the server."""

    def __init__(self, config: uvicorn.Config, ready: asyncio.Event | None) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready is not None:
            self._ready.set()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError when the port is taken."""
    family = socket.AF_INET
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).version == 6:
            family = socket.AF_INET6
    return socket.create_server((host, port), family=family)


async def run(app: fastapi.FastAPI, listening: socket.socket, ready: asyncio.Event | None) -> None:
    """Serve until cancelled, then close every connection. Sets `ready` when pages can be opened."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses of people stand in the paths
        lifespan="on",
        ws="websockets-sansio",
        timeout_graceful_shutdown=GOODBYE,
    )
    server = _Guest(config, ready)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        await _leave()


async def _leave() -> None:
    """Leave nothing of this run behind in NiceGUI, which keeps one application for the whole process."""
    for client in list(Client.instances.values()):
        client.delete()
    if core.sio.eio.service_task_handle is not None:  # it runs from the first connection on
        await core.sio.shutdown()
    core.sio.eio.start_service_task = True  # the next run has another loop and needs its own
