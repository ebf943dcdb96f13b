"""What each role sees first (workflow.md 6): lines of counts under the greeting, and ways to the lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import case_lists, due_list
from bot.services.office import Task
from bot.services.open_measures import planned
from bot.services.outgoing import Button
from bot.services.views_counts import late_by_place, progress, stages_in_order, stages_of
from bot.storage import assignments, interviews, plans, regions
from bot.storage import views as records
from bot.storage.duties import Duty
from bot.storage.people import Appointment
from bot.storage.regions import Region
from bot.storage.subjects import Subject
from bot.storage.views import Tally

SUPERVISOR: Final = "supervision_leader"
SUPERVISION: Final = "dv"
"""The questionnaire of a supervised village's month: the ten points."""
SHOWN: Final = 4
"""So many places at most have a line of their own; the rest is a tap away."""
NAMED: Final = 2
"""So many stages of a procedure are named, the earliest first."""
MOST_PLANS: Final = 60
"""Of more households the measures are not counted for a home screen."""
NOTHING: Final = Tally(0, 0)


@dataclass(slots=True)
class View:
    """Lines for the home screen and the buttons that lead on from them."""

    lines: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def add(self, line: str) -> None:
        """A line, when there is anything to say."""
        if line:
            self.lines.append(line)


Look = Callable[[AsyncConnection, Task, Region, View], Awaitable[None]]


async def view(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment], due: Sequence[Duty]
) -> View:
    """The lines of everything that the person is, what is late first; each region and role once."""
    made = View()
    first = next(iter(due_list.soon(task, due)), None)
    if first is not None:
        head = (await due_list.heads(conn, [first]))[first.id]
        made.add(task.say("views.first", what=due_list.duty_line(task, head, first)))
    held = {(each.role, each.region_id): each for each in appointments}
    places = {
        each.id: each for each in await regions.get_many(conn, [each.region_id for each in appointments])
    }
    for (role, region_id), each in held.items():
        look = supervision if each.post == SUPERVISOR else LOOKS.get(role)
        if look is not None:
            await look(conn, task, places[region_id], made)
    return made


async def helper(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """One's own households: visits and contacts of the period, measures under way, open problems."""
    mine = await assignments.households_of(conn, task.me.id)
    if not mine:
        return
    made.add(owed(task, await records.of_homes(conn, mine, task.today)))
    measures = 0
    if len(mine) <= MOST_PLANS:
        latest = (await plans.latest(conn, mine)).values()
        measures = sum(len(planned(plan, "").value) for plan in latest)
    open_ones = await records.problems_of(conn, mine, task.today)
    made.add(task.say("views.helping", measures=measures, problems=open_ones.count, late=open_ones.marked))
    _problems(task, open_ones, made)


def owed(task: Task, tallies: Mapping[str, Tally]) -> str:
    """Visits and contacts of the present periods: how many are done of how many."""
    visits, contacts = tallies.get("visit", NOTHING), tallies.get("contact", NOTHING)
    return task.say(
        "views.owed",
        visits=visits.count,
        visited=visits.marked,
        contacts=contacts.count,
        contacted=contacts.marked,
    )


async def village(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """A village: checks of the month, what is not known yet, problems, cases by stage."""
    (place,) = await progress(conn, task.office, region, task.today)
    made.add(task.say("views.village", checks=place.checks, unknown=place.unknown, problems=place.problems))
    _stages(task, stages_of(task.office, [place]), made)
    _problems(task, place.problems, made)
    made.buttons.append(Button(task.say("views.households_of"), f"z:h{region.id}:0"))


async def township(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """A township: how far each village is, cases by stage, households that it keeps in touch with itself."""
    places = await progress(conn, task.office, region, task.today)
    for each in places[:SHOWN]:
        made.add(task.say("views.village_line", name=each.region.name, checks=each.checks, late=each.late))
    blue = sum(each.cards.get(card, 0) for each in places for card in own_cards(task))
    if blue:
        made.add(task.say("views.own_cards", count=blue, names=names_of(task, own_cards(task))))
    _stages(task, stages_of(task.office, places), made)
    made.buttons.append(Button(task.say("views.progress"), f"z:v{region.id}:0"))
    _problems(task, _total(each.problems for each in places), made)


async def county(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """The county: what waits for it, what is late by township in the register's order, doubts."""
    counted = await late_by_place(conn, region, task.today)
    late = [(place.name, late) for place, late, _ in counted if late]
    if late:
        made.add(task.say("views.late_by_place", places=late[:SHOWN], more=len(late) - SHOWN))
    doubts = sum(each[2] for each in counted)
    if doubts:
        made.add(task.say("views.doubts", count=doubts))
    mine = await case_lists.waiting_cases(conn, task)
    counts = Counter((case.procedure, case.state) for case in mine)
    _stages(task, stages_in_order(task.office, counts), made)
    made.buttons.append(Button(task.say("views.progress"), f"z:v{region.id}:0"))
    _problems(task, _total((await records.open_problems(conn, region.path, task.today)).values()), made)


async def department(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """A department: what was handed to it, and how many working days are left for the next."""
    mine = await case_lists.waiting_cases(conn, task)
    if not mine:
        made.add(task.say("views.nothing_referred"))
        return
    due = min((case.due for case in mine if case.due is not None), default=None)
    made.add(
        task.say(
            "views.referred",
            count=len(mine),
            late=sum(case.due is not None and case.due < task.today for case in mine),
            due="" if due is None else due.isoformat(),
            left=None if due is None or due < task.today else task.office.calendar.left(task.today, due),
        )
    )


async def unit(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """A helping unit: the visits owed at the households of its people, counted by household."""
    homes = await records.of_unit(conn, region.path, task.me.unit)
    made.add(task.say("views.unit", unit=task.me.unit, homes=len(homes)))
    made.add(owed(task, await records.of_homes(conn, homes, task.today)))


async def inspector(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """Supervision of discipline: what is late and doubtful by township, never a household."""
    counted = await late_by_place(conn, region, task.today)
    lines = [(place.name, late, doubts) for place, late, doubts in counted]
    if any(late or doubts for _, late, doubts in lines):
        made.add(task.say("views.inspected", places=lines))
    else:
        made.add(task.say("views.nothing_late"))


async def supervision(conn: AsyncConnection, task: Task, region: Region, made: View) -> None:
    """A supervised village: whether the ten points of the month are reported, and its problems."""
    last = (await interviews.handed_in(conn, Subject("region", region.id))).get(SUPERVISION)
    on = None if last is None or last.submitted_at is None else task.office.today(last.submitted_at)
    made.add(
        task.say(
            "views.ten_points", on="" if on is None else on.isoformat(), done=_this_month(on, task.today)
        )
    )
    found = _total((await records.open_problems(conn, region.path, task.today)).values())
    made.add(task.say("views.problems", problems=found))
    _problems(task, found, made)


LOOKS: Final[Mapping[str, Look]] = {
    "cadre": helper,
    "village": village,
    "township": township,
    "county": county,
    "department": department,
    "unit": unit,
    "inspector": inspector,
}
"""Who sees what, by role; an administrator sees nothing of households."""


def own_cards(task: Task) -> tuple[str, ...]:
    """The cards whose households the township itself keeps in touch with."""
    pack = task.office.content.packs[task.office.schemes[0]]
    kept = {
        card
        for rule in pack.frequencies
        if rule.kind == "contact" and rule.role == "township"
        for card in rule.verdicts
    }
    return tuple(outcome.id for outcome in pack.outcomes if outcome.id in kept)


def names_of(task: Task, cards: Sequence[str]) -> list[str]:
    """What these cards are called."""
    pack = task.office.content.packs[task.office.schemes[0]]
    return [outcome.name for outcome in pack.outcomes if outcome.id in cards]


def _this_month(on: date | None, today: date) -> bool:
    return on is not None and (on.year, on.month) == (today.year, today.month)


def _total(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    return Tally(sum(each.count for each in found), sum(each.marked for each in found))


def _stages(task: Task, stages: Sequence[tuple[str, str, int]], made: View) -> None:
    for procedure, found in groupby(stages, lambda each: each[0]):
        states = [(state, count) for _, state, count in found]
        total = sum(count for _, count in states)
        made.add(
            task.say(
                "views.stages",
                procedure=procedure,
                count=total,
                states=states[:NAMED],
                more=len(states) - NAMED,
            )
        )


def _problems(task: Task, found: Tally, made: View) -> None:
    """One button to the ledger, however many hats the person wears."""
    if found.count and not any(each.data == "q:p0" for each in made.buttons):
        made.buttons.append(Button(task.say("views.problems_button", count=found.count), "q:p0"))
