"""The lines of the yearly comparison as its layout describes them: where targets and what happened stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast, get_args

from bot.errors import HubangError
from bot.render.table_layout import Layout
from bot.render.table_view import Kind

MARK: Final = "line."
"""How the names of lines begin among the words of the layout."""
BETWEEN: Final = "|"
PARTS: Final = 5
SAID: Final = re.compile(
    r"(?P<name>[\w{}]+)(?:\.(?P<field>\w+))?(?P<rest>(?: (?:by|in) \w+| only \d+| if [\w{}]+(?: \d+)+)*)"
)
KEYWORD: Final = re.compile(r" (by|in|only|if) ([\w{}]+)((?: \d+)*)")
YEAR: Final = "{Y}"
"""Stands for the year in the name of a fact that belongs to a year by its name."""


class LineUnclear(HubangError):
    """The line {line} of {layout} cannot be read: see the head of templates/ledgers/{layout}.toml."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure stands: in a fact, in a column of a roster, or in other lines that it adds up."""

    name: str = ""
    field: str = ""
    by: str = ""
    """What tells the rows of a roster apart."""
    within: str = ""
    """What tells the year of a row."""
    only: int | None = None
    """The option of which is told whether it was chosen."""
    gates: tuple[tuple[str, frozenset[int]], ...] = ()
    """Answers that must name one of these options, or the question was not asked."""
    adds: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The facts that are read."""
        own = {self.name} if self.name else set()
        return frozenset(own | {gate for gate, _ in self.gates})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison; a figure stands in the first of the sources that has one."""

    id: str
    part: str
    name: str
    kind: Kind
    targets: tuple[Source, ...]
    actuals: tuple[Source, ...]

    @property
    def figures(self) -> bool:
        """Whether it has figures, of which a difference can be taken."""
        return self.kind != "text"


def lines_of(layout: Layout) -> list[Line]:
    """The lines in their order; LineUnclear when one is not written as it must be."""
    return [_line(layout, id, text) for id, text in layout.under(MARK).items()]


def _line(layout: Layout, id: str, text: str) -> Line:
    parts = [part.strip() for part in text.split(BETWEEN)]
    if len(parts) != PARTS or parts[2] not in get_args(Kind):
        raise LineUnclear(line=id, layout=layout.id)
    part, name, kind, targets, actuals = parts
    return Line(
        id,
        part,
        name,
        cast(Kind, kind),
        tuple(_sources(layout, id, targets)),
        tuple(_sources(layout, id, actuals)),
    )


def _sources(layout: Layout, id: str, text: str) -> Iterator[Source]:
    for said in filter(None, (each.strip() for each in text.split(";"))):
        if said.startswith("= "):
            yield Source(adds=tuple(said.split()[1:]))
            continue
        if (found := SAID.fullmatch(said)) is None:
            raise LineUnclear(line=id, layout=layout.id)
        words = KEYWORD.findall(found["rest"])
        told = {word: name for word, name, _ in words}
        gates = tuple(
            (name, frozenset(map(int, codes.split()))) for word, name, codes in words if word == "if"
        )
        only = int(told["only"]) if "only" in told else None
        yield Source(found["name"], found["field"] or "", told.get("by", ""), told.get("in", ""), only, gates)
