"""Gives one household its verdict under a scheme, or says what is still missing for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.rules.facts import Facts
from bot.rules.pack import PENDING, Fact, Pack
from bot.rules.reading import Reading
from bot.rules.sentences import Teller
from bot.rules.table import TO_VERIFY, Cell, state_of
from bot.rules.terms import Truth


@dataclass(frozen=True, slots=True)
class Hint:
    """What a raised flag says, with its clause."""

    flag: str
    text: str
    clause: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict with everything that it rested on, so that it can be explained years later.

    `verdict` is None while answers are missing ("to verify"); `row` is None then, and also when several of
    `rows` are still possible but all say the same. `missing` names unanswered facts that can still turn the
    verdict, `pending` the facts of the law that are unknown and matter.
    """

    scheme: str
    on: date
    verdict: str | None
    row: str | None
    rows: tuple[str, ...]
    truths: Mapping[str, Truth]
    answers: Mapping[str, Any]
    numbers: Mapping[str, Any]
    parameters: Mapping[str, float | None]
    flags: tuple[str, ...]
    hints: tuple[Hint, ...]
    missing: tuple[str, ...]
    pending: tuple[str, ...]

    @property
    def values(self) -> dict[str, Any]:
        """Answers, numbers and parameters by name."""
        return {**self.answers, **self.numbers, **self.parameters}


def decide(
    pack: Pack, facts: Facts, on: date, parameters: Mapping[str, float | None] | None = None
) -> Verdict:
    """Classify one household by the rules of the day `on`; NotInForce before the scheme began.

    Nothing unknown counts as no: the verdict is given only if every answer still open leads to the same one.
    `parameters` stand for those of the day, so that an earlier verdict can be looked at again.
    """
    if parameters is None:
        parameters = pack.parameters_on(on)
    answers = {name: facts[name] for name in pack.keeps if facts.get(name) is not None}
    reading = Reading(pack.facts, pack.numbers, parameters, answers)
    for name in pack.deciding:  # all of them, also where one settled the matter: the explanation says each
        reading.truth(name)
    cell = pack.table.cell(state_of(map(reading.truths.__getitem__, pack.row_facts)))
    verdict = None if cell.verdict == TO_VERIFY else pack.outcomes[cell.verdict].id
    given = verdict or PENDING
    flags = [flag for flag in pack.flags if given in flag.verdicts and reading.all(flag.when)]
    teller = Teller(reading, pack.registry, pack.words)
    return Verdict(
        scheme=pack.scheme.id,
        on=on,
        verdict=verdict,
        row=pack.rows[cell.rows[0]].id if len(cell.rows) == 1 else None,
        rows=tuple(pack.rows[index].id for index in cell.rows),
        truths=dict(reading.truths),
        answers=answers,
        numbers={name: value for name, value in reading.values.items() if name in pack.numbers},
        parameters=parameters,
        flags=tuple(flag.id for flag in flags),
        hints=tuple(Hint(flag.id, flag.text.fill(teller), flag.clause) for flag in flags),
        missing=_missing(pack, reading, cell),
        pending=tuple(pack.row_facts[index] for index in cell.matters),
    )


def _missing(pack: Pack, reading: Reading, cell: Cell) -> tuple[str, ...]:
    if not cell.matters:
        return ()
    wanted = set(_unanswered(pack, reading, (pack.row_facts[index] for index in cell.matters)))
    return tuple(name for name in pack.reads if name in wanted)


def _unanswered(pack: Pack, reading: Reading, facts: Iterable[str]) -> Iterable[str]:
    """The open answers behind facts; what is already settled inside a composed fact is left alone."""
    for name in facts:
        rule: Fact = pack.facts[name]
        if reading.truth(name) is None:
            yield from (answer for answer in rule.asks if answer not in reading.values)
            yield from _unanswered(pack, reading, (term.fact for term in rule.terms))
