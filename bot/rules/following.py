"""Reads what follows from a verdict: flags, departments, measures, frequencies and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.rules.consequences import (
    AlertRule,
    Deadline,
    Department,
    Flag,
    Frequency,
    MeasureRule,
    Move,
    Refusal,
)
from bot.rules.county import County
from bot.rules.definitions import Definitions
from bot.rules.entries import Entry, Source
from bot.rules.frequencies import read_frequency
from bot.rules.pack import PENDING, Outcome

ROLES: Final = ("cadre", "village", "township", "county")
LEVELS: Final = ("red", "yellow")
MOMENTS: Final = ("answer", "submit")
RULES: Final = ("half_year_end", "months_after")
REASON: Final = "reason"
"""The gap of an alert's text that takes the sentence of the fact which raised it."""


@dataclass(frozen=True, slots=True)
class Following:
    """Everything of a pack that comes after its verdicts."""

    flags: tuple[Flag, ...]
    departments: tuple[Department, ...]
    measures: tuple[MeasureRule, ...]
    refusals: tuple[Refusal, ...]
    moves: tuple[Move, ...]
    frequencies: tuple[Frequency, ...]
    alerts: tuple[AlertRule, ...]


def read_following(
    source: Source, shared: Sequence[Source], outcomes: Sequence[Outcome], known: Definitions, county: County
) -> Following:
    """Read these parts of a pack and note what is wrong with them.

    `shared` are the other files: they may hold departments, and those of the library measures.
    """
    offices = [entry for each in (*shared, source) for entry in each.entries("department")]
    departments = tuple(county.rename(_department(entry)) for entry in offices)
    reader = _Reader(tuple(outcomes), known, departments)
    _note_shared_names(offices)
    lent = [(entry, set_of(each)) for each in shared for entry in each.entries("measure")]
    own = [(entry, "") for entry in source.entries("measure")]
    owed = [(entry, "") for entry in source.entries("frequency")]
    offered = [
        (entry, set_of(each))
        for each in shared
        for entry in each.entries("frequency")
        if set_of(each) in county.library
    ]
    measures = tuple(reader.measure(entry, set_id) for entry, set_id in (*own, *lent))
    return Following(
        tuple(map(reader.flag, source.entries("flag"))),
        departments,
        measures,
        tuple(reader.refusal(entry, measures) for entry in source.entries("refusal")),
        tuple(map(reader.move, source.entries("move"))),
        tuple(
            read_frequency(entry, reader.offered(entry, set_id), known.parameters, set_id)
            for entry, set_id in (*owed, *offered)
        ),
        tuple(map(reader.alert, source.entries("alert"))),
    )


def set_of(source: Source) -> str:
    """The id of the set of measures that a file of the library holds; none for other files."""
    return str(source.single("set").data.get("id", ""))


def _department(entry: Entry) -> Department:
    department = Department(entry.id, entry.text("name"), entry.texts("aliases"))
    entry.done()
    return department


def _note_shared_names(offices: Iterable[Entry]) -> None:
    """Note every name that two departments go by."""
    taken: dict[str, str] = {}
    for entry in offices:
        for name in {entry.id, entry.text("name"), *entry.texts("aliases")}:
            if taken.setdefault(name, entry.id) != entry.id:
                entry.note(
                    f"the name {name} belongs to {taken[name]} already", "an office goes by its own names"
                )


@dataclass(slots=True)
class _Reader:
    outcomes: tuple[Outcome, ...]
    known: Definitions
    departments: tuple[Department, ...]

    def verdicts(self, entry: Entry, key: str = "verdicts", also: Iterable[str] = ()) -> tuple[str, ...]:
        """The verdicts that the entry is for; all of them when none is named."""
        named, ids = entry.texts(key), [outcome.id for outcome in self.outcomes]
        for name in named:
            if name not in (*ids, *also):
                entry.unknown(f"there is no verdict {name}", name, (*ids, *also))
        return named or tuple(ids)

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
        verdicts = self.verdicts(entry, also=[PENDING])
        flag = Flag(entry.id, verdicts, when, entry.sentence("text"), entry.text("clause"))
        self.known.check_terms(entry, when)
        self.known.check_gaps(entry, flag.text, [term.fact for term in when])
        entry.done()
        return flag

    def measure(self, entry: Entry, set_id: str) -> MeasureRule:
        when, mends = entry.terms("when"), entry.texts("mends")
        if not when and "verdicts" not in entry.data:
            entry.note("nothing calls for this measure", "state when, or verdicts, or both")
        if not entry.texts("departments"):
            entry.note("no department is responsible for it", 'departments = ["…"]')
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
            self.offered(entry, set_id),
            when,
            mends,
            text,
            terms,
            entry.texts("slots"),
            self.offices(entry, entry.texts("departments")),
            self.deadline(entry),
            entry.text("clause"),
            entry.yes("derived"),
            set_id,
        )
        entry.done()
        return rule

    def offered(self, entry: Entry, set_id: str) -> tuple[str, ...]:
        """The verdicts that an entry is for; one of the library goes with all but the silent ones."""
        if set_id:
            return tuple(outcome.id for outcome in self.outcomes if not outcome.silent)
        return self.verdicts(entry)

    def refusal(self, entry: Entry, measures: Iterable[MeasureRule]) -> Refusal:
        when, named, ids = entry.terms("when"), entry.texts("measures"), [rule.id for rule in measures]
        if not when or not named:
            entry.note("give measures and when", "a refusal states what is refused, and when")
        self.known.check_terms(entry, when)
        for name in named:
            if name not in ids:
                entry.unknown(f"there is no measure {name}", name, ids)
        text = entry.sentence("text")
        self.known.check_gaps(entry, text, [term.fact for term in when])
        refusal = Refusal(entry.id, named, when, text, entry.text("clause"))
        entry.done()
        return refusal

    def move(self, entry: Entry) -> Move:
        before, after = self.verdicts(entry, "from"), self.verdicts(entry, "to")
        text = entry.sentence("text")
        self.known.check_gaps(entry, text, [])
        move = Move(entry.id, before, after, text, entry.text("clause"), entry.yes("forbidden"))
        entry.done()
        return move

    def deadline(self, entry: Entry) -> Deadline:
        part = entry.part(entry.table("deadline"))
        rule = part.one_of("rule", RULES)
        months, days = part.whole("months", 0), part.whole("days", 0)
        if rule == "months_after" and months < 1:
            part.note("a deadline of months_after needs months", "months = 6")
        deadline = Deadline(rule, months, days, part.yes("derived"))
        part.done()
        return deadline

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
            entry.yes("stays"),
            self.earlier(entry),
        )
        entry.done()
        return rule

    def earlier(self, entry: Entry) -> tuple[str, ...]:
        """The verdicts of `after`; none when it is not given."""
        return self.verdicts(entry, "after") if "after" in entry.data else ()

    def informed(self, entry: Entry) -> dict[str, tuple[Department, ...]]:
        """The departments to tell, by the fact that concerns them; `all` for every one."""
        part = entry.part(entry.table("departments"))
        concerned = [key for key in part.data if key != "id"]
        for fact in concerned:
            if fact != "all" and fact not in self.known.facts:
                entry.unknown(f"there is no fact {fact}", fact, [*self.known.facts, "all"])
        return {fact: self.offices(entry, part.texts(fact)) for fact in concerned}
