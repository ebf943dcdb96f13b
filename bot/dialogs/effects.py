"""What happened in a turn, as values; services turn them into messages, rows and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.dialogs.cards import Card
from bot.dialogs.context import Known
from bot.dialogs.form import Candidate, Check, Item, Section, Step
from bot.dialogs.rejection import Rejected
from bot.expressions import Value


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question; `position` of `total` counts questions that apply as far as is known."""

    step: Step
    who: str | None
    """Name of the row's person, when the question is about one and it has been given."""
    position: int
    total: int
    revision: int
    known: Known | None = None
    """What the household's file says, while the question is unanswered."""
    current: tuple[Value] | None = None
    """The present answer, boxed, when an earlier question is asked again."""
    draft: tuple[int, ...] = ()
    """Codes ticked so far of a select_multiple."""
    appending: bool = False
    """Whether what is said will be put behind the present text."""
    extendable: bool = False
    """Whether the answer just given is a text that more may be said to."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer was stored."""

    step: Step
    value: Value
    before: Value
    known: Known | None = None
    """What the file had said, when it was something else."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The open step: all that the file knows of a section, to keep with one tap (1) or go through (2)."""

    card: Card
    revision: int


@dataclass(frozen=True, slots=True)
class Affirmed:
    """What a card showed still holds."""

    card: Card


@dataclass(frozen=True, slots=True)
class SectionState:
    """How far a section of a long form has come; `left` holds the kinds of what is open.

    A card and a check count as one choice each; `doubts` says how many of them are checks.
    """

    section: Section
    answered: int
    total: int
    left: tuple[str, ...]
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class Sections:
    """The menu of a long form: the sections in which something applies, in official order."""

    states: tuple[SectionState, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Suspected:
    """The open step: a probable problem, to be confirmed (1) or dismissed (2) with a reason."""

    candidate: Candidate
    persons: tuple[str, ...]
    revision: int
    reason_wanted: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person said about a probable problem."""

    problem: str
    accepted: bool
    reason: str
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A reply was not usable; the question stays open."""

    step: Step | None
    rejection: Rejected


@dataclass(frozen=True, slots=True)
class Doubted:
    """A check of level warn or block fired and is now the open question (accept, or change an item)."""

    check: Check
    revision: int
    edits: tuple[str, ...]
    """Keys of the answers that could be changed, in the order of the buttons after "accept"."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A check of level info began to hold."""

    check: Check


@dataclass(frozen=True, slots=True)
class Skipped:
    """After the answer to `after`, questions that do not apply were left out up to `to` (None: the end)."""

    after: Step
    to: Step | None


@dataclass(frozen=True, slots=True)
class Hidden:
    """Answers no longer relevant; they stay in the log and come back with their branch."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """Answers that are relevant again."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """Several questions carry that number: which one is to be asked again?"""

    what: str
    steps: tuple[Step, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """All questions that apply are answered: what is missing, blocked, warned, noted and changed."""

    missing: tuple[Step, ...]
    required: tuple[Step, ...]
    """The missing ones without which the form cannot be handed in."""
    blocked: tuple[Check, ...]
    warned: tuple[Check, ...]
    noted: tuple[Check, ...]
    changed: tuple[tuple[Step, Value, Value], ...]
    """(question, value in the household's file, value now)."""
    revision: int

    @property
    def complete(self) -> bool:
        """Whether the form can be handed in."""
        return not self.blocked and not self.required


@dataclass(frozen=True, slots=True)
class Ignored:
    """A tap on a keyboard that is no longer the open question's; `twice` when it repeats the last answer."""

    key: str
    twice: bool


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An answer from paper that was refused; `said` is its number as typed, `step` None for no question."""

    said: str
    step: Step | None
    rejection: Rejected


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An answer from paper to a question that does not apply, or not before `waits_for` is answered."""

    said: str
    item: Item
    waits_for: Item | None


@dataclass(frozen=True, slots=True)
class TakenFromPaper:
    """A message of answers from paper: what was stored, what was refused and what does not apply."""

    taken: tuple[Answered, ...]
    refused: tuple[NotTaken, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The form was handed in."""

    answers: Mapping[str, Value]
    facts: Mapping[str, Value]
    problems: tuple[Decided, ...] = ()


Effect: TypeAlias = (
    Asked
    | Answered
    | Recalled
    | Affirmed
    | Sections
    | Suspected
    | Refused
    | Doubted
    | Noted
    | Skipped
    | Hidden
    | Restored
    | Choose
    | Reviewed
    | Ignored
    | TakenFromPaper
    | Finished
)
