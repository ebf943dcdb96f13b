"""The replay of an interview: from the answers to the path.

`walk` goes once through the whole form in official order. What is not relevant is left out together with
its answers; what is relevant becomes a step; the steps without a usable answer are open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.dialogs.cards import Card, Entry
from bot.dialogs.context import Context, Known, offered, offered_in_row, proposed_rows
from bot.dialogs.form import (
    EVIDENCE,
    RECALL,
    Candidate,
    Check,
    Form,
    Item,
    Node,
    Roster,
    Step,
    row_step,
)
from bot.dialogs.ledger import grounds
from bot.dialogs.path import (
    Mark,
    Path,
    Suspicion,
    answered,
    concerned,
    fingerprint,
    held,
    kept_with_cards,
    meets,
)
from bot.expressions import Value

MAX_ROWS: Final = 60
"""More rows than this are never opened, whatever the count says: no household has them."""


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
        "affirmed", "answers", "base", "cards", "confirmed", "context", "facts", "fired", "form", "get",
        "keeping", "kept", "mark", "opens", "place", "steps", "suspected", "trial",
    )  # fmt: skip

    def __init__(
        self,
        form: Form,
        answers: Mapping[str, Value],
        confirmed: Mapping[str, Value],
        context: Context,
        mark: Mark | None,
        *,
        trial: bool = False,
    ) -> None:
        self.form = form
        self.answers = answers
        self.confirmed = confirmed
        self.context = context
        self.trial = trial
        self.facts = context.base() if mark is None else dict(mark.facts)
        self.base = frozenset(self.facts) if mark is None else mark.base
        self.get = self.facts.get
        self.place = 0 if mark is None else mark.place
        self.steps: list[Step] = [] if mark is None else list(mark.steps)
        self.fired: list[Check] = [] if mark is None else list(mark.fired)
        self.kept: list[str] = [] if mark is None else list(mark.kept)
        self.affirmed: list[str] = [] if mark is None else list(mark.affirmed)
        self.keeping = kept_with_cards(confirmed)
        self.cards: dict[str, Card] = {}
        self.suspected: list[Suspicion] = []
        self.opens: list[int] = []
        self.mark = mark if trial else None

    def run(self) -> Path:
        self.replay(self.place, len(self.form.plan))
        get, asked = self.get, len(self.steps)
        said: list[tuple[str, str]] | None = None
        for candidate in self.form.candidates:
            if candidate.when.run(get) is True:
                said = answered(self.steps, self.answers) if said is None else said
                self.suspect(candidate, said)
        if self.opens and self.mark is None:
            # Only what is suspected is open: nothing of the form itself needs to be walked again.
            self.mark = self.standing(len(self.form.plan), asked)
        questions = [step.key in self.answers for step in self.steps if step.item is not None]
        return Path(
            tuple(self.steps),
            self.opens[0] if self.opens else None,
            self.facts,
            tuple(self.fired),
            tuple(self.kept),
            sum(questions),
            len(questions),
            tuple(self.opens),
            tuple(self.affirmed),
            self.cards,
            tuple(self.suspected),
            self.base,
            self.mark,
        )

    def replay(self, place: int, end: int) -> None:
        """The places of the form from `place` up to `end`: the question or rows of each, then its checks."""
        plan, facts, get, answers = self.form.plan, self.facts, self.get, self.answers
        steps, opens, keeping, trial = self.steps, self.opens, self.keeping, self.trial
        recalls = bool(self.context.known) and not trial
        section, head = "", None
        for at in range(place, end):
            node, begun = plan[at], len(steps)
            if recalls and node.item.section != section:
                section, head = node.item.section, self.recall(node, at)
            if node.roster is not None:
                self.roster(node, node.roster)
            elif (node.asked_if is not None and node.asked_if(get) is not True) or (
                node.evidence and node.key not in answers
            ):
                # A fact of the household's file must not leak through a question that does not apply.
                facts.pop(node.fact, None)
            elif node.calc is not None:
                facts[node.fact] = node.calc(get)
            elif node.key in answers:
                value = answers[node.key]
                if node.constrained and not meets(node.item, value, get):
                    opens.append(len(steps))
                else:
                    facts[node.fact] = value
                steps.append(node.step)
            elif not ((node.silent or trial or node.key in keeping) and self.keep(node)):
                opens.append(len(steps))
                steps.append(node.step)
            for step, when in node.checks:
                if when(get) is True:
                    self.fire(step)
            if opens and self.mark is None:
                self.mark = head or self.marked(node, at, begun)

    def marked(self, node: Node, place: int, begun: int) -> Mark:
        """The walk before `node`; what the node itself has set is set anew when it is walked again."""
        own = {step.check for step, _ in node.checks}
        mark = self.standing(place, begun)
        return replace(
            mark,
            fired=tuple(check for check in mark.fired if check not in own),
            kept=tuple(key for key in mark.kept if key.partition("#")[0] not in node.ids),
            affirmed=tuple(key for key in mark.affirmed if key.partition("#")[0] not in node.ids),
        )

    def standing(self, place: int, steps: int) -> Mark:
        """The walk up to `place`, with its first `steps` steps."""
        fired, kept, affirmed = tuple(self.fired), tuple(self.kept), tuple(self.affirmed)
        return Mark(place, tuple(self.steps[:steps]), dict(self.facts), fired, kept, affirmed, self.base)

    def open_here(self) -> None:
        """The step about to be added is not settled."""
        self.opens.append(len(self.steps))

    def keep(self, node: Node) -> bool:
        """Take the answer from a card, else from the file, without asking, if there is one to take."""
        item = node.item
        if node.key in self.keeping:
            known: Known | None = Known(self.keeping[node.key], "")
        else:
            known = offered(item, self.context, self.get)
        if known is None or known.way != "keep" or not meets(item, known.value, self.get):
            return False
        self.facts[node.fact] = known.value
        self.take(node.key, item)
        return True

    def take(self, key: str, item: Item) -> None:
        """Note an answer that was taken; what nobody could have meant otherwise is not affirmed anew."""
        self.kept.append(key)
        if item.keep != "silent" or item.default:
            self.affirmed.append(key)

    def recall(self, node: Node, place: int) -> Mark | None:
        """Ask once about everything that the file knows of a section, if that is more than one thing.

        Answers in the section may bring such a card later: the mark is the walk as it stands before it.
        """
        section = node.recall
        if section is None or RECALL + section.id in self.confirmed or not self.context.known:
            return None
        key = RECALL + section.id
        head = None if self.opens else self.marked(node, place, len(self.steps))
        trial = _Walk(
            self.form,
            self.answers,
            self.confirmed,
            self.context,
            Mark(place, (), self.facts, (), (), (), self.base),
            trial=True,
        )
        plan, end = self.form.plan, place
        while end < len(plan) and plan[end].item.section == section.id:
            end += 1
        trial.replay(place, end)
        if len(trial.affirmed) > 1:
            self.cards[key] = Card(
                section, tuple(Entry.of(self.form, key, trial.facts, self.context) for key in trial.affirmed)
            )
            self.open_here()
            self.steps.append(Step(key, None, recall=section))
        return head

    def suspect(self, candidate: Candidate, said: list[tuple[str, str]]) -> None:
        """A probable problem: it is asked about until a person has decided on the answers as they are."""
        if candidate.problem in self.context.settled:
            return
        before = self.context.dismissed.get(candidate.problem)
        if before is not None and before == grounds(candidate, self.form, self.facts):
            return
        decision = self.confirmed.get(candidate.key)
        decided = decision is not None and decision["held"] == held(candidate.items, said, self.answers)
        persons = concerned(candidate, self.form, self.facts)
        self.suspected.append(Suspicion(candidate, persons, decision if decided else None))
        if not decided:
            self.open_here()
            self.steps.append(Step(candidate.key, None, candidate=candidate))

    def roster(self, node: Node, roster: Roster) -> None:
        count = self.facts.get(self.form.by_id[roster.count].fact)
        if not isinstance(count, int):
            return
        rows: list[dict[str, Value]] = []
        facts, get, answers = self.facts, self.get, self.answers
        proposed = proposed_rows(roster, self.context)
        # With more or fewer people than the file has, nobody can tell who of them is who.
        same = proposed is not None and proposed.way == "keep" and len(proposed.value) == count
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
                elif item.kind in EVIDENCE:
                    continue
                elif (
                    same
                    and step.key not in answers
                    and (item.keep == "silent" or self.trial or step.key in self.keeping)
                    and (known := offered_in_row(item, number, roster, self.context)) is not None
                    and meets(item, known.value, scope)
                ):
                    row[item.fact] = known.value
                    self.take(step.key, item)
                    continue
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
            check.items, self.steps, self.answers
        ):
            self.open_here()
            self.steps.append(step)
