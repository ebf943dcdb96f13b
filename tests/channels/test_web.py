"""The chat page in a real browser: what a cadre types, taps, reads and loses signal over."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.channels.web_screen import SPAN
from tests.browser import browser_page
from tests.channels.web_fixture import PEOPLE, Village, free_port, serving

__all__ = ["browser_page"]  # the fixture is used by its name

CADRE, VILLAGE, TOWNSHIP = (each.address for each in PEOPLE)
HOSTILE = (
    '<b>粗</b> <img src=x onerror="window.hurt=1"> </script><script>window.hurt=2</script> '
    "&lt;i&gt; `${window.hurt=3}` {{ 1+1 }} \\n \\u003c '\" \u2028 end\n第二行"
)


@pytest.fixture
def village() -> Village:
    return Village()


@pytest.fixture
async def at(village: Village) -> AsyncIterator[str]:
    async with serving(village) as address:
        yield address


@pytest.fixture
def page(browser_page: Page) -> Iterator[Page]:
    """The page, which may not raise a single error of script."""
    errors: list[str] = []
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    yield browser_page
    assert errors == []


async def open_as(page: Page, at: str, who: str) -> None:
    """Open the chat of one person and wait until it is live."""
    await page.goto(f"{at}?as={who}")
    await page.wait_for_function("window.socket?.connected")


async def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="打字回复")
    await box.fill(text)
    await box.press("Enter")


# ---------------------------------------------------------------- talking


async def test_an_empty_chat_invites_to_begin(page: Page, at: str, village: Village) -> None:
    await open_as(page, at, CADRE)
    await expect(page).to_have_title("户帮")
    await page.get_by_role("button", name="开始").click()
    await expect(page.locator(".hb-row.hb-mine[data-message] .hb-bubble")).to_have_text("开始")
    assert village.said == [(CADRE, "/start")]


async def test_what_is_typed_is_answered_without_reloading(page: Page, at: str, village: Village) -> None:
    async def answer(address: str, text: str) -> None:
        village.put(address, f"记下了：{text}")

    village.answer = answer
    await open_as(page, at, CADRE)
    await page.evaluate("window.same = true")
    await write(page, "三千五")
    await expect(page.locator(".hb-theirs .hb-bubble")).to_have_text("记下了：三千五")
    await expect(page.locator(".hb-mine .hb-bubble")).to_have_text("三千五")
    await expect(page.locator(".hb-echo, .hb-thinking")).to_have_count(0)
    await expect(page.get_by_role("textbox")).to_have_value("")
    assert await page.evaluate("window.same")
    assert village.said == [(CADRE, "三千五")]


async def test_quick_words_are_sent_as_they_are(page: Page, at: str, village: Village) -> None:
    await open_as(page, at, CADRE)
    for word in ("首页", "上一题", "暂停", "帮助"):
        await page.get_by_role("button", name=word).click()
    await expect(page.locator(".hb-mine[data-message]")).to_have_count(4)
    assert [text for _, text in village.said] == ["首页", "上一题", "暂停", "帮助"]


async def test_what_is_typed_while_an_answer_is_pending_arrives_in_order(
    page: Page, at: str, village: Village
) -> None:
    go_on = asyncio.Event()

    async def answer(address: str, text: str) -> None:
        await go_on.wait()

    village.answer = answer
    await open_as(page, at, CADRE)
    for text in ("第一句", "第二句", "第三句"):
        await write(page, text)
    await expect(page.locator(".hb-mine .hb-bubble")).to_have_text(["第一句", "第二句", "第三句"])
    await expect(page.locator(".hb-echo .hb-state").last).to_have_text("发送中…")
    go_on.set()
    await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text(
        ["第一句", "第二句", "第三句"]
    )
    await expect(page.locator(".hb-echo")).to_have_count(0)
    assert [text for _, text in village.said] == ["第一句", "第二句", "第三句"]


async def test_picking_a_word_with_enter_in_a_pinyin_keyboard_does_not_send(
    page: Page, at: str, village: Village
) -> None:
    await open_as(page, at, CADRE)
    box = page.get_by_role("textbox")
    await box.fill("yan")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await box.press("Shift+Enter")
    await expect(box).to_have_value("yan\n")
    assert village.said == []


async def test_what_people_write_is_shown_as_text(page: Page, at: str, village: Village) -> None:
    village.put(CADRE, HOSTILE, keys=[["<b>键</b>"]])
    await open_as(page, at, CADRE)
    village.put(CADRE, HOSTILE)
    shown = page.locator(".hb-theirs .hb-bubble")
    await expect(shown).to_have_count(2)
    assert await shown.evaluate_all("all => all.map(each => each.textContent)") == [HOSTILE, HOSTILE]
    assert await shown.first.evaluate("each => each.childElementCount") == 0
    await expect(page.locator(".hb-key")).to_have_text("<b>键</b>")
    assert await page.evaluate("window.hurt") is None


# ---------------------------------------------------------------- buttons


async def test_a_tap_reaches_the_conversation_and_the_question_changes_in_place(
    page: Page, at: str, village: Village
) -> None:
    village.put(CADRE, "先前的话")
    number = village.put(CADRE, "有没有孩子？", keys=[["有", "没有"], ["不清楚"]])

    async def answer(address: str, text: str) -> None:
        village.edit(address, number, "有没有孩子？ 没有")
        village.put(address, "下一题")

    village.answer = answer
    await open_as(page, at, CADRE)
    rows = page.locator(".hb-keyrow")
    assert [await row.locator("button").all_text_contents() for row in await rows.all()] == [
        ["有", "没有"],
        ["不清楚"],
    ]
    await page.locator(".hb-row").first.evaluate("each => each.kept = true")
    await page.get_by_role("button", name="没有").click()
    await expect(page.locator(".hb-bubble")).to_have_text(["先前的话", "有没有孩子？ 没有", "下一题"])
    await expect(page.locator(".hb-key")).to_have_count(0)
    assert await page.locator(".hb-row").first.evaluate(
        "each => each.kept"
    )  # what did not change was not drawn
    assert village.taps == [(CADRE, number, "d:没有")]


async def test_a_double_tap_is_sent_once(page: Page, at: str, village: Village) -> None:
    village.put(CADRE, "有没有孩子？", keys=[["有", "没有"]])
    await open_as(page, at, CADRE)
    await page.locator(".hb-key").first.evaluate("key => { key.click(); key.click(); }")
    await expect(page.locator(".hb-key:disabled")).to_have_count(2)
    await page.locator(".hb-key").first.evaluate("key => key.click()")
    await write(page, "后面的话")  # what is sent later arrives later
    await expect(page.locator(".hb-mine[data-message]")).to_have_count(1)
    assert len(village.taps) == 1


async def test_a_tap_that_could_not_be_taken_may_be_repeated(page: Page, at: str, village: Village) -> None:
    village.put(CADRE, "有没有孩子？", keys=[["有", "没有"]])
    village.trouble = OSError("the disk is full")
    await open_as(page, at, CADRE)
    await page.locator(".hb-key").first.click()
    await expect(page.get_by_text("刚才那一下没收到，请再点一次。")).to_be_visible()
    await expect(page.locator(".hb-key:enabled")).to_have_count(2)
    village.trouble = None
    await page.locator(".hb-key").first.click()
    await expect(page.locator(".hb-thinking")).to_be_visible()
    assert len(village.taps) == 1


async def test_buttons_work_again_when_no_answer_comes(page: Page, village: Village) -> None:
    village.put(CADRE, "有没有孩子？", keys=[["有", "没有"]])
    async with serving(village, patience=0.3) as at:
        await open_as(page, at, CADRE)
        await page.locator(".hb-key").first.click()
        await expect(page.get_by_text("还没等到回音，可以再点一次。")).to_be_visible()
        await expect(page.locator(".hb-key:enabled")).to_have_count(2)
        await expect(page.locator(".hb-thinking")).to_have_count(0)


async def test_everything_to_press_is_large_enough_for_a_thumb(page: Page, at: str, village: Village) -> None:
    long = "因病或身体残疾不具备学习条件，已由县级残疾人教育专家委员会认定并送教上门"
    village.put(CADRE, "为什么？", keys=[[long], ["1", "2", "3", "4", "5"]])
    await open_as(page, at, CADRE)
    sizes = "all => all.map(each => each.getBoundingClientRect()).map(({ width, height }) => [width, height])"
    found = await page.locator("button:visible").evaluate_all(sizes)
    assert len(found) == 12
    assert min(min(size) for size in found) >= 44
    heights = await page.locator(".hb-key").evaluate_all(sizes)
    assert heights[0][1] > heights[1][1]  # a long label takes a second line
    assert await page.evaluate("document.documentElement.scrollWidth") <= 412


# ---------------------------------------------------------------- people


async def test_each_person_has_a_chat_of_their_own(page: Page, at: str, village: Village) -> None:
    village.put(VILLAGE, "村里的话")
    await page.goto(at)
    await expect(page).to_have_url(re.compile(r"\?as=web%3A1$|\?as=web:1$"))
    await page.wait_for_function("window.socket?.connected")
    await write(page, "干部的话")
    await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text("干部的话")
    await page.get_by_role("button", name="换人").click()
    await page.get_by_role("link", name="龙建国").click()
    await expect(page.locator(".hb-head .hb-name")).to_have_text("龙建国")
    await expect(page.locator(".hb-bubble")).to_have_text("村里的话")
    await page.reload()
    await expect(page.locator(".hb-head .hb-name")).to_have_text("龙建国")


async def test_two_tabs_are_two_people_at_once(page: Page, at: str, village: Village) -> None:
    other = await page.context.new_page()
    await open_as(page, at, CADRE)
    await open_as(other, at, TOWNSHIP)
    await write(page, "我是村里的")
    await write(other, "我是乡里的")
    await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text("我是村里的")
    await expect(other.locator(".hb-mine[data-message] .hb-bubble")).to_have_text("我是乡里的")
    assert sorted(village.said) == [(CADRE, "我是村里的"), (TOWNSHIP, "我是乡里的")]


async def test_a_dot_shows_who_has_news_until_they_are_visited(page: Page, at: str, village: Village) -> None:
    await open_as(page, at, CADRE)
    await expect(page.locator(".hb-dot")).to_have_count(0)
    village.put(VILLAGE, "预警")
    await expect(page.locator(".hb-switch .hb-dot")).to_be_visible()
    await page.get_by_role("button", name="换人").click()
    await expect(page.locator(".hb-other", has=page.locator(".hb-dot"))).to_contain_text("龙建国")
    await page.get_by_role("link", name="龙建国").click()
    await expect(page.locator(".hb-bubble")).to_have_text("预警")
    await open_as(page, at, CADRE)
    village.put(TOWNSHIP, "别人的预警")
    await page.get_by_role("button", name="换人").click()
    await expect(page.locator(".hb-other .hb-dot")).to_have_count(1)


async def test_outside_practice_only_the_person_named_is_shown(page: Page, village: Village) -> None:
    village.put(CADRE, "户里的事")
    async with serving(village, practice=False) as at:
        await open_as(page, at, CADRE)
        await expect(page.locator(".hb-bubble")).to_have_text("户里的事")
        await expect(page.locator(".hb-switch")).to_have_count(0)
        assert "龙建国" not in await page.content()
        for stranger in (at, f"{at}?as=web:9"):
            await page.goto(stranger)
            await expect(page.get_by_text("没有找到您的对话")).to_be_visible()
            assert "户里的事" not in await page.content()


# ---------------------------------------------------------------- files


async def test_a_document_downloads_with_its_name_and_its_bytes(
    page: Page, at: str, village: Village, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 200
    name = "严大山 帮扶计划.docx"
    village.attach(CADRE, "计划做好了", name, "application/octet-stream", content)
    await open_as(page, at, CADRE)
    card = page.get_by_role("link", name=name)
    await expect(card).to_contain_text("50 KB")
    async with page.expect_download() as downloading:
        await card.click()
    download = await downloading.value
    assert download.suggested_filename == name
    await download.save_as(tmp_path / "plan")
    assert (tmp_path / "plan").read_bytes() == content


async def test_a_document_of_somebody_else_is_not_found(at: str, village: Village) -> None:
    village.attach(CADRE, "计划", "plan.docx", "application/octet-stream", b"x")

    def status(address: str) -> int:
        try:
            with urllib.request.urlopen(address) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    assert await asyncio.to_thread(status, f"{at}documents/7?as={CADRE}") == 200
    assert await asyncio.to_thread(status, f"{at}documents/7?as={VILLAGE}") == 404
    assert await asyncio.to_thread(status, f"{at}documents/7") == 404


# ---------------------------------------------------------------- long chats, reloading, no signal


async def test_a_long_chat_opens_at_its_end_and_reaches_back_on_request(
    page: Page, at: str, village: Village
) -> None:
    for number in range(1, 301):
        village.put(CADRE, f"第 {number} 条", mine=number % 2 == 0)
    await open_as(page, at, CADRE)
    shown = page.locator(".hb-row")
    await expect(shown).to_have_count(SPAN)
    await expect(shown.last).to_be_in_viewport()
    assert await page.locator("*").count() < 600
    await page.locator(".hb-log").evaluate("log => (log.scrollTop = 0)")
    await page.get_by_role("button", name="更早的消息").click()
    await expect(shown).to_have_count(2 * SPAN)
    await expect(page.get_by_text("第 241 条", exact=True)).to_be_in_viewport()  # the reader keeps the place
    village.put(CADRE, "新来的")
    await page.get_by_role("button", name="有新消息").click()
    await expect(page.get_by_text("新来的", exact=True)).to_be_in_viewport()
    await expect(shown).to_have_count(2 * SPAN)


async def test_reloading_keeps_the_chat_and_what_was_being_typed(
    page: Page, at: str, village: Village
) -> None:
    village.put(CADRE, "第一行\n第二行")
    await open_as(page, at, CADRE)
    await page.get_by_role("textbox").fill("写到一半")
    await page.reload()
    await expect(page.locator(".hb-bubble")).to_have_text("第一行\n第二行", use_inner_text=True)
    await expect(page.get_by_role("textbox")).to_have_value("写到一半")


async def test_what_could_not_be_taken_stays_and_goes_out_again_on_request(
    page: Page, at: str, village: Village
) -> None:
    village.trouble = OSError("the disk is full")
    await open_as(page, at, CADRE)
    await write(page, "一千二")
    again = page.get_by_role("button", name="没发出去，点这里重发")
    await expect(again).to_be_visible()
    village.trouble = None
    await page.reload()
    await again.click()
    await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text("一千二")
    assert village.said == [(CADRE, "一千二")]


async def test_what_is_typed_without_signal_goes_out_once_when_it_is_back(
    page: Page, village: Village
) -> None:
    port = free_port()
    async with serving(village, port=port) as at:
        await open_as(page, at, CADRE)
    await expect(page.get_by_text("信号断了")).to_be_visible()
    await write(page, "没信号时说的")
    await expect(page.locator(".hb-echo .hb-state")).to_have_text("等信号，连上就发")
    async with serving(village, port=port):
        await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text(
            "没信号时说的", timeout=30_000
        )
        await expect(page.get_by_text("信号断了")).to_have_count(0)
        await expect(page.locator(".hb-echo")).to_have_count(0)
    assert village.said == [(CADRE, "没信号时说的")]


async def test_what_was_not_confirmed_is_sent_again_and_taken_once(
    page: Page, at: str, village: Village
) -> None:
    go_on = asyncio.Event()

    async def answer(address: str, text: str) -> None:
        await go_on.wait()

    village.answer = answer
    await open_as(page, at, CADRE)
    await write(page, "一千二")
    await expect(page.locator(".hb-mine[data-message]")).to_have_count(1)
    await page.evaluate("window.socket.io.engine.close()")  # before the server confirmed
    await expect(page.get_by_text("信号断了")).to_be_visible()
    await page.wait_for_function("window.socket?.connected")
    go_on.set()
    await write(page, "接着说")
    await expect(page.locator(".hb-mine[data-message] .hb-bubble")).to_have_text(["一千二", "接着说"])
    await expect(page.locator(".hb-echo")).to_have_count(0)
    assert [text for _, text in village.said] == ["一千二", "接着说"]


async def test_nothing_is_loaded_from_elsewhere(page: Page, at: str, village: Village) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    village.put(CADRE, "您好")
    await open_as(page, at, CADRE)
    await expect(page.locator(".hb-bubble")).to_have_text("您好")
    host = at.removeprefix("http://")
    assert [url for url in asked if not re.match(rf"(http|ws)://{re.escape(host)}|data:", url)] == []
