"""The first page of the board in a real browser: figures, the way down, a household opened in the chat."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime

import fastapi
import pytest
from playwright.async_api import Page, expect

from bot.channels import web, web_server
from bot.channels.web_analysis import mount_analysis
from bot.channels.web_board import overview_body
from bot.render.messages import Messages
from bot.services import views_board
from bot.services.reports.analysis_board import Board
from bot.storage import regions
from bot.storage.database import Database
from tests.browser import browser_page
from tests.channels.test_web_analysis import HOSTILE, appoint
from tests.channels.web_fixture import Village, free_port
from tests.databases import database, database_url, kind, postgres, sqlite_template
from tests.services.reports.little_county import Little

__all__ = ["browser_page", "database", "database_url", "kind", "postgres", "sqlite_template"]

NOW = datetime(2020, 6, 15, 2, 0, tzinfo=UTC)
MARCH = date(2020, 3, 20)


@pytest.fixture
async def here(database: Database) -> Little:
    """A county with an overseer of each kind and a cadre."""
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲红", (MARCH, "red"))
    await here.home("西村", "乙黄", (MARCH, "yellow"))
    await here.home("南村", "丙绿", (MARCH, "green"))
    await appoint(here, "web:county", "县长", "county", "样县")
    await appoint(here, "web:town", "镇长", "township", "甲镇")
    await appoint(here, "web:cadre", "周助", "cadre", "东村")
    return here


@pytest.fixture
async def tapped() -> list[tuple[str, int, str]]:
    """What the board let people tap in their chats."""
    return []


@pytest.fixture
async def at(here: Little, database_url: str, tapped: list[tuple[str, int, str]]) -> AsyncIterator[str]:
    """The address of the page on a free port."""

    async def tap(address: str, message: int, data: str) -> None:
        tapped.append((address, message, data))

    port, ready, app = free_port(), asyncio.Event(), fastapi.FastAPI(openapi_url=None)
    board = Board(here.database, database_url, here.office, lambda: NOW, channel="web", tap=tap)
    mount_analysis(board, Messages(), look_every=0.3)
    web.mount(app, Village(), Messages(), practice=True)
    with web_server.listen("127.0.0.1", port) as listening:
        task = asyncio.create_task(web_server.run(app, listening, ready))
        await ready.wait()
        try:
            yield f"http://127.0.0.1:{port}/analysis"
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def page(browser_page: Page) -> Iterator[Page]:
    """The page, which may not raise a single error of script."""
    errors: list[str] = []
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    yield browser_page
    assert errors == []


async def test_from_the_county_down_to_a_household_in_the_chat(
    page: Page, at: str, tapped: list[tuple[str, int, str]]
) -> None:
    await page.goto(f"{at}?as=web:county")
    await expect(page.locator(".ha-tiles b").first).to_have_text("3")
    await expect(page.locator(".ha-chart svg")).to_have_count(2)
    await page.locator("td").get_by_role("link", name="甲镇").click()
    await expect(page.locator(".ha-tiles b").first).to_have_text("2")
    await page.locator("td").get_by_role("link", name="东村").click()
    await expect(page.locator(".ha-way")).to_have_text("样县›甲镇›东村")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 412
    await page.get_by_role("link", name="甲红").click()
    await page.wait_for_url(re.compile(r"/\?as="))
    ((address, _, data),) = tapped
    assert address == "web:county"
    assert re.fullmatch(r"h:\d+", data)


async def test_the_way_up_ends_at_ones_own_place(page: Page, at: str, here: Little) -> None:
    await page.goto(f"{at}?as=web:town&place={here.places['东村'].id}")
    await expect(page.locator(".ha-way")).to_have_text("甲镇›东村")
    await page.goto(f"{at}?as=web:town&place={here.places['南村'].id}")
    await expect(page.locator(".ha-way")).to_have_text("甲镇")  # the place of others counts as not said
    assert "南村" not in await page.content()


async def test_nobody_opens_a_household_of_others(
    page: Page, at: str, here: Little, tapped: list[tuple[str, int, str]]
) -> None:
    for who in ("web:town", "web:cadre", "web:9", ""):
        await page.goto(f"{at}?as={who}&open={here.homes['丙绿']}")
        await page.wait_for_load_state()
    await page.goto(f"{at}?as=web:county&open=1%20or%201")
    await expect(page.locator(".ha-tiles")).to_be_visible()
    assert tapped == []


async def test_a_cadre_and_a_stranger_see_a_sentence(page: Page, at: str) -> None:
    await page.goto(f"{at}?as=web:cadre")
    await expect(page.get_by_text("周助，您好。这一页给村、乡镇、县的负责同志看")).to_be_visible()
    await page.goto(f"{at}?as=web:9")
    await expect(page.get_by_text("没有找到您")).to_be_visible()
    await expect(page.locator(".ha-tiles, table, .ha-chart")).to_have_count(0)


async def test_the_page_follows_the_data(page: Page, at: str, here: Little) -> None:
    await page.goto(f"{at}?as=web:county")
    await expect(page.locator(".ha-tiles b").first).to_have_text("3")
    await here.home("东村", "丁新", (MARCH, "red"))
    await expect(page.locator(".ha-tiles b").first).to_have_text("4", timeout=15_000)


async def test_an_empty_village_says_so(page: Page, at: str, here: Little) -> None:
    await page.goto(f"{at}?as=web:county&place={here.places['空村'].id}")
    await expect(page.get_by_text("空村还没有农户，没有可统计的。")).to_be_visible()


async def test_what_comes_from_the_data_is_shown_as_text(here: Little) -> None:
    async with here.database.transaction() as conn:
        here.places[HOSTILE] = await regions.add(
            conn, name=HOSTILE, level="village", parent=here.places["甲镇"]
        )
    await here.home(HOSTILE, HOSTILE, (MARCH, "red"))
    async with here.database.reading() as conn:
        seen = await views_board.overview(conn, here.office, here.places[HOSTILE], NOW.date())
        town = await views_board.overview(conn, here.office, here.places["甲镇"], NOW.date())
    for each in (seen, town):
        html = overview_body(Messages(), 'a"><u>', each)
        assert "<img" not in html
        assert '"><u>' not in html
