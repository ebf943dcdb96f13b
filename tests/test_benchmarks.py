"""Every benchmark runs, small, and gives figures that can be believed; how fast it is, is not asked here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import end_to_end, engine, explain, memory, million
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
    assert set(command.SUBJECTS) == {"end_to_end", "engine", "explain", "million", "memory"}


def test_both_bots_answer_a_few_people_to_the_end() -> None:
    values = believable(end_to_end.run(end_to_end.Size(people=3, answers=4, rounds=1)))
    assert values["answers a second, product"] > 0
    assert values["answers a second, plain bot (python-telegram-bot + ORM)"] > 0
    assert values["product to plain bot"] > 0


def test_a_turn_of_the_engine_is_measured_at_both_ends() -> None:
    values = believable(engine.run(engine.Size(interviews=1, times=2, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_one_household_is_explained_and_evaluated_by_source_alike() -> None:
    values = believable(explain.run(explain.Size(times=2, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_many_households_get_the_verdicts_of_rules_written_by_hand() -> None:
    values = believable(million.run(million.Size(households=5_000, singles=20, rounds=1)))
    assert all(value > 0 for value in values.values())


def test_the_memory_of_open_interviews_is_measured_in_processes_of_its_own() -> None:
    values = believable(memory.run(memory.Size(interviews=20, answers=5, spoken=5)))
    assert values["memory before"] > 10


@pytest.mark.parametrize("seed", range(5))
def test_people_tap_about_as_often_as_they_type(seed: int) -> None:
    moves = play(contents.load(), seed)
    taps = sum(1 for move in moves if move.answer.tap)
    assert 0.3 < taps / len(moves) < 0.7


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
    monkeypatch.setattr(command, "SUBJECTS", {"thing": ("A thing", lambda: figures)})
    assert command.main(["thing", "--json", str(tmp_path / "found.json")]) == 1
    assert "a thing" in capsys.readouterr().out
    kept = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert kept == {"thing": [{"name": "a thing", "value": 2.0, "unit": "us", "aim": ["at most", 1]}]}


def test_the_command_refuses_a_subject_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["engin"])
    assert "there is no engin" in capsys.readouterr().err
