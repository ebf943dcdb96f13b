"""The shipped content, read once for the comparison."""

from __future__ import annotations

import pytest

from bot import content
from bot.content import Content
from tests.zen.ours import Facts


@pytest.fixture(scope="session")
def shipped() -> Content:
    return content.load()


@pytest.fixture(scope="session")
def facts(shipped: Content) -> Facts:
    return Facts(shipped)
