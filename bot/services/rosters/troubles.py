"""What is wrong with a roster: every place by sheet, row and column, as values that are said later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MOST: Final = 20_000
"""So many are kept word by word; of a file with more only their number is known besides."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that keeps a roster from being taken in.

    `row` counts as the program does in which people see the sheet (None: the sheet or file as a whole).
    `facts` never hold a name, a number or an address of a household.
    """

    sheet: str
    row: int | None
    column: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Troubles:
    """All troubles of a file: the first of them one by one, and how many there are."""

    found: list[Trouble] = field(default_factory=list)
    count: int = 0

    def add(self, sheet: str, row: int | None, column: str, reason: str, **facts: Any) -> None:
        """Note one."""
        self.count += 1
        if len(self.found) < MOST:
            self.found.append(Trouble(sheet, row, column, reason, facts))

    def __bool__(self) -> bool:
        return self.count > 0
