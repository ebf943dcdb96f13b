"""One turn of the questionnaire engine at the first and at the last question of `jd`.

Beside it a replay that takes each condition as it is written, parses it and evaluates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.figures import Figure, alternating
from benchmarks.script import FORM, Move, context_of, is_decision, play
from bot import content as contents
from bot.content import Content
from bot.dialogs import engine
from bot.dialogs.form import Form
from bot.expressions import Value, parse


@dataclass(frozen=True, slots=True)
class Size:
    """So many interviews, each with so many calls in a round."""

    interviews: int = 10
    times: int = 100
    rounds: int = 5


def reparsed(form: Form, answers: Mapping[str, Value], facts: dict[str, Value]) -> dict[str, Value]:
    """The facts of the answers outside of rosters, and no more: no open question, no effects."""
    for item in form.items:
        if item.repeat is not None:
            continue
        if item.ask_if is not None and parse.__wrapped__(item.ask_if.source).run(facts.get) is not True:
            continue
        if item.calc is not None:
            facts[item.fact] = parse.__wrapped__(item.calc.source).run(facts.get)
        elif item.id in answers:
            facts[item.fact] = answers[item.id]
    for check in form.checks:
        parse.__wrapped__(check.when.source).run(facts.get)
    return facts


def turns(content: Content, move: Move, size: Size) -> dict[str, float]:
    """Seconds of a turn and of the replay at that place."""
    form, around = content.form(FORM), context_of(content)
    return alternating(
        {
            "engine": lambda: engine.advance(form, move.before, move.reply, around, content.vocabulary),
            "reparsed": lambda: reparsed(form, move.before.answers, around.base()),
        },
        times=size.times,
        rounds=size.rounds,
    )


def last_question(moves: list[Move]) -> Move:
    """The last move that answers a question; what is suspected is decided after it."""
    return next(move for move in reversed(moves) if not is_decision(move.reply))


def run(size: Size | None = None) -> list[Figure]:
    """Microseconds of a turn, at the first and at the last question."""
    size = size or Size()
    content = contents.load()
    interviews = [play(content, seed) for seed in range(size.interviews)]
    first = [turns(content, moves[0], size) for moves in interviews]
    last = [turns(content, last_question(moves), size) for moves in interviews]
    begin, end = median(each["engine"] for each in first), median(each["engine"] for each in last)
    naive = median(each["reparsed"] for each in last)
    return [
        Figure("a turn at the first question", begin * 1e6, "us", ("at most", 200)),
        Figure("a turn at the last question", end * 1e6, "us", ("at most", 200)),
        Figure("last to first", end / begin, "times", ("at most", 2)),
        Figure("a replay that parses what it meets, last question", naive * 1e6, "us"),
        Figure("that replay to a turn", naive / end, "times"),
    ]
