"""Where an interview stands: derived by replaying its answers, never stored.

`walk` goes once through the whole form in official order. What is not relevant is left out together with
its answers; what is relevant becomes a step; the first step without a usable answer is the open one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.dialogs.form import Check, Form, Item, Node, Roster, Step, row_step
from bot.expressions import Getter, Value

MAX_ROWS: Final = 60
"""More rows than this are never opened, whatever the count says: no household has them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the household's file already says about a fact: shown with its date for one tap to keep."""

    value: Value
    on: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What an interview may read besides its own answers. `today` and `now` are local ISO texts."""

    today: str
    now: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    """Dated parameters of the day of survey, under `param_…` names."""
    file: Mapping[str, Value] = field(default_factory=dict)
    """Facts of the household's file that forms may read but do not ask, such as the `member` roster."""
    known: Mapping[str, Known] = field(default_factory=dict)

    def base(self) -> dict[str, Value]:
        """The facts that stand before the first question."""
        return {"today": self.today, "now": self.now, **self.parameters, **self.file}


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """The walk as it stood before the open question: answering that one changes nothing before it."""

    place: int
    """Index of the open question's node in the form's plan."""
    steps: tuple[Step, ...]
    facts: Mapping[str, Value]
    fired: tuple[Check, ...]
    kept: tuple[str, ...]
    base: frozenset[str]


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
    """Keys of items taken from the household's file without asking."""
    answered: int
    total: int
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


def walk(
    form: Form,
    answers: Mapping[str, Value],
    confirmed: Mapping[str, Value],
    context: Context,
    mark: Mark | None = None,
) -> Path:
    """Replay `answers` (key -> value) through `form`; `confirmed` holds what checks were confirmed with.

    With the `mark` of an earlier path only what follows it is replayed: right only when nothing but that
    path's open question was answered or confirmed since.
    """
    return _Walk(form, answers, confirmed, context, mark).run()


class _Walk:
    """One replay; the loop over single questions is written out, as every answer pays for it."""

    __slots__ = (
        "answers", "base", "confirmed", "context", "facts", "fired", "form", "get", "kept", "mark", "open",
        "place", "steps",
    )  # fmt: skip

    def __init__(
        self,
        form: Form,
        answers: Mapping[str, Value],
        confirmed: Mapping[str, Value],
        context: Context,
        mark: Mark | None,
    ) -> None:
        self.form = form
        self.answers = answers
        self.confirmed = confirmed
        self.context = context
        self.facts = context.base() if mark is None else dict(mark.facts)
        self.base = frozenset(self.facts) if mark is None else mark.base
        self.get = self.facts.get
        self.place = 0 if mark is None else mark.place
        self.steps: list[Step] = [] if mark is None else list(mark.steps)
        self.fired: list[Check] = [] if mark is None else list(mark.fired)
        self.kept: list[str] = [] if mark is None else list(mark.kept)
        self.open: int | None = None
        self.mark: Mark | None = None

    def run(self) -> Path:
        facts, get, answers, steps, plan = self.facts, self.get, self.answers, self.steps, self.form.plan
        for place in range(self.place, len(plan)):
            node, begun = plan[place], len(steps)
            if node.roster is not None:
                self.roster(node, node.roster)
            elif node.asked_if is not None and node.asked_if(get) is not True:
                # A fact of the household's file must not leak through a question that does not apply.
                facts.pop(node.fact, None)
            elif node.calc is not None:
                facts[node.fact] = node.calc(get)
            elif node.key in answers:
                value = answers[node.key]
                if node.constrained and not meets(node.item, value, get):
                    self.open_here()
                else:
                    facts[node.fact] = value
                steps.append(node.step)
            elif not (node.silent and self.keep(node)):
                self.open_here()
                steps.append(node.step)
            for step, when in node.checks:
                if when(get) is True:
                    self.fire(step)
            if self.open is not None and self.mark is None:
                self.mark = self.marked(node, place, begun)
        questions = [step.key in answers for step in steps if step.item is not None]
        return Path(
            tuple(steps),
            self.open,
            facts,
            tuple(self.fired),
            tuple(self.kept),
            sum(questions),
            len(questions),
            self.base,
            self.mark,
        )

    def marked(self, node: Node, place: int, begun: int) -> Mark:
        """The walk before `node`; what the node itself has set is set anew when it is walked again."""
        own = {step.check for step, _ in node.checks}
        return Mark(
            place,
            tuple(self.steps[:begun]),
            dict(self.facts),
            tuple(check for check in self.fired if check not in own),
            tuple(key for key in self.kept if key != node.key),
            self.base,
        )

    def open_here(self) -> None:
        """The step about to be added is open, unless an earlier one is."""
        if self.open is None:
            self.open = len(self.steps)

    def keep(self, node: Node) -> bool:
        """Take the fact from the household's file without asking, if the file has it."""
        known = self.context.known.get(node.fact)
        if known is None:
            return False
        self.facts[node.fact] = known.value
        self.kept.append(node.key)
        return True

    def roster(self, node: Node, roster: Roster) -> None:
        count = self.facts.get(self.form.by_id[roster.count].fact)
        if not isinstance(count, int):
            return
        rows: list[dict[str, Value]] = []
        facts, get, answers = self.facts, self.get, self.answers
        for number in range(1, min(count, MAX_ROWS) + 1):
            row: dict[str, Value] = {}
            rows.append(row)

            def scope(name: str, row: dict[str, Value] = row) -> Value:
                return row[name] if name in row else get(name)

            for item in node.rows:
                if item.ask_if is not None and item.ask_if.run(scope) is not True:
                    continue
                if item.calc is not None:
                    row[item.fact] = item.calc.run(scope)
                    continue
                step = row_step(item, number)
                if step.key in answers and (not item.check or meets(item, answers[step.key], scope)):
                    row[item.fact] = answers[step.key]
                else:
                    self.open_here()
                self.steps.append(step)
        facts[roster.id] = rows
        for item in node.rows:
            if item.fold is not None:
                facts[item.fold.fact] = item.fold.calc.run(get)

    def fire(self, step: Step) -> None:
        """A check holds: it is asked about until it is confirmed with the answers as they are."""
        check = step.check
        assert check is not None
        self.fired.append(check)
        if check.level != "info" and self.confirmed.get(check.id) != fingerprint(
            check, self.steps, self.answers
        ):
            self.open_here()
            self.steps.append(step)


def fingerprint(check: Check, steps: Sequence[Step], answers: Mapping[str, Value]) -> list[list[Value]]:
    """What a confirmation of `check` stands for: the answers to its items; it lapses when one changes."""
    return [
        [step.key, answers[step.key]]
        for step in steps
        if step.item is not None and step.item.id in check.items and step.key in answers
    ]


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
