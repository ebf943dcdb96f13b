"""Content files as text and tables: what cannot be read is a problem like any other."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from bot.problems import Problem


class Files:
    """Opens files and keeps every problem found on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, file: str, id: str, what: str, hint: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(file, id, what, hint))

    def text(self, path: Path) -> str | None:
        """A file as text; a problem and None when it cannot be read."""
        try:
            # Some editors, such as Notepad, mark what they save as UTF-8.
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode("utf-8")
            self.problem(
                path.name, "(file)", f"line {before.count(chr(10)) + 1} is not UTF-8", "save it as UTF-8"
            )
        except OSError as error:
            self.problem(path.name, "(file)", f"it cannot be opened: {error.strerror}", "put it in its place")
        return None

    def toml(self, path: Path) -> dict[str, Any] | None:
        """The tables of a TOML file; a problem and None when it cannot be read."""
        text = self.text(path)
        try:
            return None if text is None else tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            hint = "mend the line: key = value, and texts in quotation marks"
            self.problem(path.name, "(file)", f"it is no TOML: {error}", hint)
            return None

    def tables_of(self, folder: Path) -> dict[str, dict[str, Any]] | None:
        """The tables of every file of a folder by the file's name; None when one cannot be read."""
        found = {path.name: self.toml(path) for path in sorted(folder.glob("*.toml"))}
        return None if None in found.values() else {name: tables or {} for name, tables in found.items()}
