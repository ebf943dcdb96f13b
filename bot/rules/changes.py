"""What changed between two verdicts on a household, and an earlier verdict as it was given.

An earlier verdict is made again of what was kept with it: its own answers, figures and parameters. Today's
parameters never come near it, so no later value of the law changes it or its reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.rules.decide import Hint, Verdict
from bot.rules.grounds import grounds
from bot.rules.pack import PENDING, Pack
from bot.rules.reading import Reading
from bot.rules.sentences import Sentence, Teller
from bot.rules.table import state_of


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact in words, before and after.

    `turned` when its truth is another and not only a figure in it; `bears` when a row that either verdict
    rested on states it.
    """

    fact: str
    before: str
    after: str
    turned: bool
    bears: bool
    clause: str


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A number of the law that is another one; None where there was or is none.

    `since` is the day from which the new value holds; None, without a clause, when the pack has another one
    by now.
    """

    parameter: str
    before: float | None
    after: float | None
    unit: str
    since: date | None
    clause: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the scheme says of such a change of verdict; a `forbidden` one has no way in the document."""

    move: str
    text: str
    clause: str
    forbidden: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Two verdicts under one scheme, each with its day and its name; None for one that could not be given.

    `facts` lists what bears on the verdicts first, and what turned before what only moved.
    """

    before_on: date
    after_on: date
    before: str | None
    after: str | None
    before_name: str | None
    after_name: str | None
    facts: tuple[FactChange, ...]
    parameters: tuple[ParameterChange, ...]
    moves: tuple[Meaning, ...]

    @property
    def turned(self) -> bool:
        """Whether the verdict is another one."""
        return self.before != self.after

    @property
    def unmoved(self) -> bool:
        """Whether the verdict stayed although facts turned or the law has other numbers."""
        return not self.turned and (bool(self.parameters) or any(fact.turned for fact in self.facts))


def change(pack: Pack, before: Verdict, after: Verdict) -> Change:
    """What changed from one verdict to a later one under the same scheme."""
    facts = [*_facts(pack, before, after)]
    facts.sort(key=lambda each: (not each.bears, not each.turned))
    return Change(
        before.on,
        after.on,
        before.verdict,
        after.verdict,
        _name(pack, before),
        _name(pack, after),
        tuple(facts),
        tuple(_parameters(pack, before, after)),
        tuple(_meanings(pack, before, after)),
    )


def remembered(
    pack: Pack,
    on: date,
    *,
    verdict: str | None,
    row: str | None,
    answers: Mapping[str, Any],
    numbers: Mapping[str, Any],
    parameters: Mapping[str, float | None],
    flags: Sequence[str],
    missing: Sequence[str],
) -> Verdict:
    """A verdict as it was given on the day `on`, from what was kept of it.

    Verdict, row, flags and missing answers are those that were kept, whatever the pack says by now. A row
    or flag that the pack has no longer is left out.
    """
    reading = Reading(pack.facts, pack.numbers, parameters, {**answers, **numbers})
    for name in pack.deciding:
        reading.truth(name)
    cell = pack.table.cell(state_of(map(reading.truths.__getitem__, pack.row_facts)))
    possible = (pack.rows[index] for index in cell.rows)
    known = row is not None and row in pack.row_by_id
    rows = [row] if known else [each.id for each in possible if verdict in (None, each.verdict)]
    flagged = [flag for flag in pack.flags if flag.id in flags]
    return Verdict(
        scheme=pack.scheme.id,
        on=on,
        verdict=verdict,
        row=row if known else None,
        rows=tuple(each for each in rows if each is not None),
        truths={name: reading.truth(name) for name in pack.deciding},
        answers=dict(answers),
        numbers=dict(numbers),
        parameters=dict(parameters),
        flags=tuple(flag.id for flag in flagged),
        hints=tuple(Hint(flag.id, _filled(pack, reading, flag.text), flag.clause) for flag in flagged),
        missing=tuple(missing),
        pending=tuple(pack.row_facts[index] for index in cell.matters) if verdict is None else (),
    )


def _name(pack: Pack, verdict: Verdict) -> str | None:
    outcome = pack.outcome_by_id.get(verdict.verdict or "")
    return verdict.verdict if outcome is None else outcome.name


def _facts(pack: Pack, before: Verdict, after: Verdict) -> Iterator[FactChange]:
    """Every fact below the rows that rests on answers and reads otherwise now."""
    then, now = _reading(pack, before), _reading(pack, after)
    stated = (pack.row_by_id[row] for row in (*before.rows, *after.rows) if row in pack.row_by_id)
    bearing = set(_below(pack, (term.fact for row in stated for term in row.when)))
    for name in grounds(pack).of:
        rule = pack.facts[name]
        was, is_ = then.truth(name), now.truth(name)
        first, second = _filled(pack, then, rule.say(was)), _filled(pack, now, rule.say(is_))
        if was is not is_ or first != second:
            yield FactChange(name, first, second, was is not is_, name in bearing, rule.clause)


def _parameters(pack: Pack, before: Verdict, after: Verdict) -> Iterator[ParameterChange]:
    """The numbers of the law below the rows that are other ones now."""
    read = {name for ground in grounds(pack).of.values() for name in ground.names}
    for id, parameter in pack.parameter_by_id.items():
        old, new = before.parameters.get(id), after.parameters.get(id)
        if id not in read or old == new:
            continue
        dated = next((each for each in reversed(parameter.values) if each.start <= after.on), None)
        if dated is not None and dated.value == new:
            yield ParameterChange(id, old, new, parameter.unit, dated.start, dated.clause)
        else:
            yield ParameterChange(id, old, new, parameter.unit, None, "")


def _meanings(pack: Pack, before: Verdict, after: Verdict) -> Iterator[Meaning]:
    was, is_ = before.verdict or PENDING, after.verdict or PENDING
    reading = _reading(pack, after)
    for move in pack.moves:
        if was != is_ and was in move.before and is_ in move.after:
            yield Meaning(move.id, _filled(pack, reading, move.text), move.clause, move.forbidden)


def _reading(pack: Pack, verdict: Verdict) -> Reading:
    reading = Reading(pack.facts, pack.numbers, verdict.parameters, {**verdict.answers, **verdict.numbers})
    reading.truths.update(verdict.truths)
    return reading


def _filled(pack: Pack, reading: Reading, said: Sentence) -> str:
    values = {name: reading.get(name) for name in said.names}
    return said.fill(Teller(values, pack.registry, pack.words))


def _below(pack: Pack, facts: Iterable[str]) -> Iterator[str]:
    for fact in facts:
        yield fact
        yield from _below(pack, (term.fact for term in pack.facts[fact].terms))
