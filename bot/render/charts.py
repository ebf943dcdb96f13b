"""Charts of an office as SVG, readable on a phone: bars, stacked bars and lines; a figure not known is a gap.

Words are the caller's. Pictures of them are made by `bot.render.pictures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Final, Literal, TypeAlias

from bot.errors import HubangError
from bot.render.messages import number
from bot.render.pictures import Canvas, shortened, text_width, wrapped

Kind: TypeAlias = Literal["bars", "stacked", "lines"]

WIDTH: Final = 1080.0
EDGE: Final = 48.0
TITLE: Final = 46.0
TEXT: Final = 32.0
SMALL: Final = 27.0
MOST: Final = 30
"""So many categories fit one picture; whoever has more makes several."""
LABELS: Final = 0.34
"""The share of the width that long labels may take."""
BAR: Final = 40.0
GAP: Final = 34.0
TALL: Final = 560.0
"""How high the field of lines is."""
TICKS: Final = 4
INK: Final = "#1f2328"
QUIET: Final = "#5d656c"
GRID: Final = "#dfe3e6"
PALETTE: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#b8a200")
"""Colours that eyes without red or green tell apart (Okabe and Ito)."""
DASH: Final = "\u2014"


class ChartTooLong(HubangError):
    """A chart has room for {most} categories and not for {count}: make several."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure of every category, in their order; None where it is not known."""

    name: str
    values: tuple[float | None, ...]
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows; `empty` is said when there is no figure at all."""

    title: str
    kind: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    subtitle: str = ""
    unit: str = ""
    note: str = ""
    empty: str = ""


def svg_of(chart: Chart) -> str:
    """The chart as SVG; the same chart gives the same text. ChartTooLong for more categories than fit."""
    if len(chart.categories) > MOST:
        raise ChartTooLong(most=MOST, count=len(chart.categories))
    return _Drawing(chart).whole()


def ticks(highest: float, wanted: int = TICKS) -> list[float]:
    """Round figures from 0 up to at least `highest`, in steps of 1, 2 or 5 times a power of ten."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    count = 1
    while step * count < highest * (1 - 1e-9):
        count += 1
    return [round(step * at, 10) for at in range(count + 1)]


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.canvas = Canvas(WIDTH)
        self.colours = [each.colour or PALETTE[at % len(PALETTE)] for at, each in enumerate(chart.series)]
        self.room = WIDTH - 2 * EDGE

    def whole(self) -> str:
        chart, y = self.chart, EDGE
        for line in wrapped(chart.title, TITLE, self.room, 2):
            y += TITLE * 1.1
            self.canvas.text(EDGE, y, line, TITLE, fill=INK, weight=700)
        about = chart.subtitle + (f" ({chart.unit})" if chart.unit else "")
        for line in wrapped(about, SMALL, self.room, 2):
            y += SMALL * 1.5
            self.canvas.text(EDGE, y, line, SMALL, fill=QUIET)
        y += GAP
        if not any(value is not None for each in chart.series for value in each.values):
            y += TEXT * 3
            self.canvas.text(WIDTH / 2, y, chart.empty, TEXT, fill=QUIET, anchor="middle")
            y += TEXT * 2
        else:
            y = self.legend(y)
            y = {"bars": self.bars, "stacked": self.stacked, "lines": self.lines}[chart.kind](y)
        for line in wrapped(chart.note, SMALL, self.room, 4):
            y += SMALL * 1.5
            self.canvas.text(EDGE, y, line, SMALL, fill=QUIET)
        return self.canvas.svg(y + EDGE, ": ".join(filter(None, (chart.title, about))))

    def legend(self, y: float) -> float:
        """What the colours mean; one series needs no explanation."""
        if len(self.chart.series) < 2:
            return y
        x = EDGE
        y += TEXT
        for each, colour in zip(self.chart.series, self.colours, strict=True):
            name = shortened(each.name, TEXT, self.room - TEXT * 1.5)
            width = TEXT * 1.4 + text_width(name, TEXT)
            if x > EDGE and x + width > WIDTH - EDGE:
                x, y = EDGE, y + TEXT * 1.5
            self.canvas.rect(x, y - TEXT * 0.8, TEXT, TEXT * 0.9, colour)
            self.canvas.text(x + TEXT * 1.4, y, name, TEXT, fill=INK)
            x += width + GAP
        return y + GAP

    # -------------------------------------------------------------------------------------- bars

    def names(self) -> tuple[list[list[str]], float]:
        """The labels of the categories in lines, and the room that they take."""
        most = WIDTH * LABELS
        lines = [wrapped(name, TEXT, most, 2) or [""] for name in self.chart.categories]
        return lines, max((text_width(each, TEXT) for part in lines for each in part), default=0)

    def bars(self, y: float) -> float:
        """A group of bars beside one another for each category, with the figures at their ends."""
        values = [value or 0 for each in self.chart.series for value in each.values]
        names, left = self.names()
        figures = max(text_width(number(value), TEXT) for value in [*values, 0]) + TEXT
        scale = (self.room - left - GAP - figures) / max(*values, 0, 1e-9)
        x, height, top = EDGE + left + GAP, BAR * len(self.chart.series), y
        for at, name in enumerate(names):
            self.label(name, x - GAP / 2, y + height / 2)
            for each, colour in zip(self.chart.series, self.colours, strict=True):
                value = each.values[at]
                width = max(0.0, value or 0) * scale
                self.canvas.rect(x, y + 3, width, BAR - 6, colour)
                said = DASH if value is None else number(value)
                self.canvas.text(x + width + TEXT / 3, y + BAR / 2 + TEXT * 0.36, said, TEXT, fill=INK)
                y += BAR
            y += GAP
        self.canvas.line([(x, top), (x, y - GAP / 2)], GRID, 2)
        return y

    def stacked(self, y: float) -> float:
        """One bar for each category, made of its parts, with the sum behind."""
        columns = list(zip(*(each.values for each in self.chart.series), strict=True))
        known = [[value for value in column if value is not None] for column in columns]
        sums = [sum(column) if column else None for column in known]
        names, left = self.names()
        figures = max(text_width(number(each), TEXT) for each in (*sums, 0)) + TEXT
        scale = (self.room - left - GAP - figures) / max(max(each or 0 for each in sums), 1e-9)
        x, tall = EDGE + left + GAP, BAR * 1.3
        for name, column, whole in zip(names, columns, sums, strict=True):
            self.label(name, x - GAP / 2, y + tall / 2)
            at = x
            for value, colour in zip(column, self.colours, strict=True):
                width = (value or 0) * scale
                self.canvas.rect(at, y, width, tall, colour)
                said = number(value)
                if value and text_width(said, SMALL) + 8 < width:
                    middle = y + tall / 2 + SMALL * 0.36
                    self.canvas.text(
                        at + width / 2, middle, said, SMALL, fill=INK, anchor="middle", halo=True
                    )
                at += width
            said = DASH if whole is None else number(whole)
            self.canvas.text(at + TEXT / 3, y + tall / 2 + TEXT * 0.36, said, TEXT, fill=INK, weight=700)
            y += tall + GAP
        return y

    def label(self, lines: Sequence[str], right: float, middle: float) -> None:
        """A category's name before its bars."""
        y = middle + TEXT * 0.36 - (len(lines) - 1) * TEXT * 0.6
        for line in lines:
            self.canvas.text(right, y, line, TEXT, fill=INK, anchor="end")
            y += TEXT * 1.2

    # ------------------------------------------------------------------------------------- lines

    def lines(self, y: float) -> float:
        """A line for each series over the categories; where a figure is not known, the line is broken."""
        marks = ticks(max((value or 0) for each in self.chart.series for value in each.values))
        left = max(text_width(number(mark), SMALL) for mark in marks) + SMALL / 2
        x, width, top, foot = EDGE + left, self.room - left, y + SMALL, y + TALL
        for mark in marks:
            at = foot - (foot - top) * mark / marks[-1]
            self.canvas.line([(x, at), (x + width, at)], GRID, 2)
            self.canvas.text(x - SMALL / 3, at + SMALL * 0.36, number(mark), SMALL, fill=QUIET, anchor="end")
        step = width / max(1, len(self.chart.categories))
        places = [x + step * (at + 0.5) for at in range(len(self.chart.categories))]
        for each, colour in zip(self.chart.series, self.colours, strict=True):
            heights = [
                None if value is None else foot - (foot - top) * value / marks[-1] for value in each.values
            ]
            self.way(list(zip(places, heights, strict=True)), colour)
        every = 1 + int(max(text_width(name, SMALL) for name in self.chart.categories) // step)
        for at in range(0, len(places), every):
            name = shortened(self.chart.categories[at], SMALL, step * every)
            self.canvas.text(places[at], foot + SMALL * 1.5, name, SMALL, fill=INK, anchor="middle")
        return foot + SMALL * 2.2

    def way(self, points: Sequence[tuple[float, float | None]], colour: str) -> None:
        """A line through what is known, with a mark at each figure."""
        for (x, y), (later, further) in pairwise(points):
            if y is not None and further is not None:
                self.canvas.line([(x, y), (later, further)], colour, 6)
        for x, height in points:
            if height is not None:
                corners = [(x - 10, height), (x, height - 10), (x + 10, height), (x, height + 10)]
                self.canvas.shape(corners, colour)
