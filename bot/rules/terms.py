"""Conditions as a row of the law states them: `x` holds, `-x` does not, `?x` is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Truth: TypeAlias = bool | None


@dataclass(frozen=True, slots=True)
class Term:
    """A fact and the truth that is wanted of it; None wants it unknown."""

    fact: str
    wants: Truth

    def holds(self, truth: Truth) -> Truth:
        """Whether the term is met; None while that cannot be said."""
        if self.wants is None:
            return truth is None
        return None if truth is None else truth is self.wants

    def __str__(self) -> str:
        return {True: "", False: "-", None: "?"}[self.wants] + self.fact


def term(source: str) -> Term:
    """Read `x`, `-x` or `?x`."""
    match source[:1]:
        case "-":
            return Term(source[1:], False)
        case "?":
            return Term(source[1:], None)
    return Term(source, True)
