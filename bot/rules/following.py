"""Reads what follows from a verdict: flags, departments, measures, frequencies and alerts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.rules.definitions import Definitions
from bot.rules.entries import Entry, Source
from bot.rules.pack import AlertRule, Deadline, Department, Flag, Frequency, MeasureRule

ROLES: Final = ("cadre", "village", "township", "county")
LEVELS: Final = ("red", "yellow")
MOMENTS: Final = ("answer", "submit")
PERIODS: Final = ("month", "quarter", "half_year", "year")
KINDS: Final = ("visit", "contact", "monitor", "review", "adjust")
RULES: Final = ("half_year_end", "months_after")
REASON: Final = "reason"
"""The gap of an alert's text that takes the sentence of the fact which raised it."""


@dataclass(frozen=True, slots=True)
class Following:
    """Everything of a pack that comes after its verdicts."""

    flags: tuple[Flag, ...]
    departments: tuple[Department, ...]
    measures: tuple[MeasureRule, ...]
    frequencies: tuple[Frequency, ...]
    alerts: tuple[AlertRule, ...]


def read_following(source: Source, verdicts: Iterable[str], known: Definitions) -> Following:
    """Read these parts of a pack and note what is wrong with them."""
    reader = _Reader(tuple(verdicts), known, tuple(map(_department, source.entries("department"))))
    _note_shared_names(source)
    return Following(
        tuple(map(reader.flag, source.entries("flag"))),
        reader.departments,
        tuple(map(reader.measure, source.entries("measure"))),
        tuple(map(reader.frequency, source.entries("frequency"))),
        tuple(map(reader.alert, source.entries("alert"))),
    )


def _department(entry: Entry) -> Department:
    department = Department(entry.id, entry.text("name"), entry.texts("aliases"))
    entry.done()
    return department


def _note_shared_names(source: Source) -> None:
    """Note every name that two departments go by."""
    taken: dict[str, str] = {}
    for entry in source.entries("department"):
        for name in {entry.id, entry.text("name"), *entry.texts("aliases")}:
            if taken.setdefault(name, entry.id) != entry.id:
                entry.note(
                    f"the name {name} belongs to {taken[name]} already", "an office goes by its own names"
                )


@dataclass(slots=True)
class _Reader:
    outcomes: tuple[str, ...]
    known: Definitions
    departments: tuple[Department, ...]

    def verdicts(self, entry: Entry) -> tuple[str, ...]:
        """The verdicts that the entry is for; all of them when none is named."""
        named = entry.texts("verdicts")
        for name in named:
            if name not in self.outcomes:
                entry.unknown(f"there is no verdict {name}", name, self.outcomes)
        return named or self.outcomes

    def offices(self, entry: Entry, names: Iterable[str]) -> tuple[Department, ...]:
        """The departments of these names, whichever of their names is used."""
        by_name = {name: d for d in self.departments for name in (d.id, d.name, *d.aliases)}
        found = []
        for name in names:
            if name in by_name:
                found.append(by_name[name])
            else:
                entry.unknown(f"there is no department {name}", name, by_name)
        return tuple(dict.fromkeys(found))

    def flag(self, entry: Entry) -> Flag:
        when = entry.terms("when")
        flag = Flag(entry.id, self.verdicts(entry), when, entry.sentence("text"), entry.text("clause"))
        self.known.check_terms(entry, when)
        self.known.check_gaps(entry, flag.text, [term.fact for term in when])
        entry.done()
        return flag

    def measure(self, entry: Entry) -> MeasureRule:
        when, mends = entry.terms("when"), entry.texts("mends")
        text, terms = entry.sentence("text"), entry.sentence("terms", "")
        self.known.check_terms(entry, when)
        for fact in mends:
            if fact not in self.known.facts:
                entry.unknown(f"mends {fact}, which is no fact", fact, self.known.facts)
        for filled in (text, terms):
            about = [*(term.fact for term in when), *mends]
            self.known.check_gaps(entry, filled, about)
        rule = MeasureRule(
            entry.id,
            entry.text("name"),
            self.verdicts(entry),
            when,
            mends,
            text,
            terms,
            entry.texts("slots"),
            self.offices(entry, entry.texts("departments")),
            self.deadline(entry),
            entry.text("clause"),
            entry.yes("derived"),
        )
        entry.done()
        return rule

    def deadline(self, entry: Entry) -> Deadline:
        part = entry.part(entry.table("deadline"))
        rule = part.one_of("rule", RULES)
        months, days = part.whole("months", 0), part.whole("days", 0)
        if rule == "months_after" and months < 1:
            part.note("a deadline of months_after needs months", "months = 6")
        deadline = Deadline(rule, months, days, part.yes("derived"))
        part.done()
        return deadline

    def frequency(self, entry: Entry) -> Frequency:
        times = entry.text("times", "")
        if times and times not in self.known.parameters:
            entry.unknown(f"there is no parameter {times}", times, self.known.parameters)
        rule = Frequency(
            entry.id,
            entry.one_of("kind", KINDS),
            self.verdicts(entry),
            times,
            entry.one_of("per", PERIODS),
            entry.one_of("role", ROLES),
            entry.text("text"),
            entry.text("clause"),
            entry.yes("derived"),
        )
        entry.done()
        return rule

    def alert(self, entry: Entry) -> AlertRule:
        when, each = entry.terms("when"), entry.terms("each")
        if not when and not each:
            entry.note("give when, or each, or both", "an alert states when it is raised")
        self.known.check_terms(entry, (*when, *each))
        to = entry.texts("to")
        for role in to:
            if role not in ROLES:
                entry.unknown(f"there is no role {role}", role, ROLES)
        text = entry.sentence("text")
        self.known.check_gaps(entry, text, [term.fact for term in (*when, *each)], [REASON])
        rule = AlertRule(
            entry.id,
            entry.text("code", entry.id),
            entry.one_of("level", LEVELS),
            entry.one_of("at", MOMENTS, "submit"),
            self.verdicts(entry),
            when,
            each,
            to,
            self.informed(entry),
            entry.whole("within_days", 0),
            text,
            entry.text("clause"),
            entry.yes("derived"),
        )
        entry.done()
        return rule

    def informed(self, entry: Entry) -> dict[str, tuple[Department, ...]]:
        """The departments to tell, by the fact that concerns them; `all` for every one."""
        part = entry.part(entry.table("departments"))
        concerned = [key for key in part.data if key != "id"]
        for fact in concerned:
            if fact != "all" and fact not in self.known.facts:
                entry.unknown(f"there is no fact {fact}", fact, [*self.known.facts, "all"])
        return {fact: self.offices(entry, part.texts(fact)) for fact in concerned}
