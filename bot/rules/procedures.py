"""A procedure of a document as a table: states, the steps between them, who takes each, by when, and what
is forbidden (workflow.md 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from bot.expressions import Expression
from bot.rules.parameters import Parameter
from bot.rules.sentences import Sentence
from bot.rules.signers import Signers
from bot.rules.terms import Term

ANY: Final = "any"
THE_DAY: Final = "the_day"
SUBJECTS: Final = ("household", "village", "town", "county", ANY)
"""What a case may be about; regions of that level, or whatever that which it carries is about."""
PROBLEM: Final = "problem"
CLUES: Final = ("application", "cadre", "department", "supervision")
"""Where a clue comes from: the household itself, a cadre, a department's list, a supervision visit."""
CARRIES: Final = ("", "questionnaire", PROBLEM, "paper")
"""What a case may be about besides: a questionnaire handed in, a problem of the ledger, a plan paper."""
RULES: Final = (
    *("working_days", "days", "months", "day", "month_end", "month_day", "half_year_end", "year_end"),
    THE_DAY,
)
"""How a day is reckoned: so many (working) days or months on; the next such day of a month, month end, day of
a year (a parameter of 415 is 15 April), half-year end or year end; or the remembered day itself."""

ROOMS: Final = ("", "signing")
"""Rooms of the chat that take steps of their own."""


@dataclass(frozen=True, slots=True)
class Span:
    """A day reckoned from another one by one of RULES, with the figure of `parameter` where there is one."""

    rule: str
    parameter: str
    since: str = ""
    """The day of the case that it is reckoned from (such as `received_on`); that of the state if none."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told what when a step is taken: posts, roles, or `filer` for whoever filed the case."""

    to: tuple[str, ...]
    text: Sentence
    undated: Sentence | None = None
    """What is said instead where nothing is due, when `text` names the day."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can stand; `due` is the day by which the next step must be taken.

    A `settled` one has been approved: an edit of what it rests on sends the case back. A `final` one ends it.
    In a `resting` one the case stays open and waits for nobody: something has to happen first.
    """

    id: str
    name: str
    due: Span | None
    settled: bool
    final: bool
    clause: str
    resting: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One way from a state to another; without `before` it opens a case."""

    id: str
    name: str
    before: tuple[str, ...]
    after: str
    by: tuple[str, ...]
    """Posts and roles that may take it."""
    form: str
    """The questionnaire that records it; "" when it is taken by a tap."""
    known: Mapping[str, int]
    """Answers of that questionnaire that the step itself says, by fact."""
    given: Expression | None
    """What its answers must say for this step and no other to be taken."""
    needs: Expression | None
    """What its answers must say besides; `lacks` tells people what is missing."""
    lacks: str
    files: bool
    """Whoever takes it answers for what is filed."""
    approves: bool
    """Whoever filed the case may not take it."""
    back: bool
    """It returns the case: a comment says why."""
    comment: bool
    """Words are needed, such as a finding or an objection."""
    department: bool
    """An office is chosen, which has the case from then on."""
    wait: Span | None
    """Not before this day is over."""
    until: Span | None
    """Not after this day."""
    only: tuple[int | str, ...]
    """Only in these months of the year (numbers, or parameters that say them); none for always."""
    when: tuple[Term, ...]
    """Facts of the scheme that must hold."""
    verdicts: tuple[str, ...]
    """Only for households with these verdicts."""
    shared: tuple[str, ...]
    """Answers that one meeting gives for all households together, so that it is told only once."""
    own: Mapping[str, str]
    """What each household's own answer is taken from when a meeting is told for several."""
    tell: tuple[Notice, ...]
    clause: str
    derived: bool
    marks: str = ""
    """The day on which it is taken is remembered under this name, for a span that is reckoned from it."""
    frees: bool = False
    """The office that had the case has it no longer."""
    room: str = ""
    """The room of the chat that takes it, such as "signing": the step's button leads there."""
    aside: bool = False
    """It is possible, and nobody waits for it."""
    takes: tuple[str, ...] = ()
    """The kinds of clues (of CLUES) that take it, as when one opens a case."""


@dataclass(frozen=True, slots=True)
class Prohibition:
    """What the document forbids: `of`, and `also`, name the deeds, so that one can say why.

    Where the deed has no step it is said when somebody tries; where it is forbidden in some `states` only, or
    to those who do not take the step, it is said of a case that stands there; at a step that asks for words
    it is said beside the question.
    """

    id: str
    of: str
    text: str
    clause: str
    states: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Procedure:
    """One procedure, whole; `scheme` is the one that it belongs to, "" for one of every county."""

    id: str
    code: str
    name: str
    scheme: str
    library: str
    """The set of the county's library that switches it on; "" for none."""
    subject: str
    carries: str
    forms: tuple[str, ...]
    """Questionnaires on which approval rests: handed in anew, one sends a settled case back to `reset`."""
    reset: str
    opened_by: tuple[str, ...]
    """Questionnaires that open a case by being handed in."""
    states: Mapping[str, State]
    steps: tuple[Step, ...]
    prohibitions: tuple[Prohibition, ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    signers: Signers | None = None
    """Who signs the plan paper that the case carries."""

    @cached_property
    def openings(self) -> tuple[Step, ...]:
        """The steps that open a case."""
        return tuple(step for step in self.steps if not step.before)

    @cached_property
    def step_by_id(self) -> Mapping[str, Step]:
        """The steps by id."""
        return {step.id: step for step in self.steps}

    def steps_from(self, state: str) -> tuple[Step, ...]:
        """The ways on from a state, in the order of the table."""
        return tuple(step for step in self.steps if state in step.before)

    def forbidden(self, deed: str) -> Prohibition | None:
        """Why a deed is forbidden, if it is."""
        return next((each for each in self.prohibitions if deed in (each.of, *each.also)), None)

    def forbidden_in(self, state: str) -> tuple[Prohibition, ...]:
        """What is forbidden to a case that stands in this state."""
        return tuple(each for each in self.prohibitions if state in each.states)

    def waits_for(self, state: str) -> tuple[str, ...]:
        """The posts and roles that a case in this state waits for: those of its ways forward."""
        place = self.states.get(state)
        if place is not None and place.resting:
            return ()
        here = self.steps_from(state)
        ways = [step for step in here if not step.back and not step.aside] or here
        return tuple(dict.fromkeys(post for step in ways for post in step.by))
