"""Asked once: what of the file a form may propose instead of asking (questionnaires.md 4.5 and 19).

`reuse.toml` says how an answer given under one name serves another question: the same, recoded, in another
unit, by a formula; and for how many days an answer is fresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.dialogs.context import Known, Way
from bot.dialogs.form import Form, Item, Roster
from bot.dialogs.shapes import Shape, TableReader
from bot.expressions import Expression, Value
from bot.functions import days_between
from bot.problems import Problem, near_miss

Held = Mapping[tuple[str, str], Known]
"""The file's answers by fact and period, rosters as lists of rows; `way` says nothing here."""

_TEXT: Final = (str,)
_ROW: Final[Shape] = {
    "fact": _TEXT, "from": _TEXT, "is": _TEXT, "map": (dict,), "scale": (int, float), "way": _TEXT,
    "period": _TEXT, "clause": _TEXT,
}  # fmt: skip
_FRESH: Final[Shape] = {"days": (int,), "facts": (list,)}
WAYS: Final = ("keep", "hint")


@dataclass(frozen=True, slots=True, eq=False)
class Reuse:
    """One way from what is known to a fact that a form asks."""

    fact: str
    source: str | None
    formula: Expression | None
    codes: Mapping[int, int] | None
    scale: float | None
    way: Way
    period: str
    clause: str


@dataclass(frozen=True, eq=False)
class ReuseRules:
    """Every way by the fact it serves, and after how many days an answer is no longer fresh."""

    rows: Mapping[str, tuple[Reuse, ...]]
    fresh: Mapping[str, int]
    fresh_otherwise: int

    def days(self, fact: str) -> int:
        """For how many days an answer to `fact` may be kept without asking anew."""
        return self.fresh.get(fact, self.fresh_otherwise)


def proposals(
    form: Form,
    rules: ReuseRules,
    today: str,
    register: Mapping[str, Value],
    held: Held,
    rosters: Mapping[str, Sequence[Mapping[str, Value]]],
) -> dict[str, Known]:
    """What `form` may propose, by fact; rows under the roster's id. `register` is always fresh.

    What was answered itself goes before what is derived from other answers, and a later answer before both
    the register and an earlier one.
    """
    file = _File(rules, today, register, held, rosters)
    found: dict[str, Known] = {}
    for item in form.items:
        if item.repeat is None and item.keep != "never" and (known := file.answer(item)) is not None:
            found[item.fact] = known
    for roster in form.rosters:
        if (rows := file.rows(roster)) is not None:
            found[roster.id] = rows
            count = form.by_id[roster.count]
            if count.keep != "never" and rows.value:
                found[count.fact] = replace(rows, value=len(rows.value))
    return found


@dataclass(frozen=True, slots=True)
class _File:
    rules: ReuseRules
    today: str
    register: Mapping[str, Value]
    held: Held
    rosters: Mapping[str, Sequence[Mapping[str, Value]]]

    def answer(self, item: Item) -> Known | None:
        """What may be proposed for an item outside of rosters."""
        own = self.held.get((item.fact, item.period))
        if own is not None and own.value is not None:
            return self.aged(item.fact, own)
        if item.fact in self.register:
            return Known(self.register[item.fact], "")
        for rule in self.rules.rows.get(item.fact, ()):
            known = self.derived(rule)
            if known is not None and (value := fitting(item, known.value)) is not None:
                return self.aged(item.fact, replace(known, value=value, way=rule.way))
        return None

    def aged(self, fact: str, known: Known) -> Known:
        """`known`, to be asked about by itself when it is no longer fresh."""
        fresh = not known.on or days_between(known.on, self.today) <= self.rules.days(fact)
        return known if fresh or known.way == "hint" else replace(known, way="ask")

    def rows(self, roster: Roster) -> Known | None:
        """The rows proposed for a roster: of an earlier visit, else those of the roster it comes from."""
        own = self.held.get((roster.id, ""))
        if own is not None and isinstance(own.value, list):
            return self.aged(roster.id, own)
        held = self.held.get((roster.source, ""))
        rows = self.rosters.get(roster.source) if held is None else held.value
        if rows is None or roster.source == roster.id:
            return None
        wanted = list(rows) if roster.source_if is None else self.chosen(rows, roster.source_if)
        if wanted is None:
            return None
        wanted = [self.translated(row, roster) for row in wanted]
        return self.aged(roster.source, replace(held or Known(None, ""), value=wanted))

    def translated(self, row: Mapping[str, Value], roster: Roster) -> dict[str, Value]:
        """A row in the codes of the roster for which it is proposed ("roster.fact" in the rules)."""
        found = dict(row)
        for fact, rules in self.rules.rows.items():
            to, _, name = fact.partition(".")
            for rule in rules if to == roster.id and name else ():
                source = (rule.source or "").partition(".")[2]
                if row.get(source) is not None:
                    found[name] = recoded(row[source], rule)
        return found

    def chosen(self, rows: Sequence[Mapping[str, Value]], test: Expression) -> list[Any] | None:
        """The rows for which `test` holds; None when it cannot be told of one of them."""

        def holds(row: Mapping[str, Value]) -> Value:
            return test.run(lambda name: row[name] if name in row else self.latest(name))

        truths = [holds(row) for row in rows]
        return None if None in truths else [row for row, truth in zip(rows, truths, strict=True) if truth]

    def derived(self, rule: Reuse) -> Known | None:
        """What a rule makes of the answers it reads; dated like the oldest of them."""
        if rule.formula is not None:
            names = sorted(rule.formula.names)
            value = rule.formula.run(self.latest)
            value = {True: 1, False: 2}[value] if isinstance(value, bool) else value
            days = [known.on for name in names if (known := self.newest(name)) is not None and known.on]
            return None if value is None else Known(value, min(days, default=""), rule.formula.source)
        assert rule.source is not None
        own = self.held.get((rule.source, rule.period)) if rule.period else self.newest(rule.source)
        if own is None and rule.source in self.register:
            own = Known(self.register[rule.source], "")
        if own is None or own.value is None:
            return None
        value = recoded(own.value, rule)
        return None if value is None else replace(own, value=value)

    def newest(self, name: str) -> Known | None:
        """The latest answer under a name, of whatever period."""
        found = [known for (fact, _), known in self.held.items() if fact == name and known.value is not None]
        return max(found, key=lambda known: known.on, default=None)

    def latest(self, name: str) -> Value:
        """A known value by name, as a formula reads it."""
        if (known := self.newest(name)) is not None:
            return known.value
        return self.register.get(name, self.rosters.get(name))


def recoded(value: Value, rule: Reuse) -> Value:
    """`value` in the codes or the unit of the fact that the rule serves; None when it has no equivalent."""
    if rule.codes is not None:
        if isinstance(value, list):
            return [rule.codes[code] for code in value if code in rule.codes] or None
        return rule.codes.get(value)
    return round(value * rule.scale, 6) if rule.scale is not None else value


def fitting(item: Item, value: Value) -> Value:
    """`value` as an answer to `item`; None when the item has no such option or takes another kind."""
    if item.kind == "select_multiple":
        codes = value if isinstance(value, list) else [value]
        known = [code for code in codes if item.option(code) is not None]
        return known if known and len(known) == len(codes) else None
    if item.kind == "select_one":
        return value if not isinstance(value, list) and item.option(value) is not None else None
    return None if isinstance(value, list) else value


def read_reuse(data: Mapping[str, Any], file: str) -> tuple[ReuseRules, list[Problem]]:
    """The rules in the tables of `reuse.toml`."""
    reader = TableReader(file)
    reader.unknown("(top level)", data, ("fresh", "fresh_days", "reuse"))
    otherwise = data.get("fresh_days")
    if not isinstance(otherwise, int):
        reader.problem("fresh_days", "there is no fresh_days", "fresh_days = 365")
        otherwise = 0
    fresh: dict[str, int] = {}
    for table in reader.tables(data, "fresh"):
        if reader.sound("fresh", "the table", table, _FRESH, _FRESH):
            for fact in table["facts"]:
                if fact in fresh:
                    reader.problem(fact, "two tables say how long it is fresh", "keep one of them")
                fresh[fact] = table["days"]
    rows: dict[str, list[Reuse]] = {}
    for table in reader.tables(data, "reuse"):
        if (rule := _rule(reader, table)) is not None:
            rows.setdefault(rule.fact, []).append(rule)
    return ReuseRules({fact: tuple(rules) for fact, rules in rows.items()}, fresh, otherwise), reader.problems


def _rule(reader: TableReader, table: Mapping[str, Any]) -> Reuse | None:
    id = str(table.get("fact") or "?")
    if not reader.sound(id, "the rule", table, _ROW, ("fact", "way", "clause")):
        return None
    if ("from" in table) == ("is" in table):
        reader.problem(id, "the rule needs either from or is", 'from = "another_fact"')
        return None
    if table["way"] not in WAYS:
        reader.problem(id, f"unknown way {table['way']}", near_miss(table["way"], WAYS))
        return None
    codes = table.get("map")
    if codes is not None and not all(str(c).isdigit() and isinstance(v, int) for c, v in codes.items()):
        reader.problem(id, "map must lead from codes to codes", "map = { 1 = 2, 2 = 1 }")
        return None
    formula = reader.expression(id, "is", table.get("is"))
    if "is" in table and formula is None:
        return None
    return Reuse(
        table["fact"],
        table.get("from"),
        formula,
        None if codes is None else {int(code): to for code, to in codes.items()},
        table.get("scale"),
        table["way"],
        table.get("period", ""),
        table["clause"],
    )
