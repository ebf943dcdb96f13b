"""What a later answer under another name says of an earlier one, so that nothing out of date counts.

Two questionnaires may ask about the same thing in different words: attachment 4 whether the house was rated
as safe, the monthly check whether it is safe now. Rules read one name; the answer of the latest day counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from bot.expressions import Expression
from bot.rules.checking import check_expression
from bot.rules.entries import Entry, Source
from bot.rules.facts import MANY, ROSTER, Facts, Registry

Moment: TypeAlias = tuple[date, datetime]
"""The day for which something was said, and when it was written down."""

UNDATED: Final[Moment] = (date.min, datetime.min.replace(tzinfo=UTC))
"""Of what nobody knows when it was said: older than everything that has a day."""
WAYS: Final = ("map", "is", "clears")


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """What the answer `source` says of `facts`, as if they had been answered on its day.

    Codes are translated by `codes`, anything else by `formula`, which reads the answers as they were given;
    with an answer among `clears` the facts are no longer known. After `days` the source says nothing any more
    (0: it does not age). With `doubts` a "don't know" makes the facts unknown, else it says nothing.
    """

    facts: tuple[str, ...]
    source: str
    codes: Mapping[int, int] | None
    formula: Expression | None
    clears: tuple[int, ...]
    days: int
    doubts: bool

    @property
    def reads(self) -> frozenset[str]:
        """The answers that it rests on."""
        return frozenset({self.source}) | (self.formula.names if self.formula is not None else frozenset())

    def says(self, facts: Facts, parameters: Facts) -> tuple[Any] | None:
        """The value in a tuple, None in it for "not known any more"; None when it says nothing."""
        value = facts.get(self.source)
        if value is None:
            return (None,) if self.doubts else None
        if self.formula is not None:
            made = self.formula.run(lambda name: facts.get(name, parameters.get(name)))
            return None if made is None else (made,)
        if self.codes is None:
            return (None,) if value in self.clears else None
        if isinstance(value, list):
            return ([self.codes[code] for code in value if code in self.codes],)
        return (self.codes[value],) if value in self.codes else None


def current(
    updates: Sequence[Update],
    facts: Facts,
    moments: Mapping[str, Moment],
    parameters: Facts,
    today: date,
) -> dict[str, Any]:
    """`facts` with everything that another answer of a later moment says of them.

    `moments` say when each was answered; without one it is as old as can be. Of one moment the answer itself
    goes before what is made of others, and an earlier update before a later one.
    """
    found = dict(facts)
    held = {name: moments.get(name, UNDATED) for name in facts}
    for update in updates:
        moment = moments.get(update.source, UNDATED)
        if update.source not in facts or _aged(update, moment, today):
            continue
        said = update.says(facts, parameters)
        for name in update.facts if said is not None else ():
            if name not in held or moment > held[name]:
                held[name] = moment
                found[name] = said[0] if said is not None else None
    return found


def _aged(update: Update, moment: Moment, today: date) -> bool:
    return bool(update.days) and moment != UNDATED and (today - moment[0]).days > update.days


def told_by(updates: Sequence[Update], facts: frozenset[str]) -> frozenset[str]:
    """These facts and every answer that says something of one of them."""
    return facts.union(*(update.reads for update in updates if facts.intersection(update.facts)))


def read_updates(source: Source, registry: Registry, given: Sequence[str]) -> tuple[Update, ...]:
    """The `[[update]]` tables, with what is wrong with them; formulas may read the parameters `given` too."""
    return tuple(_update(entry, registry, given) for entry in source.entries("update"))


def _update(entry: Entry, registry: Registry, given: Sequence[str]) -> Update:
    facts, name = entry.texts("facts"), entry.text("from")
    ways = [way for way in WAYS if way in entry.data]
    if len(ways) != 1:
        entry.note("give exactly one of map, is and clears", "a later answer says something in one way")
    if not facts:
        entry.note("facts is missing", 'facts = ["house_safety"]')
    for each in (*facts, name):
        if each not in registry:
            entry.unknown(f"nothing provides {each}", each, registry)
    codes = _codes(entry, facts, name, registry) if "map" in entry.data else None
    formula = entry.expression("is")
    if formula is not None:
        check_expression(entry, formula, registry, [*registry, *given])
    clears = _clears(entry, name, registry)
    update = Update(facts, name, codes, formula, clears, entry.whole("days", 0), entry.yes("doubts"))
    entry.text("clause")
    entry.done()
    return update


def _clears(entry: Entry, name: str, registry: Registry) -> tuple[int, ...]:
    entry.asked.append("clears")
    codes = entry.data.get("clears", [])
    if not isinstance(codes, list) or not all(type(code) is int for code in codes):
        entry.note("clears must be a list of codes", "clears = [1]")
        return ()
    _check_options(entry, codes, name, registry)
    return tuple(codes)


def _codes(entry: Entry, facts: Sequence[str], name: str, registry: Registry) -> dict[int, int] | None:
    """The codes of the source with those that they stand for."""
    table = entry.table("map")
    if not all(str(code).isdigit() and type(to) is int for code, to in table.items()):
        entry.note("map must lead from codes to codes", "map = { 1 = 2, 2 = 1 }")
        return None
    codes = {int(code): to for code, to in table.items()}
    _check_options(entry, codes, name, registry)
    for fact in facts:
        _check_options(entry, codes.values(), fact, registry)
        kinds = {registry[each].kind for each in (fact, name) if each in registry}
        if ROSTER in kinds or (MANY in kinds and len(kinds) > 1):
            entry.note(f"no code of {name} can stand for {fact}", "both take one answer, or several")
    return codes


def _check_options(entry: Entry, codes: Iterable[int], fact: str, registry: Registry) -> None:
    info = registry.get(fact)
    for code in codes if info is not None and info.options else ():
        if info is not None and code not in info.options:
            entry.note(f"{fact} has no option {code}", f"its options are {', '.join(map(str, info.options))}")
