"""Arguments of commands as people type them."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from bot.rules.calendar import Period, period_of


def day(text: str) -> date:
    """A day as an argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2020-03-17") from None


def period(text: str) -> Period:
    """Days as an argument: a year, a month, a day, or the first and the last with a stroke between."""
    first, stroke, last = text.partition("/")
    try:
        if stroke:
            found = Period(date.fromisoformat(first), date.fromisoformat(last))
        elif len(first) == len("2020"):
            found = period_of(date(int(first), 1, 1), "year")
        elif len(first) == len("2020-06"):
            found = period_of(date.fromisoformat(f"{first}-01"), "month")
        else:
            found = Period(date.fromisoformat(first), date.fromisoformat(first))
    except ValueError:
        found = None
    if found is None or found.last < found.first:
        what = f"{text!r} are no days; write 2020, 2020-06, 2020-06-30 or 2020-01-01/2020-06-30"
        raise argparse.ArgumentTypeError(what) from None
    return found


class AnyOrder(argparse.ArgumentParser):
    """Takes options before, between and after the other arguments."""

    _is_sorting = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The arguments; one that may be absent is not taken for absent because an option comes first."""
        if self._is_sorting:
            return super().parse_known_args(args, namespace)
        self._is_sorting = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_sorting = False
