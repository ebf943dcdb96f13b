"""Asked why, the bot says what would change the verdict and what changed since the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.rules.explain import explain
from bot.rules.pack import Pack
from bot.rules.parameters import DatedValue
from bot.rules.turning_points import Step, TurningPoint
from bot.services.household_file import read_file
from bot.services.judging import judged, open_questions, recalled
from bot.services.office import Office
from bot.services.plan_content import for_household, plan_view
from bot.services.why import chosen, difference, turns
from bot.storage import verdicts
from bot.storage.database import Database
from tests.services.interviewer import GREEN, YELLOW, hand_in
from tests.services.test_plans import documents, paper
from tests.services.village import Village, loaded

HOUSEHOLD = "王建新"


async def why(village: Village) -> str:
    """What the cadre is told under the button of the newest plan."""
    await village.tap("cadre", "为什么")
    return await village.last("cadre")


def below(pack: Pack, value: float) -> Pack:
    """The pack with another line for cards, as if it had always held."""
    line = (DatedValue(pack.scheme.start, value, "003:1982"),)
    found = (replace(each, values=line) if each.id == "card_line" else each for each in pack.parameters)
    return replace(pack, parameters=tuple(found))


def office_with(office: Office, *packs: Pack) -> Office:
    """The office with these packs beside the others, and switched on."""
    known = {**office.content.packs, **{pack.scheme.id: pack for pack in packs}}
    content = replace(office.content, packs=known)
    return replace(office, content=content, schemes=tuple(pack.scheme.id for pack in packs))


# ------------------------------------------------------------------------------------------ what would change


async def test_why_names_the_figure_that_is_lacking(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW | {"2": "4588"})
    said = await why(village)
    assert "比现在多412元" in said
    assert "就会是“绿卡”" in said
    assert "如实" in said


async def test_the_message_after_a_questionnaire_does_not_speculate(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    assert "就会是“绿卡”" not in await village.heard("cadre")


async def test_at_most_three_things_are_said_and_two_of_one_verdict(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    said = await why(village)
    assert said.count("就会是“绿卡”") == 2


def test_the_nearest_way_to_every_verdict_comes_in_first() -> None:
    def point(verdict: str, name: str) -> TurningPoint:
        step = Step("fact", "sentence", name, 1, 2, None, "")
        return TurningPoint(verdict, verdict, True, (step,))

    ways = [("a", "1"), ("a", "2"), ("a", "3"), ("b", "4"), ("c", "5")]
    found = chosen(point(*way) for way in ways)
    assert [each.steps[0].name for each in found] == ["1", "4", "5"]
    assert [each.steps[0].name for each in chosen(point(*way) for way in ways[:4])] == ["1", "2", "4"]


async def test_what_is_open_has_nothing_that_would_change_it(village: Village) -> None:
    async with village.database.reading() as conn:
        dossier = await read_file(conn, village.office, 1, village.now)
    result = judged(village.office, "hr", dossier)
    assert result.verdict.verdict is None
    assert turns(village.office, result) == ()


# ------------------------------------------------------------------------------------------ what changed


async def test_a_later_verdict_says_what_was_otherwise_on_the_earlier_day(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW | {"2": "4588"})
    assert "那次比" not in await village.heard("cadre")
    village.wait(days=40)
    await hand_in(village, "cadre", HOUSEHOLD, "cs", GREEN)
    said = next(text for text in reversed(await texts(village)) if "建议绿卡" in text)
    assert "和2026年4月10日那次比，那时“黄卡”，现在“绿卡”" in said
    assert "那时：手册2019年度人均纯收入4588元，低于5000元；现在：手册2019年度人均纯收入9000元" in said
    assert "和2026年4月10日那次比" in await why(village)


async def test_on_the_day_itself_nothing_is_compared(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    await hand_in(village, "cadre", HOUSEHOLD, "cs", GREEN)
    assert "那次比" not in await village.heard("cadre")


async def test_facts_that_turned_without_turning_the_verdict_are_told_as_such(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", GREEN)
    village.wait(days=40)
    await hand_in(village, "cadre", HOUSEHOLD, "cs", GREEN | {"4.a": "1", "4.b": "1"})
    assert "有些情况变了，结果没变" in await village.heard("cadre")


async def test_a_new_line_leaves_what_was_kept_as_it_was_told(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW | {"2": "4588"})
    office, pack = village.office, village.office.content.packs["hr"]
    other = office_with(office, below(pack, 4000))
    async with village.database.reading() as conn:
        found = await household_of(village)
        kept = (await verdicts.history(conn, found, "hr"))[-1]
        now = other.content.packs["hr"]
        assert recalled(now, kept).verdict == "yellow"
        assert explain(now, recalled(now, kept)) == explain(pack, recalled(pack, kept))
        village.wait(days=40)
        today = judged(other, "hr", await read_file(conn, other, found, village.now))
        told = await difference(conn, other, today)
    assert today.verdict.verdict == "green"
    assert told is not None
    assert [(line.before, line.after) for line in told.lines] == [(5000, 4000)]
    assert told.on == date(2026, 4, 10)


# ------------------------------------------------------------------------------------------ other schemes


def schemes() -> list[str]:
    return [id for id, pack in loaded().packs.items() if pack.scheme.subject == "household"]


@pytest.mark.parametrize("scheme", schemes())
async def test_every_scheme_has_its_reasons_summary_and_paper_in_the_chat(
    database: Database, scheme: str
) -> None:
    village = await Village.open(database)
    village.worker.office = village.office = replace(village.office, schemes=(scheme,))
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    await village.say("cadre", HOUSEHOLD)
    await village.say("cadre", "全文")
    assert await documents(village, "cadre") == 1
    text = (await paper(village, "cadre"))[1]
    assert HOUSEHOLD in text
    assert ("卡别" in text) == (scheme == "hr"), (
        "what is particular to one county stands in its own paper only"
    )
    for text in await texts(village):
        assert "None" not in text
        assert "{" not in text


@pytest.mark.parametrize("scheme", schemes())
async def test_open_questions_stand_in_the_order_of_the_schemes_questionnaires(
    village: Village, scheme: str
) -> None:
    office = replace(village.office, schemes=(scheme,))
    async with village.database.reading() as conn:
        result = judged(office, scheme, await read_file(conn, office, 1, village.now))
    forms = result.pack.scheme.forms
    asked = [form for form, _ in open_questions(office, result) if form]
    ranks = [forms.index(form) if form in forms else len(forms) for form in asked]
    assert ranks == sorted(ranks)
    assert all(label for _, label in open_questions(office, result))


async def test_the_paper_of_a_secret_scheme_tells_the_household_nothing(village: Village) -> None:
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    pack = village.office.content.packs["hr"]
    secret = replace(pack, scheme=replace(pack.scheme, secret=True))
    office = office_with(village.office, secret)
    async with village.database.reading() as conn:
        result = judged(office, "hr", await read_file(conn, office, await household_of(village), village.now))
        view = await plan_view(conn, office, result, village.now)
    shown = for_household(secret, view)
    assert view.card is not None
    assert view.card.name == "黄卡"
    assert (shown.card, shown.why_not, shown.reasons, shown.flags) == (None, (), (), ())
    assert "黄卡" not in str(shown)
    assert [income.line for income in shown.incomes] == [None] * len(view.incomes)
    assert for_household(pack, view) is view
    village.worker.office = village.office = office
    await village.say("cadre", HOUSEHOLD)
    await village.say("cadre", "全文")
    assert "黄卡" not in (await paper(village, "cadre"))[1]
    await village.tap("cadre", "计划摘要")
    said = await why(village)
    assert "建议黄卡" in said
    assert "不告诉农户" in said


async def test_an_income_in_a_plan_is_not_followed_by_its_unit_twice(village: Village) -> None:
    village.worker.office = village.office = replace(village.office, schemes=("n9",))
    await hand_in(village, "cadre", HOUSEHOLD, "ys", {"1": "1"})
    await village.say("cadre", HOUSEHOLD)
    said = await village.tap("cadre", "计划摘要")
    assert "年人均可支配收入100元" in said


async def test_who_stands_by_a_household_is_told_where_the_document_names_them(village: Village) -> None:
    village.worker.office = village.office = replace(village.office, schemes=("f4",))
    await hand_in(village, "cadre", HOUSEHOLD, "ys")
    assert "按文件结对包保：原有帮扶责任人" in await why(village)


async def test_a_measure_of_a_secret_scheme_cites_no_document_that_names_it(village: Village) -> None:
    village.worker.office = village.office = replace(village.office, schemes=("yb",))
    answers = {"1": "3", "2": "2", "3": "4800", "4": "2", "5.e": "3"}
    await hand_in(village, "cadre", HOUSEHOLD, "ys", answers)
    await village.say("cadre", HOUSEHOLD)
    await village.say("cadre", "全文")
    text = (await paper(village, "cadre"))[1]
    assert "住房" in text
    assert "三色" not in text


async def test_of_several_schemes_each_is_named_and_compared_with_itself_alone(village: Village) -> None:
    village.worker.office = village.office = replace(village.office, schemes=("hr", "f4"))
    names = [village.office.content.packs[id].scheme.name for id in ("hr", "f4")]
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    said = await village.heard("cadre")
    assert all(f"（{name}）" in said for name in names)
    village.wait(days=3)
    before = len(await texts(village))
    await hand_in(village, "cadre", HOUSEHOLD, "cs", YELLOW)
    again = "\n".join((await texts(village))[before:])
    assert again.count("理由和上次一样") + again.count("要问清的还是那") == len(names)


async def texts(village: Village) -> list[str]:
    return [message.text for message in await village.screen("cadre") if not message.mine]


async def household_of(village: Village) -> int:
    """The household that the cadre's questionnaires are about."""
    _, data = await village.button("cadre", "为什么")
    return int(data.split(":")[1])
