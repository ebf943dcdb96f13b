"""Photos from the chat page: chosen in a real browser, and kept or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import browser_page
from tests.channels.web_fixture import PEOPLE, Village, serving
from tests.services.test_evidence import PHOTO

__all__ = ["browser_page"]  # the fixture is used by its name

CADRE = PEOPLE[0].address
CHOICE = ".hb-upload input[type=file]"


@pytest.fixture
def village() -> Village:
    village = Village()
    village.photo_limit = 4096
    return village


@pytest.fixture
async def at(village: Village) -> AsyncIterator[str]:
    async with serving(village) as address:
        yield address


async def open_page(page: Page, at: str) -> None:
    await page.goto(f"{at}?as={CADRE}")
    await page.wait_for_function("window.socket?.connected")


async def test_a_photo_is_chosen_with_the_button_and_arrives_whole(
    browser_page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    (tmp_path / "照片.jpg").write_bytes(PHOTO)
    await open_page(browser_page, at)
    async with browser_page.expect_file_chooser() as chooser:
        await browser_page.get_by_role("button", name="发照片").click()
    await (await chooser.value).set_files(tmp_path / "照片.jpg")
    await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_text("📷")
    assert village.photos == [(CADRE, PHOTO)]


async def test_a_second_photo_goes_the_same_way(
    browser_page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    await open_page(browser_page, at)
    for number in (1, 2):
        (tmp_path / f"{number}.jpg").write_bytes(PHOTO + bytes([number]))
        await browser_page.set_input_files(CHOICE, tmp_path / f"{number}.jpg")
        await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_count(number)
    assert [photo for _, photo in village.photos] == [PHOTO + b"\x01", PHOTO + b"\x02"]


async def test_a_photo_that_is_too_large_is_told_of_without_sending_it(
    browser_page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    (tmp_path / "large.jpg").write_bytes(PHOTO * 3)
    await open_page(browser_page, at)
    await browser_page.set_input_files(CHOICE, tmp_path / "large.jpg")
    await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_count(1)
    assert village.photos == [(CADRE, "too_large")]


async def test_whether_a_file_is_an_image_is_not_for_the_browser_to_say(
    browser_page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"%PDF-1.7")
    await open_page(browser_page, at)
    await browser_page.set_input_files(CHOICE, tmp_path / "photo.jpg")
    await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_count(1)
    assert village.photos == [(CADRE, b"%PDF-1.7")]


async def test_where_no_photos_are_taken_there_is_no_button(browser_page: Page) -> None:
    async with serving(Village()) as at:
        await open_page(browser_page, at)
        await expect(browser_page.get_by_role("button", name="发送")).to_be_visible()
        await expect(browser_page.get_by_role("button", name="发照片")).to_have_count(0)


async def test_a_table_goes_the_same_way_and_one_too_large_is_told(
    browser_page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    (tmp_path / "名册.xlsx").write_bytes(b"PK a table")
    (tmp_path / "大名册.csv").write_bytes(b"x" * 5000)
    await open_page(browser_page, at)
    await browser_page.set_input_files(CHOICE, tmp_path / "名册.xlsx")
    await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_text("📎")
    await browser_page.set_input_files(CHOICE, tmp_path / "大名册.csv")
    await expect(browser_page.locator(".hb-mine .hb-bubble")).to_have_count(2)
    assert village.tables == [(CADRE, ".xlsx", b"PK a table"), (CADRE, ".csv", None)]
