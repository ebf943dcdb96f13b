"""Reads how often something is due: `[[frequency]]` of schemes and of sets of the library."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Final

from bot.rules.calendar import PERIODS
from bot.rules.consequences import Frequency, Span
from bot.rules.entries import Entry

KINDS: Final = (
    *("visit", "contact", "monitor", "review", "adjust"),
    *("report", "compare", "supervise", "meeting", "stay"),
)
SUBJECTS: Final = ("household", "region")
SPAN: Final = re.compile(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)")
LEAP: Final = 2000
"""A year that has every day that any year has."""


def read_frequency(
    entry: Entry, verdicts: tuple[str, ...], parameters: Collection[str], set_id: str = ""
) -> Frequency:
    """One frequency, with a note of everything that is wrong with it.

    Whether its role exists is seen when the posts are known: see `unknown_owners`.
    """
    rule = Frequency(
        entry.id,
        entry.one_of("kind", KINDS),
        verdicts,
        entry.text("times", ""),
        entry.one_of("per", PERIODS),
        entry.text("role"),
        entry.text("text"),
        entry.text("clause"),
        entry.yes("derived"),
        entry.text("day", ""),
        entry.day("from") if "from" in entry.data else date.min,
        entry.one_of("of", SUBJECTS, "household"),
        tuple(span for each in entry.texts("spans") if (span := _span(entry, each)) is not None),
        entry.yes("held"),
        set_id,
    )
    for named in (rule.times, rule.day):
        if named and named not in parameters:
            entry.unknown(f"there is no parameter {named}", named, parameters)
    if rule.day and rule.per != "month":
        entry.note("day is a day of the month", 'write per = "month", or leave day out')
    if rule.spans and rule.per != "year":
        entry.note("spans are parts of a year", 'write per = "year", or leave spans out')
    if (rule.spans or rule.day) and rule.times:
        entry.note("times is said by the days already", "leave times out")
    if rule.held and rule.of != "region":
        entry.note("only duties of regions go by who holds a post", 'write of = "region"')
    entry.done()
    return rule


def _span(entry: Entry, text: str) -> Span | None:
    found = SPAN.fullmatch(text)
    try:
        if found is not None:
            a, b, c, d = map(int, found.groups())
            if date(LEAP, a, b) <= date(LEAP, c, d):
                return Span((a, b), (c, d))
    except ValueError:
        pass
    entry.note(f'"{text}" is no part of a year', 'write "03-01/04-30"')
    return None
