"""Who has signed the plans of households and who keeps a copy of them (O-28; gp.s1-s7, gs.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Noted, Row, Sheet
from bot.services.reports.answers import day_of, words_of
from bot.services.reports.homes import named
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import region_wide, report_lists
from bot.storage.households import Household
from bot.storage.report_lists import Paper

SIX, FOUR = "gp", "gs"
"""The plan that six sign (000), and the one that four sign with their own hands, in four copies (001)."""
SIGNED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    SIX: (
        *("town_cadre_signature", "party_secretary_signature", "village_head_signature"),
        *("work_team_leader_signature", "helper_signature", "household_signature"),
    ),
    FOUR: ("household_signature", "monitor_signature", "village_signature", "town_secretary_signature"),
}
MONTH, DAY = "plan_signed_month", "plan_signed_on"
POST: Final = "village_signer_post"
OWN_HAND: Final = "signed_in_person"
COPIES: Final = "plan_copies_kept"
YES: Final = 1
NAMES: Final = (*SIGNED_BY[SIX], *SIGNED_BY[FOUR], MONTH, DAY, POST, OWN_HAND, COPIES)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-28: a sheet for each plan that somebody has; of several of a household the last handed in."""
    places = await places_of(conn, ask.region)
    homes = await region_wide.homes(conn, ask.region.path)
    last: dict[tuple[str, int], Paper] = {}
    for paper in await report_lists.papers(conn, ask.region.path, (SIX, FOUR), NAMES, ask.before):
        if paper.household_id is not None:
            last[paper.form, paper.household_id] = _over(last.get((paper.form, paper.household_id)), paper)
    begun = await report_lists.begun(conn, ask.region.path, (SIX, FOUR))
    sheets: list[Sheet] = []
    without: list[Sheet] = []
    for form in (SIX, FOUR):
        rows: list[Row] = []
        for home in homes:
            if (form, home.id) in last:
                signed = _register(ask, places, home, last[form, home.id])
                rows.append(Row({"no": len(rows) + 1, **signed}))
        # What was begun and not handed in on an earlier day is not on record: only today's is known.
        waiting = begun.get(form, 0) if ask.until == ask.today else 0
        notes = [ask.layout.say("begun", count=waiting)] if waiting else []
        sheet = ask.layout.sheet(form).filled(rows, ask.said(), notes=notes)
        (sheets if rows or waiting else without).append(sheet)
    return _naming(ask, sheets, without) if sheets else without


def _naming(ask: Ask, sheets: Sequence[Sheet], without: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of plans that somebody has; the first also names those that nobody has."""
    first, *others = sheets
    none = (ask.layout.say("none", plan=sheet.name) for sheet in without)
    return [replace(first, notes=(*first.notes, *none)), *others]


def _over(earlier: Paper | None, paper: Paper) -> Paper:
    """What six sign may be taken over from the plan before; a plan of four is signed anew each time."""
    if earlier is not None and paper.form == SIX:
        paper.answers.update({k: v for k, v in earlier.answers.items() if k not in paper.answers})
    return paper


def _register(ask: Ask, places: Places, home: Household, paper: Paper) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        **named(home, *places.names(home.region_id)),
        **{name: words_of(paper.answers.get(name)) for name in SIGNED_BY[paper.form]},
    }
    own = _six(ask, paper) if paper.form == SIX else _four(ask, paper)
    return {**cells, **own, "missing": ask.layout.say("joint").join(_missing(ask, paper)) or None}


def _six(ask: Ask, paper: Paper) -> dict[str, Cell]:
    return {"signed": paper.answers.get(MONTH), "handed": ask.office.today(paper.submitted_at)}


def _four(ask: Ask, paper: Paper) -> dict[str, Cell]:
    said, options = paper.answers, ask.office.content.registry
    kept = said.get(COPIES) or []
    return {
        POST: options[POST].options.get(said.get(POST) or 0),
        "proxy": _proxy(ask, said.get(OWN_HAND)),
        "signed": day_of(said.get(DAY)),
        **{f"copy_{code}": ask.layout.say("kept") for code in options[COPIES].options if code in kept},
    }


def _proxy(ask: Ask, own_hand: Any) -> Cell:
    """Never "yes": what somebody else signed is not signed (001:94)."""
    if own_hand is None:
        return None
    if own_hand == YES:
        return ask.layout.say("no_proxy")
    return Noted(ask.layout.say("by_proxy"), ask.layout.say("proxy_why"))


def _missing(ask: Ask, paper: Paper) -> list[str]:
    """Whose signature is missing; of what four sign also whose copy, and the word that nobody else signed."""
    heads = {column.id: column.head[-1] for column in ask.layout.sheet(paper.form).columns}
    said = paper.answers
    found = [
        ask.layout.say("signature", who=heads[name])
        for name in SIGNED_BY[paper.form]
        if words_of(said.get(name)) is None
    ]
    if paper.form == FOUR:
        if said.get(OWN_HAND) is None:
            found.append(ask.layout.say("own_hand"))
        kept = said.get(COPIES) or []
        copies = ask.office.content.registry[COPIES].options
        found += [ask.layout.say("copies", who=who) for code, who in copies.items() if code not in kept]
    return found


REPORTS: Final = (Report("O-28", make, shelf="ledger"),)
