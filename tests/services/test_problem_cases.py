"""Problems of the ledger and their cases say the same, whichever of the two is moved."""

from __future__ import annotations

import pytest

from bot.services import problem_record
from bot.storage import cases, problems
from bot.storage.cases import Case
from bot.storage.problems import LedgerProblem
from bot.storage.subjects import Subject
from tests.services.interviewer import fill, hand_in, standing
from tests.services.test_alerts import household
from tests.services.village import Village

HEAD = "王建新"
FOUND = {"f2": "8", "f2s.8": "4", "f3": "天天停水", "f7.n": "0", "f15": "7", "f17": "0", "f12": "1"}
MENDING = FOUND | {"f8": "接支管", "f9": "县水利局", "f10": "方工", "f11": "跳过"}
MENDED = MENDING | {"f13": "验收单在村委会", "f16": "1"}
STRUCK_OFF = MENDED | {"f14.a": "今天", "f14.b": "李国强"}


async def both(village: Village) -> tuple[LedgerProblem, Case]:
    """The latest problem of the household, and its case."""
    async with village.database.reading() as conn:
        record = (await problems.of_subject(conn, Subject("household", await household(village, HEAD))))[-1]
        return record, (await cases.of_problem(conn, record.id))[-1]


async def take(village: Village, who: str, step: str, answers: dict[str, str]) -> None:
    """Take a step of the case by its button, with the questionnaire that records it."""
    case = (await both(village))[1]
    await village.tap_data(who, 1, f"w:{case.id}")
    await village.tap(who, step)
    await fill(village, who, answers=answers)
    await village.say(who, "提交")


async def agree(village: Village) -> tuple[str, int, str]:
    """The state of the case, with the stage and status of the record, which must say the same."""
    record, case = await both(village)
    procedure = village.office.content.procedures["problem"]
    stage = record.handling["problem_stage"]
    assert stage == problem_record.stages(procedure)[case.state]
    assert record.is_open is bool(case.open)
    assert case.due == (record.deadline if case.open else None)
    return case.state, stage, record.status


async def test_the_record_says_at_every_step_what_the_case_says(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "pl", FOUND)
    assert await agree(village) == ("found", 1, "confirmed")
    await take(village, "township", "交办整改", MENDING)
    assert await agree(village) == ("assigned", 2, "confirmed")
    assert (await both(village))[1].department == "water"
    await take(village, "cadre", "开始整改", MENDING)
    assert await agree(village) == ("rectifying", 4, "confirmed")
    await take(village, "cadre", "改好了，交佐证", MENDED)
    assert await agree(village) == ("done", 5, "confirmed")
    await village.tap("cadre", "看看")
    await village.tap_data("township", 1, f"w:{(await both(village))[1].id}")
    await village.tap("township", "整改不到位，退回")
    await village.say("township", "还是停水")
    assert await agree(village) == ("rectifying", 4, "confirmed")
    await take(village, "cadre", "改好了，交佐证", MENDED)
    await take(village, "township", "群众不满意，再整改", MENDED | {"f16": "2"})
    assert await agree(village) == ("rectifying", 4, "confirmed")
    await take(village, "cadre", "改好了，交佐证", MENDED)
    await take(village, "township", "核验销号", STRUCK_OFF)
    assert await agree(village) == ("closed", 6, "closed")
    assert (await both(village))[0].handling["struck_off_by"] == "李国强"


@pytest.mark.parametrize("stage", ["2", "4", "5", "6"])
async def test_what_may_not_be_taken_leaves_the_record_where_it_was(village: Village, stage: str) -> None:
    await hand_in(village, "cadre", HEAD, "pl", FOUND)
    await hand_in(village, "cadre", HEAD, "pl", STRUCK_OFF | {"f12": stage})
    assert await agree(village) == ("found", 1, "confirmed")
    assert "这一步没有动" in await village.heard("cadre")
    record, _ = await both(village)
    assert record.handling["mending_measure"] == "接支管"  # what was answered stays
    assert "struck_off_on" not in record.handling


async def test_another_deadline_is_that_of_the_case_too(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "pl", FOUND)
    await take(village, "township", "交办整改", MENDING | {"f11": "5月20日"})
    await take(village, "township", "改派整改单位", MENDING | {"f11": "5月10日", "f9": "松树村村委会"})
    assert await agree(village) == ("assigned", 2, "confirmed")
    record, case = await both(village)
    assert case.due == record.deadline
    assert str(case.due).endswith("05-10")
    assert case.department == ""  # a village is no department


async def test_the_case_is_one_tap_from_the_record(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "pl", FOUND)
    record, _ = await both(village)
    await village.tap_data("township", 1, f"q:{record.id}")
    assert "已发现，等乡镇交办" in await village.tap("township", village.office.say("casework.of_household"))


async def test_a_questionnaire_of_a_step_begins_with_what_the_record_says(village: Village) -> None:
    await hand_in(village, "cadre", HEAD, "pl", FOUND)
    case = (await both(village))[1]
    await village.tap_data("township", 1, f"w:{case.id}")
    await village.tap("township", "报县里协调")
    at = await standing(village, "township")
    assert at.answers["f12"] == 3
    assert at.interview.context["continues"] == case.problem_id
