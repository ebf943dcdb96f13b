"""Reads `procedures/*.toml` and notes what is wrong: unknown posts, dead ends, states out of reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from bot.problems import Problem, near_miss, unknown_keys
from bot.rules.county import County
from bot.rules.entries import Entry, Problems, Source
from bot.rules.offices import Offices
from bot.rules.pack import Pack
from bot.rules.parameters import Parameter, read_parameter
from bot.rules.procedures import (
    CARRIES,
    CLUES,
    ROOMS,
    RULES,
    SUBJECTS,
    Notice,
    Procedure,
    Prohibition,
    Span,
    State,
    Step,
)
from bot.rules.signers import read_signers
from bot.rules.terms import Term

SECTIONS: Final = ("procedure", "parameter", "state", "step", "prohibition", "signing", "party", "copy")
FILER: Final = "filer"
YEAR: Final = range(1, 13)
GAPS: Final = ("subject", "procedure", "state", "due", "comment", "who", "department")
"""What a notice may name."""


class Reading:
    """One procedure's file."""

    def __init__(
        self,
        data: Mapping[str, Any],
        file: str,
        packs: Mapping[str, Pack],
        offices: Offices,
        county: County,
        lent: Iterable[Parameter] = (),
    ) -> None:
        self.problems = Problems(unknown_keys(file, "-", data, SECTIONS))
        self.source = Source(file, data, self.problems)
        self.packs = packs
        self.offices = offices
        self.county = county
        self.lent = {each.id: each for each in lent}
        self.parameters: dict[str, Parameter] = {}

    def procedure(self, forms: Mapping[str, Collection[str]]) -> Procedure:
        """The procedure with everything in it; what is wrong stands in `problems`."""
        entry = self.source.single("procedure")
        scheme = entry.text("scheme", "")
        pack = self.packs.get(scheme)
        if scheme and pack is None:
            entry.unknown(f"there is no scheme {scheme}", scheme, self.packs)
        id = entry.text("id")
        own = {each.id: read_parameter(each, self.lent) for each in self.source.entries("parameter")}
        own = {
            name: parameter if parameter is self.lent.get(name) else self.county.settle(id, parameter)
            for name, parameter in own.items()
        }
        lent = {} if pack is None else dict(pack.parameter_by_id)
        self.parameters = {**lent, **own}
        states = {each.id: self.state(each) for each in self.source.entries("state")}
        steps = tuple(self.step(each, states, pack, forms) for each in self.source.entries("step"))
        found = Procedure(
            id=id,
            code=entry.text("code"),
            name=entry.text("name"),
            scheme=scheme,
            library=entry.text("library", ""),
            subject=entry.one_of("subject", SUBJECTS),
            carries=entry.one_of("carries", CARRIES, ""),
            forms=self.known_forms(entry, "forms", forms),
            reset=entry.text("reset", ""),
            opened_by=self.known_forms(entry, "opened_by", forms),
            states=states,
            steps=steps,
            prohibitions=tuple(self.prohibition(each, states) for each in self.source.entries("prohibition")),
            parameters={name: self.parameters[name] for name in sorted(self.figures(states, steps))},
            signers=read_signers(self.source, self.offices.posts, forms),
        )
        entry.text("source")
        if not self.problems.found:  # a misspelt state would be out of reach besides
            self.whole(entry, found)
        entry.done()
        return found

    def known_forms(self, entry: Entry, key: str, forms: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """A list of questionnaires, each of which must exist."""
        named = entry.texts(key)
        note_unknown(entry, "there is no questionnaire", named, forms)
        return named

    def state(self, entry: Entry) -> State:
        """Where a case can stand."""
        state = State(
            entry.id,
            entry.text("name"),
            self.span(entry, "due"),
            entry.yes("settled"),
            entry.yes("final"),
            entry.text("clause", ""),
            entry.yes("resting"),
        )
        if state.final and state.due is not None:
            entry.note("nothing is due in a final state", "leave out due")
        entry.done()
        return state

    def span(self, entry: Entry, key: str) -> Span | None:
        """A day such as `{ working_days = "check_days", since = "received_on" }`."""
        table = dict(entry.table(key))
        if not table:
            return None
        since = str(table.pop("since", ""))
        if len(table) != 1 or (rule := next(iter(table))) not in RULES:
            entry.note(f"{key} must name one of {', '.join(RULES)}", '{ working_days = "check_days" }')
            return None
        figure = table[rule]
        if figure is True:
            return Span(rule, "", since)
        if figure not in self.parameters:
            entry.unknown(f"{key} names no parameter {figure}", str(figure), self.parameters)
            return None
        return Span(rule, str(figure), since)

    def step(
        self,
        entry: Entry,
        states: Mapping[str, State],
        pack: Pack | None,
        forms: Mapping[str, Collection[str]],
    ) -> Step:
        """One way from state to state."""
        form, when, verdicts = entry.text("form", ""), entry.terms("when"), entry.texts("verdicts")
        if form and form not in forms:
            entry.unknown(f"there is no questionnaire {form}", form, forms)
        step = Step(
            id=entry.id,
            name=entry.text("name"),
            before=entry.texts("from"),
            after=entry.one_of("to", states),
            by=self.posts(entry, "by"),
            form=form,
            known={str(name): int(code) for name, code in entry.table("known").items()},
            given=entry.expression("given"),
            needs=entry.expression("needs"),
            lacks=entry.text("lacks", ""),
            files=entry.yes("files"),
            approves=entry.yes("approves"),
            back=entry.yes("back"),
            comment=entry.yes("comment"),
            department=entry.yes("department"),
            wait=self.span(entry, "wait"),
            until=self.span(entry, "until"),
            only=self.months(entry),
            when=when,
            verdicts=verdicts,
            shared=entry.texts("shared"),
            own={str(name): str(source) for name, source in entry.table("own").items()},
            tell=tuple(self.notice(entry, table) for table in self.tables(entry, "tell")),
            clause=entry.text("clause", ""),
            derived=entry.yes("derived"),
            marks=entry.text("marks", ""),
            frees=entry.yes("frees"),
            room=entry.one_of("room", ROOMS, ""),
            aside=entry.yes("aside"),
            takes=entry.texts("takes"),
        )
        note_unknown(entry, "there is no state", step.before, states)
        note_unknown(entry, "takes: there is no clue", step.takes, CLUES)
        self.rests_on(entry, when, verdicts, pack)
        if (step.given is not None or step.known or step.needs is not None) and not form:
            entry.note("given, needs and known are answers of a questionnaire", 'form = "ap"')
        if bool(step.lacks) != (step.needs is not None):
            entry.note("needs and lacks go together", 'lacks = "…" says what is missing')
        self.answers(entry, step, forms.get(form, ()))
        entry.done()
        return step

    def answers(self, entry: Entry, step: Step, asked: Collection[str]) -> None:
        """Note what a step reads of a questionnaire that does not ask it."""
        tests = [each.names for each in (step.given, step.needs) if each is not None]
        named = [*step.known, *step.shared, *step.own, *(name for names in tests for name in sorted(names))]
        for name in dict.fromkeys(named) if step.form and asked else ():
            if name not in asked:
                hint = near_miss(name, asked) or f"see the facts in forms/{step.form}.toml"
                entry.note(f"{step.form} does not ask {name}", hint)

    def rests_on(
        self, entry: Entry, when: tuple[Term, ...], verdicts: tuple[str, ...], pack: Pack | None
    ) -> None:
        """Note the facts and verdicts that the scheme does not have."""
        facts = {} if pack is None else pack.facts
        outcomes = {} if pack is None else pack.outcome_by_id
        note_unknown(entry, "there is no fact", [term.fact for term in when], facts)
        note_unknown(entry, "there is no verdict", verdicts, outcomes)

    def months(self, entry: Entry) -> tuple[int | str, ...]:
        """The months in which a step may be taken, as numbers or parameters."""
        entry.asked.append("only")
        months = entry.data.get("only", [])
        if not isinstance(months, list) or not all(m in self.parameters or m in YEAR for m in months):
            entry.note("only must list months, or parameters that say them", "only = [6, 12]")
            return ()
        return tuple(months)

    def tables(self, entry: Entry, key: str) -> list[Mapping[str, Any]]:
        """A list of tables that may be left out."""
        return entry.tables(key) if key in entry.data else []

    def posts(self, entry: Entry, key: str, *also: str) -> tuple[str, ...]:
        """Posts and roles, which must exist."""
        named, known = entry.texts(key), [*self.offices.posts, *self.offices.roles, *also]
        note_unknown(entry, f"{key}: there is no post", named, known)
        if key == "by" and not named:
            entry.note("by is missing", 'by = ["township_office"]')
        return named

    def notice(self, entry: Entry, table: Mapping[str, Any]) -> Notice:
        """Who is told what."""
        part = entry.part(table)
        undated = part.sentence("undated") if "undated" in table else None
        notice = Notice(self.posts(part, "to", FILER), part.sentence("text"), undated)
        for gap in (*notice.text.names, *(undated.names if undated else ())):
            if gap not in GAPS:
                entry.unknown(f"tell: there is no gap {{{gap}}}", gap, GAPS)
        part.done()
        return notice

    def prohibition(self, entry: Entry, states: Mapping[str, State]) -> Prohibition:
        """What the document forbids."""
        found = Prohibition(
            entry.id,
            entry.text("of"),
            entry.text("text"),
            entry.text("clause"),
            entry.texts("states"),
            entry.texts("also"),
        )
        note_unknown(entry, "there is no state", found.states, states)
        entry.done()
        return found

    def figures(self, states: Mapping[str, State], steps: tuple[Step, ...]) -> set[str]:
        """The parameters that days are reckoned by."""
        spans = [state.due for state in states.values()]
        spans += [span for step in steps for span in (step.wait, step.until)]
        months = {month for step in steps for month in step.only if isinstance(month, str)}
        return months | {span.parameter for span in spans if span is not None and span.parameter}

    def whole(self, entry: Entry, found: Procedure) -> None:
        """Note what no case can reach, and where it could never end."""
        if not found.openings and not found.opened_by:
            entry.note("nothing opens a case", "a step without from opens one")
        reached = {step.after for step in found.steps}
        for state in found.states.values():
            if state.id not in reached:
                entry.note(f"nothing leads to the state {state.id}", "let a step lead there, or take it out")
            if not state.final and not found.steps_from(state.id):
                entry.note(f"nothing leads on from the state {state.id}", "final = true, or a step from it")
            if state.final and found.steps_from(state.id):
                entry.note(f"the state {state.id} is final and yet leads on", "leave out one of the two")
        if found.reset and found.reset not in found.states:
            entry.unknown(f"reset names no state {found.reset}", found.reset, found.states)
        if bool(found.reset) != any(state.settled for state in found.states.values()):
            entry.note("reset and settled states go together", 'reset = "…" says where an edit leads back to')


def note_unknown(entry: Entry, what: str, named: Iterable[str], known: Collection[str]) -> None:
    """Note each of these names that is not among those known."""
    for name in named:
        if name not in known:
            entry.unknown(f"{what} {name}", name, known)


def read_procedure(
    data: Mapping[str, Any],
    file: str,
    *,
    packs: Mapping[str, Pack],
    offices: Offices,
    county: County,
    forms: Mapping[str, Collection[str]],
    lent: Iterable[Parameter] = (),
) -> tuple[Procedure, list[Problem]]:
    """One procedure of `procedures/*.toml`, with every problem of it; `lent` are what questionnaires read."""
    reading = Reading(data, file, packs, offices, county, lent)
    procedure = reading.procedure(forms)
    return procedure, reading.problems.found
