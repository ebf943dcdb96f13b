"""What all charts have in common: sizes of words, the head, the sign of a series, a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from bot.render.chart_view import Chart, ink
from bot.render.pictures import Anchor, Canvas, shortened, text_width, wrapped

WIDTH: Final = 1080
EDGE: Final = 48
TITLE: Final = 46
WORDS: Final = 30
FIGURES: Final = 27
LEADING: Final = 1.35
INK: Final = "#222222"
GREY: Final = "#666666"
GRID: Final = "#dddddd"
SHAPES: Final = ((16, 0.0, 1.0), (4, 45.0, 1.2), (3, -90.0, 1.35), (4, 0.0, 1.35))
"""Disc, square, triangle and diamond: corners, degrees turned, how much larger than a disc."""


def head(canvas: Canvas, chart: Chart) -> float:
    """Title, subtitle, legend and unit; answers where the figures begin."""
    y = paragraph(canvas, EDGE - 16, chart.title, TITLE, INK, 3, weight=700)
    y = paragraph(canvas, y + 6, chart.subtitle, WORDS, GREY, 3)
    unit = shortened(chart.unit, FIGURES, 300)
    named = len(chart.series) > 1 or any(each.name for each in chart.series)
    if not (unit or named):
        return y + 36
    x, y, right = float(EDGE), y + 62, float(WIDTH - EDGE)
    if unit:
        canvas.text(right, y, unit, FIGURES, fill=GREY, anchor="end")
        right -= text_width(unit, FIGURES) + 24
    for index, each in enumerate(chart.series if named else ()):
        name = shortened(each.name, WORDS, right - EDGE - 38)
        width = 38 + text_width(name, WORDS)
        if x > EDGE and x + width > right:
            x, y = EDGE, y + 48
        mark(canvas, chart, index, (x + 13, y - 11), 12)
        canvas.text(x + 38, y, name, WORDS, fill=INK)
        x += width + 32
    return y + 36


def paragraph(
    canvas: Canvas, y: float, text: str, size: float, fill: str, most: int, *, weight: int = 400
) -> float:
    """Words over the whole width, from `y` down; answers where they end."""
    for line in wrapped(text, size, WIDTH - 2 * EDGE, most):
        y += size * LEADING
        canvas.text(EDGE, y, line, size, fill=fill, weight=weight)
    return y


def mark(canvas: Canvas, chart: Chart, index: int, at: tuple[float, float], size: float) -> None:
    """The sign of a series: its colour, in a line chart also its shape."""
    (x, y), colour = at, chart.colours[index]
    if chart.kind != "lines":
        canvas.rect(x - size, y - size, 2 * size, 2 * size, colour)
        return
    corners, turned, larger = SHAPES[index % len(SHAPES)]
    angles = [math.radians(turned + 360 * corner / corners) for corner in range(corners)]
    reach = size * larger
    canvas.shape([(x + reach * math.cos(angle), y + reach * math.sin(angle)) for angle in angles], colour)


def widest(texts: Sequence[str], size: float) -> float:
    """The width of the widest of these texts."""
    return max((text_width(text, size) for text in texts), default=0)


def figure(
    canvas: Canvas,
    chart: Chart,
    index: int,
    at: tuple[float, float],
    value: float | None,
    anchor: Anchor,
    size: float = FIGURES,
) -> None:
    """A figure of a series, or the dash for none: in its colour when there are several."""
    fill = INK if len(chart.series) == 1 else ink(chart.colours[index])
    canvas.text(
        *at,
        chart.written(value),
        size,
        fill=fill,
        weight=700 if value is None else 400,
        anchor=anchor,
        halo=True,
    )
