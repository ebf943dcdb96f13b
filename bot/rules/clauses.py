"""What the cited places of the documents are called towards officials (`clauses.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.problems import Problem, near_miss, unknown_keys
from bot.rules.pack import Pack

READING = "Q-"
"""Beginning of a reference to an open reading: where the document is silent there is no place to name."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """Names by reference; `joined` stands between several."""

    names: Mapping[str, str]
    joined: str

    def say(self, references: str) -> str:
        """The named places of "003:1982; 003:1984; Q-15", without the readings."""
        found = [self.names[ref] for ref in cited(references) if ref in self.names]
        return self.joined.join(dict.fromkeys(found))


def cited(references: str) -> list[str]:
    """The single references of a clause."""
    return [part.strip() for part in references.split(";") if part.strip()]


def read_clauses(data: Mapping[str, Any], joined: str, file: str) -> tuple[Clauses, list[Problem]]:
    """The names in the tables of `clauses.toml`."""
    names: dict[str, str] = {}
    problems: list[Problem] = []
    tables = data.get("clause", [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        return Clauses({}, joined), [Problem(file, "clause", "it is no list of tables", "write [[clause]]")]
    for table in tables:
        ref = str(table.get("ref", "?"))
        problems += unknown_keys(file, ref, table, ("ref", "name"))
        if ref in names:
            problems.append(Problem(file, ref, "the reference is named twice", "name it once"))
        if not table.get("name"):
            problems.append(Problem(file, ref, "the clause has no name", "say what officials call the place"))
        names[ref] = str(table.get("name", ""))
    return Clauses(names, joined), problems


def unnamed(packs: Iterable[Pack], clauses: Clauses, file: str) -> list[Problem]:
    """A problem for each place that a pack cites and that has no name."""
    places = sorted({ref for pack in packs for text in _citations(pack) for ref in cited(text)})
    return [
        Problem(file, ref, "a pack cites it, but it has no name", near_miss(ref, clauses.names) or "name it")
        for ref in places
        if ref not in clauses.names and not ref.startswith(READING)
    ]


def _citations(pack: Pack) -> Iterable[str]:
    for part in (pack.outcomes, pack.rows, pack.flags, pack.frequencies, pack.measures, pack.alerts):
        for entry in part:
            yield entry.clause
    for fact in pack.facts.values():
        yield fact.clause
