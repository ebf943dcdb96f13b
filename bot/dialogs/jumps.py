"""The jump notes of a form ("if 2, go on with 5"), derived from the conditions under which items are asked.

An item is certainly left out when its condition cannot become True any more, given one answer and whatever
is left out because of it. Nothing else needs to be known: the notes are those of a blank paper.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, Final, TypeAlias

from bot.dialogs.form import NUMBERS, Form, Item
from bot.dialogs.numbering import UNASKED, numbering, supplementary
from bot.expressions import Expression, Value, parse
from bot.functions import kleene_and, kleene_or

Truths: TypeAlias = frozenset[bool | None]
Answer: TypeAlias = int | tuple[int, ...]

ANY: Final[Truths] = frozenset([True, False, None])
UNKNOWN: Final[Truths] = frozenset([None])


@dataclass(frozen=True, slots=True)
class Jump:
    """With one of these answers one goes on at number `to`; None: at the signatures, or the end."""

    codes: tuple[int, ...]
    to: str | None
    skipped: tuple[str, ...] = field(default=(), compare=False)
    """Ids of the items between that are certainly left out, whichever of the codes it is."""


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """An item is filled in only after one of `codes` at number `no`; without codes: after more than 0."""

    no: str
    codes: tuple[int, ...]


def jumps(form: Form) -> Mapping[str, tuple[Jump, ...]]:
    """The jumps by id of the item that is answered, for single choices and for counts of 0.

    Left out are jumps to what comes next anyway, and those that pass over items of ours only.
    """
    return {item.id: found for item in form.items if (found := _jumps_of(form, item))}


@lru_cache(maxsize=4096)
def _jumps_of(form: Form, item: Item) -> tuple[Jump, ...]:
    targets: dict[str | None, tuple[list[int], list[str]]] = {}
    for code in _single_answers(item):
        left_out = frozenset(each.id for each in skipped(form, item, code))
        following = form.items[form.order[item.id] + 1 :]
        passed: list[Item] = []
        target: Item | None = None
        for each in following:
            if each.id in left_out:
                passed.append(each)
            elif each.kind not in UNASKED:
                target = each
                break
        if any(not supplementary(each) and each.kind not in UNASKED for each in passed):
            ids = [each.id for each in passed]
            codes, same = targets.setdefault(_number(form, item, target), ([], ids))
            codes.append(code)
            same[:] = [id for id in same if id in ids]
    return tuple(Jump(tuple(codes), to, tuple(ids)) for to, (codes, ids) in targets.items())


def _single_answers(item: Item) -> tuple[int, ...]:
    """The answers after which a paper says where to go on: each option of one choice, and no such things."""
    if item.kind == "select_one":
        return tuple(option.code for option in item.options)
    lowest = item.min if isinstance(item.min, int | float) else 0
    return (0,) if item.kind == "integer" and lowest <= 0 else ()


def _number(form: Form, item: Item, target: Item | None) -> str | None:
    """The number to go to; None for what follows the last numbered item of a form that has numbers."""
    names = numbering(form)
    numbered = [form.order[each.id] for each in form.items if names.printed(each)]
    last = max(numbered, default=len(form.items))
    if target is None or (form.order[item.id] <= last < form.order[target.id]):
        return None
    number = names.printed(target)
    begins = number and form.items[min(form.order[each.id] for each in names.groups[number])] is target
    return number if begins else names.code(target)


def conditions(form: Form) -> Mapping[str, tuple[OnlyIf, ...]]:
    """By item id: upon which answers it depends, where no jump note of that question says so already."""
    found: dict[str, list[OnlyIf]] = {}
    for item in form.items:
        if item.kind != "select_one" and item.kind != "select_multiple" and item.kind not in NUMBERS:
            continue
        for each in form.items[form.order[item.id] + 1 :]:
            if _reads(form, each, item) and (note := _only_if(form, item, each)) is not None:
                found.setdefault(each.id, []).append(note)
    return {id: tuple(notes) for id, notes in found.items()}


def _reads(form: Form, item: Item, other: Item) -> bool:
    """Whether the condition of `item` itself names the answer to `other`."""
    if item.ask_if is None or (other.repeat and other.repeat != item.repeat):
        return False
    place = f"{other.repeat}.{other.fact}" if other.repeat else other.fact
    return other.fact in item.ask_if.names and _place(form, item, other.fact) == place


def _only_if(form: Form, item: Item, each: Item) -> OnlyIf | None:
    def closed(answer: Answer) -> bool:
        return each in skipped(form, item, answer)

    no = numbering(form).code(item)
    if item.kind in NUMBERS:
        said = not item.repeat and any(each.id in jump.skipped for jump in _jumps_of(form, item))
        return OnlyIf(no, ()) if closed(0) and not said else None
    codes = [option.code for option in item.options]
    if item.kind == "select_multiple":
        opening = tuple(code for code in codes if not closed((code,)))
        return OnlyIf(no, opening) if closed(()) and opening else None
    opening = tuple(code for code in codes if not closed(code))
    told = {code for jump in _jumps_of(form, item) if each.id in jump.skipped for code in jump.codes}
    told = set() if item.repeat else told
    return OnlyIf(no, opening) if opening and set(codes) - set(opening) - told else None


# ------------------------------------------------------------------------- what an answer leaves out


@lru_cache(maxsize=65536)
def skipped(form: Form, item: Item, answer: Answer) -> frozenset[Item]:
    """The items behind `item` that are certainly not asked once it is answered with `answer`.

    A person's answer in a roster says nothing about the household: it leaves out items of the row only.
    """
    row = item.repeat
    given = _Given({item.fact: list(answer) if isinstance(answer, tuple) else answer}, set())
    if row is None:
        given.known.update((each.id, []) for each in form.rosters if answer == 0 and each.count == item.id)
    left_out: set[Item] = set()
    for each in form.items[form.order[item.id] + 1 :]:
        if row is not None and each.repeat != row:
            break
        if not _closed(form, each, given):
            continue
        left_out.add(each)
        _take_away(form, each, given)
    return frozenset(left_out)


@dataclass(frozen=True, slots=True)
class _Given:
    """What one answer settles: facts with their value, and facts that nobody will ever be asked for."""

    known: dict[str, Value]
    absent: set[str]


def _closed(form: Form, item: Item, given: _Given) -> bool:
    """Whether an item cannot be asked: its roster stays empty, or its condition cannot hold."""
    if item.repeat is not None and (item.repeat in given.absent or given.known.get(item.repeat) == []):
        return True
    if item.ask_if is None:
        return False
    gone = {name for name in item.ask_if.names if _place(form, item, name) in given.absent}
    if not gone and not item.ask_if.names & given.known.keys():
        return False
    return True not in outcomes(item.ask_if.tree, given.known, gone)


def _place(form: Form, item: Item, name: str) -> str:
    """Where a name of an item's condition is found: among the facts of its row first."""
    own = f"{item.repeat}.{name}"
    return own if own in form.by_fact else name


def _take_away(form: Form, item: Item, given: _Given) -> None:
    """A left-out item gives no fact, and a left-out count no roster and nothing made of its rows."""
    given.absent.add(f"{item.repeat}.{item.fact}" if item.repeat else item.fact)
    for roster in form.rosters:
        if roster.count == item.id:
            given.absent.add(roster.id)
            given.absent.update(i.fold.fact for i in form.items if i.repeat == roster.id and i.fold)


def outcomes(tree: ast.expr, known: Mapping[str, Value], absent: Iterable[str]) -> Truths:
    """Every truth value that a condition can still take; `absent` facts stay unknown for good."""
    gone = frozenset(absent)
    match tree:
        case ast.BoolOp(op=op, values=parts):
            joined = kleene_and if isinstance(op, ast.And) else kleene_or
            found = [outcomes(part, known, gone) for part in parts]
            return frozenset(joined(iter(each)) for each in product(*found))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return frozenset(None if each is None else not each for each in outcomes(inner, known, gone))
    return _leaf(_parsed(ast.unparse(tree)), tree, known, gone)


def _leaf(leaf: Expression, tree: ast.expr, known: Mapping[str, Value], gone: frozenset[str]) -> Truths:
    if leaf.names <= known.keys():
        value: Any = leaf.evaluate(known)
        return frozenset([None if value is None else bool(value)])
    forgiving = any(isinstance(node, ast.IfExp) or _is_blank(node) for node in ast.walk(tree))
    # A comparison with something unknown is unknown; only `blank` and a choice make more of it.
    return UNKNOWN if leaf.names & gone and not forgiving else ANY


def _is_blank(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "blank"


@lru_cache(maxsize=4096)
def _parsed(source: str) -> Expression:
    return parse(source)
