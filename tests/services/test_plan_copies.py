"""The whole plan in the chat: which papers there are, what is told with them, and how a first page looks."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Final

from docx import Document

from bot import content
from bot.channels.web_port import ChatMessage
from bot.storage import facts
from bot.storage.facts import Fact
from tests.services.village import Village

WANG: Final = "王建新"


async def files_of(village: Village, address: str) -> list[ChatMessage]:
    return [each for each in await village.screen(address) if each.document is not None]


async def opened(village: Village, address: str, message: ChatMessage) -> bytes:
    assert message.document is not None
    found = await village.chat.document(address, message.document.file_id)
    assert found is not None
    return found[2]


async def plan_of(village: Village, address: str = "cadre") -> tuple[ChatMessage, str]:
    """Ask for Wang's whole plan; the message with the paper, and the paper's words."""
    await village.say(address, f"全文 {WANG}")
    message = (await files_of(village, address))[-1]
    paper = Document(io.BytesIO(await opened(village, address, message)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return message, "\n".join([*(part.text for part in paper.paragraphs), *cells])


def in_county(village: Village, name: str) -> Village:
    """The same village, in which another county decides."""
    loaded = content.load(content.in_county(name))
    office = replace(village.office, content=loaded, schemes=loaded.households_by)
    village.worker.office = village.worker.desk.office = village.office = office
    village.worker.desk.interviewing.office = office
    return village


async def test_the_paper_of_the_countys_scheme_comes_whole(village: Village) -> None:
    message, words = await plan_of(in_county(village, "jishishan"))
    assert WANG in words
    assert "四、帮扶措施" in words
    assert "应急保障" in words
    assert message.document is not None
    assert WANG not in message.document.name


async def test_what_is_missing_is_told_with_the_paper(village: Village) -> None:
    message, words = await plan_of(in_county(village, "jishishan"))
    assert "待补" in words
    assert "处要补" in message.text
    assert "贫困户属性" in message.text


async def test_what_does_not_go_together_is_told_with_the_paper(village: Village) -> None:
    village = in_county(village, "jishishan")
    said = {"registered_population": 3, "ncms_insured_count": 5}
    async with village.database.transaction() as conn:
        await facts.record(
            conn, [Fact(1, name, value, date(2026, 3, 1), "gp", village.now) for name, value in said.items()]
        )
    message, _ = await plan_of(village)
    assert "前后对不上" in message.text


async def test_a_look_at_the_first_page_is_one_tap_away(village: Village) -> None:
    village = in_county(village, "jishishan")
    await plan_of(village)
    await village.tap("cadre", village.office.say("buttons.first_page"))
    message = (await files_of(village, "cadre"))[-1]
    assert message.document is not None
    assert message.document.name.endswith(".png")
    assert WANG not in message.document.name
    assert (await opened(village, "cadre", message)).startswith(b"\x89PNG")


async def test_the_paper_of_a_scheme_without_sentences_has_a_picture_too(village: Village) -> None:
    _, words = await plan_of(village)
    assert WANG in words
    await village.tap("cadre", village.office.say("buttons.first_page"))
    assert (await opened(village, "cadre", (await files_of(village, "cadre"))[-1])).startswith(b"\x89PNG")


async def test_nobody_gets_a_plan_or_a_picture_of_a_household_outside(village: Village) -> None:
    await village.say("cadre", "首页")
    message = (await village.screen("cadre"))[-1].id
    before = len(await files_of(village, "cadre"))
    for data in ("f:999", "f:999:gp", "f:1:xx", "f:1:gs"):
        said = await village.tap_data("cadre", message, data)
        assert said in (village.office.say("home.not_found"), village.office.say("home.old_button"))
    assert len(await files_of(village, "cadre")) == before
