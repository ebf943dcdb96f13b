"""Turn the tables of a form file into a `Form`, collecting everything that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.dialogs.choices import Option
from bot.dialogs.form import (
    KINDS,
    NUMBERS,
    SUBJECTS,
    Candidate,
    Check,
    Constraint,
    Fold,
    Form,
    Item,
    Roster,
    Section,
)
from bot.dialogs.repeating import repeated
from bot.dialogs.shapes import Shape, TableReader
from bot.expressions import parse
from bot.problems import Problem, near_miss

Initials = Callable[[str], str]
"""Pinyin initials of a label; given from outside, as the pure rooms know no dictionary."""
Lists = Mapping[str, tuple[Option, ...]]

_TEXT: Final = (str,)
_FORM: Final[Shape] = {"id": _TEXT, "version": (int,), "name": _TEXT, "short": _TEXT, "source": _TEXT}
_FORM_MAY: Final[Shape] = {
    "suits": _TEXT,
    "subject": (str, list),
    "menu": (bool,),
    "every": _TEXT,
    "seldom": (bool,),
}
_SECTION: Final[Shape] = {"id": _TEXT, "name": _TEXT, "recall": (bool,)}
_ROSTER: Final[Shape] = {
    "id": _TEXT, "name": _TEXT, "count": _TEXT, "title": _TEXT, "from": _TEXT, "from_if": _TEXT,
}  # fmt: skip
_ROSTER_MUST: Final = ("id", "name", "count", "title")
_ITEM: Final[Shape] = {
    "id": (str,), "section": (str,), "no": (str,), "fact": (str,), "kind": (str,), "label": (str,),
    "text": (str,), "hint": (str,), "ask_if": (str,), "unit": (str,), "min": (int, float, str),
    "max": (int, float, str), "soft_min": (int, float), "soft_max": (int, float), "optional": (bool,),
    "required": (bool,), "max_choices": (int,), "min_choices": (int,), "none": (int,), "repeat": (str,),
    "calc": (str,), "keep": (str,), "keep_only": (int, float), "like": (str,), "default": (str,),
    "sensitive": (bool,), "period": (str,), "options": (str, list), "check": (list,), "fold": (dict,),
    "covers": (list,),
}  # fmt: skip
_ITEM_MUST: Final = ("id", "fact", "kind", "label")
_ITEM_BUILT: Final = ("options", "ask_if", "check", "fold", "calc", "covers")
_CHECK: Final[Shape] = {
    "id": (str,), "level": (str,), "when": (str,), "items": (list,), "text": (str,), "source": (str,),
    "candidates": (list,),
}  # fmt: skip
_CHECK_MUST: Final = ("id", "level", "when", "items", "text")
_CANDIDATE: Final[Shape] = {
    "problem": _TEXT, "when": _TEXT, "items": (list,), "roster": _TEXT, "who": _TEXT, "text": _TEXT,
}  # fmt: skip
_CANDIDATE_MUST: Final = ("problem", "when", "items")
_LIST: Final[Shape] = {"id": _TEXT, "options": (list,)}
_OPTION: Final[Shape] = {"code": (int,), "label": _TEXT}
_CONSTRAINT: Final[Shape] = {"test": _TEXT, "text": _TEXT}
_FOLD: Final[Shape] = {"fact": _TEXT, "calc": _TEXT}
_LEVELS: Final = ("block", "warn", "info")
_TOP: Final = "(top level)"
_KEYS: Final = ("form", "section", "roster", "item", "check", "candidate")


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
    reader.unknown(_TOP, data, _KEYS)
    head = data.get("form")
    if not isinstance(head, Mapping):
        reader.problem("form", "there is no head", f"write a [form] table with {', '.join(_FORM)}")
        return None, reader.problems
    readable = reader.sound("form", "the head", head, {**_FORM, **_FORM_MAY}, _FORM)

    def each(key: str) -> list[Mapping[str, Any]]:
        tables, problems = repeated(reader.tables(data, key), file)
        reader.problems += problems
        return tables

    sections = [section for table in each("section") if (section := reader.section(table)) is not None]
    rosters = [roster for table in each("roster") if (roster := reader.roster(table)) is not None]
    items = [item for table in each("item") if (item := reader.item(table)) is not None]
    checks = [check for table in each("check") if (check := reader.check(table)) is not None]
    candidates = [found for table in each("candidate") if (found := reader.candidate(table)) is not None]
    if not readable:
        return None, reader.problems
    form = Form(
        **{key: head[key] for key in _FORM},
        sections=tuple(sections),
        rosters=tuple(rosters),
        items=tuple(items),
        checks=tuple([soft for item in items for soft in _range_checks(item)] + checks),
        candidates=tuple(candidates),
        suits=reader.expression("form", "suits", head.get("suits")),
        subjects=reader.subjects(head.get("subject", SUBJECTS[0])),
        menu=head.get("menu", False),
        every=head.get("every", ""),
        seldom=head.get("seldom", False),
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


class _Reader(TableReader):
    def __init__(self, lists: Lists, initials: Initials, file: str) -> None:
        super().__init__(file)
        self.lists, self.initials = lists, initials

    def subjects(self, named: str | list[str]) -> tuple[str, ...]:
        """Whom the form is about; one or several kinds of subject."""
        found = (named,) if isinstance(named, str) else tuple(named)
        for subject in found:
            if subject not in SUBJECTS:
                self.problem("form", f"unknown subject {subject}", near_miss(str(subject), SUBJECTS))
        return found

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
        plain = {key: value for key, value in table.items() if key in _ITEM and key not in _ITEM_BUILT}
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
        if not self.sound(id, "the section", table, _SECTION, ("id", "name")):
            return None
        return Section(id, table["name"], table.get("recall", False))

    def roster(self, table: Mapping[str, Any]) -> Roster | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the roster", table, _ROSTER, _ROSTER_MUST):
            return None
        wanted = self.expression(id, "from_if", table.get("from_if"))
        return Roster(id, table["name"], table["count"], table["title"], table.get("from", id), wanted)

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
        )

    def candidate(self, table: Mapping[str, Any]) -> Candidate | None:
        problem = str(table.get("problem") or "?")
        if not self.sound(problem, "the candidate", table, _CANDIDATE, _CANDIDATE_MUST):
            return None
        when = self.expression(problem, "when", table["when"])
        who = self.expression(problem, "who", table.get("who"))
        if when is None or (who is None and "who" in table):
            return None
        return Candidate(
            problem, when, tuple(table["items"]), table.get("roster"), who, table.get("text", "")
        )
