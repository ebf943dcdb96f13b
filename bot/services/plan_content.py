"""What a plan says, gathered from the rules, the household's file and what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render import plan_view as views
from bot.render.plan_view import PlanView
from bot.rules.calendar import period_of
from bot.rules.duties import required
from bot.rules.explain import Reason, why_not
from bot.rules.levers import household as read_household
from bot.rules.levers import lever_of, lines
from bot.rules.measures import match_measures, refused_measures
from bot.rules.pack import Pack
from bot.rules.reading import read
from bot.rules.sentences import Teller
from bot.services.household_file import Dossier
from bot.services.judging import Judged, open_questions
from bot.services.office import Office
from bot.storage import duties, interviews
from bot.storage.duties import Duty
from bot.storage.interviews import Interview

ALL_INDICATORS: Final = "ind_all"
"""The fact of the shared rules that is made of the six indicators."""
PROMISE: Final = "promise"
DUTIES: Final = 12
"""So many of the next duties stand in a plan."""
INCOMES: Final = ("handbook_income_per_capita", "estimated_income_per_capita", "net_income_per_capita")
PER_HEAD: Final = "income_per_capita"
"""How the names of all incomes per head end, those that only one scheme reads too."""


async def plan_view(
    conn: AsyncConnection,
    office: Office,
    judged: Judged,
    now: datetime,
    unwritten: Mapping[int, Interview] | None = None,
) -> PlanView:
    """The plan as it stands at that moment; `unwritten` interviews by id stand for their stored rows."""
    pack, dossier, verdict, explanation = judged.pack, judged.dossier, judged.verdict, judged.explanation
    due = await duties.open_of_household(conn, dossier.household.id)
    stored = await interviews.of_household(conn, dossier.household.id)
    held = [(unwritten or {}).get(interview.id, interview) for interview in stored]
    card, named = None, office.content.clauses.say
    if explanation.name is not None:
        card = views.Card(explanation.name, explanation.sentence, named(explanation.clause))
    measures = match_measures(pack, judged.facts, verdict.verdict, verdict.on)
    return PlanView(
        generated_on=office.today(now),
        household=household(office, dossier),
        scheme=pack.scheme.name,
        card=card,
        reasons=tuple(
            views.Reason(said(office, reason), named(reason.clause)) for reason in explanation.reasons
        ),
        why_not=other_cards(office, judged),
        flags=tuple(hint.text for hint in explanation.hints),
        to_verify=tuple(label for _, label in open_questions(office, judged)),
        gaps=gaps(office, judged),
        incomes=incomes(office, judged),
        risks=labels(office, judged, "return_risk_causes") or labels(office, judged, "poverty_risk_causes"),
        measures=tuple(
            views.Measure(
                measure.text,
                pack.words.comma.join(department.name for department in measure.departments),
                measure.deadline.isoformat(),
                measure.terms,
                named(measure.clause),
                measure.name,
            )
            for measure in measures
        ),
        refused=tuple(
            views.Refused(each.name, each.reason, named(each.clause))
            for each in refused_measures(pack, judged.facts, verdict.verdict, verdict.on)
        ),
        visits=tuple(_due(duty) for duty in due if duty.frequency != PROMISE)[:DUTIES],
        promises=tuple(_due(duty) for duty in due if duty.frequency == PROMISE),
        last_visit=last_visit(held, office),
        counts=counts(judged, held),
        updated_at=now.astimezone(office.zone),
        rule_version=pack.scheme.start.isoformat(),
    )


def for_household(pack: Pack, view: PlanView) -> PlanView:
    """What the household may see of its plan: of a secret scheme nothing that tells the verdict (R-YB-08).

    Measures and duties stay, but for those that name a verdict themselves; incomes stay without the line.
    """
    if not pack.scheme.secret:
        return view
    names = [outcome.name for outcome in pack.outcomes]

    def tells(*texts: str) -> bool:
        return any(name in text for name in names for text in texts)

    return replace(
        view,
        scheme="",
        card=None,
        reasons=(),
        why_not=(),
        flags=(),
        to_verify=(),
        incomes=tuple(replace(income, line=None, above=None) for income in view.incomes),
        refused=(),
        measures=tuple(
            replace(each, clause="")  # what documents are called tells the scheme
            for each in view.measures
            if not tells(each.what, each.condition, each.clause, each.short)
        ),
        visits=(),  # who is monitored every month is in the ledger, and that is not told either
        rule_version="",
    )


def said(office: Office, reason: Reason) -> str:
    """A reason in words; of a fact made of others that holds, also which of them it was."""
    parts = [part.sentence for part in reason.children] if reason.truth is True else []
    return office.say("planning.because", sentence=reason.sentence, parts=parts)


def _due(duty: Duty) -> views.Due:
    return views.Due(duty.text["text"], duty.due)


def household(office: Office, dossier: Dossier) -> views.Household:
    """Who the plan is for; nothing of identity numbers or phones."""
    record, person = dossier.household, dossier.responsible
    info = office.content.registry["reg_status"]
    return views.Household(
        dossier.place("town") or None,
        dossier.place("village") or None,
        record.village_group or None,
        record.head_name,
        record.population,
        None if record.reg_status is None else info.options.get(record.reg_status),
        record.exit_year,
        views.Responsible(person.name, person.unit) if person is not None else views.Responsible(),
    )


def other_cards(office: Office, judged: Judged) -> tuple[views.WhyNot, ...]:
    """For every card that was not given, the first thing that speaks against it."""
    if judged.verdict.verdict is None:
        return ()
    found: list[views.WhyNot] = []
    for outcome in judged.pack.outcomes:
        if outcome.silent:
            continue
        against = why_not(judged.pack, judged.verdict, outcome.id)
        if against:
            found.append(views.WhyNot(outcome.name, said(office, against[0].reason)))
    return tuple(found)


def gaps(office: Office, judged: Judged) -> tuple[views.Gap, ...]:
    """The indicators that are not met or not known (rules.md R-IND-08); as one while none was asked about."""
    pack = judged.pack
    reading = read(pack, judged.facts, judged.verdict.on)
    teller = Teller(reading, pack.registry, pack.words)
    names = [term.fact for term in pack.facts[ALL_INDICATORS].all_of]
    if all(reading.truth(name) is None for name in names):
        names = [ALL_INDICATORS]
    found: list[views.Gap] = []
    for name in names:
        truth = reading.truth(name)
        if truth is not True:
            sentence = pack.facts[name].say(truth).fill(teller)
            label = office.say("planning.indicator", id=name)
            found.append(views.Gap(label, "unknown" if truth is None else "fail", sentence))
    return tuple(found)


def incomes(office: Office, judged: Judged) -> tuple[views.Income, ...]:
    """Income per head by concept and period, beside the scheme's line for it (rules.md R-INC-08)."""
    own = (name for name in judged.pack.reads if name.endswith(PER_HEAD))
    found: list[views.Income] = []
    for name in dict.fromkeys((*INCOMES, *own)):
        value = judged.facts.get(name)
        info = office.content.registry.get(name)
        if value is None or info is None or not info.items:
            continue
        form_id, _, item_id = info.items[0].partition(".")
        item = office.content.form(form_id).by_id[item_id]
        held = line(judged, name)
        above = None if held is None else value >= held
        period = "" if item.period in item.label else item.period
        label = item.label.removesuffix(item.unit).rstrip()  # the paper form prints the unit beside the blank
        found.append(views.Income(label, period, value, held, above))
    return tuple(found)


def line(judged: Judged, name: str) -> float | None:
    """The line of the scheme against which an income is held; None for an income that it does not name."""
    if name not in judged.verdict.answers:
        return None
    found = read_household(judged.pack, judged.verdict.answers, judged.verdict.parameters)
    lever = lever_of(judged.pack, found.grounds, name, judged.verdict.answers[name])
    return None if lever is None else next(lines(lever, found), None)


def labels(office: Office, judged: Judged, name: str) -> tuple[str, ...]:
    """The labels of a choice of several."""
    value, info = judged.facts.get(name), office.content.registry.get(name)
    if not isinstance(value, list) or info is None:
        return ()
    return tuple(info.options.get(code, str(code)) for code in value if code != 0)


def visits(held: Sequence[Interview]) -> list[Interview]:
    """The visit records that were handed in, oldest first."""
    return [interview for interview in held if interview.form == "vc" and interview.state == "submitted"]


def last_visit(held: Sequence[Interview], office: Office) -> views.LastVisit | None:
    """The latest visit and what came out of it."""
    made = visits(held)
    if not made:
        return None
    answers = made[-1].session["answers"]
    on = datetime.fromisoformat(answers["2"]).date()
    return views.LastVisit(on, answers.get("7") or "")


def counts(judged: Judged, held: Sequence[Interview]) -> views.Counts:
    """Contacts this month and visits this year against what the card asks for (003:2014)."""
    pack, verdict = judged.pack, judged.verdict.verdict
    on = judged.verdict.on
    methods = [
        (datetime.fromisoformat(interview.session["answers"]["2"]).date(), interview.session["answers"]["3"])
        for interview in visits(held)
    ]

    def done(kind: str, per: str) -> int:
        period = period_of(on, per)
        wanted = (1,) if kind == "visit" else (2, 3, 4)
        days = [day for day, method in methods if method in wanted and period.first <= day <= period.last]
        return len(set(days))  # several on one day count once (rules.md P)

    contact, visit = required(pack, verdict, "contact", on), required(pack, verdict, "visit", on)
    return views.Counts(
        None if contact is None else done("contact", contact[0].per),
        None if contact is None else contact[1],
        None if visit is None else done("visit", visit[0].per),
        None if visit is None else visit[1],
    )
