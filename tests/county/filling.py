"""Writes the invented county into a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import content as shipped
from bot.content import Content, initials
from bot.dialogs.session import Session
from bot.services.sample import invented_number
from bot.storage import chats, people, regions, tables
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.people import Account, Role
from bot.storage.regions import Region
from tests.county import lives, places
from tests.county.bulk import Bulk, as_json, next_id, went_on
from tests.county.life import Forms
from tests.county.records import NOTHING, County, History, Home, Nature, Place

ENTERED: Final = datetime(2020, 3, 10, 1, 0, tzinfo=UTC)
CHANNEL: Final = "web"
DISTINCT: Final = 3_000
"""So many different lives of each kind at most: beyond that households share them, for memory and time."""
GROUPS: Final = ("一组", "二组", "三组", "四组", "五组", "六组")
PER_CADRE: Final = 8
PIECE: Final = 40_000
WRITTEN: Final = {
    "households": "", "members": "", "assignments": "id", "interviews": "", "facts": "id", "problems": "id",
    "verdicts": "id", "duties": "id", "alerts": "", "alert_recipients": "", "plans": "id",
}  # fmt: skip
"""Tables in the order in which their rows refer to each other, with the column that numbers itself."""


@dataclass(slots=True)
class Deck:
    """Lives to deal out: new ones as long as there may be more, then the same again in their order."""

    forms: Forms
    random: Random
    schemes: Sequence[str]
    most: int
    lives: list[tuple[Nature, History]] = field(default_factory=list)
    dealt: int = 0

    def deal(self, *, registered: bool) -> tuple[Nature, History]:
        """The life of one more household."""
        self.dealt += 1
        if len(self.lives) >= self.most:
            return self.lives[self.dealt % len(self.lives)]
        self.lives.append(lives.of_household(self.forms, self.random, self.schemes, registered=registered))
        return self.lives[-1]


class Filling:
    """The state of one filling: rows on their way and the numbers given so far."""

    def __init__(self, conn: AsyncConnection, forms: Forms, seed: int) -> None:
        self.conn = conn
        self.forms = forms
        self.seed = seed
        self.addresses: dict[str, int] = {}
        self.started = {id: pack.scheme.start.isoformat() for id, pack in forms.content.packs.items()}
        self.versions = {form.id: form.version for form in forms.content.latest_forms()}

        self.bulks = {
            name: Bulk(conn, table, [each.name for each in table.columns if each.name != left])
            for name, left in WRITTEN.items()
            for table in (tables.metadata.tables[name],)
        }
        self.told: dict[int, list[tuple[tuple[Any, ...], int, tuple[Any, ...]]]] = {}
        self.sessions: dict[tuple[str, bool], str] = {}
        self.next_household = self.next_interview = self.next_alert = 1
        self.empty = as_json({})

    async def numbers(self) -> None:
        """Count on from what the database holds."""
        self.next_household = await next_id(self.conn, tables.households)
        self.next_interview = await next_id(self.conn, tables.interviews)
        self.next_alert = await next_id(self.conn, tables.alerts)

    async def official(self, address: str, name: str, unit: str, role: Role, region: Region) -> int:
        """Somebody appointed in a region who works on the web page."""
        person = await people.add(self.conn, name=name, unit=unit)
        await people.appoint(
            self.conn, person_id=person.id, role=role, region_id=region.id, since=ENTERED
        )
        await people.bind(self.conn, Account(CHANNEL, address, person.id))
        await chats.save(self.conn, [Chat(CHANNEL, address, person.id)])
        self.addresses[address] = person.id
        return person.id

    def household(self, home: Home, over: int) -> None:
        """One household with its members, its cadre and its history."""
        put, nature = self.bulks, home.nature
        moment, day = put["households"].moment, put["households"].day
        head = nature.head
        number = invented_number(head.birth, head.sex, home.id % 499 + 1)
        put["households"].add(
            [(
                home.id, home.village.id, home.group, head.name, initials(head.name), number, "",
                nature.population, nature.reg_status, nature.exit_year, None, self.empty, moment(ENTERED),
            )]
        )  # fmt: skip
        put["members"].add(
            (home.id, at, who.name, who.relation, day(who.birth), who.sex, who.insured, who.labor, self.empty)
            for at, who in enumerate(nature.members, 1)
        )
        put["assignments"].add([(home.id, home.cadre, moment(ENTERED), None)])
        self.history(home.history, home.id, None, home.cadre, over)

    def history(
        self, history: History, household: int | None, region: int | None, person: int, over: int
    ) -> None:
        """What happened at a household or region; alerts go to the person `over` it."""
        put = self.bulks
        moment, day = put["facts"].moment, put["facts"].day
        first = self.next_interview
        self.next_interview += len(history.submissions)

        def interview(at: int | None) -> int | None:
            return None if at is None else first + at

        put["interviews"].add(
            (
                first + at, household, region, each.form, self.versions[each.form], person, each.state, 1,
                self.session(each.form, finished=each.state == "submitted"), moment(each.at), moment(each.at),
                moment(each.at) if each.state == "submitted" else None,
                None if each.visited_at is None else moment(each.visited_at), self.empty,
            )
            for at, each in enumerate(history.submissions)
        )  # fmt: skip
        put["facts"].rows += [
            (household, region, *said, first + at, *recorded) for said, at, recorded in self.encoded(history)
        ]
        put["problems"].add(
            (
                household, region, each.sub_problem, each.source, each.status, each.description,
                as_json(list(each.persons)), each.reason, as_json(each.grounds), as_json(each.handling),
                None if each.deadline is None else day(each.deadline), moment(each.recorded_at),
                moment(each.changed_at), interview(each.submission), person,
            )
            for each in history.problems
        )  # fmt: skip
        if household is None:
            return
        for each in history.judgements:
            put["verdicts"].rows.append(
                (
                    household, each.scheme, day(each.on), each.verdict, each.row, as_json(each.missing),
                    as_json(each.flags), as_json(each.facts), as_json(each.numbers), as_json(each.parameters),
                    self.started[each.scheme], interview(each.submission), moment(each.decided_at),
                )
            )  # fmt: skip
        put["duties"].add(
            (
                household, each.kind, day(each.due), each.frequency, day(each.window_start),
                moment(each.remind_at), each.state, interview(each.submission), as_json(each.text), person,
            )
            for each in history.duties
        )  # fmt: skip
        for alert in history.alerts:
            put["alerts"].rows.append(
                (
                    self.next_alert, household, alert.kind, alert.level, alert.subject, self.empty,
                    moment(alert.raised_at), interview(alert.submission), alert.state,
                )
            )  # fmt: skip
            put["alert_recipients"].rows.append(
                (self.next_alert, over, alert.seen, None, moment(alert.raised_at))
            )
            self.next_alert += 1

    def encoded(self, history: History) -> list[tuple[tuple[Any, ...], int, tuple[Any, ...]]]:
        """The facts of a history as they are written, but for whose they are; the same for all who share it."""
        found = self.told.get(id(history))
        if found is None:
            moment, day = self.bulks["facts"].moment, self.bulks["facts"].day
            found = self.told[id(history)] = [
                (
                    (row.name, 0, row.period, as_json(row.value), day(row.as_of)),
                    row.submission,
                    (
                        row.source,
                        moment(row.recorded_at),
                        None if row.superseded_at is None else moment(row.superseded_at),
                    ),
                )
                # By name, each in the order of time: a database takes rows fastest in the order of its indexes.
                for row in sorted(history.rows, key=lambda row: (row.name, row.period))
            ]
        return found

    def session(self, form: str, *, finished: bool) -> str:
        """The state of an interview: its answers are not kept twice, the facts say what they were."""
        if (form, finished) not in self.sessions:
            session = Session(form, self.versions[form], revision=1, finished=finished)
            self.sessions[form, finished] = as_json(session.to_json()) or ""
        return self.sessions[form, finished]

    async def flush(self, above: int = 0) -> None:
        """Write what is held, in the order in which rows refer to each other, once it is that much."""
        if len(self.bulks["facts"].rows) < above and len(self.bulks["members"].rows) < above:
            return
        for bulk in self.bulks.values():
            await bulk.flush()


async def fill(
    database: Database,
    *,
    scale: float = 1.0,
    seed: int = 2020,
    content: Content | None = None,
    schemes: Sequence[str] = ("hr",),
) -> County:
    """Huarong county from March to July 2020, the same for the same seed, written in one transaction.

    The register has the households of attachment 6 times `scale` (at least one a township), and a quarter
    as many that are not registered. The database is migrated and may hold other things. Every questionnaire
    handed in about a household is followed by the verdicts of these `schemes`.
    """
    forms = lives.questionnaires(content or shipped.load())
    async with database.transaction() as conn:
        if database.is_sqlite:
            await conn.exec_driver_sql("PRAGMA cache_size = -200000")
        filling = Filling(conn, forms, seed)
        await filling.numbers()
        county = await _county(filling, scale, schemes)
        await filling.flush()
        for table in (tables.households, tables.interviews, tables.alerts):
            await went_on(conn, table)
        if database.is_sqlite:
            await conn.exec_driver_sql("PRAGMA cache_size = -2000")
    return county


async def _county(filling: Filling, scale: float, schemes: Sequence[str]) -> County:
    conn, names = filling.conn, places.village_names()
    top = await regions.add(conn, name=places.COUNTY, level="county")
    chief = await filling.official("county", "孙丽", "县扶贫办", "county", top)
    counts = {name: max(1, round(count * scale)) for name, count in places.TOWNS.items()}
    decks = {
        registered: Deck(filling.forms, Random(f"{filling.seed}-{registered}"), schemes, DISTINCT)
        for registered in (True, False)
    }
    towns: list[Place] = []
    villages: list[Place] = []
    homes: list[Home] = []
    dice = Random(f"{filling.seed}-regions")
    empty = silent = top
    for at, (name, count) in enumerate(counts.items(), 1):
        town = await regions.add(conn, name=name, level="town", parent=top)
        over = await filling.official(f"town-{at}", "李国强", name, "township", town)
        quiet = name == places.SILENT
        if quiet:
            silent = town
        answered = at % places.TOWNS_ANSWERED != 0
        towns.append(
            Place(town, NOTHING if quiet else lives.of_town(filling.forms, dice, answered=answered), (over,))
        )
        groups = max(3, round(count / places.PER_VILLAGE))
        inside = places.sizes(count, groups)
        others = places.sizes(max(1, round(count * places.OTHERS)), groups)
        if name == places.WITH_EMPTY:
            inside, others = [*inside, 0], [*others, 0]
        for poor, rest in zip(inside, others, strict=True):
            village = await regions.add(conn, name=next(names), level="village", parent=town)
            if name == places.WITH_EMPTY:
                empty = village
            address = f"village-{len(villages) + 1}"
            secretary = await filling.official(address, "陈桂香", village.name, "village", village)
            happened = NOTHING if quiet else lives.of_village(filling.forms, dice)
            villages.append(Place(village, happened, (secretary,)))
            homes += await _village(filling, decks, town, villages[-1], (poor, rest))
    county = Place(top, lives.of_county(filling.forms, dice), (chief,))
    for place in (county, *towns, *villages):
        filling.history(place.history, None, place.region.id, place.officials[0], place.officials[0])
    return County(
        county,
        tuple(towns), tuple(villages), tuple(homes), filling.addresses, empty, silent,
    )  # fmt: skip


async def _village(
    filling: Filling, decks: dict[bool, Deck], town: Region, place: Place, counts: tuple[int, int]
) -> list[Home]:
    """The households of a village: so many registered ones, then so many others."""
    homes: list[Home] = []
    cadre, village = 0, place.region
    for at in range(sum(counts)):
        if at % PER_CADRE == 0:
            address = f"cadre-{len(filling.addresses)}"
            cadre = await filling.official(address, "周明", "县水利局", "cadre", village)
        nature, history = decks[at < counts[0]].deal(registered=at < counts[0])
        if town.name == places.SILENT:
            history = NOTHING
        group = GROUPS[at % len(GROUPS)]
        homes.append(Home(filling.next_household, town, village, group, cadre, nature, history))
        filling.next_household += 1
        filling.household(homes[-1], place.officials[0])
        await filling.flush(PIECE)
    return homes
