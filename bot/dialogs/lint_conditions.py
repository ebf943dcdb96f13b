"""What the conditions and formulas of a form read: whether it is there, asked before, and has that option."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.dialogs.form import Form, Item
from bot.expressions import Expression
from bot.problems import near_miss

Finding: TypeAlias = tuple[str, str, str]
"""Where something is wrong, what, and how to mend it."""

_ITSELF: Final = {"check": "the answer itself is called value"}
ALWAYS: Final = frozenset({"today", "now"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form may read besides its own questions."""

    parameters: Collection[str]
    """Names of dated parameters, with their `param_` prefix."""
    file: Mapping[str, Collection[str]]
    """Rosters of the household's file and the facts of their rows."""


class Conditions:
    """Judges the conditions of one form against everything that they may read.

    `order` is the place of each item, `facts` that of the item which finds a fact out (-1: known before the
    form begins), `rows` the same for the facts of each roster's rows.
    """

    def __init__(self, form: Form, around: Surroundings) -> None:
        self.form = form
        self.around = around
        self.order = {item.id: at for at, item in enumerate(form.items)}
        self.rows: dict[str, dict[str, int]] = {
            name: dict.fromkeys(facts, -1) for name, facts in around.file.items()
        }
        self.facts: dict[str, int] = dict.fromkeys((*ALWAYS, *around.parameters, *around.file), -1)
        for at, item in enumerate(form.items):
            if item.repeat is None:
                self.facts.setdefault(item.fact, at)
            else:
                self.rows.setdefault(item.repeat, {}).setdefault(item.fact, at)
                self.facts.setdefault(item.repeat, at)
            if item.fold is not None:
                self.facts.setdefault(item.fold.fact, at)

    def reads(
        self, id: str, key: str, expression: Expression, before: int, extra: Mapping[str, int]
    ) -> Iterator[Finding]:
        """What `expression` reads that is not known before place `before`; `extra` stands in its own row."""
        for name in sorted(expression.names):
            asked = extra.get(name, self.facts.get(name))
            if asked is None:
                yield (
                    id,
                    f"{key} reads {name}, which nothing provides",
                    near_miss(name, {**self.facts, **extra}),
                )
            elif asked == before and key != "fold":
                yield (
                    id,
                    f"{key} reads {name}, which is the item itself",
                    _ITSELF.get(key, "name another fact"),
                )
            elif asked >= before:
                yield (
                    id,
                    f"{key} reads {name}, which is asked later",
                    f"move this item behind {self.form.items[asked].id}",
                )
        rows = {name for facts in self.rows.values() for name in facts}
        for name in sorted(expression.row_names - rows - self.facts.keys()):
            yield id, f"{key} reads {name}, which no roster row provides", near_miss(name, rows)
        for name, constant in expression.constants:
            item = self.asking(name)
            if item is not None and item.options and item.option(constant) is None:
                codes = ", ".join(str(option.code) for option in item.options)
                yield (
                    id,
                    f"{key} compares {name} with {constant}, which is no option of it",
                    f"options: {codes}",
                )
        yield from self.misuse(id, key, expression)

    def asking(self, name: str) -> Item | None:
        """The question that finds out a fact, of the household or of a row."""
        rows = (item for item in self.form.items if item.fact == name and item.repeat is not None)
        return self.form.by_fact.get(name) or next(rows, None)

    def misuse(self, id: str, key: str, expression: Expression) -> Iterator[Finding]:
        """Several choices compared like one answer, or one answer searched like several."""
        for node in ast.walk(expression.tree):
            match node:
                case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name), _]):
                    item = self.asking(name)
                    if item is not None and item.kind not in ("select_multiple", "calculate"):
                        yield id, f"{key} looks into {name}, which has one answer only", f"write {name} == …"
                case ast.Compare(left=ast.Name(id=name)):
                    item = self.asking(name)
                    if item is not None and item.kind == "select_multiple":
                        yield id, f"{key} compares {name}, which has several answers", f"write has({name}, …)"
