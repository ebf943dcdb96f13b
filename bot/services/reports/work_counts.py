"""What is looked at in a year's work: due, done, open and wrong, in counts only (O-25, workflow.md 7).

Nothing is rated and nobody ranked (decision 4): places, units and people stand in the order of the register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import Layout
from bot.render.table_view import Blank, Cell, Less, Row, Sheet
from bot.services.reports import coverage
from bot.services.reports.due_and_done import Counted, Portion, count
from bot.services.reports.homes import Home
from bot.services.reports.report import Ask, Report
from bot.services.reports.work_points import HOW, Point, of_mending, points_of
from bot.storage import report_counts
from bot.storage.report_counts import Held
from bot.storage.report_monitoring import Work

LISTED_AT: Final = ("village", "town")
"""Where what is overdue is listed one by one: a county has its counts."""


def whole(counted: Counted) -> Portion:
    """What belongs to the region as a whole."""
    return Portion(counted, counted.homes, counted.work, counted.problems)


def by_point(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """Every point with the figures of the whole region; what the database cannot tell says why."""
    layout, part = counted.ask.layout, whole(counted)
    clauses = counted.ask.office.content.clauses
    rows = []
    for point in points_of(layout):
        cells: dict[str, Cell] = {
            "no": point.number,
            "name": point.name,
            "unit": point.unit or None,
            "source": clauses.say(point.source) or point.source,
            "why": point.why or None,
        }
        if why := unknown(counted, point):
            cells |= {"why": why, "due": Blank(why), "done": Blank(why)}
        else:
            cells |= HOW[point.how](part, point.of)
        rows.append(Row(cells))
    return layout.sheet("points").filled(rows, facts)


def unknown(counted: Counted, point: Point) -> str:
    """Why nothing can be counted of a point; "" when it can."""
    content = counted.ask.office.content
    asked = {rule.kind for id in content.households_by for rule in content.packs[id].frequencies}
    if point.how == "work" and not asked & set(point.of):
        return counted.ask.layout.say("unasked")
    return "" if point.how else point.why


def row_of(part: Portion, place: str) -> Row:
    """A place or unit with everything that the database counts of it."""
    cells: dict[str, Cell] = {
        "place": place,
        "homes": len(part.homes),
        **part.counted.work_cells(part.work),
    }
    mending = of_mending(part)
    cells |= {
        "found": mending["due"],
        "closed": mending["done"],
        "open": Less("found", "closed"),
        "overdue": mending["overdue"],
        **part.counted.sample_cells(part.homes),
    }
    return Row(cells)


def by_place(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """A row for each region right under the top, and one for what is the top's own."""
    places, layout = counted.places, counted.ask.layout
    portions = counted.by_part()
    rows = [row_of(portions[part.id], part.name) for part in places.parts]
    own = portions[places.top.id]
    if places.parts != [places.top] and own.problems:
        rows.append(row_of(own, layout.say("own", region=places.top.name)))
    return layout.sheet("places").filled(rows, facts)


def by_unit(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """A row for each unit: what its people owe, and the households that they are responsible for."""
    layout = counted.ask.layout
    portions = counted.by_unit(layout.say("no_unit"))
    rows = [row_of(portion, unit) for unit, portion in portions.items()]
    return layout.sheet("units").filled(rows, facts)


def by_person(counted: Counted, held: Sequence[Held], facts: Mapping[str, object]) -> Sheet:
    """Who is responsible or owes something: due, done and not done, and what changed hands (WF-14)."""
    layout, ask = counted.ask.layout, counted.ask
    names = {each.person_id: (each.name, each.unit) for each in counted.keepers.values()}
    names |= {each.person_id: (each.name, each.unit) for each in held}
    names |= {id: (each.person or "", each.unit or "") for each in counted.work if (id := each.person_id)}
    keeps = Counter(keeper.person_id for keeper in counted.keepers.values())
    work: dict[int, list[Work]] = {}
    for each in counted.work:
        if each.person_id is not None:
            work.setdefault(each.person_id, []).append(each)
    first = {each.household_id: each for each in reversed(held)}
    took = Counter(
        each.person_id for each in held if each.since >= ask.since and first[each.household_id] != each
    )
    gave = Counter(
        each.person_id for each in held if each.until is not None and ask.since <= each.until < ask.before
    )
    order = [counted.keepers[home.id].person_id for home in counted.homes if home.id in counted.keepers]
    rows = []
    for number, id in enumerate(dict.fromkeys([*order, *work, *took, *gave]), 1):
        name, unit = names[id]
        cells: dict[str, Cell] = {
            "no": number,
            "name": name,
            "unit": unit or None,
            "homes": keeps[id],
            **counted.work_cells(work.get(id, ())),
            "took": took[id],
            "gave": gave[id],
        }
        rows.append(Row(cells))
    nobodys = sum(each.person_id is None for each in counted.work)
    notes = [layout.say("nobodys", n=nobodys)] if nobodys else []
    return layout.sheet("people").filled(rows, facts, notes=notes)


def overdue(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """What was due and is not done, and the problems past their deadline, one by one."""
    ask, layout = counted.ask, counted.ask.layout
    homes = {home.id: home for home in counted.homes}
    found: list[tuple[date, int | None, dict[str, Cell]]] = [
        (each.due, each.household_id, {"what": _kind(layout, each.kind), "person": each.person})
        for each in counted.work
        if not each.is_done(ask.before)
    ]
    names = ask.office.content.ledger.names
    found += [
        (
            each.deadline,
            each.household_id,
            {"what": layout.say("problem", name=names.get(each.sub_problem, each.sub_problem))},
        )
        for each in counted.problems
        if each.deadline is not None and counted.overdue_at(each, ask.until)
    ]
    rows = []
    for number, (due, id, cells) in enumerate(sorted(found, key=lambda each: each[0]), 1):
        home = homes.get(id or 0)
        where = {} if home is None else _where(home)
        rows.append(Row({"no": number, **where, **cells, "due": due, "days": (ask.until - due).days}))
    return layout.sheet("overdue").filled(rows, facts)


def _where(home: Home) -> dict[str, Cell]:
    return {
        "village": home.village or None,
        "group": home.household.village_group or None,
        "head": home.household.head_name,
    }


def _kind(layout: Layout, kind: str) -> str:
    return layout.say(f"kind.{kind}") if f"kind.{kind}" in layout.words else kind


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-25: the points, then the counts by place, unit and person; below the county also what is overdue."""
    counted = await count(conn, ask)
    held = await report_counts.held(conn, ask.region.path, ask.before)
    facts = ask.said(last=ask.office.say("reports.day", day=counted.last))
    sheets = [
        by_point(counted, facts),
        by_place(counted, facts),
        by_unit(counted, facts),
        by_person(counted, held, facts),
    ]
    return [*sheets, overdue(counted, facts)] if ask.region.level in LISTED_AT else sheets


REPORTS: Final = (
    Report("O-25", make, per="year", of_households=False, shelf="monthly"),
    *coverage.REPORTS,
)
