"""What the household's file holds, as questionnaires and rules read it (questionnaires.md 2 and 19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.context import Known
from bot.dialogs.form import Form
from bot.dialogs.reuse import Held, ReuseRules, proposals
from bot.expressions import Value
from bot.functions import age
from bot.rules.updates import Moment
from bot.services.office import Office
from bot.services.open_measures import planned, with_measures
from bot.storage import facts, households, people, plans, regions
from bot.storage.assignments import responsible
from bot.storage.facts import Fact
from bot.storage.households import Household, Member
from bot.storage.people import Person
from bot.storage.regions import Region


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """Known values by fact, with day and source, and the rosters of the file."""

    values: Mapping[str, Known] = field(default_factory=dict)
    rosters: Mapping[str, list[dict[str, Value]]] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    """Sub-problems that stand open in the ledger."""
    dismissed: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """The grounds of what was said to be no problem."""
    continues: int | None = None
    """The problem of the ledger that the interview takes further, by its id."""
    procedure: str = ""
    """The procedure of which the interview records a step; "" when it was begun for itself."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, to stay with the interview as it was when it began."""
        known = {name: [item.value, item.on, item.source, item.way] for name, item in self.values.items()}
        return {
            "known": known,
            "rosters": dict(self.rosters),
            "settled": list(self.settled),
            "dismissed": dict(self.dismissed),
            "continues": self.continues,
            "procedure": self.procedure,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HouseholdFile:
        """The file that `to_json` wrote."""
        known = {name: Known(*item) for name, item in data.get("known", {}).items()}
        settled, dismissed = tuple(data.get("settled", ())), data.get("dismissed", {})
        continues, procedure = data.get("continues"), data.get("procedure", "")
        return cls(known, data.get("rosters", {}), settled, dismissed, continues, procedure)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A household with its members, places, responsible person and current facts."""

    household: Household
    members: tuple[Member, ...]
    places: tuple[Region, ...]
    """County, town and village, from the top."""
    responsible: Person | None
    facts: tuple[Fact, ...]
    today: date
    scheme: int = 0
    """The scheme under which the county watches it, by its code in forms; 0 for none."""
    measures: Known | None = None
    """The names of the measures in its present plan."""

    def place(self, level: str) -> str:
        """The name of the county, town or village in which the household lives."""
        return next((region.name for region in self.places if region.level == level), "")

    def name(self, office: Office) -> str:
        """Village, group and head, as people call the household."""
        return _name(office, self.household, self.place("village"))

    def member_rows(self) -> list[dict[str, Value]]:
        """The members as forms read them; ages on the day of the visit."""
        return [
            {
                "name": member.name,
                "relation": member.relation,
                "birth_date": None if member.birth_date is None else member.birth_date.isoformat(),
                "age": None
                if member.birth_date is None
                else age(member.birth_date.isoformat(), self.today.isoformat()),
                "sex": member.sex,
                "insured": member.insured,
                "labor": member.labor,
            }
            for member in self.members
        ]

    def register(self) -> dict[str, Value]:
        """What the register of households says, under the forms' fact names; the unknown left out."""
        household = self.household
        head = next((member for member in self.members if member.position == 1), None)
        born = head.birth_date if head is not None else None
        known = {
            "county": self.place("county"),
            "town": self.place("town"),
            "village": self.place("village"),
            "village_group": household.village_group,
            "head_name": household.head_name,
            "visit_household": household.head_name,
            "head_id_number": household.head_id_number,
            "population": household.population,
            "reg_status": household.reg_status,
            "exit_year": household.exit_year,
            "head_age": None if born is None else age(born.isoformat(), self.today.isoformat()),
            "monitoring_scheme": self.scheme or None,
            "household_address": "".join(
                (self.place("town"), self.place("village"), household.village_group)
            ),
            "helper_name": "" if self.responsible is None else self.responsible.name,
            "helper_unit": "" if self.responsible is None else self.responsible.unit,
            **household.file,
        }
        return {name: value for name, value in known.items() if value not in (None, "")}

    def known(
        self, form: Form, visitor: Person, rules: ReuseRules, parameters: Mapping[str, Value]
    ) -> HouseholdFile:
        """What this form may propose instead of asking; what belongs to one interview only is not."""
        register = {**parameters, **self.register(), **by_visitor(visitor)}
        members = {"member": self.member_rows()} if self.members else {}
        held: Held = held_facts(self.facts)
        if self.measures is not None:
            held = with_measures(held, self.measures)
        return HouseholdFile(proposals(form, rules, self.today.isoformat(), register, held, members), members)

    def all_facts(self) -> dict[str, Value]:
        """Every fact by name for the rules: the register first, then what interviews found out."""
        found = dict(self.register())
        for fact in self.facts:
            if fact.row == 0:
                found[fact.name] = fact.value
        if self.members:
            found["member"] = self.member_rows()
        return found

    def moments(self) -> dict[str, Moment]:
        """When each of the facts that an interview found out was said."""
        return {fact.name: (fact.as_of, fact.recorded_at) for fact in self.facts if fact.row == 0}


def by_visitor(visitor: Person) -> dict[str, Value]:
    """What is known of whoever fills a form in, under the forms' fact names."""
    return {
        "visitor": visitor.name,
        "reviewer_signature": visitor.name,
        **({"reviewer_unit": visitor.unit} if visitor.unit else {}),
    }


def held_facts(facts: Iterable[Fact]) -> dict[tuple[str, str], Known]:
    """The current answers of a file by fact and period."""
    return {
        (fact.name, fact.period): Known(fact.value, fact.as_of.isoformat(), fact.source)
        for fact in facts
        if fact.row == 0
    }


def _name(office: Office, household: Household, village: str) -> str:
    group, head = household.village_group, household.head_name
    return office.say("home.household_name", village=village, group=group, head=head)


async def names(conn: AsyncConnection, office: Office, household_ids: Iterable[int]) -> dict[int, str]:
    """What people call these households, by id, in two queries; whoever asks."""
    found = await households.get_many(conn, sorted(set(household_ids)))
    wanted = sorted({household.region_id for household in found.values()})
    villages = {region.id: region.name for region in await regions.get_many(conn, wanted)}
    return {id: _name(office, household, villages[household.region_id]) for id, household in found.items()}


def suitable(office: Office, dossier: Dossier) -> list[Form]:
    """The newest questionnaires that are meant for such a household, or may be."""
    found = dossier.register()
    forms = office.content.latest_forms()
    about = [form for form in forms if "household" in form.subjects]
    return [form for form in about if form.suits is None or form.suits.evaluate(found) is not False]


async def read_file(conn: AsyncConnection, office: Office, household_id: int, now: datetime) -> Dossier:
    """The dossier of a household, whoever asks; KeyError when there is no such household."""
    household = (await households.get_many(conn, [household_id]))[household_id]
    members = (await households.members_of(conn, [household_id])).get(household_id, [])
    village = await regions.get(conn, household.region_id)
    assert village is not None
    places = await regions.get_many(conn, list(village.lineage))
    person_id = (await responsible(conn, [household_id])).get(household_id)
    person = None if person_id is None else await people.get(conn, person_id)
    current = (await facts.current(conn, [household_id])).get(household_id, [])
    plan = (await plans.latest(conn, [household_id])).get(household_id)
    measures = None if plan is None else planned(plan, office.today(plan.created_at).isoformat())
    scheme = office.content.packs[office.schemes[0]].scheme.code if office.schemes else 0
    today = office.today(now)
    return Dossier(household, tuple(members), tuple(places), person, tuple(current), today, scheme, measures)
