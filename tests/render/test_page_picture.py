"""The first page as a picture: the words of the Word file in the layout of an official paper."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

from bot.content import SHIPPED
from bot.render import paper_blocks
from bot.render.narrative import Block
from bot.render.page_picture import HEIGHT, LEFT, LINES, RIGHT, WIDTH, first_page
from bot.render.papers import render
from bot.render.pictures import png, text_width
from bot.render.plan_paper import PlanPaper

SVG = "{http://www.w3.org/2000/svg}"
LONG = "这一户人家今年种了五亩玉米，养了二十只羊，（儿子在外务工），收入比去年多了不少。" * 5


def lines(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def test_words_keep_within_the_margins_and_the_lines_of_a_page() -> None:
    blocks = [Block("heading1", "一、家庭基本情况"), *(Block("body", LONG) for _ in range(9))]
    *body, foot = lines(first_page("甘肃省“一户一策”帮扶计划", blocks, footer="— 1 —"))
    assert len(body) == LINES
    for each in body:
        size, x = float(each.get("font-size", "0")), float(each.get("x", "0"))
        if each.get("text-anchor") != "middle":
            assert x >= LEFT - 1
            assert x + text_width(each.text or "", size) <= WIDTH - RIGHT + size
    assert foot.text == "— 1 —"
    assert float(foot.get("x", "0")) > WIDTH / 2, "the number of an odd page stands on the right"


def test_no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens() -> None:
    found = [each.text or "" for each in lines(first_page("", [Block("body", LONG)], footer="1"))]
    assert len(found) > 5
    assert not any(text[0] in "，。、；：）”" for text in found if text)
    assert not any(text[-1] in "（“" for text in found if text)


def test_paragraphs_begin_two_characters_in() -> None:
    first, second, *_ = lines(first_page("", [Block("body", LONG)], footer="1"))
    assert float(first.get("x", "0")) - float(second.get("x", "0")) > 60


def test_a_heading_is_not_left_alone_at_the_foot() -> None:
    blocks = [
        *(Block("body", "短") for _ in range(LINES - 1)),
        Block("heading1", "二、孤单"),
        Block("body", "短"),
    ]
    assert "二、孤单" not in [each.text for each in lines(first_page("", blocks, footer="1"))]


def test_the_picture_is_that_of_the_printed_paper() -> None:
    view = PlanPaper(
        "标题", "清河县", (Block("body", "第一段。"), Block("heading1", "一、头")), (), {}, date(2020, 6, 1)
    )
    printed = render(SHIPPED.templates / "plans" / "gs.docx", view)
    title, found = paper_blocks.read(printed)
    assert title == "标题"
    assert ("body", "第一段。") in [(each.style, each.text) for each in found]
    assert ("heading1", "一、头") in [(each.style, each.text) for each in found]
    drawn = png(first_page(title, found, footer="— 1 —"), width=620)
    high = int.from_bytes(drawn[20:24], "big")
    assert abs(high / 620 - HEIGHT / WIDTH) < 0.01


def test_words_cannot_break_the_picture() -> None:
    svg = first_page("<b>&", [Block("body", "<script>\x07")], footer="1")
    assert re.search("<script", svg) is None
    assert "<script>" in [each.text for each in lines(svg)]
