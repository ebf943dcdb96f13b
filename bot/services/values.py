"""Answers as people read them: labels for codes, units for figures, nothing of an identity number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogs.form import EVIDENCE, Item
from bot.expressions import Value
from bot.render.messages import Messages, number

NUMBERED = frozenset({"id_number", "phone"})
NUMERIC = frozenset({"integer", "decimal", "money", "percent"})


def shown(item: Item, value: Value, messages: Messages, *, to_confirm: bool = False) -> str:
    """`value` of `item` in words; of a sensitive one only that it is there, or the end of its number.

    Nobody can confirm what they do not see: `to_confirm` shows it to whoever fills the questionnaire in.
    """
    if value is None:
        return messages.say("interview.value_blank" if item.optional else "interview.value_unknown")
    if item.kind in NUMBERED:
        return messages.say("interview.value_masked", tail=str(value)[-2:])
    if item.sensitive and not to_confirm:
        return messages.say("interview.value_recorded")
    if item.kind in EVIDENCE:
        # What is kept are ids of files: they say nothing to anybody.
        return messages.say("interview.value_evidence", kind=item.kind, count=_many(value))
    if isinstance(value, list):
        return messages.say("interview.value_list", labels=[label(item, code) for code in value])
    if item.options:
        return label(item, value)
    if item.kind in NUMERIC:
        return number(value) + ("%" if item.kind == "percent" else item.unit)
    return str(value).replace("T", " ")


def _many(value: Value) -> int:
    return len(value) if isinstance(value, list) else 1


def label(item: Item, code: Value) -> str:
    """The form's own term for an option's code; the code itself when the form has no such option."""
    option = item.option(code)
    return option.label if option is not None else str(code)


def figure(item: Item | None, value: float | None) -> str:
    """A figure of `item` as people write it; years have no thousands."""
    return str(value) if item is not None and item.kind == "year" else number(value)


def beyond(item: Item, facts: Mapping[str, Any]) -> float | None:
    """The value that is outside of the item's soft limits; of a roster, the first row's that is."""
    rows = [facts] if item.repeat is None else facts.get(item.repeat) or []
    for row in rows:
        value: float | None = row.get(item.fact)
        if value is not None and (
            (item.soft_min is not None and value < item.soft_min)
            or (item.soft_max is not None and value > item.soft_max)
        ):
            return value
    return None
