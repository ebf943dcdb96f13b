"""What the household's file holds, as questionnaires and rules read it (questionnaires.md 2 and 19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.dialogs.path import Known
from bot.expressions import Value
from bot.functions import age
from bot.services.office import Office
from bot.storage import facts, households, people, regions
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

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, to stay with the interview as it was when it began."""
        known = {name: [item.value, item.on, item.source] for name, item in self.values.items()}
        return {"known": known, "rosters": dict(self.rosters)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HouseholdFile:
        """The file that `to_json` wrote."""
        known = {name: Known(*item) for name, item in data.get("known", {}).items()}
        return cls(known, data.get("rosters", {}))


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
            **household.file,
        }
        return {name: value for name, value in known.items() if value not in (None, "")}

    def known(self, form: Form, visitor: Person) -> HouseholdFile:
        """What this form may keep instead of asking, without what belongs to one interview only."""
        values = {name: Known(value, "") for name, value in self.register().items()}
        values["visitor"] = values["reviewer_signature"] = Known(visitor.name, "")
        if visitor.unit:
            values["reviewer_unit"] = Known(visitor.unit, "")
        for fact in self.facts:
            item = form.by_fact.get(fact.name)
            if item is not None and item.period == fact.period and fact.row == 0 and fact.value is not None:
                values[fact.name] = Known(fact.value, fact.as_of.isoformat(), fact.source)
        wanted = {item.fact for item in form.items if item.keep != "never" and item.repeat is None}
        rosters = {"member": self.member_rows()} if self.members else {}
        return HouseholdFile({name: item for name, item in values.items() if name in wanted}, rosters)

    def all_facts(self) -> dict[str, Value]:
        """Every fact by name for the rules: the register first, then what interviews found out."""
        found = dict(self.register())
        for fact in self.facts:
            if fact.row == 0:
                found[fact.name] = fact.value
        if self.members:
            found["member"] = self.member_rows()
        return found

    def with_facts(self, new: Mapping[str, Fact]) -> Dossier:
        """The dossier once `new` facts by name are recorded."""
        rest = tuple(fact for fact in self.facts if fact.name not in new)
        return replace(self, facts=(*rest, *new.values()))


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
    return [form for form in forms if form.suits is None or form.suits.evaluate(found) is not False]


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
    return Dossier(household, tuple(members), tuple(places), person, tuple(current), office.today(now))
