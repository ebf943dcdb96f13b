"""What an author of content got wrong, as values: all problems are collected before anything is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One defect of the content: the file, the id inside it, what is wrong, and how to mend it."""

    file: str
    id: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.id}: {self.what}" + (f" ({self.hint})" if self.hint else "")


def nearest(wrong: str, right: Iterable[str]) -> str:
    """The closest known spelling; empty when none is close."""
    return next(iter(get_close_matches(wrong, sorted(right), n=1, cutoff=0.6)), "")


def near_miss(wrong: str, right: Iterable[str]) -> str:
    """A hint that names the closest known spelling, or lists what is known when it is little."""
    known = sorted(right)
    if close := nearest(wrong, known):
        return f"did you mean {close}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= 12 else ""


def unknown_keys(file: str, id: str, table: Mapping[str, Any], allowed: Iterable[str]) -> list[Problem]:
    """A problem for each key of `table` that is not allowed."""
    known = frozenset(allowed)
    strange = [key for key in table if key not in known]
    return [Problem(file, id, f"unknown key {key}", near_miss(key, known)) for key in strange]
