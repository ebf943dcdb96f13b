"""What an author may have got wrong in the sections of a form: those of its menu and of its cards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from bot.dialogs.form import EVIDENCE, Form, Item, Section
from bot.dialogs.lint_conditions import Finding
from bot.dialogs.lint_texts import FITS, fits_button

FEWEST: Final = 2
"""A card of one answer and a menu of one section are no shorter than the question and the form themselves."""


def lint_sections(form: Form) -> Iterator[Finding]:
    """Sections that hold too little or stand apart. Only right when every item could be read."""
    if form.menu and len(form.sections) < FEWEST:
        yield "form", "menu in a form with one section", "drop menu, or make sections of it"
    runs = [id for id, _ in groupby(item.section for item in form.items)]
    known = {section.id for section in form.sections}
    for section in form.sections:
        if not fits_button(section.id):
            yield section.id, "the id does not fit a button", FITS
        if section.id not in runs:
            # A question that names a section which does not exist may be one of this: noted there.
            if known >= set(runs):
                yield section.id, "the section has no questions", f'give items section = "{section.id}"'
            continue
        if (form.menu or section.recall) and runs.count(section.id) > 1:
            hint = "keep the questions of a section in one block"
            yield section.id, "its questions do not stand together", hint
        if section.recall:
            yield from _recall(form, section)
    for roster in form.rosters:
        within = {item.section for item in form.items if item.repeat == roster.id}
        if len(within) > 1 and within <= known:
            what = f"its questions stand in several sections: {', '.join(sorted(within))}"
            yield roster.id, what, "keep the rows of a roster in one section"


def _recall(form: Form, section: Section) -> Iterator[Finding]:
    """A card is shown for two answers or more; several people may stand in the rows of a roster."""
    shown = [2 if item.repeat else 1 for item in form.items if item.section == section.id and _on_card(item)]
    if sum(shown) < FEWEST:
        yield section.id, "recall on a section with fewer than two questions to keep", "drop recall"


def _on_card(item: Item) -> bool:
    asked = item.kind != "calculate" and item.kind not in EVIDENCE
    return asked and item.keep == "ask" and not item.default
