"""Names of tabs as Excel allows them: without the signs it forbids, short enough, and no two alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 31
"""No tab of Excel has a longer name, counted in UTF-16: a rare Chinese sign takes two."""
FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ufffe\uffff]")
RESERVED: Final = "history"
"""Excel keeps this name for itself."""


def tabs(names: Iterable[str]) -> list[str]:
    """The names for the tabs of one workbook, in order; the later ones of those alike are numbered."""
    found: list[str] = []
    taken = {"", RESERVED}
    for name in names:
        whole = FORBIDDEN.sub(" ", name).strip().strip("'").strip()
        own, turn = _cut(whole, MOST), 1
        while own.casefold() in taken:
            turn += 1
            mark = f"({turn})"
            own = f"{_cut(whole, MOST - len(mark))}{mark}"
        taken.add(own.casefold())
        found.append(own)
    return found


def _cut(name: str, most: int) -> str:
    while _length(name) > most:
        name = name[:-1]
    return name.rstrip(" '")


def _length(name: str) -> int:
    return len(name.encode("utf-16-le", "surrogatepass")) // 2
