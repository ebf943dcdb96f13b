"""How the blanks of a form are named on paper and when typed: by printed number, or by id without one.

Several blanks may stand under one printed number; some are ours and bear no number of the paper at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.dialogs.form import EVIDENCE, Form, Item
from bot.dialogs.vocabulary import plain

NAME: Final = r"[0-9A-Za-z][0-9A-Za-z._@/()+-]*"
"""A number or id of plain signs as it can be typed, as a regular expression."""
UNASKED: Final = EVIDENCE | {"calculate"}
"""Kinds that the walk never asks: worked out, or given at any moment."""

_UNTYPED: Final = re.compile(r"[\s=:#,;]")
_OURS: Final = re.compile(r"(?:.*\.)?(?:n|name|x\d*)")


def supplementary(item: Item) -> bool:
    """Whether the item is ours and not the paper's: ids that end in .n, .name or .x…, and x1, x2 …"""
    return not item.covers and _OURS.fullmatch(item.id) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """The names of one form's blanks."""

    groups: Mapping[str, tuple[Item, ...]]
    """Items by printed number, in the order of the form, our own ones last."""
    ids: Mapping[str, Item]
    """Items by id, in lower case."""

    def printed(self, item: Item) -> str:
        """The printed number as it can be typed; empty when there is none or it is words only."""
        number = plain(item.no).replace(" ", "").rstrip(".")
        return number if any(map(str.isnumeric, number)) and not _UNTYPED.search(number) else ""

    def code(self, item: Item) -> str:
        """What to type for exactly this item: its printed number where that says enough, else its id."""
        number = self.printed(item)
        alone = number.isascii() and self.groups.get(number) == (item,)
        return number if alone or number == item.id.lower() else item.id

    def find(self, typed: str) -> tuple[Item, ...]:
        """The items that a typed number or id may mean, the first meant first; () when there is none.

        A printed number wins over the id of another item: it is what stands on the paper.
        """
        said = plain(typed).replace(" ", "").rstrip(".")
        item = self.ids.get(said)
        group = self.groups.get(said)
        if group is None:
            return () if item is None else (item,)
        # Where a paper prints a number twice, the one that it rightly belongs to comes first.
        return tuple(sorted(group, key=lambda each: each is not item))


@lru_cache(maxsize=64)
def numbering(form: Form) -> Numbering:
    """The names of a form's blanks, made once per form."""
    names = Numbering({}, {item.id.lower(): item for item in form.items})
    groups: dict[str, list[Item]] = {}
    for item in sorted(form.items, key=supplementary):
        if number := names.printed(item):
            groups.setdefault(number, []).append(item)
    return Numbering({number: tuple(group) for number, group in groups.items()}, names.ids)
