"""Takes a case through its procedure: what is possible for whom, and why something is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Literal, Protocol, TypeAlias

from bot.rules.calendar import add_months, month_end, next_half_year_end
from bot.rules.parameters import Parameter
from bot.rules.procedures import THE_DAY, Procedure, Span, State, Step
from bot.rules.terms import Term, Truth

Why: TypeAlias = Literal[
    "not_here",
    "not_yours",
    "own_filing",
    "too_early",
    "too_late",
    "season",
    "not_met",
    "verdict",
    "comment",
    "lacking",
]


class Working(Protocol):
    """A calendar that knows working days."""

    def add(self, day: date, working_days: int, /) -> date:
        """The day so many working days after `day`, which itself does not count."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the posts held over the case's subject."""

    person: int
    posts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: since which day, who filed it, which office has it, and the days it remembers."""

    state: str
    since: date
    filed_by: frozenset[int] = frozenset()
    department: str = ""
    days: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a step cannot be taken; `day` is the one from which, or until which, it can."""

    why: Why
    day: date | None = None
    terms: tuple[Term, ...] = ()
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What a step may read: the day, the calendar, the figures in force, and the household's facts."""

    on: date
    calendar: Working
    figures: Mapping[str, float | None]
    verdict: str | None = None
    truth: Callable[[str], Truth] = lambda _: None
    then: Callable[[date], Mapping[str, float | None]] | None = None
    """The figures in force on another day."""


def figures_on(parameters: Iterable[Parameter], on: date) -> dict[str, float | None]:
    """The values in force on a day, by id."""
    return {parameter.id: parameter.value(on) for parameter in parameters}


def reckoned(span: Span, standing: Standing, around: Around) -> date | None:
    """The day that a span means for a case; None where no figure is set, or 0 for a day of the year.

    A day of the year is the one in force on the day that it is reckoned from: whoever was found in a round is
    due in that round, however late the case gets there.
    """
    if span.rule == THE_DAY:
        return standing.days.get(span.since)
    first = standing.days.get(span.since, standing.since) if span.since else standing.since
    figure = around.figures.get(span.parameter) if span.parameter else None
    if span.rule == "month_day" and span.since and around.then is not None:
        then = around.then(first).get(span.parameter)
        figure = figure if then is None else then
    if span.parameter and (figure is None or (span.rule == "month_day" and not figure)):
        return None
    return _RULES[span.rule](first, int(figure or 0), around.calendar)


def _day_of_month(first: date, day: int, _: Working) -> date:
    here = first.replace(day=min(day, month_end(first).day))
    later = add_months(first.replace(day=1), 1)
    return here if first <= here else later.replace(day=min(day, month_end(later).day))


def _day_of_year(first: date, figure: int, _: Working) -> date:
    month, day = divmod(figure, 100)
    here = date(first.year, month, day)
    return here if first <= here else date(first.year + 1, month, day)


_RULES: Final[Mapping[str, Callable[[date, int, Working], date]]] = {
    "working_days": lambda first, figure, calendar: calendar.add(first, figure),
    "days": lambda first, figure, _: first + timedelta(days=figure),
    "months": lambda first, figure, _: add_months(first, figure),
    "day": _day_of_month,
    "month_end": lambda first, _, __: month_end(first),
    "month_day": _day_of_year,
    "half_year_end": lambda first, _, __: next_half_year_end(first),
    "year_end": lambda first, _, __: date(first.year, 12, 31),
}


def due(state: State, standing: Standing, around: Around) -> date | None:
    """The day by which a case must leave the state; None where the document sets none."""
    return None if state.due is None else reckoned(state.due, standing, around)


def refusal(
    step: Step,
    standing: Standing,
    actor: Actor,
    around: Around,
    *,
    comment: str | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Refused | None:
    """Why this person cannot take this step now; None when nothing stands against it.

    `comment` and `answers` (of the questionnaire that records it) are None while one only looks at what is
    possible.
    """
    if step.before and standing.state not in step.before:
        return Refused("not_here")
    if not actor.posts & set(step.by):
        return Refused("not_yours")
    if step.approves and actor.person in standing.filed_by:
        return Refused("own_filing")
    said = _worded(step, comment) or _lacking(step, answers)
    return _timely(step, standing, around) or _sound(step, around) or said


def _timely(step: Step, standing: Standing, around: Around) -> Refused | None:
    if step.wait is not None:
        last = reckoned(step.wait, standing, around)
        if last is None or around.on < last:
            return Refused("too_early", last)
    if step.until is not None:
        last = reckoned(step.until, standing, around)
        if last is not None and around.on > last:
            return Refused("too_late", last)
    months = [around.figures.get(each) if isinstance(each, str) else each for each in step.only]
    if months and around.on.month not in months:
        return Refused("season")
    return None


def _sound(step: Step, around: Around) -> Refused | None:
    if step.verdicts and around.verdict not in step.verdicts:
        return Refused("verdict")
    unmet = tuple(term for term in step.when if term.holds(around.truth(term.fact)) is not True)
    return Refused("not_met", terms=unmet) if unmet else None


def _worded(step: Step, comment: str | None) -> Refused | None:
    needed = step.back or step.comment
    return Refused("comment") if needed and comment is not None and not comment.strip() else None


def _lacking(step: Step, answers: Mapping[str, Any] | None) -> Refused | None:
    if step.needs is None or answers is None or step.needs.run(answers.get) is True:
        return None
    return Refused("lacking", lacks=step.lacks)


def possible(
    procedure: Procedure, standing: Standing, actor: Actor, around: Around
) -> tuple[tuple[Step, Refused | None], ...]:
    """The ways on that are this person's, each with what stands against it now."""
    found = [(step, refusal(step, standing, actor, around)) for step in procedure.steps_from(standing.state)]
    return tuple((step, why) for step, why in found if why is None or why.why != "not_yours")


def meant(steps: Iterable[Step], form: str, answers: Mapping[str, Any]) -> Step | None:
    """Which of these steps a questionnaire that was handed in stands for; None for none of them."""
    for step in steps:
        if step.form != form or any(answers.get(name) != code for name, code in step.known.items()):
            continue
        if step.given is None or step.given.run(answers.get) is True:
            return step
    return None
