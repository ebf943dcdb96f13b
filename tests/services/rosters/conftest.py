"""A county of two villages to take rosters into, on each kind of database."""

from __future__ import annotations

import pytest

from bot.services.rosters.layout import RosterLayout, read_layout
from bot.storage.database import Database
from tests.databases import (  # noqa: F401
    database,
    database_url,
    empty_url,
    kind,
    postgres,
    sqlite_template,
)
from tests.services.rosters.desk_work import Desk
from tests.services.village import Village, loaded


@pytest.fixture(scope="session")
def layout() -> RosterLayout:
    """The layout that ships."""
    return read_layout(loaded())


@pytest.fixture
def desk(database: Database, layout: RosterLayout) -> Desk:  # noqa: F811
    """Somebody who takes rosters in at the machine itself."""
    return Desk(database, layout)


@pytest.fixture
async def village(database: Database) -> Village:  # noqa: F811
    """The sample village, freshly entered."""
    return await Village.open(database)
