"""The functions of the language of conditions: dates, rounding, truth, and sums over rosters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final


def kleene_and(values: Iterator[Any]) -> bool | None:
    """False if any is False, else None if any is unknown, else True."""
    result: bool | None = True
    for value in values:
        if value is None:
            result = None
        elif not value:
            return False
    return result


def kleene_or(values: Iterator[Any]) -> bool | None:
    """True if any is True, else None if any is unknown, else False."""
    result: bool | None = False
    for value in values:
        if value is None:
            result = None
        elif value:
            return True
    return result


def age(birth: str, on: str) -> int:
    """Completed years between two ISO dates (rules.md M, f.age)."""
    return months_between(birth, on) // 12


def months_between(earlier: str, later: str) -> int:
    """Completed months between two ISO dates."""
    a, b = _day(earlier), _day(later)
    return (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day)


def days_between(earlier: str, later: str) -> int:
    """Days from one ISO date to another, a time of day left aside."""
    return (_day(later) - _day(earlier)).days


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def round_half_up(value: float, digits: int = 0) -> float:
    """Half away from zero, as people round money; the nudge undoes binary dust such as 2.675."""
    factor: int = 10**digits
    scaled = abs(value) * factor
    # The dust grows with the figure: a nudge for small ones would be lost in millions.
    nudge = max(scaled, 1e6) * 1e-15
    return (1 if value >= 0 else -1) * int(scaled + 0.5 + nudge) / factor


def union(values: list[Any]) -> Any:
    """The codes that any row has, sorted; None when a row is unknown."""
    if None in values:
        return None
    codes = {code for value in values for code in (value if isinstance(value, list) else [value])}
    # Code 0 is "none of these" in every list (lists.toml): what one person has outweighs another's none.
    return sorted(codes - {0} or codes)


FOLDS: Final[Mapping[str, Callable[[list[Any]], Any]]] = {
    "any": lambda values: kleene_or(iter(values)),
    "all": lambda values: kleene_and(iter(values)),
    "count": lambda values: None if None in values else sum(map(bool, values)),
    "sum": lambda values: None if None in values else sum(values),
    "union": union,
    "first": lambda values: next((value for value in values if value is not None), None),
}


PLAIN: Final[Mapping[str, Callable[..., Any]]] = {
    "has": lambda multi, code: code in multi,
    "round": round_half_up,
    "min": min,
    "max": max,
    "abs": abs,
    "age": age,
    "months_between": months_between,
    "days_between": days_between,
}

ARGUMENTS: Final[Mapping[str, tuple[int, int]]] = {
    "has": (2, 2),
    "round": (1, 2),
    "min": (2, 9),
    "max": (2, 9),
    "abs": (1, 1),
    "age": (2, 2),
    "months_between": (2, 2),
    "days_between": (2, 2),
}
"""How many arguments each function of known values takes, at least and at most."""
