"""Where an interview stands: derived by replaying its answers, never stored (see `bot.dialogs.walking`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.dialogs.cards import Card
from bot.dialogs.form import (
    RECALL,
    Candidate,
    Check,
    Form,
    Item,
    Step,
)
from bot.expressions import Getter, Value


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """The walk as it stood before the open question: answering that one changes nothing before it."""

    place: int
    """Index of the open question's node in the form's plan."""
    steps: tuple[Step, ...]
    facts: Mapping[str, Value]
    fired: tuple[Check, ...]
    kept: tuple[str, ...]
    affirmed: tuple[str, ...]
    base: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A candidate of the ledger that holds, with the persons it concerns."""

    candidate: Candidate
    persons: tuple[str, ...]
    decision: Mapping[str, Value] | None
    """`accepted` and `reason` as decided for the answers as they are; None while it is open."""


@dataclass(frozen=True, slots=True)
class Path:
    """The replayed interview."""

    steps: tuple[Step, ...]
    """Every relevant question and every check to confirm, in order, up to the end of the form."""
    open: int | None
    """Index in `steps` of the first one without a usable answer; None when all are answered."""
    facts: Mapping[str, Value]
    """Facts by name, from relevant answers only; rosters as lists of rows."""
    fired: tuple[Check, ...]
    """The checks that hold now, whether confirmed or not."""
    kept: tuple[str, ...]
    """Keys of questions whose answer was taken from the file, in silence or with a card."""
    answered: int
    total: int
    opens: tuple[int, ...] = ()
    """Index of every step that is not settled; the first is `open`."""
    affirmed: tuple[str, ...] = ()
    """Those of `kept` that a person said still hold, or that are filled in by themselves."""
    cards: Mapping[str, Card] = field(default_factory=dict)
    """What the open cards show, by the key of their step."""
    suspected: tuple[Suspicion, ...] = ()
    base: frozenset[str] = frozenset()
    """Names of facts that came from the context and are not results of the interview."""
    mark: Mark | None = None
    """Where to walk on from once the open question is answered."""

    @property
    def open_step(self) -> Step | None:
        """The question that is open, or None when the interview is ready for review."""
        return None if self.open is None else self.steps[self.open]

    def find(self, key: str) -> int | None:
        """Index of the step with that key, if it is relevant."""
        return next((index for index, step in enumerate(self.steps) if step.key == key), None)

    def results(self) -> dict[str, Value]:
        """The facts that this interview found out."""
        return {name: value for name, value in self.facts.items() if name not in self.base}


def fingerprint(
    items: Sequence[str], steps: Sequence[Step], answers: Mapping[str, Value]
) -> list[list[Value]]:
    """What a decision about these items stands for: the answers to them; it lapses when one changes."""
    return held(items, answered(steps, answers), answers)


def answered(steps: Sequence[Step], answers: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Item and key of every answered question on the way."""
    return [(step.item.id, step.key) for step in steps if step.item is not None and step.key in answers]


def held(
    items: Sequence[str], asked: Sequence[tuple[str, str]], answers: Mapping[str, Value]
) -> list[list[Value]]:
    """The answers to these items among those `asked`."""
    return [[key, answers[key]] for id, key in asked if id in items]


def kept_with_cards(confirmed: Mapping[str, Value]) -> dict[str, Value]:
    """What was kept with one tap on a card of its section, as it was shown there: the values by key."""
    return {key: value for card, held in confirmed.items() if card.startswith(RECALL) for key, value in held}


def concerned(candidate: Candidate, form: Form, facts: Mapping[str, Value]) -> tuple[str, ...]:
    """The names in the rows that a candidate is about; empty when it is about the whole household."""
    if candidate.roster is None or candidate.who is None:
        return ()
    title, who = form.roster_by_id[candidate.roster].title, candidate.who.run
    names: list[str] = []
    for row in facts.get(candidate.roster) or []:

        def scope(name: str, row: Mapping[str, Value] = row) -> Value:
            return row[name] if name in row else facts.get(name)

        if who(scope) is True and isinstance(row.get(title), str):
            names.append(row[title])
    return tuple(names)


def meets(item: Item, value: Value, get: Getter) -> bool:
    """Whether `value` meets the item's own constraints, unknown counting as met."""
    return broken(item, value, get) is None


def broken(item: Item, value: Value, get: Getter) -> str | None:
    """The text of the first constraint that `value` breaks given the facts so far, else None."""
    if value is None:
        return None

    def scope(name: str) -> Value:
        return value if name == "value" else get(name)

    for constraint in item.check:
        if constraint.test.run(scope) is False:
            return constraint.text
    return None
