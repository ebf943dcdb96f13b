"""The databases that the county is written into."""

from __future__ import annotations

from tests.databases import (  # noqa: F401
    database,
    database_url,
    kind,
    postgres,
    sqlite_template,
)
