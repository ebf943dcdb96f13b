"""A sheet of random answers, some of them known beforehand; figures often lie on a line or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

CENT = 0.01
ON_A_LINE = 0.3
"""The share of figures that lie on a line, or a cent above or below it."""


class Sheet(dict[str, Any]):
    """Answers by fact; what is written already stays, so that a sheet can be filled up from what is known."""

    def __init__(self, rng: Random, known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self.rng = rng

    def choice(self, name: str, codes: Sequence[int], weights: Sequence[float] | None = None) -> int:
        """One of these codes."""
        code: int = self.setdefault(name, self.rng.choices(codes, weights)[0])
        return code

    def yes_no(self, name: str, yes: float = 0.5) -> int:
        """1 with this probability, else 2."""
        return self.choice(name, (1, 2), (yes, 1 - yes))

    def several(self, name: str, codes: Sequence[int], nothing: float) -> list[int]:
        """Some of these codes, or only 0 ("none") with the probability `nothing`."""
        some = sorted(self.rng.sample(codes, self.rng.choice((1, 1, 1, 2, 3))))
        found: list[int] = self.setdefault(name, [0] if self.rng.random() < nothing else some)
        return found

    def number(self, name: str, low: int, high: int, lines: Sequence[int] = ()) -> int:
        """A whole number; often on one of the lines, or one beside it."""
        near = bool(lines) and self.rng.random() < ON_A_LINE
        drawn = self.rng.choice(lines) + self.rng.choice((-1, 0, 1)) if near else self.rng.randint(low, high)
        return int(self.setdefault(name, drawn))

    def money(self, name: str, low: float, high: float, lines: Sequence[float] = ()) -> float:
        """A sum in yuan; often on one of the lines, or a cent beside it."""
        near = bool(lines) and self.rng.random() < ON_A_LINE
        free = self.rng.uniform(low, high)
        drawn = self.rng.choice(lines) + self.rng.choice((-CENT, 0, CENT)) if near else free
        return float(self.setdefault(name, round(drawn, 2)))

    def without(self, *names: str) -> None:
        """Leave out what is not asked of this household."""
        for name in names:
            self.pop(name, None)
