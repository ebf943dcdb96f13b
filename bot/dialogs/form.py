"""What a questionnaire is: items, rosters, sections and checks, as frozen values.

Content stands in `forms/*.toml`; `bot.dialogs.reading` turns it into these values and `bot.dialogs.lint`
looks for what an author may have got wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal, TypeAlias

from bot.dialogs.choices import Option
from bot.expressions import Compiled, Expression

Level: TypeAlias = Literal["block", "warn", "info"]

KINDS: Final = frozenset({
    "select_one", "select_multiple", "integer", "decimal", "money", "percent", "text", "date", "datetime",
    "month", "year", "id_number", "phone", "person", "signature", "image", "geopoint", "calculate",
})  # fmt: skip
NUMBERS: Final = frozenset({"integer", "decimal", "money", "percent", "year"})
EVIDENCE: Final = frozenset({"image", "geopoint"})
"""Kinds that are never asked for by themselves: they are sent along when there is something to show."""
SUBJECTS: Final = ("household", "village", "township", "county")
"""Whom a form may be about."""
CONFIRM: Final = "!"
"""Prefix of the key of a step that asks to confirm a warning: `!XC-2`."""
RECALL: Final = "="
"""Prefix of the key of a step that shows what is known of a whole section: `=housing`."""
SUSPECT: Final = "?"
"""Prefix of the key of a step that asks whether a probable problem is one: `?6.1`."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition over `value` and the facts known so far that an answer must meet."""

    test: Expression
    text: str


@dataclass(frozen=True, slots=True)
class Fold:
    """The household-level official answer made of the rows of a roster (questionnaires.md 3.3)."""

    fact: str
    calc: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One question of a form; `id` is the catalogue's, `no` the number printed on the form."""

    id: str
    section: str
    no: str
    fact: str
    kind: str
    label: str
    text: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    ask_if: Expression | None = None
    unit: str = ""
    min: float | str | None = None
    max: float | str | None = None
    soft_min: float | None = None
    soft_max: float | None = None
    check: tuple[Constraint, ...] = ()
    optional: bool = False
    required: bool = False
    max_choices: int | None = None
    min_choices: int = 1
    none: int | None = None
    repeat: str | None = None
    fold: Fold | None = None
    calc: Expression | None = None
    keep: Literal["ask", "silent", "never"] = "ask"
    keep_only: float | None = None
    """The only known value that may be proposed, such as 0 for "nothing this month"."""
    like: str = ""
    """Another fact of the same interview whose value is proposed, such as that of the year before."""
    default: str = ""
    """"today": the day of the visit is filled in without asking."""
    sensitive: bool = False
    period: str = ""
    covers: tuple[str, ...] = ()

    def option(self, code: object) -> Option | None:
        """The option with that official code."""
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A cross-check: fires when `when` is True; asked about after the last of its items."""

    id: str
    level: Level
    when: Expression
    items: tuple[str, ...]
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A probable problem of the ledger: when `when` is True a person says whether it is one (8.2, 20.5)."""

    problem: str
    """Id of the sub-problem, such as "6.1"."""
    when: Expression
    items: tuple[str, ...]
    roster: str | None = None
    who: Expression | None = None
    """Which rows of `roster` the problem concerns."""
    text: str = ""
    """What the answers say, in plain words; "" where the problem's own name says it."""

    @property
    def key(self) -> str:
        """Key of the step that asks about it."""
        return SUSPECT + self.problem


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form, for progress, for the menu of a long form and for the card of what is known."""

    id: str
    name: str
    recall: bool = False
    """Whether answers that the file knows are shown on one card, to be kept with one tap."""


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """Questions asked once per person or thing; `count` is the item that says how many."""

    id: str
    name: str
    count: str
    title: str
    source: str
    """The roster of the file whose rows are proposed; its own id for those of an earlier visit."""
    source_if: Expression | None = None
    """Which rows of the file's roster are proposed."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One question as asked: an item, or one row of it, or what a check, a card or a candidate asks."""

    key: str
    item: Item | None
    row: int | None = None
    check: Check | None = None
    recall: Section | None = None
    candidate: Candidate | None = None

    @property
    def repeat(self) -> str | None:
        """The roster in which it is asked; None outside of rosters."""
        return None if self.item is None else self.item.repeat


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A place in the walk: one item, or all row items of a roster, then the checks that close there.

    The fields after `rows` repeat what the walk needs of the item, as every answer walks the whole form.
    """

    step: Step
    item: Item
    roster: Roster | None
    rows: tuple[Item, ...]
    checks: tuple[tuple[Step, Compiled], ...]
    key: str
    fact: str
    asked_if: Compiled | None
    calc: Compiled | None
    constrained: bool
    silent: bool
    evidence: bool
    recall: Section | None
    """The section that begins here, when what is known of it is shown on one card."""
    ids: frozenset[str]
    """Ids of all items of the node."""


@dataclass(frozen=True, eq=False)
class Form:
    """A released questionnaire; its shape never changes under one (id, version)."""

    id: str
    version: int
    name: str
    short: str
    source: str
    sections: tuple[Section, ...]
    rosters: tuple[Roster, ...]
    items: tuple[Item, ...]
    checks: tuple[Check, ...]
    suits: Expression | None = None
    """For which households it is meant, over the facts of the register; None for all."""
    candidates: tuple[Candidate, ...] = ()
    subjects: tuple[str, ...] = ("household",)
    menu: bool = False
    """Whether it is filled in section by section in any order."""
    every: str = ""
    """"month" when it is due again every month."""
    seldom: bool = False
    """Whether it stands behind "more" among what one can do at a household."""

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Position of each item in the form."""
        return {item.id: index for index, item in enumerate(self.items)}

    @cached_property
    def by_fact(self) -> Mapping[str, Item]:
        """Items by fact; a row item under `roster.fact`."""
        return {(f"{item.repeat}.{item.fact}" if item.repeat else item.fact): item for item in self.items}

    @cached_property
    def section_of_check(self) -> Mapping[str, str]:
        """The section in which each check is asked about: that of the last of its items."""
        order, by_id = self.order, self.by_id
        return {
            check.id: by_id[max(check.items, key=lambda id: order[id])].section
            for check in self.checks
            if check.items
        }

    @cached_property
    def roster_by_id(self) -> Mapping[str, Roster]:
        """Rosters by id."""
        return {roster.id: roster for roster in self.rosters}

    @cached_property
    def plan(self) -> tuple[Node, ...]:
        """The order of the walk; each check stands where the last item that it names has been asked."""
        place: dict[str, int] = {}
        heads: list[tuple[Item, list[Item]]] = []
        for item in self.items:
            if item.repeat and heads and heads[-1][0].repeat == item.repeat:
                heads[-1][1].append(item)
            else:
                heads.append((item, [item] if item.repeat else []))
            place[item.id] = len(heads) - 1
        closing: dict[int, list[Step]] = {}
        figures = {item.fact: item.id for item in self.items if item.calc is not None and not item.repeat}
        for check in self.checks:
            # A figure that the form works out stands for no question, but must be there before it is read.
            read = (figures[name] for name in check.when.names if name in figures)
            at = max((place[id] for id in (*check.items, *read) if id in place), default=len(heads) - 1)
            closing.setdefault(at, []).append(Step(CONFIRM + check.id, None, None, check))
        cards = {section.id: section for section in self.sections if section.recall}
        return tuple(
            self._node(head, rows, closing.get(at, []), cards.pop(head.section, None))
            for at, (head, rows) in enumerate(heads)
        )

    def _node(self, head: Item, rows: list[Item], closing: list[Step], recall: Section | None) -> Node:
        return Node(
            Step(head.id, head),
            head,
            self.roster_by_id.get(head.repeat) if head.repeat else None,
            tuple(rows),
            tuple((step, step.check.when.run) for step in closing if step.check is not None),
            head.id,
            head.fact,
            None if head.ask_if is None else head.ask_if.run,
            None if head.calc is None else head.calc.run,
            bool(head.check),
            head.keep == "silent" or bool(head.default),
            head.kind in EVIDENCE,
            recall,
            frozenset(item.id for item in rows) | {head.id},
        )


@lru_cache(maxsize=4096)
def row_step(item: Item, row: int) -> Step:
    """The question of a row item in row `row` (from 1); its answer's key is `id#row`."""
    return Step(f"{item.id}#{row}", item, row)


def split_key(key: str) -> tuple[str, int | None]:
    """`"4-1.a#2"` is ("4-1.a", 2); `"4"` is ("4", None)."""
    item, _, row = key.partition("#")
    return item, int(row) if row else None
