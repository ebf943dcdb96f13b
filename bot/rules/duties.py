"""What is due and when, for households and for regions, by the frequencies of a scheme (workflow.md 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.rules.calendar import Period, part_of, parts, periods, until_day
from bot.rules.consequences import Frequency
from bot.rules.pack import Pack


@dataclass(frozen=True, slots=True)
class Duty:
    """One visit, contact, monitoring, review or adjustment: number `turn` of `turns` in its period.

    It may be done from `window_start` on and is due at the end of the day `due`.
    """

    kind: str
    due: date
    window_start: date
    frequency: str
    turn: int
    turns: int
    role: str
    text: str
    clause: str
    derived: bool
    held: bool = False
    """Whether only those owe it who hold the post `role` in the region itself."""


@lru_cache(maxsize=1024)
def duties(pack: Pack, verdict_id: str | None, first: date, last: date) -> tuple[Duty, ...]:
    """Every duty for a household with that verdict that falls due from `first` to `last`, by due day.

    Visits and contacts are spread evenly over their year or month; the others are due when their period
    ends. Nothing is due before the scheme began, nor for a household that is still to verify. Households of
    one verdict share the answer: it is kept.
    """
    concerned = [rule for rule in pack.frequencies if verdict_id in rule.verdicts and rule.of == "household"]
    return _due(pack, concerned, first, last)


def region_duties(pack: Pack, first: date, last: date) -> tuple[Duty, ...]:
    """Every duty of villages, townships and the county as such that falls due from `first` to `last`."""
    return _due(pack, [rule for rule in pack.frequencies if rule.of == "region"], first, last)


def _due(pack: Pack, rules: Iterable[Frequency], first: date, last: date) -> tuple[Duty, ...]:
    start = max(first, pack.scheme.start)
    found = [
        duty
        for rule in rules
        for duty in _of(pack, rule, start, last)
        if max(start, rule.start) <= duty.due <= last
    ]
    return tuple(sorted(found, key=lambda duty: duty.due))


def required(pack: Pack, verdict_id: str | None, kind: str, on: date) -> tuple[Frequency, int] | None:
    """How many duties of a kind the period of the day `on` asks for; None when the scheme asks for none.

    NotInForce before the scheme began.
    """
    for rule in pack.frequencies:
        if rule.kind == kind and verdict_id in rule.verdicts:
            return rule, _times(pack, rule, on)
    return None


def _of(pack: Pack, rule: Frequency, first: date, last: date) -> Iterator[Duty]:
    for period in periods(first, last, rule.per):
        cut = _cut(pack, rule, period)
        turns = len(cut)
        for turn, part in enumerate(cut, 1):
            yield Duty(
                rule.kind,
                part.last,
                part.first,
                rule.id,
                turn,
                turns,
                rule.role,
                rule.text,
                rule.clause,
                rule.derived,
                rule.held,
            )


def _cut(pack: Pack, rule: Frequency, period: Period) -> tuple[Period, ...]:
    """The parts of a period, at the end of each of which one is due."""
    if rule.spans:
        return tuple(part_of(period.first.year, span.first, span.last) for span in rule.spans)
    if rule.day:
        return (until_day(period, _figure(pack, rule.day, period.last)),)
    return parts(period, _times(pack, rule, period.last))


def _times(pack: Pack, rule: Frequency, on: date) -> int:
    return _figure(pack, rule.times, on) if rule.times else 1


def _figure(pack: Pack, parameter: str, on: date) -> int:
    return int(pack.parameter_by_id[parameter].at(on).value)
