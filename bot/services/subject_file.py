"""The file of what an interview is about: a household's, or that of a village, a township, the county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.dialogs.reuse import ReuseRules, proposals
from bot.expressions import Value
from bot.rules.facts import MANY
from bot.services.household_file import (
    Dossier,
    HouseholdFile,
    by_visitor,
    held_facts,
    names,
    read_file,
    suitable,
)
from bot.services.office import Office
from bot.storage import facts, regions
from bot.storage.facts import Fact
from bot.storage.people import Person
from bot.storage.regions import Region
from bot.storage.subjects import Subject

HOUSEHOLD: Final = "household"
LEVELS: Final[Mapping[str, str]] = {"village": "village", "town": "township", "county": "county"}
"""What forms call the regions of each level."""


@dataclass(frozen=True, slots=True)
class RegionDossier:
    """A village, a township or the county with its current facts."""

    region: Region
    places: tuple[Region, ...]
    """From the county down to the region itself."""
    facts: tuple[Fact, ...]
    today: date
    households: tuple[Mapping[str, Value], ...] = ()
    """Of a village: what is known of each of its households, as far as forms about villages may count it."""

    def place(self, level: str) -> str:
        """The name of the county, town or village in which the region lies."""
        return next((region.name for region in self.places if region.level == level), "")

    def name(self, office: Office) -> str:
        """What people call the region: its town stands before a village."""
        above = self.place("town") if self.region.level == "village" else ""
        return office.say("region.name", above=above, name=self.region.name)

    def known(
        self, form: Form, visitor: Person, rules: ReuseRules, parameters: Mapping[str, Value]
    ) -> HouseholdFile:
        """What this form may propose: where it is, who fills it in, what was said before."""
        places = {level: name for level in LEVELS if (name := self.place(level))}
        register = {**parameters, **places, **by_visitor(visitor)}
        held, rosters = held_facts(self.facts), {HOUSEHOLD: self.households} if self.households else {}
        return HouseholdFile(proposals(form, rules, self.today.isoformat(), register, held, rosters), {})


SubjectDossier: TypeAlias = Dossier | RegionDossier


async def name_of_subject(conn: AsyncConnection, office: Office, subject: Subject) -> str:
    """What people call the household or region."""
    if subject.household_id is not None:
        return (await names(conn, office, [subject.id]))[subject.id]
    region = await regions.get(conn, subject.id)
    return "" if region is None else region.name


async def read_subject(
    conn: AsyncConnection, office: Office, subject: Subject, now: datetime
) -> SubjectDossier:
    """The dossier of a household or a region, whoever asks; KeyError when there is none of that id."""
    if subject.kind == "household":
        return await read_file(conn, office, subject.id, now)
    region = await regions.get(conn, subject.id)
    if region is None:
        raise KeyError(subject.id)
    places = await regions.get_many(conn, list(region.lineage))
    current = (await facts.current(conn, [region.id], "region")).get(region.id, [])
    counted = await counted_households(conn, office, region) if region.level == "village" else ()
    return RegionDossier(region, tuple(places), tuple(current), office.today(now), counted)


async def counted_households(
    conn: AsyncConnection, office: Office, village: Region
) -> tuple[Mapping[str, Value], ...]:
    """A row for each household of the village with everything that rules of reuse count.

    What is not known of one counts as nothing, a code that no question has: the figures are lower bounds.
    """
    rules = [rule for each in office.content.reuse.rows.values() for rule in each]
    formulas = [rule.formula for rule in rules if rule.formula is not None]
    names = sorted({name for each in formulas if HOUSEHOLD in each.names for name in each.row_names})
    registry = office.content.registry
    blank: dict[str, Value] = {
        name: [] if name in registry and registry[name].kind == MANY else 0 for name in names
    }
    return tuple(
        blank | {name: value for name, value in row.items() if value is not None}
        for row in (await facts.of_village(conn, village.id, names) if names else ())
    )


def kind_of(dossier: SubjectDossier) -> str:
    """What forms call such a subject: "household", "village", "township" or "county"."""
    return LEVELS[dossier.region.level] if isinstance(dossier, RegionDossier) else HOUSEHOLD


def forms_about(office: Office, dossier: SubjectDossier) -> list[Form]:
    """The newest questionnaires that are about such a household or region."""
    if isinstance(dossier, RegionDossier):
        return forms_of_level(office, dossier.region.level)
    return suitable(office, dossier)


def is_usual(office: Office, form: Form) -> bool:
    """Whether a questionnaire is often needed: that of the county's schemes, never that of others alone."""
    packs = office.content.packs
    own = [packs[scheme].scheme.forms for scheme in office.schemes]
    if any(form.id == forms[0] for forms in own):
        return True
    made_for_schemes = {pack.scheme.forms[0] for pack in packs.values()}
    elsewhere = form.id in made_for_schemes and not any(form.id in forms for forms in own)
    return not form.seldom and not elsewhere


def forms_of_level(office: Office, level: str) -> list[Form]:
    """The newest questionnaires that are about regions of a level."""
    return [form for form in office.content.latest_forms() if LEVELS[level] in form.subjects]
