"""Figures as they are measured, printed and kept."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `aim` bounds it: ("at most", 200) or ("at least", 6); None: it only informs."""

    name: str
    value: float
    unit: str
    aim: tuple[Literal["at most", "at least"], float] | None = None

    @property
    def is_met(self) -> bool:
        """Whether the value keeps to its aim."""
        if self.aim is None:
            return True
        return self.value <= self.aim[1] if self.aim[0] == "at most" else self.value >= self.aim[1]

    def __str__(self) -> str:
        line = f"  {self.name:<58} {short(self.value):>10} {self.unit}"
        if self.aim is not None:
            line += f"   (aim: {self.aim[0]} {short(self.aim[1])}: {'met' if self.is_met else 'MISSED'})"
        return line


def short(value: float) -> str:
    """A figure with three digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@contextmanager
def settled() -> Iterator[None]:
    """No garbage of what was prepared is collected while something is measured."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def seconds_of(deed: Callable[[], object], times: int) -> float:
    """Seconds of the processor for one call, as the mean of `times` calls in a row.

    What other programs of the machine take meanwhile does not count: these calls wait for nothing.
    """
    begun = time.process_time()
    for _ in range(times):
        deed()
    return (time.process_time() - begun) / times


def alternating(deeds: dict[str, Callable[[], object]], *, times: int, rounds: int) -> dict[str, float]:
    """Median seconds of one call of each deed; the rounds alternate, so that a noisy moment hits all."""
    taken: dict[str, list[float]] = {name: [] for name in deeds}
    with settled():
        for _ in range(rounds):
            for name, deed in deeds.items():
                taken[name].append(seconds_of(deed, times))
    return {name: median(each) for name, each in taken.items()}
