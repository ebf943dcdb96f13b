"""Turn the tables of a form file into a `Form`, collecting everything that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from bot.dialogs.choices import Option
from bot.dialogs.form import KINDS, NUMBERS, Check, Constraint, Fold, Form, Item, Roster, Section
from bot.expressions import Expression, ExpressionError, parse
from bot.problems import Problem, near_miss, unknown_keys

Initials = Callable[[str], str]
"""Pinyin initials of a label; given from outside, as the pure rooms know no dictionary."""
Lists = Mapping[str, tuple[Option, ...]]

_FORM_KEYS: Final = ("id", "version", "name", "short", "source")
_ITEM_KEYS: Final = frozenset(field.name for field in fields(Item))
_ITEM_MUST: Final = ("id", "fact", "kind", "label")
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "id": (str,), "section": (str,), "no": (str,), "fact": (str,), "kind": (str,), "label": (str,),
    "text": (str,), "hint": (str,), "ask_if": (str,), "unit": (str,), "min": (int, float, str),
    "max": (int, float, str), "soft_min": (int, float), "soft_max": (int, float), "optional": (bool,),
    "required": (bool,), "max_choices": (int,), "min_choices": (int,), "none": (int,), "repeat": (str,),
    "calc": (str,), "keep": (str,), "sensitive": (bool,), "period": (str,), "options": (str, list),
    "check": (list,), "fold": (dict,), "covers": (list,),
}  # fmt: skip


def read_lists(data: Mapping[str, Any], initials: Initials, file: str) -> tuple[Lists, list[Problem]]:
    """The shared option lists of `lists.toml`, by id."""
    problems: list[Problem] = []
    lists: dict[str, tuple[Option, ...]] = {}
    for table in data.get("list", []):
        name = table.get("id", "?")
        if name in lists:
            problems.append(
                Problem(file, name, "the list id is used twice", "give each list an id of its own")
            )
        lists[name] = _options(table.get("options", []), initials, file, name, problems)
    return lists, problems


def read_form(
    data: Mapping[str, Any], lists: Lists, initials: Initials, file: str
) -> tuple[Form | None, list[Problem]]:
    """The form in `data`; None when its head is unreadable. Items that cannot be read are left out."""
    reader = _Reader(lists, initials, file)
    head = data.get("form")
    if not isinstance(head, Mapping) or any(key not in head for key in _FORM_KEYS):
        return None, [
            Problem(file, "form", f"the head needs {', '.join(_FORM_KEYS)}", "write a [form] table")
        ]
    reader.unknown("form", head, _FORM_KEYS)
    reader.unknown("(top level)", data, ("form", "section", "roster", "item", "check"))
    items = tuple(item for table in data.get("item", []) if (item := reader.item(table)) is not None)
    checks = [check for table in data.get("check", []) if (check := reader.check(table)) is not None]
    form = Form(
        **{key: head[key] for key in _FORM_KEYS},
        sections=tuple(Section(t.get("id", "?"), t.get("name", "?")) for t in data.get("section", [])),
        rosters=tuple(roster for t in data.get("roster", []) if (roster := reader.roster(t)) is not None),
        items=items,
        checks=tuple([check for item in items for check in _range_checks(item)] + checks),
    )
    return form, reader.problems


def _range_checks(item: Item) -> list[Check]:
    """The warning behind soft limits, as a check of its own: `<item>.range`."""
    tests = [
        f"{item.fact} {sign} {limit}"
        for sign, limit in (("<", item.soft_min), (">", item.soft_max))
        if limit is not None
    ]
    if not tests or item.kind not in NUMBERS:
        return []
    test = " or ".join(tests)
    when = parse(f"any({item.repeat}, {test})" if item.repeat else test)
    return [Check(f"{item.id}.range", "warn", when, (item.id,), "")]


def _options(
    tables: Sequence[Any], initials: Initials, file: str, id: str, problems: list[Problem]
) -> tuple[Option, ...]:
    options: list[Option] = []
    for table in tables:
        if not isinstance(table, Mapping) or {"code", "label"} - table.keys():
            problems.append(Problem(file, id, "an option needs code and label", "{code = 1, label = …}"))
            continue
        if any(option.code == table["code"] for option in options):
            problems.append(
                Problem(file, id, f"option code {table['code']} is used twice", "codes are unique")
            )
        options.append(Option(table["code"], table["label"], initials(table["label"])))
    return tuple(options)


class _Reader:
    def __init__(self, lists: Lists, initials: Initials, file: str) -> None:
        self.lists, self.initials, self.file = lists, initials, file
        self.problems: list[Problem] = []

    def problem(self, id: str, what: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, id, what, hint))

    def unknown(self, id: str, table: Mapping[str, Any], allowed: Sequence[str] | frozenset[str]) -> None:
        self.problems += unknown_keys(self.file, id, table, allowed)

    def expression(self, id: str, key: str, source: object) -> Expression | None:
        if source is None:
            return None
        try:
            return parse(str(source))
        except ExpressionError as error:
            self.problem(id, f"{key}: {error}", "see docs/decisions for the language of conditions")
            return None

    def item(self, table: Mapping[str, Any]) -> Item | None:
        id = str(table.get("id", "?"))
        self.unknown(id, table, _ITEM_KEYS)
        missing = [key for key in _ITEM_MUST if key not in table]
        if missing:
            self.problem(id, f"the item lacks {', '.join(missing)}")
            return None
        wrong = [key for key, types in _TYPES.items() if key in table and not isinstance(table[key], types)]
        if wrong:
            self.problem(id, f"{wrong[0]} has the wrong type", f"write it as {_TYPES[wrong[0]][0].__name__}")
            return None
        if table["kind"] not in KINDS:
            self.problem(id, f"unknown kind {table['kind']}", near_miss(table["kind"], KINDS))
            return None
        plain = {
            key: value
            for key, value in table.items()
            if key in _ITEM_KEYS and key not in ("options", "ask_if", "check", "fold", "calc", "covers")
        }
        plain.setdefault("section", "")
        plain.setdefault("no", "")
        plain.setdefault("text", "")
        return Item(
            **plain,
            options=self.item_options(id, table),
            ask_if=self.expression(id, "ask_if", table.get("ask_if")),
            check=self.constraints(id, table.get("check", [])),
            fold=self.fold(id, table.get("fold")),
            calc=self.expression(id, "calc", table.get("calc")),
            covers=tuple(table.get("covers", ())),
        )

    def item_options(self, id: str, table: Mapping[str, Any]) -> tuple[Option, ...]:
        options = table.get("options")
        if options is None:
            return ()
        if isinstance(options, str):
            if options not in self.lists:
                self.problem(id, f"there is no option list {options}", near_miss(options, self.lists))
            return self.lists.get(options, ())
        return _options(options, self.initials, self.file, id, self.problems)

    def constraints(self, id: str, tables: Sequence[Any]) -> tuple[Constraint, ...]:
        constraints: list[Constraint] = []
        for table in tables:
            if not isinstance(table, Mapping) or {"test", "text"} - table.keys():
                self.problem(id, "a constraint needs test and text")
                continue
            test = self.expression(id, "check", table["test"])
            if test is not None:
                constraints.append(Constraint(test, table["text"]))
        return tuple(constraints)

    def fold(self, id: str, table: Mapping[str, Any] | None) -> Fold | None:
        if table is None:
            return None
        if {"fact", "calc"} - table.keys():
            self.problem(id, "a fold needs fact and calc")
            return None
        calc = self.expression(id, "fold", table["calc"])
        return None if calc is None else Fold(table["fact"], calc)

    def roster(self, table: Mapping[str, Any]) -> Roster | None:
        id = str(table.get("id", "?"))
        self.unknown(id, table, ("id", "name", "count", "title"))
        if {"id", "name", "count", "title"} - table.keys():
            self.problem(id, "a roster needs id, name, count and title")
            return None
        return Roster(table["id"], table["name"], table["count"], table["title"])

    def check(self, table: Mapping[str, Any]) -> Check | None:
        id = str(table.get("id", "?"))
        self.unknown(id, table, ("id", "level", "when", "items", "text", "source", "candidates"))
        missing = [key for key in ("id", "level", "when", "items", "text") if key not in table]
        if missing:
            self.problem(id, f"the check lacks {', '.join(missing)}")
            return None
        if table["level"] not in ("block", "warn", "info"):
            self.problem(
                id, f"unknown level {table['level']}", near_miss(table["level"], ("block", "warn", "info"))
            )
            return None
        when = self.expression(id, "when", table["when"])
        if when is None:
            return None
        return Check(
            id,
            table["level"],
            when,
            tuple(table["items"]),
            table["text"],
            table.get("source", ""),
            tuple(table.get("candidates", ())),
        )
