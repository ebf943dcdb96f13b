"""The dated parameters that questionnaires read; packs have their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.problems import Problem
from bot.rules.county import NOWHERE, County
from bot.rules.entries import Problems, Source
from bot.rules.parameters import Parameter, read_parameter


def read_parameters(
    data: Mapping[str, Any], file: str, county: County = NOWHERE
) -> tuple[tuple[Parameter, ...], list[Problem]]:
    """The `[[parameter]]` tables of `lists.toml` with the county's values, and what is wrong with them."""
    problems = Problems()
    entries = Source(file, data, problems).entries("parameter")
    return tuple(county.settle("", read_parameter(entry, {})) for entry in entries), problems.found
