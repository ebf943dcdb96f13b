"""Makes a pack of what its TOML says, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from bot.problems import Problem, unknown_keys
from bot.rules.completeness import check, components
from bot.rules.county import NOWHERE, County
from bot.rules.definitions import Definitions, read_definitions
from bot.rules.entries import Entry, Problems, Source
from bot.rules.facts import Facts, Registry
from bot.rules.following import Following, read_following
from bot.rules.frequencies import SUBJECTS
from bot.rules.pack import PENDING, Outcome, Pack, Row, Scheme
from bot.rules.parameters import Parameter, days_of_change, values_at
from bot.rules.possible import check_conditions, check_facts
from bot.rules.sentences import Words
from bot.rules.table import DecisionTable, line_of
from bot.rules.updates import read_updates

SECTIONS: Final = (
    *("scheme", "verdict", "option", "parameter", "input", "number", "fact", "row", "flag"),
    *("frequency", "measure", "refusal", "move", "alert", "department"),
)
SHARED_SECTIONS: Final = ("words", "parameter", "number", "fact", "update", "department")
LIBRARY_SECTIONS: Final = ("set", "parameter", "number", "fact", "measure", "frequency")
CONDITIONAL: Final = ("flag", "measure", "refusal", "alert")
"""What applies when all the facts of its `when` hold."""
FORBIDDEN: Final = "forbidden"
"""How a scheme says that nothing may be published."""
MOST_ROW_FACTS: Final = 13
"""A table over more facts than this has too many states; join some of them with any_of or all_of."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every scheme is read with.

    `shared` and `library` are the tables by file name, `given` the parameters of questionnaires, which
    updates may read and a scheme may name as its own, `lists` their options, `county` what it decides.
    """

    shared: Mapping[str, Mapping[str, Any]]
    library: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    given: Sequence[Parameter] = ()
    lists: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    county: County = NOWHERE


def load_pack(
    data: Mapping[str, Any],
    around: Surroundings,
    registry: Registry,
    *,
    file: str = "pack",
    alone: bool = False,
) -> tuple[Pack | None, list[Problem]]:
    """Read a scheme with the definitions that all schemes share; without a pack the problems say why.

    `file` names in the problems where it came from. `alone` leaves out the trying of what is shared, which
    another scheme has been read with already.
    """
    problems = Problems()
    pack = Source(file, data, problems)
    common = [Source(name, tables, problems) for name, tables in around.shared.items()]
    library = [Source(name, tables, problems) for name, tables in around.library.items()]
    for sources, sections in (([pack], SECTIONS), (common, SHARED_SECTIONS), (library, LIBRARY_SECTIONS)):
        for each in sources:
            problems.found += unknown_keys(each.file, "-", each.data, sections)
    lent = {parameter.id: parameter for parameter in around.given}
    known = read_definitions(pack, [*common, *library], registry, lent, around.lists, around.county)
    pack = replace(pack, said=known.said, chosen=known.chosen)
    scheme, words = _scheme(pack.single("scheme"), known), _words(common)
    _note_late(pack, known, scheme)
    outcomes = tuple(map(_outcome, pack.entries("verdict")))
    stated = pack.entries("row")
    rows = tuple(_row(entry, [outcome.id for outcome in outcomes], known) for entry in stated)
    following = read_following(pack, [*common, *library], outcomes, known, around.county)
    updates = tuple(
        update
        for each in common
        for update in read_updates(
            each, known.registry, [f"param_{parameter.id}" for parameter in around.given]
        )
    )
    if not rows:
        problems.add(file, "row", "there is no row")
    _note_unused(pack.entries("fact"), known, rows, following)
    days = [values_at(known.parameters.values(), day) for day in _days(scheme, known)]
    if not problems.found:
        tried = [pack] if alone else [pack, *common, *library]
        check_facts((entry for each in tried for entry in each.entries("fact")), known, days)
        conditional = [each.entries(kind) for each in tried for kind in CONDITIONAL]
        check_conditions((entry for entries in conditional for entry in entries), known, days)
    table = None if problems.found else _table(outcomes, rows, stated, known, days)
    if table is None or problems.found:
        return None, problems.found
    row_facts = table.facts
    flagged = [term.fact for flag in following.flags for term in flag.when]
    return Pack(
        scheme=scheme,
        words=words,
        options=known.options,
        choices=known.choices,
        parameters=tuple(known.parameters.values()),
        outcomes=outcomes,
        numbers=known.numbers,
        facts=known.facts,
        rows=rows,
        flags=following.flags,
        frequencies=following.frequencies,
        departments=following.departments,
        measures=following.measures,
        refusals=following.refusals,
        moves=following.moves,
        alerts=following.alerts,
        updates=updates,
        registry=known.registry,
        row_facts=row_facts,
        deciding=_whole(row_facts, known),
        reads=_reads(_whole(row_facts, known), known),
        keeps=_reads(_whole([*row_facts, *flagged], known), known),
        table=table,
        library=frozenset(around.county.library),
    ), []


def _days(scheme: Scheme, known: Definitions) -> tuple[date, ...]:
    return days_of_change(known.parameters.values(), scheme.start)


def _table(
    outcomes: tuple[Outcome, ...],
    rows: tuple[Row, ...],
    stated: list[Entry],
    known: Definitions,
    days: Sequence[Facts],
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


def _scheme(entry: Entry, known: Definitions) -> Scheme:
    scheme = Scheme(
        entry.text("id"),
        entry.text("name"),
        entry.text("county", ""),
        entry.day("from"),
        entry.text("source", ""),
        entry.sentence("to_verify"),
        entry.text("to_verify_clause", ""),
        entry.whole("code", 0),
        entry.texts("forms"),
        entry.one_of("subject", SUBJECTS, "household"),
        entry.yes("secret"),
        entry.text("publicity", ""),
        entry.yes("self_apply"),
    )
    if not scheme.forms:
        entry.note("forms is missing", 'name the questionnaires that ask for it: forms = ["cs"]')
    if scheme.publicity not in ("", FORBIDDEN) and scheme.publicity not in known.parameters:
        entry.unknown(f"publicity names no parameter {scheme.publicity}", scheme.publicity, known.parameters)
    if scheme.secret and scheme.publicity != FORBIDDEN:
        entry.note("what is secret is not published", f'publicity = "{FORBIDDEN}"')
    entry.done()
    return scheme


def _words(shared: Sequence[Source]) -> Words:
    """The `[words]` of the one shared file that has them."""
    entry = next(each for each in shared if "words" in each.data).single("words")
    words = Words(entry.text("comma"), entry.text("unknown"))
    entry.done()
    return words


def _outcome(entry: Entry) -> Outcome:
    outcome = Outcome(
        entry.id,
        entry.text("name"),
        entry.sentence("settled"),
        entry.text("clause"),
        entry.yes("silent"),
        entry.whole("rank"),
        entry.texts("ledgers"),
        entry.texts("guarantors"),
        entry.texts("closes"),
    )
    if outcome.id == PENDING:
        entry.note("this id is for what cannot be judged yet", "give it another one")
    entry.done()
    return outcome


def _row(entry: Entry, verdicts: list[str], known: Definitions) -> Row:
    when = entry.terms("when")
    verdict = entry.one_of("verdict", verdicts)
    row = Row(entry.id, verdict, when, entry.sentence("reason"), entry.text("clause"), entry.yes("spare"))
    if not when:
        entry.note("states no condition", "a row states all its conditions in when")
    known.check_terms(entry, when)
    known.check_gaps(entry, row.reason, [])  # parameters only: a batch says it without any household
    entry.done()
    return row


def _note_late(pack: Source, known: Definitions, scheme: Scheme) -> None:
    """Note every parameter of the scheme that has its first value only after the scheme's first day."""
    stated = [entry for entry in pack.entries("parameter") if entry.data.get("values")]
    for parameter in (known.parameters[entry.id] for entry in stated):
        first = parameter.values[0].start if parameter.values else scheme.start
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
    used |= {term.fact for refusal in following.refusals for term in refusal.when}
    used |= {choice for choices in known.choices.values() for choice in choices}
    used |= {term.fact for alert in following.alerts for term in (*alert.when, *alert.each)}
    used |= {term.fact for rule in known.facts.values() for term in rule.terms}
    for entry in own:
        if entry.id not in used:
            entry.note("nothing rests on this fact", "use it in a row, flag, measure or alert, or remove it")
