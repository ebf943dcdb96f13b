"""Charts to read on a phone, as SVG: bars, stacked bars and lines, with their figures beside them."""

from __future__ import annotations

import math

from bot.render.chart_plots import columns, lines, upright
from bot.render.chart_rows import rows, stacks
from bot.render.chart_sheet import EDGE, FIGURES, GREY, WIDTH, WORDS, head, paragraph
from bot.render.chart_view import CARDS, MOST_CATEGORIES, PALETTE, Chart, Kind, Series
from bot.render.pictures import Canvas, wrapped

__all__ = ["CARDS", "MOST_CATEGORIES", "PALETTE", "WIDTH", "Chart", "Kind", "Series", "chart_svg"]


def chart_svg(chart: Chart) -> str:
    """The chart as an SVG text, 1080 units wide and as high as it needs; same chart, same text.

    Bars stand when their labels are short and few, and lie otherwise. A missing figure is a dash, never 0.
    """
    canvas = Canvas(WIDTH)
    y = head(canvas, chart)
    if not chart.figures:
        y = _empty(canvas, chart, y)
    elif chart.kind == "stacked":
        y = stacks(canvas, chart, y)
    elif chart.kind == "lines":
        y = lines(canvas, chart, y)
    elif upright(chart):
        y = columns(canvas, chart, y)
    else:
        y = rows(canvas, chart, y)
    y = paragraph(canvas, y + 16, chart.note, FIGURES, GREY, 4)
    return canvas.svg(math.ceil(y + EDGE - 12), chart.title)


def _empty(canvas: Canvas, chart: Chart, y: float) -> float:
    """The words for a chart without any figure, in place of the plot."""
    said = wrapped(chart.empty, WORDS, WIDTH - 4 * EDGE, 3)
    canvas.rect(EDGE, y, WIDTH - 2 * EDGE, 240, "#f4f4f4")
    for index, line in enumerate(said):
        middle = y + 130 + (index - (len(said) - 1) / 2) * WORDS * 1.4
        canvas.text(WIDTH / 2, middle, line, WORDS, fill=GREY, anchor="middle")
    return y + 240
