"""Names of a form's facts in XML, and what the conditions of a form may read there."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from bot.dialogs.form import NUMBERS, Form, Item, Roster
from bot.dialogs.walking import MAX_ROWS
from bot.dialogs.xpath import Fact, Rows, Scope, kind, known
from bot.dialogs.xpath_terms import Kind, figure
from bot.expressions import Expression, Value

ColumnKind: TypeAlias = Kind | Literal["flag"]
RESERVED: Final = ("data", "meta", "instance", "instanceid", "instancename")
_KINDS: Final[Mapping[str, Kind]] = {
    "date": "date",
    "month": "date",
    "datetime": "moment",
    "select_one": "number",
    "select_multiple": "codes",
    **dict.fromkeys(NUMBERS, "number"),
}
_COUNTING: Final = frozenset({"count", "age", "months_between", "days_between"})


@dataclass(frozen=True, slots=True)
class Column:
    """A hidden calculation in every row of a roster."""

    name: str
    calculation: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class RosterNames:
    """The XML names of a roster's parts."""

    repeat: str
    count: str
    """How many rows there are."""
    place: str
    """The number of a row, from 1."""
    title: str
    """Who or what a row is about."""
    row: str
    """The group inside the repeat that is relevant in rows that count."""


@dataclass(eq=False)
class Names:
    """The XML names of one form: unique whatever the case, made from the names of its facts."""

    form: Form
    parameters: Mapping[str, Value]
    columns: dict[str, dict[str, Column]] = field(default_factory=dict)
    """Hidden columns by roster and calculation, asked for by the conditions printed so far."""
    _taken: set[str] = field(default_factory=lambda: set(RESERVED))

    def __post_init__(self) -> None:
        """Facts have the first choice, then what is made up for them."""
        form = self.form
        self.items = {item.id: self.fresh(self.wished(item)) for item in form.items}
        self.folds = {
            item.fold.fact: self.fresh(item.fold.fact) for item in form.items if item.fold is not None
        }
        self.rosters = {
            roster.id: RosterNames(
                *(self.fresh(roster.id + part) for part in ("", "_rows", "_number", "_who", "_row"))
            )
            for roster in form.rosters
        }
        self.household = Household(self)

    @staticmethod
    def wished(item: Item) -> str:
        """Row facts bear the roster's name: several rosters may have a `name`."""
        return f"{item.repeat}_{item.fact}" if item.repeat else item.fact

    def fresh(self, wish: str) -> str:
        """`wish` as an XML name that nothing has yet."""
        plain = re.sub(r"[^A-Za-z0-9_]", "_", wish)
        plain = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
        name, number = plain, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name.lower())
        return name

    def path(self, item: Item) -> str:
        """An item as XLSForm refers to it."""
        return f"${{{self.items[item.id]}}}"

    def fact(self, item: Item) -> Fact:
        """An item as conditions read it."""
        codes = tuple(option.code for option in item.options)
        found: Kind = _KINDS.get(item.kind, "text")
        if item.calc is not None:
            found = "number" if item.options else kind(item.calc, self.scope(item))
        return Fact(self.path(item), found, codes=codes)

    def scope(self, item: Item) -> Scope:
        """What the conditions of an item read: the facts of its row first."""
        return self.household if item.repeat is None else InRow(self, item.repeat)

    def whole(self, expression: Expression, roster: str | None = None) -> bool:
        """Whether a formula always gives whole numbers, such as codes and counts."""
        return _whole(expression.tree, self, roster)


@dataclass(frozen=True, slots=True)
class Household:
    """Facts outside of rosters."""

    names: Names

    def fact(self, name: str) -> Fact | None:
        """What the form asks or works out, the day, and the parameters of the day of export."""
        names = self.names
        if name in ("today", "now"):
            return Fact(f"{name}()", "date" if name == "today" else "moment", always=True)
        if name in names.parameters:
            return Fact(figure(names.parameters[name]), "number", always=True)
        item = names.form.by_fact.get(name)
        if item is not None and item.repeat is None:
            return names.fact(item)
        if name in names.folds:
            head = next(i for i in names.form.items if i.fold is not None and i.fold.fact == name)
            assert head.fold is not None
            codes = tuple(option.code for option in head.options)
            calc, found = head.fold.calc, kind(head.fold.calc, self)
            sure = known(calc, self) if found == "codes" else None
            return Fact(f"${{{names.folds[name]}}}", found, codes=codes, known=sure)
        return None

    def rows(self, roster: str) -> Rows | None:
        """The rosters of the form; those of the household's file stay at home."""
        found = self.names.form.roster_by_id.get(roster)
        return None if found is None else RosterRows(self.names, found)


@dataclass(frozen=True, slots=True)
class InRow:
    """The facts of a row first, then the household's."""

    names: Names
    roster: str

    def fact(self, name: str) -> Fact | None:
        """A fact of the row, or else of the household."""
        item = self.names.form.by_fact.get(f"{self.roster}.{name}")
        return self.names.household.fact(name) if item is None else self.names.fact(item)

    def rows(self, roster: str) -> Rows | None:
        """The other rosters of the form."""
        return self.names.household.rows(roster)


@dataclass(frozen=True, slots=True)
class Answering:
    """What a constraint reads: `value` is the answer itself."""

    around: Scope
    kind: Kind

    def fact(self, name: str) -> Fact | None:
        """The answer, or a fact that was known before it."""
        return Fact(".", self.kind, always=True) if name == "value" else self.around.fact(name)

    def rows(self, roster: str) -> Rows | None:
        """The rosters of the form."""
        return self.around.rows(roster)


@dataclass(frozen=True, slots=True)
class RosterRows:
    """A roster of the form; hidden columns stand in its rows, irrelevant where a row does not count."""

    names: Names
    roster: Roster

    @property
    def inside(self) -> Scope:
        """The facts of one row first."""
        return InRow(self.names, self.roster.id)

    @property
    def counting(self) -> str:
        """The answer that says how many rows there are."""
        return self.names.path(self.names.form.by_id[self.roster.count])

    @property
    def known(self) -> str:
        """Whether the count was answered."""
        return f"{self.counting} != ''"

    @property
    def number(self) -> str:
        """The calculated number of rows."""
        return f"${{{self.parts.count}}}"

    @property
    def calculation(self) -> str:
        """How the number of rows is calculated."""
        return f"if({self.known}, min({self.counting}, {MAX_ROWS}), 0)"

    @property
    def path(self) -> str:
        """The rows themselves."""
        return f"${{{self.parts.repeat}}}"

    @property
    def place(self) -> str:
        """The number of the row at hand."""
        return f"${{{self.parts.place}}}"

    @property
    def who(self) -> str:
        """Who or what the row at hand is about."""
        return f"${{{self.parts.title}}}"

    @property
    def parts(self) -> RosterNames:
        """The names of the roster's parts."""
        return self.names.rosters[self.roster.id]

    def column(self, calculation: str, kind: ColumnKind) -> str:
        """A hidden column; the same calculation is made once."""
        columns = self.names.columns.setdefault(self.roster.id, {})
        if calculation not in columns:
            name = self.names.fresh(f"{self.roster.id}_sum_{len(columns) + 1}")
            columns[calculation] = Column(name, calculation, kind)
        return f"${{{columns[calculation].name}}}"


def _whole(node: ast.expr, names: Names, roster: str | None) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.Name(id=name):
            item = names.form.by_fact.get(f"{roster}.{name}") or names.form.by_fact.get(name)
            return item is not None and item.kind in ("integer", "year", "select_one")
        case ast.IfExp(body=body, orelse=orelse):
            return _whole(body, names, roster) and _whole(orelse, names, roster)
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub() | ast.Mult(), right=b):
            return _whole(a, names, roster) and _whole(b, names, roster)
        case ast.Call(func=ast.Name(id=name)) if name in _COUNTING:
            return True
        case ast.Call(func=ast.Name(id="sum" | "first"), args=[ast.Name(id=rows), inner]):
            return _whole(inner, names, rows)
        case ast.Call(func=ast.Name(id="min" | "max" | "abs"), args=args):
            return all(_whole(each, names, roster) for each in args)
    return False
