"""What the rules may read: one entry per fact that some form asks, with its kind, options and unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Facts: TypeAlias = Mapping[str, Any]
"""A household's facts by name; an absent one and one that is None are both unknown."""

Registry: TypeAlias = Mapping[str, "FactInfo"]
"""Every fact that the forms provide, by name."""

MANY: Final = "select_multiple"
ROSTER: Final = "roster"


@dataclass(frozen=True, slots=True)
class FactInfo:
    """A fact as the forms define it; `options` maps official codes to the form's own labels.

    `kind` is the item's kind, or `roster` for the rows of a repeat, whose row facts are `row_facts`.
    A calculated fact names in `inputs` the facts that it is calculated from.
    """

    kind: str
    options: Mapping[int, str] = field(default_factory=dict)
    unit: str = ""
    items: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    row_facts: tuple[str, ...] = ()


def questions_for(missing: Iterable[str], registry: Registry, facts: Facts) -> tuple[str, ...]:
    """The facts to ask so that `missing` becomes known: a calculated fact stands for its open inputs."""
    wanted: dict[str, None] = {}
    for name in missing:
        info = registry.get(name)
        open_inputs = [n for n in info.inputs if facts.get(n) is None] if info else []
        wanted.update(dict.fromkeys(open_inputs or [name]))
    return tuple(wanted)
