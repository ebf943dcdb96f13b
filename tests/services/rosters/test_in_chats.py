"""Rosters sent in a chat: who may, what is asked before anything is written, and what is said afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from bot.services import roster_intake
from bot.services.roster_intake import LIMIT
from bot.services.rosters.desk import RosterDesk
from bot.services.rosters.layout import RosterLayout
from bot.storage import files, people, regions, rosters, tables
from bot.storage.outbox import last
from tests.services.rosters.desk_work import Desk, book, number
from tests.services.village import Village

HOME = {
    "code": "N-1",
    "town": "东山镇",
    "village": "松树村",
    "head_name": "新户主",
    "head_id_number": number(51),
}
CADRE = {"name": "新干部", "unit": "县教育局", "post": "结对帮扶干部", "town": "东山镇", "village": "松树村"}


@pytest.fixture
def reader(village: Village) -> RosterDesk:
    """What works through the files."""
    return RosterDesk(village.database, village.office, lambda: village.now)


async def send(village: Village, address: str, content: bytes | None, ending: str = ".xlsx") -> str:
    """Send a table in the page's chat; the last message afterwards."""
    village.wait(seconds=1)
    await village.chat.send_table(address, ending, content)
    await village.work()
    return await village.last(address)


async def read(village: Village, reader: RosterDesk) -> None:
    """Work through what waits, and deliver it."""
    while await reader.turn():
        pass
    await village.work()


async def kept(village: Village) -> list[Any]:
    """The files with their contents."""
    async with village.database.reading() as conn:
        table = tables.roster_files
        return list(await conn.execute(table.select().order_by(table.c.id)))


async def homes(village: Village) -> list[str]:
    async with village.database.reading() as conn:
        table = tables.households
        return [each.head_name for each in await conn.execute(table.select().order_by(table.c.id))]


async def test_a_roster_is_looked_at_asked_about_and_taken_in(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    before = await homes(village)
    said = await send(village, "county", book(layout, {"people": [CADRE], "households": [HOME]}))
    assert "正在核对" in said
    await read(village, reader)
    asked = await village.last("county")
    assert "新增 1 户" in asked
    assert "要导入吗" in asked
    assert await homes(village) == before
    await village.tap("county", "导入")
    await read(village, reader)
    heard = await village.heard("county")
    assert "已导入" in heard
    assert "1 位新干部的邀请" in heard
    assert await homes(village) == [*before, "新户主"]
    # The file is gone, and what was said names nobody.
    assert [(each.state, each.content) for each in await kept(village)] == [("closed", None)]
    assert "新户主" not in heard
    assert number(51)[:8] not in heard
    async with village.database.reading() as conn:
        sent = [each for each in await last(conn, "web", "county", 50) if each.payload.get("file_id")]
        names = [(await files.get(conn, each.payload["file_id"])) for each in sent]
    assert [each.name for each in names if each] == ["新干部邀请-2026-04-10.xlsx"]


async def test_the_new_cadre_comes_in_by_the_invitation_as_the_same_person(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    await send(village, "county", book(layout, {"people": [CADRE]}))
    await read(village, reader)
    await village.tap("county", "导入")
    await read(village, reader)
    async with village.database.reading() as conn:
        (row,) = [each for each in await last(conn, "web", "county", 50) if each.payload.get("file_id")]
        file = await files.get(conn, row.payload["file_id"])
    assert file is not None
    token = Desk(village.database, layout).read(file.content)  # no roster, but a workbook
    assert token.troubles
    import io

    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    link = sheet.cell(2, 5).value
    said = await village.say("newcomer", str(link))
    assert "新干部，欢迎" in str(said)
    assert "您现在是：" in str(said)
    assert "换好" not in str(said)
    async with village.database.reading() as conn:
        found = await rosters.people_named(conn, ["新干部"])
        speaks = await people.behind(conn, "web", ["newcomer"])
    assert [each.id for each in found] == [speaks["newcomer"].id]


async def test_troubles_are_listed_and_come_as_a_file(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    before = await homes(village)
    rows = [HOME | {"code": f"N-{at}", "village": "没有村", "head_id_number": None} for at in range(30)]
    await send(village, "county", book(layout, {"households": rows}))
    await read(village, reader)
    heard = await village.heard("county")
    assert "30 处要改" in heard
    assert "农户 第 2 行 村：没有登记这个地方" in heard
    assert "新户主" not in heard
    (message,) = [each for each in await village.screen("county") if each.document]
    assert message.document is not None
    assert message.document.name == "名册要改的地方-2026-04-10.xlsx"
    assert await homes(village) == before
    assert [each.content for each in await kept(village)] == [None]


async def test_a_probable_match_is_chosen_by_a_button(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    before = await homes(village)
    row = {"town": "东山镇", "village": "松树村", "head_name": "王建新", "phone": "13900000000"}
    await send(village, "county", book(layout, {"households": [row]}))
    await read(village, reader)
    assert "农户表第 2 行" in await village.last("county")
    await village.tap("county", "合并")
    await read(village, reader)
    assert "变更 1 户" in await village.last("county")
    assert await homes(village) == before


async def test_a_roster_that_is_not_wanted_after_all_goes(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    before = await homes(village)
    await send(village, "county", book(layout, {"households": [HOME]}))
    await read(village, reader)
    message, data = await village.button("county", "不导入了")
    assert "没有导入" in await village.tap_data("county", message, data)
    assert [(each.state, each.content) for each in await kept(village)] == [("closed", None)]
    # The same tap once more, or another choice, finds nothing.
    await village.tap_data("county", message, data.replace("drop", "take"))
    await read(village, reader)
    assert await homes(village) == before


@pytest.mark.parametrize("address", ["cadre", "village", "township"])
async def test_others_are_told_whom_to_ask(village: Village, layout: RosterLayout, address: str) -> None:
    said = await send(village, address, book(layout, {"households": [HOME]}))
    assert "县里或者管理员" in said
    assert [(each.state, each.content) for each in await kept(village)] == [("closed", None)]
    assert "县里或者管理员" in await village.say(address, "名册")


async def test_somebody_elses_file_is_nobody_elses(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    await send(village, "county", book(layout, {"households": [HOME]}))
    await read(village, reader)
    message, data = await village.button("county", "导入")
    async with village.database.transaction() as conn:
        (top,) = await regions.children(conn, None)
        other = (await people.behind(conn, "web", ["cadre"]))["cadre"]
        await people.appoint(conn, person_id=other.id, role="county", region_id=top.id, since=village.now)
    await village.tap_data("cadre", message, data)
    await read(village, reader)
    assert "新户主" not in await homes(village)


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"最多收 {LIMIT >> 20} MB" in await send(village, "county", None)
    assert await kept(village) == []
    assert "另存为 xlsx" in await send(village, "county", b"old", ".xls")
    monkeypatch.setattr(roster_intake, "LIMIT", 10)
    assert "最多收" in await send(village, "county", b"x" * 11, ".csv")


async def test_what_was_being_read_when_everything_stopped_is_read_afterwards(
    village: Village, reader: RosterDesk, layout: RosterLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(village, "county", book(layout, {"households": [HOME]}))

    async def stopped(*_: Any) -> None:
        raise RuntimeError("the power is off")

    monkeypatch.setattr(reader, "_read", stopped)
    assert await reader.turn()
    again = RosterDesk(village.database, village.office, lambda: village.now)
    await read(village, again)
    assert "要导入吗" in await village.last("county")


async def test_what_fails_again_and_again_is_given_up(
    village: Village, reader: RosterDesk, layout: RosterLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(village, "county", book(layout, {"households": [HOME]}))

    async def broken(*_: Any) -> None:
        raise RuntimeError("it never works")

    monkeypatch.setattr(reader, "_read", broken)
    await read(village, reader)
    assert "没有处理成" in await village.last("county")


async def test_a_file_nobody_decides_about_goes_after_a_day(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    await send(village, "county", book(layout, {"households": [HOME]}))
    await read(village, reader)
    village.wait(days=2)
    await reader.sweep()
    assert [(each.state, each.content) for each in await kept(village)] == [("closed", None)]


async def test_the_template_and_the_roster_of_the_county_come_as_files(
    village: Village, reader: RosterDesk, layout: RosterLayout
) -> None:
    await village.say("county", "名册")
    await village.tap("county", "空白模板")
    await village.say("county", "名册")
    await village.tap("county", "导出名册")
    await read(village, reader)
    names = [each.document.name for each in await village.screen("county") if each.document]
    assert names == ["名册模板-2026-04-10.xlsx", "名册-2026-04-10.xlsx"]
    document = [each.document for each in await village.screen("county") if each.document][-1]
    assert document is not None
    found = await village.chat.document("county", document.file_id)
    assert found is not None
    # Sent back as it is, it changes nothing.
    await send(village, "county", found[2])
    await read(village, reader)
    assert "没有要改的" in await village.last("county")


async def test_the_admin_sends_rosters_but_gets_none(village: Village) -> None:
    async with village.database.transaction() as conn:
        (top,) = await regions.children(conn, None)
        person = await people.add(conn, name="管理员甲")
        await people.appoint(conn, person_id=person.id, role="admin", region_id=top.id, since=village.now)
        await people.bind(conn, people.Account("web", "admin", person.id))
    assert "直接发到这里" in await village.say("admin", "名册")
    labels = [b.label for each in await village.screen("admin") for line in each.buttons for b in line]
    assert "空白模板" in labels
    assert "导出名册" not in labels
