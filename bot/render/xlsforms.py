"""A questionnaire as a standard XLSForm: the same questions, jumps and checks for ODK, Kobo and Enketo.

Questions, relevance, limits, calculations and rosters are said exactly. What a survey tool has no word for
goes out as a note that is relevant where it holds: warnings, remarks and probable problems; a contradiction
that blocks is a note that must be "answered", so that the form cannot be finalised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from openpyxl import Workbook

from bot.dialogs.choices import Option
from bot.dialogs.form import Form
from bot.expressions import Value
from bot.render.messages import Messages
from bot.render.xlsform_names import Names
from bot.render.xlsform_rows import Row, SurveyRows

COLUMNS: Final = (
    "type", "name", "label", "hint", "required", "required_message", "relevant", "constraint",
    "constraint_message", "calculation", "appearance", "repeat_count", "default", "parameters", "bind::type",
)  # fmt: skip
Table: TypeAlias = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The three sheets of an XLSForm, and what could not be said in it."""

    survey: Table
    choices: Table
    settings: Table
    left_out: tuple[str, ...]
    """Ids of checks and questions that read what only the household's file knows, each with the reason."""
    names: Names
    """The XML name of every item, fold and roster."""
    notes: Mapping[str, str]
    """The XML name of the note of every check and candidate, by its id or key."""


def xlsform(
    form: Form,
    parameters: Mapping[str, Value],
    day: date,
    messages: Messages,
    problems: Mapping[str, str] | None = None,
) -> XlsForm:
    """`form` as an XLSForm with the parameters of `day`; `problems` names the sub-problems of the ledger."""
    names = Names(form, parameters)
    rows = SurveyRows(names, messages, _lists(form), problems or {})
    survey: list[Row] = []
    for section, nodes in groupby(form.plan, key=lambda node: node.item.section):
        name = next((each.name for each in form.sections if each.id == section), section)
        inner = [row for node in nodes for row in rows.node(node)]
        survey += rows.group(f"section_{section}", name, inner)
    if candidates := [row for candidate in form.candidates for row in rows.candidate(candidate)]:
        survey += rows.group("closing", messages.say("xlsforms.closing"), candidates)
    choices = [
        {"list_name": name, "name": str(option.code), "label": option.label}
        for options, name in _lists(form).items()
        for option in options
    ]
    version = f"{form.version}.{day:%Y%m%d}"
    settings = [{"form_title": form.name, "form_id": form.id, "version": version}]
    return XlsForm(
        [dict(row) for row in rows.complete(survey)],
        choices,
        settings,
        tuple(rows.left_out),
        names,
        rows.notes,
    )


def _lists(form: Form) -> dict[tuple[Option, ...], str]:
    """Option lists by content, each named for the first fact that is chosen from it."""
    lists: dict[tuple[Option, ...], str] = {}
    for item in form.items:
        if item.options and item.kind != "calculate":
            lists.setdefault(item.options, f"options_{item.fact}")
    return lists


def write(exported: XlsForm, path: Path) -> None:
    """Write the sheets as .xlsx to `path`; raises OSError where that cannot be."""
    book = Workbook()
    book.remove(book.active)
    used = [name for name in COLUMNS if any(name in row for row in exported.survey)]
    _sheet(book, "survey", used, exported.survey)
    _sheet(book, "choices", ["list_name", "name", "label"], exported.choices)
    _sheet(book, "settings", ["form_title", "form_id", "version"], exported.settings)
    book.save(path)


def _sheet(book: Workbook, title: str, columns: Sequence[str], table: Table) -> None:
    sheet = book.create_sheet(title)
    lines: list[list[str]] = [list(columns)]
    lines += [[row.get(name, "") for name in columns] for row in table]
    for number, line in enumerate(lines, 1):
        for place, text in enumerate(line, 1):
            if text:
                # As text always: a sentence that begins with "=" is no formula of the table.
                sheet.cell(number, place, text).data_type = "s"
    sheet.freeze_panes = "A2"
