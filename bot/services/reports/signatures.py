"""Who has signed the plans of households and who keeps a copy of them (O-28; gp.s1-s7, gs.8).

A plan that was laid before everybody in the chat is told from its signatures; one that was signed on paper,
from what the questionnaire says of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Noted, Row, Sheet
from bot.rules.signers import Signers
from bot.services.reports.answers import day_of, words_of
from bot.services.reports.homes import named
from bot.services.reports.report import Ask, Report, places_of
from bot.storage import region_wide, report_lists, signature_register
from bot.storage.report_lists import Paper
from bot.storage.signature_register import Laid

SIX, FOUR = "gp", "gs"
"""The plan that six sign (000), and the one that four sign with their own hands, in four copies (001)."""
SIGNED_BY: Final[Mapping[str, Mapping[str, str]]] = {
    SIX: {
        "township": "town_cadre_signature",
        "secretary": "party_secretary_signature",
        "head": "village_head_signature",
        "team": "work_team_leader_signature",
        "helper": "helper_signature",
        "household": "household_signature",
    },
    FOUR: {
        "household": "household_signature",
        "monitor": "monitor_signature",
        "village": "village_signature",
        "township": "town_secretary_signature",
    },
}
"""The parties of each plan, and the column (and question) of their signature."""
VILLAGE: Final = "village"
"""The party of which one of three posts signs (Q-04)."""
MONTH, DAY = "plan_signed_month", "plan_signed_on"
POST: Final = "village_signer_post"
OWN_HAND: Final = "signed_in_person"
COPIES: Final = "plan_copies_kept"
YES: Final = 1
NAMES: Final = (*SIGNED_BY[SIX].values(), *SIGNED_BY[FOUR].values(), MONTH, DAY, POST, OWN_HAND, COPIES)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-28: a sheet for each plan that somebody has; of several of a household the last handed in."""
    places = await places_of(conn, ask.region)
    homes = await region_wide.homes(conn, ask.region.path)
    last: dict[tuple[str, int], Paper] = {}
    for paper in await report_lists.papers(conn, ask.region.path, (SIX, FOUR), NAMES, ask.before):
        if paper.household_id is not None:
            last[paper.form, paper.household_id] = _over(last.get((paper.form, paper.household_id)), paper)
    in_chat = await signature_register.laid(conn, ask.region.path, (SIX, FOUR), ask.before)
    begun = await report_lists.begun(conn, ask.region.path, (SIX, FOUR))
    sheets: list[Sheet] = []
    without: list[Sheet] = []
    for form in (SIX, FOUR):
        rows: list[Row] = []
        signers = _signers(ask, form)
        for home in homes:
            handed, laid = last.get((form, home.id)), in_chat.get((form, home.id))
            # Handed in once more where nobody signs in the chat: the questionnaire knows it better.
            if laid is not None and (handed is None or laid.signing.begun_at >= handed.submitted_at):
                signed = _electronic(ask, signers, laid)
            elif handed is not None:
                signed = _register(ask, handed)
            else:
                continue
            place = named(home, *places.names(home.region_id))
            rows.append(Row({"no": len(rows) + 1, **place, **signed}))
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


def _signers(ask: Ask, form: str) -> Signers:
    """Who signs the plan, whether that procedure runs here today or not."""
    found = (each.signers for each in ask.office.content.procedures.values() if each.signers is not None)
    return next(each for each in found if each.form == form)


def _electronic(ask: Ask, signers: Signers, laid: Laid) -> dict[str, Cell]:
    """Who has signed, on which day and how; the day of the last signature once nobody is missing."""
    columns, say, office = SIGNED_BY[signers.form], ask.layout.say, ask.office
    cells: dict[str, Cell] = {}
    for each in laid.signatures:
        how = say("proxy_note", why=each.note) if each.note else say(each.how)
        cells[columns[each.party]] = say("in_chat", name=each.name, how=how, on=office.today(each.signed_at))
        if each.party == VILLAGE and signers.form == FOUR:
            post = office.content.offices.posts.get(each.post)
            cells[POST] = None if post is None else post.name
    missing = signers.missing({each.party for each in laid.signatures})
    heads = _heads(ask, signers.form)
    left = [say("signature", who=heads[columns[party.id]]) for party in missing]
    full = None if missing else office.today(max(each.signed_at for each in laid.signatures))
    if signers.form == SIX:
        month = None if full is None else f"{full:%Y-%m}"
        cells |= {"signed": month, "handed": office.today(laid.signing.begun_at)}
    else:
        # Whoever wants to sign for another is refused: what is on record was signed by themselves.
        cells |= {"proxy": say("no_proxy") if laid.signatures else None, "signed": full}
        kept = {n: keeper for n, keeper in enumerate(signers.copies, 1) if keeper in laid.copies}
        cells |= {f"copy_{n}": say("kept") for n in kept}
        left += [say("copies", who=who) for n, who in enumerate(signers.copies.values(), 1) if n not in kept]
    return {**cells, "missing": say("joint").join(left) or None}


def _heads(ask: Ask, form: str) -> dict[str, str]:
    return {column.id: column.head[-1] for column in ask.layout.sheet(form).columns}


def _register(ask: Ask, paper: Paper) -> dict[str, Cell]:
    names = SIGNED_BY[paper.form].values()
    cells: dict[str, Cell] = {name: words_of(paper.answers.get(name)) for name in names}
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
    heads, said = _heads(ask, paper.form), paper.answers
    found = [
        ask.layout.say("signature", who=heads[name])
        for name in SIGNED_BY[paper.form].values()
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
