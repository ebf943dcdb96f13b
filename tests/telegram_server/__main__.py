"""Run the server as a process of its own: `python -m tests.telegram_server --port 8081`.

The first line on standard output is JSON with `url`, `base_url`, `base_file_url`, `token`. SIGTERM ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

import orjson
import uvloop

from tests.telegram_server.server import TOKEN, TelegramServer


async def serve(port: int, seed: int, token: str, latency: float, *, flood: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with TelegramServer(port=port, seed=seed, token=token, latency=latency) as server:
        server.world.flood.enabled = flood
        where = {"url": server.url, "base_url": server.base_url, "base_file_url": server.base_file_url}
        sys.stdout.write(orjson.dumps({**where, "token": server.token}).decode() + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything left to chance")
    parser.add_argument("--token", default=TOKEN, help="the only token known")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    parser.add_argument("--flood", action="store_true", help="flood limits on")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.seed, given.token, given.latency, flood=given.flood))


if __name__ == "__main__":
    main()
