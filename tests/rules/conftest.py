"""The shipped packs on the shipped questionnaires, read once."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import loading
from bot.problems import Problem
from bot.rules.county import NOWHERE, County
from bot.rules.facts import Registry
from bot.rules.loading import Surroundings, load_pack
from bot.rules.pack import Pack
from tests.shipped import shipped

BOT = Path(__file__).parents[2] / "bot"
Data = dict[str, Any]
Loader = Callable[[Data], tuple[Pack | None, list[Problem]]]


def read_toml(*parts: str) -> Data:
    return tomllib.loads(BOT.joinpath(*parts).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def registry() -> Registry:
    """What the shipped questionnaires ask."""
    return shipped().registry


@cache
def shared_tables() -> dict[str, Data]:
    """What all schemes read alike, by file."""
    folder = BOT / "rules" / "shared"
    return {path.name: read_toml("rules", "shared", path.name) for path in sorted(folder.glob("*.toml"))}


@pytest.fixture(scope="session")
def hr_source() -> Data:
    return read_toml("rules", "packs", "hr.toml")


@pytest.fixture
def hr_data(hr_source: Data) -> Data:
    """What the pack of the four cards says, for a test to spoil."""
    return copy.deepcopy(hr_source)


@cache
def as_read() -> loading.Loading:
    """The shipped files, read once."""
    return loading.read(loading.SHIPPED)


def surroundings(county: County = NOWHERE) -> Surroundings:
    """What the shipped schemes are read with, in a county."""
    found = as_read()
    lists = {name: {each.code: each.label for each in options} for name, options in found.lists.items()}
    return Surroundings(shared_tables(), {}, found.parameters, lists, county)


@pytest.fixture(scope="session")
def load(registry: Registry) -> Loader:
    around = surroundings()
    return lambda data: load_pack(data, around, {**registry, **loading.REGISTER}, file="hr.toml")


@pytest.fixture(scope="session")
def hr(load: Loader, hr_source: Data) -> Pack:
    pack, problems = load(hr_source)
    assert problems == []
    assert pack is not None
    return pack
