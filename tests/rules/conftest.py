"""The shipped packs on the shipped questionnaires, read once."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import content
from bot.problems import Problem
from bot.rules.facts import Registry
from bot.rules.loading import load_pack
from bot.rules.pack import Pack

BOT = Path(__file__).parents[2] / "bot"
Data = dict[str, Any]
Loader = Callable[[Data], tuple[Pack | None, list[Problem]]]


def read_toml(*parts: str) -> Data:
    return tomllib.loads(BOT.joinpath(*parts).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def registry() -> Registry:
    """What the shipped questionnaires ask."""
    return content.load().registry


@pytest.fixture(scope="session")
def shared_data() -> Data:
    return read_toml("rules", "packs", "indicators.toml")


@pytest.fixture(scope="session")
def hr_source() -> Data:
    return read_toml("rules", "packs", "hr.toml")


@pytest.fixture
def hr_data(hr_source: Data) -> Data:
    """What the pack of the four cards says, for a test to spoil."""
    return copy.deepcopy(hr_source)


@pytest.fixture(scope="session")
def load(shared_data: Data, registry: Registry) -> Loader:
    given = content.load().parameters
    names = {"file": "hr.toml", "shared_file": "indicators.toml"}
    return lambda data: load_pack(data, shared_data, registry, given=given, **names)


@pytest.fixture(scope="session")
def hr(load: Loader, hr_source: Data) -> Pack:
    pack, problems = load(hr_source)
    assert problems == []
    assert pack is not None
    return pack
