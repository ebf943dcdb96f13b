"""Problems that people write down themselves or take further (form pl), and what a supervision finds (dv)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from bot.expressions import Value
from bot.services.mending import HANDLING
from bot.services.problem_record import STRUCK_OFF
from tests.county.life import Life, Role
from tests.county.records import Problem

BY_SUPERVISION: Final = 3
FOUND: Final = {"problem_stage": 1}
WHERE: Final = ("town", "village", "head_name")


def _where(life: Life) -> dict[str, Value]:
    """Where the problem lies, as far as the register says; a region's lies in no household."""
    told = life.register()
    return {name: told.get(name) for name in WHERE}


def _handling(found: Mapping[str, Value]) -> dict[str, Value]:
    return {name: found[name] for name in HANDLING if found.get(name) is not None}


def note(life: Life, at: datetime, level: str, by: Role) -> None:
    """Somebody writes down a problem of that level (H, V, T or D) that is not open yet."""
    ledger = life.forms.content.ledger
    free = [
        id
        for id, each in ledger.problems.items()
        if level in each.levels and life.open_problem(id) is None and life.open_problem(each.category) is None
    ]
    id = life.random.choice(free)
    category, _, number = id.partition(".")
    named = level == "H" and life.nature is not None and life.random.random() < 0.3
    persons = [{"name": life.nature.head.name}] if named and life.nature is not None else []
    given: dict[str, Any] = {
        "problem_category": int(category),
        f"sub_problem_{category}": int(number),
        "involved_count": len(persons),
        "involved": persons,
        **_where(life),
    }
    found = life.submit("pl", at, given, by=by, known=frozenset(WHERE) & frozenset(life.register()))
    told = life.submissions[-1]
    due = found.get("mending_deadline")
    life.problems.append(
        Problem(
            id,
            found["problem_source"],
            "confirmed",
            at,
            at,
            tuple(row["name"] for row in found.get("involved") or []),
            found["problem_description"],
            handling=_handling(found),
            deadline=date.fromisoformat(due) if due else life.deadline(id, told.on),
            submission=len(life.submissions) - 1,
        )
    )


def take_further(life: Life, at: datetime, by: Role) -> None:
    """One of the open problems is handed out, put right or struck off; nothing when there is none."""
    ready = [
        place
        for place, each in enumerate(life.problems)
        if each.status == "confirmed" and "." in each.sub_problem
    ]
    if not ready:
        return
    place = life.random.choice(ready)
    problem = life.problems[place]
    category, _, number = problem.sub_problem.partition(".")
    stage = life.random.choices((2, 3, 4, 5, 6), (3, 1, 3, 2, 5))[0]
    persons = [{"name": name} for name in problem.persons]
    given: dict[str, Any] = {
        "problem_category": int(category),
        f"sub_problem_{category}": int(number),
        "problem_source": problem.source,
        "problem_stage": stage,
        "involved_count": len(persons),
        "involved": persons,
        **_where(life),
        "struck_off_on": at.date().isoformat(),
    }
    if stage == STRUCK_OFF:
        given["people_satisfied"] = 1
    known = {*WHERE, "problem_category", f"sub_problem_{category}", "problem_source"}
    if problem.description:
        given["problem_description"] = problem.description
        known.add("problem_description")
    found = life.submit("pl", at, given, by=by, known=frozenset(known))
    due = found.get("mending_deadline")
    said = found.get("involved")
    life.problems[place] = replace(
        problem,
        status="closed" if stage == STRUCK_OFF else "confirmed",
        changed_at=at,
        description=found["problem_description"],
        persons=problem.persons if said is None else tuple(row["name"] for row in said),
        handling=_handling(found),
        deadline=date.fromisoformat(due) if due else problem.deadline,
        submission=len(life.submissions) - 1,
    )


def supervise(life: Life, at: datetime) -> None:
    """A supervision of a village, whose findings go on record by category, several lines to one problem."""
    found = life.submit("dv", at, by="county")
    mine = len(life.submissions) - 1
    rows: dict[int, list[Mapping[str, Value]]] = {}
    for row in found.get("found_problem") or []:
        if row.get("problem_category") is not None:
            rows.setdefault(row["problem_category"], []).append(row)
    for category, alike in sorted(rows.items()):
        id, words = str(category), [row["problem_words"] for row in alike]
        given = [date.fromisoformat(row["problem_due"]) for row in alike if row.get("problem_due")]
        place = life.open_problem(id)
        if place is not None:
            known = life.problems[place]
            words = list(dict.fromkeys([*known.description.split("\n"), *words]))
            due = min([*given, *([known.deadline] if known.deadline else [])], default=None)
            life.problems[place] = replace(known, description="\n".join(words), deadline=due, changed_at=at)
            continue
        due = min(given, default=life.deadline(id, life.submissions[mine].on))
        life.problems.append(
            Problem(
                id, BY_SUPERVISION, "confirmed", at, at, description="\n".join(words), handling=FOUND,
                deadline=due, submission=mine,
            )
        )  # fmt: skip
