"""Whether a table of a content file has the keys it must, each of its type; whatever lacks is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any, Final, TypeAlias

from bot.dialogs.repeating import PLACE
from bot.expressions import ROSTER_FUNCTIONS, Expression, ExpressionError, parse
from bot.functions import PLAIN
from bot.problems import Problem, near_miss, unknown_keys

Shape: TypeAlias = Mapping[str, tuple[type, ...]]
"""The keys that a table may have, each with the types it may be of."""

OF_TEXTS: Final = ("items", "covers", "facts")
"""Lists that hold texts only, wherever they stand."""
_CALLED: Final[Mapping[type, str]] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
    dict: "a table",
}  # fmt: skip
_FUNCTIONS: Final = frozenset({"blank", *ROSTER_FUNCTIONS, *PLAIN})
_ASSIGNS: Final = re.compile(r"(?<![=!<>])=(?!=)")


def _is(value: object, types: tuple[type, ...]) -> bool:
    """Whether a value has one of these types; true and false are no numbers."""
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types or object in types)


def _mend(why: str, source: str) -> str:
    """What to do about an expression that cannot be used."""
    if PLACE in source:
        return "give the table each = [2018, 2019]"
    if _ASSIGNS.search(source):
        return "compare with =="
    if why.startswith("there is no function "):
        return near_miss(why.rpartition(" ")[2], _FUNCTIONS)
    return "write it as in the forms that ship: names, numbers, == != < <= > >= in, and / or / not"


def _written(value: object) -> str:
    """A value as a hint quotes it: short, and true as TOML has it."""
    text = repr(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


class TableReader:
    """Reads the tables of one TOML file; everything that cannot be read is noted in `problems`."""

    def __init__(self, file: str) -> None:
        self.file = file
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

    def sound(self, id: str, what: str, table: object, shape: Shape, must: Iterable[str]) -> bool:
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
        mixed = [key for key in OF_TEXTS if key in shape and key in table and key not in wrong]
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
