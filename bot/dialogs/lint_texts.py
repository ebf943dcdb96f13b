"""What an author may have got wrong in the texts and ids of a form: braces that stay, ids too long."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Final

from bot.dialogs.form import Form, Item
from bot.dialogs.lint_conditions import Finding
from bot.dialogs.repeating import PLACE

KEY_BYTES: Final = 24
"""Ids go into the 64 bytes of a button; this leaves room for interview and revision."""
FITS: Final = f"at most {KEY_BYTES} ASCII characters without # ! : = ? and spaces"
_SIGNS: Final = frozenset("#!:=? ")
"""They tell the keys of steps apart."""


def fits_button(id: str) -> bool:
    """Whether the id of an item or a section can stand in a button and in the key of a step."""
    return len(id.encode()) <= KEY_BYTES and id.isascii() and not _SIGNS & set(id)


def lint_texts(form: Form) -> Iterator[Finding]:
    """Braces that are not filled in when the text is shown."""
    for item in form.items:
        yield from _braces(item)
    for id, texts in _texts(form):
        left = [key for key, text in texts.items() if PLACE in text]
        if left:
            yield id, f"{PLACE} is left over in {', '.join(left)}", "give the table each = [2018, 2019]"


def _braces(item: Item) -> Iterator[Finding]:
    allowed = ("who", PLACE.strip("{}")) if item.repeat else (PLACE.strip("{}"),)
    for text in (item.text, item.hint):
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError:
            hint = "use {who} inside a roster, no other braces"
            yield item.id, "a brace in the text is not closed", hint
            continue
        for name in names:
            if name not in allowed:
                yield item.id, f"the text uses {{{name}}}", "only {who} inside a roster is filled in"


def _texts(form: Form) -> Iterator[tuple[str, dict[str, str]]]:
    """The texts of every table by key, under the id of the table."""
    yield "form", {"id": form.id, "name": form.name, "short": form.short, "source": form.source}
    for section in form.sections:
        yield section.id, {"id": section.id, "name": section.name}
    for roster in form.rosters:
        yield roster.id, {"id": roster.id, "name": roster.name}
    for item in form.items:
        yield item.id, _texts_of(item)
    for check in form.checks:
        if not check.id.endswith(".range"):  # made of an item, in whose id it is noted
            yield check.id, {"id": check.id, "text": check.text, "source": check.source}


def _texts_of(item: Item) -> dict[str, str]:
    return {
        "id": item.id,
        "no": item.no,
        "label": item.label,
        "text": item.text,
        "hint": item.hint,
        "unit": item.unit,
        "period": item.period,
        "options": " ".join(option.label for option in item.options),
        "check": " ".join(constraint.text for constraint in item.check),
        "covers": " ".join(item.covers),
    }
