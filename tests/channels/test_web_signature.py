"""A name drawn in a real browser of a phone's size, and what the page does when it cannot be sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import fastapi
import pytest
from playwright.async_api import Page as BrowserPage
from playwright.async_api import expect

from bot.channels import web_server
from bot.channels.web_port import Persona
from bot.channels.web_signature import mount_signature
from bot.render.messages import Messages
from bot.render.signed_paper import drawable
from bot.services.signatures_pages import LARGEST, PATH, Outcome, Page
from tests.browser import browser_page
from tests.channels.web_fixture import Village, free_port, serving

__all__ = ["browser_page"]  # the fixture is used by its name

SECRET = "a-secret_address"


class Signing:
    """One page that is open until a name was drawn on it."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.outcome: Outcome = "taken"

    async def page(self, token: str) -> Page | None:
        open_still = token == SECRET and not self.taken
        return Page("松树村一组 <b>王建新</b>", "“一户一策”帮扶计划", "王建新") if open_still else None

    async def take(self, token: str, picture: bytes) -> Outcome:
        if token == SECRET and self.outcome == "taken":
            self.taken.append(picture)
        return self.outcome


@pytest.fixture
def signing() -> Signing:
    return Signing()


@pytest.fixture
async def at(signing: Signing) -> AsyncIterator[str]:
    """The address of the pages, served as long as a test lasts."""
    port, ready = free_port(), asyncio.Event()
    app = fastapi.FastAPI(openapi_url=None)
    mount_signature(app, signing, Messages())
    with web_server.listen("127.0.0.1", port) as listening:
        task = asyncio.create_task(web_server.run(app, listening, ready))
        await ready.wait()
        try:
            yield f"http://127.0.0.1:{port}{PATH}"
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def draw(page: BrowserPage) -> None:
    """A few strokes across the canvas."""
    box = await page.locator("#hs-canvas").bounding_box()
    assert box is not None
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    strokes = (
        [(0.2, 0.3), (0.45, 0.3)],
        [(0.2, 0.5), (0.45, 0.5)],
        [(0.18, 0.75), (0.48, 0.75)],
        [(0.33, 0.3), (0.33, 0.75)],
        [(0.6, 0.25), (0.8, 0.4), (0.55, 0.8)],
    )
    for first, *rest in strokes:
        await page.mouse.move(left + wide * first[0], top + high * first[1])
        await page.mouse.down()
        for x, y in rest:
            await page.mouse.move(left + wide * x, top + high * y, steps=6)
        await page.mouse.up()


async def test_a_name_is_drawn_and_sent_as_a_picture(
    browser_page: BrowserPage, at: str, signing: Signing, tmp_path: Path
) -> None:
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    await browser_page.goto(at + SECRET)
    send = browser_page.locator("#hs-send")
    await expect(browser_page.locator("h1")).to_have_text("请王建新在框里签名")
    await expect(browser_page.locator(".hs-paper")).to_contain_text("<b>王建新</b>")
    await expect(send).to_be_disabled()
    await draw(browser_page)
    await expect(send).to_be_enabled()
    await browser_page.screenshot(path=tmp_path / "drawn.png")
    await send.click()
    await expect(browser_page.locator("#hs-said")).to_contain_text("收到了")
    (picture,) = signing.taken
    assert drawable(picture)
    assert len(picture) < LARGEST
    await expect(send).to_be_disabled()
    assert said == []


async def test_a_touch_by_mistake_is_no_name_and_can_be_wiped(browser_page: BrowserPage, at: str) -> None:
    await browser_page.goto(at + SECRET)
    await browser_page.locator("#hs-canvas").click()
    await expect(browser_page.locator("#hs-send")).to_be_disabled()
    await draw(browser_page)
    await browser_page.locator("#hs-clear").click()
    await expect(browser_page.locator("#hs-send")).to_be_disabled()


async def test_what_was_not_taken_can_be_sent_again(
    browser_page: BrowserPage, at: str, signing: Signing
) -> None:
    await browser_page.goto(at + SECRET)
    await draw(browser_page)
    signing.outcome = "no_picture"
    await browser_page.locator("#hs-send").click()
    await expect(browser_page.locator("#hs-said")).to_contain_text("请再试一次")
    signing.outcome = "gone"
    await browser_page.locator("#hs-send").click()
    await expect(browser_page.locator("#hs-said")).to_contain_text("已经用过")
    await expect(browser_page.locator("#hs-send")).to_be_disabled()


async def test_an_address_that_cannot_be_used_says_so_and_shows_nothing(
    browser_page: BrowserPage, at: str
) -> None:
    answer = await browser_page.goto(at + "another")
    assert answer is not None
    assert answer.status == 410
    await expect(browser_page.locator("body")).to_contain_text("已经用过")
    await expect(browser_page.locator("canvas")).to_have_count(0)
    assert "王建新" not in await browser_page.content()
    headers = answer.headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-store"


async def test_more_than_a_name_needs_is_not_even_read(at: str, browser_page: BrowserPage) -> None:
    answer = await browser_page.request.post(at + SECRET, data=b"x" * (LARGEST + 1))
    assert answer.status == 413


async def test_the_chat_page_makes_a_link_of_the_address(browser_page: BrowserPage) -> None:
    village = Village([Persona("web:1", "周明", "干部", "松树村")])
    address = f"http://127.0.0.1:8080{PATH}abc_D-1"
    village.put("web:1", f"请本人手写：\n{address}\n<b>别的</b> https://example.org/x")
    village.put("web:1", address, mine=True)
    async with serving(village) as at:
        await browser_page.goto(f"{at}?as=web:1")
        links = browser_page.locator(".hb-bubble a")
        await expect(links).to_have_count(1)
        await expect(links).to_have_attribute("href", address)
