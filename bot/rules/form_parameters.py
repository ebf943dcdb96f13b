"""The dated parameters that questionnaires read; packs have their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.problems import Problem
from bot.rules.definitions import read_parameter
from bot.rules.entries import Problems, Source
from bot.rules.parameters import Parameter


def read_parameters(data: Mapping[str, Any], file: str) -> tuple[tuple[Parameter, ...], list[Problem]]:
    """The `[[parameter]]` tables of `lists.toml`, with what is wrong with them."""
    problems = Problems()
    found = tuple(read_parameter(entry, {}) for entry in Source(file, data, problems).entries("parameter"))
    return found, problems.found
