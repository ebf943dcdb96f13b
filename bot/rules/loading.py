"""Makes a pack of what its TOML says, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.problems import Problem, unknown_keys
from bot.rules.completeness import check, components
from bot.rules.definitions import Definitions, read_definitions
from bot.rules.entries import Entry, Problems, Source
from bot.rules.facts import Registry
from bot.rules.following import Following, read_following
from bot.rules.pack import Outcome, Pack, Row, Scheme
from bot.rules.parameters import Parameter, days_of_change, values_at
from bot.rules.sentences import Words
from bot.rules.table import DecisionTable, line_of
from bot.rules.updates import read_updates

SECTIONS: Final = (
    *("scheme", "words", "verdict", "option", "parameter", "number", "fact", "row", "flag"),
    *("frequency", "measure", "alert", "department"),
)
SHARED_SECTIONS: Final = ("words", "parameter", "number", "fact", "update")
MOST_ROW_FACTS: Final = 13
"""A table over more facts than this has too many states; join some of them with any_of or all_of."""


def load_pack(
    data: Mapping[str, Any],
    shared: Mapping[str, Any],
    registry: Registry,
    *,
    given: Sequence[Parameter] = (),
    file: str = "pack",
    shared_file: str = "shared",
) -> tuple[Pack | None, list[Problem]]:
    """Read a scheme with the definitions that all schemes share; without a pack the problems say why.

    `given` are the parameters of questionnaires, which updates may read and the scheme may name as its own.
    `file` and `shared_file` name in the problems where the two came from.
    """
    problems = Problems()
    pack, common = Source(file, data, problems), Source(shared_file, shared, problems)
    for source, sections in ((pack, SECTIONS), (common, SHARED_SECTIONS)):
        problems.found += unknown_keys(source.file, "-", source.data, sections)
    scheme, words = _scheme(pack.single("scheme")), _words(common.single("words"))
    known = read_definitions(pack, common, registry, {parameter.id: parameter for parameter in given})
    pack = replace(pack, said=known.said)
    _note_late(pack, known, scheme)
    outcomes = tuple(map(_outcome, pack.entries("verdict")))
    stated = pack.entries("row")
    rows = tuple(_row(entry, [outcome.id for outcome in outcomes], known) for entry in stated)
    following = read_following(pack, [outcome.id for outcome in outcomes], known)
    updates = read_updates(common, registry, [f"param_{parameter.id}" for parameter in given])
    if not rows:
        problems.add(file, "row", "there is no row")
    _note_unused(pack.entries("fact"), known, rows, following)
    table = None if problems.found else _table(scheme, outcomes, rows, stated, known)
    if table is None or problems.found:
        return None, problems.found
    row_facts = table.facts
    flagged = [term.fact for flag in following.flags for term in flag.when]
    return Pack(
        scheme=scheme,
        words=words,
        options=known.options,
        parameters=tuple(known.parameters.values()),
        outcomes=outcomes,
        numbers=known.numbers,
        facts=known.facts,
        rows=rows,
        flags=following.flags,
        frequencies=following.frequencies,
        departments=following.departments,
        measures=following.measures,
        alerts=following.alerts,
        updates=updates,
        registry=registry,
        row_facts=row_facts,
        deciding=_whole(row_facts, known),
        reads=_reads(_whole(row_facts, known), known),
        keeps=_reads(_whole([*row_facts, *flagged], known), known),
        table=table,
    ), []


def _table(
    scheme: Scheme,
    outcomes: tuple[Outcome, ...],
    rows: tuple[Row, ...],
    stated: list[Entry],
    known: Definitions,
) -> DecisionTable | None:
    """The decision table of the rows, checked for gaps and overlaps on every day on which a value changes."""
    facts = tuple(dict.fromkeys(term.fact for row in rows for term in row.when))
    if len(facts) > MOST_ROW_FACTS:
        stated[-1].note(
            f"the rows together state {len(facts)} facts, at most {MOST_ROW_FACTS} are possible",
            "join some with any_of or all_of",
        )
        return None
    verdicts = [outcome.id for outcome in outcomes]
    lines = tuple(line_of(row.when, verdicts.index(row.verdict), facts) for row in rows)
    parameters = tuple(known.parameters.values())
    days = [values_at(parameters, day) for day in days_of_change(parameters, scheme.start)]
    table = DecisionTable(facts, lines, components(facts, known.facts, known.numbers, known.registry, days))
    check(table, stated)
    return table


def _whole(names: Iterable[str], known: Definitions) -> tuple[str, ...]:
    """These facts and those that they are made of, parts first."""
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(_whole((term.fact for term in known.facts[name].terms), known)))
        found[name] = None
    return tuple(found)


def _reads(facts: Iterable[str], known: Definitions) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for fact in facts for name in known.facts[fact].reads))


def _scheme(entry: Entry) -> Scheme:
    scheme = Scheme(
        entry.text("id"),
        entry.text("name"),
        entry.text("county", ""),
        entry.day("from"),
        entry.text("source", ""),
        entry.sentence("to_verify"),
        entry.text("to_verify_clause", ""),
        entry.whole("code", 0),
    )
    entry.done()
    return scheme


def _words(entry: Entry) -> Words:
    words = Words(entry.text("comma"), entry.text("unknown"))
    entry.done()
    return words


def _outcome(entry: Entry) -> Outcome:
    outcome = Outcome(
        entry.id, entry.text("name"), entry.sentence("settled"), entry.text("clause"), entry.yes("silent")
    )
    entry.done()
    return outcome


def _row(entry: Entry, verdicts: list[str], known: Definitions) -> Row:
    when = entry.terms("when")
    row = Row(
        entry.id, entry.one_of("verdict", verdicts), when, entry.sentence("reason"), entry.text("clause")
    )
    if not when:
        entry.note("states no condition", "a row states all its conditions in when")
    known.check_terms(entry, when)
    known.check_gaps(entry, row.reason, [])  # parameters only: a batch says it without any household
    entry.done()
    return row


def _note_late(pack: Source, known: Definitions, scheme: Scheme) -> None:
    """Note every parameter without a value on the scheme's first day."""
    for parameter in known.parameters.values():
        first = parameter.values[0].start
        if first > scheme.start:
            what = f"has no value before {first}, but the scheme begins on {scheme.start}"
            hint = f"give it a value from {scheme.start} on"
            pack.problems.add(pack.file, f"parameter {parameter.id}", what, hint)


def _note_unused(own: list[Entry], known: Definitions, rows: tuple[Row, ...], following: Following) -> None:
    """Note the facts of the pack itself that nothing rests on: most often a condition was forgotten."""
    used = {term.fact for row in rows for term in row.when}
    used |= {term.fact for flag in following.flags for term in flag.when}
    used |= {term.fact for measure in following.measures for term in measure.when}
    used |= {fact for measure in following.measures for fact in measure.mends}
    used |= {term.fact for alert in following.alerts for term in (*alert.when, *alert.each)}
    used |= {term.fact for rule in known.facts.values() for term in rule.terms}
    for entry in own:
        if entry.id not in used:
            entry.note("nothing rests on this fact", "use it in a row, flag, measure or alert, or remove it")
