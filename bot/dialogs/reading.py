"""Turn the tables of a form file into a `Form`, collecting everything that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Any, Final

from bot.dialogs.choices import Option
from bot.dialogs.form import KINDS, NUMBERS, Check, Constraint, Fold, Form, Item, Roster, Section
from bot.expressions import ROSTER_FUNCTIONS, Expression, ExpressionError, parse
from bot.functions import PLAIN
from bot.problems import Problem, near_miss, unknown_keys

Initials = Callable[[str], str]
"""Pinyin initials of a label; given from outside, as the pure rooms know no dictionary."""
Lists = Mapping[str, tuple[Option, ...]]

_Shape = Mapping[str, tuple[type, ...]]
_TEXT: Final = (str,)
_FORM: Final[_Shape] = {"id": _TEXT, "version": (int,), "name": _TEXT, "short": _TEXT, "source": _TEXT}
_SECTION: Final[_Shape] = {"id": _TEXT, "name": _TEXT}
_ROSTER: Final[_Shape] = {"id": _TEXT, "name": _TEXT, "count": _TEXT, "title": _TEXT}
_ITEM: Final[_Shape] = {
    "id": (str,), "section": (str,), "no": (str,), "fact": (str,), "kind": (str,), "label": (str,),
    "text": (str,), "hint": (str,), "ask_if": (str,), "unit": (str,), "min": (int, float, str),
    "max": (int, float, str), "soft_min": (int, float), "soft_max": (int, float), "optional": (bool,),
    "required": (bool,), "max_choices": (int,), "min_choices": (int,), "none": (int,), "repeat": (str,),
    "calc": (str,), "keep": (str,), "sensitive": (bool,), "period": (str,), "options": (str, list),
    "check": (list,), "fold": (dict,), "covers": (list,),
}  # fmt: skip
_ITEM_MUST: Final = ("id", "fact", "kind", "label")
_CHECK: Final[_Shape] = {
    "id": (str,), "level": (str,), "when": (str,), "items": (list,), "text": (str,), "source": (str,),
    "candidates": (list,),
}  # fmt: skip
_CHECK_MUST: Final = ("id", "level", "when", "items", "text")
_LIST: Final[_Shape] = {"id": _TEXT, "options": (list,)}
_OPTION: Final[_Shape] = {"code": (int,), "label": _TEXT}
_CONSTRAINT: Final[_Shape] = {"test": _TEXT, "text": _TEXT}
_FOLD: Final[_Shape] = {"fact": _TEXT, "calc": _TEXT}
_OF_TEXTS: Final = ("items", "candidates", "covers")
_LEVELS: Final = ("block", "warn", "info")
_CALLED: Final[Mapping[type, str]] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
    dict: "a table",
}  # fmt: skip
_FUNCTIONS: Final = frozenset({"blank", *ROSTER_FUNCTIONS, *PLAIN})
_ASSIGNS: Final = re.compile(r"(?<![=!<>])=(?!=)")
_TOP: Final = "(top level)"


def read_lists(data: Mapping[str, Any], initials: Initials, file: str) -> tuple[Lists, list[Problem]]:
    """The shared option lists of `lists.toml`, by id."""
    reader = _Reader({}, initials, file)
    reader.unknown(_TOP, data, ("list", "parameter"))
    lists: dict[str, tuple[Option, ...]] = {}
    for table in reader.tables(data, "list"):
        name = str(table.get("id") or "?")
        if not reader.sound(name, "the list", table, _LIST, _LIST):
            continue
        if name in lists:
            reader.problem(name, "the list id is used twice", "give each list an id of its own")
        lists[name] = reader.options(name, table["options"])
    return lists, reader.problems


def read_form(
    data: Mapping[str, Any], lists: Lists, initials: Initials, file: str
) -> tuple[Form | None, list[Problem]]:
    """The form in `data`; None when its head is unreadable. Items that cannot be read are left out."""
    reader = _Reader(lists, initials, file)
    reader.unknown(_TOP, data, ("form", "section", "roster", "item", "check"))
    head = data.get("form")
    if not isinstance(head, Mapping):
        reader.problem("form", "there is no head", f"write a [form] table with {', '.join(_FORM)}")
        return None, reader.problems
    readable = reader.sound("form", "the head", head, {**_FORM, "suits": _TEXT}, _FORM)
    items = tuple(item for table in reader.tables(data, "item") if (item := reader.item(table)) is not None)
    checks = [check for t in reader.tables(data, "check") if (check := reader.check(t)) is not None]
    sections = tuple(
        found for t in reader.tables(data, "section") if (found := reader.section(t)) is not None
    )
    rosters = tuple(roster for t in reader.tables(data, "roster") if (roster := reader.roster(t)) is not None)
    if not readable:
        return None, reader.problems
    form = Form(
        **{key: head[key] for key in _FORM},
        sections=sections,
        rosters=rosters,
        items=items,
        checks=tuple([check for item in items for check in _range_checks(item)] + checks),
        suits=reader.expression("form", "suits", head.get("suits")),
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


def _is(value: object, types: tuple[type, ...]) -> bool:
    """Whether a value has one of these types; true and false are no numbers."""
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _mend(why: str, source: str) -> str:
    """What to do about an expression that cannot be used."""
    if _ASSIGNS.search(source):
        return "compare with =="
    if why.startswith("there is no function "):
        return near_miss(why.rpartition(" ")[2], _FUNCTIONS)
    return "write it as in the forms that ship: names, numbers, == != < <= > >= in, and / or / not"


def _written(value: object) -> str:
    """A value as a hint quotes it: short, and true as TOML has it."""
    text = repr(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


class _Reader:
    def __init__(self, lists: Lists, initials: Initials, file: str) -> None:
        self.lists, self.initials, self.file = lists, initials, file
        self.problems: list[Problem] = []

    def problem(self, id: str, what: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, id, what, hint))

    def unknown(self, id: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
        self.problems += unknown_keys(self.file, id, table, allowed)

    def tables(self, data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """The tables `[[key]]`; anything else under that name is noted."""
        tables = data.get(key, [])
        if not isinstance(tables, list) or any(not isinstance(table, Mapping) for table in tables):
            self.problem(key, f"{key} is no list of tables", f"write [[{key}]], one table for each")
            return []
        return tables

    def sound(self, id: str, what: str, table: object, shape: _Shape, must: Iterable[str]) -> bool:
        """Whether a table has what it must, each key of its type; what is not known is noted beside."""
        if not isinstance(table, Mapping):
            self.problem(id, f"{what} must be a table", "{ " + ", ".join(f"{key} = …" for key in must) + " }")
            return False
        self.unknown(id, table, shape)
        missing = [key for key in must if key not in table or (key == "id" and table[key] == "")]
        if missing:
            near = [f"{key} = …" for key in missing]
            self.problem(id, f"{what} lacks {', '.join(missing)}", f"write {', '.join(near)}")
        wrong = [key for key, types in shape.items() if key in table and not _is(table[key], types)]
        for key in wrong:
            # A whole number is a number: where both will do, say the wider one.
            called = " or ".join(_CALLED[t] for t in shape[key] if t is not int or float not in shape[key])
            self.problem(id, f"{key} must be {called}", f"it is written as {_written(table[key])}")
        mixed = [key for key in _OF_TEXTS if key in shape and key in table and key not in wrong]
        mixed = [key for key in mixed if not all(isinstance(each, str) for each in table[key])]
        for key in mixed:
            self.problem(id, f"{key} must hold texts only", "write each in quotation marks")
        return not (missing or wrong or mixed)

    def name(self, id: str, key: str, name: str) -> bool:
        """Whether conditions can use a name."""
        if name.isidentifier() and name.isascii() and not iskeyword(name):
            return True
        self.problem(id, f"{key} {name} is no name that a condition could use", "use a-z, 0-9 and _")
        return False

    def expression(self, id: str, key: str, source: object) -> Expression | None:
        if source is None:
            return None
        try:
            return parse(str(source))
        except ExpressionError as error:
            why = str(error.facts["why"])
            self.problem(id, f"{key} cannot be used: {why}: {source}", _mend(why, str(source)))
            return None

    def item(self, table: Mapping[str, Any]) -> Item | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the item", table, _ITEM, _ITEM_MUST):
            return None
        names = [key for key in ("fact", "repeat") if key in table and not self.name(id, key, table[key])]
        if table["kind"] not in KINDS:
            self.problem(id, f"unknown kind {table['kind']}", near_miss(table["kind"], KINDS))
            return None
        if names:
            return None
        plain = {
            key: value
            for key, value in table.items()
            if key in _ITEM and key not in ("options", "ask_if", "check", "fold", "calc", "covers")
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
        if not options:
            if table["kind"] in ("select_one", "select_multiple"):
                self.problem(id, f"the {table['kind']} has no options", "name a list of lists.toml")
            return ()
        if isinstance(options, str):
            if options not in self.lists:
                self.problem(id, f"there is no option list {options}", near_miss(options, self.lists))
            return self.lists.get(options, ())
        return self.options(id, options)

    def options(self, id: str, tables: Sequence[Any]) -> tuple[Option, ...]:
        found: list[Option] = []
        for table in tables:
            if not self.sound(id, "an option", table, _OPTION, _OPTION):
                continue
            if any(option.code == table["code"] for option in found):
                self.problem(
                    id, f"option code {table['code']} is used twice", "give each option its own code"
                )
            found.append(Option(table["code"], table["label"], self.initials(table["label"])))
        return tuple(found)

    def constraints(self, id: str, tables: Sequence[Any]) -> tuple[Constraint, ...]:
        constraints: list[Constraint] = []
        for table in tables:
            if not self.sound(id, "a check of the item", table, _CONSTRAINT, _CONSTRAINT):
                continue
            test = self.expression(id, "check", table["test"])
            if test is not None:
                constraints.append(Constraint(test, table["text"]))
        return tuple(constraints)

    def fold(self, id: str, table: Mapping[str, Any] | None) -> Fold | None:
        if table is None or not self.sound(id, "the fold", table, _FOLD, _FOLD):
            return None
        if not self.name(id, "fact", table["fact"]):
            return None
        calc = self.expression(id, "fold", table["calc"])
        return None if calc is None else Fold(table["fact"], calc)

    def section(self, table: Mapping[str, Any]) -> Section | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the section", table, _SECTION, _SECTION):
            return None
        return Section(id, table["name"])

    def roster(self, table: Mapping[str, Any]) -> Roster | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the roster", table, _ROSTER, _ROSTER):
            return None
        return Roster(id, table["name"], table["count"], table["title"])

    def check(self, table: Mapping[str, Any]) -> Check | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the check", table, _CHECK, _CHECK_MUST):
            return None
        if table["level"] not in _LEVELS:
            self.problem(id, f"unknown level {table['level']}", near_miss(table["level"], _LEVELS))
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
