"""A village on each kind of database."""

from __future__ import annotations

import pytest

from bot.storage.database import Database
from tests.databases import (  # noqa: F401
    database,
    database_url,
    empty_url,
    kind,
    postgres,
    sqlite_template,
)
from tests.services.village import Village


@pytest.fixture
async def village(database: Database) -> Village:  # noqa: F811
    """The sample village, freshly entered."""
    return await Village.open(database)
