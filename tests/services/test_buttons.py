"""Old buttons, double taps, things out of order, and several people or chats at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels import web_chat
from bot.services.pipeline import Worker
from bot.storage import chats, facts, inbox, interviews, people, plans
from bot.storage.people import Account
from tests.services.interviewer import (
    GREEN,
    Standing,
    begin,
    fill,
    hand_in,
    history,
    is_open,
    standing,
)
from tests.services.village import Village

STALE = "这是前面那题的按钮"


async def second_chat(village: Village, of: str, address: str) -> None:
    """Let a person speak through one more chat."""
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, [of]))[of]
        await people.bind(conn, Account(web_chat.CHANNEL, address, person.id))


async def at_choice(village: Village) -> Standing:
    """A questionnaire of the cadre's that stands at its second question, a choice."""
    await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "9000")
    at = await standing(village, "cadre")
    assert at.key == "4.a"
    return at


async def versions(village: Village, household_id: int) -> list[int]:
    """The versions of the household's plan."""
    async with village.database.reading() as conn:
        return [plan.version for plan in await plans.history(conn, household_id)]


async def at_once(village: Village, *done: tuple[str, str]) -> None:
    """Store texts and taps ("data" begins with a colon-separated kind) together, then handle them."""
    for address, what in done:
        if what.partition(":")[0] in ("i", "b", "e", "s", "n", "r", "h", "a"):
            await village.chat.tap(address, 1, what)
        else:
            await village.chat.say(address, what)
    await village.work()


async def test_a_button_of_an_earlier_question_changes_nothing_and_shows_the_open_one(
    village: Village,
) -> None:
    first = await at_choice(village)
    old = first.data("p", 1)
    await village.say("cadre", "2")
    third = await standing(village, "cadre")
    assert third.key != first.key
    shown = await village.tap_data("cadre", 1, old)
    assert STALE in shown
    after = await standing(village, "cadre")
    assert (after.key, after.answers, after.interview.revision) == (
        third.key,
        third.answers,
        third.interview.revision,
    )
    assert len(await history(village, after.interview)) == 2
    # The open question stands below, with live buttons.
    await village.tap("cadre", "1 ")
    assert (await standing(village, "cadre")).key != third.key


async def test_a_double_tap_on_an_answer_counts_once_and_says_nothing_more(village: Village) -> None:
    first = await at_choice(village)
    message, data = await village.button("cadre", "2 ")
    await at_once(village, ("cadre", data))
    said = await village.heard("cadre")
    shown = await village.tap_data("cadre", message, data)
    assert STALE not in shown
    assert await village.heard("cadre") == said
    after = await standing(village, "cadre")
    assert after.answers == {"2": 9000, first.key: 2}
    assert len(await history(village, after.interview)) == 2


async def test_a_double_tap_on_a_tick_leaves_it_ticked(village: Village) -> None:
    await begin(village, "cadre", "王建新", "vc")
    at = await fill(village, "cadre", "6")
    tick = at.data("+", 3)
    await at_once(village, ("cadre", tick), ("cadre", tick), ("cadre", at.data("+", 1)))
    await village.tap_data("cadre", 1, at.data("d"))
    await village.tap_data("cadre", 1, at.data("d"))
    after = await standing(village, "cadre")
    assert after.answers["6"] == [1, 3]
    assert after.key == "7"


async def test_a_tick_that_comes_after_done_does_not_reopen_the_question(village: Village) -> None:
    await begin(village, "cadre", "王建新", "vc")
    at = await fill(village, "cadre", "6")
    await at_once(village, ("cadre", at.data("+", 3)), ("cadre", at.data("d")), ("cadre", at.data("+", 1)))
    after = await standing(village, "cadre")
    assert (after.key, after.answers["6"]) == ("7", [3])


async def test_a_double_tap_on_submit_hands_in_once_and_stays_quiet(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", answers=GREEN)
    message, data = await village.button("cadre", "提交")
    await village.tap_data("cadre", message, data)
    said = await village.heard("cadre")
    await village.tap_data("cadre", message, data)
    assert await village.heard("cadre") == said
    village.wait(minutes=10)
    assert "没有正在填的表" in await village.tap_data("cadre", message, data)
    async with village.database.reading() as conn:
        held = await interviews.of_household(conn, at.interview.household_id)
    assert [interview.state for interview in held] == ["submitted"]
    assert await versions(village, at.interview.household_id) == [1]


async def test_two_quick_taps_on_back_go_back_once(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", "7", GREEN)
    _, back = await village.button("cadre", "上一题")
    await at_once(village, ("cadre", back), ("cadre", back))
    once = await standing(village, "cadre")
    assert (once.key, once.interview.revision) == ("6", at.interview.revision + 1)
    assert STALE not in await village.heard("cadre")
    # Two taps on what is really on the screen go back twice.
    await village.tap("cadre", "上一题")
    assert (await standing(village, "cadre")).key == "4.a"
    assert STALE in await village.tap_data("cadre", 1, back)


async def test_two_quick_taps_on_change_open_the_question_once(village: Village) -> None:
    await begin(village, "cadre", "王建新", "jd")
    at = await fill(village, "cadre", answers={"2": "不清楚"})
    _, change = await village.button("cadre", "改 2")
    await at_once(village, ("cadre", change), ("cadre", change))
    after = await standing(village, "cadre")
    assert (after.key, after.interview.revision) == ("2", at.interview.revision + 1)
    assert STALE not in await village.heard("cadre")
    await village.say("cadre", "1")
    assert STALE in await village.tap_data("cadre", 1, change)
    assert (await standing(village, "cadre")).key == "review"


async def test_submit_on_a_review_that_is_out_of_date_shows_the_present_one(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await fill(village, "cadre", answers=GREEN)
    message, submit = await village.button("cadre", "提交")
    await village.say("cadre", "改 4.a", "1")
    assert STALE in await village.tap_data("cadre", message, submit)
    assert await is_open(village, "cadre")


async def test_a_button_of_a_finished_interview_changes_nothing(village: Village) -> None:
    first = await at_choice(village)
    await fill(village, "cadre", answers=GREEN)
    await village.say("cadre", "提交")
    village.wait(minutes=5)
    for data in (first.data("p", 1), f"b:{first.interview.id}", f"e:{first.interview.id}:{first.key}"):
        assert "没有正在填的表" in await village.tap_data("cadre", 1, data)
    assert "没有正在填的表" in await village.tap_data("cadre", 1, f"r:{first.interview.id}")
    async with village.database.reading() as conn:
        held = (await interviews.load(conn, [first.interview.id]))[first.interview.id]
    assert held.state == "submitted"
    assert held.session["answers"][first.key] == 2
    assert not await is_open(village, "cadre")


async def test_a_button_of_another_interview_changes_neither(village: Village) -> None:
    one = await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "暂停")
    other = await begin(village, "cadre", "刘大山", "cs")
    for data in (
        one.data("p", 1),
        f"b:{one.interview.id}",
        f"e:{one.interview.id}:1",
        f"s:{one.interview.id}",
    ):
        assert STALE in await village.tap_data("cadre", 1, data)
    after = await standing(village, "cadre")
    assert (after.interview.id, after.answers) == (other.interview.id, {})
    await village.tap_data("cadre", 1, f"r:{one.interview.id}")
    assert (await standing(village, "cadre")).answers == {}


async def test_a_button_from_before_an_edit_does_not_answer_the_reopened_question(village: Village) -> None:
    first = await at_choice(village)
    old = first.data("p", 1)
    await fill(village, "cadre", "7", GREEN)
    await village.say("cadre", "改 4.a")
    at = await standing(village, "cadre")
    assert at.key == first.key
    assert STALE in await village.tap_data("cadre", 1, old)
    after = await standing(village, "cadre")
    assert (after.key, after.answers[first.key]) == (first.key, 2)
    await village.tap_data("cadre", 1, at.data("p", 1))
    assert (await standing(village, "cadre")).answers[first.key] == 1


async def test_closing_a_branch_puts_its_answers_away_and_reopening_brings_them_back(
    village: Village,
) -> None:
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", "6", GREEN | {"4.a": "1", "4.b": "1 3"})
    before = at.answers
    assert before["4.b"] == [1, 3]
    await village.say("cadre", "改 4.a")
    closed = await village.say("cadre", "2")
    assert "先替您收着" in closed
    # The open question is the one that stood open before, not one of the closed branch.
    assert (await standing(village, "cadre")).key == "6"
    await village.say("cadre", "改 4.a")
    assert "放回来了" in await village.say("cadre", "1")
    after = await standing(village, "cadre")
    assert (after.key, after.answers) == ("6", before)


async def test_the_answers_of_a_closed_branch_are_in_the_log_and_not_in_the_facts(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await fill(village, "cadre", answers=GREEN | {"4.a": "1", "4.b": "1"})
    await village.say("cadre", "改 4.a", "2")
    at = await fill(village, "cadre", answers=GREEN)
    await village.say("cadre", "提交")
    async with village.database.reading() as conn:
        known = {
            fact.name: fact.value
            for fact in (await facts.current(conn, [at.interview.household_id]))[at.interview.household_id]
        }
    assert known["return_risk"] == 2
    assert "return_risk_causes" not in known
    assert [entry.after for entry in await history(village, at.interview) if entry.key == "4.b"] == [[1]]


async def test_what_a_later_questionnaire_no_longer_asks_is_unknown_again(village: Village) -> None:
    """A branch that was open in the last questionnaire and is closed in this one must not speak on."""
    first = await hand_in(village, "cadre", "王建新", "cs", GREEN | {"4.a": "1", "4.b": "1 3"})
    home = first.household_id

    async def causes() -> Any:
        async with village.database.reading() as conn:
            found = (await facts.current(conn, [home]))[home]
        return next(fact.value for fact in found if fact.name == "return_risk_causes")

    assert await causes() == [1, 3]
    village.wait(days=90)
    await hand_in(village, "cadre", "王建新", "cs", GREEN | {"4.a": "2"})
    assert await causes() is None
    async with village.database.reading() as conn:
        assert [fact.value for fact in await facts.history(conn, home, "return_risk_causes")] == [
            [1, 3],
            None,
        ]


async def test_a_tap_that_overtakes_a_text_answers_its_own_question_only(village: Village) -> None:
    """Telegram promises no order between a tap and a text of one person."""
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", "4.a", GREEN)
    # The tap was made on 4.a; the text, meant for the question before, arrives after it.
    await at_once(village, ("cadre", at.data("p", 2)), ("cadre", "9000"))
    after = await standing(village, "cadre")
    assert after.answers["4.a"] == 2
    assert after.key == "6"
    assert "6" not in after.answers
    # And the other way round: a tap on a question that a text has answered meanwhile.
    await at_once(village, ("cadre", "1"), ("cadre", after.data("p", 2)))
    last = await standing(village, "cadre")
    assert last.answers["6"] == 1
    assert STALE in await village.last("cadre")


async def test_two_people_at_two_households_share_a_commit_and_nothing_else(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await begin(village, "village", "刘大山", "cs")
    await at_once(village, ("cadre", "9000"), ("village", "3000"))
    mine, theirs = await standing(village, "cadre"), await standing(village, "village")
    assert (mine.answers, theirs.answers) == ({"2": 9000}, {"2": 3000})
    assert mine.interview.person_id != theirs.interview.person_id
    assert [e.person_id for e in await history(village, mine.interview)] == [mine.interview.person_id]
    assert [e.person_id for e in await history(village, theirs.interview)] == [theirs.interview.person_id]


async def test_two_people_at_the_same_household_each_fill_in_their_own(village: Village) -> None:
    one = await begin(village, "cadre", "王建新", "cs")
    two = await begin(village, "village", "王建新", "cs")
    assert one.interview.id != two.interview.id
    await fill(village, "cadre", answers=GREEN)
    await fill(village, "village", answers=GREEN | {"2": "8000"})
    await at_once(village, ("cadre", "提交"), ("village", "提交"))
    async with village.database.reading() as conn:
        held = await interviews.of_household(conn, one.interview.household_id)
        known = (await facts.current(conn, [one.interview.household_id]))[one.interview.household_id]
        assert await inbox.dead(conn) == []
    assert {interview.state for interview in held} == {"submitted"}
    assert [f.value for f in known if f.name == "handbook_income_per_capita"] == [8000]
    assert await versions(village, one.interview.household_id) == [1, 2]


async def test_two_workers_hand_in_two_questionnaires_of_one_household(village: Village) -> None:
    one = await begin(village, "cadre", "王建新", "cs")
    await begin(village, "village", "王建新", "cs")
    await fill(village, "cadre", answers=GREEN)
    await fill(village, "village", answers=GREEN)
    await village.chat.say("cadre", "提交")
    await village.chat.say("village", "提交")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for _ in range(4):
        await asyncio.gather(village.worker.turn(), other.turn())
    async with village.database.reading() as conn:
        held = await interviews.of_household(conn, one.interview.household_id)
        assert await inbox.dead(conn) == []
    assert {interview.state for interview in held} == {"submitted"}
    assert await versions(village, one.interview.household_id) == [1, 2]


async def test_one_person_in_two_chats_answers_one_interview_in_turn(village: Village) -> None:
    await second_chat(village, "cadre", "tablet")
    first = await at_choice(village)
    await village.say("tablet", "继续")
    assert (await standing(village, "tablet")).interview.id == first.interview.id
    # Both chats show the first question; both answer it in the same commit: the first to come counts.
    await at_once(village, ("tablet", first.data("p", 2)), ("cadre", first.data("p", 1)))
    after = await standing(village, "cadre")
    assert after.answers == {"2": 9000, first.key: 2}
    assert len(await history(village, after.interview)) == 2
    assert STALE in await village.last("cadre")
    await at_once(village, ("cadre", "1"), ("tablet", "2"))
    after = await standing(village, "cadre")
    assert after.answers == {"2": 9000, first.key: 2, "6": 1, "7": 2}
    assert [entry.seq for entry in await history(village, after.interview)] == [1, 2, 3, 4]


async def test_what_one_chat_handed_in_is_no_longer_open_in_the_other(village: Village) -> None:
    await second_chat(village, "cadre", "tablet")
    first = await begin(village, "cadre", "王建新", "cs")
    await fill(village, "cadre", answers=GREEN)
    await village.say("tablet", "继续")
    await at_once(village, ("cadre", "提交"), ("tablet", "提交"), ("tablet", f"r:{first.interview.id}"))
    assert "没有正在填的表" in await village.last("tablet")
    assert "没有正在填的表" in await village.say("tablet", "上一题")
    assert "没有正在填的表" in await village.tap_data("tablet", 1, f"b:{first.interview.id}")
    async with village.database.reading() as conn:
        known = await interviews.load(conn, [first.interview.id])
    assert await versions(village, first.interview.household_id) == [1]
    assert known[first.interview.id].state == "submitted"


async def test_a_double_tap_on_begin_begins_once(village: Village) -> None:
    await village.say("cadre", "王建新")
    _, data = await village.button("cadre", "四卡核实")
    await at_once(village, ("cadre", data), ("cadre", data))
    at = await standing(village, "cadre")
    async with village.database.reading() as conn:
        assert len(await interviews.of_household(conn, at.interview.household_id)) == 1


async def test_an_interview_stays_where_it_was_for_whoever_takes_the_account_over(village: Village) -> None:
    """A phone that changes hands brings no half-filled questionnaire along."""
    first = await begin(village, "cadre", "王建新", "cs")
    async with village.database.transaction() as conn:
        other = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        await people.bind(conn, Account(web_chat.CHANNEL, "cadre", other.id))
    await village.say("cadre", "2")
    async with village.database.reading() as conn:
        held = (await interviews.load(conn, [first.interview.id]))[first.interview.id]
        chat = (await chats.load(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
    assert held.session["answers"] == {}
    assert chat.open_interview_id == first.interview.id
    assert "没有正在填的表" in await village.tap_data("cadre", 1, first.data("p", 2))


@pytest.mark.parametrize(
    "said", ["上一题 ²", "上一题 99999999999999999999", "改", "改 ²", "\x00", "全文 \x00", "查 %_"]
)
async def test_odd_words_are_answered_and_lose_nothing(village: Village, said: str) -> None:
    await begin(village, "cadre", "王建新", "cs")
    at = await fill(village, "cadre", "6", GREEN)
    heard = await village.heard("cadre")
    await village.say("cadre", said)
    assert len(await village.heard("cadre")) > len(heard)
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []
    assert (await standing(village, "cadre")).answers == at.answers
