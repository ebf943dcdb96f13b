"""What a pair of braces in the sentences of a paper means: an answer, a number, a department, a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.dialogs.form import Form
from bot.dialogs.repeating import PLACE
from bot.errors import HubangError
from bot.problems import near_miss
from bot.render.narrative_answers import UNPRINTED
from bot.render.narrative_sentences import Counter, Gap, Named, Slot
from bot.render.narrative_words import Words

NEEDED: Final = "!"
BOXES: Final = "boxes"
UNITS: Final = "units"
PARAMETER: Final = "param"
_CALLED: Final[Mapping[str, str]] = {UNITS: "measure", PARAMETER: "parameter"}
_REPEATED_PLACE: Final = PLACE[1:-1]


class GapError(HubangError):
    """{{{source}}}: {what}"""

    @property
    def hint(self) -> str:
        """How to mend it."""
        return str(self.facts["hint"])


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """All that gaps of one paper may name."""

    form: Form
    words: Words
    measures: Collection[str]
    parameters: Collection[str]

    def read(self, source: str, roster: str | None, heading: bool) -> Gap:
        """What stands in a pair of braces of a block over `roster`. Raises GapError."""
        name = source.removesuffix(NEEDED)
        needed = name != source
        kind, colon, of = name.partition(":")
        if name in self.words.counters and (heading or name not in self.form.by_id):
            if needed:
                raise GapError(source=source, what="a number cannot be missing", hint=f"write {{{name}}}")
            return Counter(self.words.counters.index(name))
        if not colon or kind == BOXES:
            return self.answer(source, of if colon else name, roster, needed=needed, boxes=bool(colon))
        known = {UNITS: self.measures, PARAMETER: self.parameters}
        if kind not in known:
            hint = near_miss(kind, (*known, BOXES))
            raise GapError(source=source, what=f"there is no gap of the kind {kind}", hint=hint)
        if of not in known[kind]:
            hint = near_miss(of, known[kind])
            raise GapError(source=source, what=f"there is no {_CALLED[kind]} {of}", hint=hint)
        return Named(kind, of, needed)

    def answer(self, source: str, id: str, roster: str | None, *, needed: bool, boxes: bool) -> Slot:
        """A gap for an answer, in words or as boxes to tick."""
        item = self.form.by_id.get(id)
        if item is None:
            hint = "give the block each = [2018, 2019]"
            if id != _REPEATED_PLACE:
                hint = near_miss(id, self.form.by_id)
            raise GapError(source=source, what=f"there is no question {id}", hint=hint)
        if item.kind in UNPRINTED:
            raise GapError(source=source, what=f"{item.kind} is never printed", hint="leave it out")
        if item.repeat is not None and item.repeat != roster:
            what, hint = f"it is asked for each row of {item.repeat}", f'add for = "{item.repeat}"'
            raise GapError(source=source, what=what, hint=hint)
        if boxes and not item.options:
            raise GapError(source=source, what="there is nothing to tick", hint=f"write {{{id}}}")
        return Slot(item, needed, boxes)
