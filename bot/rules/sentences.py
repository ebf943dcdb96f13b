"""Sentences of a pack with named gaps, such as `{card_line}`, that values are put into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter
from typing import Any, Protocol

from bot.rules.facts import FactInfo, Registry


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that join and replace values inside sentences."""

    comma: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain text before each gap, the gap's name, and the text after the last one."""

    parts: tuple[tuple[str, str], ...]
    end: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the gaps."""
        return tuple(name for _, name in self.parts)

    def fill(self, say: Callable[[str], str]) -> str:
        """The sentence with `say(name)` in each gap."""
        if not self.parts:
            return self.end
        return "".join(text + say(name) for text, name in self.parts) + self.end


def sentence(source: str) -> Sentence:
    """Read a sentence; ValueError when a brace is left open or a gap is more than a name."""
    parts: list[tuple[str, str]] = []
    end = ""
    for text, name, spec, conversion in Formatter().parse(source):
        if name is None:
            end = text
        elif not name.isidentifier() or spec or conversion:
            raise ValueError(f"a gap holds one name, not {{{name}}}")
        else:
            parts.append((text, name))
    return Sentence(tuple(parts), end)


class Values(Protocol):
    """Values by name: a mapping, or a reading that works out what it is asked for."""

    def get(self, name: str, /) -> Any:
        """The value; None when it is unknown."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Says a value as people read it: 4999.99, 5000, or the labels of its codes."""

    values: Values
    registry: Registry
    words: Words

    def __call__(self, name: str) -> str:
        """The value of `name`, or the word for unknown."""
        value = self.values.get(name)
        if value is None:
            return self.words.unknown
        info = self.registry.get(name)
        if info is not None and info.options:
            return self.labels(value, info)
        if isinstance(value, float):
            return f"{value:.2f}".rstrip("0").rstrip(".")
        return str(value)

    def labels(self, value: Any, info: FactInfo) -> str:
        """The form's own words for one code or several."""
        codes = value if isinstance(value, list | tuple) else [value]
        return self.words.comma.join(info.options.get(code, str(code)) for code in codes)
