"""The shipped schemes as their documents have them, as a county may set them, and under other readings."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from bot import loading
from bot.rules.county import County
from bot.rules.loading import load_pack
from bot.rules.pack import Pack
from bot.rules.parameters import DatedValue
from tests.rules.conftest import read_toml, surroundings
from tests.shipped import shipped

SET: Final = "with the county's figures"
COUNTY_FIGURES: Final = {"元/人·年": 4000.0, "元": 4000.0, "%": 90.0}
"""What a county might set where the document gives no figure, by unit."""


@lru_cache(maxsize=1)
def settings() -> tuple[str, ...]:
    """Every scheme, and with the figures set that its document leaves to the county."""
    found = []
    for scheme, pack in sorted(shipped().packs.items()):
        found.append(scheme)
        if any(not parameter.values for parameter in pack.parameters):
            found.append(f"{scheme} {SET}")
    return tuple(found)


@lru_cache(maxsize=1)
def other_readings() -> tuple[str, ...]:
    """Every scheme under every other choice of an option that its document leaves open."""
    return tuple(
        f"{scheme} {option}={choice}"
        for scheme, pack in sorted(shipped().packs.items())
        for option, choices in pack.choices.items()
        for choice in choices
        if choice != pack.options[option]
    )


@lru_cache(maxsize=4)
def pack_for(setting: str) -> Pack:
    """The pack of one of the `settings` or `other_readings`."""
    scheme, _, way = setting.partition(" ")
    plain = shipped().packs[scheme]
    if not way:
        return plain
    values, options = {}, {}
    for parameter in plain.parameters:
        if not parameter.values and way == SET:
            figure = COUNTY_FIGURES.get(parameter.unit, 1.0)
            values[scheme, parameter.id] = (DatedValue(plain.scheme.start, figure, ""),)
    if way != SET:
        option, _, choice = way.partition("=")
        options[scheme, option] = choice
    county = County("x", "x", (scheme,), values=values, options=options)
    registry = {**shipped().registry, **loading.REGISTER}
    pack, problems = load_pack(
        read_toml("rules", "packs", f"{scheme}.toml"), surroundings(county), registry, file=scheme, alone=True
    )
    assert pack is not None, problems
    return pack


def with_figures(scheme: str) -> Pack:
    """The pack of a scheme, with the figures set that its document leaves to the county."""
    return pack_for(f"{scheme} {SET}" if f"{scheme} {SET}" in settings() else scheme)
