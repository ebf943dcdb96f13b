"""The lists of cards that are posted up, only where the scheme provides for that (O-18, 003:1998)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Row, Sheet
from bot.rules.pack import Pack
from bot.services.reports.card_procedure import NO_CARD, Course, courses
from bot.services.reports.report import Ask, Forbidden, Places, Report, SchemeOff, places_of
from bot.storage import region_wide, report_monitoring
from bot.storage.households import Household

LINES: Final = 10
"""Empty lines of the record of objections."""
BEFORE: Final = (0, 1, 2, 3)
"""Steps before the county has checked."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What is posted up of a region, and for how many days."""

    ask: Ask
    pack: Pack
    places: Places
    homes: Sequence[Household]
    courses: Mapping[int, Course]
    days: int

    @property
    def posted(self) -> list[Household]:
        """The households whose notice hangs or is still to be hung, in the register's order."""
        return [home for home in self.homes if home.id in self.courses and self.standing(home.id) == "posted"]

    def said(self, place: str) -> dict[str, object]:
        """What the texts name."""
        return self.ask.said(place=place, scheme=self.pack.scheme.name, days=self.days)

    def row(self, number: int, home: Household) -> Row:
        """Head, village, group and card, and nothing else of a household."""
        course = self.courses[home.id]
        first, last = self.term(course)
        cards = self.ask.office.content.registry["filed_card"].options
        return Row(
            {
                "no": number,
                "village": self.places.name(home.region_id, "village"),
                "group": home.village_group or None,
                "head": home.head_name,
                "card": cards[course.card or 0],
                "from": first,
                "to": last,
            }
        )

    def term(self, course: Course) -> tuple[date, date]:
        """From when to when: as it was posted up, otherwise from the last day that counts on."""
        first = course.day("publicity_began_on") or self.ask.until
        return first, course.day("publicity_ended_on") or first + timedelta(days=self.days - 1)

    def over(self, course: Course) -> bool:
        """Whether the notice has hung to its end by the last day that counts."""
        return self.term(course)[1] < self.ask.until

    def standing(self, id: int) -> str:
        """Where a household is in the procedure, as the word of the layout that says so."""
        course = self.courses.get(id) or Course()
        word = standing(course)
        return "over" if word == "posted" and self.over(course) else word

    def remarks(self) -> list[str]:
        """The notices not yet filed that do not hang as many days as the scheme gives."""
        found = []
        for home in self.homes:
            course = self.courses.get(home.id)
            if course is None or not course.to_post or course.day("publicity_ended_on") is None:
                continue
            if course.day("publicity_began_on") is None:
                continue
            first, last = self.term(course)
            hung = (last - first).days + 1
            if hung != self.days:
                place = self.places.name(home.region_id, "village")
                say = self.ask.layout.say
                found.append(say("term", place=place, head=home.head_name, hung=hung, days=self.days))
        return found

    def sheet(self, place: str, homes: Iterable[Household]) -> Sheet:
        """A list to be posted up."""
        rows = [self.row(number, home) for number, home in enumerate(homes, 1)]
        return self.ask.layout.sheet("main").filled(rows, self.said(place), name=place)

    def objections(self) -> Sheet:
        """The record of objections, to be written by hand."""
        rows = [Row({"no": number}) for number in range(1, LINES + 1)]
        return self.ask.layout.sheet("objections").filled(rows, self.said(self.ask.region.name))

    def inside(self, suggested: Iterable[int]) -> Sheet:
        """How many households are where in the procedure; `suggested` those with a card by the rules."""
        counts = dict.fromkeys(
            ["posted", "over", *(f"step_{each}" for each in BEFORE), "returned", "none", "filed"], 0
        )
        ids = {home.id for home in self.homes}
        for id in ids & {*self.courses, *suggested}:
            counts[self.standing(id)] += 1
        rows = [Row({"what": self.ask.layout.say(word), "count": count}) for word, count in counts.items()]
        facts = self.said(self.ask.region.name)
        return self.ask.layout.sheet("inside").filled(rows, facts, notes=self.remarks())


def standing(course: Course) -> str:
    """How far the papers of a household have come, whatever the day, as a word of the layout."""
    if course.to_post:
        return "posted"
    if course.returned:
        return "returned"
    if course.step in BEFORE:
        return f"step_{course.step}"
    return "none" if course.card == NO_CARD or course.card is None else "filed"


def published(ask: Ask) -> Pack:
    """The scheme whose list is posted up: the one asked for, or the county's first that has one.

    Forbidden for a scheme that is secret or whose document does not say that anything is posted up.
    """
    content = ask.office.content
    wanted = [ask.scheme] if ask.scheme else list(content.households_by)
    packs = [content.packs[id] for id in wanted]
    for pack in packs:
        if not pack.scheme.secret and pack.scheme.publicity in pack.parameter_by_id:
            return pack
    if not packs:
        raise SchemeOff(report=ask.layout.id, scheme="")
    scheme = packs[0].scheme
    clause = ask.layout.words.get(f"clause.{scheme.id}", scheme.source)
    raise Forbidden(report=ask.layout.id, scheme=scheme.id, clause=clause)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-18: for a township its list and one for each of its villages, for a village its own."""
    pack = published(ask)
    days = pack.parameters_on(max(ask.until, pack.scheme.start))[pack.scheme.publicity]
    assert days is not None
    posting = Posting(
        ask,
        pack,
        await places_of(conn, ask.region),
        await region_wide.homes(conn, ask.region.path),
        await courses(conn, ask, pack.scheme.code),
        int(days),
    )
    said = await report_monitoring.standings(conn, ask.region.path, pack.scheme.id, ask.until)
    verdicts = {id: pack.outcome_by_id.get(each[-1].verdict) for id, each in said.items()}
    suggested = [id for id, outcome in verdicts.items() if outcome is not None and not outcome.silent]
    sheets = [posting.sheet(ask.region.name, posting.posted)]
    if ask.region.level == "town":
        for village in posting.places.at("village"):
            homes = [home for home in posting.posted if home.region_id == village.id]
            sheets += [posting.sheet(village.name, homes)] if homes else []
    return [*sheets, posting.objections(), posting.inside(suggested)]


REPORTS: Final = (Report("O-18", make, levels=("village", "town"), of_households=False, shelf="list"),)
