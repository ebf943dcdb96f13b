"""Numbers of the law, each value with the day from which it holds: so no overlap can be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.errors import HubangError


class NotInForce(HubangError):
    """{name} is not in force on {on}: its first value holds from {first}."""


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value of a parameter, in force from the day `start` until the next one starts."""

    start: date
    value: float
    clause: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the law; `code` is its number in the catalogue, `values` run from early to late."""

    id: str
    code: str
    unit: str
    values: tuple[DatedValue, ...]

    def at(self, on: date) -> DatedValue:
        """The value in force on the day `on`; NotInForce before the first one."""
        for dated in reversed(self.values):
            if dated.start <= on:
                return dated
        raise NotInForce(name=self.id, on=on, first=self.values[0].start)


def values_at(parameters: Iterable[Parameter], on: date) -> dict[str, float]:
    """Every parameter's value on the day `on`, by id."""
    return {parameter.id: parameter.at(on).value for parameter in parameters}


def days_of_change(parameters: Iterable[Parameter], not_before: date) -> tuple[date, ...]:
    """The day `not_before` and every later one on which some value changes, in order."""
    starts = {dated.start for parameter in parameters for dated in parameter.values}
    return tuple(sorted({not_before} | {day for day in starts if day > not_before}))
