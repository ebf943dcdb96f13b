"""What a roster looks like: sheets and columns of `templates/rosters/layout.toml`, with their options."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from bot.content import Content
from bot.errors import HubangError
from bot.problems import Problem, near_miss, unknown_keys
from bot.render.messages import TEMPLATES

FILE: Final = TEMPLATES / "rosters" / "layout.toml"
Kind: TypeAlias = Literal["text", "name", "code", "integer", "year", "date", "id_number", "phone", "choice"]
SHEETS: Final = ("regions", "people", "households", "members")
"""The sheets that are read, in the order in which what they hold rests on each other."""
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "regions": frozenset({"county", "town", "village", "code"}),
    "people": frozenset({"name", "unit", "post", "county", "town", "village"}),
    "households": frozenset(
        {"code", "county", "town", "village", "village_group", "head_name", "head_id_number", "address"}
        | {"population", "reg_status", "exit_year", "phone", "helper_name", "helper_unit"}
    ),
    "members": frozenset(
        {"code", "head_id_number", "name", "relation", "id_number", "birth_date", "sex", "insured", "labor"}
    ),
}
"""The columns of each sheet that the product knows what to do with; the file must have them all."""
_KEYS: Final = frozenset(
    {"id", "name", "also", "kind", "required", "width", "note", "example", "masked"}
    | {"options", "options_of", "min", "max"}
)


class LayoutInvalid(HubangError):
    """The layout of rosters has {count} problem(s): {problems}"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as people see it, and how its cells are read; `options` are labels by codes."""

    id: str
    name: str
    kind: Kind
    also: tuple[str, ...] = ()
    required: bool = False
    width: float = 12
    note: str = ""
    example: str = ""
    masked: bool = False
    options: Mapping[int, str] = field(default_factory=dict)
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class SheetLayout:
    """A sheet: its names, what it is about, its columns in order."""

    id: str
    name: str
    also: tuple[str, ...]
    about: str
    columns: tuple[Column, ...]

    @cached_property
    def named(self) -> dict[str, Column]:
        """The columns by each of their names, folded."""
        return {folded(name): each for each in self.columns for name in (each.name, *each.also)}

    @cached_property
    def by_id(self) -> dict[str, Column]:
        """The columns by their ids."""
        return {each.id: each for each in self.columns}


@dataclass(frozen=True)
class RosterLayout:
    """The whole workbook, with the words that reading it needs."""

    name: str
    example_mark: str
    head_relation: str
    head_also: frozenset[str]
    """Other names of the head among the relations, folded."""
    number_mark: str
    colon: str
    help_name: str
    help_lines: tuple[str, ...]
    sheets: tuple[SheetLayout, ...]

    @cached_property
    def by_id(self) -> dict[str, SheetLayout]:
        """The sheets by their ids."""
        return {each.id: each for each in self.sheets}

    def called(self, name: str) -> SheetLayout | None:
        """The sheet of that name."""
        wanted = folded(name)
        return next((s for s in self.sheets if wanted in map(folded, (s.name, *s.also))), None)


def folded(text: str) -> str:
    """A name as it is compared: full-width signs as plain ones, no gaps, no star of a required column."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("*").lower()


def layout_problems(content: Content, path: Path = FILE) -> list[Problem]:
    """Every problem of the layout beside that content, the forms of which it takes options from."""
    return _read(content, path)[2]


def _read(content: Content, path: Path) -> tuple[dict[str, Any], tuple[SheetLayout, ...], list[Problem]]:
    """The file as it is, its sheets, and what is wrong with them."""
    reader = _Reader(content, path.name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        reader.note("toml", str(error))
        return {}, (), reader.problems
    sheets = tuple(reader.sheet(each) for each in data.get("sheet", ()))
    reader.compare(sheets)
    for word in ("name", "example_mark", "head_relation", "number_mark", "colon"):
        if not isinstance(data.get(word), str):
            reader.note("roster", f"{word} is missing", f'write {word} = "…"')
    return data, sheets, reader.problems


def read_layout(content: Content, path: Path = FILE) -> RosterLayout:
    """The layout with the options of the forms; LayoutInvalid with every problem when there is any."""
    data, sheets, problems = _read(content, path)
    if problems:
        raise LayoutInvalid(count=len(problems), problems="".join(f"\n{each}" for each in problems))
    help_ = data.get("help", {})
    lines = tuple(help_.get("lines", ()))
    return RosterLayout(
        name=data["name"],
        example_mark=data["example_mark"],
        head_relation=data["head_relation"],
        head_also=frozenset(map(folded, data.get("head_also", ()))),
        number_mark=data["number_mark"],
        colon=data["colon"],
        help_name=str(help_.get("name", data["name"])),
        help_lines=lines,
        sheets=sheets,
    )


class _Reader:
    """One pass over the tables, keeping what is wrong with them."""

    def __init__(self, content: Content, file: str) -> None:
        self.content, self.file = content, file
        self.problems: list[Problem] = []

    def note(self, id: str, what: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, id, what, hint))

    def sheet(self, table: Mapping[str, Any]) -> SheetLayout:
        id = str(table.get("id", ""))
        columns = tuple(self.column(f"{id}.{each.get('id')}", each) for each in table.get("column", ()))
        seen: dict[str, str] = {}
        for each in columns:
            for name in map(folded, (each.name, *each.also)):
                if seen.setdefault(name, each.id) != each.id:
                    self.note(id, f"{name} names {seen[name]} and {each.id}", "a name means one column")
        name, about = str(table.get("name", id)), str(table.get("about", ""))
        return SheetLayout(id, name, tuple(table.get("also", ())), about, columns)

    def column(self, place: str, table: Mapping[str, Any]) -> Column:
        self.problems += unknown_keys(self.file, place, table, _KEYS)
        kind = table.get("kind", "text")
        if kind not in get_args(Kind):
            self.note(place, f"there is no kind {kind}", near_miss(str(kind), get_args(Kind)))
            kind = "text"
        options = self.options(place, table)
        if (kind == "choice") != bool(options):
            self.note(place, "a choice needs options, and nothing else has any", "options or options_of")
        return Column(
            str(table.get("id", "")),
            str(table.get("name", "")),
            cast(Kind, kind),
            tuple(table.get("also", ())),
            bool(table.get("required", False)),
            float(table.get("width", 12)),
            str(table.get("note", "")),
            str(table.get("example", "")),
            bool(table.get("masked", False)),
            options,
            table.get("min"),
            table.get("max"),
        )

    def options(self, place: str, table: Mapping[str, Any]) -> dict[int, str]:
        """The options of a column: its own, or those of a question of the newest version of a form."""
        if (source := table.get("options_of")) is None:
            return {int(each["code"]): str(each["label"]) for each in table.get("options", ())}
        form, _, item = str(source).partition(".")
        known = {id for id, _ in self.content.forms}
        asked = self.content.form(form).by_id.get(item) if form in known else None
        if asked is None or not asked.options:
            self.note(place, f"there is no question {source} with options", "form.item, such as cs.1")
            return {}
        return {option.code: option.label for option in asked.options}

    def compare(self, sheets: tuple[SheetLayout, ...]) -> None:
        """Every sheet and column that the product handles, and none besides."""
        if [each.id for each in sheets] != list(SHEETS):
            self.note("sheet", f"there are {', '.join(each.id for each in sheets)}", ", ".join(SHEETS))
            return
        for sheet in sheets:
            here = {each.id for each in sheet.columns}
            for id in sorted(here ^ NEEDED[sheet.id]):
                what = "is not known" if id in here else "is missing"
                self.note(f"{sheet.id}.{id}", f"the column {what}", near_miss(id, NEEDED[sheet.id]))
