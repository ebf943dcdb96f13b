"""Conditions as a row of the law states them: `x` holds, `-x` does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Truth: TypeAlias = bool | None


@dataclass(frozen=True, slots=True)
class Term:
    """A fact and the truth that is wanted of it."""

    fact: str
    wants: bool

    def holds(self, truth: Truth) -> Truth:
        """Whether the term is met; None while that cannot be said."""
        return None if truth is None else truth is self.wants

    def __str__(self) -> str:
        return self.fact if self.wants else f"-{self.fact}"


def term(source: str) -> Term:
    """Read `x` or `-x`."""
    return Term(source.removeprefix("-"), not source.startswith("-"))
