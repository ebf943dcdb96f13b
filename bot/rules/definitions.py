"""Reads what a pack defines before it decides anything: options, parameters, numbers and facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.expressions import Expression
from bot.rules.checking import check_expression, is_one_comparison, names_in_order
from bot.rules.county import NOWHERE, County
from bot.rules.entries import Entry, Source
from bot.rules.facts import MANY, FactInfo, Registry
from bot.rules.pack import Fact, Number
from bot.rules.parameters import Parameter, read_parameter
from bot.rules.sentences import Sentence
from bot.rules.terms import Term

CODED: Final = ("select_one", MANY)
INPUT_KINDS: Final = (*CODED, "integer", "decimal", "money", "percent")
"""What an answer that no questionnaire asks may be."""


@dataclass(slots=True)
class Definitions:
    """Everything that rows, flags, measures and alerts may name."""

    registry: Registry
    options: dict[str, str]
    choices: dict[str, tuple[str, ...]]
    chosen: dict[str, str]
    said: dict[str, str]
    parameters: dict[str, Parameter]
    numbers: dict[str, Number]
    facts: dict[str, Fact]

    def answers(self, expression: Expression) -> tuple[str, ...]:
        """The answers that an expression rests on, through numbers too, in the order in which they stand."""
        found: dict[str, None] = {}
        for name in names_in_order(expression):
            if name in self.numbers:
                found.update(dict.fromkeys(self.answers(self.numbers[name].formula)))
            elif name not in self.parameters:
                found[name] = None
        return tuple(found)

    def sayable(self, facts: Iterable[str]) -> set[str]:
        """What sentences about these facts may name: parameters, and answers and numbers they rest on."""
        names = set(self.parameters)
        open_, seen = list(facts), set[str]()
        while open_:
            fact = open_.pop()
            if fact in self.facts and fact not in seen:
                seen.add(fact)
                names |= self._named(self.facts[fact].expressions)
                open_ += [term.fact for term in self.facts[fact].terms]
        return names

    def check_terms(self, entry: Entry, terms: Iterable[Term]) -> None:
        """Note every condition that names a fact which does not exist."""
        for each in terms:
            if each.fact not in self.facts:
                entry.unknown(f"there is no fact {each.fact}", each.fact, self.facts)

    def check_gaps(
        self, entry: Entry, filled: Sentence, facts: Iterable[str], also: Iterable[str] = ()
    ) -> None:
        """Note every gap of a sentence that nothing it rests on can fill."""
        known = self.sayable(facts) | set(also)
        for name in filled.names:
            if name not in known:
                entry.unknown(f"a sentence names {name}, which it does not rest on", name, known)

    def _named(self, expressions: Iterable[Expression]) -> set[str]:
        names: set[str] = set()
        for expression in expressions:
            names |= expression.names
            names |= self._named(self.numbers[n].formula for n in expression.names if n in self.numbers)
        return names


def read_definitions(
    pack: Source,
    shared: Sequence[Source],
    registry: Registry,
    lent: Mapping[str, Parameter],
    lists: Mapping[str, Mapping[int, str]],
    county: County = NOWHERE,
) -> Definitions:
    """Read the pack's definitions together with the shared ones, and note what is wrong with them.

    `lent` are the parameters of questionnaires by id, whose values stand there and nowhere else; `lists`
    their lists of options.
    """
    scheme = str(pack.single("scheme").data.get("id", ""))
    found = Definitions(registry, {}, {}, {}, {}, {}, {}, {})
    for entry in pack.entries("option"):
        _read_option(entry, found, county.options.get((scheme, entry.id)))
    sources = [replace(each, said=found.said, chosen=found.chosen) for each in (*shared, pack)]
    found.registry = {**registry, **_inputs(sources[-1], registry, lists)}
    parameters, numbers, facts = (_together(section, sources) for section in ("parameter", "number", "fact"))
    for entry in parameters:
        found.parameters[entry.id] = county.settle(scheme, read_parameter(entry, lent))
    later = {entry.id for entry in numbers}
    for entry in numbers:
        _read_number(entry, found, later)
        later.discard(entry.id)
    for entry in facts:
        found.facts[entry.id] = _fact(entry, found)
    _check_names(found, numbers, facts)
    found.facts = _parts_first(found, facts)
    return found


def _together(section: str, sources: Sequence[Source]) -> list[Entry]:
    """The entries of all sources; a later one may not take the id of an earlier one."""
    entries: list[Entry] = []
    taken: dict[str, str] = {}
    for source in sources:
        for entry in source.entries(section):
            owner = taken.setdefault(entry.id, source.file)
            if owner != source.file:
                entry.note(f"{owner} defines it already", "use that one, or give this another id")
            entries.append(entry)
    return entries


def _inputs(pack: Source, registry: Registry, lists: Mapping[str, Mapping[int, str]]) -> dict[str, FactInfo]:
    """The answers that no questionnaire asks: ticked by hand, or a column of a file."""
    found: dict[str, FactInfo] = {}
    for entry in pack.entries("input"):
        kind = entry.one_of("kind", INPUT_KINDS)
        options = _options(entry, lists) if kind in CODED else {}
        if entry.id in registry:
            entry.note("questionnaires ask for it already", "use that answer, or give this another id")
        entry.text("label")
        entry.text("clause")
        found[entry.id] = FactInfo(kind, options, entry.text("unit", ""))
        entry.done()
    return found


def _options(entry: Entry, lists: Mapping[str, Mapping[int, str]]) -> Mapping[int, str]:
    """The options of an input: a list of the questionnaires by name, or its own."""
    if isinstance(entry.data.get("options"), str):
        return lists.get(entry.one_of("options", lists), {})
    own = [entry.part(table) for table in entry.tables("options")]
    found = {option.whole("code"): option.text("label") for option in own}
    for option in own:
        option.done()
    return found


def _read_option(entry: Entry, found: Definitions, own: str | None) -> None:
    """A choice that the law leaves open: what stands in conditions, and two words for sentences.

    The words are for yes and for no; `own` is what the county has chosen.
    """
    choices = entry.part(entry.table("choices"))
    known = tuple(choice for choice in choices.data if choice != "id")
    value = entry.one_of("value", known)
    value = own if own in known and own is not None else value
    entry.text("clause")
    words = choices.texts(value) if value in choices.data else ("", "")
    if len(words) != 2:
        entry.note("a choice has two words", "write the one for yes and the one for no")
        words = ("", "")
    found.options[entry.id], found.choices[entry.id] = value, known
    found.chosen[f"{{{entry.id}}}"] = value
    found.said[f"{{{entry.id}}}"], found.said[f"{{{entry.id}_not}}"] = words
    entry.done()


def _read_number(entry: Entry, found: Definitions, later: set[str]) -> None:
    unit, clause = entry.text("unit", ""), entry.text("clause")
    formula = entry.expression("is")
    if "is" not in entry.data:
        entry.note("is is missing", "write the formula")
    if formula is not None:
        for name in sorted(formula.names & later):
            entry.note(f"reads the number {name}, which must stand before it", "move that one up")
        if not formula.names & later:
            found.numbers[entry.id] = Number(entry.id, formula, unit, clause)
    entry.done()


def _fact(entry: Entry, found: Definitions) -> Fact:
    test, ok, fail = (entry.expression(key) for key in ("test", "ok", "fail"))
    any_of, all_of = entry.terms("any_of"), entry.terms("all_of")
    ways = [key for key in ("test", "any_of", "all_of") if key in entry.data]
    ways += ["ok"] if "ok" in entry.data or "fail" in entry.data else []
    if len(ways) != 1:
        entry.note("give exactly one of test, any_of, all_of, or ok and fail", "a fact is tested in one way")
    elif ways == ["ok"] and ("ok" not in entry.data or "fail" not in entry.data):
        entry.note("ok and fail belong together", "write both, what neither says is unknown")
    if test is not None and not is_one_comparison(test):
        entry.note("test must be one comparison", "join facts with any_of or all_of")
    answers = [found.answers(each) for each in (test, ok, fail) if each is not None]
    reads = tuple(dict.fromkeys(name for names in answers for name in names))
    rule = Fact(
        entry.id,
        test,
        ok,
        fail,
        any_of,
        all_of,
        entry.sentence("yes"),
        entry.sentence("no"),
        entry.sentence("unknown"),
        entry.text("clause"),
        reads,
        entry.texts("asks") or reads,
        entry.yes("given"),
    )
    entry.done()
    return rule


def _check_names(found: Definitions, numbers: list[Entry], facts: list[Entry]) -> None:
    """Note every name that nothing provides, every option that does not exist, every gap not filled."""
    known = [*found.registry, *found.parameters, *found.numbers]
    for entry in numbers:
        if entry.id in found.registry or entry.id in found.parameters:
            entry.note("a fact of the forms or a parameter has this name already", "give it another id")
        if (number := found.numbers.get(entry.id)) is not None:
            check_expression(entry, number.formula, found.registry, known)
    for entry in facts:
        rule = found.facts[entry.id]
        for expression in rule.expressions:
            check_expression(entry, expression, found.registry, known)
        found.check_terms(entry, rule.terms)
        for name in rule.asks:
            if name not in rule.reads:
                entry.unknown(f"asks for {name}, which it does not read", name, rule.reads)
        for filled in (rule.yes, rule.no, rule.unknown):
            found.check_gaps(entry, filled, [entry.id])


def _parts_first(found: Definitions, entries: list[Entry]) -> dict[str, Fact]:
    """The facts, each after those that it is made of; a fact that is made of itself is noted."""
    by_id = {entry.id: entry for entry in entries}
    ordered: dict[str, Fact] = {}

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            by_id[name].note("is made of itself: " + " > ".join((*above, name)), "break the circle")
        elif name in found.facts and name not in ordered:
            for each in found.facts[name].terms:
                place(each.fact, (*above, name))
            ordered[name] = found.facts[name]

    for name in found.facts:
        place(name, ())
    return ordered
