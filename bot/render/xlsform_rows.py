"""The rows of an XLSForm's survey sheet: questions, calculations, rosters, and notes for checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bot.dialogs.choices import Option
from bot.dialogs.form import Candidate, Check, Item, Node, Roster
from bot.dialogs.xpath import Scope, is_true, value
from bot.dialogs.xpath_terms import FALSE, quoted
from bot.expressions import Expression, parse
from bot.render.messages import Messages, number
from bot.render.xlsform_limits import limits
from bot.render.xlsform_names import InRow, Names, RosterRows

Row: TypeAlias = dict[str, str]

_TYPES: Final = {
    "integer": "integer", "year": "integer", "decimal": "decimal", "money": "decimal", "percent": "decimal",
    "date": "date", "month": "date", "datetime": "dateTime", "image": "image", "signature": "image",
    "geopoint": "geopoint",
}  # fmt: skip
_APPEARANCES: Final = {"month": "month-year", "signature": "signature"}
_BINDS: Final = {"flag": "int", "number": "decimal", "date": "date", "moment": "dateTime"}
_PICTURES: Final = "max-pixels=1600"
"""The longer side: writing on a board or a page stays readable, and it goes through a village's network."""
_HERE: Final = "#"
_COLUMNS: Final = "hidden columns of"
"""Type of the row that stands for a roster's hidden columns until all conditions are printed."""


@dataclass(eq=False)
class SurveyRows:
    """Makes the rows; collects beside them the names of notes and what cannot be said."""

    names: Names
    messages: Messages
    lists: Mapping[tuple[Option, ...], str]
    problems: Mapping[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def group(self, wish: str, label: str, inner: Sequence[Row]) -> list[Row]:
        """Rows inside a group; nothing where there are none."""
        if not inner:
            return []
        name = self.names.fresh(wish)
        begin = {"type": "begin_group", "name": name, "label": label}
        return [begin, *inner, {"type": "end_group", "name": name}]

    def node(self, node: Node) -> Iterator[Row]:
        """The question, or the roster with its sums, then the checks that close there."""
        checks = [step.check for step, _ in node.checks if step.check is not None]
        if node.roster is None:
            yield self.item(node.item)
        else:
            in_rows = [check for check in checks if self.inside(check, node.roster) is not None]
            checks = [check for check in checks if check not in in_rows]
            yield from self.roster(node.roster, node.rows, in_rows)
            for item in node.rows:
                if item.fold is not None:
                    name = self.names.folds[item.fold.fact]
                    yield self.calculation(name, item.fold.calc, self.names.household, item)
        for check in checks:
            yield from self.check(check, check.when, self.names.household)

    def item(self, item: Item) -> Row:
        """One question, or one calculation."""
        names, scope = self.names, self.names.scope(item)
        name = names.items[item.id]
        row = self.calculation(name, item.calc, scope, item) if item.calc is not None else self.asked(item)
        if item.ask_if is not None:
            row["relevant"] = self.holds(item.id, item.ask_if, scope)
        return row

    def holds(self, id: str, condition: Expression, scope: Scope) -> str:
        """Where a condition is true; noted when it reads what only the household's file knows."""
        relevant = is_true(condition, scope)
        if any(scope.fact(name) is None and scope.rows(name) is None for name in condition.names):
            part = "" if relevant == FALSE.text else " (in part)"
            self.left_out.append(f"{id}{part}: {condition.source}")
        return relevant

    def asked(self, item: Item) -> Row:
        names, say = self.names, self.messages.say
        who = f"${{{names.rosters[item.repeat].title}}}" if item.repeat else ""
        text = item.text.replace("{who}", who)
        unit = "" if item.options else item.unit
        row = {
            "type": self.type(item),
            "name": names.items[item.id],
            "label": say("xlsforms.question", no=item.no, text=text, unit=unit),
        }
        if item.hint:
            row["hint"] = item.hint.replace("{who}", who)
        if item.required:
            row |= {"required": "yes", "required_message": say("rejected.needs_answer")}
        if item.kind in _APPEARANCES:
            row["appearance"] = _APPEARANCES[item.kind]
        if row["type"] == "image":
            row["parameters"] = _PICTURES
        if item.default:
            row["default"] = "today()"
        if found := limits(item, names, self.messages):
            tests = [f"({test})" if len(found) > 1 else test for test, _ in found]
            row["constraint"] = " and ".join(tests)
            row["constraint_message"] = " ".join(dict.fromkeys(message for _, message in found))
        return row

    def type(self, item: Item) -> str:
        """The type column: choices with their list."""
        if item.kind in ("select_one", "select_multiple"):
            return f"{item.kind} {self.lists[item.options]}"
        return _TYPES.get(item.kind, "text")

    def calculation(self, name: str, calc: Expression, scope: Scope, item: Item) -> Row:
        """A hidden calculation with the type of its result: numbers as text would lose their exponent."""
        row = hidden(name, value(calc, scope))
        fact = scope.fact(item.fold.fact if item.fold is not None and calc is item.fold.calc else item.fact)
        if fact is not None and fact.kind in _BINDS:
            roster = None if scope is self.names.household else item.repeat
            whole = bool(item.options) or self.names.whole(calc, roster)
            row["bind::type"] = "int" if whole and fact.kind == "number" else _BINDS[fact.kind]
        return row

    # ------------------------------------------------------------------------------------------ rosters

    def roster(self, roster: Roster, items: Sequence[Item], checks: Sequence[Check]) -> Iterator[Row]:
        """The number of rows, the repeated group, and inside it the hidden columns that sums need."""
        names, rows = self.names, RosterRows(self.names, roster)
        parts = names.rosters[roster.id]
        yield hidden(parts.count, rows.calculation, "int")
        yield {
            "type": "begin_repeat",
            "name": parts.repeat,
            "label": roster.name,
            "repeat_count": rows.number,
            "relevant": f"{rows.number} > 0",
        }
        yield hidden(parts.place, "position(..)", "int")
        yield hidden(parts.title, self.title(roster, items))
        # Every form begins with one row, and a count that is lowered leaves rows behind.
        inside = f"{rows.place} <= {rows.number}"
        yield {"type": "begin_group", "name": parts.row, "label": rows.who, "relevant": inside}
        for item in items:
            yield self.item(item)
            for check in checks:
                if check.items[-1] == item.id and (inner := self.inside(check, roster)) is not None:
                    yield from self.check(check, inner, InRow(names, roster.id))
        yield {"type": _COLUMNS, "name": roster.id}
        yield {"type": "end_group", "name": parts.row}
        yield {"type": "end_repeat", "name": parts.repeat}

    def title(self, roster: Roster, items: Sequence[Item]) -> str:
        """Who or what a row is about: its name, or its number until that is known."""
        said = self.messages.say("interview.row", name=roster.name, number=_HERE)
        before, _, behind = said.partition(_HERE)
        place = RosterRows(self.names, roster).place
        numbered = f"concat({quoted(before)}, {place}, {quoted(behind)})"
        named = next((item for item in items if item.fact == roster.title), None)
        if named is None or named.options:
            return numbered
        path = self.names.path(named)
        return f"if({path} != '', {path}, {numbered})"

    def inside(self, check: Check, roster: Roster) -> Expression | None:
        """What a check says of any single row, when that is all it says: then it can stand in the row."""
        tree = check.when.tree
        row_items = {item.id for item in self.names.form.items if item.repeat == roster.id}
        if not set(check.items) <= row_items:
            return None
        match tree:
            case ast.Call(func=ast.Name(id="any"), args=[ast.Name(id=rows), inner]) if rows == roster.id:
                return parse(ast.unparse(inner))
        return None

    def complete(self, survey: Sequence[Row]) -> Iterator[Row]:
        """The rows with the hidden columns that all of them together asked for."""
        for row in survey:
            if row["type"] != _COLUMNS:
                yield row
                continue
            for column in self.names.columns.get(row["name"], {}).values():
                yield hidden(column.name, column.calculation, _BINDS.get(column.kind, ""))

    # -------------------------------------------------------------------------------------------- notes

    def check(self, check: Check, when: Expression, scope: Scope) -> Iterator[Row]:
        """A note where a check fires; a blocking one can never be answered, though it must."""
        text = self.messages.say("xlsforms.checked", level=check.level, text=self.check_text(check))
        row = self.note(check.id, f"check_{check.id}", text, when, scope)
        if row is not None and check.level == "block":
            row |= {"required": "yes", "required_message": self.messages.say("xlsforms.must_mend")}
        if row is not None:
            yield row

    def check_text(self, check: Check) -> str:
        """What a check says; soft limits say their own figures."""
        if check.text:
            return check.text
        item = self.names.form.by_id[check.items[0]]
        low, high = (None if bound is None else number(bound) for bound in (item.soft_min, item.soft_max))
        return self.messages.say(
            "interview.soft_range",
            label=item.label,
            value=self.names.path(item),
            low=low,
            high=high,
            unit=item.unit,
        )

    def candidate(self, candidate: Candidate) -> Iterator[Row]:
        """A note where the answers point to a problem of the ledger."""
        id = candidate.problem
        text = self.messages.say("xlsforms.suspected", id=id, name=self.problems.get(id, ""))
        row = self.note(candidate.key, f"problem_{id}", text, candidate.when, self.names.household)
        if row is not None:
            yield row

    def note(self, id: str, wish: str, text: str, when: Expression, scope: Scope) -> Row | None:
        relevant = self.holds(id, when, scope)
        if relevant == FALSE.text:
            return None
        name = self.notes[id] = self.names.fresh(wish)
        return {"type": "note", "name": name, "label": text, "relevant": relevant}


def hidden(name: str, calculation: str, bind: str = "") -> Row:
    """A calculation that nobody sees, of the type `bind`; text without."""
    row = {"type": "calculate", "name": name, "calculation": calculation}
    return row | ({"bind::type": bind} if bind else {})
