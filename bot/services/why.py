"""What "why" says beyond the reasons: what changed since the last verdict, and what would change this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.changes import Change, change
from bot.rules.turning_points import Step, TurningPoint, turning_points
from bot.services.judging import Judged, recalled
from bot.services.office import Office
from bot.storage import verdicts

MOST_POINTS: Final = 3
MOST_OF_ONE: Final = 2
"""So many ways to one verdict: there is often a long list of what excludes."""
MOST_FACTS: Final = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """A verdict that would be given.

    Of each step towards it: sentence, gap (None for a choice), unit, and which figure it is when the sentence
    has several.
    """

    name: str
    steps: tuple[tuple[str, float | None, str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A number of the law that is another one; None where there was none."""

    clause: str
    unit: str
    before: float | None
    after: float | None
    since: date | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise than on the day `on`; names are None for a verdict that could not be given."""

    on: date
    before: str | None
    after: str | None
    turned: bool
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    moves: tuple[tuple[str, str, bool], ...]
    """Sentence, clause, and whether the document gives no way."""


def turns(office: Office, judged: Judged) -> tuple[Turn, ...]:
    """What would change the verdict, the few things worth saying, better verdicts first."""
    verdict = judged.verdict
    points = turning_points(judged.pack, judged.facts, verdict.on, verdict.parameters)
    return tuple(
        Turn(
            point.name,
            tuple(
                (step.sentence, step.gap, step.unit, _figure(office, judged, step)) for step in point.steps
            ),
        )
        for point in chosen(points)
    )


def _figure(office: Office, judged: Judged, step: Step) -> str:
    """The question behind a figure that a sentence names beside others; nothing for a calculated one."""
    rule, info = judged.pack.facts[step.fact], office.content.registry.get(step.name)
    figures = {*rule.yes.names, *rule.no.names} - judged.pack.parameter_by_id.keys()
    if len(figures) < 2 or info is None or not info.items:
        return ""
    form, _, item = info.items[0].partition(".")
    return office.content.form(form).by_id[item].label


def chosen(points: Iterable[TurningPoint]) -> list[TurningPoint]:
    """At most three of the points in their order, so that the nearest to every verdict comes in first."""
    taken: Counter[str] = Counter()
    rounds: list[tuple[int, int, TurningPoint]] = []
    for place, point in enumerate(points):
        rounds.append((taken[point.verdict], place, point))
        taken[point.verdict] += 1
    first = sorted(each[:2] for each in rounds if each[0] < MOST_OF_ONE)[:MOST_POINTS]
    return [point for turn, place, point in rounds if (turn, place) in first]


async def difference(conn: AsyncConnection, office: Office, judged: Judged) -> Difference | None:
    """What changed since the last verdict of an earlier day; None without one, or when nothing changed."""
    now, pack = judged.verdict, judged.pack
    kept = await verdicts.history(conn, judged.dossier.household.id, pack.scheme.id)
    earlier = [each for each in kept if each.on < now.on]
    if not earlier:
        return None
    found = change(pack, recalled(pack, earlier[-1]), now)
    told = _told(office, found)
    return told if found.turned or told.facts or told.lines else None


def _told(office: Office, found: Change) -> Difference:
    """A figure that only moved is told where it bears on the verdict, a truth that turned always."""
    facts = dict.fromkeys((fact.before, fact.after) for fact in found.facts if fact.turned or fact.bears)
    named = office.content.clauses.say
    return Difference(
        found.before_on,
        found.before_name,
        found.after_name,
        found.turned,
        tuple(facts)[:MOST_FACTS],
        tuple(
            Line(named(each.clause), each.unit, each.before, each.after, each.since)
            for each in found.parameters
        ),
        tuple((move.text, named(move.clause), move.forbidden) for move in found.moves),
    )
