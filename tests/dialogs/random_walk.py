"""A random interview: right, wrong and extreme answers to whatever is asked, up to the review.

Every answer is made twice, as a person says it in chat and as a survey tool takes it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from bot.dialogs import engine
from bot.dialogs.context import Context
from bot.dialogs.effects import Answered, Asked, Doubted, Refused, Reviewed, Sections, Suspected
from bot.dialogs.form import NUMBERS, Form, Item
from bot.dialogs.reply import Enter, Reply, Said, Tapped
from bot.expressions import Expression
from tests.dialogs.building import id_number, vocabulary

NAMES = ("张三", "李四海", "王小妹", "赵" * 40, "赵" * 41)
PHONES = ("13812345678", "0730-4221234", "010-62345678", "12812345678", "4221234", "1381234567")
EVER = (date(1899, 12, 31), date(1900, 1, 1), date(2100, 12, 31), date(2101, 1, 1))
LENGTHS = (1, 5, 5, 5, 2000, 2001)
TRIES = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `written` for a survey tool ("" leaves the question blank), `reply` for the chat."""

    written: str
    reply: Reply


@dataclass(slots=True)
class Outcome:
    """A whole interview: for every key the answers given, and for each whether it was taken."""

    said: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    turn: Any = None


@dataclass(eq=False)
class Interviewee:
    """Answers the questions of one form at random, with a liking for the figures that its conditions name."""

    form: Form
    context: Context
    random: Random

    @cached_property
    def figures(self) -> Mapping[str, list[float]]:
        """Constants that conditions compare facts with."""
        found: dict[str, list[float]] = {}
        for expression in conditions(self.form):
            for name, constant in expression.constants:
                if isinstance(constant, int | float):
                    found.setdefault(name, []).append(constant)
        return found

    def interview(self) -> Outcome:
        """One interview from the first question to the review."""
        outcome = Outcome()
        turn = engine.begin(self.form, self.context)
        for _ in range(5000):
            match turn.effects[-1]:
                case Asked(step) if step.item is not None:
                    turn = self.answer(turn, step.key, step.item, outcome)
                case Doubted(check):
                    turn = self.advance(turn, Tapped(f"!{check.id}", turn.session.revision, "pick", 1))
                case Suspected():
                    turn = self.advance(turn, Said("1"))
                case Sections():
                    step = next(turn.path.steps[at] for at in turn.path.opens)
                    item = step.item or self.form.by_id[step.check.items[-1]]
                    turn = self.advance(turn, Enter(item.section))
                case Reviewed():
                    outcome.turn = turn
                    return outcome
                case other:
                    raise AssertionError(other)
        raise AssertionError("the interview does not end")

    def advance(self, turn: engine.Turn, reply: Reply) -> engine.Turn:
        """The next turn."""
        return engine.advance(self.form, turn.session, reply, self.context, vocabulary())

    def answer(self, turn: engine.Turn, key: str, item: Item, outcome: Outcome) -> engine.Turn:
        """Answer until an answer is taken."""
        said, results = outcome.said.setdefault(key, []), []
        for attempt in range(TRIES):
            answer = self.say(item, key, turn, attempt)
            turn = self.advance(turn, answer.reply)
            said.append(answer.written)
            refused = [effect for effect in turn.effects if isinstance(effect, Refused)]
            results.append(kind_of(refused[0]) if refused else "taken")
            if not refused:
                assert any(isinstance(effect, Answered) for effect in turn.effects), (key, answer)
                outcome.asked.append((key, tuple(results)))
                return turn
        raise AssertionError(f"{key} takes none of {said}")

    # ------------------------------------------------------------------------------------------ answers

    def say(self, item: Item, key: str, turn: engine.Turn, attempt: int) -> Answer:
        """Something to say to a question."""
        if self.random.random() < (0.5 if attempt > TRIES // 2 else 0.12):
            return Answer("", Tapped(key, turn.session.revision, "unknown"))
        if item.kind == "select_one":
            return self.one_of(item, key, turn)
        if item.kind == "select_multiple":
            return self.some_of(item)
        if item.kind in NUMBERS:
            return self.number(item, counts=item.id in {roster.count for roster in self.form.rosters})
        if item.kind in ("date", "month", "datetime"):
            return self.day(item)
        if item.kind == "id_number":
            number = self.identity()
            return Answer(number, Said(number))
        texts: Sequence[str] = {
            "phone": PHONES,
            "person": NAMES,
            "signature": NAMES[:3],
            "text": ["字" * self.random.choice(LENGTHS)],
        }[item.kind]
        text = self.random.choice(texts)
        return Answer(text, Said(text))

    def one_of(self, item: Item, key: str, turn: engine.Turn) -> Answer:
        code = self.random.choice([option.code for option in item.options])
        if self.random.random() < 0.03:
            code = 97
        elif self.random.random() < 0.3:
            code = item.options[0].code  # mostly yes, which opens branches
        return Answer(str(code), Tapped(key, turn.session.revision, "pick", code))

    def some_of(self, item: Item) -> Answer:
        codes = [option.code for option in item.options]
        most = self.random.choice([1, 2, 3, len(codes)])
        chosen = sorted(self.random.sample(codes, min(self.random.randint(1, most), len(codes))))
        if item.none in chosen and self.random.random() < 0.7:
            chosen = [item.none]
        return Answer(" ".join(map(str, chosen)), Said(" ".join(map(str, chosen))))

    def number(self, item: Item, *, counts: bool) -> Answer:
        random = self.random
        if counts and random.random() < 0.9:
            value: float = random.choice([1, 1, 1, 2, 2, 3])
        else:
            bounds = [item.min, item.max, item.soft_min, item.soft_max, *self.figures.get(item.fact, [])]
            edges = [float(bound) for bound in bounds if isinstance(bound, int | float)]
            near = [edge + by for edge in edges for by in (-1, 0, 0, 1)]
            value = random.choice([0, 1, 2, 3, random.randint(0, 12), random.randint(0, 9000), -1, *near])
        # In chat a year may be said with two figures, in a survey tool it may not.
        if item.kind == "year" and (value < 1000 or random.random() < 0.8):
            value = random.choice([1899, 1900, 2013, 2014, 2015, 2018, 2019, 2020, 2021, 2100, 2101])
        if counts and value > 4:
            value = 2
        if item.kind not in ("integer", "year"):
            value += random.choice([0, 0, 0.5, 0.01, -0.01])
            return Answer(f"{value:.2f}", Said(f"{value:.2f}"))
        if item.kind == "integer" and random.random() < 0.03:
            return Answer(f"{value:.0f}.5", Said(f"{value:.0f}.5"))
        return Answer(f"{value:.0f}", Said(f"{value:.0f}"))

    def day(self, item: Item) -> Answer:
        random, today = self.random, date.fromisoformat(self.context.today)
        written = [text for text in texts_of(self.form) if len(text) == 10]
        near = [today, date(2020, 2, 29), *map(date.fromisoformat, written)]
        day = random.choice(near) + timedelta(days=random.choice([-400, -31, -4, -3, -1, 0, 0, 1, 30]))
        if random.random() < 0.1:
            day = random.choice(EVER)
        if item.kind == "month":
            return Answer(f"{day:%Y-%m}-01", Said(f"{day:%Y-%m}"))
        if item.kind == "datetime":
            return Answer(f"{day}T09:30:00.000", Said(f"{day} 09:30"))
        return Answer(str(day), Said(str(day)))

    def identity(self) -> str:
        """A number of an invented person, mostly right."""
        random = self.random
        year, month = random.choice([1899, 1900, 1956, 2000, 2019, 2025, 2099]), random.randint(1, 12)
        day = random.choice([1, 15, calendar.monthrange(year, month)[1], 29, 31])
        number = id_number(f"430623{year:04}{month:02}{day:02}{random.randint(0, 999):03}")
        if random.random() < 0.2:
            number = number[:-1] + random.choice("0123456789Xx")
        return number[: random.choice([18] * 12 + [17, 15])]


def kind_of(refused: Refused) -> str:
    """How a survey tool refuses what the chat refuses."""
    reason = refused.rejection.reason
    return {"needs_answer": "required", "not_an_option": "type", "not_whole": "type"}.get(
        reason, "constraint"
    )


def conditions(form: Form) -> Iterator[Expression]:
    """Every expression of a form."""
    for item in form.items:
        fold = None if item.fold is None else item.fold.calc
        for expression in (item.ask_if, item.calc, fold, *(check.test for check in item.check)):
            if expression is not None:
                yield expression
    yield from (check.when for check in form.checks)
    yield from (candidate.when for candidate in form.candidates)


def texts_of(form: Form) -> list[str]:
    """Text constants that conditions name."""
    return [
        text for expression in conditions(form) for _, text in expression.constants if isinstance(text, str)
    ]
