"""The invented county is legal by its questionnaires, counts as attachment 6 does, and stands as it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.dialogs.context import Context
from bot.dialogs.form import Form
from bot.dialogs.walking import walk
from bot.expressions import Value
from bot.storage import alerts, duties, facts, interviews, plans, problems, tables, verdicts
from bot.storage.database import Database
from bot.storage.subjects import Subject
from tests.county import TOWNS, County, fill
from tests.county.answers import answers_of
from tests.county.following import END
from tests.county.life import Forms, Life
from tests.county.lives import questionnaires
from tests.county.records import History, Nature
from tests.services.village import loaded

SCALE = 0.02


async def small(database: Database, seed: int = 2020) -> County:
    return await fill(database, scale=SCALE, seed=seed, content=loaded())


def replayed(forms: Forms, nature: Nature | None, history: History) -> Counter[str]:
    """Walk every questionnaire of a history again with the product's engine; how many there were, by form."""
    life = Life(forms, None, nature, 0.0)  # type: ignore[arg-type]
    seen: Counter[str] = Counter()
    for told in history.submissions:
        if told.state != "submitted":
            continue
        form = forms.content.form(told.form)
        before = life.before(told.at)
        known = {"today": before.pop("today"), "now": before.pop("now")}
        path = walk(form, answers_of(form, told.found), {}, Context(**known, file=before))
        assert path.results() == told.found, told.form
        # What is still open are doubts and probable problems, never a question.
        assert [path.steps[at].key for at in path.opens if path.steps[at].item is not None] == []
        assert [check.id for check in path.fired if check.level == "block"] == []
        asked = [step.item for step in path.steps if step.item is not None and step.item.repeat is None]
        assert not [item.id for item in asked if item.required and told.found[item.fact] is None]
        legal_options(form, told.found)
        seen[told.form] += 1
    return seen


def legal_options(form: Form, found: Mapping[str, Value]) -> None:
    """Every code is an option of its question and no more of them than may be chosen; bounds are kept."""
    for item in form.items:
        rows = [found] if item.repeat is None else found.get(item.repeat) or []
        for value in (row[item.fact] for row in rows if row.get(item.fact) is not None):
            codes = {option.code for option in item.options}
            if item.kind in ("select_one", "select_multiple"):
                chosen = value if isinstance(value, list) else [value]
                assert set(chosen) <= codes, (form.id, item.id, value)
                assert len(set(chosen)) == len(chosen) > 0, (form.id, item.id, value)
                assert isinstance(value, list) == (item.kind == "select_multiple")
                assert item.none not in chosen or len(chosen) == 1, (form.id, item.id, value)
                assert item.max_choices is None or len(chosen) <= item.max_choices
            if isinstance(item.min, int | float):
                assert value >= item.min, (form.id, item.id, value)
            if isinstance(item.max, int | float):
                assert value <= item.max, (form.id, item.id, value)


@pytest.mark.parametrize("kind", ["sqlite"])  # the counts do not depend on the database
async def test_the_register_has_the_households_of_attachment_6(database: Database) -> None:
    county = await fill(database, content=loaded())
    assert sum(TOWNS.values()) == 9273
    assert Counter(home.town.name for home in county.homes if home.nature.registered) == TOWNS
    async with database.reading() as conn:
        rows = await conn.execute(
            select(tables.regions.c.parent_id, func.count())
            .join(tables.households, tables.households.c.region_id == tables.regions.c.id)
            .where(tables.households.c.reg_status.in_([1, 2]))
            .group_by(tables.regions.c.parent_id)
        )
        assert {county.town_of(id).name: count for id, count in rows} == TOWNS


async def test_every_answer_might_have_been_given(database: Database) -> None:
    county = await small(database)
    forms = questionnaires(loaded())
    seen: Counter[str] = Counter()
    for home in county.homes:
        seen += replayed(forms, home.nature, home.history)
    for place in county.places():
        seen += replayed(forms, None, place.history)
    assert set(seen) == set(forms.of), "a questionnaire that nobody answered"


async def test_what_stands_written_is_what_the_records_say(database: Database) -> None:
    county = await small(database)
    async with database.reading() as conn:
        for home in county.homes[::7]:
            found = (await facts.current(conn, [home.id])).get(home.id, [])
            assert {fact.name: fact.value for fact in found} == home.facts
            begun = await interviews.of_household(conn, home.id)
            assert [(each.form, each.state) for each in sorted(begun, key=lambda each: each.id)] == [
                (each.form, each.state) for each in home.history.submissions
            ]
            await problems_agree(conn, Subject("household", home.id), home.history)
            said = await verdicts.history(conn, home.id, "hr")
            assert [(each.on, each.verdict, each.row, each.facts, list(each.missing)) for each in said] == [
                (each.on, each.verdict, each.row, each.facts, list(each.missing))
                for each in home.history.judgements
            ]
            latest = (await verdicts.latest(conn, [home.id], "hr")).get(home.id)
            assert (None if latest is None else latest.verdict) == home.verdict("hr")
            due = await duties.open_of_household(conn, home.id)
            assert {(each.kind, each.due, each.state) for each in due} == {
                (each.kind, each.due, each.state)
                for each in home.history.duties
                if each.state in ("planned", "reminded")
            }
            warned = await alerts.open_of_household(conn, home.id)
            assert [each.subject for each in warned] == [
                each.subject for each in home.history.alerts if each.state == "open"
            ]
        assert county.plans
        for id, snapshots in county.plans.items():
            assert [plan.snapshot for plan in await plans.history(conn, id)] == snapshots
        for place in county.places():
            found = (await facts.current(conn, [place.region.id], "region")).get(place.region.id, [])
            assert {fact.name: fact.value for fact in found} == place.history.facts
            await problems_agree(conn, Subject("region", place.region.id), place.history)


async def problems_agree(conn: Any, subject: Subject, history: History) -> None:
    written = await problems.of_subject(conn, subject)
    assert [
        (each.sub_problem, each.status, tuple(each.persons), each.grounds, each.handling, each.deadline)
        for each in sorted(written, key=lambda each: each.id)
    ] == [
        (each.sub_problem, each.status, each.persons, each.grounds, each.handling, each.deadline)
        for each in history.problems
    ]


@pytest.mark.parametrize("kind", ["sqlite"])  # the dice do not depend on the database
async def test_the_same_seed_gives_the_same_county(database: Database) -> None:
    first = await small(database)
    second = await small(database)
    assert [home.history for home in first.homes] == [home.history for home in second.homes]
    assert [home.nature for home in first.homes] == [home.nature for home in second.homes]
    third = await small(database, seed=7)
    assert [home.nature for home in first.homes] != [home.nature for home in third.homes]


@pytest.mark.parametrize("kind", ["sqlite"])  # the gaps do not depend on the database
async def test_there_are_gaps_of_every_kind(database: Database) -> None:
    county = await fill(database, scale=0.1, content=loaded())
    assert not list(county.within(county.empty_village))
    assert all(not home.history.submissions for home in county.within(county.silent_town))
    rest = [home for home in county.homes if home.town != county.silent_town]
    unasked = [home for home in rest if not home.history.submissions]
    assert 0.04 < len(unasked) / len(rest) < 0.14
    told = [home.submitted("jd") or home.submitted("nj") for home in rest]
    values = [value for each in told if each is not None for value in each.found.values()]
    assert 0.08 < values.count(None) / len(values) < 0.2


@pytest.mark.parametrize("kind", ["sqlite"])  # the states do not depend on the database
async def test_problems_verdicts_and_duties_stand_in_every_state(database: Database) -> None:
    county = await fill(database, scale=0.1, content=loaded())
    histories = [home.history for home in county.homes] + [place.history for place in county.places()]
    found = [problem for history in histories for problem in history.problems]
    assert {problem.status for problem in found} == {"candidate", "confirmed", "dismissed", "closed"}
    assert {problem.source for problem in found} >= {1, 2, 3, 4, 5, 6, 7}
    assert {problem.handling.get("problem_stage") for problem in found} == {None, 1, 2, 3, 4, 5, 6}
    assert any(problem.persons for problem in found)
    assert any("." not in problem.sub_problem for problem in found)
    for places in ((county.place,), county.towns, county.villages):
        assert any(place.history.problems for place in places)
    said = [[each.verdict for each in home.history.judgements] for home in county.homes]
    assert {verdict for each in said for verdict in each} >= {"red", "yellow", "green", "none", "to_verify"}
    assert any(len(set(each)) > 1 for each in said)
    states = {due.state for home in county.homes for due in home.history.duties}
    assert states == {"planned", "reminded", "done", "done_late", "cancelled"}
    assert {each.state for home in county.homes for each in home.history.alerts} == {"open", "closed"}
    answered = [place.region.name for place in county.towns if "town_funds_total" in place.history.facts]
    assert 0 < len(answered) < len(TOWNS)


@pytest.mark.parametrize("kind", ["sqlite"])  # the other database checks every row
async def test_no_row_refers_to_what_is_not_there(database: Database) -> None:
    await small(database)
    async with database.reading() as conn:
        assert (await conn.exec_driver_sql("PRAGMA foreign_key_check")).fetchall() == []


async def test_the_product_writes_on_behind_the_county(database: Database) -> None:
    county = await small(database)
    home = county.homes[0]
    async with database.transaction() as conn:
        new = interviews.NewInterview(home.id, "vc", 1, home.cadre, {}, END)
        assert (await interviews.start(conn, new)).id > sum(
            len(each.history.submissions) for each in county.homes
        )
