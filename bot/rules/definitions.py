"""Reads what a pack defines before it decides anything: options, parameters, numbers and facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.expressions import Expression
from bot.rules.checking import check_expression, is_one_comparison, names_in_order
from bot.rules.entries import Entry, Source
from bot.rules.facts import Registry
from bot.rules.pack import Fact, Number
from bot.rules.parameters import DatedValue, Parameter
from bot.rules.sentences import Sentence
from bot.rules.terms import Term


@dataclass(slots=True)
class Definitions:
    """Everything that rows, flags, measures and alerts may name."""

    registry: Registry
    options: dict[str, str]
    signs: dict[str, str]
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
    pack: Source, shared: Source, registry: Registry, lent: Mapping[str, Parameter]
) -> Definitions:
    """Read the pack's definitions together with the shared ones, and note what is wrong with them.

    `lent` are the parameters of questionnaires by id, whose values stand there and nowhere else.
    """
    found = Definitions(registry, {}, {}, {}, {}, {}, {})
    for entry in pack.entries("option"):
        _read_option(entry, found)
    pack, shared = replace(pack, said=found.said), replace(shared, said=found.said)
    parameters, numbers, facts = (_both(section, shared, pack) for section in ("parameter", "number", "fact"))
    for entry in parameters:
        found.parameters[entry.id] = read_parameter(entry, lent)
    later = {entry.id for entry in numbers}
    for entry in numbers:
        _read_number(entry, found, later)
        later.discard(entry.id)
    for entry in facts:
        found.facts[entry.id] = _fact(entry, found)
    _check_names(found, numbers, facts)
    found.facts = _parts_first(found, facts)
    return found


def _both(section: str, shared: Source, pack: Source) -> list[Entry]:
    """The shared entries, then the pack's own, which may not take their ids."""
    first, second = shared.entries(section), pack.entries(section)
    taken = {entry.id for entry in first}
    for entry in second:
        if entry.id in taken:
            entry.note(f"{shared.file} defines it already", "use that one, or give this another id")
    return first + second


def _read_option(entry: Entry, found: Definitions) -> None:
    """A choice that the law leaves open: the operator for tests, and the words for sentences and their no."""
    choices = entry.part(entry.table("choices"))
    value = entry.one_of("value", [choice for choice in choices.data if choice != "id"])
    entry.text("clause")
    words = choices.texts(value) if value in choices.data else ("", "")
    if len(words) != 2:
        entry.note("a choice has two words", "write the one for yes and the one for no")
        words = ("", "")
    found.options[entry.id] = value
    found.signs[f"{{{entry.id}}}"] = value
    found.said[f"{{{entry.id}}}"], found.said[f"{{{entry.id}_not}}"] = words
    entry.done()


def read_parameter(entry: Entry, lent: Mapping[str, Parameter]) -> Parameter:
    """A parameter with its dated values, early to late; one of `lent` is named and nothing more."""
    known = lent.get(entry.id)
    if known is not None and set(entry.data) == {"id"}:
        return known
    if known is not None and known.code == entry.data.get("code"):
        # Under another number of the catalogue it is another county's own.
        entry.note(f"questionnaires read {known.code} too: its values stand there", "leave only the id here")
    values = [_dated(entry.part(table)) for table in entry.tables("values")]
    values.sort(key=lambda dated: dated.start)
    starts = [dated.start for dated in values]
    if not values:
        entry.note("there is no value", "values = [{ from = 2020-03-17, value = 5000, clause = … }]")
        values.append(DatedValue(date.min, 0.0, ""))
    elif len(set(starts)) < len(starts):
        entry.note("two values start on the same day", "each value holds from a day of its own")
    parameter = Parameter(entry.id, entry.text("code", ""), entry.text("unit", ""), tuple(values))
    entry.done()
    return parameter


def _dated(entry: Entry) -> DatedValue:
    entry.asked.append("value")
    value = entry.data.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool):
        entry.note("value must be a number", "without quotes and units")
        value = 0.0
    dated = DatedValue(entry.day("from"), value, entry.text("clause"))
    entry.done()
    return dated


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
    test = entry.expression("test", found.signs)
    ok, fail = entry.expression("ok", found.signs), entry.expression("fail", found.signs)
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
