"""One filling of the database: rows on their way, and the numbers given so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import initials
from bot.dialogs.session import Session
from bot.services.sample import invented_number
from bot.storage import chats, people, tables
from bot.storage.chats import Chat
from bot.storage.people import Account, Role
from bot.storage.regions import Region
from tests.county.answers import answers_of
from tests.county.bulk import Bulk, as_json, next_id
from tests.county.life import Forms
from tests.county.records import History, Home, Submission

ENTERED: Final = datetime(2020, 3, 10, 1, 0, tzinfo=UTC)
CHANNEL: Final = "web"
WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "households": ("code", "id_number_index", "erased_at"),
    "members": (),
    "assignments": ("id",),
    "interviews": (),
    "facts": ("id",),
    "problems": ("id",),
    "verdicts": ("id",),
    "duties": ("id", "region_id", "case_id"),
    "alerts": ("region_id",),
    "alert_recipients": (),
}
"""Tables in the order in which their rows refer to each other, with the columns that number themselves
or that nobody fills in."""


class Filling:
    """The state of one filling: rows on their way and the numbers given so far."""

    def __init__(self, conn: AsyncConnection, forms: Forms, seed: int) -> None:
        self.conn = conn
        self.forms = forms
        self.seed = seed
        self.addresses: dict[str, int] = {}
        self.started = {id: pack.scheme.start.isoformat() for id, pack in forms.content.packs.items()}

        self.bulks = {
            name: Bulk(conn, table, [each.name for each in table.columns if each.name not in left])
            for name, left in WRITTEN.items()
            for table in (tables.metadata.tables[name],)
        }
        self.told: dict[int, list[tuple[tuple[Any, ...], int, tuple[Any, ...]]]] = {}
        self.sessions: dict[int, str] = {}
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
        await people.appoint(self.conn, person_id=person.id, role=role, region_id=region.id, since=ENTERED)
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
                first + at, household, region, each.form, self.forms.of[each.form].form.version,
                person, each.state, 1,
                self.session(each), moment(each.at), moment(each.at),
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
                moment(each.remind_at), int(each.state == "reminded"), each.state, "cadre",
                interview(each.submission), as_json(each.text), person,
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
        """The facts of a history as they are written, but for whose they are; once for all who share it."""
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
                # By name, each in the order of time: rows go in fastest in the order of the indexes.
                for row in sorted(history.rows, key=lambda row: (row.name, row.period))
            ]
        return found

    def session(self, told: Submission) -> str:
        """The state of an interview: the answers that became its facts; what was kept in silence is none."""
        found = self.sessions.get(id(told))
        if found is None:
            form = self.forms.of[told.form].form
            done, answers = told.state == "submitted", answers_of(form, told.facts)
            session = Session(form.id, form.version, answers, revision=len(answers) + 1, finished=done)
            found = self.sessions[id(told)] = as_json(session.to_json()) or ""
        return found

    async def flush(self, above: int = 0) -> None:
        """Write what is held, in the order in which rows refer to each other, once it is that much."""
        if len(self.bulks["facts"].rows) < above and len(self.bulks["members"].rows) < above:
            return
        for bulk in self.bulks.values():
            await bulk.flush()
