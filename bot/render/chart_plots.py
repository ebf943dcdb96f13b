"""Charts that stand: columns and lines, the values upwards, the categories from left to right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from bot.render.chart_sheet import EDGE, FIGURES, GREY, GRID, INK, WIDTH, figure, mark, widest
from bot.render.chart_view import Axis, Chart, nice_ticks
from bot.render.pictures import Canvas, shortened, text_width

PLOT: Final = 560
"""How high the values reach."""
BROADEST: Final = 110
"""A column is no broader, however few there are, unless its figure is."""
FILLED: Final = 0.76
"""So much of the room of a category do its columns take."""
SPARSE: Final = 60
"""A line chart with more points writes only the last figure of each line."""
LANE: Final = 34
"""Below the axis, each line with a missing figure has a lane of this height for its dashes."""

Box = tuple[float, float, float, float]


def upright(chart: Chart) -> bool:
    """Whether bars may stand: each label and each figure has room on one line."""
    slot = _slot(chart, _left(chart))
    fits = _needed(chart) <= slot * FILLED / len(chart.series)
    return fits and widest(chart.categories, FIGURES) + 10 <= slot


def columns(canvas: Canvas, chart: Chart, y: float) -> float:
    """Standing bars, those of a category side by side."""
    axis, left = _plot(canvas, chart, y)
    slot = _slot(chart, left)
    thick = min(slot * FILLED / len(chart.series), max(BROADEST, _needed(chart)))
    for category in range(len(chart.categories)):
        x = left + slot * (category + 0.5) - thick * len(chart.series) / 2
        for index, value in enumerate(chart.row(category)):
            zero, to = axis.at(0), axis.at(value or 0)
            canvas.rect(x + 2, min(zero, to), thick - 4, abs(to - zero), chart.colours[index])
            figure(
                canvas, chart, index, (x + thick / 2, to + (34 if (value or 0) < 0 else -10)), value, "middle"
            )
            x += thick
    return _categories(canvas, chart, left, axis.start + (36 if axis.ticks[0] < 0 else 0))


def lines(canvas: Canvas, chart: Chart, y: float) -> float:
    """A line for each series, broken where a figure is missing; the dash stands below the axis there."""
    axis, left = _plot(canvas, chart, y)
    slot, bottom = _slot(chart, left), axis.start
    middles = [left + slot * (place + 0.5) for place in range(len(chart.categories))]
    points = [
        [None if value is None else (x, axis.at(value)) for x, value in zip(middles, values, strict=True)]
        for values in chart.drawn
    ]
    for index, way in enumerate(points):
        for known, run in groupby(way, key=lambda point: point is not None):
            if known:
                canvas.line([point for point in run if point], chart.colours[index], 5)
        gaps = [x for x, point in zip(middles, way, strict=True) if point is None]
        for x in gaps:
            figure(canvas, chart, index, (x, bottom + LANE - 4), None, "middle", min(FIGURES, slot))
        bottom += LANE * bool(gaps)
    for index, way in enumerate(points):
        for point in filter(None, way):
            mark(canvas, chart, index, point, 9)
    for index, value, at in _beside(chart, points, (left, axis.start)):
        figure(canvas, chart, index, at, value, "middle")
    return _categories(canvas, chart, left, bottom)


def _needed(chart: Chart) -> float:
    """How broad a column must be for the figure above it."""
    return widest([chart.written(value) for value in (*chart.figures, None)], FIGURES) + 6


def _left(chart: Chart) -> float:
    return EDGE + widest([chart.written(tick) for tick in nice_ticks(chart.figures)], FIGURES) + 16


def _slot(chart: Chart, left: float) -> float:
    return (WIDTH - EDGE - left) / len(chart.categories)


def _plot(canvas: Canvas, chart: Chart, y: float) -> tuple[Axis, float]:
    """Grid and ticks from `y` down; answers the axis of values and where the categories begin."""
    left = _left(chart)
    axis = Axis(nice_ticks(chart.figures), y + 36 + PLOT, y + 36)
    for tick in axis.ticks:
        at = axis.at(tick)
        canvas.line([(left, at), (WIDTH - EDGE, at)], GREY if tick == 0 else GRID, 2)
        canvas.text(left - 14, at + 10, chart.written(tick), FIGURES, fill=GREY, anchor="end")
    return axis, left


def _categories(canvas: Canvas, chart: Chart, left: float, y: float) -> float:
    """The names of the categories from `y` down, only every second or third where they are narrow."""
    slot = _slot(chart, left)
    every = math.ceil(min(widest(chart.categories, FIGURES) + 10, 200) / slot)
    for index in range(0, len(chart.categories), every):
        x, half = left + slot * (index + 0.5), (slot * every - 10) / 2
        room = 2 * min(half, WIDTH - EDGE / 2 - x, x - EDGE / 2)
        canvas.text(
            x, y + 44, shortened(chart.categories[index], FIGURES, room), FIGURES, fill=INK, anchor="middle"
        )
    return y + 56


def _beside(
    chart: Chart, points: Sequence[Sequence[tuple[float, float] | None]], corner: tuple[float, float]
) -> Iterator[tuple[int, float | None, tuple[float, float]]]:
    """Series, value and position of the figures that find room above or below their points.

    None reaches over the ticks or the categories, which meet in the `corner`. The last figure of each line is
    placed first, then the others from the largest down.
    """
    known = [
        (index, place, point)
        for index, way in enumerate(points)
        for place, point in enumerate(way)
        if point is not None
    ]
    figures, last = chart.drawn, {index: place for index, place, _ in known}
    taken: list[Box] = [(x - 11, y - 11, x + 11, y + 11) for *_, (x, y) in known]
    for index, place, (x, y) in sorted(known, key=lambda each: (each[1] != last[each[0]], each[2][1])):
        if len(known) > SPARSE and place != last[index]:
            continue
        value = figures[index][place]
        half = text_width(chart.written(value), FIGURES) / 2
        for line in (y - 18, y + 40):
            box = (x - half - 3, line - FIGURES, x + half + 3, line + 6)
            inside = corner[0] - 8 <= box[0] and box[2] <= WIDTH - 8 and box[3] <= corner[1]
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                yield index, value, (x, line)
                break


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
