"""What of a household could be otherwise: its known answers and figures, and the values worth trying.

A figure that is calculated counts as one of its own, unless in this household it is simply one of the
answers: whoever has told the income per head is told of that answer and not of a formula.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import floor
from typing import Any, Final

from bot.expressions import Expression
from bot.rules.facts import MANY, Facts
from bot.rules.grounds import Grounds, grounds
from bot.rules.pack import Pack
from bot.rules.reading import Reading

WHOLE: Final = frozenset({"integer", "year"})
FIGURES: Final = WHOLE | {"money", "decimal", "percent", "calculate"}
NONE_OF_THESE: Final = 0
"""The code for "none of these" in every list of options (lists.toml)."""
FAR: Final = 40
"""A figure is followed so many doublings of its smallest step, which is further than any household goes."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A known answer or figure that could be otherwise; `moves` are the facts that rest on it.

    A figure is told in parts of `scale` (100: two decimals, 1: whole numbers); 0 stands for a choice.
    """

    name: str
    now: Any
    unit: str
    scale: int
    options: tuple[int, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Household:
    """The known answers of a household with the parameters of its day."""

    pack: Pack
    answers: Mapping[str, Any]
    parameters: Facts
    grounds: Grounds

    def reading(self, changes: Mapping[str, Any]) -> Reading:
        """The household, or as it would be with `changes` of answers or calculated figures."""
        return Reading(self.pack.facts, self.pack.numbers, self.parameters, {**self.answers, **changes})

    def with_changes(self, changes: Mapping[str, Any]) -> Household:
        """The household as it would be with these answers or calculated figures."""
        return Household(self.pack, {**self.answers, **changes}, self.parameters, self.grounds)


def household(pack: Pack, facts: Facts, parameters: Facts) -> Household:
    """What a scheme reads of a household; what is unknown is left out."""
    answers = {name: facts[name] for name in pack.reads if facts.get(name) is not None}
    return Household(pack, answers, parameters, grounds(pack))


def levers(found: Household, fixed: frozenset[str]) -> tuple[Lever, ...]:
    """Every known answer and figure below the facts that are not `fixed`, in the order of the pack."""
    pack, ground, reading = found.pack, found.grounds, found.reading({})
    made: dict[str, Lever] = {}
    for fact, rests in ground.of.items():
        for own in () if fact in fixed else rests.own:
            name = ground.standing(own, reading)
            if name in made or reading.get(name) is None or not _is_the_households(name, pack):
                continue
            lever = lever_of(pack, ground, name, reading.get(name))
            if lever is not None:
                made[name] = lever
    return tuple(made.values())


def _is_the_households(name: str, pack: Pack) -> bool:
    """Whether an answer stands behind a name; a line that parameters alone make is the county's."""
    number = pack.numbers.get(name)
    if number is None:
        return name not in pack.parameter_by_id
    return any(_is_the_households(each, pack) for each in number.formula.names)


def values(lever: Lever, found: Household) -> Iterator[Any]:
    """The other values of a lever that can make a difference; of figures those beside every threshold."""
    now = lever.now
    if lever.scale:
        turning = dict.fromkeys(lines(lever, found))
        beside = (floor(line * lever.scale + 1e-9) + step for line in turning for step in (-1, 0, 1, 2))
        for grain in dict.fromkeys(beside):
            if grain >= 0 or now < 0:  # no line of the law lies below nought
                yield from (value for value in (_figure(lever, grain),) if value != now)
    elif isinstance(now, list):
        for code in lever.options:
            rest = [each for each in now if each not in (code, NONE_OF_THESE)]
            if code == NONE_OF_THESE:
                rest = [NONE_OF_THESE]
            elif code not in now:
                rest = [each for each in lever.options if each == code or each in rest]
            elif not rest and NONE_OF_THESE in lever.options:
                rest = [NONE_OF_THESE]
            if rest and rest != now:
                yield rest
    else:
        yield from (code for code in lever.options if code != now)


def _figure(lever: Lever, grain: int) -> float:
    return grain if lever.scale == 1 else round(grain / lever.scale, 2)


def lines(lever: Lever, found: Household) -> Iterator[float]:
    """The figures on which a comparison with the lever turns."""
    ground, reading = found.grounds, found.reading({})
    for each in chain(*(ground.of[fact].comparisons for fact in lever.moves)):
        left = ground.depends(each.left, lever.name)
        if each.right is None:
            yield from each.constants if left else ()
            continue
        right = ground.depends(each.right, lever.name)
        alone, other = (each.left, each.right) if left else (each.right, each.left)
        if left is right:
            line = _turn(lever, found, each.whole) if left else None
        elif isinstance(alone.tree, ast.Name) and ground.standing(alone.tree.id, reading) == lever.name:
            line = other.run(reading.get)
        else:
            line = _turn(lever, found, each.whole)
        if isinstance(line, int | float):
            yield line


def _turn(lever: Lever, found: Household, test: Expression) -> float | None:
    """Where a comparison that calculates with the lever turns for the first time, above or below it."""

    def holds(grain: int) -> Any:
        return test.run(found.reading({lever.name: _figure(lever, grain)}).get)

    start = floor(lever.now * lever.scale + 1e-9)
    truth = test.run(found.reading({}).get)
    if truth is None:
        return None
    turned: list[int] = []
    for direction in (1, -1):
        for power in range(FAR):
            far = start + direction * 2**power
            if direction < 0:
                far = max(far, 0) if start >= 0 else far
            if holds(far) is (not truth):
                turned.append(_narrowed(start, far, lambda grain: holds(grain) is (not truth)))
                break
            if far == 0 and start >= 0:
                break
    return min(turned, key=lambda grain: abs(grain - start)) / lever.scale if turned else None


def _narrowed(near: int, far: int, holds: Callable[[int], bool]) -> int:
    """The first grain between that holds; the far one does."""
    while abs(far - near) > 1:
        middle = (near + far) // 2
        near, far = (near, middle) if holds(middle) else (middle, far)
    return far


def lever_of(pack: Pack, ground: Grounds, name: str, now: Any) -> Lever | None:
    """What stands under a name as a lever, being `now` so; None for texts, dates and rows."""
    moves = tuple(fact for fact, rests in ground.of.items() if name in rests.names)
    number, info = pack.numbers.get(name), pack.registry.get(name)
    if number is not None:
        if isinstance(now, bool) or not isinstance(now, int | float):
            return None
        return Lever(name, now, number.unit, 1 if _is_whole(number.formula.tree, pack) else 100, (), moves)
    if info is None or isinstance(now, list) is not (info.kind == MANY):
        return None
    if info.options:
        return Lever(name, now, info.unit, 0, tuple(info.options), moves)
    if info.kind not in FIGURES or not isinstance(now, int | float):
        return None
    counted = info.kind == "calculate" and isinstance(now, int) and not _is_money(pack, name)
    return Lever(name, now, info.unit, 1 if counted or info.kind in WHOLE else 100, (), moves)


def _is_money(pack: Pack, name: str) -> bool:
    """Whether something that a form calculates is calculated from money."""
    inputs = (pack.registry.get(each) for each in pack.registry[name].inputs)
    return any(info is not None and info.kind in ("money", "decimal") for info in inputs)


def _is_whole(tree: ast.expr, pack: Pack) -> bool:
    """Whether a formula gives whole numbers only."""
    match tree:
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.Name(id=name) if name in pack.numbers:
            return _is_whole(pack.numbers[name].formula.tree, pack)
        case ast.Name(id=name):
            return name in pack.registry and pack.registry[name].kind in WHOLE
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _is_whole(left, pack) and _is_whole(right, pack)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_whole(body, pack) and _is_whole(orelse, pack)
        case ast.Call(func=ast.Name(id="count")):
            return True
    return False
