"""The page with the analyses in a real browser: who sees what, and how it follows the data."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta

import fastapi
import pytest
from playwright.async_api import Page, expect

from bot.channels import web, web_server
from bot.channels.web_analysis import mount_analysis
from bot.render.messages import Messages
from bot.services.reports import analysis_board
from bot.services.reports.analysis_board import Board, Seen
from bot.storage import people
from bot.storage.database import Database
from bot.storage.people import Account, Role
from tests.browser import browser_page
from tests.channels.web_fixture import Village, free_port
from tests.databases import database, database_url, kind, postgres, sqlite_template
from tests.services.reports.little_county import Little

__all__ = ["browser_page", "database", "database_url", "kind", "postgres", "sqlite_template"]

NOW = datetime(2020, 6, 15, 2, 0, tzinfo=UTC)
MARCH, JUNE_5 = date(2020, 3, 20), date(2020, 6, 5)
HOSTILE = "<img src=x onerror='window.hurt=1'>&\"村"


@pytest.fixture
async def here(database: Database) -> Little:
    """A county under the three colours, which are secret, with an overseer of each kind and a cadre."""
    here = await Little.open(database, "yibin")
    await here.home("东村", "甲红", (MARCH, "red"))
    await here.home("西村", "乙黄", (MARCH, "yellow"), (JUNE_5, "red"))
    await here.home("南村", "丙绿", (MARCH, "green"), main_risks=[1, 3])
    await appoint(here, "web:county", "县长", "county", "样县")
    await appoint(here, "web:town", "镇长", "township", "甲镇")
    await appoint(here, "web:village", "村长", "village", "南村")
    await appoint(here, "web:cadre", "周助", "cadre", "东村")
    return here


async def appoint(here: Little, address: str, name: str, role: Role, place: str) -> int:
    """Somebody with a role in a place, behind an address; the id of the appointment."""
    since, region = NOW - timedelta(days=30), here.places[place].id
    async with here.database.transaction() as conn:
        person = await people.add(conn, name=name)
        held = await people.appoint(conn, person_id=person.id, role=role, region_id=region, since=since)
        await people.bind(conn, Account("web", address, person.id))
    return held.id


@contextlib.asynccontextmanager
async def serving(here: Little, url: str) -> AsyncIterator[str]:
    """The chat page and the page with the analyses on a free port; the address of the latter."""
    port, ready, app = free_port(), asyncio.Event(), fastapi.FastAPI(openapi_url=None)
    board = Board(here.database, url, here.office, lambda: NOW, channel="web")
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
async def at(here: Little, database_url: str) -> AsyncIterator[str]:
    async with serving(here, database_url) as address:
        yield address


@pytest.fixture
def page(browser_page: Page) -> Iterator[Page]:
    """The page, which may not raise a single error of script."""
    errors: list[str] = []
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    yield browser_page
    assert errors == []


async def open_as(page: Page, at: str, who: str, **asked: str) -> None:
    """Open the page of one person, perhaps at a place and an analysis."""
    await page.goto(f"{at}?as={who}" + "".join(f"&{name}={value}" for name, value in asked.items()))


async def test_an_overseer_chooses_place_and_analysis(page: Page, at: str) -> None:
    await open_as(page, at, "web:county", what="O-42")
    await expect(page.locator(".ha-chart svg")).to_have_count(2, timeout=15_000)
    names = await page.locator("select[name=place] option").all_text_contents()
    assert [name.strip() for name in names] == ["样县", "甲镇", "东村", "西村", "乙镇", "南村", "空村"]
    await expect(page.get_by_text("内部使用，请不要外传")).to_be_visible()
    table = page.locator("table").first
    await expect(table.locator("tr.ha-total td")).to_have_text(["合计", "3", "1", "1", "3", "0"])
    await page.locator("select[name=place]").select_option(label="\u2003甲镇")
    await expect(page.get_by_role("heading", name="甲镇红、黄、绿三色监测各类户规模与变化")).to_be_visible()
    await page.locator("select[name=what]").select_option(label="风险分布")
    await expect(page.get_by_role("heading", name="甲镇返贫致贫风险分布")).to_be_visible()
    await page.locator("select[name=when]").select_option(label="2020年5月")
    await expect(page.get_by_text("时间：2020年5月")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 412


async def test_everybody_sees_their_own_places_only(page: Page, at: str, here: Little) -> None:
    await open_as(page, at, "web:village", place=str(here.places["东村"].id), what="O-42")
    await expect(page.get_by_role("heading", name="南村红、黄、绿三色监测各类户规模与变化")).to_be_visible()
    assert "东村" not in await page.content()
    await open_as(page, at, "web:cadre", place=str(here.places["东村"].id))
    await expect(page.get_by_text("周助，您好。这一页给村、乡镇、县的负责同志看")).to_be_visible()
    await expect(page.locator(".ha-chart, table, select")).to_have_count(0)
    for stranger in ("web:9", "", "web:county'--"):
        await open_as(page, at, stranger)
        await expect(page.get_by_text("没有找到您")).to_be_visible()
        await expect(page.locator("select, table")).to_have_count(0)


async def test_the_page_follows_the_data_and_is_left_alone_while_nothing_changes(
    page: Page, at: str, here: Little
) -> None:
    await open_as(page, at, "web:county", what="O-42")
    total = page.locator("table").first.locator("tr.ha-total td")
    await expect(total.nth(4)).to_have_text("3")
    await page.evaluate("window.same = document.querySelector('table')")
    await asyncio.sleep(1)
    assert await page.evaluate("document.contains(window.same)")
    await here.home("东村", "丁新", (date(2020, 6, 10), "red"))
    await expect(total.nth(4)).to_have_text("4", timeout=15_000)
    await expect(page.locator("table").first.locator("tr").nth(1).locator("td")).to_have_text(
        ["红色", "1", "2", "0", "3", "2"]
    )


async def test_whoever_is_dismissed_sees_nothing_any_more(page: Page, at: str, here: Little) -> None:
    id = await appoint(here, "web:new", "新来的", "township", "乙镇")
    await open_as(page, at, "web:new", what="O-42")
    await expect(page.locator("table").first).to_be_visible()
    async with here.database.transaction() as conn:
        await people.dismiss(conn, id, NOW - timedelta(days=1))
    await expect(page.get_by_text("新来的，您好。这一页给")).to_be_visible()
    await expect(page.locator("table, .ha-chart, select")).to_have_count(0)


async def test_what_comes_from_the_data_is_shown_as_text_and_nothing_is_loaded_from_elsewhere(
    page: Page, at: str, here: Little, database_url: str
) -> None:
    from bot.storage import regions

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with here.database.transaction() as conn:
        here.places[HOSTILE] = await regions.add(
            conn, name=HOSTILE, level="village", parent=here.places["甲镇"]
        )
    await here.home(HOSTILE, HOSTILE, (MARCH, "red"), state_before_help=HOSTILE)
    await open_as(page, at, "web:town", what="O-45", place=str(here.places[HOSTILE].id))
    await expect(page.locator(".ha-chart")).to_have_count(1)
    await expect(page.get_by_role("cell", name=HOSTILE).first).to_be_visible()
    assert await page.evaluate("window.hurt") is None
    host = re.escape(at.removeprefix("http://").partition("/")[0])
    assert [url for url in asked if not re.match(rf"(http|ws)://{host}/|data:", url)] == []


async def test_a_place_without_households_says_so(page: Page, at: str, here: Little) -> None:
    await open_as(page, at, "web:county", what="O-43", place=str(here.places["空村"].id))
    await expect(page.get_by_text("空村还没有农户，没有可统计的。")).to_be_visible()


async def test_an_analysis_is_worked_out_once_for_everybody_who_looks(
    here: Little, database_url: str
) -> None:
    board = Board(here.database, database_url, here.office, lambda: NOW, channel="web")
    viewer = await board.viewer("web:town")
    assert viewer is not None
    assert [place.name for place in viewer.places] == ["甲镇", "东村", "西村"]
    choice = board.choose(viewer, str(here.places["南村"].id), "O-42", "now")
    assert choice is not None
    assert choice.place.name == "甲镇"  # the place of another township counts as not said
    stamp = await board.stamp()
    first, second = await asyncio.gather(board.read(choice, stamp), board.read(choice, stamp))
    assert first is second
    await here.home("东村", "丁新", (JUNE_5, "red"))
    later = await board.stamp()
    assert later != stamp
    assert await board.read(choice, later) is not first


async def test_what_failed_is_tried_again(
    here: Little, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Seen:
        raise OSError("the database is away")

    board = Board(here.database, database_url, here.office, lambda: NOW, channel="web")
    viewer = await board.viewer("web:town")
    assert viewer is not None
    choice = board.choose(viewer, "", "O-43", "last")
    assert choice is not None
    assert board.period(choice).last == date(2020, 5, 31)
    stamp = await board.stamp()
    with monkeypatch.context() as trouble:
        trouble.setattr(analysis_board, "_in_thread", away)
        with pytest.raises(OSError, match="away"):
            await board.read(choice, stamp)
    assert (await board.read(choice, stamp)).tables


async def test_who_is_suspended_is_nobody(here: Little, database_url: str) -> None:
    board = Board(here.database, database_url, here.office, lambda: NOW, channel="web")
    async with here.database.transaction() as conn:
        person = (await people.behind(conn, "web", ["web:county"]))["web:county"]
        await people.set_status(conn, person.id, "suspended")
    assert await board.viewer("web:county") is None
