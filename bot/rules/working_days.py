"""Working days of China: weekends, the days off of each year, and the weekends worked instead (Q-54)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SATURDAY: Final = 5
LAST_QUARTER: Final = 10
"""The month from which on deadlines reach into the next year."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Weekdays on which nobody works (`off`), weekend days worked instead (`on`), the `years` they cover.

    Of a year that it does not cover only the weekends are known: `knows` says so, and whoever shows a
    deadline may say so too.
    """

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def knows(self, year: int) -> bool:
        """Whether the days off of that year are known."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day; in an unknown year: whether it is no weekend."""
        return day in self.on or (day.weekday() < SATURDAY and day not in self.off)

    def add(self, day: date, working_days: int) -> date:
        """The last of so many working days, the first of which comes after `day` (Q-54); 0: `day` itself."""
        while working_days > 0:
            day += _DAY
            working_days -= self.is_working_day(day)
        return day

    def left(self, today: date, due: date) -> int:
        """How many working days after `today` there are up to and with `due`; 0 on that day and later."""
        days = (today + _DAY * n for n in range(1, (due - today).days + 1))
        return sum(map(self.is_working_day, days))

    def with_own(
        self, off: Iterable[date] = (), on: Iterable[date] = (), years: Iterable[int] = ()
    ) -> WorkCalendar:
        """This calendar with somebody's own days, which win; `years` are covered by them as a whole."""
        own_off, own_on = frozenset(off), frozenset(on)
        return WorkCalendar(
            (self.off - own_on) | own_off, (self.on - own_off) | own_on, self.years | frozenset(years)
        )

    def unknown(self, today: date) -> tuple[int, ...]:
        """The years that are needed on that day and not known: its own, from October on the next one too."""
        wanted = (today.year, today.year + 1) if today.month >= LAST_QUARTER else (today.year,)
        return tuple(year for year in wanted if not self.knows(year))


WEEKENDS: Final = WorkCalendar()
"""Nothing known but that nobody works at weekends."""
