"""Which of the open questions can still turn a verdict: only those are worth asking.

`Verdict.missing` names the open answers behind every fact that matters. Some of them cannot matter any more
because of what was answered beside them. Here every way of answering is tried, apart for the facts that share
no open answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import Any, Final, TypeAlias

from bot.rules.decide import Verdict
from bot.rules.facts import MANY
from bot.rules.levers import NONE_OF_THESE, Household, household, lever_of, values
from bot.rules.pack import Pack
from bot.rules.reading import Reading
from bot.rules.table import state_of
from bot.rules.terms import Truth

MOST: Final = 5_000
"""Where more ways of answering than this would have to be tried, a question counts as worth asking."""
FIRST: Final = 1_000
"""The figure to begin with where nothing is known; the lines of the law are tried beside it."""

End: TypeAlias = "tuple[int, ...] | None"
"""The verdicts that facts lead to, by what the others may be; None while they do not settle it."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Facts that share open answers, with the truths that they can show.

    `turns` holds by answer the pairs of places in `shown` between which that answer alone decides.
    """

    leaves: tuple[str, ...]
    answers: tuple[str, ...]
    shown: tuple[tuple[Truth, ...], ...]
    turns: Mapping[str, frozenset[tuple[int, int]]]


def still_open(pack: Pack, verdict: Verdict) -> tuple[str, ...]:
    """Those of `verdict.missing` that can still turn the verdict, in the order of the pack.

    All of them where none can, but the rules cannot see it without an answer: an expense that is above the
    line already, whatever is added to it.
    """
    if not verdict.missing:
        return ()
    found = household(pack, verdict.answers, verdict.parameters)
    worth: set[str] = set()
    for part in pack.table.components:
        facts = [fact for index, fact in enumerate(pack.row_facts) if part.mask >> index & 1]
        if not set(facts).isdisjoint(verdict.pending):
            worth |= _worth_asking(found, verdict, part.mask, facts)
    return tuple(name for name in verdict.missing if name in worth) or verdict.missing


def _worth_asking(found: Household, verdict: Verdict, mask: int, facts: Sequence[str]) -> set[str]:
    pack = found.pack
    below = {leaf for fact in facts for leaf in _leaves(pack, fact)}
    known = {leaf: verdict.truths[leaf] for leaf in below if verdict.truths[leaf] is not None}
    groups = _groups(found, [leaf for leaf in found.grounds.of if leaf in below - known.keys()])
    asked = {name for group in groups for name in group.answers}.intersection(verdict.missing)
    if prod(len(group.shown) for group in groups) > MOST:
        return asked
    end_of = _ends(pack, verdict, mask, facts)
    ends: dict[tuple[int, ...], End] = {}
    for places in product(*(range(len(group.shown)) for group in groups)):
        reading = Reading(pack.facts, {}, {}, {})
        reading.truths.update(known)
        for group, place in zip(groups, places, strict=True):
            reading.truths.update(zip(group.leaves, group.shown[place], strict=True))
        ends[places] = end_of(reading)
    return {
        name
        for index, group in enumerate(groups)
        for name in asked.intersection(group.answers)
        if name not in group.turns or _turns(ends, index, group.turns[name])
    }


def _turns(ends: Mapping[tuple[int, ...], End], index: int, pairs: frozenset[tuple[int, int]]) -> bool:
    """Whether it ends otherwise for one of the pairs at `index`, whatever stands at the other places."""
    return any(
        end != ends[(*places[:index], other, *places[index + 1 :])]
        for places, end in ends.items()
        for one, other in pairs
        if places[index] == one
    )


def _ends(pack: Pack, verdict: Verdict, mask: int, facts: Sequence[str]) -> Callable[[Reading], End]:
    """What the truths of a component's facts lead to, beside everything that the others can still be."""
    state = state_of(map(verdict.truths.__getitem__, pack.row_facts))
    others = sorted({vector & ~mask for vector in pack.table.completions(state)})
    bits = {fact: 1 << pack.row_facts.index(fact) for fact in facts}
    made: dict[tuple[Truth, ...], End] = {}

    def end_of(reading: Reading) -> End:
        truths = tuple(map(reading.truth, facts))
        if truths not in made:
            made[truths] = _end(truths)
        return made[truths]

    def _end(truths: Sequence[Truth]) -> End:
        if None in truths:
            place = truths.index(None)
            both = {_end((*truths[:place], truth, *truths[place + 1 :])) for truth in (False, True)}
            return both.pop() if len(both) == 1 else None
        vector = sum(bits[fact] for fact, truth in zip(facts, truths, strict=True) if truth)
        return tuple(_verdict(pack, vector | other) for other in others)

    return end_of


def _verdict(pack: Pack, vector: int) -> int:
    rows = pack.table.rows_for(vector)
    return pack.table.lines[rows[0]].verdict if rows else -1


def _leaves(pack: Pack, fact: str) -> Iterator[str]:
    terms = pack.facts[fact].terms
    if not terms:
        yield fact
    for term in terms:
        yield from _leaves(pack, term.fact)


def _groups(found: Household, leaves: Iterable[str]) -> list[_Group]:
    """The unknown facts in groups that, directly or through others, share open answers."""
    joined: list[tuple[list[str], dict[str, None]]] = []
    for leaf in leaves:
        names = dict.fromkeys(name for name in found.pack.facts[leaf].reads if name not in found.answers)
        touching = [each for each in joined if not names.keys().isdisjoint(each[1])]
        facts = [fact for each in touching for fact in each[0]]
        for each in touching:
            names = {**each[1], **names}
        joined = [each for each in joined if each not in touching] + [([*facts, leaf], names)]
    return [_group(found, tuple(facts), tuple(names)) for facts, names in joined]


def _group(found: Household, leaves: tuple[str, ...], names: tuple[str, ...]) -> _Group:
    """Every way of answering `names`, each of them once as the last one, when all its lines are known."""
    shown: dict[tuple[Truth, ...], int] = {}
    turns: dict[str, set[tuple[int, int]]] = {name: set() for name in names}
    for name in names:
        tried = 0
        for filled in _filled(found, [each for each in names if each != name]):
            places = set()
            for value in _values(filled, name):
                reading = filled.reading({name: value})
                truths = tuple(map(reading.truth, leaves))
                places.add(shown.setdefault(truths, len(shown)))
                tried += 1
            turns[name].update(combinations(sorted(places), 2))
            if tried > MOST:
                free = tuple(product((False, True), repeat=len(leaves)))
                return _Group(leaves, names, free, {})
    # Of rows, texts and days nothing was tried: such a question stays worth asking.
    tried_all = {name: frozenset(pairs) for name, pairs in turns.items() if _begin(found, name) is not None}
    return _Group(leaves, names, tuple(shown), tried_all)


def _filled(found: Household, names: Sequence[str]) -> Iterator[Household]:
    if not names:
        yield found
        return
    for value in _values(found, names[0]):
        yield from _filled(found.with_changes({names[0]: value}), names[1:])


def _values(found: Household, name: str) -> Iterator[Any]:
    """Values that stand for all that an open answer could be."""
    info = found.pack.registry[name]
    if info.kind == MANY:
        yield from _choices(found, name, tuple(info.options))
        return
    begin = _begin(found, name)
    lever = None if begin is None else lever_of(found.pack, found.grounds, name, begin)
    yield begin
    if lever is not None:
        yield from values(lever, found.with_changes({name: begin}))


def _begin(found: Household, name: str) -> Any:
    """A value to begin with; None for rows, texts and days."""
    info = found.pack.registry[name]
    if info.kind == MANY:
        return [NONE_OF_THESE]
    begin = next(iter(info.options), FIRST)
    return begin if lever_of(found.pack, found.grounds, name, begin) is not None else None


def _choices(found: Household, name: str, options: tuple[int, ...]) -> Iterator[list[int]]:
    """Every choice among the codes that matter, and one without any of them."""
    ground = found.grounds.of
    codes = sorted(
        {
            code
            for leaf, rests in ground.items()
            if name in rests.names
            for expression in found.pack.facts[leaf].expressions
            for read, code in expression.constants
            if read == name and code != NONE_OF_THESE
        }
    )
    other = next((code for code in options if code not in codes and code != NONE_OF_THESE), NONE_OF_THESE)
    yield [NONE_OF_THESE if NONE_OF_THESE in options else other]
    most = len(codes) if len(codes) <= 6 else 2
    for size in range(1, most + 1):
        yield from (list(chosen) for chosen in combinations(codes, size))
