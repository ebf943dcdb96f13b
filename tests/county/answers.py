"""The answers behind the facts of a questionnaire."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogs.form import Form
from bot.expressions import Value


def answers_of(form: Form, found: Mapping[str, Value]) -> dict[str, Value]:
    """The answers that a person gave, by key, from the facts that they became."""
    given: dict[str, Value] = {}
    for item in form.items:
        if item.calc is not None:
            continue
        if item.repeat is None:
            if item.fact in found:
                given[item.id] = found[item.fact]
            continue
        for number, row in enumerate(found.get(item.repeat) or [], 1):
            if item.fact in row:
                given[f"{item.id}#{number}"] = row[item.fact]
    return given
