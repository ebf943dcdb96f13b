"""The four cards in lists: a village's classification, a township's list, the county's data base (O-17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Blank, Cell, Column, Row, Sheet, Sum
from bot.rules.pack import PENDING, Pack
from bot.rules.sentences import Teller
from bot.rules.updates import told_by
from bot.services.reports.answers import option_of, words_of
from bot.services.reports.card_procedure import ADJUSTED, YES, Course
from bot.services.reports.carded import CONTACTS, LIFTED, OUTSIDE, VISITS, Carded, carded
from bot.services.reports.report import Ask, Places, Report
from bot.services.reports.watched import watch
from bot.storage.report_lists import Done, Planned

SCHEME: Final = "hr"
HANDBOOK, ESTIMATE, EITHER = "handbook_income_per_capita", "estimated_income_per_capita", "outside_income"
"""The income of the handbook, that of the questionnaire, and the figure that also takes a gross one."""
RISKS: Final = {LIFTED: "return_risk_causes", OUTSIDE: "poverty_risk_causes"}
OTHER, OTHER_WORDS = 7, "return_risk_other"
EXCLUDED: Final = "excluded"
"""The fact that is made of the four exclusions (R-HR-05)."""
PRIORITY: Final = "priority"
"""The flag of R-HR-06."""
NAMES: Final = (HANDBOOK, ESTIMATE, *RISKS.values(), OTHER_WORDS, "return_risk", "reg_status", "exit_year")


class Lists:
    """What a county's office writes of households, in the words of the report."""

    def __init__(self, ask: Ask, pack: Pack) -> None:
        """`pack` is the scheme of the four cards."""
        self.ask, self.pack = ask, pack
        self.say = ask.layout.say
        self.cards = ask.office.content.registry["filed_card"].options
        self.on = max(ask.until, pack.scheme.start)
        self.handbook_year = pack.parameters_on(self.on)["handbook_year"]
        item = ask.office.content.form("cs").by_fact[ESTIMATE]
        self.period = item.period.replace("/", self.say("until"))
        offices = ask.layout.words["share_with"].split()
        self.offices = {office.id: office.name for office in pack.departments if office.id in offices}

    def option(self, fact: str, code: object) -> str | None:
        """What the questionnaire calls an answer."""
        return option_of(self.ask.office.content, fact, code)

    def row(self, number: int, each: Carded) -> dict[str, Cell]:
        """The columns of outputs.md O-17."""
        home, household = each.home, each.home.household
        return {
            "no": number,
            **home.named,
            "population": household.population,
            "status": self.option("reg_status", each.status),
            "exit_year": None if home.get("exit_year") is None else str(home.get("exit_year")),
            "suggested": self.suggested(each),
            "approved": self.cards.get(each.course.approved or 0),
            "before": self.cards.get(each.course.before or 0),
            **self.income(each),
            "risks": self.risks(each),
            "excluded": self.excluded(each),
            **self.flags(each),
            **self.procedure(each.course),
            "keeper": None if home.keeper is None else home.keeper.name,
            "unit": None if home.keeper is None else home.keeper.unit or None,
            "plan": self.plan(each.plan),
            **self.work(each.done),
        }

    def suggested(self, each: Carded) -> Cell:
        """The card of the rules."""
        if each.outcome is not None:
            return each.outcome.name
        return Blank(self.say("unsaid")) if each.said is None else self.say("to_verify")

    def income(self, each: Carded) -> dict[str, Cell]:
        """The income that the card looks at, and which one it is: a red card looks at none."""
        if each.status == LIFTED:
            amount = each.home.get(HANDBOOK)
            concept = self.say("handbook", year=self.handbook_year)
        elif each.status == OUTSIDE:
            amount = each.home.reading.get(EITHER)
            exact = each.home.get(ESTIMATE) is not None
            concept = self.say("estimated" if exact else "approximate", period=self.period)
        else:
            return {}
        return {} if amount is None else {"income": amount, "concept": concept}

    def risks(self, each: Carded) -> str | None:
        """The kinds of risk that the household's card looks at."""
        fact = RISKS.get(each.status or 0)
        codes = each.home.get(fact) if fact else None
        if not fact or not codes or (each.status == LIFTED and each.home.get("return_risk") != YES):
            return None
        found = []
        for code in codes:
            label, words = self.option(fact, code), each.home.get(OTHER_WORDS)
            told = each.status == LIFTED and code == OTHER and words
            found.append(self.say("other", cause=label, words=words) if told else label or "")
        return self.say("joint").join(found)

    def excluded(self, each: Carded) -> str | None:
        """Which of the exclusions hold; they bar neither a red nor a green card."""
        reading = each.home.reading
        teller = Teller(reading, self.pack.registry, self.pack.words)
        found = [
            self.pack.facts[term.fact].yes.fill(teller)
            for term in self.pack.facts[EXCLUDED].any_of
            if reading.holds(term)
        ]
        return self.say("joint").join(found) or None

    def flags(self, each: Carded) -> dict[str, Cell]:
        """What the rules note beside the suggested card: priority, and what the township should look at."""
        if each.said is None:
            return {}
        given = PENDING if each.outcome is None else each.outcome.id
        raised = [
            flag for flag in self.pack.flags if given in flag.verdicts and each.home.reading.all(flag.when)
        ]
        teller = Teller(each.home.reading, self.pack.registry, self.pack.words)
        hints = [flag.text.fill(teller) for flag in raised if flag.id != PRIORITY]
        first = any(flag.id == PRIORITY for flag in raised)
        return {
            "priority": self.say("priority") if first else None,
            "hints": self.say("hints").join(hints) or None,
        }

    def procedure(self, course: Course) -> dict[str, Cell]:
        """The steps of WF-01 as far as they are taken (ap.1-ap.6)."""
        return {
            "applicant": words_of(course.get("applicant")),
            "appraised": self.cards.get(course.get("appraised_card")),
            "review": self.review(course),
            "check": self.check(course),
            "posted_from": course.day("publicity_began_on"),
            "posted_to": course.day("publicity_ended_on"),
            "objection": self.objection(course),
        }

    def review(self, course: Course) -> str | None:
        """What the township found at the door."""
        outcome = course.get("review_outcome")
        if outcome is None:
            return None
        if outcome != ADJUSTED:
            return self.say("kept")
        card = self.cards.get(course.get("reviewed_card")) or ""
        changed, words = self.say("adjusted", card=card), course.get("review_opinion")
        return self.say("opinion", outcome=changed, words=words) if words else changed

    def check(self, course: Course) -> str | None:
        """What the county found, if it looked."""
        drawn = course.get("spot_checked")
        if drawn is None:
            return None
        outcome = self.option("spot_check_outcome", course.get("spot_check_outcome"))
        return outcome if drawn == YES else self.say("not_drawn")

    def objection(self, course: Course) -> str | None:
        """Whether anybody objected to the posting; what was said stays with the record of it."""
        said = course.get("has_objection")
        if said is None:
            return None
        if said != YES:
            return self.say("no_objection")
        outcome = self.option("objection_outcome", course.get("objection_outcome"))
        return self.say("objection_outcome", outcome=outcome) if outcome else self.say("objection")

    def plan(self, plan: Planned | None) -> str:
        """Which version of its plan there is."""
        if plan is None:
            return self.say("no_plan")
        day = self.ask.office.today(plan.created_at).isoformat()
        return self.say("plan", version=plan.version, day=day)

    def work(self, done: Mapping[str, Done]) -> dict[str, Cell]:
        """Visits and contacts of the year."""
        found: dict[str, Cell] = {}
        for kind, name in ((VISITS, "visits"), (CONTACTS, "contacts")):
            if kind in done:
                found |= {f"{name}_due": done[kind].due, f"{name}_done": done[kind].done}
        return found

    def shared(self, each: Carded) -> dict[str, Cell]:
        """The departments that have something to do for the household (003:2018)."""
        called = {office.id for measure in each.home.measures for office in measure.departments}
        return {f"share_{id}": self.say("shared") for id in self.offices if id in called}

    def sharing_columns(self) -> list[Column]:
        """A column for each department with which the county shares."""
        head = self.say("sharing")
        return [Column(f"share_{id}", (head, name), "code", 6) for id, name in self.offices.items()]


def summary(lists: Lists, places: Places, found: Sequence[Carded], facts: Mapping[str, object]) -> Sheet:
    """How many households hold which card, place by place; every figure counts households."""
    say, layout = lists.say, lists.ask.layout.sheet("summary")
    cards = [outcome for outcome in lists.pack.outcomes if not outcome.silent]
    columns = list(layout.columns)
    for word in ("approved", "suggested"):
        columns += [
            Column(f"{word}_{card.id}", (say(word), card.name), "integer", 9, total=True) for card in cards
        ]
        columns.append(Column(word, (say(word), say("all")), "integer", 9, total=True))
    verify = Column("to_verify", (say("suggested"), say("to_verify")), "integer", 9, total=True)
    rows = []
    for part in places.parts:
        here = [each for each in found if each.home.part == part.id]
        counts: dict[str, int] = {}
        for card in cards:
            approved = sum(lists.cards.get(each.course.approved or 0) == card.name for each in here)
            counts[f"approved_{card.id}"] = approved
            counts[f"suggested_{card.id}"] = sum(each.outcome is card for each in here)
        sums = {word: Sum(tuple(f"{word}_{card.id}" for card in cards)) for word in ("approved", "suggested")}
        waiting = sum(each.said is not None and each.outcome is None for each in here)
        rows.append(Row({"place": part.name, **counts, **sums, verify.id: waiting}))
    return layout.filled(rows, facts, columns=[*columns, verify])


def unsettled(ask: Ask, found: Sequence[Carded]) -> Iterable[str]:
    """How many are not listed only because nobody knows enough of them yet."""
    if count := sum(not each.listed and each.outcome is None for each in found):
        yield ask.layout.say("unsettled", count=count)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-17: how many hold which card, and the list of them."""
    pack = ask.office.content.packs[SCHEME]
    names = told_by(pack.updates, frozenset((*pack.keeps, *NAMES)))
    seen = await watch(conn, replace(ask, scheme=SCHEME), names)
    lists, found = Lists(ask, pack), await carded(conn, ask, pack, seen)
    layout, county = ask.layout.sheet("main"), ask.region.level == "county"
    rows = [
        Row({**lists.row(number, each), **(lists.shared(each) if county else {})})
        for number, each in enumerate((each for each in found if each.listed), 1)
    ]
    kind = ask.layout.say(f"kind_{ask.region.level}")
    facts = ask.said(kind=kind, handbook_year=lists.handbook_year, visits_year=ask.until.year)
    return [
        summary(lists, seen.places, found, facts),
        layout.filled(
            rows,
            facts,
            notes=[*([ask.layout.say("sharing_note")] if county else ()), *unsettled(ask, found)],
            columns=[*layout.columns, *(lists.sharing_columns() if county else ())],
            name=kind,
        ),
    ]


REPORTS: Final = (Report("O-17", make, schemes=(SCHEME,), shelf="list"),)
