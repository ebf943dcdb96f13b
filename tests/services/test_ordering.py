"""Tables asked for in a chat: who gets them, for which place and time, and that each arrives once."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import openpyxl
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import web_chat
from bot.channels.web_port import ChatMessage
from bot.render.table_view import Sheet
from bot.services import ordering, printing
from bot.services.printing import Printer
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import Ask
from bot.storage import orders, people, regions
from tests.services.village import Village

LEDGER: Final = "O-14b"


@pytest.fixture
def printer(village: Village, database_url: str) -> Printer:
    """Makes what is ordered in the village."""
    return Printer(village.database, database_url, village.office, lambda: village.now)


async def printed(village: Village, printer: Printer) -> None:
    """Make everything that was ordered, and deliver it."""
    while await printer.turn():
        pass
    await village.work()


async def files_of(village: Village, address: str) -> list[ChatMessage]:
    """The messages on the person's screen that came with a file."""
    return [each for each in await village.screen(address) if each.document is not None]


async def sheet_of(village: Village, address: str) -> Any:
    """The first sheet of the last file on the person's screen."""
    document = (await files_of(village, address))[-1].document
    assert document is not None
    found = await village.chat.document(address, document.file_id)
    assert found is not None
    return openpyxl.load_workbook(io.BytesIO(found[2])).worksheets[0]


async def test_an_overseer_picks_a_table_and_gets_the_file(village: Village, printer: Printer) -> None:
    said = await village.say("township", "报表")
    assert "东山镇" in said
    await village.tap("township", "台账")
    await village.tap("township", village.office.content.layouts[LEDGER].short)
    await printed(village, printer)
    message = (await files_of(village, "township"))[-1]
    assert "东山镇" in message.text
    assert message.document is not None
    assert message.document.name.endswith(".xlsx")
    assert (await sheet_of(village, "township")).max_row > 1


async def test_a_place_below_may_be_named_and_nothing_outside(village: Village, printer: Printer) -> None:
    assert "松树村" in await village.say("township", "报表 松树村")
    await village.tap("township", "台账")
    await village.tap("township", village.office.content.layouts[LEDGER].short)
    await printed(village, printer)
    assert "松树村" in (await files_of(village, "township"))[-1].text
    for elsewhere in ("柳湖村", "梅田湖镇", "华容县", "没有这个村"):
        said = await village.say("township", f"报表 {elsewhere}")
        assert said == village.office.say("reports.no_place", words=elsewhere)


async def test_a_table_may_be_named(village: Village, printer: Printer) -> None:
    await village.say("township", "报表 O-14b")
    await printed(village, printer)
    assert len(await files_of(village, "township")) == 1


async def test_a_cadre_gets_no_table_of_a_place(village: Village, printer: Printer) -> None:
    assert await village.say("cadre", "报表") == village.office.say("reports.only_overseers")
    assert await village.say("cadre", "月报 松树村") == village.office.say("reports.only_overseers")
    assert await village.say("cadre", "台账") == await village.say("cadre", "问题台账"), "their own"
    await village.say("cadre", "你好")
    message = (await village.screen("cadre"))[-1].id
    for data in ("o:3:O-14b:now", "o:2:O-14b:now", "o:1:all", "o:99:O-14b:now"):
        assert await village.tap_data("cadre", message, data) == village.office.say("reports.no_right")
    await printed(village, printer)
    assert await files_of(village, "cadre") == []


async def test_a_button_of_another_place_tells_nothing(village: Village, printer: Printer) -> None:
    await village.say("township", "报表")
    message = (await village.screen("township"))[-1].id
    for data in ("o:5:O-14b:now", "o:6:all", "o:1:O-14b:now", "o:99:O-14b:now"):
        assert await village.tap_data("township", message, data) == village.office.say("reports.no_right")
    assert await village.tap_data("township", message, "o:2:O-99:now") != ""
    await printed(village, printer)
    assert await files_of(village, "township") == []


async def test_what_was_ordered_survives_a_stop_and_arrives_once(village: Village, printer: Printer) -> None:
    await village.say("township", "报表 O-14b")
    async with village.database.transaction() as conn:
        assert await orders.begin_next(conn) is not None  # and here the lights go out
    await printed(village, printer)
    await printed(village, printer)
    assert len(await files_of(village, "township")) == 1


async def test_whoever_lost_the_office_meanwhile_gets_nothing(village: Village, printer: Printer) -> None:
    await village.say("township", "报表 O-14b")
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["township"]))["township"]
        await people.set_status(conn, person.id, "suspended")
    await printed(village, printer)
    assert await files_of(village, "township") == []


async def test_whoever_waits_long_is_told_how_far_it_is(
    village: Village, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    make = REPORTS[LEDGER].make

    async def slow(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
        ask.progress(3, 10)
        await asyncio.to_thread(told.wait, 60)
        return await make(conn, ask)

    monkeypatch.setattr(printing, "PATIENCE", 0.05)
    monkeypatch.setattr(printing, "PACE", 0.05)
    monkeypatch.setitem(REPORTS, LEDGER, replace(REPORTS[LEDGER], make=slow))  # type: ignore[arg-type]
    await village.say("township", "报表 O-14b")
    work = asyncio.create_task(printer.turn())
    name = village.office.content.layouts[LEDGER].name
    wanted = village.office.say("reports.making", name=name, done=3, total=10)
    for _ in range(500):
        await village.work()
        if await village.last("township") == wanted:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("nobody was told")
    told.set()
    await work
    await village.work()
    assert len(await files_of(village, "township")) == 1


async def test_what_fails_is_tried_again_and_then_told(
    village: Village, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
        raise RuntimeError("out of ink")

    monkeypatch.setitem(REPORTS, LEDGER, replace(REPORTS[LEDGER], make=broken))  # type: ignore[arg-type]
    await village.say("township", "报表 O-14b")
    turns = 0
    while await printer.turn():
        turns += 1
    await village.work()
    assert turns == printing.TRIES
    assert await village.last("township") == village.office.say("reports.failed")
    assert await files_of(village, "township") == []


async def test_nobody_can_order_without_end(village: Village, printer: Printer) -> None:
    daily = [id for id, report in REPORTS.items() if report.per == "day" and "town" in report.levels]
    for id in daily[: ordering.MOST_WAITING]:
        await village.say("township", f"报表 {id}")
    assert await village.say("township", f"报表 {daily[ordering.MOST_WAITING]}") == village.office.say(
        "reports.many_waiting", most=ordering.MOST_WAITING
    )


async def test_what_is_being_made_is_not_made_twice(village: Village, printer: Printer) -> None:
    await village.say("township", "报表 O-14b")
    assert await village.say("township", "报表 O-14b") == village.office.say("reports.already")
    await printed(village, printer)
    assert len(await files_of(village, "township")) == 1


@pytest.mark.parametrize("words", ["台账 住房", "报表 住房台账", "报表 附件7", "报表 o-14"])
async def test_a_table_is_found_by_a_part_of_its_name(village: Village, printer: Printer, words: str) -> None:
    await village.say("township", words)
    await printed(village, printer)
    assert len(await files_of(village, "township")) == 1


async def test_a_household_that_nobody_knows_is_not_found(village: Village) -> None:
    said = await village.say("cadre", "目标单 不存在")
    assert said == village.office.say("home.none_found", words="不存在")


async def test_of_a_place_without_households_no_file_is_made(village: Village, printer: Printer) -> None:
    async with village.database.transaction() as conn:
        top = await regions.get(conn, 2)
        new = await regions.add(conn, name="新村", level="village", parent=top)
    await village.say("township", "报表")
    message = (await village.screen("township"))[-1].id
    await village.tap_data("township", message, f"o:{new.id}:O-17:now")
    await printed(village, printer)
    empty = village.office.say("reports.refused", reason="empty", facts={"region": "新村"})
    assert await village.last("township") == empty
    assert await files_of(village, "township") == []


async def test_the_goals_of_a_household_come_to_whoever_is_in_charge(
    village: Village, printer: Printer
) -> None:
    await village.say("cadre", "目标单 王建新")
    await printed(village, printer)
    message = (await files_of(village, "cadre"))[-1]
    assert message.document is not None
    assert "王建新" in message.text
    assert "王建新" not in message.document.name
    words = [str(cell) for line in (await sheet_of(village, "cadre")).values for cell in line]
    assert any("王建新" in word for word in words)
    assert not any("刘大山" in word for word in words), "nothing of another household"


async def test_the_goals_of_a_village_come_to_its_overseer(village: Village, printer: Printer) -> None:
    await village.say("village", "目标单")
    await printed(village, printer)
    words = [str(cell) for line in (await sheet_of(village, "village")).values for cell in line]
    assert any("松树村" in word for word in words)


async def test_an_analysis_comes_as_a_picture_and_a_table(village: Village, printer: Printer) -> None:
    await village.say("township", "报表 O-42")
    await village.tap("township", "2026年4月")
    await printed(village, printer)
    names = [each.document.name for each in await files_of(village, "township") if each.document]
    assert names[-1].endswith(".xlsx")
    assert all(name.endswith(".png") for name in names[:-1])
    assert len(names) > 1


@pytest.mark.parametrize("words", ["台账", "月报", "分析", "台账 石桥村", "月报 松树村", "分析 东山镇"])
async def test_every_word_leads_to_its_shelf(village: Village, words: str) -> None:
    await village.say("township", words)
    shelf = {"台账": "ledger", "月报": "monthly", "分析": "analysis"}[words[:2]]
    shown = [
        button.data.split(":")[2]
        for row in [each for each in await village.screen("township") if each.buttons][-1].buttons
        for button in row
        if button.data.startswith("o:") and not button.data.endswith(":all")
    ]
    assert shown
    assert all(REPORTS[id].shelf == shelf for id in shown)
