"""Single cells of a roster: what a text, a number or a day in it means, or why it cannot be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from bot.dialogs.dates import parse_date
from bot.dialogs.identity import IdNumber, parse_id_number, parse_phone
from bot.dialogs.rejection import Rejected
from bot.dialogs.vocabulary import Vocabulary
from bot.problems import nearest
from bot.services.rosters.layout import Column, folded

LONGEST: Final = 200
"""Signs of a text: more is no name and no address."""
EXACT: Final = 10**15
"""From here on Excel keeps only the first figures of a number."""
LATER: Final = 60
"""Years: a day that reads the same so much later does not depend on today."""
EARLIEST_BIRTH: Final = date(1900, 1, 1)
MASK: Final = "*"
TURNED: Final = (bool, date, time, timedelta)
"""What a text is no longer once Excel has taken it for something else."""
_LOST: Final = re.compile(r"[0-9.]+[eE]\+?[0-9]+")
_WHOLE: Final = re.compile(r"(\d{1,9})(?:\.0+)?")
_GAP: Final = re.compile(r"(?<=[^\x00-\u2fff])\s+(?=[^\x00-\u2fff])")
"""A gap between two Han signs; names in other letters keep theirs."""
_MIDNIGHT: Final = re.compile(r"[ T]0?0:00(:00)?(\.0+)?$")


class Masked(str):
    """A number of which only some signs are shown: on import it stands for what is recorded."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that cannot be read; the reason and facts of a `Trouble`."""

    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Value: TypeAlias = "str | int | date | Unread | None"
Reader: TypeAlias = Callable[[Any], Value]
"""What a cell as the file has it means; None for an empty one."""


class Identities:
    """Identity numbers of one file, each worked out once: that of a head stands in many rows."""

    def __init__(self, today: date) -> None:
        """`today` is the last day on which anybody can be born."""
        self.today = today
        self._known: dict[str, IdNumber | Unread] = {}

    def __call__(self, text: str) -> IdNumber | Unread:
        """What the number tells, or why it is none."""
        known = self._known.get(text)
        if known is None:
            found = parse_id_number(text, self.today)
            known = Unread(found.reason) if isinstance(found, Rejected) else found
            self._known[text] = known
        return known


def reader(column: Column, vocabulary: Vocabulary, identities: Identities) -> Reader:
    """How cells of the column are read on the day of `identities`."""
    today = identities.today
    match column.kind:
        case "integer" | "year":
            return _Whole(column)
        case "date":
            return _Day(vocabulary, today)
        case "id_number":
            return _Identity(identities)
        case "phone":
            return _phone
        case "choice":
            return _Choice(column)
        case "code":
            return _code
        case "name":
            return _name
        case _:
            return _text


def plain(cell: Any) -> str:
    """A cell as text on one line; whole numbers without a decimal point."""
    if type(cell) is str:
        return cell.strip() if cell.isprintable() else " ".join(cell.split())
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _text(cell: Any) -> Value:
    # A group "1-2" that Excel made the second of January cannot be told from that day any more.
    if type(cell) is not str and isinstance(cell, TURNED):
        return Unread("turned")
    text = plain(cell)
    if not text:
        return None
    if len(text) > LONGEST:
        return Unread("too_long", {"limit": LONGEST})
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable())
    return Unread("formula") if text[:1] == "=" else text


def _name(cell: Any) -> Value:
    text = _text(cell)
    return close_up(text) if isinstance(text, str) else text


def close_up(name: str) -> str:
    """A name without the gaps that make names of two signs as wide as those of three in a printed list."""
    return _GAP.sub("", name)


def _code(cell: Any) -> Value:
    if isinstance(cell, float) and abs(cell) >= EXACT:
        return Unread("figures_lost")
    text = _text(cell)
    if not isinstance(text, str):
        return text
    if _LOST.fullmatch(text) and "E" in text.upper() and "+" in text:
        return Unread("figures_lost")
    return "".join(unicodedata.normalize("NFKC", text).split())


class _Whole:
    """Whole numbers within the bounds of the column."""

    def __init__(self, column: Column) -> None:
        self.low, self.high = column.low, column.high

    def __call__(self, cell: Any) -> Value:
        text = unicodedata.normalize("NFKC", plain(cell))
        if not text:
            return None
        found = _WHOLE.fullmatch(text)
        if found is None:
            return Unread("formula") if text[:1] == "=" else Unread("not_whole")
        value = int(found[1])
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return Unread("out_of_range", {"low": self.low, "high": self.high})
        return value


class _Day:
    """Days: of the calendar as Excel knows it, or as a text that says year, month and day."""

    def __init__(self, vocabulary: Vocabulary, today: date) -> None:
        self.vocabulary, self.today = vocabulary, today
        self.later = date(today.year + LATER, today.month, min(today.day, 28))

    def __call__(self, cell: Any) -> Value:
        if isinstance(cell, datetime):
            found: date | Unread = cell.date()
        elif isinstance(cell, date):
            found = cell
        else:
            text = _MIDNIGHT.sub("", plain(cell))
            if not text:
                return None
            found = self.said(text)
        if isinstance(found, date) and not EARLIEST_BIRTH <= found <= self.today:
            return Unread("day_out_of_range", {"latest": self.today.isoformat()})
        return found

    def said(self, text: str) -> date | Unread:
        """The day that a text says, if it says all of it."""
        if text[:1] == "=":
            return Unread("formula")
        found = parse_date(text, self.vocabulary, self.today)
        if isinstance(found, Rejected):
            return Unread(found.reason if found.reason in ("no_such_date", "lunar_date") else "not_a_day")
        if found != parse_date(text, self.vocabulary, self.later):
            return Unread("unsure_day")
        return found


class _Identity:
    """Identity numbers of 18 digits with a right check digit."""

    def __init__(self, identities: Identities) -> None:
        self.identities = identities

    def __call__(self, cell: Any) -> Value:
        if isinstance(cell, float):
            return Unread("figures_lost") if abs(cell) >= EXACT else Unread("id_length")
        text = plain(cell)
        if not text:
            return None
        if MASK in text[:-1]:
            return Masked(text)
        if _LOST.fullmatch(text) and "E" in text.upper():
            return Unread("figures_lost")
        found = self.identities(text)
        return found if isinstance(found, Unread) else found.number


def _phone(cell: Any) -> Value:
    text = plain(cell)
    if not text:
        return None
    if MASK in text:
        return Masked(text)
    found = parse_phone(text)
    return Unread("phone") if isinstance(found, Rejected) else found


class _Choice:
    """Options by their labels or codes; a file has few different cells, so each is looked up once."""

    def __init__(self, column: Column) -> None:
        self.labels = {folded(label): code for code, label in column.options.items()}
        self.codes = {str(code): code for code in column.options}
        self.options = list(column.options.values())
        self.known: dict[Any, Value] = {None: None, "": None}

    def __call__(self, cell: Any) -> Value:
        if isinstance(cell, bool):
            return Unread("not_an_option", {"options": self.options, "said": str(cell), "near": ""})
        if cell not in self.known:
            self.known[cell] = self.read(plain(cell))
        return self.known[cell]

    def read(self, text: str) -> Value:
        """The code that the text means."""
        if not text:
            return None
        short = folded(text)
        found = self.labels.get(short, self.codes.get(short))
        if found is None:
            near = nearest(text, self.options)
            return Unread("not_an_option", {"options": self.options, "said": text[:20], "near": near})
        return found
