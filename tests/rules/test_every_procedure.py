"""What holds of every procedure: it is walked in stories on every path, and comes to an end."""

from __future__ import annotations

import re

import pytest

from bot.rules.procedures import Procedure
from tests.services.case_storytelling import STORIES, CaseStory, read_story
from tests.shipped import shipped as content

ALL = sorted(content().procedures)
TOLD = [read_story(path) for path in sorted(STORIES.glob("*.toml"))]
ROLES = 3
"""At least so many posts act in the stories of a procedure."""


def stories(id: str) -> list[CaseStory]:
    return [story for story in TOLD if story.procedure == id]


@pytest.fixture(params=ALL)
def procedure(request: pytest.FixtureRequest) -> Procedure:
    return content().procedures[request.param]


def test_every_step_is_walked(procedure: Procedure) -> None:
    turns = [turn for story in stories(procedure.id) for turn in story.turns]
    named = {turn.opens or turn.does for turn in turns if turn.state} - {""}
    filled = {(turn.fills, turn.state) for turn in turns if turn.fills}
    left = [
        step.id
        for step in procedure.steps
        if not any(name in step.name for name in named)
        and (step.form, step.after) not in filled
        and not step.room
        and not any((form, step.after) in filled for form in procedure.opened_by)
    ]
    assert left == []


def test_at_least_three_people_act_and_something_is_refused(procedure: Procedure) -> None:
    turns = [turn for story in stories(procedure.id) for turn in story.turns]
    who = {turn.who for turn in turns if turn.who}
    assert len(who) >= ROLES
    still = [turn for turn in turns if turn.shows and (turn.does or turn.opens)]
    assert still, "something that is not possible is tried"


def test_from_everywhere_an_end_can_be_reached(procedure: Procedure) -> None:
    ending = {state.id for state in procedure.states.values() if state.final}
    assert ending or any(state.resting for state in procedure.states.values())
    for _ in procedure.states:
        ending |= {before for step in procedure.steps if step.after in ending for before in step.before}
    resting = {state.id for state in procedure.states.values() if state.resting}
    assert set(procedure.states) - ending <= resting


def test_every_place_cited_is_one_of_the_documents(procedure: Procedure) -> None:
    cited = [step.clause for step in procedure.steps] + [p.clause for p in procedure.prohibitions]
    for clause in cited:
        for part in filter(None, re.split(r"; ?", clause)):
            assert re.fullmatch(r"\d{3}:\d+(-\d+)?|[A-Z]+-[A-Z0-9]+(-\d+)?", part), part


def test_every_procedure_of_the_catalogue_is_there() -> None:
    codes = {each.code for each in content().procedures.values()}
    wanted = {f"WF-{number:02}" for number in (*range(1, 8), 9, 10, 11, 12, 15, 16, 18, 20)}
    assert wanted <= codes
    # WF-08 goes with the look back, WF-13 compares the exits of the schemes, WF-14 is a hand-over of its own,
    # WF-17 says who may sign for whom (signing.py), WF-19 is the life of a duty, WF-22 is a list.


def test_stories_are_of_procedures_that_exist() -> None:
    assert {story.procedure for story in TOLD} <= set(ALL)
