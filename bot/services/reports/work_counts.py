"""What is looked at in a year's work: due, done, open and wrong, in counts only (O-25, workflow.md 7).

Nothing is rated and nobody ranked (decision 4): places, units and people stand in the order of the register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import Layout
from bot.render.table_view import Blank, Cell, Less, Row, Sheet
from bot.services.reports import coverage
from bot.services.reports.due_and_done import Counted, count
from bot.services.reports.homes import Home
from bot.services.reports.report import Ask, Report
from bot.services.reports.work_points import HOW, Point, Portion, points_of
from bot.storage import report_counts
from bot.storage.problems import LedgerProblem
from bot.storage.report_counts import Held, Owed

LISTED_AT: Final = ("village", "town")
"""Where what is overdue is listed one by one: a county has its counts."""


def whole(counted: Counted) -> Portion:
    """What belongs to the region as a whole."""
    return Portion(counted, counted.homes, counted.work, counted.problems)


def by_point(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """Every point with the figures of the whole region; what the database cannot tell says why."""
    layout, part = counted.ask.layout, whole(counted)
    rows = []
    for point in points_of(layout):
        cells: dict[str, Cell] = {
            "no": point.number,
            "name": point.name,
            "unit": point.unit or None,
            "source": point.source,
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
    mending = part.of_mending(())
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
    part_of = {home.id: places.part(home.household.region_id).id for home in counted.homes}

    def place(problem: LedgerProblem) -> int:
        if problem.household_id is not None:
            return part_of[problem.household_id]
        lineage = places.by_id[problem.region_id or 0].lineage
        return next((part.id for part in places.parts if part.id in lineage), places.top.id)

    homes = _grouped(counted.homes, lambda home: part_of[home.id])
    work = _grouped(counted.work, lambda each: part_of[each.household_id])
    problems = _grouped(counted.problems, place)
    rows = [
        row_of(Portion(counted, homes[part.id], work[part.id], problems[part.id]), part.name)
        for part in places.parts
    ]
    if places.parts != [places.top] and problems[places.top.id]:
        own = Portion(counted, [], [], problems[places.top.id])
        rows.append(row_of(own, layout.say("own", region=places.top.name)))
    return layout.sheet("places").filled(rows, facts)


def by_unit(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """A row for each unit: what its people owe, and the households that they are responsible for."""
    layout = counted.ask.layout
    nobody = layout.say("no_unit")
    kept = {id: keeper.unit or nobody for id, keeper in counted.keepers.items()}
    homes = _grouped(counted.homes, lambda home: kept.get(home.id, nobody))
    work = _grouped(counted.work, lambda each: each.unit or nobody)
    of_homes = [each for each in counted.problems if each.household_id is not None]
    problems = _grouped(of_homes, lambda each: kept.get(each.household_id or 0, nobody))
    units = sorted(dict.fromkeys([*homes, *work]), key=nobody.__eq__)  # nobody's stand last
    rows = [row_of(Portion(counted, homes[unit], work[unit], problems[unit]), unit) for unit in units]
    return layout.sheet("units").filled(rows, facts)


def by_person(
    counted: Counted, owes: Sequence[Owed], held: Sequence[Held], facts: Mapping[str, object]
) -> Sheet:
    """Who is responsible or owes something: due, done and not done, and what changed hands (WF-14)."""
    layout, ask = counted.ask.layout, counted.ask
    names = {each.person_id: (each.name, each.unit) for each in counted.keepers.values()}
    names |= {each.person_id: (each.name, each.unit) for each in held}
    names |= {id: (each.name or "", each.work.unit or "") for each in owes if (id := each.person_id)}
    keeps = _grouped(counted.keepers.values(), lambda keeper: keeper.person_id)
    work = _grouped((each for each in owes if each.person_id), lambda each: each.person_id)
    first = {each.household_id: each for each in reversed(held)}
    took = _grouped(
        (each for each in held if each.since >= ask.since and first[each.household_id] != each),
        lambda each: each.person_id,
    )
    gave = _grouped(
        (each for each in held if each.until is not None and ask.since <= each.until < ask.before),
        lambda each: each.person_id,
    )
    order = [counted.keepers[home.id].person_id for home in counted.homes if home.id in counted.keepers]
    rows = []
    for number, id in enumerate(dict.fromkeys([*order, *work, *took, *gave]), 1):
        name, unit = names[id]
        cells: dict[str, Cell] = {
            "no": number,
            "name": name,
            "unit": unit or None,
            "homes": len(keeps[id]),
            **counted.work_cells(each.work for each in work[id]),
            "took": len(took[id]),
            "gave": len(gave[id]),
        }
        rows.append(Row(cells))
    nobodys = sum(each.person_id is None for each in owes)
    notes = [layout.say("nobodys", n=nobodys)] if nobodys else []
    return layout.sheet("people").filled(rows, facts, notes=notes)


def overdue(counted: Counted, owes: Sequence[Owed], facts: Mapping[str, object]) -> Sheet:
    """What was due and is not done, and the problems past their deadline, one by one."""
    ask, layout = counted.ask, counted.ask.layout
    homes = {home.id: home for home in counted.homes}
    found: list[tuple[date, int | None, dict[str, Cell]]] = [
        (each.work.due, each.work.household_id, {"what": _kind(layout, each.work.kind), "person": each.name})
        for each in owes
        if not each.work.is_done(ask.before)
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


def _grouped(found: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for each in found:
        groups[key(each)].append(each)
    return groups


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-25: the points, then the counts by place, unit and person; below the county also what is overdue."""
    counted = await count(conn, ask)
    top = ask.region.path
    owes = await report_counts.owed(conn, top, ask.period.first, counted.last)
    held = await report_counts.held(conn, top, ask.before)
    facts = ask.said(last=ask.office.say("reports.day", day=counted.last))
    sheets = [
        by_point(counted, facts),
        by_place(counted, facts),
        by_unit(counted, facts),
        by_person(counted, owes, held, facts),
    ]
    return [*sheets, overdue(counted, owes, facts)] if ask.region.level in LISTED_AT else sheets


REPORTS: Final = (Report("O-25", make, per="year", shelf="monthly"), *coverage.REPORTS)
