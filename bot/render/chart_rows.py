"""Charts that lie: horizontal bars and stacks, a row for each category."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from bot.render.chart_sheet import EDGE, FIGURES, GREY, GRID, INK, WIDTH, WORDS, figure, mark, widest
from bot.render.chart_view import Axis, Chart, nice_ticks, on
from bot.render.pictures import Canvas, text_width, wrapped

LABELS: Final = 300
"""The labels take so much of the width at most."""
BEHIND: Final = 330
"""So much room take the figures behind a stack at most."""


def _labels(chart: Chart) -> tuple[float, list[list[str]]]:
    """How wide the column of labels is, and the lines of each label."""
    column = min(widest(chart.categories, WORDS), LABELS)
    return column, [wrapped(each, WORDS, column, 2) for each in chart.categories]


def _plot_rows(canvas: Canvas, axis: Axis, chart: Chart, y: float, heights: Sequence[float]) -> float:
    """Grid and ticks below rows of these heights; answers where the ticks end."""
    bottom = y + sum(heights)
    written = [chart.written(tick) for tick in axis.ticks]
    gap = abs(axis.end - axis.start) / (len(written) - 1)
    every, zero = math.ceil((widest(written, FIGURES) + 16) / gap), axis.ticks.index(0)
    for index, (tick, words) in enumerate(zip(axis.ticks, written, strict=True)):
        x = axis.at(tick)
        canvas.line([(x, y), (x, bottom)], GREY if tick == 0 else GRID, 2)
        if (index - zero) % every == 0:
            canvas.text(x, bottom + 38, words, FIGURES, fill=GREY, anchor="middle")
    return bottom + 46


def _label(canvas: Canvas, lines: Sequence[str], right: float, middle: float) -> None:
    top = middle + 11 - (len(lines) - 1) * WORDS * 1.2 / 2
    for index, line in enumerate(lines):
        canvas.text(right, top + index * WORDS * 1.2, line, WORDS, fill=INK, anchor="end")


def rows(canvas: Canvas, chart: Chart, y: float) -> float:
    """A row for each category, its bars one under the other."""
    column, labels = _labels(chart)
    room = widest([chart.written(value) for value in (*chart.figures, None)], FIGURES) + 20
    left = EDGE + column + 20 + room * (min(chart.figures) < 0)
    axis = Axis(nice_ticks(chart.figures), left, WIDTH - EDGE - room)
    thick = 40 if len(chart.series) == 1 else 34
    heights = [max(len(chart.series) * thick, len(lines) * WORDS * 1.2) + 24 for lines in labels]
    end = _plot_rows(canvas, axis, chart, y, heights)
    for category, (lines, height) in enumerate(zip(labels, heights, strict=True)):
        _label(canvas, lines, EDGE + column, y + height / 2)
        top = y + (height - len(chart.series) * thick) / 2
        for index, value in enumerate(chart.row(category)):
            zero, to = axis.at(0), axis.at(value or 0)
            canvas.rect(
                min(zero, to), top + index * thick + 2, abs(to - zero), thick - 4, chart.colours[index]
            )
            below = (value or 0) < 0
            at = to + (-10 if below else 10), top + (index + 0.5) * thick + 10
            figure(canvas, chart, index, at, value, "end" if below else "start")
        y += height
    return end


def stacks(canvas: Canvas, chart: Chart, y: float) -> float:
    """A row for each category, its parts one behind the other, then the total."""
    column, labels = _labels(chart)
    left, room, rows = EDGE + column + 20, 0.0, [chart.row(index) for index in range(len(labels))]
    ticks = nice_ticks([math.fsum(value or 0 for value in row) for row in rows] if rows else [0.0])
    while True:  # the more room the figures behind need, the fewer fit inside: until nothing changes
        axis = Axis(ticks, left, WIDTH - EDGE - room)
        behind = [list(_behind(chart, axis, row)) for row in rows]
        need = max(sum(width for *_, width in each) + 10 for each in behind)
        if need <= room:
            break
        room = need
    heights = [max(44, len(lines) * WORDS * 1.2) + 20 for lines in labels]
    end = _plot_rows(canvas, axis, chart, y, heights)
    for row, lines, height, after in zip(rows, labels, heights, behind, strict=True):
        middle = y + height / 2
        _label(canvas, lines, EDGE + column, middle)
        _parts(canvas, chart, axis, row, middle)
        x = axis.at(math.fsum(value or 0 for value in row)) + 10
        for series, words, width in after:
            if series is not None:
                mark(canvas, chart, series, (x + 10, middle), 10)
            weight = 700 if series is None else 400
            canvas.text(
                x + 26 * (series is not None), middle + 10, words, FIGURES, fill=INK, weight=weight, halo=True
            )
            x += width
        y += height
    return end


def _parts(canvas: Canvas, chart: Chart, axis: Axis, row: Sequence[float | None], middle: float) -> None:
    """The parts of one stack, with the figures that fit inside."""
    reached = 0.0
    for colour, value in zip(chart.colours, row, strict=True):
        if not value:
            continue
        x, end = axis.at(reached), axis.at(reached + value)
        canvas.rect(x, middle - 22, max(end - x - 2, 1), 44, colour)
        if _inside(chart, axis, value):
            words = chart.written(value)
            canvas.text((x + end) / 2 - 1, middle + 10, words, FIGURES, fill=on(colour, INK), anchor="middle")
        reached += value


def _inside(chart: Chart, axis: Axis, value: float) -> bool:
    return text_width(chart.written(value), FIGURES) + 6 <= axis.at(value) - axis.at(0)


def _behind(chart: Chart, axis: Axis, row: Sequence[float | None]) -> Iterator[tuple[int | None, str, float]]:
    """What stands behind a stack: series (None: the total), words and width.

    The total, when every part is known; then the parts that have no figure or are too narrow for it.
    """
    used = 0.0
    if all(value is None for value in row):
        yield None, chart.written(None), text_width(chart.written(None), FIGURES)
        return
    if None not in row:
        words = chart.written(math.fsum(value or 0 for value in row))
        used = text_width(words, FIGURES) + 22
        yield None, words, used
    for index, value in enumerate(row):
        if value == 0 or (value is not None and _inside(chart, axis, value)):
            continue
        words = chart.written(value)
        width = 26 + text_width(words, FIGURES) + 18
        if used + width <= BEHIND:
            used += width
            yield index, words, width
