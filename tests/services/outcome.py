"""How things stand after a story: a household's verdict, plan and duties, anybody's ledger and facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.calendar import add_months
from bot.rules.explain import Reason, explain
from bot.rules.measures import match_measures
from bot.services.household_file import read_file
from bot.services.judging import TO_VERIFY, Judged, judged
from bot.services.office import Office
from bot.storage import alerts, facts, plans, problems, verdicts
from bot.storage.database import Database
from bot.storage.subjects import Subject
from bot.storage.tables import accounts, duties, households, regions

SCHEME = "hr"


@dataclass(frozen=True)
class Outcome:
    """One household under the four cards; what stands here comes from the database."""

    verdict: str
    row: str
    clause: str
    reasons: Sequence[str]
    """Facts with the clause behind them, "-" before what does not hold; parts follow their whole."""
    missing: Sequence[str]
    flags: Sequence[str]
    measures: Sequence[str]
    duties: Mapping[str, Sequence[str]]
    alerts: Sequence[str]
    """Code, level, fact and the addresses of everybody who has it."""
    facts: Mapping[str, Any]
    """Those on which the verdict rests; of a region, which gets none, everything that is known."""
    summary: str
    paper: str = ""
    problems: Sequence[str] = ()
    """What stands in the ledger, by hand or from questionnaires: "6.1 confirmed"."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """Everything that the file knows at the end, by fact."""

    def with_paper(self, text: str) -> Outcome:
        """With the words of the papers that were sent."""
        return replace(self, paper=text)

    def ending(self) -> dict[str, Any]:
        """What a story records; of a region there is only the ledger and what is known."""
        known = {f"facts.{name}": value for name, value in self.facts.items()}
        ledger = {"problems": list(self.problems)} if self.problems else {}
        if not self.verdict:
            return {**ledger, **known}
        return {
            "verdict": self.verdict,
            "row": self.row,
            "clause": self.clause,
            "reasons": list(self.reasons),
            "missing": list(self.missing),
            "flags": list(self.flags),
            "measures": list(self.measures),
            "alerts": list(self.alerts),
            **ledger,
            **{f"duties.{kind}": list(days) for kind, days in self.duties.items()},
            **known,
            "summary": self.summary,
        }

    def meets(self, expect: Mapping[str, Any], where: str) -> None:
        """Every expectation of the policy holds; KeyError for one that there is no way to check."""
        found: dict[str, Any] = {
            "card": self.verdict,
            "row": self.row,
            "flags": sorted(self.flags),
            "to_verify": list(self.missing),
            "problems": list(self.problems),
        }
        all_of: dict[str, Sequence[str]] = {
            "clauses": [*self.clause.split("; "), *(part for r in self.reasons for part in r.split()[1:])],
            "because": [reason.split()[0] for reason in self.reasons],
            "measures": self.measures,
            "alerts": self.alerts,
            "duties": [f"{kind} {day}" for kind, days in self.duties.items() for day in days],
        }
        for name, wanted in expect.items():
            match name:
                case "in_paper" | "in_summary":
                    text = self.paper if name == "in_paper" else self.summary
                    assert [word for word in wanted if word not in text] == [], f"{where}: {name}"
                case "facts":
                    assert {each: self.known.get(each) for each in wanted} == wanted, f"{where}: {name}"
                case "visits_a_year" | "contacts_a_month":
                    assert self.often(name) == wanted, f"{where}: {name}"
                case _ if name in all_of:
                    lacking = [item for item in wanted if item not in all_of[name]]
                    assert lacking == [], f"{where}: {name} of {list(all_of[name])}"
                case _:
                    assert found[name] == wanted, f"{where}: {name}"

    def often(self, name: str) -> int:
        """How many visits fall due in the first whole year, contacts in the first whole month planned."""
        kind, length = ("visit", 4) if name == "visits_a_year" else ("contact", 7)
        days = [day.split()[0] for day in self.duties.get(kind, ())]
        periods = sorted({day[:length] for day in days})
        whole = periods[1] if len(periods) > 1 else ""
        if kind == "contact":
            return sum(day.startswith(whole) for day in days)
        # Duties are planned 400 days ahead, so a year from the first one on is always whole.
        first = datetime.fromisoformat(days[0]).date() if days else None
        end = "" if first is None else add_months(first, 12).isoformat()
        return sum(day < end for day in days)


async def outcome_of(database: Database, office: Office, head: str, now: datetime) -> Outcome:
    """How the household of that head stands at that moment."""
    async with database.reading() as conn:
        id = (await conn.execute(select(households.c.id).where(households.c.head_name == head))).scalar_one()
        kept = (await verdicts.latest(conn, [id], SCHEME)).get(id)
        plan = (await plans.latest(conn, [id])).get(id)
        result = judged(office, SCHEME, await read_file(conn, office, id, now))
        if kept is not None:
            assert kept.verdict == (result.verdict.verdict or TO_VERIFY), "the verdict kept is out of date"
        explained = explain(result.pack, result.verdict)
        return Outcome(
            kept.verdict if kept is not None else "",
            (kept.row or "") if kept is not None else "",
            explained.clause,
            [line for reason in explained.reasons for line in _reason_lines(reason)],
            list(kept.missing) if kept is not None else [],
            list(kept.flags) if kept is not None else [],
            _measures(result),
            await _duties(conn, id),
            await _alerts(conn, id),
            dict(sorted(kept.facts.items())) if kept is not None else {},
            plan.summary if plan is not None else "",
            problems=await _problems(conn, Subject("household", id)),
            known=await _known(conn, Subject("household", id)),
        )


async def outcome_of_place(database: Database, name: str) -> Outcome:
    """How the village, the township or the county of that name stands."""
    async with database.reading() as conn:
        id = (await conn.execute(select(regions.c.id).where(regions.c.name == name))).scalar_one()
        known = await _known(conn, Subject("region", id))
        ledger = await _problems(conn, Subject("region", id))
    return Outcome("", "", "", (), (), (), (), {}, (), known, "", problems=ledger, known=known)


async def _problems(conn: AsyncConnection, subject: Subject) -> list[str]:
    return sorted(f"{each.sub_problem} {each.status}" for each in await problems.of_subject(conn, subject))


async def _known(conn: AsyncConnection, subject: Subject) -> dict[str, Any]:
    found = (await facts.current(conn, [subject.id], subject.kind)).get(subject.id, [])
    return {fact.name: fact.value for fact in sorted(found, key=lambda fact: fact.name)}


def _reason_lines(reason: Reason) -> Iterator[str]:
    sign = {True: "", False: "-", None: "?"}[reason.truth]
    yield f"{sign}{reason.fact} {reason.clause.replace('; ', ' ')}"
    for child in reason.children:
        yield from _reason_lines(child)


def _measures(result: Judged) -> list[str]:
    found = match_measures(result.pack, result.facts, result.verdict.verdict, result.verdict.on)
    return [measure.id for measure in found]


async def _duties(conn: AsyncConnection, id: int) -> dict[str, list[str]]:
    """Days by kind, with the state of those that are no longer only planned; the cancelled left out."""
    of_household = select(duties.c.kind, duties.c.due, duties.c.state).where(duties.c.household_id == id)
    found: dict[str, list[str]] = {}
    for kind, due, state in await conn.execute(of_household.order_by(duties.c.due, duties.c.id)):
        if state != "cancelled":
            # A promise is named by the update in which it was made: the day says enough.
            line = due.isoformat() if state == "planned" else f"{due.isoformat()} {state}"
            found.setdefault(kind.partition(":")[0], []).append(line)
    return dict(sorted(found.items()))


async def _alerts(conn: AsyncConnection, id: int) -> list[str]:
    who = {row.person_id: row.address for row in await conn.execute(_ADDRESSES)}
    found = []
    for alert in await alerts.open_of_household(conn, id):
        to = sorted(who[each.person_id] for each in await alerts.recipients(conn, alert.id))
        fact = alert.subject.partition(":")[2]
        found.append(" ".join(filter(None, [alert.kind, alert.level, fact])) + ": " + " ".join(to))
    return found


_ADDRESSES = select(accounts.c.person_id, accounts.c.address)
