"""Charts and pictures: what stands where, that nothing covers anything, and that Chinese is really drawn."""

from __future__ import annotations

import itertools
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import HubangError
from bot.render import pictures
from bot.render.chart_view import Axis, ink, nice_ticks, on
from bot.render.charts import CARDS, MOST_CATEGORIES, PALETTE, WIDTH, Chart, Series, chart_svg
from bot.render.pictures import (
    Canvas,
    FontMissing,
    PictureInvalid,
    broken,
    png,
    shortened,
    text_width,
    wrapped,
)

SVG = "{http://www.w3.org/2000/svg}"
DASH = "—"
MONTHS = tuple(f"{month}月" for month in range(1, 13))
TOWNS = (
    "章华镇", "三封寺镇", "治河渡镇", "北景港镇", "鲇鱼须镇", "万庾镇", "插旗镇", "注滋口镇",
    "操军镇", "东山镇", "梅田湖镇", "新河乡", "团洲乡", "禹山镇", "终南乡",
)  # fmt: skip
LONG = "湖南省岳阳市华容县三封寺镇升子铺社区居民委员会第十二村民小组"


def chart(kind: str = "bars", **changes: Any) -> Chart:
    plain: dict[str, Any] = {
        "title": "各乡镇已走访户数",
        "subtitle": "截至2020年4月20日",
        "kind": kind,
        "categories": ("一村", "二村", "三村"),
        "series": (Series("户数", (3, 1, 2)),),
        "unit": "单位：户",
        "empty": "没有数字",
    }
    return Chart(**(plain | changes))


def cards(*rows: tuple[float | None, float | None, float | None, float | None]) -> tuple[Series, ...]:
    names = {"红卡": "red", "黄卡": "yellow", "蓝卡": "blue", "绿卡": "green"}
    columns = zip(*rows, strict=True)
    return tuple(
        Series(name, tuple(column), CARDS[colour])
        for (name, colour), column in zip(names.items(), columns, strict=True)
    )


STACK = chart(
    "stacked",
    categories=("毛家巷村", "华一村", "莲花堰村", "无数村", "半数村"),
    series=cards((1, 5, 12, 160), (40, 30, 20, 22), (0, 0, 0, 0), (None,) * 4, (3, None, 0, 40)),
)
GALLERY = {
    "fifteen townships": chart(
        categories=TOWNS,
        series=(Series("", (128, 96, 77, None, 54, 203, 41, 36, 88, 72, 15, 0, 9, 61, 33)),),
        note="“—”表示没有上报数字。",
    ),
    "four cards": STACK,
    "a line with gaps": chart(
        "lines",
        categories=MONTHS,
        series=(Series("次", (12, 30, None, 44, 51, 38, 0, 20, None, None, 72, 66)),),
    ),
    "three lines": chart(
        "lines",
        categories=MONTHS,
        series=tuple(
            Series(name, tuple((place * step) % 97 + 0.5 if place % 5 else None for place in range(12)))
            for name, step in (("红卡", 31), ("黄卡", 29), ("绿卡", 30))
        ),
        unit="%",
    ),
    "eight lines over a month": chart(
        "lines",
        categories=tuple(f"4月{day}日" for day in range(1, 31)),
        series=tuple(
            Series(f"系列{k}", tuple(day * 7 * (k + 2) % 53 for day in range(30))) for k in range(8)
        ),
    ),
    "one village": chart(categories=("毛家巷村",), series=(Series("红卡户", (7,)),)),
    "long figures in two columns": chart(
        categories=("",), series=(Series("", (931.5,)), Series("", (1001.5,))), unit="%"
    ),
    "zeros": chart(series=(Series("红卡户", (0, 0, 0)), Series("黄卡户", (0, None, 0)))),
    "changes": chart(categories=MONTHS[:6], series=(Series("变化", (3, -2, 0, None, 5, -7)),)),
    "long words": chart(
        title=LONG * 3,
        subtitle=LONG * 5,
        categories=(LONG, "A label in English that goes on and on", "短"),
        series=(Series(LONG, (1234567.891, 0.5, -20)), Series("<另>&\"名\"", (20000, None, 5))),
        unit=LONG,
        note=LONG * 9,
    ),
    "rare characters": chart(title="龘䶮㐱", categories=("龘村", "䶮村", "㐱村")),
    "the largest": chart(
        categories=tuple(f"第{place}村" for place in range(30)),
        series=tuple(Series(f"系列{k}", tuple(range(k, k + 30))) for k in range(8)),
    ),
    "empty": chart(series=(Series("户数", (None, None, None)),)),
}  # fmt: skip


# ---------------------------------------------------------------- reading what is drawn


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right and bottom of each text."""
    found = []
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        size, x, y = (float(text.attrib[name]) for name in ("font-size", "x", "y"))
        width = float(text.get("textLength", text_width(text.text or "", size)))
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor", "start")]
        found.append((left, y - 0.88 * size, left + width, y + 0.12 * size, text.text or ""))
    return found


def misplaced(svg: str) -> list[str]:
    """What reaches over the page or over other words."""
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    all_boxes = boxes(svg)
    outside = [
        words
        for left, top, right, bottom, words in all_boxes
        if left < 0 or top < 0 or right > width or bottom > height
    ]
    covered = [
        f"{one[4]} / {other[4]}"
        for one, other in itertools.combinations(all_boxes, 2)
        if one[0] < other[2] - 0.5 and other[0] < one[2] - 0.5
        and one[1] < other[3] - 0.5 and other[1] < one[3] - 0.5
    ]  # fmt: skip
    bars = [
        str(rect.attrib)
        for rect in root.iter(f"{SVG}rect")
        if float(rect.attrib["width"]) < 0
        or float(rect.attrib["height"]) < 0
        or float(rect.get("x", 0)) + float(rect.attrib["width"]) > width
        or float(rect.get("y", 0)) + float(rect.attrib["height"]) > height
    ]
    return outside + covered + bars


def bars(svg: str, colour: str, *, high: float = 0) -> list[tuple[float, float]]:
    """Width and height of the rectangles of a colour, without the sign in the legend."""
    return [
        (float(rect.attrib["width"]), float(rect.attrib["height"]))
        for rect in list(ElementTree.fromstring(svg).iter(f"{SVG}rect"))
        if rect.attrib["fill"] == colour and float(rect.attrib["height"]) > high
        and rect.attrib["width"] not in ("20", "24")
    ]  # fmt: skip


def pixels(picture: bytes) -> np.ndarray[Any, Any]:
    """The PNG (8 bits, RGBA, not interlaced) as an array, height by width by 4."""
    width, height, depth, colour, *_, interlaced = struct.unpack(">IIBBBBB", picture[16:29])
    assert (depth, colour, interlaced) == (8, 6, 0)
    data, place = b"", 8
    while place < len(picture):
        size, kind = struct.unpack(">I4s", picture[place : place + 8])
        data += picture[place + 8 : place + 8 + size] * (kind == b"IDAT")
        place += size + 12
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 4 * width).astype(int)
    drawn = np.zeros((height + 1, 4 * (width + 1)), int)
    for index, (filtered, row) in enumerate(zip(rows[:, 0], rows[:, 1:], strict=True), 1):
        above, line = drawn[index - 1], drawn[index]
        for x in range(4, 4 * (width + 1)):
            left, up, corner = line[x - 4], above[x], above[x - 4]
            near = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
            line[x] = (row[x - 4] + (0, left, up, (left + up) // 2, near)[filtered]) % 256
    return drawn[1:, 4:].reshape(height, width, 4)


def drawn(text: str, weight: int = 400, size: int = 24, width: int = 160) -> np.ndarray[Any, Any]:
    canvas = Canvas(width)
    canvas.text(10, 30, text, size, fill="#000000", weight=weight)
    return pixels(png(canvas.svg(40, ""), width=width))[:, :, 0]


# ---------------------------------------------------------------- the gallery


@pytest.mark.parametrize("name", GALLERY)
def test_nothing_covers_anything_or_leaves_the_page(name: str) -> None:
    svg = chart_svg(GALLERY[name])
    assert misplaced(svg) == []
    assert ElementTree.fromstring(svg).attrib["width"] == str(WIDTH)


@pytest.mark.parametrize("name", GALLERY)
def test_the_same_chart_gives_the_same_picture(name: str) -> None:
    svg = chart_svg(GALLERY[name])
    assert svg == chart_svg(replace(GALLERY[name]))
    picture = png(svg, width=540)
    assert picture == png(svg, width=540)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == (
        540,
        pytest.approx(float(ElementTree.fromstring(svg).attrib["height"]) / 2, abs=1),
    )


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    kind = draw(st.sampled_from(["bars", "stacked", "lines"]))
    text = st.text("村卡（，。A1 %—龘", max_size=40)
    low = 0 if kind == "stacked" else draw(st.sampled_from([0, -900]))
    whole = st.integers(low, draw(st.sampled_from([1, 30, 20_000, 999_999_999_999])))
    figure = st.none() | whole | st.floats(low, 5000)
    categories = tuple(draw(st.lists(text, max_size=MOST_CATEGORIES)))
    series = tuple(
        Series(draw(text), tuple(draw(figure) for _ in categories)) for _ in range(draw(st.integers(0, 8)))
    )
    unit = draw(st.sampled_from(["%", "户", ""]))
    return Chart(draw(text), draw(text), kind, categories, series, unit, draw(text), draw(text))  # type: ignore[arg-type]


@settings(max_examples=2000)
@given(charts())
def test_whatever_the_figures_nothing_covers_anything(given_chart: Chart) -> None:
    assert misplaced(chart_svg(given_chart)) == []


# ---------------------------------------------------------------- what is said


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines"])
def test_a_missing_figure_is_a_dash_and_zero_is_zero(kind: str) -> None:
    said = words(chart_svg(chart(kind, series=(Series("户数", (7, None, 0)),))))
    assert said.count(DASH) == 1
    assert said.count("0") == 2  # one on the axis
    said = words(chart_svg(chart(kind, series=(Series("户数", (7, 3, 1)),))))
    assert DASH not in said
    assert said.count("0") == 1


def test_a_missing_figure_has_no_bar() -> None:
    svg = chart_svg(chart(series=(Series("户数", (7, None, 3)),)))
    heights = [height for _, height in bars(svg, PALETTE[0]) if height]
    assert len(heights) == 2
    assert heights[0] / heights[1] == pytest.approx(7 / 3, abs=0.01)


def test_a_line_is_broken_where_a_figure_is_missing() -> None:
    svg = chart_svg(GALLERY["a line with gaps"])
    lines = [line.attrib for line in ElementTree.fromstring(svg).iter(f"{SVG}polyline")]
    runs = [len(line["points"].split()) for line in lines if line["stroke"] == PALETTE[0]]
    assert runs == [2, 5, 2]
    assert words(svg).count(DASH) == 3
    assert {"12", "30", "44", "51", "38", "72", "66"} <= set(words(svg))


def test_every_line_has_its_own_shape() -> None:
    root = ElementTree.fromstring(chart_svg(GALLERY["three lines"]))
    shapes: dict[str, set[int]] = {}
    for mark in root.iter(f"{SVG}polygon"):
        shapes.setdefault(mark.attrib["fill"], set()).add(len(mark.attrib["points"].split()))
    assert [shapes[colour] for colour in PALETTE[:3]] == [{16}, {4}, {3}]


def test_labels_stand_when_short_and_lie_when_long() -> None:
    standing = bars(chart_svg(chart()), PALETTE[0])
    assert len({width for width, _ in standing}) == 1
    lying = bars(chart_svg(chart(categories=(LONG, "二村", "三村"))), PALETTE[0])
    assert len({height for _, height in lying}) == 1
    assert [width / lying[1][0] for width, _ in lying] == pytest.approx([3, 1, 2], abs=0.01)
    assert any(text.endswith("…") for text in words(chart_svg(chart(categories=(LONG, "二村", "三村")))))


def test_more_categories_make_a_higher_chart() -> None:
    heights = [
        float(ElementTree.fromstring(chart_svg(chart(
            categories=TOWNS[:count], series=(Series("户数", tuple(range(count))),)
        ))).attrib["height"])
        for count in (12, 13, 15)
    ]  # fmt: skip
    assert heights == sorted(set(heights))


def test_the_parts_of_a_stack_are_as_wide_as_their_figures() -> None:
    svg = chart_svg(STACK)
    known = {name: [width for width, _ in bars(svg, colour, high=40)] for name, colour in CARDS.items()}
    assert {name: len(widths) for name, widths in known.items()} == {
        "red": 3, "yellow": 2, "blue": 2, "green": 3,
    }  # fmt: skip
    assert (known["green"][0] + 2) / (known["red"][1] + 2) == pytest.approx(160 / 40, abs=0.02)


def test_a_stack_has_its_total_only_when_every_part_is_known() -> None:
    bold = {
        text.text
        for text in ElementTree.fromstring(chart_svg(STACK)).iter(f"{SVG}text")
        if text.get("font-weight") == "700"
    }
    assert bold == {STACK.title, "178", "112", "0", DASH}
    assert "43" not in words(chart_svg(STACK))
    assert words(chart_svg(STACK)).count(DASH) == 2


def test_a_part_too_narrow_for_its_figure_has_it_behind_the_stack() -> None:
    row = chart("stacked", categories=("毛家巷村",), series=cards((1, 5, 12, 160)))
    svg = chart_svg(row)
    places = {text: left for left, *_, text in boxes(svg)}
    assert places["12"] < places["160"] < places["178"] < places["1"] < places["5"]


def test_a_chart_without_figures_says_so() -> None:
    for nothing in (GALLERY["empty"], chart(categories=(), series=()), chart(series=())):
        said = words(chart_svg(nothing))
        assert "没有数字" in said
        assert DASH not in said
        assert bars(chart_svg(nothing), PALETTE[0]) == []


def test_title_legend_unit_and_note_are_said() -> None:
    said = words(chart_svg(replace(STACK, note="说明")))
    assert {STACK.title, STACK.subtitle, "单位：户", "红卡", "黄卡", "蓝卡", "绿卡", "说明"} <= set(said)
    assert set(STACK.categories) <= set(said)


def test_a_figure_is_drawn_as_it_is_written() -> None:
    svg = chart_svg(chart(series=(Series("", (-0.001, 0.004, 2.5)),)))
    assert misplaced(svg) == []
    assert sum(text == "0" for text in words(svg)) == 3
    assert len(bars(svg, PALETTE[0])) == 1


def test_percent_stands_behind_each_figure() -> None:
    said = words(chart_svg(chart(unit="%", series=(Series("完成率", (97.5, 100, None)),))))
    assert {"97.5%", "100%", DASH, "0%"} <= set(said)


def test_words_are_escaped() -> None:
    name = "<村>&\"'\x00\x0b"
    svg = chart_svg(chart(title=name, categories=(name, "二", "三"), series=(Series(name, (1, 2, 3)),)))
    assert words(svg).count("<村>&\"'") == 3
    assert ElementTree.fromstring(svg).attrib["aria-label"] == "<村>&\"'"


def test_colours_are_the_callers() -> None:
    own = chart(series=(Series("红卡", (1, 2, 3), "#b3202c"),))
    assert len(bars(chart_svg(own), "#b3202c")) == 3
    assert len({each.lower() for each in PALETTE}) == len(PALETTE)


@pytest.mark.parametrize(
    "changes",
    [
        {"categories": ("村",) * 31, "series": (Series("", (1,) * 31),)},
        {"series": (Series("", (1, 2)),)},
        {"series": (Series("", (1, 2, 3)),) * 9},
        {"series": (Series("", (1, 2, float("nan"))),)},
        {"series": (Series("", (1, 2, 1e12)),)},
        {"series": (Series("", (1, 2, 3), 'red"/>'),)},
        {"series": (Series("", (1, 2, 3), ""),)},
        {"kind": "pie"},
        {"kind": "stacked", "series": (Series("", (1, -2, 3)),)},
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        chart(**({"kind": "bars"} | changes))


# ---------------------------------------------------------------- axes and colours


@given(st.lists(st.floats(-1e9, 1e9).map(lambda figure: round(figure, 2)), max_size=9), st.booleans())
@settings(max_examples=5000)
def test_ticks_are_round_and_enclose_the_figures(figures: list[float], whole: bool) -> None:
    if whole:
        figures = [float(round(figure)) for figure in figures]
    ticks = nice_ticks(figures)
    assert 2 <= len(ticks) <= 8
    assert 0 in ticks
    hair = 1e-6 * (ticks[1] - ticks[0])
    assert ticks[0] <= min([0.0, *figures]) + hair
    assert ticks[-1] >= max([0.0, *figures]) - hair
    step = f"{ticks[1] - ticks[0]:.6e}"
    assert re.match(r"(1|2|5)\.000000e", step)
    assert not whole or all(tick == round(tick) for tick in ticks)


def test_an_axis_lays_zero_and_the_last_tick_on_its_ends() -> None:
    axis = Axis((0, 50, 100), 700, 100)
    assert [axis.at(0), axis.at(50), axis.at(100)] == [700, 400, 100]


@pytest.mark.parametrize("colour", [*PALETTE, *CARDS.values(), "#ffffff", "#ffff00"])
def test_words_are_readable_in_and_on_every_colour(colour: str) -> None:
    def light(of: str) -> float:
        parts = [int(of[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) + 0.05

    assert 1.05 / light(ink(colour)) >= 4.4
    upon = on(colour, "#222222")
    pale, dark = sorted((light(upon), light(colour)), reverse=True)
    assert pale / dark >= 3.9


# ---------------------------------------------------------------- the font


def test_chinese_is_drawn_with_the_packaged_font() -> None:
    canvas = Canvas(160)
    canvas.text(10, 30, "龘䶮㐱红卡", 24, fill="#000000")
    svg = canvas.svg(40, "")
    without = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=160, font_files=[], skip_system_fonts=True))
    assert (pixels(without)[:, :, :3] == 255).all()
    ink_of = 255 - pixels(png(svg, width=160))[:, :, 0]
    shapes = [ink_of[:, 10 + 24 * place : 34 + 24 * place] for place in range(5)]
    assert all((shape > 128).sum() > 40 for shape in shapes)
    assert all((one != other).any() for one, other in itertools.combinations(shapes, 2))


def test_bold_is_bolder() -> None:
    weights = [int((255 - drawn("风险分布", weight)).sum()) for weight in (400, 500, 700)]
    assert weights == sorted(set(weights))


@pytest.mark.parametrize(
    "text",
    [
        "红卡户，“说明”。",
        "WMmw%@&",
        "ABCDEFGHKNOPQRSU",
        "abcdeghknopquvxyz",
        "0123456789",
        "ijl.,:;/|()[]{}f rt-",
    ],
)
@pytest.mark.parametrize("weight", [400, 700])
def test_words_are_not_wider_than_reckoned(text: str, weight: int) -> None:
    inked = np.flatnonzero((drawn(text, weight, 20, 360) < 200).any(axis=0))
    assert inked.max() <= 10 + text_width(text, 20)
    assert inked.max() >= 10 + text_width(text, 20) * 0.55


def test_a_missing_font_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FONT", ("fonts", "nowhere.ttf")), ("PACKAGE", "no_such_package_here")):
        with monkeypatch.context() as changed:
            changed.setattr(pictures, name, value)
            pictures.font_file.cache_clear()
            with pytest.raises(FontMissing, match=value[-1] if name == "FONT" else "no-such-package-here"):
                png("<svg/>", width=10)
    pictures.font_file.cache_clear()
    assert Path(pictures.font_file()).is_file()
    assert pictures.font_file() is pictures.font_file()


@pytest.mark.parametrize("width", [0, -1, 10_001])
def test_a_width_that_is_none_is_refused(width: int) -> None:
    with pytest.raises(PictureInvalid):
        png(chart_svg(chart()), width=width)


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(HubangError, match="cannot be drawn"):
        png("no picture", width=100)


# ---------------------------------------------------------------- words in lines


@given(st.text("村户，。、；：）”（“《》—…A1. %", max_size=80), st.integers(8, 20))
def test_lines_are_broken_as_chinese_is_set(text: str, ems: int) -> None:
    lines = broken(text, 10, ems * 10)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert line == line.strip() != ""
        assert len(line) == 1 or text_width(line, 10) <= ems * 10


def test_closing_marks_begin_no_line_and_opening_marks_end_none() -> None:
    text = "县里说：“红卡户（含边缘户）每月走访，黄卡户每季度走访；《办法》第3.5条、第12条另有规定！”——完……"
    for ems in range(6, 30):
        lines = broken(text, 10, ems * 10)
        assert [line for line in lines if line[0] in "。，、；：！）”》…"] == []
        assert [line for line in lines if line[-1] in "（“《"] == []
        assert any("——" in line for line in lines)
        assert any("……" in line for line in lines)
        assert any("3.5" in line for line in lines)


def test_wrapped_and_shortened_words_fit() -> None:
    assert wrapped(LONG, 10, 100, 2) == [LONG[:10], LONG[10:19] + "…"]
    assert wrapped("短", 10, 100, 2) == ["短"]
    assert wrapped("", 10, 100, 2) == []
    assert shortened(LONG, 10, 50) == LONG[:4] + "…"
    assert shortened("短", 10, 50) == "短"
