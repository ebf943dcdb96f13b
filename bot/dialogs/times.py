"""Times of day as cadres write them, at the end of a text that may name a day before."""

from __future__ import annotations

import re

from bot.dialogs.date_patterns import day_patterns
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.vocabulary import DateWords, Vocabulary


def split_time(folded: str, vocabulary: Vocabulary) -> tuple[str, re.Match[str] | None]:
    """The text before a time of day, and the time as it was said (None if none was)."""
    patterns = day_patterns(vocabulary)
    found = patterns.clock.search(folded) or patterns.part.search(folded)
    if found is None:
        return folded, None
    return folded[: found.start()].rstrip().removesuffix("t").strip(), found


def read_time(found: re.Match[str], vocabulary: Vocabulary) -> str | Rejected:
    """The time "HH:MM" that was said, "" for a part of the day alone, ambiguous for the small hours alone."""
    said = found.groupdict()
    if said.get("hour") is None:
        return ""
    hour, minute = int(said["hour"]), _minute(said)
    if hour > 23 or minute > 59:
        return reject("not_a_time")
    if said["part"] is None:
        if said["minutes"] is None and 1 <= hour <= 6:
            return reject("ambiguous", candidates=[_clock(hour, minute), _clock(hour + 12, minute)])
        return _clock(hour, minute)
    in_day = _hour_of_part(hour, said["part"], vocabulary.dates)
    return reject("not_a_time") if in_day is None else _clock(in_day, minute)


def _minute(said: dict[str, str | None]) -> int:
    if said["half"]:
        return 30
    if said["quarter"]:
        return 15 * int(said["quarter"])
    return int(said["minutes"] or said["said"] or 0)


def _clock(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"


def _hour_of_part(hour: int, part: str, words: DateWords) -> int | None:
    """The hour of 24 for an hour said with its part of the day; None where they do not go together."""
    if part in words.night:
        return hour % 12 if hour <= 12 else None
    if part in words.morning:
        return hour if hour <= 12 else None
    if part in words.noon:
        return hour if 11 <= hour <= 14 else hour + 12 if 1 <= hour <= 2 else None
    if part in words.afternoon:
        return hour if hour >= 12 else hour + 12 if hour >= 1 else None
    # After midnight an evening's hour belongs to the next day: better to ask than to guess.
    return hour if 17 <= hour <= 23 else hour + 12 if 5 <= hour <= 11 else None
