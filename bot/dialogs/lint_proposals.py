"""What an author may have got wrong about answers that are proposed: like, keep_only, default and from_if."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.dialogs.form import NUMBERS, Item
from bot.dialogs.lint_conditions import Conditions, Finding
from bot.problems import near_miss

CHOICES: Final = frozenset({"select_one", "select_multiple"})
DAYS: Final = ("date", "datetime")
DEFAULTS: Final = ("today",)


def lint_proposals(conditions: Conditions) -> Iterator[Finding]:
    """Proposals that could never be made, or never be an answer."""
    for item in conditions.form.items:
        yield from _never_made(item)
        if item.like and item.repeat is None:
            yield from _like(item, conditions)
        if item.keep_only is not None:
            yield from _keep_only(item, item.keep_only)
        if item.default:
            yield from _default(item)
    for roster in conditions.form.rosters:
        if roster.source_if is not None and roster.source == roster.id:
            yield roster.id, "from_if without from", 'say of which roster the rows are: from = "member"'


def _never_made(item: Item) -> Iterator[Finding]:
    for key, there in (
        ("like", bool(item.like)),
        ("keep_only", item.keep_only is not None),
        ("default", bool(item.default)),
    ):
        if there and item.keep == "never":
            yield item.id, f'{key} beside keep = "never"', "drop one of them"
        if there and item.repeat is not None and key != "keep_only":
            yield item.id, f"{key} on an item inside a roster", f"drop {key}: rows are proposed as a whole"


def _like(item: Item, conditions: Conditions) -> Iterator[Finding]:
    """`like` is the fact of an earlier question whose answer could also be the answer to this one."""
    name, order = item.like, conditions.order
    source = conditions.form.by_fact.get(name)
    if name == item.fact:
        yield item.id, f"like names {name}, which is the item itself", "name another fact"
    elif source is None or source.repeat is not None:
        asked = [other.fact for other in conditions.form.items if other.repeat is None]
        yield item.id, f"like names {name}, which the form does not ask", near_miss(name, asked)
    elif order[source.id] > order[item.id]:
        hint = f"move this item behind {source.id}"
        yield item.id, f"like names {name}, which is asked later", hint
    elif source.kind != item.kind and not (source.kind == "calculate" and item.kind in NUMBERS):
        what = f"like names {name}, which is {source.kind}, not {item.kind}"
        yield item.id, what, "name a fact of the same kind"
    elif source.unit != item.unit:
        what = f"like names {name}, which is in {source.unit or 'no unit'}, not in {item.unit or 'no unit'}"
        yield item.id, what, "name a fact in the same unit"
    else:
        for option in source.options:
            if item.option(option.code) is None:
                codes = ", ".join(str(each.code) for each in item.options)
                what = f"like names {name}, whose option {option.code} this item does not have"
                yield item.id, what, f"options: {codes}"


def _keep_only(item: Item, only: float) -> Iterator[Finding]:
    if item.kind in CHOICES:
        if item.options and item.option(only) is None:
            codes = ", ".join(str(option.code) for option in item.options)
            yield item.id, f"keep_only = {only:g} is not an option", f"options: {codes}"
    elif item.kind not in NUMBERS:
        hint = "it belongs to choices and numbers"
        yield item.id, f"keep_only on an item of kind {item.kind}", hint
    else:
        low, high = item.min, item.max
        if isinstance(low, int | float) and only < low:
            yield item.id, f"keep_only = {only:g} lies below min = {low:g}", "it could never be an answer"
        if isinstance(high, int | float) and only > high:
            yield item.id, f"keep_only = {only:g} lies above max = {high:g}", "it could never be an answer"


def _default(item: Item) -> Iterator[Finding]:
    if item.default not in DEFAULTS:
        yield item.id, f"unknown default {item.default}", near_miss(item.default, DEFAULTS)
    elif item.kind not in DAYS:
        yield item.id, f"default on an item of kind {item.kind}", f"it belongs to {', '.join(DAYS)}"
