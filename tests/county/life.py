"""What happens at one household or region: questionnaires, and what handing them in leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, Literal

from bot.content import Content
from bot.dialogs.form import Form
from bot.dialogs.ledger import grounds
from bot.dialogs.path import concerned
from bot.expressions import Value
from tests.county.chances import age
from tests.county.drawing import Chance, Draw, Interviewee
from tests.county.records import FactRow, History, Nature, Problem, Submission

LOCAL: Final = timedelta(hours=8)
"""What the county's clocks are ahead of UTC; nobody works around midnight, so days agree."""
DAY_OF: Final = ("visited_at", "checked_on")
BY_MONTHLY_CHECK: Final = 5
BY_QUESTIONNAIRE: Final = 1
REASONS: Final = ("已经核实，不是问题", "情况特殊，正在办理", "问卷问错了，实际没有这回事")

Role = Literal["cadre", "village", "township", "county"]


class Forms:
    """The questionnaires that ship, ready to be answered; `chances` by form."""

    def __init__(self, content: Content, chances: Mapping[str, Mapping[str, Chance]]) -> None:
        self.content = content
        self.of = {id: Interviewee(content.form(id), falls) for id, falls in chances.items()}
        self.parameters = lru_cache(maxsize=None)(content.form_parameters)


class Life:
    """The history of one subject while it grows, in the order of time."""

    def __init__(
        self,
        forms: Forms,
        random: Random,
        nature: Nature | None,
        unknown: float,
        places: tuple[str, ...] = ("county", "town", "village"),
    ) -> None:
        """`nature` is None for a region; `places` says what the register knows of where it lies."""
        self.forms = forms
        self.random = random
        self.nature = nature
        self.places = places
        self.unknown = unknown
        self.submissions: list[Submission] = []
        self.rows: list[FactRow] = []
        self.current: dict[tuple[str, str], int] = {}
        self.problems: list[Problem] = []
        self.rest: dict[str, Any] = {}

    def history(self) -> History:
        """All of it."""
        held = {name: self.rows[at].value for (name, _), at in sorted(self.current.items())}
        return History(tuple(self.submissions), tuple(self.rows), held, tuple(self.problems), **self.rest)

    # ------------------------------------------------------------------------------- questionnaires

    def answer(
        self, form_id: str, at: datetime, given: Mapping[str, Value] | None = None
    ) -> dict[str, Value]:
        """Answers to a questionnaire as of that moment; nothing is kept of them."""
        before = self.before(at)
        draw = Draw(self.random, self.nature, at + LOCAL, before.get)
        return self.forms.of[form_id].draw(draw, before, {**self.register(), **(given or {})}, self.unknown)

    def before(self, at: datetime) -> dict[str, Value]:
        """What stands before the first question."""
        local = at + LOCAL
        day = local.date()
        base: dict[str, Value] = {
            "today": day.isoformat(),
            "now": local.strftime("%Y-%m-%dT%H:%M"),
            **self.forms.parameters(day),
        }
        if self.nature is not None:
            base["member"] = [
                {
                    "name": person.name,
                    "relation": person.relation,
                    "birth_date": person.birth.isoformat(),
                    "age": age(person, day),
                    "sex": person.sex,
                    "insured": person.insured,
                    "labor": person.labor,
                }
                for person in self.nature.members
            ]
        return base

    def register(self) -> dict[str, Value]:
        """What the register of households or regions says and no questionnaire asks."""
        told: dict[str, Value] = dict.fromkeys(self.places, "某地")
        if self.nature is not None:
            head = self.nature.head
            told |= {
                "village_group": "组",
                "head_name": head.name,
                "visit_household": head.name,
                "head_id_number": "0",
                "reg_status": self.nature.reg_status,
                "visitor": "帮扶干部",
                "monitoring_scheme": 1,
            }
        return told

    def submit(
        self,
        form_id: str,
        at: datetime,
        given: Mapping[str, Value] | None = None,
        *,
        by: Role = "cadre",
        known: frozenset[str] | None = None,
    ) -> Mapping[str, Value]:
        """Answer a questionnaire and hand it in; what was found.

        Of the `known` facts (those of the register if none are named) what is kept in silence is not
        recorded anew.
        """
        found = self.answer(form_id, at, given)
        self.hand_in(
            self.forms.of[form_id].form, found, at, frozenset(self.register()) if known is None else known, by
        )
        return found

    def begin(self, form_id: str, at: datetime, state: Literal["open", "abandoned"]) -> None:
        """Begin a questionnaire and leave it: nothing of it is a fact."""
        self.submissions.append(Submission(form_id, (at + LOCAL).date(), at, state, {}, {}))

    def hand_in(
        self, form: Form, found: Mapping[str, Value], at: datetime, known: frozenset[str], by: Role
    ) -> None:
        """Keep facts as finishing an interview does; of `known` facts those kept in silence are none."""
        said = next((day for name in DAY_OF if isinstance(day := found.get(name), str)), None)
        on = date.fromisoformat(said[:10]) if said else (at + LOCAL).date()
        silent = {item.fact for item in form.items if item.keep == "silent" and item.fact in known}
        learnt = {name: value for name, value in found.items() if name not in silent}
        mine = len(self.submissions)
        self.submissions.append(Submission(form.id, on, at, "submitted", learnt, found, by))
        for (name, _), place in list(self.current.items()):
            row = self.rows[place]
            if row.source.partition(".")[0] == form.id and row.value is not None and name not in found:
                self.keep(replace(row, value=None, as_of=on, recorded_at=at, submission=mine))
        for name, value in learnt.items():
            item = form.by_fact.get(name)
            period = "" if item is None else item.period
            source = form.id if item is None else f"{form.id}.{item.id}"
            self.keep(FactRow(name, period, value, on, source, at, mine))

    def keep(self, row: FactRow) -> None:
        """Put a value on record in place of the one before."""
        key = (row.name, row.period)
        before = self.current.get(key)
        if before is not None:
            self.rows[before] = replace(self.rows[before], superseded_at=row.recorded_at)
        self.current[key] = len(self.rows)
        self.rows.append(row)

    # --------------------------------------------------------------------------------- the ledger

    def open_problem(self, sub_problem: str) -> int | None:
        """Where the open problem of that name stands."""
        return next(
            (
                at
                for at, each in enumerate(self.problems)
                if each.sub_problem == sub_problem and each.status in ("candidate", "confirmed")
            ),
            None,
        )

    def suspect(self, form_id: str, found: Mapping[str, Value]) -> None:
        """Decide on the probable problems of the questionnaire just handed in."""
        form, mine = self.forms.of[form_id].form, len(self.submissions) - 1
        told = self.submissions[mine]
        facts = {**self.before(told.at), **found}
        source = BY_MONTHLY_CHECK if form_id == "mc" else BY_QUESTIONNAIRE
        for candidate in form.candidates:
            if candidate.when.run(facts.get) is not True or self.open_problem(candidate.problem) is not None:
                continue
            because = grounds(candidate, form, facts)
            known = [each for each in self.problems if each.sub_problem == candidate.problem]
            if known and known[-1].status == "dismissed" and known[-1].grounds == because:
                continue
            persons = concerned(candidate, form, facts)
            dice = self.random.random()
            accepted = dice < 0.75
            self.problems.append(
                Problem(
                    candidate.problem,
                    source,
                    "candidate" if dice < 0.04 else "confirmed" if accepted else "dismissed",
                    told.at,
                    told.at,
                    persons,
                    reason="" if accepted else self.random.choice(REASONS),
                    grounds=because,
                    handling={"problem_stage": 1} if accepted and dice >= 0.04 else {},
                    deadline=self.deadline(candidate.problem, told.on) if accepted else None,
                    submission=mine,
                )
            )

    def deadline(self, sub_problem: str, on: date) -> date | None:
        """By when the documents want it put right."""
        found = self.forms.content.ledger.deadline(sub_problem, on)
        return None if found is None else found.due
