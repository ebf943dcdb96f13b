"""A blank form as lines and tables of words, in the official order: what `blank_forms` puts on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, TypeAlias

from bot.dialogs.form import Form, Item
from bot.dialogs.jumps import Jump, OnlyIf, conditions, jumps
from bot.dialogs.numbering import UNASKED, Numbering, numbering, supplementary
from bot.render.messages import Messages

SHORT: Final = 14
"""A label of so many characters needs no line of its own: half a line or the head of a column holds it."""
NARROW: Final = frozenset({"text", "person", "signature", "integer", "year", "phone", "date", "month"})
"""Kinds whose blank fits half a line."""
SHOWN: Final = ("select_one", "integer", "money", "decimal", "percent")
"""Kinds that show how answers are typed, the plainest first."""
IN_LABEL: Final = "  "
"""Where a label of the paper has its blank in the middle of the sentence."""
GAP: Final = "______"
DATES: Final = frozenset({"date", "datetime", "month", "year"})
"""Kinds whose label, when it has gaps, is the whole blank: year, month and day by themselves."""
UNSAID: Final = {"date": 2, "month": 1}
"""So many gaps has the label of a day or month whose year stands without one."""
CIRCLED: Final = 20
ONE: Final = 0x2460
ZERO: Final = chr(0x24EA)


@dataclass(frozen=True, slots=True)
class Line:
    """One blank: `number` as printed ("" when the line before has it), `code` to type, and what is asked.

    `after` stands behind the blank when the blank is in the middle of the label. A `wide` blank reaches the
    end of the line.
    """

    number: str
    code: str
    label: str
    blank: str
    after: str
    unit: str
    options: tuple[str, ...]
    notes: str
    wide: bool
    flush: bool = False
    """Whether it stands in a part without any number, where no room is kept for one."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Short blanks, two to a line."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, and how wide it is beside the others."""

    head: str
    width: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A roster: its title, what needs more words than a head, and the columns behind the row's number."""

    title: str
    legend: tuple[Line, ...]
    row: str
    columns: tuple[Column, ...]
    title_column: int | None
    """The column with the name of the person, repeated when the table is too wide for one page."""


Block: TypeAlias = Line | Pairs | Grid


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A whole blank form."""

    title: str
    source: str
    how: str
    parts: tuple[Part, ...]


def blank_form(form: Form, messages: Messages) -> BlankForm:
    """The blank form in words; `messages` are those of `templates/messages/paper.j2`."""
    return _Composer(form, messages).whole()


def mark(code: int) -> str:
    """The circled number of an option."""
    if code == 0:
        return ZERO
    return chr(ONE + code - 1) if 0 < code <= CIRCLED else f"({code})"


class _Composer:
    def __init__(self, form: Form, messages: Messages) -> None:
        self.form = form
        self.say = messages.say
        self.names: Numbering = numbering(form)
        self.jumps = jumps(form)
        self.conditions = conditions(form)
        self.said: frozenset[OnlyIf] = frozenset()
        """What the head of the section says already."""

    def whole(self) -> BlankForm:
        sections = {section.id: section.name for section in self.form.sections}
        parts = tuple(
            self.part(sections.get(id, ""), list(items))
            for id, items in groupby(self.form.items, lambda item: item.section)
        )
        source = self.say("paper.source", source=self.form.source)
        return BlankForm(self.form.name, source, self.say("paper.how", example=self.example()), parts)

    def part(self, name: str, items: Sequence[Item]) -> Part:
        """A section; what all of its questions depend on is said once, at its head."""
        each = [
            frozenset(self.conditions.get(item.id, ()))
            for item in items
            if item.repeat is None and item.kind not in UNASKED
        ]
        common = frozenset.intersection(*each) if len(each) > 1 else frozenset()
        self.said = common
        notes = [self.only_if(condition) for condition in sorted(common, key=lambda one: one.no)]
        return Part(name + (self.say("paper.notes", lines=notes) if notes else ""), tuple(self.blocks(items)))

    def example(self) -> str:
        """How answers are typed, with the first choices or figures, the paper's own if there are any."""
        asked = [item for item in self.form.items if not item.repeat and item.kind in SHOWN]
        asked.sort(key=lambda item: (SHOWN.index(item.kind), supplementary(item), not item.no))
        codes = [item.options[0].code if item.options else 1 for item in asked[:3]]
        return " ".join(f"{self.names.code(item)}={code}" for item, code in zip(asked, codes, strict=False))

    def blocks(self, items: Sequence[Item]) -> Iterator[Block]:
        """The lines and tables of a section; a section without numbers puts short blanks side by side."""
        paired = not any(self.names.printed(item) for item in items)
        before = ""
        narrow: list[Line] = []
        for roster, group in groupby(items, lambda item: item.repeat):
            if roster is not None:
                yield from _flushed(narrow)
                yield self.grid(roster, list(group))
                continue
            for item in group:
                line = self.line(item)
                again, before = line.number == before and bool(line.code), line.number
                line = replace(line, number="" if again else line.number, flush=paired)
                if paired and _fits_half(item, line):
                    narrow.append(replace(line, wide=False))
                    continue
                yield from _flushed(narrow)
                yield line
        yield from _flushed(narrow)

    def line(self, item: Item) -> Line:
        code = self.names.code(item)
        number = item.no if self.names.printed(item) or item.no else ""
        label, blank, after = self.asked(item)
        options = tuple(
            self.say("paper.option", mark=mark(option.code), label=option.label, box=not item.repeat)
            for option in item.options
        )
        return Line(
            number,
            "" if code == number else code,
            label,
            "" if options else blank,
            after,
            "" if after or item.kind == "year" else item.unit,
            options,
            self.notes(item),
            item.kind == "text" and not after,
        )

    def asked(self, item: Item) -> tuple[str, str, str]:
        """The label before the blank, the blank, and what stands behind it in a label that goes on there."""
        before, gap, after = item.label.partition(IN_LABEL)
        if not gap:
            return self.say("paper.labelled", label=item.label), self.say("paper.blank", kind=item.kind), ""
        if item.kind in DATES:
            gaps = item.label.count(IN_LABEL)
            # A label such as "year  month  day" has its first gap at the margin of the paper.
            opens = gaps == UNSAID.get(item.kind) and not item.label[0].isdigit()
            return (GAP if opens else "") + item.label.replace(IN_LABEL, GAP), "", " "
        return before.strip(), self.say("paper.blank", kind=item.kind), after.strip().replace(IN_LABEL, GAP)

    def notes(self, item: Item) -> str:
        """The remarks behind a blank, as on the official papers: jumps, how many, what it depends on."""
        say = self.say
        found = [say("paper.ours")] if supplementary(item) else []
        if item.kind == "calculate":
            found.append(say("paper.computed"))
        if item.kind == "select_multiple":
            found.append(say("paper.several", maximum=item.max_choices))
        if item.optional:
            found.append(say("paper.optional"))
        found += [self.only_if(each) for each in self.conditions.get(item.id, ()) if each not in self.said]
        if item.repeat is None:
            found += [self.jump(item, each) for each in self.jumps.get(item.id, ())]
        return say("paper.notes", lines=found) if found else ""

    def jump(self, item: Item, jump: Jump) -> str:
        marks = [mark(code) if item.options else str(code) for code in jump.codes]
        return self.say("paper.jump", marks=marks, to=jump.to)

    def only_if(self, condition: OnlyIf) -> str:
        return self.say("paper.only_if", no=condition.no, marks=[mark(code) for code in condition.codes])

    def grid(self, roster: str, items: Sequence[Item]) -> Grid:
        """A roster as a table; what has options, notes or a long label is explained above it."""
        lines = {item.id: replace(self.line(item), blank="", after="", wide=False) for item in items}
        bare = ("", self.say("paper.notes", lines=[self.say("paper.ours")]))
        short = {
            item.id
            for item in items
            if len(item.label) <= SHORT and not item.options and lines[item.id].notes in bare
        }
        columns = tuple(
            Column(
                self.say(
                    "paper.head",
                    code=self.names.code(item),
                    label=item.label if len(item.label) <= SHORT else "",
                    unit="" if item.unit in item.label else item.unit,
                    ours=supplementary(item),
                ),
                _width(item),
            )
            for item in items
        )
        title = self.form.roster_by_id[roster].title
        last = self.names.code(items[-1])
        return Grid(
            self.say("paper.roster", name=self.form.roster_by_id[roster].name, example=f"{last}#1"),
            tuple(self.explained(item, lines[item.id]) for item in items if item.id not in short),
            self.say("paper.row"),
            columns,
            next((place for place, item in enumerate(items) if item.fact == title), None),
        )

    def explained(self, item: Item, line: Line) -> Line:
        """A column's explanation: always with the number to type, and the whole label."""
        label = self.say("paper.labelled", label=item.label) if IN_LABEL in item.label else line.label
        return replace(line, number=self.names.code(item), code="", label=label)


def _flushed(narrow: list[Line]) -> Iterator[Block]:
    if len(narrow) > 1:
        yield Pairs(tuple(narrow))
    else:
        yield from narrow
    narrow.clear()


def _fits_half(item: Item, line: Line) -> bool:
    return item.kind in NARROW and not item.options and len(item.label) <= SHORT and len(line.notes) < SHORT


def _width(item: Item) -> int:
    """How wide a column is beside the others."""
    return {"id_number": 4, "text": 3, "person": 2, "phone": 3, "date": 2}.get(
        item.kind, 1 + (len(item.label) > 6)
    )
