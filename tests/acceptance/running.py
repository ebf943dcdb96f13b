"""The real bot as a process of its own, `python -m bot run`, that speaks to a fake Bot API server."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.telegram_server import TelegramServer

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds that a start may take on a machine that does many other things."""


TEST_KEY = ("tests", bytes(range(32)))
"""Seals what the tests invent: on Telegram nothing is stored plain."""


class RunningBot:
    """One process after another on the same database; `log` is what all of them wrote.

    `settings` are environment variables; nothing of the surroundings but PATH and HOME reaches the bot.
    """

    def __init__(self, server: TelegramServer, database_url: str, folder: Path, **settings: str) -> None:
        self.server = server
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.settings = {
            "DATABASE_URL": database_url,
            "TELEGRAM_TOKEN": server.token,
            "TELEGRAM_API_BASE": server.base_url,
            "TELEGRAM_FILE_BASE": server.base_file_url,
            "WEB_PORT": "0",
            "HUBANG_KEYS": f"{TEST_KEY[0]}:{base64.b64encode(TEST_KEY[1]).decode()}",
            **settings,
        }
        self._polls = 0
        self._written: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def log(self) -> str:
        """Everything that was written so far."""
        return "".join(self._written)

    @property
    def running(self) -> bool:
        """Whether the latest process has not ended, as far as is known."""
        return self._process is not None and self._process.returncode is None

    async def spawn(self) -> None:
        """Start a process and do not wait for anything."""
        assert not self.running, "the process before this one still runs"
        self._polls = self.server.world.calls["getupdates"]
        surroundings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "run"),
            env={**surroundings, "PYTHONPATH": str(ROOT), **self.settings},
            cwd=self.folder,  # no .env of the developer's
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reader = asyncio.create_task(self._read(self._process.stdout))

    async def _read(self, pipe: asyncio.StreamReader | None) -> None:
        assert pipe is not None
        async for line in pipe:
            self._written.append(line.decode())
            self.server.world.activity.notify()

    async def start(self) -> None:
        """Start a process and wait until it asks for updates."""
        await self.spawn()
        await self.polls()

    async def polls(self) -> None:
        """Wait until the process (or another one on the same database) asks for updates."""
        await self.until(lambda: self.server.world.calls["getupdates"] > self._polls)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds of the server; AssertionError with the log if the process ends."""
        assert self._process is not None
        come = asyncio.ensure_future(self.server.until(holds, patience=PATIENCE))
        gone = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({come, gone}, return_when=asyncio.FIRST_COMPLETED)
            assert not gone.done(), f"the bot ended with {gone.result()}:\n{self.log}"
            await come
        finally:
            come.cancel()
            gone.cancel()
            await asyncio.gather(come, gone, return_exceptions=True)

    async def says(self, words: str) -> None:
        """Wait until the log holds the words."""
        await self.until(lambda: words in self.log)

    async def kill(self) -> None:
        """SIGKILL: nothing can be tidied up."""
        assert await self._end(signal.SIGKILL) == -signal.SIGKILL

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        return await self._end(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait until the process ends by itself; the exit status."""
        assert self._process is not None
        assert self._reader is not None
        async with asyncio.timeout(PATIENCE):
            await self._reader
            return await self._process.wait()

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        assert self.running, f"the bot has ended by itself:\n{self.log}"
        self._process.send_signal(number)
        return await self.ended()


@asynccontextmanager
async def bots(*running: RunningBot) -> AsyncIterator[None]:
    """What is still running at the end of the block is killed: a failed test leaves nothing behind."""
    try:
        yield
    finally:
        for bot in running:
            if bot.running:
                await bot.kill()
