"""The list of possible problems (`ledger.toml`, 003:37-77): categories, sub-problems, levels, deadlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from bot.dialogs.choices import Option
from bot.dialogs.form import Candidate, Form
from bot.dialogs.path import concerned
from bot.dialogs.shapes import Shape, TableReader
from bot.expressions import Value
from bot.problems import Problem, near_miss

LEVELS: Final = ("H", "V", "T", "D")
"""Whose problem it is: of a household, a village, a township, a department of the county."""
_TOP: Final = ("size", "group", "deadline", "category")
_TEXT: Final = (str,)
_SIZE: Final[Shape] = {"categories": (int,), "problems": (int,)}
_CATEGORY: Final[Shape] = {
    "id": _TEXT, "group": _TEXT, "name": _TEXT, "clause": _TEXT, "problems": (list,),
}  # fmt: skip
_PROBLEM: Final[Shape] = {"id": _TEXT, "name": _TEXT, "levels": (list,), "clause": _TEXT}
_PROBLEM_MUST: Final = ("id", "name", "levels")
_DEADLINE: Final[Shape] = {"problems": (list,), "values": (list,)}
_DATED: Final[Shape] = {"from": (object,), "value": (object,), "clause": _TEXT}


@dataclass(frozen=True, slots=True)
class SubProblem:
    """What may be wrong, in the words of the document; `id` is "6.1": category and number within it."""

    id: str
    name: str
    levels: tuple[str, ...]
    clause: str

    @property
    def category(self) -> str:
        """The id of its category."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Category:
    """One of the kinds of problems; `group` is that of responsibility, policy or work."""

    id: str
    name: str
    group: str
    clause: str
    problems: tuple[SubProblem, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a problem found on the day `start` or later is to be put right (003:83)."""

    start: date
    due: date
    clause: str


@dataclass(frozen=True, eq=False)
class Ledger:
    """All that may go on record; `deadlines` from early to late, by sub-problem or category, "" for all."""

    groups: Mapping[str, str]
    categories: tuple[Category, ...]
    deadlines: Mapping[str, tuple[Deadline, ...]]

    @cached_property
    def problems(self) -> Mapping[str, SubProblem]:
        """Every sub-problem by id."""
        return {problem.id: problem for category in self.categories for problem in category.problems}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What every sub-problem is called, by id."""
        return {id: problem.name for id, problem in self.problems.items()}

    @cached_property
    def by_id(self) -> Mapping[str, Category]:
        """Every category by id."""
        return {category.id: category for category in self.categories}

    def deadline(self, problem: str, found: date) -> Deadline | None:
        """The deadline of a sub-problem found on that day; None when there is none, or none any more."""
        for key in (problem, problem.partition(".")[0], ""):
            if key in self.deadlines:
                begun = [each for each in self.deadlines[key] if each.start <= found]
                return begun[-1] if begun and begun[-1].due >= found else None
        return None

    def options(self, initials: Callable[[str], str]) -> dict[str, tuple[Option, ...]]:
        """Option lists for forms: "ledger" are the categories, "ledger:6" the sub-problems of category 6.

        The codes are the numbers in the ids, which run from 1 without a gap.
        """

        def listed(names: Iterable[str]) -> tuple[Option, ...]:
            return tuple(Option(code, name, initials(name)) for code, name in enumerate(names, 1))

        lists = {"ledger": listed(category.name for category in self.categories)}
        for category in self.categories:
            lists[f"ledger:{category.id}"] = listed(problem.name for problem in category.problems)
        return lists


def grounds(candidate: Candidate, form: Form, facts: Mapping[str, Value]) -> dict[str, Value]:
    """What a decision about a candidate rests on, as JSON: the answers to its items, and whom it names.

    As long as they are the same, what was dismissed need not be asked again. Unknown answers are left out.
    """
    found: dict[str, Value] = {}
    for item in (form.by_id[id] for id in candidate.items if id in form.by_id):
        if item.repeat is None:
            found[item.fact] = facts.get(item.fact)
        else:
            found[f"{item.repeat}.{item.fact}"] = [row.get(item.fact) for row in facts.get(item.repeat) or []]
    found["persons"] = list(concerned(candidate, form, facts))
    return {name: value for name, value in found.items() if value not in (None, [])}


def read_ledger(data: Mapping[str, Any], file: str) -> tuple[Ledger, list[Problem]]:
    """The ledger in the tables of `ledger.toml`; what cannot be read is left out."""
    reader = _Reader(file)
    reader.unknown("(top level)", data, _TOP)
    groups = reader.groups(data.get("group"))
    noted = len(reader.problems)
    tables = reader.tables(data, "category")
    categories = tuple(found for table in tables if (found := reader.category(table, groups)))
    if len(categories) == len(tables):
        reader.numbered("category", [category.id for category in categories], "")
    # What could not be read is missed everywhere else: only the defect itself is worth a word.
    whole = len(reader.problems) == noted
    ledger = Ledger(groups, categories, reader.deadlines(data, categories, whole=whole))
    if whole:
        reader.size(data.get("size"), ledger)
    return ledger, reader.problems


class _Reader(TableReader):
    def groups(self, table: object) -> dict[str, str]:
        if not isinstance(table, Mapping) or not all(isinstance(name, str) for name in table.values()):
            self.problem("group", "the groups have no names", "write a [group] table of texts")
            return {}
        return dict(table)

    def category(self, table: Mapping[str, Any], groups: Mapping[str, str]) -> Category | None:
        id = str(table.get("id") or "?")
        if not self.sound(id, "the category", table, _CATEGORY, _CATEGORY):
            return None
        if groups and table["group"] not in groups:
            self.problem(id, f"there is no group {table['group']}", near_miss(table["group"], groups))
        clause = table["clause"]
        found = [each for row in table["problems"] if (each := self.sub_problem(id, row, clause))]
        if len(found) == len(table["problems"]):
            self.numbered(id, [each.id for each in found], f"{id}.")
        return Category(id, table["name"], table["group"], clause, tuple(found))

    def sub_problem(self, category: str, table: object, clause: str) -> SubProblem | None:
        id = str((table.get("id") if isinstance(table, Mapping) else None) or category)
        if not self.sound(id, "the sub-problem", table, _PROBLEM, _PROBLEM_MUST):
            return None
        assert isinstance(table, Mapping)
        for level in table["levels"]:
            if level not in LEVELS:
                self.problem(id, f"there is no level {level}", f"known: {', '.join(LEVELS)}")
        return SubProblem(id, table["name"], tuple(table["levels"]), table.get("clause", clause))

    def numbered(self, id: str, ids: Sequence[str], before: str) -> None:
        """Note the first id that is not the next one: the numbers are also the codes of options."""
        for number, found in enumerate(ids, 1):
            if found != f"{before}{number}":
                wrong = "stands twice" if ids.count(found) > 1 else f"stands where {before}{number} should"
                self.problem(id, f"{found} {wrong}", f"number them from {before}1 without a gap")
                return

    def deadlines(
        self, data: Mapping[str, Any], categories: Iterable[Category], *, whole: bool
    ) -> dict[str, tuple[Deadline, ...]]:
        known = {""}
        for category in categories:
            known |= {category.id, *(problem.id for problem in category.problems)}
        found: dict[str, tuple[Deadline, ...]] = {}
        for table in self.tables(data, "deadline"):
            if not self.sound("deadline", "the deadline", table, _DEADLINE, ("values",)):
                continue
            dated = tuple(self.dated(table["values"]))
            for key in map(str, table.get("problems", [""])):
                if whole and key not in known:
                    self.problem("deadline", f"there is no problem {key}", near_miss(key, known - {""}))
                if key in found:
                    self.problem("deadline", f"there are two for {key or 'the rest'}", "keep one of them")
                found[key] = dated
        return found

    def dated(self, tables: Sequence[Any]) -> Iterator[Deadline]:
        before = date.min
        for table in tables:
            if not self.sound("deadline", "a value of the deadline", table, _DATED, _DATED):
                continue
            start, due = table["from"], table["value"]
            if type(start) is not date or type(due) is not date:  # a time of day would be no day
                self.problem("deadline", "from and value must be days", "from = 2020-03-17")
                continue
            if start <= before:
                self.problem("deadline", f"{start} does not come after {before}", "early days first")
            if due < start:
                self.problem("deadline", f"{due} lies before {start}", "mend the year")
            before = start
            yield Deadline(start, due, table["clause"])

    def size(self, table: object, ledger: Ledger) -> None:
        """Note when there are more or fewer than the document has."""
        if not self.sound("size", "the size", table, _SIZE, _SIZE):
            return
        assert isinstance(table, Mapping)
        for key, there in (("categories", len(ledger.categories)), ("problems", len(ledger.problems))):
            if table[key] != there:
                self.problem(
                    "size", f"there are {there} {key}, not {table[key]}", "see what was lost or added"
                )
