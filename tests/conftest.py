"""What every test shares."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A slow machine is not a failure: properties are judged by what holds, never by the clock.
settings.register_profile("hubang", deadline=None)
settings.load_profile("hubang")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` records anew what the stories show; what is written by hand in them stays."""
    parser.addoption("--update", action="store_true", help="record the screens and endings of stories anew")
