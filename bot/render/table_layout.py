"""The layouts of tables as `templates/ledgers/*.toml` say them: heads, titles and every word that is printed.

[report]
id = "O-11"
name = "…"            what lists and chats call it
words = ["…"]         what people type to ask for it
source = "003:125"    where the document prescribes it

[[sheet]]
id = "main"
name = "…"            on the tab
title = "…"           {region}, {period} and whatever else the report fills in
about = ["…"]         lines between title and head
landscape = true      paper = "A3"      frozen = 2      total = "…"      merged = ["town"]
empty = "…"           instead of rows when there is none
notes = ["…"]         under the table

[[sheet.column]]
id = "n1"
head = ["…", "…"]     from the top level down; one word: "…"
kind = "integer"      text, code, integer, decimal, money, percent, date
width = 8
total = true

[words]               every other word that the report prints
unanswered = "…"
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from bot.errors import HubangError
from bot.problems import Problem, near_miss, unknown_keys
from bot.render.table_view import Column, Kind, Paper, Row, Sheet

REPORT: Final = ("id", "name", "short", "words", "source")
SHEET: Final = (
    *("id", "name", "title", "about", "landscape", "paper", "frozen", "total", "empty", "notes", "merged"),
    "column",
)
COLUMN: Final = tuple(each.name for each in fields(Column))


class WordMissing(HubangError):
    """The layout {layout} has no {what} {name}: add it to templates/ledgers/{layout}.toml."""


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """A sheet without its rows; texts hold {names} that are filled in."""

    id: str
    name: str
    title: str
    columns: tuple[Column, ...]
    about: tuple[str, ...] = ()
    landscape: bool = False
    paper: Paper = "A4"
    frozen: int = 0
    total: str = ""
    empty: str = ""
    notes: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()

    def filled(
        self,
        rows: Sequence[Row],
        facts: Mapping[str, object],
        *,
        notes: Iterable[str] = (),
        columns: Sequence[Column] | None = None,
        name: str = "",
    ) -> Sheet:
        """The sheet with its rows; `facts` fill the texts, further `notes` stand under those of the layout.

        `columns` take the place of the layout's own, for tables that are as wide as what they list.
        """
        return Sheet(
            name or self.name,
            self.title.format_map(facts),
            tuple(line.format_map(facts) for line in self.about),
            tuple(columns or self.columns),
            tuple(rows),
            self.total,
            (*(each.format_map(facts) for each in self.notes), *notes),
            self.landscape,
            self.paper,
            self.frozen,
            self.empty.format_map(facts),
            self.merged,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A report in words; `asked` are the words by which people ask for it."""

    id: str
    name: str
    short: str
    asked: tuple[str, ...]
    source: str
    sheets: Mapping[str, SheetLayout]
    words: Mapping[str, str]

    def sheet(self, id: str) -> SheetLayout:
        """The sheet of this id; WordMissing when there is none."""
        if id not in self.sheets:
            raise WordMissing(layout=self.id, what="sheet", name=id)
        return self.sheets[id]

    def say(self, word: str, **facts: object) -> str:
        """A word of the report, its {names} filled in; WordMissing when there is none."""
        if word not in self.words:
            raise WordMissing(layout=self.id, what="word", name=word)
        return self.words[word].format_map(facts)

    def under(self, start: str) -> dict[str, str]:
        """The words whose names begin like this, by the rest of the name, in the order of the file."""
        return {name.removeprefix(start): text for name, text in self.words.items() if name.startswith(start)}


def read_layout(tables: Mapping[str, Any], file: str) -> tuple[Layout | None, list[Problem]]:
    """The layout in the tables of a file, with every problem; None when it cannot be used."""
    problems = unknown_keys(file, "(top level)", tables, ("report", "sheet", "words"))
    report = tables.get("report", {})
    problems += unknown_keys(file, "report", report, REPORT)
    problems += [
        Problem(file, "report", f"{key} is missing", "write it")
        for key in ("id", "name")
        if not report.get(key)
    ]
    if report.get("id") and f"{report['id']}.toml" != file:
        problems.append(Problem(file, "report", f"the id is {report['id']}", "call the file by its id"))
    sheets = [each for table in tables.get("sheet", []) if (each := _sheet(table, file, problems))]
    words = tables.get("words", {})
    for name, text in words.items():
        problems += _text(text, file, f"words.{name}")
    if problems:
        return None, problems
    asked = tuple(report.get("words", ()))
    by_id = {sheet.id: sheet for sheet in sheets}
    short = report.get("short") or report["name"]
    return Layout(report["id"], report["name"], short, asked, report.get("source", ""), by_id, words), []


def _sheet(table: Mapping[str, Any], file: str, problems: list[Problem]) -> SheetLayout | None:
    id = str(table.get("id", "?"))
    before = len(problems)
    problems += unknown_keys(file, id, table, SHEET)
    for key in ("id", "name", "title"):
        if not table.get(key):
            problems.append(Problem(file, id, f"{key} is missing", "write it"))
    texts = [table.get("title", ""), *table.get("about", []), *table.get("notes", [])]
    for text in texts:
        problems += _text(text, file, id)
    if table.get("paper", "A4") not in get_args(Paper):
        problems.append(Problem(file, id, f"unknown paper {table['paper']}", "A3 or A4"))
    columns = [_column(each, file, id, problems) for each in table.get("column", [])]
    ids = [column.id for column in columns]
    problems += [
        Problem(file, id, f"two columns are called {name}", "give each an id of its own")
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]
    problems += [
        Problem(file, id, f"merged names no column {name}", near_miss(name, ids))
        for name in table.get("merged", [])
        if name not in ids
    ]
    if len(problems) > before:
        return None
    return SheetLayout(
        id,
        table["name"],
        table["title"],
        tuple(columns),
        tuple(table.get("about", ())),
        bool(table.get("landscape", False)),
        table.get("paper", "A4"),
        int(table.get("frozen", 0)),
        table.get("total", ""),
        table.get("empty", ""),
        tuple(table.get("notes", ())),
        tuple(table.get("merged", ())),
    )


def _column(table: Mapping[str, Any], file: str, sheet: str, problems: list[Problem]) -> Column:
    where = f"{sheet}.{table.get('id', '?')}"
    problems += unknown_keys(file, where, table, COLUMN)
    if not table.get("id") or not table.get("head"):
        problems.append(Problem(file, where, "a column needs id and head", "write them"))
    kind = table.get("kind", "text")
    if kind not in get_args(Kind):
        problems.append(Problem(file, where, f"unknown kind {kind}", near_miss(str(kind), get_args(Kind))))
    head = table.get("head", "?")
    heads = (head,) if isinstance(head, str) else tuple(head)
    width, total = float(table.get("width", 10)), bool(table.get("total", False))
    return Column(str(table.get("id", "?")), heads, kind, width, total)


def _text(text: object, file: str, id: str) -> list[Problem]:
    if not isinstance(text, str):
        return [Problem(file, id, f"{text!r} is no text", "put it in quotation marks")]
    try:
        list(string.Formatter().parse(text))
    except ValueError as error:
        return [
            Problem(file, id, f"{text!r}: {error}", "write {{ and }} for signs, {name} for what is filled in")
        ]
    return []
