"""Plan papers in sentences (O-01, O-02): made from a household's answers, kept by version, made again.

A version keeps the answers, the figures of the law, the departments and the template that it was made from.
While none of them changes, a paper asked for again is the same version and the same bytes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import Content
from bot.dialogs.form import Form
from bot.dialogs.reuse import proposals
from bot.errors import HubangError, NotFound
from bot.expressions import Value
from bot.render import papers
from bot.render.messages import TEMPLATES
from bot.render.narrative import Paper, PaperText, compose, units_of
from bot.render.narrative_answers import Household
from bot.render.narrative_reading import read_paper
from bot.render.plan_paper import plan_paper
from bot.rules.pack import Pack
from bot.services.household_file import Dossier, held_facts
from bot.services.office import Office
from bot.storage import interviews
from bot.storage import papers as kept
from bot.storage.papers import Frame, NewPaper
from bot.storage.subjects import Subject

PLANS: Final = TEMPLATES / "plans"


class TemplateLost(HubangError):
    """Version {version} of the paper {form} cannot be made again: {why}."""


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that was made; `contradictions` are sentences about answers that do not go together."""

    form: str
    version: int
    paper: Paper
    content: bytes
    contradictions: tuple[str, ...]
    on: date


async def forms_for(conn: AsyncConnection, office: Office, household_id: int) -> list[str]:
    """The papers that the household has: those of the county's schemes, and of what was filled in for it."""
    filled = await interviews.handed_in(conn, Subject("household", household_id))
    return [id for id in office.content.papers if id in office.schemes or id in filled]


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper before it has a version: everything that it says, and from what."""

    text: PaperText
    frame: Frame
    snapshot: Mapping[str, Any]
    household_id: int


def facts_of(office: Office, form: Form, dossier: Dossier) -> dict[str, Value]:
    """What is known of the household that the form asks for: its own answers, else what could be proposed."""
    parameters = office.content.form_parameters(dossier.today)
    register = {**parameters, **dossier.register()}
    members = {"member": dossier.member_rows()} if dossier.members else {}
    held = held_facts(dossier.facts)
    proposed = proposals(form, office.content.reuse, dossier.today.isoformat(), register, held, members)
    known = {name: each.value for name, each in proposed.items() if each.way == "keep"}
    asked = {item.fact for item in form.items if item.repeat is None} | {roster.id for roster in form.rosters}
    said = {name: value for name, value in dossier.all_facts().items() if name in asked}
    return {name: value for name, value in {**known, **said}.items() if value is not None}


def draft(office: Office, form_id: str, dossier: Dossier) -> Draft:
    """The paper of a form for a household as everything stands on the dossier's day. Nothing is stored."""
    content = office.content
    text = content.papers[form_id]
    pack = content.packs.get(form_id)
    units = {} if pack is None else {measure.id: units_of(pack)(measure.id) for measure in pack.measures}
    snapshot = {
        "facts": facts_of(office, text.form, dossier),
        "parameters": _parameters(content, pack, dossier.today),
        "units": units,
        "county": dossier.place("county"),
    }
    return Draft(text, shipped_frame(form_id), snapshot, dossier.household.id)


def _parameters(content: Content, pack: Pack | None, on: date) -> dict[str, float | None]:
    shared = {name.removeprefix("param_"): value for name, value in content.form_parameters(on).items()}
    own = {} if pack is None or on < pack.scheme.start else pack.parameters_on(on)
    return {**shared, **own}


async def make(conn: AsyncConnection, office: Office, form_id: str, dossier: Dossier, now: datetime) -> Made:
    """The household's paper, as a new version when anything has changed since the last one."""
    wanted = draft(office, form_id, dossier)
    versions = await kept.of_household(conn, dossier.household.id, form_id)
    last = versions[-1] if versions else None
    if last is None or not _same(wanted, last):
        last = NewPaper(
            dossier.household.id,
            form_id,
            len(versions) + 1,
            wanted.text.form.version,
            wanted.frame.digest,
            wanted.snapshot,
            now,
        )
        await kept.add(conn, last, wanted.frame)
    return rendered(office, wanted.text, wanted.frame, last)


async def make_again(
    conn: AsyncConnection, office: Office, household_id: int, form_id: str, version: int
) -> Made:
    """An earlier version, exactly as it was. NotFound when there is none; TemplateLost when it cannot be."""
    versions = {each.version: each for each in await kept.of_household(conn, household_id, form_id)}
    if version not in versions:
        raise NotFound(what=f"version of the paper {form_id}", name=str(version))
    wanted = versions[version]
    frame = await kept.frame(conn, wanted.frame_digest)
    if frame is None:
        raise TemplateLost(version=version, form=form_id, why="its template is not kept")
    key = (form_id, wanted.form_version)
    if key not in office.content.forms:
        raise TemplateLost(version=version, form=form_id, why="its questionnaire is withdrawn")
    tables = tomllib.loads(frame.sentences)
    text, problems = read_paper(
        tables, office.content.forms[key], office.content.packs.get(form_id), f"{form_id}.toml"
    )
    if text is None:
        raise TemplateLost(version=version, form=form_id, why="; ".join(map(str, problems)))
    return rendered(office, text, frame, wanted)


def rendered(office: Office, text: PaperText, frame: Frame, wanted: NewPaper) -> Made:
    """The paper of a version: a function of what is kept of it, and of nothing else."""
    snapshot, on = wanted.snapshot, office.today(wanted.made_at)
    units: Mapping[str, str] = snapshot["units"]
    paper = compose(
        text,
        snapshot["facts"],
        on=on,
        parameters=snapshot["parameters"],
        units=lambda measure: units.get(measure, ""),
    )
    content = papers.render(frame.frame, plan_paper(paper, snapshot["county"], on))
    return Made(wanted.form, wanted.version, paper, content, contradictions(text, snapshot, on), on)


def contradictions(text: PaperText, snapshot: Mapping[str, Any], on: date) -> tuple[str, ...]:
    """What the questionnaire's own cross-checks say about the answers of the paper, but for mere remarks."""
    household = Household(text.derived, snapshot["facts"], snapshot["parameters"], on, text.words)
    fired = [check for check in text.form.checks if check.text and check.level in ("warn", "block")]
    return tuple(check.text for check in fired if household.holds(check.when))


def _same(wanted: Draft, last: NewPaper) -> bool:
    return (
        last.frame_digest == wanted.frame.digest
        and last.form_version == wanted.text.form.version
        and last.snapshot == wanted.snapshot
    )


@lru_cache(maxsize=8)
def shipped_frame(form_id: str) -> Frame:
    """The template of a paper as it stands in `templates/plans` since the start."""
    sentences = (PLANS / f"{form_id}.toml").read_text(encoding="utf-8-sig")
    frame = (PLANS / f"{form_id}.docx").read_bytes()
    digest = hashlib.sha256(sentences.encode() + b"\0" + frame).hexdigest()
    return Frame(digest, sentences, frame)
