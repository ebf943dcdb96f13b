"""Somebody who fills in questionnaires on the sample village without a wrong word, up to a given question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels import web_chat
from bot.dialogs.effects import Asked, Doubted, Recalled, Sections, Suspected
from bot.dialogs.form import CONFIRM, RECALL, SUSPECT
from bot.dialogs.reply import Resume
from bot.services import turning
from bot.services.subject_file import is_usual
from bot.storage import answer_log, chats, interviews
from bot.storage.answer_log import Entry
from bot.storage.interviews import Interview
from tests.dialogs.building import id_number, sensible
from tests.services.village import Village

DAY_OF_BIRTH = "19710512"
HEAD_ID = id_number(f"430623{DAY_OF_BIRTH}001")
"""An invented identity number that passes every check."""

RED = {"1": "1"}
GREEN = {"1": "2", "2": "9000", "4.a": "2", "6": "1", "10.x1": "3", "15.a": "0", "15.b": "0"}
YELLOW = GREEN | {"2": "3000", "4.a": "1", "4.b": "1", "6": "2", "7": "2", "8": "2", "9": "2", "11": "2"}
BLUE = {"1": "3", "3": "3000", "5": "1", "7": "2", "8": "2", "9": "2", "11": "2", "10.x1": "4"}
"""Answers of `cs` that give each card."""
VISIT = {"2": "昨天", "12": "跳过"}
"""A visit of the village's own time."""


@dataclass(frozen=True)
class Standing:
    """What is open in somebody's chat; `key` is that of the question, "!" with a check's id, or "review"."""

    interview: Interview
    key: str
    asked: Asked | None

    @property
    def answers(self) -> Mapping[str, Any]:
        return dict(self.interview.session["answers"])

    def data(self, action: str, code: int | str = "") -> str:
        """The data of a button under the open question."""
        code = code or 0 if action in ("p", "+", "-", "d", "k", "u") else code
        return f"i:{self.interview.id}:{self.interview.revision}:{self.key}:{action}{code}"


async def standing(village: Village, address: str) -> Standing:
    """What is open in the chat at that address."""
    async with village.database.reading() as conn:
        chat = (await chats.load(conn, web_chat.CHANNEL, [address]))[address]
        assert chat.open_interview_id is not None, "no questionnaire is open"
        interview = (await interviews.load(conn, [chat.open_interview_id]))[chat.open_interview_id]
    form = village.office.content.form(interview.form, interview.version)
    last = turning.turn(village.office, form, interview, Resume(), village.now).effects[-1]
    match last:
        case Asked(step):
            return Standing(interview, step.key, last)
        case Doubted(check):
            return Standing(interview, f"!{check.id}", None)
        case Recalled(card):
            return Standing(interview, f"={card.section.id}", None)
        case Suspected(candidate):
            return Standing(interview, candidate.key, None)
        case Sections():
            return Standing(interview, "menu", None)
    return Standing(interview, "review", None)


async def is_open(village: Village, address: str) -> bool:
    """Whether a questionnaire is open in the chat."""
    async with village.database.reading() as conn:
        found = await chats.load(conn, web_chat.CHANNEL, [address])
    return address in found and found[address].open_interview_id is not None


async def begin(village: Village, address: str, household: str, form: str) -> Standing:
    """Open a questionnaire of a household (by its head's name), by taps."""
    await village.say(address, household)
    wanted = village.office.content.form(form)
    if not is_usual(village.office, wanted):
        await village.tap(address, "更多表")
    await village.tap(address, wanted.short)
    return await standing(village, address)


async def fill(
    village: Village, address: str, goal: str = "review", answers: Mapping[str, str] | None = None
) -> Standing:
    """Answer sensibly, or as told by item id or key, up to the question `goal` or the review."""
    told = answers or {}
    for _ in range(200):
        at = await standing(village, address)
        if at.key == goal:
            return at
        if at.asked is not None and at.asked.step.item is not None:
            item = at.asked.step.item
            usual = VISIT.get(item.id) if at.interview.form == "vc" else None
            said = told.get(at.key) or told.get(item.id) or usual or sensible(at.interview.form, item)
            await village.say(address, said)
            after = await standing(village, address)
            assert after.key != at.key, f"{at.key} took no {said!r}: {await village.last(address)}"
        elif at.key[0] in CONFIRM + SUSPECT:
            await village.say(address, "1")
        elif at.key.startswith(RECALL):
            await village.say(address, "2")  # one by one, so that every answer is the test's own
        elif at.key == "menu":
            await village.say(address, await first_section(village, at))
        else:
            raise AssertionError(f"{goal} was never asked; stands at {at.key}")
    raise AssertionError(f"{goal} was not reached")


async def first_section(village: Village, at: Standing) -> str:
    """The number of the first section of a long form in which something is open."""
    form = village.office.content.form(at.interview.form, at.interview.version)
    menu = turning.turn(village.office, form, at.interview, Resume(), village.now).effects[-1]
    assert isinstance(menu, Sections)
    wanted = next(state.section for state in menu.states if state.left)
    return str(form.sections.index(wanted) + 1)


async def hand_in(
    village: Village, address: str, household: str, form: str, answers: Mapping[str, str] | None = None
) -> Interview:
    """A whole questionnaire from the search to "submitted"."""
    await begin(village, address, household, form)
    at = await fill(village, address, answers=answers)
    await village.say(address, "提交")
    async with village.database.reading() as conn:
        interview = (await interviews.load(conn, [at.interview.id]))[at.interview.id]
    assert interview.state == "submitted", await village.last(address)
    return interview


async def history(village: Village, interview: Interview) -> list[Entry]:
    """The answer log of an interview."""
    async with village.database.reading() as conn:
        return await answer_log.history(conn, interview.id)
