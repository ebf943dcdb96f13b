"""What a chart shows, and how its figures lie on an axis: what `charts` draws."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.render.messages import number

Kind = Literal["bars", "stacked", "lines"]

MOST_CATEGORIES: Final = 30
"""A chart with more is no longer read: the caller makes several of it."""
PALETTE: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c7a00", "#666666")
"""Told apart by people who do not see red and green (after Okabe and Ito); so many series at most."""
CARDS: Final = {"red": "#b3202c", "yellow": "#f5c518", "green": "#3fa45b", "blue": "#1f5fa8"}
"""Colours for series that stand for cards; they differ in lightness as well."""
TOO_LARGE: Final = 1e12
"""A figure of so many digits leaves no room for its bar."""
DASH: Final = "\u2014"
"""Stands where there is no figure."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure for each category, None where there is none; `colour` is #rrggbb, or None for our own."""

    name: str
    values: tuple[float | None, ...]
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows, in the caller's words; `empty` is said when there is no figure at all.

    The unit stands above the figures; "%" stands behind each of them as well. Raises ValueError for more than
    MOST_CATEGORIES categories or more series than the palette has colours, another number of figures than of
    categories, a figure that is not finite or too large, a negative one in a stack, an unknown kind or a bad
    colour.
    """

    title: str
    subtitle: str
    kind: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    note: str = ""
    empty: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no kind of chart: {self.kind}")
        if len(self.categories) > MOST_CATEGORIES or len(self.series) > len(PALETTE):
            raise ValueError(f"more than {MOST_CATEGORIES} categories or {len(PALETTE)} series in one chart")
        for each in self.series:
            if len(each.values) != len(self.categories):
                raise ValueError(f"{len(each.values)} figures for {len(self.categories)} categories")
            if each.colour is not None and not re.fullmatch("#[0-9a-fA-F]{6}", each.colour):
                raise ValueError(f"no colour: {each.colour}")
        if not all(abs(figure) < TOO_LARGE for figure in self.figures):
            raise ValueError("a figure has no end or too many digits")
        if self.kind == "stacked" and min(self.figures, default=0) < 0:
            raise ValueError("a stack has no negative parts")

    @property
    def drawn(self) -> list[list[float | None]]:
        """The figures of each series as they are written, to a hundredth: a bar of "0" has no height."""
        return [[_rounded(value) for value in each.values] for each in self.series]

    @property
    def figures(self) -> list[float]:
        """All figures there are."""
        return [value for each in self.drawn for value in each if value is not None]

    @property
    def colours(self) -> list[str]:
        """The colour of each series."""
        return [each.colour or colour for each, colour in zip(self.series, PALETTE, strict=False)]

    def row(self, category: int) -> list[float | None]:
        """The figures of one category, by series."""
        return [_rounded(each.values[category]) for each in self.series]

    def written(self, value: float | None) -> str:
        """A figure as it stands in the chart; a dash for none."""
        if value is None:
            return DASH
        return number(value) + "%" * (self.unit == "%")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0.0  # there is no minus zero


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from the first tick to the last one, laid on coordinates from `start` to `end`."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """The coordinate of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def nice_ticks(figures: Sequence[float]) -> tuple[float, ...]:
    """Round values, 1, 2 or 5 times a power of ten apart, that enclose the figures and zero.

    Whole figures have whole ticks.
    """
    low, high = min(0.0, *figures, 0.0), max(0.0, *figures, 0.0)
    rough = (high - low or 1) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * 0.999)
    step = max(step, 1.0 if all(figure == round(figure) for figure in figures) else 0.01)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(step * each, 6) for each in range(first, max(last, first + 1) + 1))


def ink(colour: str) -> str:
    """The colour, darkened until words in it are readable on white (contrast 4.5 to 1, WCAG 2.1, 1.4.3)."""
    parts = _channels(colour)
    while 1.05 / (_luminance(parts) + 0.05) < 4.5:
        parts = [part * 0.9 for part in parts]
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def on(colour: str, dark: str) -> str:
    """What words on the colour are written in: white, or `dark` when that is read more easily."""
    light = _luminance(_channels(colour)) + 0.05
    return "#ffffff" if 1.05 / light >= light / (_luminance(_channels(dark)) + 0.05) else dark


def _channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(parts: Sequence[float]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
