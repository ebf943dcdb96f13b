"""Filling in a whole form, by sections where it has a menu, and what shows on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bot.dialogs.effects import Answered, Asked, Doubted, Noted, Recalled, Reviewed, Sections, Suspected
from bot.dialogs.reply import Enter
from tests.dialogs.building import TODAY, Interview, id_number, sensible

Told = Mapping[str, str]

NJ: Told = {
    # A quiet household on low-income relief: three people, hardly a branch open, no warning.
    "h6": id_number("43062319700101123"), "h7": "3", "x2": "3", "h8": "2", "h8.x": "没有", "1.a": "30000",
    "1.b": "0", "1.c": "30000", "1.x1": "6000", "2": "2", "3": "1", "3-1": "2", "3-2": "800", "3-3": "2",
    "3-4.a": "5000", "3-4.b": "1000", "4": "1", "4-1": "没有", "5": "1", "5-1.x": "0", "6": "2", "7": "2",
    "8": "2", "s4": TODAY,
}  # fmt: skip
VE: Told = {
    # A village of 300 households whose figures agree.
    "x1": "1", "1": "2018", "2": "300", "3": "1000", "4": "60", "5": "200", "6": "900", "7": "500", "8": "20",
    "9": "30", "10": "5", "11": "20", "12": "0", "13": "0", "18": "12", "20": "5", "21": "2", "22": "40",
    "23": "1", "24": "20", "24-1": "10", "30-4": "10", "30-4-1": "6", "30-4-2": "4", "30-5": "8",
    "30-5-1": "5", "30-5-2": "3", "30-5-3": "3", "30-5-4": "2", "32": "3", "33": "9", "34": "3", "s3": TODAY,
}  # fmt: skip
# One of everything: no part exceeds its whole.
TS: Told = {"9": "800", "5-2": "0"}
QUIET: Mapping[str, Told] = {"nj": NJ, "ve": VE, "ts": TS}


class Shown(NamedTuple):
    """What showed, each as often as it did: checks with their level, problems with whom they concern."""

    checks: list[tuple[str, str]]
    problems: list[tuple[str, tuple[str, ...]]]


def fill(interview: Interview, told: Told, goal: str = "review") -> Shown:
    """Answer as told, else quietly, up to a question, a check or the review; what shows is accepted."""
    answers = {**QUIET[interview.form.id], **told}
    shown = Shown([], [])
    for _ in range(400):
        shown.checks.extend((noted.check.id, noted.check.level) for noted in interview.happened(Noted))
        if not isinstance(interview.open, Sections) and interview.key == goal:
            return shown
        match interview.open:
            case Asked(step) if step.item is not None:
                said = answers.get(step.key) or answers.get(step.item.id)
                interview.say(said or sensible(interview.form.id, step.item))
                assert interview.happened(Answered), (step.key, said, interview.turn.effects)
            case Doubted(check):
                shown.checks.append((check.id, check.level))
                interview.say("1")
            case Suspected(candidate, persons):
                shown.problems.append((candidate.problem, persons))
                interview.say("1")
            case Recalled():
                interview.say("1")
            case Sections(states):
                interview.do(Enter(next(state.section.id for state in states if state.left)))
            case Reviewed():
                break
    raise AssertionError(f"{goal} was not reached")


def asked_next(interview: Interview) -> str:
    """Key of the question that follows, what is doubted before it being accepted; "menu" at the menu."""
    while isinstance(interview.open, Doubted):
        interview.say("1")
    return "menu" if isinstance(interview.open, Sections) else interview.key


def items_on_path(interview: Interview) -> set[str]:
    """Ids of the questions that apply."""
    return {key.partition("#")[0] for key in interview.steps()}
