"""The main job as a newcomer does it: the real page, the real services, a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from playwright.async_api import Page, expect

from bot import app, settings
from tests.browser import browser_page
from tests.channels.web_fixture import free_port

__all__ = ["browser_page"]  # the fixture is used by its name

DOCS = Path(__file__).resolve().parents[2] / "docs"
LONG = 15_000  # milliseconds that a slow machine may take


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a running practice chat with the sample village."""
    port = free_port()
    chosen = settings.load({"SAMPLE": "village"})
    chosen = replace(chosen, database_url=f"sqlite:///{tmp_path / 'hubang.db'}", web_port=port)
    ready = asyncio.Event()
    running = asyncio.create_task(app.run(chosen, practice=True, ready=ready))
    await asyncio.wait([asyncio.create_task(ready.wait()), running], return_when=asyncio.FIRST_COMPLETED)
    yield f"http://127.0.0.1:{port}"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def be(page: Page, at: str, who: str) -> None:
    await page.goto(f"{at}/?as={who}")
    await page.wait_for_function("window.socket?.connected")


async def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="打字回复")
    await box.fill(text)
    await box.press("Enter")


async def sees(page: Page, text: str) -> None:
    await expect(page.get_by_text(text).last).to_be_visible(timeout=LONG)


async def answer(page: Page, question: str, *, tap: str = "", say: str = "") -> None:
    """Wait for the question, then tap the last button of that label or type."""
    await sees(page, question)
    if say:
        await write(page, say)
        return
    await page.get_by_role("button", name=tap, exact=True).last.click()


CARD_QUESTIONS = [
    ("2019年度人均纯收入", "say", "4800"),
    ("有没有返贫的风险", "tap", "1 是"),
    ("风险主要出在哪里", "say", "因病"),
    ("这家算是站稳了吗", "tap", "2 否"),
    ("自家用的汽车", "tap", "2 否"),
    ("比一般人家豪华", "tap", "2 否"),
    ("商品房", "tap", "2 否"),
    ("一共几口人", "tap", "沿用"),
    ("有没有人有残疾", "tap", "2 否"),
    ("大病、重病", "tap", "1 是"),
    ("单独立户", "tap", "2 否"),
    ("大人有几位", "say", "2"),
    ("第1个大人叫什么", "say", "王建新"),
    ("王建新能干活吗", "tap", "1 有劳动能力"),
    ("第2个大人叫什么", "say", "赵秀英"),
    ("赵秀英能干活吗", "tap", "2 弱劳动能力"),
    ("生大病，这一年", "say", "一万二"),
    ("供孩子读", "say", "0"),
    ("自家搞点种养", "tap", "2 否"),
    ("产业分红", "tap", "2 否"),
    ("公益岗位", "tap", "2 否"),
    ("学门手艺", "tap", "2 否"),
    ("吃不完、想卖掉", "tap", "2 否"),
]


async def test_a_newcomer_gets_card_plan_and_paper_and_the_supervisor_the_summary(
    at: str, browser_page: Page, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    pictures = DOCS if pytestconfig.getoption("--update") else tmp_path
    page = browser_page
    await be(page, at, "cadre")
    await page.get_by_role("button", name="开始").click()
    await sees(page, "您这里有 8 户")
    await write(page, "wjx")
    await sees(page, "松树村一组 王建新")
    await page.get_by_role("button", name="四卡核实").last.click()
    for question, how, reply in CARD_QUESTIONS:
        if question == "风险主要出在哪里":
            await sees(page, question)
            await page.screenshot(path=pictures / "interview.png")
        await answer(page, question, **{how: reply})
    await sees(page, "问完了")
    await page.get_by_role("button", name="提交", exact=True).last.click()
    await sees(page, "建议黄卡")
    async with page.expect_download(timeout=LONG) as download:
        await write(page, "全文")
        await page.get_by_text("点这里下载").last.click(timeout=LONG)
    path = await (await download.value).path()
    paper = Document(BytesIO(path.read_bytes()))
    assert "王建新" in "".join(paragraph.text for paragraph in paper.paragraphs)

    await be(page, at, "township")
    await write(page, "王建新")
    await page.get_by_role("button", name="计划摘要").last.click(timeout=LONG)
    await sees(page, "【责任人】周明")
    await page.screenshot(path=pictures / "summary.png")
    assert (pictures / "summary.png").stat().st_size > 10_000


async def test_a_stranger_to_the_region_finds_nothing(at: str, browser_page: Page) -> None:
    await be(browser_page, at, "village")
    await write(browser_page, "方德顺")
    await sees(browser_page, "没有找到")
