"""Random households for any pack, so mixed that no row goes unmet and no threshold untried.

Some are drawn with answers that have nothing to do with each other; most were led to a row of the pack and
then had a few answers drawn anew; and of all of them many have a figure on a threshold of the law or one
smallest step beside it.
"""

from __future__ import annotations

import ast
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.rules.facts import MANY
from bot.rules.pack import Pack
from tests.rules.drawing import Draw
from tests.rules.households import UNKNOWN_MASK, Households, Parameters, columns_of, is_mask, step_of
from tests.rules.leading import Leader
from tests.rules.thresholds import edges_of

LED: Final = 0.6
"""The share of the households that were led to a row."""
CHANGED: Final = 0.06
"""The share of the answers of those that are drawn anew."""
ON_EDGE: Final = 0.25
"""The share of the households of which a figure is moved to a threshold, if the pack has any."""


def population(
    pack: Pack, size: int, seed: int, silence: float, on: date, parameters: Parameters | None = None
) -> Households:
    """So many households that left a share of `silence` of the questions unanswered."""
    draw = Draw(pack, pack.parameters_on(on) if parameters is None else parameters, seed)
    leader = Leader(draw)
    found = draw.unrelated(size)
    _lead(found, leader)
    _keep_together(found, draw)
    _move_to_edges(found, leader)
    return found.with_gaps(silence, seed)


def _lead(found: Households, leader: Leader) -> None:
    """Replace most households by such as lead to a row, with a few answers drawn anew."""
    dice, chance = leader.draw.dice, leader.draw.chance
    leads = [lead for row in found.pack.rows for lead in leader.leads(row.when)]
    led = np.flatnonzero(chance.random(found.size) < LED)
    which = chance.integers(0, len(leads), len(led))
    for name, column in found.answers.items():
        values = np.array([_stored(found.pack, name, lead[name]) for lead in leads], column.dtype)
        kept = chance.random(len(led)) >= CHANGED
        column[led[kept]] = values[which[kept]]
    for name, rows in found.rosters.items():
        for place, lead in zip(led.tolist(), which.tolist(), strict=True):
            if dice.random() >= CHANGED:
                rows[place] = leads[lead][name]


def _stored(pack: Pack, name: str, value: Any) -> Any:
    if pack.registry[name].kind == MANY:
        return UNKNOWN_MASK if value is None else sum(1 << code for code in value)
    return np.nan if value is None else value


def _keep_together(found: Households, draw: Draw) -> None:
    """Give what a questionnaire asks together either all its answers or none."""
    for group in _asked_together(found.pack):
        open_ = {name: _open(found.answers[name]) for name in group}
        some = np.any(list(open_.values()), axis=0) & ~np.all(list(open_.values()), axis=0)
        for name in group:
            gaps = np.flatnonzero(some & open_[name])
            found.answers[name][gaps] = draw.column(name, len(gaps))


def _open(column: NDArray[Any]) -> NDArray[np.bool_]:
    return column < 0 if is_mask(column) else np.isnan(column)


def _move_to_edges(found: Households, leader: Leader) -> None:
    """Move a figure of some households to a threshold, or one smallest step to either side."""
    dice, chance, edges = leader.draw.dice, leader.draw.chance, edges_of(found.pack, leader.parameters)
    if not edges:
        return
    chosen = np.flatnonzero(chance.random(found.size) < ON_EDGE)
    for index, facts in zip(chosen.tolist(), found.some(chosen).facts(), strict=True):
        edge = dice.choice(edges)
        name = dice.choice(edge.answers)
        root = leader.root(edge, name, facts) if name in facts else None
        if root is not None:
            offset = dice.choice((-1, 0, 0, 1)) * step_of(found.pack, name)
            found.answers[name][index] = max(leader.figure(name, root + offset), 0)


def _asked_together(pack: Pack) -> list[set[str]]:
    """Answers that one condition wants all blank: the questions of one questionnaire."""
    groups = []
    for rule in pack.facts.values():
        for expression in rule.expressions:
            calls = [node for node in ast.walk(expression.tree) if isinstance(node, ast.Call)]
            blank = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "blank"}
            group = blank & set(columns_of(pack))
            if len(group) > 1 and rule.id in pack.deciding:
                groups.append(group)
    return groups
