"""The sentences of the product: Jinja macros in `templates/messages/<room>.j2`, said by key `room.name`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2 import nodes

from bot.errors import HubangError
from bot.problems import Problem, near_miss

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "templates"

_SAID_ROOM: Final = re.compile(r"""\bsay\(\s*f?["']([a-z]+)\.""")


class NoSuchMessage(HubangError):
    """There is no message {key}: templates/messages holds {known}."""


def number(value: float | None) -> str:
    """A figure as people write it: at most two decimals, no trailing zeros, no separators."""
    if value is None:
        return ""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def environment(loader: jinja2.BaseLoader) -> jinja2.Environment:
    """The one Jinja environment: unknown variables are errors, blocks leave no blank lines."""
    env = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text only: channels send no markup
    )
    env.filters["number"] = number
    return env


class Messages:
    """All messages, compiled once; `say` renders one."""

    def __init__(self, folder: Path = TEMPLATES / "messages") -> None:
        self.folder = folder
        env = environment(jinja2.FileSystemLoader(folder))
        self._macros: dict[str, Any] = {}
        for path in sorted(folder.glob("*.j2")):
            module = env.get_template(path.name).module
            for name in macro_names(env, path.read_text(encoding="utf-8")):
                if name.startswith("_"):
                    continue  # for the other macros of its file only: Jinja does not export it
                self._macros[f"{path.stem}.{name}"] = getattr(module, name)

    def __contains__(self, key: str) -> bool:
        return key in self._macros

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all messages."""
        return frozenset(self._macros)

    def say(self, key: str, **facts: object) -> str:
        """The message `key` with its blanks filled; surrounding blank lines are trimmed.

        Facts that the message does not mention are left out: one reason is said with more or less detail.
        """
        macro = self._macros.get(key)
        if macro is None:
            raise NoSuchMessage(key=key, known=near_miss(key, self._macros) or "others")
        return str(macro(**{name: facts[name] for name in macro.arguments if name in facts})).strip()


def macro_names(env: jinja2.Environment, source: str) -> list[str]:
    """The macros that a template defines."""
    return [macro.name for macro in env.parse(source).find_all(nodes.Macro)]


def lint_messages(folder: Path, said: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Problems of the templates: syntax, unknown variables, and keys said but missing or never said.

    `said` maps each key that code says to the names of the blanks it fills.
    """
    env = environment(jinja2.FileSystemLoader(folder))
    problems: list[Problem] = []
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.j2")):
        source = path.read_text(encoding="utf-8")
        try:
            tree = env.parse(source)
        except jinja2.TemplateSyntaxError as error:
            problems.append(
                Problem(path.name, f"line {error.lineno}", str(error.message), "mend the template")
            )
            continue
        names = {macro.name for macro in tree.find_all(nodes.Macro)}
        for macro in tree.find_all(nodes.Macro):
            arguments = tuple(argument.name for argument in macro.args)
            found[f"{path.stem}.{macro.name}"] = arguments
            for name in sorted(_unknown_names(macro, names)):
                hint = near_miss(name, {*arguments, *names})
                problems.append(Problem(path.name, macro.name, f"unknown variable {name}", hint))
    problems += _keys(found, said)
    return problems


def _keys(found: Mapping[str, tuple[str, ...]], said: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for key in sorted(said.keys() - found.keys()):
        room, _, name = key.partition(".")
        yield Problem(f"{room}.j2", name, "the message is said but not written", near_miss(key, found))
    for key in sorted(found.keys() - said.keys()):
        room, _, name = key.partition(".")
        if not name.startswith("_"):
            yield Problem(f"{room}.j2", name, "the message is written but never said", near_miss(key, said))
    for key in sorted(found.keys() & said.keys()):
        room, _, name = key.partition(".")
        for blank in sorted(said[key] - set(found[key])):
            yield Problem(
                f"{room}.j2",
                name,
                f"it is said with {blank}, which it does not take",
                near_miss(blank, found[key]),
            )


def _unknown_names(macro: nodes.Macro, macros: set[str]) -> set[str]:
    stored = {argument.name for argument in macro.args} | macros | {"loop", "caller", "range", "varargs"}
    loaded: set[str] = set()
    for name in macro.find_all(nodes.Name):
        if name.ctx in ("store", "param"):
            stored.add(name.name)
        else:
            loaded.add(name.name)
    return loaded - stored


FILES: Final = ("toml",)
"""What ends the name of a file and is no message."""
_KEY: Final = re.compile(r"[a-z]+\.[a-z_]+")
_WRITTEN: Final = re.compile(rf"""["']{_KEY.pattern}["']""")


def keys_said(source: str, rooms: frozenset[str]) -> dict[str, frozenset[str]]:
    """Keys that a Python source names, each with the blanks that calls of `say` fill by name."""
    if not any(match[0][1:].partition(".")[0] in rooms for match in _WRITTEN.finditer(source)):
        return {}  # most sources name none, and this is done at every start
    tree = ast.parse(source)
    said: dict[str, frozenset[str]] = {
        key: frozenset() for node in ast.walk(tree) for key in _keys_in(node, rooms)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name_of(node.func) == "say":
            blanks = frozenset(keyword.arg for keyword in node.keywords if keyword.arg is not None)
            for leaf in ast.walk(node.args[0]):
                for key in _keys_in(leaf, rooms):
                    said[key] |= blanks
    return said


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keys_in(node: ast.AST, rooms: frozenset[str]) -> Iterator[str]:
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    room, _, name = text.partition(".")
    if _KEY.fullmatch(text) and room in rooms and name not in FILES:
        yield text


def said_by_code(code: Path, templates: Path) -> dict[str, frozenset[str]]:
    """Every message key that the modules say, with the blanks they fill where they are written out."""
    # The storage says nothing to anybody: there "problems.id" is a column.
    paths = [path for path in sorted(code.rglob("*.py")) if "storage" not in path.relative_to(code).parts]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    # A room without any file is none that templates could name: it is known by what is said of it.
    rooms = {room for source in sources for room in _SAID_ROOM.findall(source)}
    rooms -= {path.stem for path in (templates / "plans").glob("*.j2")}
    rooms |= {path.stem for path in (templates / "messages").glob("*.j2")}
    said: dict[str, frozenset[str]] = {}
    for source in sources:
        for key, blanks in keys_said(source, frozenset(rooms)).items():
            said[key] = said.get(key, frozenset()) | blanks
    return said
