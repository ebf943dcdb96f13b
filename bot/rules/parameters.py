"""Numbers of the law, each value with the day from which it holds: so no overlap can be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.errors import HubangError
from bot.rules.entries import Entry


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
    """A number of the law; `code` is its number in the catalogue, `values` run from early to late.

    Where the document gives no figure there is no value until a county sets one.
    """

    id: str
    code: str
    unit: str
    values: tuple[DatedValue, ...]

    def at(self, on: date) -> DatedValue:
        """The value in force on the day `on`; NotInForce before the first one."""
        for dated in reversed(self.values):
            if dated.start <= on:
                return dated
        raise NotInForce(name=self.id, on=on, first=self.values[0].start if self.values else date.max)

    def value(self, on: date) -> float | None:
        """The value in force on the day `on`; None before the first one."""
        return next((dated.value for dated in reversed(self.values) if dated.start <= on), None)


def values_at(parameters: Iterable[Parameter], on: date) -> dict[str, float | None]:
    """Every parameter's value on the day `on`, by id; None where there is none yet."""
    return {parameter.id: parameter.value(on) for parameter in parameters}


def days_of_change(parameters: Iterable[Parameter], not_before: date) -> tuple[date, ...]:
    """The day `not_before` and every later one on which some value changes, in order."""
    starts = {dated.start for parameter in parameters for dated in parameter.values}
    return tuple(sorted({not_before} | {day for day in starts if day > not_before}))


def read_parameter(entry: Entry, lent: Mapping[str, Parameter]) -> Parameter:
    """A parameter with its dated values, early to late; one of `lent` is named and nothing more."""
    known = lent.get(entry.id)
    if known is not None and set(entry.data) == {"id"}:
        return known
    if known is not None and known.code == entry.data.get("code"):
        # Under another number of the catalogue it is another county's own.
        entry.note(f"questionnaires read {known.code} too: its values stand there", "leave only the id here")
    values = [dated_value(entry.part(table)) for table in entry.tables("values")]
    values.sort(key=lambda dated: dated.start)
    starts = [dated.start for dated in values]
    unset = entry.yes("county")  # the document gives no figure, the county may
    if not values and not unset:
        entry.note("there is no value", "values = [{ from = 2020-03-17, value = 5000, clause = … }]")
    elif len(set(starts)) < len(starts):
        entry.note("two values start on the same day", "each value holds from a day of its own")
    if "clause" in entry.data:
        entry.text("clause")
    parameter = Parameter(entry.id, entry.text("code", ""), entry.text("unit", ""), tuple(values))
    entry.done()
    return parameter


def dated_value(entry: Entry) -> DatedValue:
    """One of the values; what is wrong with it is noted."""
    entry.asked.append("value")
    value = entry.data.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool):
        entry.note("value must be a number", "without quotes and units")
        value = 0.0
    dated = DatedValue(entry.day("from"), value, entry.text("clause"))
    entry.done()
    return dated
