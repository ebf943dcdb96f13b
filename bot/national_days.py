"""The days off of China, year by year, as `chinese-calendar` has them, and a county's own on top."""

from __future__ import annotations

from functools import cache

from chinese_calendar.constants import holidays, workdays

from bot.rules.county import NOWHERE, County
from bot.rules.working_days import WorkCalendar


@cache
def _national() -> WorkCalendar:
    """What the State Council announced for every year that the installed release holds."""
    years = frozenset(day.year for day in holidays)
    return WorkCalendar(frozenset(holidays), frozenset(workdays), years)


def calendar(county: County = NOWHERE) -> WorkCalendar:
    """The working days of a county: those of the country, unless its file says otherwise."""
    own = county.calendar
    return _national().with_own(own.off, own.on, own.years)
