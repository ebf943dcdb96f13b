"""The command that takes a questionnaire out of the product: for other survey tools, or for paper."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

from bot import content
from bot.content import Content
from bot.dialogs.form import Form
from bot.errors import HubangError, NotFound
from bot.problems import near_miss
from bot.render import blank_forms, xlsforms
from bot.settings import Settings


class FormatUnknown(HubangError):
    """{file} has no known ending: a form can be written as {known}."""


class NotWritable(HubangError):
    """{file} cannot be written: {why}. Nothing was changed there."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A form on its way out."""

    form: Form
    content: Content
    day: date
    """The day of export: parameters have their value of that day."""


Writer: TypeAlias = Callable[[Leaving, Path], Sequence[str]]
"""Writes the form to a file, and says in a line each what could not be taken along."""


def _xlsform(leaving: Leaving, path: Path) -> Sequence[str]:
    exported = xlsforms.xlsform(
        leaving.form,
        leaving.content.form_parameters(leaving.day),
        leaving.day,
        leaving.content.messages,
        {problem.id: problem.name for problem in leaving.content.ledger.problems.values()},
    )
    xlsforms.write(exported, path)
    return [f"left out, as only the household's file can tell: {each}" for each in exported.left_out]


def _blank_paper(leaving: Leaving, path: Path) -> Sequence[str]:
    path.write_bytes(blank_forms.render_blank(leaving.form, leaving.content.messages))
    return []


WRITERS: Final[Mapping[str, Writer]] = {".xlsx": _xlsform, ".docx": _blank_paper}


def add_export(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m bot export-form`."""
    parser.add_argument("form", metavar="FORM", help="id of the questionnaire, such as jd")
    known = ", ".join(WRITERS)
    parser.add_argument("target", metavar="OUT", type=Path, help=f"where to write, by its ending: {known}")
    parser.add_argument("--version", metavar="N", type=int, help="version of the questionnaire (newest)")


def export(args: argparse.Namespace, settings: Settings, now: Callable[[], datetime]) -> int:
    """Write a questionnaire to a file; the file is there whole, or as it was before."""
    target: Path = args.target
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise FormatUnknown(file=target, known=" or ".join(f"OUT{suffix}" for suffix in WRITERS))
    loaded = content.load(content.in_county(settings.county))
    form = _form(loaded, args.form, args.version)
    leaving = Leaving(form, loaded, now().astimezone(settings.timezone).date())
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        remarks = writer(leaving, part)
        part.replace(target)
    except OSError as error:
        raise NotWritable(file=target, why=error.strerror or error) from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{form.name} {form.version}\t{target}")
    for remark in remarks:
        print(remark)
    return 0


def _form(loaded: Content, id: str, version: int | None) -> Form:
    ids = {form_id for form_id, _ in loaded.forms}
    if id not in ids:
        hint = near_miss(id, ids)
        raise NotFound(what="form", name=f"{id} ({hint})" if hint else id)
    versions = sorted(number for form_id, number in loaded.forms if form_id == id)
    if version is not None and version not in versions:
        there = ", ".join(map(str, versions))
        raise NotFound(what="version", name=f"{version} of form {id} (there is {there})")
    return loaded.form(id, version)
