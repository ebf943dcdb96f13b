"""Reading the procedures, and what is looked for across a county."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bot.content_files import Files
from bot.dialogs.form import Form
from bot.problems import unknown_keys
from bot.rules import watches
from bot.rules.county import County
from bot.rules.offices import Offices
from bot.rules.pack import Pack
from bot.rules.parameters import Parameter
from bot.rules.procedure_reading import SECTIONS, read_procedure
from bot.rules.procedures import Procedure
from bot.rules.watches import Watch


class Around(Protocol):
    """What was read before."""

    county: County
    offices: Offices
    packs: dict[str, Pack]
    forms: dict[tuple[str, int], Form]
    parameters: tuple[Parameter, ...]
    whole: bool
    packs_whole: bool
    """Whether every pack could be read: what rests on a missing one would only repeat its problems."""


def read_procedures(files: Files, folder: Path, around: Around) -> dict[str, Procedure]:
    """Every procedure by id; none while the packs or posts that they rest on cannot be read."""
    found: dict[str, Procedure] = {}
    offices = _offices(around)
    forms = {id: frozenset(form.by_fact) for (id, _), form in sorted(around.forms.items())}
    readable = around.whole and around.packs_whole and around.offices.posts
    for path in sorted(folder.glob("*.toml")):
        if (tables := files.toml(path)) is None:
            continue
        if not readable:
            files.problems += unknown_keys(path.name, "-", tables, SECTIONS)
            continue
        procedure, problems = read_procedure(
            tables,
            path.name,
            packs=around.packs,
            offices=offices,
            county=around.county,
            forms=forms,
            lent=around.parameters,
        )
        files.problems += problems
        if found.setdefault(procedure.id, procedure) is not procedure:
            what = f"the procedure {procedure.id} exists already"
            files.problem(path.name, "procedure", what, "give each an id of its own")
    return found


def read_watches(files: Files, path: Path, around: Around) -> tuple[Watch, ...]:
    """What is looked for; nothing while the packs or posts that it names cannot be read."""
    offices = _offices(around)
    if not around.packs_whole or not around.offices.posts or (tables := files.toml(path)) is None:
        return ()
    known = {*offices.roles, *offices.posts}
    library = files.tables_of(path.parent / "library") or {}
    found, problems = watches.read_watches(
        tables,
        path.name,
        county=around.county,
        schemes=around.packs,
        offices=known,
        sets=[str(each.get("set", {}).get("id", "")) for each in library.values()],
        lent=around.parameters,
    )
    files.problems += problems
    return found


def _offices(around: Around) -> Offices:
    return around.offices.with_departments(
        each for pack in around.packs.values() for each in pack.departments
    )
