"""Papers in sentences: a household's plan, composed of the sentences of `templates/plans/*.toml`.

`bot.render.narrative_reading` reads such a file (its head says how one is written), `compose` fills it.
Nothing here reads a file, the clock or chance: the same facts give the same paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from bot.dialogs.form import Form, Item
from bot.expressions import Expression, Value
from bot.render.messages import number
from bot.render.narrative_answers import NOT_RELEVANT, UNPRINTED, Derived, Household, Scope
from bot.render.narrative_mending import Mender
from bot.render.narrative_sentences import Clause, Counter, Named, Phrase, Slot
from bot.render.narrative_words import Words
from bot.rules.pack import Pack

LEVELS: Final[Mapping[str, int]] = {f"heading{level}": level for level in (1, 2, 3, 4)}
"""The styles that are headings, and their levels."""
_DEEPEST: Final = len(LEVELS)
_COUNTERS: Final = re.compile("[\x00-\x08]")


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """One paragraph of the paper, printed once or for every row of `roster`.

    Rows are sorted by the place of `by` (a fact of the row, in words) in `order`; `end` is the stop with
    which its text ends, if any.
    """

    style: str
    phrase: Phrase
    end: str
    when: Expression | None = None
    roster: str | None = None
    by: Item | None = None
    order: tuple[str, ...] = ()
    always: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PaperText:
    """The sentences of one paper, read and ready to be filled."""

    form: Form
    title: Sentence
    sentences: tuple[Sentence, ...]
    words: Words
    blank: str
    mender: Mender
    derived: Derived
    labels: Mapping[str, str]
    """What a missing item is called in the list of blanks, by id."""


@dataclass(frozen=True, slots=True)
class Block:
    """One printed paragraph and the style that it is set in."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One household's paper; `blanks` are the labels of required facts that are missing, in their order.

    `slots` has every item of the form that may be printed, by id, rows as `id#1`; "" without an answer.
    """

    title: str
    blocks: tuple[Block, ...]
    blanks: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)


Units: TypeAlias = Callable[[str], str]
"""The departments of a measure of the scheme, joined; "" for a measure that it does not have."""


def units_of(pack: Pack) -> Units:
    """The departments of each measure of `pack`, under the names that the county calls them by."""
    named = {
        measure.id: pack.words.comma.join(department.name for department in measure.departments)
        for measure in pack.measures
    }
    return lambda measure: named.get(measure, "")


def compose(
    text: PaperText,
    facts: Mapping[str, Value],
    *,
    on: date,
    parameters: Mapping[str, float | None],
    units: Units,
) -> Paper:
    """The paper of the household with these current facts (rosters as lists of rows) on the day `on`.

    Figures that the form works out and that are not among the facts are worked out here.
    """
    household = Household(text.derived, facts, parameters, on, text.words)
    filler = _Filler(text, parameters, units)
    title = next(filler.paragraphs(text.title, household), None)
    drafts = [draft for each in text.sentences for draft in filler.paragraphs(each, household)]
    kept = _with_something_below(drafts)
    blanks = dict.fromkeys(blank for draft in ([title] if title else []) + kept for blank in draft.blanks)
    return Paper(
        "" if title is None else _numbered([title], text.words)[0].text,
        _numbered(kept, text.words),
        tuple(label for _, label in blanks),
        dict(_slots(text.form, household)),
    )


# ------------------------------------------------------------------------------------------ filling

_Blank: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """A paragraph before its numbers are known: each stands as a control sign, its counter's place."""

    sentence: Sentence
    pieces: list[str]
    """What is printed; "" marks where a piece vanished."""
    blanks: list[_Blank]
    text: str = ""


class _Filler:
    """Fills the sentences of one paper."""

    def __init__(self, text: PaperText, parameters: Mapping[str, float | None], units: Units) -> None:
        self.text, self.parameters, self.units = text, parameters, units

    def paragraphs(self, sentence: Sentence, household: Household) -> Iterator[_Draft]:
        """What is printed of a sentence: nothing, one paragraph, or one for each row."""
        scopes: Iterable[tuple[int, Scope]] = ((0, household),)
        if sentence.roster is not None:
            scopes = enumerate(household.rows(sentence.roster), 1)
            if sentence.by is not None:
                places = {word: at for at, word in enumerate(sentence.order)}
                by, last = sentence.by, len(places)
                scopes = sorted(scopes, key=lambda each: places.get(each[1].said(by) or "", last))
        for row, scope in scopes:
            if scope.holds(sentence.when):
                draft = _Draft(sentence, [], [])
                if self.fill(sentence.phrase, scope, row, draft):
                    draft.text = self.text.mender.mended(draft.pieces, sentence.end)
                    if draft.text:
                        yield draft

    def fill(self, phrase: Phrase, scope: Scope, row: int, draft: _Draft) -> bool:
        """Add a phrase to the draft; when it cannot be printed the draft stays as it was."""
        if not scope.holds(phrase.when):
            return False
        pieces, blanks = len(draft.pieces), len(draft.blanks)
        introduces = False
        for part in phrase.parts:
            said: str | None
            match part:
                case str():
                    said = part
                case Counter(form=form):
                    said = chr(form)
                case Clause(phrases=phrases):
                    if any(self.fill(each, scope, row, draft) for each in phrases):
                        introduces = True
                        continue
                    said = ""
                case Slot():
                    said = self.answer(part, scope, row, draft)
                case Named():
                    said = self.named(part, draft)
            if said is None:
                break
            draft.pieces.append(said)
        else:
            if introduces or not phrase.label:
                return True
        del draft.pieces[pieces:], draft.blanks[blanks:]
        return False

    def answer(self, slot: Slot, scope: Scope, row: int, draft: _Draft) -> str | None:
        """The answer in words, or the sign for a missing one; None when its clause must vanish."""
        item = slot.item
        said = scope.said(item)
        if slot.boxes and (said or (said is None and slot.required)):
            if said is None:
                self.missing(item, scope, row, draft)
            return scope.ticked(item)
        if said or said == NOT_RELEVANT or not slot.required:
            return said or None
        self.missing(item, scope, row, draft)
        return self.text.blank

    def missing(self, item: Item, scope: Scope, row: int, draft: _Draft) -> None:
        """Note a needed answer that is not known."""
        label = self.text.labels[item.id]
        if item.repeat is None:
            draft.blanks.append((item.id, label))
        else:
            title = self.text.form.roster_by_id[item.repeat].title
            named = self.text.form.by_fact.get(f"{item.repeat}.{title}")
            who = (named and scope.said(named)) or str(row)
            draft.blanks.append((f"{item.id}#{row}", self.text.words.of_row.format(who=who, label=label)))

    def named(self, gap: Named, draft: _Draft) -> str | None:
        """The departments of a measure, or a parameter in force."""
        said = self.units(gap.name) if gap.kind == "units" else number(self.parameters.get(gap.name))
        if said or not gap.required:
            return said or None
        draft.blanks.append((f"{gap.kind}:{gap.name}", gap.name))
        return self.text.blank


def _slots(form: Form, household: Household) -> Iterator[tuple[str, str]]:
    """Every answer that may be printed, by the id of its item and its row."""
    for item in form.items:
        if item.kind in UNPRINTED:
            continue
        if item.repeat is None:
            yield item.id, household.said(item) or ""
        else:
            for row, scope in enumerate(household.rows(item.repeat), 1):
                yield f"{item.id}#{row}", scope.said(item) or ""


# ----------------------------------------------------------------------------------------- headings


def _with_something_below(drafts: list[_Draft]) -> list[_Draft]:
    """The paragraphs without the headings under which nothing is printed."""
    kept: list[_Draft] = []
    filled = [False] * (_DEEPEST + 1)  # by level: whether something stands below, up to the next such heading
    for draft in reversed(drafts):
        level = LEVELS.get(draft.sentence.style, 0)
        if not level:
            filled = [True] * (_DEEPEST + 1)
        elif draft.sentence.always or filled[level]:
            filled = [True] * level + [False] * (_DEEPEST + 1 - level)
        else:
            filled[level:] = [False] * (_DEEPEST + 1 - level)
            continue
        kept.append(draft)
    return kept[::-1]


def _numbered(drafts: list[_Draft], words: Words) -> tuple[Block, ...]:
    """The printed paragraphs; numbers run on per level and start again under every higher heading."""
    counts: dict[int, int] = {}
    blocks: list[Block] = []
    for draft in drafts:
        heading = LEVELS.get(draft.sentence.style, 0)
        if heading:
            counts = {level: count for level, count in counts.items() if level <= heading}
        text = draft.text
        for sign in _COUNTERS.findall(text):
            level = heading or _DEEPEST + 1 + ord(sign)
            counts = {each: count for each, count in counts.items() if each <= level}
            counts[level] = counts.get(level, 0) + 1
            text = text.replace(sign, words.count(ord(sign), counts[level]), 1)
        blocks.append(Block(draft.sentence.style, text))
    return tuple(blocks)
