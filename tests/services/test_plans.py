"""The plan as a summary and as a paper, by name or for the household shown last."""

from __future__ import annotations

from io import BytesIO

import docx

from bot.storage import plans
from tests.services.interviewer import GREEN, YELLOW, begin, hand_in
from tests.services.village import Village


async def paper(village: Village, address: str) -> tuple[str, str]:
    """Name and text of the newest Word file on the screen, opened as Word would."""
    message = [m for m in await village.screen(address) if m.document is not None][-1]
    assert message.document is not None
    found = await village.chat.document(address, message.document.file_id)
    assert found is not None
    name, media_type, content = found
    assert media_type.endswith("wordprocessingml.document")
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return name, "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


async def documents(village: Village, address: str) -> int:
    return sum(message.document is not None for message in await village.screen(address))


async def test_the_full_text_is_that_of_the_household_shown_last(village: Village) -> None:
    await village.say("township", "王建新")
    await village.say("township", "刘大山")
    await village.say("township", "全文")
    name, text = await paper(village, "township")
    assert "刘大山" in text
    assert "王建新" not in text
    assert "刘大山" not in name
    assert name.endswith(".docx")


async def test_the_full_text_by_name_part_or_initials(village: Village) -> None:
    for words in ("王建新", "建新", "wjx"):
        before = await documents(village, "township")
        await village.say("township", f"全文 {words}")
        assert await documents(village, "township") == before + 1
        assert "王建新" in (await paper(village, "township"))[1]


async def test_after_a_summary_the_full_text_needs_no_name(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    await village.say("cadre", "刘大山")
    await village.say("cadre", "王建新")
    await village.tap("cadre", "计划摘要")
    await village.say("cadre", "全文")
    assert "王建新" in (await paper(village, "cadre"))[1]


async def test_without_a_household_or_with_several_or_none_it_is_asked_which(village: Village) -> None:
    assert "哪一户" in await village.say("cadre", "全文")
    nobody = await village.say("cadre", "全文 诸葛亮")
    elsewhere = await village.say("cadre", "全文 方德顺")
    assert elsewhere == nobody.replace("诸葛亮", "方德顺"), "a household elsewhere is as if it did not exist"
    assert await documents(village, "cadre") == 0


async def test_the_paper_of_a_household_of_another_village_never_comes(village: Village) -> None:
    await village.say("cadre", "全文 方德顺")
    await village.tap_data("cadre", 1, "f:9")
    assert await documents(village, "cadre") == 0
    assert await village.last("cadre") == "没有找到这一户。"


async def test_a_file_is_only_for_those_to_whom_it_was_sent(village: Village) -> None:
    await village.say("township", "全文 王建新")
    message = [m for m in await village.screen("township") if m.document is not None][-1]
    assert message.document is not None
    assert await village.chat.document("cadre", message.document.file_id) is None
    assert await village.chat.document("township", message.document.file_id) is not None


async def test_the_paper_holds_card_reasons_and_measures(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", YELLOW)
    await village.say("cadre", "全文")
    _, text = await paper(village, "cadre")
    for words in ("王建新", "黄卡", "松树村", "周明"):
        assert words in text


async def test_every_questionnaire_handed_in_makes_the_next_version_of_the_plan(village: Village) -> None:
    interview = await hand_in(village, "cadre", "王建新", "cs", GREEN)
    village.wait(days=10)
    await hand_in(village, "cadre", "王建新", "vc")
    village.wait(days=10)
    await hand_in(village, "cadre", "王建新", "cs", YELLOW)
    other = await hand_in(village, "cadre", "刘大山", "cs", GREEN)
    async with village.database.reading() as conn:
        mine = await plans.history(conn, interview.household_id)
        theirs = await plans.history(conn, other.household_id)
    assert [plan.version for plan in mine] == [1, 2, 3]
    assert [plan.version for plan in theirs] == [1]
    assert "绿卡" in mine[0].summary
    assert "黄卡" in mine[2].summary
    assert all("王建新" in plan.summary for plan in mine)


async def test_the_paper_can_be_had_again_and_again_on_one_day(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs", GREEN)
    for _ in range(3):
        await village.say("cadre", "全文 王建新")
    assert await documents(village, "cadre") == 3


async def test_the_full_text_comes_while_another_questionnaire_is_open_and_leaves_it_as_it_is(
    village: Village,
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "全文 刘大山")
    assert "刘大山" in (await paper(village, "cadre"))[1]
    assert "已答 0/" in await village.say("cadre", "继续")
