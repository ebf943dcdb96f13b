"""A real browser for the tests, the size of a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed_browser() -> str:
    """Where the browser is; without one the test is skipped, or fails where HUBANG_REQUIRE_BROWSER is set."""
    found = next((path for name in CANDIDATES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("HUBANG_REQUIRE_BROWSER"):
        pytest.fail("no Chromium is installed, and HUBANG_REQUIRE_BROWSER asks for one")
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


async def phone_page(browser: Browser) -> Page:
    """A fresh page of a person of its own, in a phone's size, with Chinese as the language."""
    context = await browser.new_context(
        viewport={"width": 412, "height": 860},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        accept_downloads=True,
    )
    return await context.new_page()


@pytest.fixture
async def browser_page() -> AsyncIterator[Page]:
    """A page in a running browser; `browser_page.context.new_page()` opens another tab of the same person."""
    path = installed_browser()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield await phone_page(browser)
        finally:
            await browser.close()
