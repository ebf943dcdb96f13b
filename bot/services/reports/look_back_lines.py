"""The rows of attachment 1 as its layout describes them (003:125-870, questionnaires.md 7.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from bot.errors import HubangError
from bot.expressions import parse
from bot.render.table_layout import Layout

How: TypeAlias = Literal["homes", "persons", "people", "hazards", "added"]
MARK: Final = "row."
"""How the names of rows begin among the words of the layout."""
BETWEEN: Final = "|"
PARTS: Final = 7
TOLD: Final = 3
"""Words of which the part consists that says what answer counts."""
BASE: Final = ("2", "3", "4", "6", "7", "8")
"""The groups into which households fall; 5 is the sum of 6 to 8, and 1 that of everything."""
FORMS: Final[Mapping[str, tuple[str, ...]]] = {"jd": ("2", "3"), "nj": ("4", "6", "7", "8")}
"""The groups whose households a questionnaire asks."""


class RowUnclear(HubangError):
    """The row {row} of {layout} cannot be read: see the head of templates/ledgers/{layout}.toml."""


@dataclass(frozen=True, slots=True)
class Answer:
    """In a group of a row of the ledger, the answer by which households count without a problem there."""

    group: str
    fact: str
    code: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what it counts, and in which groups a questionnaire would bring it to light."""

    id: str
    category: str
    name: str
    unit: str
    how: How
    of: tuple[str, ...]
    """Sub-problems of the ledger, codes of hazards, or groups that have a box."""
    asked: frozenset[str]
    condition: str
    answer: Answer | None = None

    @property
    def from_ledger(self) -> bool:
        """Whether problems of the ledger are counted."""
        return self.how in ("homes", "persons", "people")

    def fits(self, grounds: Mapping[str, Any]) -> bool | None:
        """Whether a problem with these grounds belongs here; None when they do not tell."""
        if not self.condition:
            return True
        said = parse(self.condition).evaluate(grounds)
        return None if said is None else bool(said)


def lines_of(layout: Layout) -> list[Line]:
    """The rows in their order; RowUnclear when one is not written as it must be."""
    return [_line(layout, id, text) for id, text in layout.under(MARK).items()]


def _line(layout: Layout, id: str, text: str) -> Line:
    parts = [part.strip() for part in text.split(BETWEEN)]
    parts += [""] * (PARTS - len(parts))
    category, name, unit, counted, asked, condition, told = parts[:PARTS]
    how, *of = counted.split() or [""]
    groups = frozenset(group for word in asked.split() for group in FORMS.get(word, (word,)))
    if how not in get_args(How) or len(parts) > PARTS or not groups <= frozenset(BASE):
        raise RowUnclear(row=id, layout=layout.id)
    answer = _answer(layout, id, told.split()) if told else None
    return Line(id, category, name, unit, cast(How, how), tuple(of), groups, condition, answer)


def _answer(layout: Layout, id: str, words: Sequence[str]) -> Answer:
    if len(words) != TOLD or words[0] not in BASE or not words[2].isdecimal():
        raise RowUnclear(row=id, layout=layout.id)
    return Answer(words[0], words[1], int(words[2]))
