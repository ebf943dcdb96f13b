"""The villages under supervision and the monthly reports from villages (O-16, 003:1904-1947)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Less, Row, Sheet
from bot.services.reports.answers import day_of, option_of, words_of
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import report_lists
from bot.storage.report_lists import Paper

FORM: Final = "dv"
MONTH: Final = "supervision_month"
CONTENTS: Final = tuple(f"5.{number}" for number in range(1, 11))
"""The items of the ten contents (003:1915-1929); the words for a gap are asked under ".x"."""
FOUND, FOUND_ANY = "found_problem", "found_new_problem"
MATTER, MATTER_ANY = "important_matter", "has_important_matter"
YES, NO = 1, 2
VILLAGE: Final = "village."
"""With what the words of the layout begin that name the villages under supervision."""


@dataclass(frozen=True, slots=True)
class Supervised:
    """A village of the document's list."""

    town: str
    village: str
    units: str
    leader: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A monthly report and the village from which it comes."""

    place: str
    region_id: int
    month: str | None
    answers: dict[str, Any]


def supervised(ask: Ask, places: Places) -> list[Supervised]:
    """The listed villages that lie in the region, or are not entered at all when it is the county."""
    between = ask.layout.say("between")
    listed = [Supervised(*text.split(between)) for text in ask.layout.under(VILLAGE).values()]
    here = {places.names(each.id) for each in places.at("village")}
    return [each for each in listed if ask.region.level == "county" or (each.town, each.village) in here]


def _names(ask: Ask) -> list[str]:
    form = ask.office.content.form(FORM)
    return [*form.by_fact, *(roster.id for roster in form.rosters)]


async def reported(conn: AsyncConnection, ask: Ask, places: Places) -> list[Reported]:
    """The reports about the months of the period, by place; of several for a village and month the last.

    A report without a month belongs to that in which it was handed in. One that comes late counts for the
    month that it names.
    """
    last: dict[tuple[int, str], Paper] = {}
    known: dict[int, dict[str, Any]] = {}
    months = ask.period.first.isoformat()[:7], ask.period.last.isoformat()[:7]
    for paper in await report_lists.papers(conn, ask.region.path, [FORM], _names(ask), ask.now):
        assert paper.region_id is not None
        # What a form takes over unasked is not written down again with the paper.
        told = known[paper.region_id] = {**known.get(paper.region_id, {}), **paper.answers}
        month = told.get(MONTH) or ask.office.today(paper.submitted_at).isoformat()[:7]
        if months[0] <= month <= months[1]:
            paper.answers.update(told)
            last[paper.region_id, month] = paper
    order = {region: at for at, region in enumerate(places.by_id)}
    several = {region for region, _ in last if sum(other == region for other, _ in last) > 1}
    found = []
    for (region, month), paper in sorted(last.items(), key=lambda each: (order[each[0][0]], each[0][1])):
        town, village = places.names(region)
        word = "several" if region in several else "place"
        place = ask.layout.say(word, town=town, village=village, month=month)
        found.append(Reported(place, region, month, paper.answers))
    return found


def villages(ask: Ask, places: Places, listed: Sequence[Supervised], reports: Sequence[Reported]) -> Sheet:
    """The list, with how many reports of the period there are, and who still owes one."""
    names = [places.names(each.region_id) for each in reports]
    rows = [
        Row(
            {
                "no": number,
                "town": each.town,
                "village": each.village,
                "units": each.units,
                "leader": each.leader,
                "reports": names.count((each.town, each.village)),
            }
        )
        for number, each in enumerate(listed, 1)
    ]
    owing = [each.village for each in listed if (each.town, each.village) not in names]
    say = ask.layout.say
    notes = [say("unreported", villages=say("joint").join(owing))] if owing else []
    return ask.layout.sheet("villages").filled(rows, ask.said(), notes=notes)


def contents(ask: Ask, reports: Sequence[Reported]) -> Sheet:
    """Each of the ten contents with what was found."""
    form = ask.office.content.form(FORM)
    rows: list[Row] = []
    for each in reports:
        for id in CONTENTS:
            item, gap = form.by_id[id], form.by_id[f"{id}.x"]
            state = option_of(ask.office.content, item.fact, each.answers.get(item.fact))
            words = words_of(each.answers.get(gap.fact))
            rows.append(Row({"village": each.place, "item": item.label, "state": state, "words": words}))
    return ask.layout.sheet("contents").filled(rows, ask.said())


def problems(ask: Ask, reports: Sequence[Reported]) -> Sheet:
    """What was found, in the words of the report."""
    categories = ask.office.content.ledger.by_id
    rows: list[Row] = []
    for each in reports:
        for found in each.answers.get(FOUND) or []:
            category = categories.get(str(found.get("problem_category")))
            cells: dict[str, Cell] = {
                "no": len(rows) + 1,
                "village": each.place,
                "category": None if category is None else category.name,
                "problem": words_of(found.get("problem_words")),
                "due": day_of(found.get("problem_due")),
            }
            rows.append(Row(cells))
    return ask.layout.sheet("problems").filled(rows, ask.said())


def progress(ask: Ask, reports: Sequence[Reported]) -> Sheet:
    """How last month's problems were closed, how many people are not yet lifted, and what must be known."""
    rows = []
    for each in reports:
        said = each.answers.get
        matter = ask.layout.say("none") if said(MATTER_ANY) == NO else words_of(said(MATTER))
        cells: dict[str, Cell] = {
            "village": each.place,
            "month": each.month,
            "on": day_of(said("supervised_on")),
            "leader": words_of(said("supervision_leader")),
            "members": words_of(said("supervision_members")),
            "found": _found(said(FOUND_ANY), said(FOUND)),
            "last": said("last_month_problem_count"),
            # Nobody is asked how many of none were closed.
            "closed": 0 if said("last_month_problem_count") == 0 else said("last_month_closed_count"),
            "open": Less("last", "closed"),
            "reason": words_of(said("open_problem_reason")),
            "step": option_of(ask.office.content, "supervision_step", said("supervision_step")),
            "before": said("unlifted_before"),
            "now": said("unlifted_now"),
            "change": Less("now", "before"),
            "rise": words_of(said("unlifted_rise_reason")),
            "matter": matter,
        }
        rows.append(Row(cells))
    return ask.layout.sheet("progress").filled(rows, ask.said())


def _found(any_: object, rows: Sequence[object] | None) -> int | None:
    if any_ == NO:
        return 0
    return len(rows) if any_ == YES and rows is not None else None


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-16: the list of villages and, of the reports handed in, contents, problems and progress."""
    places = await places_of(conn, ask.region)
    reports = await reported(conn, ask, places)
    return [
        villages(ask, places, supervised(ask, places), reports),
        contents(ask, reports),
        problems(ask, reports),
        progress(ask, reports),
    ]


REPORTS: Final = (Report("O-16", make, per="month", of_households=False, shelf="monthly"),)
