"""The ledger of problems: what a questionnaire puts on record, what is done about it, and who sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest

from bot.channels import web_chat
from bot.dialogs.effects import Asked, Decided, Doubted, Finished, Recalled
from bot.dialogs.ledger import Deadline
from bot.dialogs.reply import Resume
from bot.expressions import Value
from bot.services import ledger, turning
from bot.services.household_file import HouseholdFile
from bot.services.incoming import Incoming
from bot.services.office import Task
from bot.services.pipeline import Worker
from bot.storage import chats, interviews, people, problems, regions
from bot.storage.interviews import Interview, NewInterview
from bot.storage.problems import LedgerProblem, NewProblem
from bot.storage.subjects import Subject
from tests.dialogs.building import sensible
from tests.services.interviewer import begin, fill, standing
from tests.services.test_alerts import appoint, household
from tests.services.village import Village

HEAD = "王建新"
DUE = date(2026, 6, 30)
SCHOOL = "贫困家庭适龄子女义务教育阶段失学、辍学"
DRY = "供水保证率不足"
UNRATED = {"6": "3", "14-3": "1", "14-4": "2"}
"""Answers of a household whose house was never rated, and of which nothing else is suspected."""
CHILD = {"child": [{"name": "王小妹", "in_school": 2, "not_in_school_reason": 3}], "water_shortage_days": 40}
"""Facts of a questionnaire with a child out of school and too little water."""


@pytest.fixture
def village(village: Village) -> Village:
    """The sample village in a year for which a deadline is set, where problems follow no procedure."""
    content = village.office.content
    content = replace(content, county=replace(content.county, library=()))
    deadlines = {"": (Deadline(date(2026, 1, 1), DUE, "003:120"),)}
    set_for_now = replace(content.ledger, deadlines=deadlines)
    office = replace(village.office, content=replace(content, ledger=set_for_now))
    translate = {web_chat.CHANNEL: web_chat.translate}
    return replace(
        village, office=office, worker=Worker(village.database, office, translate, lambda: village.now)
    )


@dataclass(frozen=True)
class HandedIn:
    """What came of a questionnaire that was handed in: the ledger of its subject, and what was said."""

    problems: list[LedgerProblem]
    said: str


async def hand_in(
    village: Village,
    *decided: Decided,
    form: str = "jd",
    facts: dict[str, Value] | None = None,
    head: str = HEAD,
    region: str = "",
) -> HandedIn:
    """A questionnaire of the cadre about a household (or a region) with these decisions."""
    home = None if region else await household(village, head)
    village.wait(minutes=1)
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        chat = (await chats.load(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        top = (await regions.children(conn, None))[0]
        places = {each.name: each.id for each in await regions.subtree(conn, top.id)}
        new = NewInterview(
            home, form, 1, person.id, {}, village.now, region_id=places[region] if region else None
        )
        interview: Interview = await interviews.start(conn, new)
        incoming = Incoming(web_chat.CHANNEL, "cadre", True, person.name)
        task = Task(village.office, incoming, 1, village.now, chat, person)
        finished = Finished({}, facts if facts is not None else CHILD, decided)
        await ledger.on_submission(conn, task, interview, finished, date(2026, 4, 10))
        said = "\n".join(str(message.payload["text"]) for message in task.out)
        return HandedIn(await problems.of_subject(conn, interview.subject), said)


def yes(problem: str, *persons: str) -> Decided:
    return Decided(problem, True, "", persons)


def no(problem: str, reason: str = "已经复学") -> Decided:
    return Decided(problem, False, reason, ())


def states(found: Sequence[LedgerProblem]) -> list[tuple[str, str]]:
    return [(each.sub_problem, each.status) for each in found]


# ---------------------------------------------------------------- from questionnaires


async def test_a_confirmed_problem_goes_on_record_with_whom_it_concerns_and_its_deadline(
    village: Village,
) -> None:
    came = await hand_in(village, yes("6.1", "王小妹"), no("8.4", "水管冻了，修好了"))
    school, dry = came.problems
    assert states(came.problems) == [("6.1", "confirmed"), ("8.4", "dismissed")]
    assert (school.source, school.persons, school.deadline) == (1, ["王小妹"], DUE)
    assert school.grounds == {
        "child.in_school": [2],
        "child.not_in_school_reason": [3],
        "persons": ["王小妹"],
    }
    assert (dry.reason, dry.deadline, dry.grounds) == ("水管冻了，修好了", None, {"water_shortage_days": 40})
    assert school.interview_id == dry.interview_id is not None
    assert SCHOOL in came.said
    assert "2026-06-30" in came.said
    assert DRY not in came.said  # what is no problem is not spoken of


async def test_a_questionnaire_without_a_problem_says_nothing_of_the_ledger(village: Village) -> None:
    assert (await hand_in(village)) == HandedIn([], "")
    assert (await hand_in(village, no("6.1"))).said == ""


async def test_what_is_open_already_is_neither_added_nor_announced_again(village: Village) -> None:
    await hand_in(village, yes("6.1", "王小妹"))
    again = await hand_in(village, yes("6.1", "王小妹"), yes("8.4"))
    assert states(again.problems) == [("6.1", "confirmed"), ("8.4", "confirmed")]
    assert SCHOOL not in again.said
    assert DRY in again.said


async def test_what_was_dismissed_is_kept_with_its_grounds_so_that_nobody_is_asked_again(
    village: Village,
) -> None:
    await hand_in(village, no("8.4"), yes("6.1"))
    await hand_in(village, no("8.4"))
    subject = Subject("household", await household(village, HEAD))
    async with village.database.reading() as conn:
        file = await ledger.reminded(conn, subject, HouseholdFile())
    assert file.settled == ("6.1",)
    assert file.dismissed == {"8.4": {"water_shortage_days": 40}}
    worse = await hand_in(village, no("8.4", "还是够用"), facts={"water_shortage_days": 60})
    assert states(worse.problems) == [("8.4", "dismissed"), ("6.1", "confirmed"), ("8.4", "dismissed")]
    async with village.database.reading() as conn:
        file = await ledger.reminded(conn, subject, HouseholdFile())
    assert file.dismissed == {"8.4": {"water_shortage_days": 60}}


async def test_a_problem_found_when_no_deadline_is_set_has_none(village: Village) -> None:
    content = village.office.content
    past = replace(
        content.ledger, deadlines={"": (Deadline(date(2020, 3, 17), date(2020, 6, 30), "003:120"),)}
    )
    village = replace(village, office=replace(village.office, content=replace(content, ledger=past)))
    came = await hand_in(village, yes("6.1"))
    assert came.problems[0].deadline is None
    assert SCHOOL in came.said


async def visit(village: Village, answers: dict[str, str]) -> list[str]:
    """A whole questionnaire in the chat, nothing changed that is known; the problems that are asked about.

    It stands at the first of them, or at the review when there is none.
    """
    await begin(village, "cadre", HEAD, "jd")
    for _ in range(200):
        interview = (await standing(village, "cadre")).interview
        form = village.office.content.form(interview.form)
        turn = turning.turn(village.office, form, interview, Resume(), village.now)
        match turn.effects[-1]:
            case Asked(step) if step.item is not None:
                said = answers.get(step.item.id) or sensible(form.id, step.item)
                await village.say("cadre", said)
            case Recalled() | Doubted():
                await village.say("cadre", "1")
            case _:
                return [each.candidate.problem for each in turn.path.suspected if each.decision is None]
    raise AssertionError("the questionnaire has no end")


async def test_what_is_suspected_is_asked_before_the_form_is_handed_in_and_once(village: Village) -> None:
    subject = Subject("household", await household(village, HEAD))
    assert await visit(village, UNRATED) == ["4.1"]
    await village.say("cadre", "2", "鉴定表在镇里，还没发下来", "提交")
    async with village.database.reading() as conn:
        [said] = await problems.of_subject(conn, subject)
    assert (said.sub_problem, said.status, said.reason) == ("4.1", "dismissed", "鉴定表在镇里，还没发下来")
    # The next visit finds the same, so nobody is asked again.
    assert await visit(village, UNRATED) == []
    await village.say("cadre", "提交")
    assert "没有还没解决的问题" in await village.say("cadre", "问题台账")


async def test_what_is_confirmed_in_the_chat_stands_in_the_list_at_once(village: Village) -> None:
    assert await visit(village, UNRATED) == ["4.1"]
    await village.say("cadre", "1", "提交")
    assert "记进问题台账 1 条" in await village.heard("cadre")
    assert "还有 1 条没销号" in await village.say("village", "问题台账")
    assert await visit(village, UNRATED) == []


# ---------------------------------------------------------------- written down by hand

BY_HAND: dict[str, Value] = {
    "problem_category": 7,
    "sub_problem_7": 6,
    "problem_description": "卫生室漏雨，没有医生",
    "involved_count": 0,
    "involved": [],
    "problem_source": 7,
    "problem_money": 0.0,
    "problem_stage": 1,
}
MENDING: dict[str, Value] = BY_HAND | {
    "problem_stage": 4,
    "mending_measure": "修屋顶，请乡卫生院派人",
    "mending_unit": "县卫健局",
    "mending_person": "周明",
    "mending_deadline": "2026-05-31",
}
STRUCK_OFF: dict[str, Value] = MENDING | {
    "problem_stage": 6,
    "mending_result": "修好了，医生每周来两天",
    "people_satisfied": 1,
    "struck_off_on": "2026-05-20",
    "struck_off_by": "李国强",
}


async def test_a_problem_written_down_by_hand_goes_its_way_in_one_record(village: Village) -> None:
    found = await hand_in(village, form="pl", facts=BY_HAND, region="松树村")
    assert states(found.problems) == [("7.6", "confirmed")]
    first = found.problems[0]
    assert (first.source, first.description, first.deadline) == (7, "卫生室漏雨，没有医生", DUE)
    assert first.handling == {"problem_stage": 1, "problem_money": 0.0, "involved_count": 0}
    assert "2026-06-30" in found.said

    further = (await hand_in(village, form="pl", facts=MENDING, region="松树村")).problems
    assert [(each.id, each.status, each.deadline) for each in further] == [
        (first.id, "confirmed", date(2026, 5, 31))
    ]
    assert further[0].handling["mending_unit"] == "县卫健局"
    assert further[0].recorded_at == first.recorded_at < further[0].changed_at

    done = await hand_in(village, form="pl", facts=STRUCK_OFF, region="松树村")
    assert [(each.id, each.status) for each in done.problems] == [(first.id, "closed")]
    assert done.problems[0].handling["struck_off_by"] == "李国强"
    assert "已销号" in done.said

    again = await hand_in(village, form="pl", facts=BY_HAND, region="松树村")
    assert states(again.problems) == [("7.6", "closed"), ("7.6", "confirmed")]


async def test_a_probable_problem_that_was_confirmed_is_taken_further_by_hand(village: Village) -> None:
    await hand_in(village, yes("6.1", "王小妹"))
    facts = MENDING | {"problem_category": 6, "sub_problem_6": 1, "mending_deadline": None}
    [taken] = (await hand_in(village, form="pl", facts=facts)).problems
    assert (taken.sub_problem, taken.status, taken.deadline) == ("6.1", "confirmed", DUE)
    assert taken.persons == ["王小妹"]  # nobody was named this time, so it stays as it was
    assert taken.handling["problem_stage"] == 4
    assert taken.grounds


async def fill_by_hand(village: Village, address: str, answers: dict[str, str]) -> None:
    """Fill in the open form of a problem up to its review."""
    usual = {"f2": "7", "f2s.7": "6", "f3": "卫生室漏雨", "f7.n": "0", "f15": "7", "f17": "0", "f12": "1"}
    await fill(village, address, answers=usual | answers)


async def test_a_problem_is_written_down_in_the_chat_and_found_in_the_list(village: Village) -> None:
    await begin(village, "cadre", HEAD, "pl")
    await fill_by_hand(village, "cadre", {"f2": "6", "f2s.6": "1", "f7.n": "1", "f7": "王小妹"})
    await village.say("cadre", "提交")
    assert SCHOOL in await village.heard("cadre")
    for address in ("cadre", "village", "township", "county"):
        assert "还有 1 条没销号" in await village.say(address, "问题台账")
        told = await village.tap(address, HEAD)
        for words in (SCHOOL, "卫生室漏雨", "王小妹", "群众反映", "已发现", "2026-06-30"):
            assert words in told


@pytest.mark.parametrize("satisfied", ["2", "不知道"])
async def test_nothing_is_struck_off_while_the_people_are_not_content(
    village: Village, satisfied: str
) -> None:
    await begin(village, "cadre", HEAD, "pl")
    closing = {
        "f12": "6",
        "f8": "修屋顶",
        "f9": "县卫健局",
        "f10": "周明",
        "f11": "跳过",
        "f13": "修好了",
        "f14.a": "今天",
        "f14.b": "李国强",
        "f16": satisfied,
    }
    await fill_by_hand(village, "cadre", closing)
    await village.say("cadre", "提交")
    async with village.database.reading() as conn:
        home = Subject("household", await household(village, HEAD))
        assert await problems.of_subject(conn, home) == []
    await village.say("cadre", "改 f16", "1")
    await village.say("cadre", "提交")
    async with village.database.reading() as conn:
        assert states(await problems.of_subject(conn, home)) == [("7.6", "closed")]


# ---------------------------------------------------------------- one that is taken further

RECORDED = {"f2": "6", "f2s.6": "1", "f7.n": "1", "f7": "王小妹", "f17": "300", "f3": "去年秋天起没上学"}
WATER = {"f2": "8", "f2s.8": "4", "f3": "天天停水"}


async def written_down(village: Village, answers: dict[str, str]) -> LedgerProblem:
    """A problem that the cadre wrote down in the chat."""
    await begin(village, "cadre", HEAD, "pl")
    await fill_by_hand(village, "cadre", answers)
    await village.say("cadre", "提交")
    return (await at_home(village))[-1]


async def at_home(village: Village) -> list[LedgerProblem]:
    """The ledger of the household."""
    async with village.database.reading() as conn:
        return await problems.of_subject(conn, Subject("household", await household(village, HEAD)))


async def further(village: Village, address: str, problem: int) -> str:
    """Look at a problem and take it further; what is said then."""
    await village.tap_data(address, 1, f"q:{problem}")
    return await village.tap(address, "登记进展")


async def go_on(village: Village, address: str, answers: dict[str, str]) -> None:
    """Answer up to the review, with all that is proposed on cards kept, and hand in."""
    for _ in range(60):
        at = await standing(village, address)
        if at.key == "review":
            await village.say(address, "提交")
            return
        await village.say(address, "没变化" if at.key.startswith("=") else answers[at.key])
        assert (await standing(village, address)).key != at.key, await village.last(address)
    raise AssertionError("the review was not reached")


CLOSING = {
    "f12": "6",
    "f8": "请老师上门",
    "f9": "县教育局",
    "f10": "周明",
    "f11": "沿用",
    "f13": "复学了",
    "f16": "1",
    "f14.a": "今天",
    "f14.b": "李国强",
}


async def test_what_the_ledger_knows_of_a_problem_is_not_asked_again_but_its_stage_is(
    village: Village,
) -> None:
    recorded = await written_down(village, RECORDED | CLOSING | {"f12": "2", "f11": "跳过"})
    said = await further(village, "township", recorded.id)
    for words in (SCHOOL, "去年秋天起没上学", "王小妹", "300元"):
        assert words in said
    at = await standing(village, "township")
    assert at.key == "=problem"
    assert "已交办" not in said  # the stage stands on no card
    assert "已交办" in await village.say("township", "没变化")
    assert (await standing(village, "township")).key == "f12"
    said = await village.say("township", "沿用")
    for words in ("请老师上门", "县教育局", "周明", "2026-06-30"):
        assert words in said
    await village.say("township", "没变化", "提交")
    [same] = await at_home(village)
    assert (same.id, same.status, same.interview_id) == (recorded.id, "confirmed", at.interview.id)
    assert (same.persons, same.source, same.description) == (["王小妹"], 7, "去年秋天起没上学")
    assert same.handling == recorded.handling
    assert same.deadline == recorded.deadline == DUE


async def test_another_name_renames_the_problem_that_was_opened_and_closes_no_other(village: Village) -> None:
    school = await written_down(village, RECORDED)
    water = await written_down(village, WATER)
    await further(village, "cadre", school.id)
    await village.say("cadre", "改 f2s.6", "2")
    await go_on(village, "cadre", CLOSING)
    found = {each.id: each for each in await at_home(village)}
    assert {id: (each.sub_problem, each.status) for id, each in found.items()} == {
        school.id: ("6.2", "closed"),
        water.id: ("8.4", "confirmed"),
    }
    assert found[water.id] == water
    assert found[school.id].handling["struck_off_by"] == "李国强"


async def test_a_name_under_which_another_problem_is_open_is_not_given_twice(village: Village) -> None:
    school = await written_down(village, RECORDED)
    water = await written_down(village, WATER)
    await further(village, "cadre", school.id)
    await village.say("cadre", "改 f2", "8", "没变化", "4")
    await go_on(village, "cadre", CLOSING | {"f12": "4"})
    found = {each.id: each for each in await at_home(village)}
    assert found[water.id] == water
    assert (found[school.id].sub_problem, found[school.id].handling["problem_stage"]) == ("6.1", 4)
    assert "不改名" in await village.heard("cadre")


async def test_a_problem_of_a_category_gets_its_name_and_keeps_its_words(village: Village) -> None:
    came = await hand_in(village, form="dv", facts=FOUND, region="松树村")
    water = came.problems[1]
    said = await further(village, "village", water.id)
    assert "水塔漏水" in said
    assert (await standing(village, "village")).key == "f2s.8"
    await village.say("village", "4")
    await go_on(village, "village", CLOSING | {"f7.n": "0", "f17": "0"})
    async with village.database.reading() as conn:
        closed = await problems.get(conn, water.id)
    assert closed is not None
    assert (closed.sub_problem, closed.status, closed.description) == ("8.4", "closed", "水塔漏水")


async def test_a_problem_closed_meanwhile_stays_as_it_was_closed(village: Village) -> None:
    school = await written_down(village, RECORDED)
    await further(village, "cadre", school.id)
    await further(village, "township", school.id)
    await go_on(village, "township", CLOSING)
    [closed] = await at_home(village)
    assert closed.status == "closed"
    await go_on(village, "cadre", CLOSING | {"f12": "4"})
    assert await at_home(village) == [closed]
    assert "已经销号" in await village.heard("cadre")


async def test_a_closed_problem_is_not_taken_further(village: Village) -> None:
    school = await written_down(village, RECORDED)
    _, data = await offered(village, school.id)
    await further(village, "township", school.id)
    await go_on(village, "township", CLOSING)
    assert "已经销号" in await village.tap_data("cadre", 1, data)
    with pytest.raises(AssertionError, match="no questionnaire is open"):
        await standing(village, "cadre")


async def offered(village: Village, problem: int) -> tuple[int, str]:
    """The button under a problem with which the cadre takes it further."""
    await village.tap_data("cadre", 1, f"q:{problem}")
    return await village.button("cadre", "登记进展")


async def test_what_was_begun_about_a_problem_is_gone_on_with(village: Village) -> None:
    school = await written_down(village, RECORDED)
    water = await written_down(village, WATER)
    begun: dict[int, int] = {}
    for problem in (school, water):
        await further(village, "cadre", problem.id)
        begun[problem.id] = (await standing(village, "cadre")).interview.id
        await village.say("cadre", "暂停")
    new = await begin(village, "cadre", HEAD, "pl")
    assert new.key == "f2"  # from the household's menu it is a new problem, of which nothing is proposed
    await village.say("cadre", "暂停")
    assert len({*begun.values(), new.interview.id}) == 3
    await further(village, "cadre", school.id)
    assert (await standing(village, "cadre")).interview.id == begun[school.id]
    await village.say("cadre", "暂停")
    assert (await begin(village, "cadre", HEAD, "pl")).interview.id == new.interview.id


async def test_one_who_takes_further_another_problem_of_the_village_is_in_nobodys_way(
    village: Village,
) -> None:
    came = await hand_in(village, form="dv", facts=FOUND, region="松树村")
    health, water = came.problems
    await further(village, "village", health.id)
    await further(village, "township", water.id)
    assert (await standing(village, "township")).key == "f2s.8"
    await village.say("township", "暂停")
    await further(village, "township", health.id)
    theirs = (await standing(village, "village")).interview.id
    _, data = await village.button("township", village.office.say("handing.go_on"))
    assert data == f"t:{theirs}"


async def test_nothing_of_an_earlier_problem_is_proposed_for_a_new_one(village: Village) -> None:
    mending = CLOSING | {"f12": "2", "f11": "跳过"}
    await written_down(village, RECORDED | mending)
    await begin(village, "cadre", HEAD, "pl")
    usual = {"f2": "6", "f2s.6": "1", "f3": "没上学", "f7.n": "0", "f15": "7", "f17": "0"} | mending
    asked: list[str] = []
    while (at := await standing(village, "cadre")).key != "review":
        assert at.asked is not None, at.key  # no card of what another problem was like
        assert at.asked.known is None, at.key
        asked.append(at.key)
        await village.say("cadre", usual[at.key])
    assert asked == ["f2", "f2s.6", "f3", "f7.n", "f15", "f17", "f12", "f8", "f9", "f10", "f11"]
    await village.say("cadre", "提交")
    [merged] = await at_home(village)  # the open one of that name, as long as none was opened from the ledger
    assert (merged.description, merged.persons) == ("没上学", ["王小妹"])


# ---------------------------------------------------------------- the list


async def note(village: Village, sub_problem: str, deadline: date | None, head: str = HEAD) -> int:
    home = await household(village, head)
    new = NewProblem(home, None, sub_problem, 1, "confirmed", village.now, deadline=deadline)
    async with village.database.transaction() as conn:
        id = await problems.add(conn, new)
    assert id is not None
    return id


async def test_the_list_is_empty_until_there_is_a_problem(village: Village) -> None:
    assert "没有还没解决的问题" in await village.say("cadre", "问题")


async def test_what_is_late_comes_first_and_is_counted(village: Village) -> None:
    await note(village, "6.1", DUE)
    await note(village, "8.4", date(2026, 4, 9))
    await note(village, "8.1", None)
    said = await village.say("cadre", "问题台账")
    assert "还有 3 条没销号" in said
    assert "1 条过了整改期限" in said
    [screen] = [message for message in await village.screen("cadre") if message.text == said]
    late, next_one, some_day = [row[0].label for row in screen.buttons]
    assert DRY in late
    assert late.startswith("⏰")
    assert next_one.endswith("06-30")
    assert some_day.endswith("水质不达标")
    assert "已过期" in await village.tap("cadre", DRY)


async def test_a_long_list_has_pages(village: Village) -> None:
    for sub_problem in ("4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.9", "5.1", "5.4"):
        await note(village, sub_problem, None)
    assert "第 1—8 条" in await village.say("cadre", "问题台账")
    assert "第 9—10 条" in await village.tap("cadre", village.office.say("buttons.later"))
    assert "第 1—8 条" in await village.tap("cadre", village.office.say("buttons.earlier"))


async def test_problems_of_another_place_are_as_if_they_did_not_exist(village: Village) -> None:
    await appoint(village, "stone", "石桥干部", "village", "石桥村")
    await appoint(village, "plum", "梅田湖干部", "township", "梅田湖镇")
    id = await note(village, "6.1", None)
    await hand_in(village, form="pl", facts=BY_HAND, region="松树村")
    for address in ("stone", "plum"):
        assert "没有还没解决的问题" in await village.say(address, "问题台账")
        theirs = await village.tap_data(address, 1, f"q:{id}")
        nobodys = await village.tap_data(address, 1, "q:987654")
        assert theirs == nobodys
    for address in ("village", "township", "county"):
        assert "还有 2 条没销号" in await village.say(address, "问题台账")


async def test_whoever_loses_a_household_loses_sight_of_its_problems(village: Village) -> None:
    id = await note(village, "6.1", None)
    assert "还有 1 条没销号" in await village.say("cadre", "台账")
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        await people.set_status(conn, person.id, "suspended")
    assert SCHOOL not in await village.tap_data("cadre", 1, f"q:{id}")


# ---------------------------------------------------------------- from a supervision


FOUND = {
    "found_problem": [
        {"problem_words": "三户没参保", "problem_category": 7, "problem_due": "2026-05-10"},
        {"problem_words": "水塔漏水", "problem_category": 8, "problem_due": None},
        {"problem_words": "两户不知道报销政策", "problem_category": 7, "problem_due": "2026-05-01"},
    ]
}


async def test_what_a_supervision_finds_goes_on_record_by_category(village: Village) -> None:
    came = await hand_in(village, form="dv", facts=FOUND, region="松树村")
    health, water = came.problems
    assert (health.sub_problem, health.source, health.status) == ("7", 3, "confirmed")
    assert (health.description, health.deadline) == ("三户没参保\n两户不知道报销政策", date(2026, 5, 1))
    assert (water.sub_problem, water.description, water.deadline) == ("8", "水塔漏水", DUE)
    assert water.handling == {"problem_stage": 1}
    assert "饮水安全保障政策" in came.said
    assert "还有 2 条没销号" in await village.say("village", "问题台账")
    shown = await village.tap("village", "饮水安全保障政策")
    assert "水塔漏水" in shown
    assert "督战发现" in shown


async def test_of_two_supervisions_handed_in_at_once_no_word_is_lost(village: Village) -> None:
    words = ("水塔漏水", "水质没检测")

    async def handed_in(word: str, category: int) -> HandedIn:
        found: dict[str, Value] = {"found_problem": [{"problem_words": word, "problem_category": category}]}
        return await hand_in(village, form="dv", facts=found, region="松树村")

    for category in range(1, 7):
        await asyncio.gather(*(handed_in(word, category) for word in words))
    came = await handed_in("", 7)
    assert [sorted(each.description.split("\n")) for each in came.problems[:-1]] == [sorted(words)] * 6


async def test_the_next_supervision_adds_to_what_is_open_and_announces_nothing_twice(
    village: Village,
) -> None:
    await hand_in(village, form="dv", facts=FOUND, region="松树村")
    more: dict[str, Value] = {
        "found_problem": [
            {"problem_words": "水塔漏水", "problem_category": 8},
            {"problem_words": "水质没检测", "problem_category": 8, "problem_due": "2026-05-20"},
        ]
    }
    came = await hand_in(village, form="dv", facts=more, region="松树村")
    assert states(came.problems) == [("7", "confirmed"), ("8", "confirmed")]
    water = next(each for each in came.problems if each.sub_problem == "8")
    assert (water.description, water.deadline) == ("水塔漏水\n水质没检测", date(2026, 5, 20))
    assert came.said == ""


async def test_whoever_takes_it_further_says_which_problem_of_the_category_it_is(village: Village) -> None:
    await hand_in(village, form="dv", facts=FOUND, region="松树村")
    further: dict[str, Value] = {
        "problem_category": 8,
        "sub_problem_8": 4,
        "problem_source": 3,
        "problem_description": "水塔已换",
        "problem_stage": 6,
    }
    came = await hand_in(village, form="pl", facts=further, region="松树村")
    assert sorted(states(came.problems)) == [("7", "confirmed"), ("8.4", "closed")]
    assert came.problems[-1].description == "水塔漏水\n水塔已换"


async def test_a_supervision_that_found_nothing_leaves_the_ledger_as_it_is(village: Village) -> None:
    assert await hand_in(village, form="dv", facts={"found_new_problem": 2}, region="松树村") == HandedIn(
        [], ""
    )
