"""Charts: every figure and word stands in the picture, nothing overlaps, and what is not known is a gap."""

from __future__ import annotations

import re
import struct
from xml.etree import ElementTree

import pytest
import resvg_py

from bot.render.charts import MOST, Chart, ChartTooLong, Kind, Series, svg_of, ticks
from bot.render.pictures import FontMissing, PictureInvalid, font_file, png, text_width

TOWNS = ("三封寺镇", "田家湖生态新区", "治河渡镇", "北景港镇", "新河乡")
SVG = "{http://www.w3.org/2000/svg}"


def chart(kind: Kind = "bars", *values: float | None, names: tuple[str, ...] = TOWNS) -> Chart:
    found = values or (187, 121, None, 0, 337)
    other = tuple(None if value is None else value + 3 for value in found)
    series = (Series("户数", found), Series("上月", other, "#c0392b"))
    return Chart("各乡镇户数", kind, names, series, "截至6月30日", "户", "注：按户计。", "还没有记录")


def texts(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def words(svg: str) -> list[str]:
    return [each.text or "" for each in texts(svg)]


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines"])
def test_title_words_and_legend_stand_in_the_picture(kind: Kind) -> None:
    said = words(svg_of(chart(kind)))
    assert {"各乡镇户数", "截至6月30日 (户)", "注：按户计。", "户数", "上月"} <= set(said)
    shown = [name for name in TOWNS if any(name[:2] in each for each in said)]
    assert shown == list(TOWNS[:: 2 if kind == "lines" else 1]), "of long names under a line every other one"


def test_every_figure_stands_at_its_bar_and_an_unknown_one_is_a_dash() -> None:
    said = words(svg_of(chart("bars")))
    for figure in ("187", "121", "337", "190", "124", "3", "340"):
        assert figure in said
    assert said.count("—") == 2
    assert said.count("0") == 1, "a true zero is a zero"


def test_a_stack_bears_the_sum_of_what_is_known() -> None:
    said = words(svg_of(chart("stacked")))
    assert {"377", "245", "677"} <= set(said)
    assert said.count("—") == 1


def test_a_line_is_broken_where_nothing_is_known() -> None:
    root = ElementTree.fromstring(svg_of(chart("lines", 1, 2, None, 4, 5)))
    ways = [each for each in root.iter(f"{SVG}polyline") if each.get("stroke-width") == "6"]
    assert len(ways) == 2 * 2, "from 1 to 2 and from 4 to 5, twice"
    assert len(list(root.iter(f"{SVG}polygon"))) == 2 * 4


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines"])
@pytest.mark.parametrize(
    "names",
    [TOWNS, tuple(f"一个名字特别特别长的行政村{at}号" for at in range(5)), ("甲", "乙", "丙", "丁", "戊")],
)
def test_words_stay_on_the_page_and_off_one_another(kind: Kind, names: tuple[str, ...]) -> None:
    svg = svg_of(chart(kind, names=names))
    width, height = map(float, re.findall(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)[0])
    boxes = []
    for each in texts(svg):
        size, x, y = (float(each.get(name, "0")) for name in ("font-size", "x", "y"))
        wide = text_width(each.text or "", size)
        left = x - wide * {"end": 1, "middle": 0.5}.get(each.get("text-anchor", ""), 0)
        assert left >= -1
        assert left + wide <= width + 1, each.text
        assert size <= y <= height
        boxes.append((left, y - size * 0.75, left + wide, y, each.text))
    for at, (a, b, c, d, text) in enumerate(boxes):
        for e, f, g, h, other in boxes[at + 1 :]:
            assert c <= e + 1 or g <= a + 1 or d <= f + 1 or h <= b + 1, (text, other)


def test_nothing_to_show_is_said() -> None:
    assert "还没有记录" in words(svg_of(chart("bars", None, None, None, None, None)))
    assert "还没有记录" in words(svg_of(Chart("没有", "lines", (), (), empty="还没有记录")))


def test_only_zeros_are_no_emptiness() -> None:
    for kind in ("bars", "stacked", "lines"):
        zeros = Chart("零", kind, ("甲",), (Series("户", (0,)),), empty="还没有记录")
        assert "还没有记录" not in words(svg_of(zeros))


def test_words_cannot_break_the_picture() -> None:
    bad = Chart("<script>&\"'\x00", "bars", ("<b>",), (Series("&", (1,)),))
    assert "<b>" in words(svg_of(bad))


def test_too_many_categories_are_refused() -> None:
    names = tuple(f"{at}村" for at in range(MOST + 1))
    with pytest.raises(ChartTooLong, match=f"room for {MOST} categories and not for {MOST + 1}"):
        svg_of(Chart("多", "bars", names, (Series("户", (1,) * len(names)),)))


@pytest.mark.parametrize(
    ("highest", "wanted"),
    [(0, [0, 1]), (1, [0, 0.5, 1]), (7, [0, 2, 4, 6, 8]), (1215, [0, 500, 1000, 1500]), (4, [0, 1, 2, 3, 4])],
)
def test_ticks_are_round_and_reach_the_highest(highest: float, wanted: list[float]) -> None:
    assert ticks(highest) == wanted


def test_a_picture_is_a_png_of_that_width_and_always_the_same() -> None:
    drawn = png(svg_of(chart()), width=540)
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", drawn[16:20])[0] == 540
    assert png(svg_of(chart()), width=540) == drawn


def test_chinese_is_drawn_with_the_packaged_font_and_no_other() -> None:
    svg = svg_of(chart())
    nothing = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=540, font_files=[], skip_system_fonts=True))
    blank = svg_of(Chart(" ", "bars", (), ()))
    assert png(svg, width=540) != nothing
    glyph = png(blank.replace("</svg>", '<text x="9" y="99" font-size="90">龘</text></svg>'), width=540)
    assert glyph != png(blank, width=540)


def test_without_its_font_nothing_is_drawn_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.render.pictures.PACKAGE", "no_such_package")
    font_file.cache_clear()
    with pytest.raises(FontMissing, match="NotoSansSC"):
        png(svg_of(chart()), width=540)
    font_file.cache_clear()


def test_what_is_no_picture_is_an_error() -> None:
    for svg, width in (("no picture", 540), (svg_of(chart()), 0), (svg_of(chart()), 99_999)):
        with pytest.raises(PictureInvalid):
            png(svg, width=width)
