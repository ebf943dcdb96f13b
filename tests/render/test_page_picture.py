"""The first page of a paper as a picture: the grid of an official document, and how its lines are broken."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.page_picture import EM, PITCH, PIXELS, first_page
from bot.render.pictures import png, text_width

SVG = "{http://www.w3.org/2000/svg}"
LEFT, RIGHT, TOP, BOTTOM = 280, 2100 - 260, 370, 2970 - 350
TITLE = "毛家巷村监测户帮扶计划"


@dataclass(frozen=True)
class Block:
    style: str
    text: str


@dataclass(frozen=True)
class Drawn:
    """One line as it stands: `start` and `end` are its left and right end."""

    words: str
    start: float
    end: float
    y: float
    size: float
    weight: str
    stretched: bool


PAPER = (
    Block("cover", "三封寺镇"),
    Block("heading1", "一、基本情况"),
    Block(
        "body",
        "户主要求：“每月（含节假日）走访一次，逐项登记；不得漏户……”县里核实2019年人均纯收入4200.50元。" * 2,
    ),
    Block("heading2", "（一）收入"),
    Block("heading3", "1.工资"),
    Block("heading4", "（1）务工"),
    Block("note", "注：户主口述。"),
    Block("signature", "毛家巷村"),
    Block("something else", "龘䶮㐱"),
)


def lines(title: str, *blocks: Block, footer: str = "") -> list[Drawn]:
    """All lines, the page number last (the footer before it)."""
    found = []
    for text in ElementTree.fromstring(first_page(title, blocks, footer=footer)).iter(f"{SVG}text"):
        size, x, words = float(text.attrib["font-size"]), float(text.attrib["x"]), text.text or ""
        width = float(text.get("textLength", text_width(words, size)))
        start = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor", "start")]
        found.append(
            Drawn(
                words, start, start + width, float(text.attrib["y"]), size,
                text.get("font-weight", "400"), "textLength" in text.attrib,
            )
        )  # fmt: skip
    return sorted(found, key=lambda line: (line.y, line.start))


def body(*blocks: Block) -> list[Drawn]:
    return [line for line in lines("", *blocks) if line.y < BOTTOM]


# ---------------------------------------------------------------- the page


def test_the_picture_is_a_page_of_a4() -> None:
    svg = first_page(TITLE, PAPER, footer="仅首页")
    assert svg == first_page(TITLE, PAPER, footer="仅首页")
    picture = png(svg, width=PIXELS)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == (1240, pytest.approx(1240 * 297 / 210, abs=1))
    assert picture == png(svg, width=PIXELS)


def test_every_line_stands_between_the_margins() -> None:
    drawn = [line for line in lines(TITLE, *PAPER) if line.y < BOTTOM]
    for line in drawn:
        assert line.start >= LEFT - 0.1
        assert line.end <= RIGHT + 0.1
        assert line.y - line.size * 0.9 >= TOP
        assert line.y + line.size * 0.15 <= BOTTOM
    assert all(after.y - line.y >= PITCH * 0.9 for line, after in pairwise(drawn))


def test_a_page_has_22_lines_of_28_characters() -> None:
    drawn = body(Block("body", "字" * 28 * 40))
    assert len(drawn) == 22
    assert len(drawn[0].words) == 26
    assert {len(line.words) for line in drawn[1:]} == {28}
    assert drawn[0].size == pytest.approx(EM, abs=0.01)
    assert drawn[0].size / (254 / 72) == pytest.approx(16, rel=0.02)
    assert drawn[0].start == pytest.approx(LEFT + 2 * EM, abs=0.01)
    assert drawn[1].start == LEFT
    assert {round(after.y - line.y, 1) for line, after in pairwise(drawn)} <= {102.2, 102.3}


def test_the_page_number_stands_at_the_outer_side() -> None:
    *_, note, number = lines(TITLE, *PAPER, footer="全文请看文件" * 20)
    assert number.words == "— 1 —"
    assert number.end == pytest.approx(RIGHT - EM, abs=0.1)
    assert number.y - number.size > BOTTOM
    assert note.words.startswith("全文请看文件")
    assert note.words.endswith("…")
    assert note.end < number.start
    assert [line.words for line in lines("", footer=" ")] == ["— 1 —"]


# ---------------------------------------------------------------- the styles


def test_the_title_is_large_bold_and_in_the_middle() -> None:
    first, *_ = lines(TITLE, *PAPER)
    assert (first.words, first.weight) == (TITLE, "700")
    assert first.size == pytest.approx(22 * 254 / 72, abs=0.01)
    assert (first.start + first.end) / 2 == pytest.approx((LEFT + RIGHT) / 2)


def test_below_the_title_a_line_is_free() -> None:
    title, after, *_ = lines(TITLE, Block("body", "正文"))
    assert after.y - title.y == pytest.approx(2 * PITCH, abs=10)


def test_a_block_that_repeats_the_title_is_said_once() -> None:
    said = [line.words for line in lines(TITLE, Block("title", f" {TITLE}"), Block("body", "正文"))]
    assert said == [TITLE, "正文", "— 1 —"]
    said = [line.words for line in lines("", Block("title", TITLE), Block("title", "（试行）"))]
    assert said == [TITLE, "（试行）", "— 1 —"]


@pytest.mark.parametrize(
    ("style", "weight", "indented"),
    [
        ("heading1", "700", True),
        ("heading2", "500", True),
        ("heading3", "600", True),
        ("heading4", "400", True),
        ("body", "400", True),
        ("unheard of", "400", True),
        ("cover", "500", False),
        ("signature", "400", False),
    ],
)
def test_each_style_has_its_weight_and_place(style: str, weight: str, indented: bool) -> None:
    (line,) = body(Block(style, "几个字"))
    assert (line.weight, line.size) == (weight, pytest.approx(EM, abs=0.01))
    assert (line.start == pytest.approx(LEFT + 2 * EM, abs=0.01)) == indented


def test_a_signature_stands_at_the_right_and_a_note_is_smaller() -> None:
    (signature,) = body(Block("signature", "毛家巷村"))
    assert signature.end == pytest.approx(RIGHT - 2 * EM, abs=0.1)
    (note,) = body(Block("note", "注"))
    assert note.size == pytest.approx(14 * 254 / 72, abs=0.01)


def test_a_line_break_begins_a_paragraph_and_no_words_leave_a_line() -> None:
    first, second = body(Block("body", "甲\n\n乙"))
    assert first.start == second.start
    assert second.y - first.y == pytest.approx(2 * PITCH, abs=0.1)
    first, second = body(Block("body", "甲"), Block("body", ""), Block("body", "乙"))
    assert second.y - first.y == pytest.approx(2 * PITCH, abs=0.1)


# ---------------------------------------------------------------- lines and what fits


@settings(max_examples=60)
@given(st.text("村户户主，。、；：）”（“", min_size=60, max_size=400))
def test_no_line_begins_or_ends_with_a_wrong_mark(text: str) -> None:
    drawn = [line.words for line in body(Block("body", f"字{text}字"))]
    for line, after in pairwise(drawn):
        forced = len(line) >= 26 and all(mark in "，。、；：）”（“" for mark in line[1:])
        assert after[0] not in "，。、；：）”" or forced
        assert line[-1] not in "（“" or forced


def test_lines_that_go_on_reach_the_margin() -> None:
    drawn = body(Block("body", "走访一次，2019年（含）“逐项登记”；" * 8))
    assert all(line.stretched for line in drawn[:-1])
    assert {round(line.end) for line in drawn[:-1]} == {RIGHT}
    assert not drawn[-1].stretched


def test_a_line_far_too_short_is_not_spread() -> None:
    first, *_ = body(Block("body", "详见 https://example.org/a-very-long-address-of-a-page"))
    assert first.words.startswith("详见")
    assert not first.stretched


def test_only_what_fits_stands_on_the_page() -> None:
    blocks = [Block("body", f"第{place}段") for place in range(40)]
    assert [line.words for line in body(*blocks)] == [f"第{place}段" for place in range(22)]


def test_a_heading_does_not_stand_last_when_more_follows() -> None:
    filled = [Block("body", "字")] * 20
    headings = [Block("heading1", "一、甲"), Block("heading2", "（一）乙")]
    assert len(body(*filled, *headings)) == 22
    assert len(body(*filled, *headings, Block("body", "字"))) == 20
    assert len(body(*[Block("heading1", "一")] * 30)) == 22


def test_words_are_escaped() -> None:
    said = [line.words for line in lines("<甲>&", Block("body", '"乙"\x00</text>'), footer="<丙>")]
    assert said == ["<甲>&", '"乙"</text>', "<丙>", "— 1 —"]


def test_an_empty_paper_is_an_empty_page() -> None:
    assert [line.words for line in lines("")] == ["— 1 —"]
