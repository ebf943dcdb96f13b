"""Every benchmark runs, small, and gives figures that can be believed; how fast it is, is not asked here."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pytest

from benchmarks import (
    ROOT,
    effort,
    end_to_end,
    engine,
    explain,
    memory,
    million,
    papers,
    reminders,
    rosters,
    tables,
)
from benchmarks import __main__ as command
from benchmarks.effort import Effort, Line
from benchmarks.family import CAME_HOME, TRUTH
from benchmarks.figures import Figure
from benchmarks.script import play
from bot import content as contents


def believable(figures: list[Figure]) -> dict[str, float]:
    """The values by name; each is a number, and each name is given once."""
    values = {figure.name: figure.value for figure in figures}
    assert len(values) == len(figures)
    assert all(math.isfinite(value) for value in values.values())
    assert all(figure.unit and str(figure).strip() for figure in figures)
    return values


def test_every_subject_is_named_for_its_module() -> None:
    assert set(command.SUBJECTS) == {
        *("end_to_end", "engine", "explain", "million", "province", "papers", "tables", "memory", "effort"),
        "rosters",
        "reminders",
    }


def test_both_bots_answer_a_few_people_to_the_end() -> None:
    values = believable(end_to_end.run(end_to_end.Size(people=3, answers=4, rounds=1)))
    assert values["answers a second, product"] > 0
    assert values["answers a second, plain bot (python-telegram-bot + ORM)"] > 0
    assert values["product to plain bot"] > 0


def test_a_morning_of_reminders_is_measured_on_an_ordinary_and_on_the_busiest_day() -> None:
    values = believable(reminders.run(reminders.Size(households=900, crowded=300)))
    assert values["ordinary day: duties told of"] == 90
    assert values["busiest day of a county: duties told of"] == 300


def test_a_turn_of_the_engine_is_measured_at_both_ends() -> None:
    values = believable(engine.run(engine.Size(interviews=1, times=2, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_one_household_is_explained_and_evaluated_by_source_alike() -> None:
    values = believable(explain.run(explain.Size(households=10, times=1, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_many_households_get_the_verdicts_of_rules_written_by_hand() -> None:
    values = believable(million.run(million.Size(households=1_000, singles=20, by_engine=20, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_plans_are_made_one_by_one_and_in_a_row_beside_docxtpl_alone() -> None:
    values = believable(papers.run(papers.Size(plans=8, ones=2)))
    assert values["plans in a row"] == 8
    assert all(value > 0 for value in values.values())


def test_attachment_1_of_a_large_county_stands_beside_one_query() -> None:
    values = believable(tables.run(tables.Size(households=700, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_a_roster_comes_in_whole_and_once_more_without_a_change() -> None:
    values = believable(rosters.run(rosters.Size(households=800)))
    assert all(value > 0 for value in values.values())


def test_the_memory_of_open_interviews_is_measured_in_processes_of_its_own() -> None:
    values = believable(memory.run(memory.Size(interviews=20, answers=5, spoken=5)))
    assert values["memory before"] > 10


@pytest.mark.parametrize("seed", range(5))
def test_people_tap_about_as_often_as_they_type(seed: int) -> None:
    moves = play(contents.load(), seed)
    taps = sum(1 for move in moves if move.answer.tap)
    assert 0.3 < taps / len(moves) < 0.7


@pytest.fixture(scope="module")
def lines() -> dict[str, Line]:
    """What each form takes, by what its line says before the colon."""
    return {line.name.partition(":")[0]: line for line in effort.run()}


def test_a_month_without_change_takes_at_most_ten_taps_and_no_typing(lines: dict[str, Line]) -> None:
    month = lines["mc, nothing has changed"]
    assert month.reused.taps <= 10
    assert month.reused.characters == 0
    assert month.is_met
    # Each of the seven fields is still confirmed: beside them stand the way of the visit and the shortcut.
    assert month.reused.asked == 9


def test_what_is_known_is_never_asked_for_once_more(lines: dict[str, Line]) -> None:
    assert {name[:2] for name in lines} == {"jd", "nj", "mc"}
    for line in lines.values():
        assert line.reused.asked < line.unknown.asked, line
        assert line.reused.characters < line.unknown.characters, line


def test_one_change_costs_no_more_than_its_field_and_a_word_about_it(lines: dict[str, Line]) -> None:
    same, changed = lines["mc, nothing has changed"], lines["mc, one thing has changed"]
    assert same.reused.taps < changed.reused.taps < changed.unknown.taps
    assert changed.reused.characters == len(CAME_HOME["job_unstable_factors"])


def test_the_months_of_two_years_take_no_more_than_the_first_ones(lines: dict[str, Line]) -> None:
    life = effort.known_by(effort.office(), [("jd", effort.FIRST_VISIT), ("mc", effort.CHECKS[0])])
    days = [date(2020 + month // 12, month % 12 + 1, 15) for month in range(10, 33)]
    taken = [life.visit("mc", day, TRUTH) for day in days]
    assert {str(each) for each in taken} == {str(lines["mc, nothing has changed"].reused)}


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_what_a_questionnaire_takes_is_stated_as_it_is_counted(page: str, lines: dict[str, Line]) -> None:
    stated = (ROOT / page).read_text(encoding="utf-8")
    for line in lines.values():
        cells = f"{line.blanks} {line.reused} {line.unknown}".split()
        assert f" | {' | '.join(cells)} |\n" in stated, f"{page} lacks: {line}"


def test_a_line_says_whether_its_aim_is_met() -> None:
    def line(taps: int, characters: int, aim: int | None = 10) -> Line:
        return Line("x", 5, Effort(3, taps, characters), Effort(5, 9, 30), aim)

    assert line(10, 0).is_met is True
    assert line(11, 0).is_met is False
    assert line(9, 1).is_met is False
    assert line(99, 99, None).is_met is True
    assert "MISSED" in str(line(11, 0))
    assert len(str(line(1, 1, None))) == len(effort.HEADING.splitlines()[1])


def test_an_aim_says_whether_it_is_met() -> None:
    assert Figure("x", 5.9, "times", ("at least", 6)).is_met is False
    assert Figure("x", 6.0, "times", ("at least", 6)).is_met is True
    assert Figure("x", 200.0, "us", ("at most", 200)).is_met is True
    assert Figure("x", 201.0, "us").is_met is True
    assert "MISSED" in str(Figure("x", 201.0, "us", ("at most", 200)))


def test_the_command_prints_and_keeps_what_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [Figure("a thing", 2.0, "us", ("at most", 1))]
    monkeypatch.setattr(command, "SUBJECTS", {"thing": command.Subject("A thing", lambda: figures)})
    assert command.main(["thing", "--json", str(tmp_path / "found.json")]) == 1
    assert "a thing" in capsys.readouterr().out
    kept = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert kept == {"thing": [{"name": "a thing", "value": 2.0, "unit": "us", "aim": ["at most", 1]}]}


def test_the_command_refuses_a_subject_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["engin"])
    assert "there is no engin" in capsys.readouterr().err
