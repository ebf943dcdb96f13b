"""Identity numbers (GB 11643-1999) and telephone numbers. No rejection ever repeats the number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bot.dialogs.rejection import Rejected, reject

MALE: Literal[1] = 1
FEMALE: Literal[2] = 2

_EARLIEST_BIRTH = date(1900, 1, 1)
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999, 4.2.3: the weight of place i is 2 ** (i - 1) mod 11, counted from the right."""
CHECK_DIGITS: Final = "10X98765432"
"""The last sign by the weighted sum of the others modulo 11."""
_ID_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_GAPS = re.compile(r"[\s\-._]+")
# What keyboards give for the letter X, the multiplication sign and Cyrillic letter included.
_EXES = str.maketrans({"x": "X", "×": "X", "х": "X", "Х": "X", "*": "X"})

_PHONE_GAPS = re.compile(r"[\s\-()._]+")
MOBILE: Final = "1[3-9][0-9]{9}"
LANDLINES: Final = (("010|02[0-9]", "[2-9][0-9]{7}"), ("0[3-9][0-9]{2}", "[2-9][0-9]{6,7}"))
"""Area and number of a landline: the short areas have eight figures, the long ones seven or eight."""
_COUNTRY = re.compile(rf"^(?:\+86|0086|86(?={MOBILE}$))")
_MOBILE = re.compile(MOBILE)
_SHORT_AREA, _LONG_AREA = (re.compile(f"({area})({number})") for area, number in LANDLINES)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid identity number and what it tells: birth day, sex (1 male, 2 female), six-digit region."""

    number: str
    birth: date
    sex: Literal[1, 2]
    region: str


def parse_id_number(text: str, today: date) -> IdNumber | Rejected:
    """The 18-digit identity number in a reply; a birth day before 1900 or after `today` is rejected."""
    number = _GAPS.sub("", unicodedata.normalize("NFKC", text)).translate(_EXES)
    if not number:
        return reject("empty")
    digits = number[:-1] if number[-1] == "X" else number
    if not (digits.isascii() and digits.isdigit()):
        return reject("id_characters")
    if len(number) == 15 and digits == number:
        return reject("id_old", length=15, expected=18)
    if len(number) != 18:
        return reject("id_length", length=len(number), expected=18)
    if _ID_SHAPE.fullmatch(number) is None:
        return reject("id_characters")
    birth = _birth(number[6:14])
    if birth is None or not _EARLIEST_BIRTH <= birth <= today:
        return reject("id_date")
    if check_digit(number[:17]) != number[17]:
        return reject("id_check_digit")
    return IdNumber(number, birth, MALE if int(number[16]) % 2 else FEMALE, number[:6])


def check_digit(first17: str) -> str:
    """The last sign of an identity number, "0" to "9" or "X", from its first 17 digits (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def mask(number: str) -> str:
    """An identity or telephone number with only its first three and last two signs readable."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def parse_phone(text: str) -> str | Rejected:
    """The telephone number in a reply: eleven digits of a mobile, or "area-number" of a landline."""
    number = _PHONE_GAPS.sub("", unicodedata.normalize("NFKC", text))
    if not number:
        return reject("empty")
    number = _COUNTRY.sub("", number)
    if not (number.isascii() and number.isdigit()):
        return reject("phone_characters")
    if _MOBILE.fullmatch(number):
        return number
    landline = _SHORT_AREA.fullmatch(number) or _LONG_AREA.fullmatch(number)
    if landline is not None:
        return f"{landline[1]}-{landline[2]}"
    if len(number) in (7, 8) and number[0] in "23456789":
        return reject("phone_area_code")
    if (len(number) == 11 and number[0] != "0") or (number[0] == "0" and 10 <= len(number) <= 12):
        return reject("phone_prefix")
    return reject("phone_length", length=len(number))


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
