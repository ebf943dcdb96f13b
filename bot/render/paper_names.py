"""Finds the names of a template that nothing provides, by following them through the types of its view."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import jinja2
from jinja2 import nodes

from bot.problems import near_miss

_SAME: Final = frozenset({"list", "sort", "reverse", "unique", "selectattr", "rejectattr", "with_blanks"})
_ONE_OF: Final = frozenset({"first", "last", "min", "max"})
_GIVEN: Final = frozenset({"loop", "caller", "varargs", "kwargs"})


def unknown_names(
    tree: nodes.Template, env: jinja2.Environment, scope: Mapping[str, type]
) -> list[tuple[str, str]]:
    """What is unknown in a parsed template and a hint for each; `scope` gives the types of its variables.

    A macro's argument named like a variable of `scope` has its type; other arguments are not followed.
    """
    reader = _Reader(env, scope)
    reader.read(tree, dict.fromkeys(env.globals, Any) | dict(scope))
    return list(dict.fromkeys(reader.found))


class _Reader:
    def __init__(self, env: jinja2.Environment, view: Mapping[str, type]) -> None:
        self.env, self.view = env, view
        self.found: list[tuple[str, str]] = []

    def read(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        """Read a node and what is below it, in order; names set on the way join the scope."""
        match node:
            case nodes.For():
                self.read(node.iter, scope)
                inside = scope | dict.fromkeys(_GIVEN, Any)
                _bind(node.target, _item(self.kind(node.iter, scope)), inside)
                for child in (*node.body, *([node.test] if node.test else [])):
                    self.read(child, inside)
                for child in node.else_:
                    self.read(child, scope)
            case nodes.Macro():
                scope[node.name] = Any
                arguments = {argument.name: self.view.get(argument.name, Any) for argument in node.args}
                inside = scope | dict.fromkeys(_GIVEN, Any) | arguments
                for child in (*node.defaults, *node.body):
                    self.read(child, inside)
            case nodes.Assign():
                self.read(node.node, scope)
                _bind(node.target, self.kind(node.node, scope), scope)
            case _:
                self.note(node, scope)
                if isinstance(node, nodes.AssignBlock):
                    _bind(node.target, Any, scope)
                for child in node.iter_child_nodes():
                    self.read(child, scope)

    def note(self, node: nodes.Node, scope: Mapping[str, Any]) -> None:
        """Note what this one node names and nothing provides."""
        match node:
            case nodes.Name(name=name, ctx="load") if name not in scope:
                self.found.append(
                    (f"unknown variable {name}", near_miss(name, scope.keys() - self.env.globals))
                )
            case nodes.Getattr(attr=attribute):
                known = _attributes(self.kind(node.node, scope))
                if known and attribute not in known:
                    what = f"unknown variable {_written(node)}"
                    self.found.append((what, near_miss(attribute, known)))
            case nodes.Filter(name=name) if name not in self.env.filters:
                self.found.append((f"unknown filter {name}", near_miss(name, self.env.filters)))
            case nodes.Test(name=name) if name not in self.env.tests:
                self.found.append((f"unknown test {name}", near_miss(name, self.env.tests)))

    def kind(self, node: nodes.Node | None, scope: Mapping[str, Any]) -> Any:
        """The type of an expression, Any when it cannot be told."""
        match node:
            case nodes.Name(name=name):
                return scope.get(name, Any)
            case nodes.Getattr(node=owner, attr=attribute):
                return _field(self.kind(owner, scope), attribute)
            case nodes.Getitem(node=owner, arg=nodes.Slice()):
                return self.kind(owner, scope)
            case nodes.Getitem(node=owner, arg=nodes.Const()):
                return _item(self.kind(owner, scope))
            case nodes.Filter(node=owner, name=name) if name in _SAME:
                return self.kind(owner, scope)
            case nodes.Filter(node=owner, name=name) if name in _ONE_OF:
                return _item(self.kind(owner, scope))
        return Any


def _bind(target: nodes.Node, kind: Any, scope: dict[str, Any]) -> None:
    if isinstance(target, nodes.Name):
        scope[target.name] = kind
    else:
        scope.update((name.name, Any) for name in _names(target))


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    return target.find_all(nodes.Name)


def _plain(kind: Any) -> Any:
    """A type without its None."""
    if get_origin(kind) in (types.UnionType, Union):
        rest = [each for each in get_args(kind) if each is not type(None)]
        return rest[0] if len(rest) == 1 else Any
    return kind


def _item(kind: Any) -> Any:
    inner = get_args(_plain(kind))
    return inner[0] if get_origin(_plain(kind)) in (tuple, list) and inner else Any


def _field(kind: Any, name: str) -> Any:
    owner = _plain(kind)
    return get_type_hints(owner).get(name, Any) if is_dataclass(owner) else Any


def _attributes(kind: Any) -> set[str]:
    """The names that a value of this type answers to; empty when it cannot be told."""
    owner = get_origin(_plain(kind)) or _plain(kind)
    if is_dataclass(owner):
        return {each.name for each in fields(owner)}
    return {name for name in dir(owner) if name[0] != "_"} if isinstance(owner, type) else set()


def _written(node: nodes.Node) -> str:
    match node:
        case nodes.Getattr(node=owner, attr=attribute):
            return f"{_written(owner)}.{attribute}"
        case nodes.Name(name=name):
            return name
    return "..."
