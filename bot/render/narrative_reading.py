"""Reads the sentences of a paper (`templates/plans/<form>.toml`) and says everything that is wrong with them.

How such a file is written, for whoever rewords it (all its texts are Chinese, these only stand for them):

    [paper]                       # the head
    form = "gp"                   # the questionnaire whose answers are printed
    title = "Plan of {c1}"        # a text with gaps like all others
    blank = "(to be added)"       # for a needed answer that is missing; may be left out
    silent = ["x1", "t{Y}.n"]     # questions that no sentence prints; {Y} is any year
    styles = ["small"]            # further paragraph styles of the Word frame, beside title, heading1 to
                                  # heading4, body, cover, note and signature; may be left out
    [[block]]                     # one for every paragraph, in the order of the paper
    as = "body"                   # its style
    when = "has(causes, 1)"       # only printed when this is true; unknown is not true
    each = [2018, 2019]           # once for each year: {Y} is the year, {Y-1} the one before; neighbours with
                                  # the same list go round together
    for = "family_member"         # once for each row of that list of people or things
    by = "relation"               # with for: the rows sorted by this fact of theirs …
    order = ["head", "wife"]      # … in this order, all others behind
    numbered = true               # a heading gets the usual number of its level in front
    always = true                 # a heading stays although nothing is printed under it
    text = "Head: {c1!}, [{1.2} persons, ][born {c9}]."

Gaps
    {c1}            the answer to question c1 in words, without its unit: write that behind it
    {c1!}           the same, needed: while the question applies and has no answer, `blank` is printed and the
                    question is listed as missing
    {boxes:c1}      all options of the question, those chosen ticked; with ! also while it has no answer
    {units:M-1}     the departments of that measure; {param:ID} a figure of the law in force; both take ! too
    {1}             the next number, written as `counters` of narrative_words.toml are. It runs on per level
                    of headings and starts again under each higher one; in other paragraphs it starts again
                    under every heading (and there {1} is question 1, if the form has one)
Clauses
    [, born {c9}]   vanishes whole when a gap in it (not one in brackets inside) has no answer, or is needed
                    and its question does not apply. Text outside of all brackets is such a clause itself:
                    then the whole paragraph vanishes
    [of which: [{a}, ][{b}]]    a clause with no gap of its own vanishes when all those inside do
    [{a}|{b}|none[, {c}]]       the first that can be printed; the last stays although all inside it vanish
    [?sex == 1: text]           only printed when this is true, as `when`
    [?sex == 1: a|?sex == 2: b|c]    … else the next; c is also printed while the answer is not known
Signs
    A backslash before [ ] { } | ? and before itself prints the sign (in TOML, write such a text in '…').
    A line break inside of a text joins without a space. Where something vanished, doubled commas and stops
    are mended: the strongest stays; a pair of brackets or quotation marks with nothing between goes.

Headings with nothing under them are left out. Under `for` the questions of the list are those of the row;
`when` and [?…] look into the row first, then into the household.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.dialogs.form import Form, Item
from bot.dialogs.lint_conditions import Conditions, Surroundings
from bot.dialogs.repeating import BEFORE, repeated
from bot.dialogs.shapes import Shape, TableReader
from bot.expressions import Expression
from bot.problems import Problem, near_miss
from bot.render.narrative import LEVELS, PaperText, Sentence
from bot.render.narrative_answers import derived_of
from bot.render.narrative_gaps import GapError, Gaps
from bot.render.narrative_lint import labels, unprinted, vain_brackets
from bot.render.narrative_mending import Mender
from bot.render.narrative_sentences import Gap, Phrase, SentenceError, end_of, parts_of, read_sentence
from bot.render.narrative_words import Words, shipped
from bot.rules.pack import Pack

STYLES: Final = ("title", *LEVELS, "body", "cover", "note", "signature")
"""The paragraph styles that every frame has."""
PREFIX: Final = "param_"
NOWHERE: Final = Surroundings((), {})

_TEXT: Final = (str,)
_HEAD: Final[Shape] = {"form": _TEXT, "title": _TEXT}
_HEAD_MAY: Final[Shape] = {**_HEAD, "blank": _TEXT, "silent": (list,), "styles": (list,)}
_BLOCK: Final[Shape] = {
    "as": _TEXT, "text": _TEXT, "when": _TEXT, "for": _TEXT, "by": _TEXT, "order": (list,),
    "numbered": (bool,), "always": (bool,),
}  # fmt: skip
_BLOCK_MUST: Final = ("as", "text")
_LISTS: Final = ("silent", "styles", "order")
_NUMBER: Final = "#"
_SHOWN: Final = 12  # signs of a text that a problem quotes


def read_paper(
    tables: Mapping[str, Any],
    form: Form,
    pack: Pack | None,
    file: str,
    words: Words | None = None,
    around: Surroundings = NOWHERE,
) -> tuple[PaperText | None, list[Problem]]:
    """The paper about `form` in the tables of `file`, and every problem; None when it cannot be filled.

    `pack` is the scheme whose departments and parameters are named, `words` those that ship unless given,
    `around` what conditions may read besides the form: `param_…`, other facts, rosters of the file.
    Sentences that cannot be read are left out.
    """
    words = shipped() if words is None else words
    reader = _PaperReader(form, pack, file, words, around)
    reader.unknown("(top level)", tables, ("paper", "block"))
    head = tables.get("paper")
    if not reader.head(head):
        return None, _once(reader.problems)
    assert isinstance(head, Mapping)
    title = reader.sentence("paper", {"as": "title", "text": head["title"]})
    read = [reader.block(at, table) for at, table in reader.blocks(tables)]
    sentences = tuple(filter(None, read))
    if not sentences and not reader.problems:
        reader.problem("block", "the paper has no sentence", 'write [[block]] as = "body" text = "…"')
    if title is None:
        return None, _once(reader.problems)
    if len(sentences) == len(read):  # else what is printed by the others is not all
        reader.problems += unprinted(form, [title, *sentences], head.get("silent", []), file)
    blank = head.get("blank", words.blank)
    called, derived = labels(form, words), derived_of(form)
    text = PaperText(form, title, sentences, words, blank, Mender(words), derived, called)
    return text, _once(reader.problems)


def _once(problems: list[Problem]) -> list[Problem]:
    """Blocks that go round for every year have the same problems each time."""
    return list(dict.fromkeys(problems))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands: the block, and whose rows it goes through."""

    id: str
    roster: str | None
    heading: bool


class _PaperReader(TableReader):
    def __init__(self, form: Form, pack: Pack | None, file: str, words: Words, around: Surroundings) -> None:
        super().__init__(file)
        self.form, self.words = form, words
        measures = () if pack is None else [measure.id for measure in pack.measures]
        parameters = {name.removeprefix(PREFIX) for name in around.parameters if name.startswith(PREFIX)}
        parameters |= set(() if pack is None else pack.parameter_by_id)
        names = {*around.parameters, *(PREFIX + id for id in parameters)}
        self.conditions = Conditions(form, Surroundings(names, around.file))
        self.gaps = Gaps(form, words, measures, parameters)
        self.styles: Collection[str] = STYLES

    # ------------------------------------------------------------------------------------- tables

    def head(self, head: object) -> bool:
        """Whether the head can be used."""
        if head is None:
            self.problem("paper", "there is no head", "write a [paper] table with form and title")
            return False
        if not self.sound("paper", "the head", head, _HEAD_MAY, _HEAD):
            return False
        assert isinstance(head, Mapping)
        if head["form"] != self.form.id:
            hint = f'write form = "{self.form.id}", or give the file the name of its form'
            self.problem("paper", f"the paper is about {head['form']}, its file about {self.form.id}", hint)
        if not self.texts("paper", head):
            return False
        self.styles = (*STYLES, *head.get("styles", ()))
        return True

    def texts(self, id: str, table: Mapping[str, Any]) -> bool:
        """Whether the lists of a table hold texts only."""
        mixed = [
            key for key in _LISTS if any(not isinstance(each, str) or not each for each in table.get(key, ()))
        ]
        for key in mixed:
            self.problem(id, f"{key} must hold texts only", "write each in quotation marks")
        return not mixed

    def blocks(self, tables: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The number and the table of each block; of one that goes round, once for each value."""
        written = self.tables(tables, "block")
        spread, problems = repeated(
            [{**table, _NUMBER: at} for at, table in enumerate(written, 1)], self.file
        )
        self.problems += [Problem(each.file, "block", each.what, each.hint) for each in problems]
        for table in spread:
            at = table[_NUMBER]
            lost = "text" not in table and BEFORE in str(written[at - 1].get("text"))
            if not lost:  # the first value has none before it
                yield at, {key: value for key, value in table.items() if key != _NUMBER}

    def block(self, at: int, table: Mapping[str, Any]) -> Sentence | None:
        """One paragraph, of the block at that place; None when it cannot be read."""
        id = f"block {at}"
        if isinstance(table.get("text"), str):
            id += f" ({table['text'].strip()[:_SHOWN]})"
        if not self.sound(id, "the block", table, _BLOCK, _BLOCK_MUST) or not self.texts(id, table):
            return None
        if table["as"] not in self.styles:
            hint = near_miss(table["as"], self.styles) or "name it in [paper] styles"
            self.problem(id, f"there is no style {table['as']}", hint)
        for key in ("numbered", "always"):
            if key in table and table["as"] not in LEVELS:
                self.problem(
                    id, f"{key} is for headings only", f'leave it out, or write as = "{min(LEVELS)}"'
                )
        return self.sentence(id, table)

    def sentence(self, id: str, table: Mapping[str, Any]) -> Sentence | None:
        roster = table.get("for")
        if roster is not None and roster not in self.form.roster_by_id:
            self.problem(id, f"there is no roster {roster}", near_miss(roster, self.form.roster_by_id))
            return None
        place = _Place(id, roster, table["as"] in LEVELS)
        text = table["text"]
        if table.get("numbered") and place.heading:
            text = self.words.numbered[LEVELS[table["as"]] - 1] + text.strip()
        phrase = self.phrase(place, text)
        when = self.expression(id, "when", table.get("when"))
        by = self.sorted_by(place, table)
        if phrase is None or (when is None and "when" in table):
            return None
        if when is not None:
            self.judge(place, "when", when)
        return Sentence(
            table["as"],
            phrase,
            end_of(phrase, self.words.stops),
            when,
            roster,
            by,
            tuple(table.get("order", ())),
            table.get("always", False),
        )

    def sorted_by(self, place: _Place, table: Mapping[str, Any]) -> Item | None:
        """The answer of a row by which rows are sorted."""
        given = [key for key in ("by", "order") if key in table]
        if not given:
            return None
        if place.roster is None or len(given) == 1:
            self.problem(place.id, f"{given[0]} stands alone", "rows are sorted with for, by and order")
            return None
        rows = {item.fact: item for item in self.form.items if item.repeat == place.roster}
        if table["by"] not in rows:
            self.problem(place.id, f"by names {table['by']}, no fact of a row", near_miss(table["by"], rows))
            return None
        item = rows[table["by"]]
        labels = [option.label for option in item.options]
        for word in table["order"]:
            if labels and word not in labels:
                self.problem(
                    place.id, f"order names {word}, no option of {item.fact}", near_miss(word, labels)
                )
        return item

    # -------------------------------------------------------------------------------------- texts

    def phrase(self, place: _Place, text: str) -> Phrase | None:
        """A text with its gaps; None when it cannot be read."""
        before = len(self.problems)
        try:
            phrase = read_sentence(text, lambda source: self.gap(place, source))
        except SentenceError as error:
            self.problem(
                place.id, str(error), "see the head of narrative_reading.py for how texts are written"
            )
            return None
        if len(self.problems) > before:
            return None
        if not phrase.parts:
            self.problem(place.id, "the text is empty", "write it, or leave the block out")
        for part in parts_of(phrase):
            if isinstance(part, Expression):
                self.judge(place, "[?…]", part)
        for what, hint in vain_brackets(phrase):
            self.problem(place.id, what, hint)
        return phrase

    def gap(self, place: _Place, source: str) -> Gap | None:
        """What a pair of braces stands for; None, and a problem, when nothing."""
        try:
            return self.gaps.read(source, place.roster, place.heading)
        except GapError as error:
            self.problem(place.id, str(error), error.hint)
            return None

    def judge(self, place: _Place, key: str, expression: Expression) -> None:
        """Whether a condition reads what there is, and compares it with what it can be."""
        row = dict.fromkeys(self.conditions.rows.get(place.roster or "", ()), -1)
        for _, what, hint in self.conditions.reads(place.id, key, expression, len(self.form.items), row):
            self.problem(place.id, what, hint)
