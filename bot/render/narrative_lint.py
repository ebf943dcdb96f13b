"""Whether a paper in sentences is whole: every question of its form is printed, or said to be silent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.dialogs.form import Form, Item
from bot.dialogs.repeating import PLACE
from bot.expressions import Expression
from bot.problems import Problem, near_miss
from bot.render.blank_lines import IN_LABEL
from bot.render.narrative import Sentence
from bot.render.narrative_answers import UNPRINTED
from bot.render.narrative_sentences import Clause, Named, Phrase, Slot, parts_of
from bot.render.narrative_words import Words

_YEAR: Final = r"\d{4}"
_TICKED: Final = frozenset({"select_one", "select_multiple"})


def labels(form: Form, words: Words) -> Mapping[str, str]:
    """What each item is called among missing facts: its label, with the section when others share it.

    Where a label leaves room to write, the sign for it is printed.
    """
    called = {item.id: item.label.replace(IN_LABEL, words.gap) for item in form.items}
    shared = Counter(called.values())
    sections = {section.id: section.name for section in form.sections}
    return {
        item.id: words.of_section.format(label=called[item.id], section=sections.get(item.section, ""))
        if shared[called[item.id]] > 1
        else called[item.id]
        for item in form.items
    }


def unprinted(form: Form, sentences: Sequence[Sentence], silent: Iterable[str], file: str) -> list[Problem]:
    """A problem for each item that no sentence prints and that is not silent, and for what is silent in vain.

    A choice is printed too when a condition of a sentence reads it: then the sentence says what was chosen.
    """
    printed, spoken_of = set(_printed(sentences)), set(_spoken_of(form, sentences))
    wanted = [item.id for item in form.items if item.kind not in UNPRINTED]
    problems: list[Problem] = []
    hushed: set[str] = set()
    for pattern in silent:
        found = _meant(pattern, form)
        hushed |= found
        if not found:
            problems.append(
                Problem(file, "silent", f"there is no question {pattern}", near_miss(pattern, form.by_id))
            )
        elif all(id in printed or id not in wanted for id in found):
            what = "is printed" if found & printed else "is of a kind that is never printed"
            problems.append(Problem(file, "silent", f"{pattern} {what}", "leave it out of silent"))
    for id in wanted:
        if id not in printed | spoken_of | hushed:
            item = form.by_id[id]
            hint = f"write a sentence with {{{id}}}, or name it in [paper] silent"
            problems.append(Problem(file, id, f"no sentence prints it: {item.label}", hint))
    return problems


def vain_brackets(phrase: Phrase) -> Iterator[tuple[str, str]]:
    """What is wrong with brackets of a phrase in which nothing can vanish, and how to mend it."""
    for part in parts_of(phrase):
        if not isinstance(part, Clause):
            continue
        *before, last = part.phrases
        if any(_stays(each) for each in before):
            yield "what follows | is never printed", "put a gap or a condition before each |"
        if not before and _stays(last):
            text = "".join(each for each in last.parts if isinstance(each, str))
            yield f"[{text}] can never vanish", "write [?condition: …], or no brackets"


def _stays(phrase: Phrase) -> bool:
    """Whether a phrase is always printed."""
    gaps = any(isinstance(part, Slot | Named) for part in phrase.parts)
    return phrase.when is None and not phrase.label and not gaps


def _meant(pattern: str, form: Form) -> set[str]:
    """The ids that an entry of `silent` names; {Y} stands for any year."""
    if PLACE not in pattern:
        return {pattern} & form.by_id.keys()
    wanted = re.compile(_YEAR.join(map(re.escape, pattern.split(PLACE))))
    return {id for id in form.by_id if wanted.fullmatch(id)}


def _printed(sentences: Iterable[Sentence]) -> Iterable[str]:
    """Ids of the items that gaps print."""
    for sentence in sentences:
        for part in parts_of(sentence.phrase):
            if isinstance(part, Slot):
                yield part.item.id


def _spoken_of(form: Form, sentences: Iterable[Sentence]) -> Iterable[str]:
    """Ids of the choices that conditions turn into words."""
    for sentence in sentences:
        conditions = [part for part in parts_of(sentence.phrase) if isinstance(part, Expression)]
        for condition in (*conditions, *([] if sentence.when is None else [sentence.when])):
            for name in condition.names | condition.row_names:
                yield from (item.id for item in _of(form, name, sentence.roster) if item.kind in _TICKED)


def _of(form: Form, name: str, roster: str | None) -> Iterable[Item]:
    """The items that find a fact out: those of the row first."""
    row = form.by_fact.get(f"{roster}.{name}") if roster else None
    if row is not None:
        return [row]
    return [item for item in form.items if item.fact == name]
