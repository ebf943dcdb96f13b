"""What stands above single questions: the menu of a long form, cards of what is known, probable problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from bot.dialogs.cards import Card, Entry
from bot.dialogs.effects import Affirmed, Effect, Recalled, Sections, SectionState, Suspected, TakenFromPaper
from bot.dialogs.form import Form, Step
from bot.dialogs.rejection import Rejected
from bot.render.messages import Messages
from bot.services.keyboards import Keyboards
from bot.services.outgoing import Rows
from bot.services.paper_words import from_paper
from bot.services.values import shown


class Overview:
    """Says and lays out what stands above the questions of one form.

    `problems` holds the names of the ledger's sub-problems by id; `why` says a refusal.
    """

    def __init__(
        self,
        messages: Messages,
        form: Form,
        keyboards: Keyboards,
        problems: Mapping[str, str],
        why: Callable[[Step | None, Rejected], str],
    ) -> None:
        self.messages, self.form, self.keyboards, self.problems = messages, form, keyboards, problems
        self.why = why
        self.say = messages.say

    def text(self, effect: Effect) -> str:
        """The sentences for one of these effects; empty for any other."""
        match effect:
            case Recalled(card, _):
                days = sorted({entry.on for entry in card.entries if entry.on})
                return self.say("overview.card", section=card.section.name, lines=self.lines(card), days=days)
            case Affirmed(card):
                return self.say("overview.affirmed", section=card.section.name, count=len(card.entries))
            case Sections(states, revision):
                lines = [self.state(state) for state in states]
                left = [kind for state in states for kind in state.left]
                return self.say(
                    "overview.sections", form=self.form.name, lines=lines, left=left, first=not revision
                )
            case Suspected(candidate, persons, _, reason_wanted):
                name = self.problems.get(candidate.problem, candidate.problem)
                key = "overview.reason" if reason_wanted else "overview.suspected"
                return self.say(key, problem=name, persons=list(persons), because=candidate.text)
            case TakenFromPaper():
                return from_paper(effect, self.form, self.messages, self.why)
        return ""

    def rows(self, effect: Effect) -> Rows:
        """The buttons for one of these effects; none for any other."""
        match effect:
            case Recalled(card, revision):
                labels = [self.say("buttons.no_change"), self.say("buttons.some_change")]
                return self.keyboards.pick_in_row(f"={card.section.id}", revision, labels)
            case Sections(states, revision):
                named = [(state.section.id, self.button(state)) for state in states]
                return self.keyboards.sections(named, revision)
            case Suspected(candidate, _, revision, reason_wanted):
                labels = [self.say("buttons.to_ledger")]
                if not reason_wanted:
                    labels.append(self.say("buttons.no_problem"))
                return self.keyboards.pick_in_row(candidate.key, revision, labels)
        return ()

    def number(self, section: str) -> int:
        """The number by which a section can be chosen by typing."""
        return next(at for at, each in enumerate(self.form.sections, 1) if each.id == section)

    def state(self, state: SectionState) -> str:
        """One line of the menu."""
        return self.say(
            "overview.section_line",
            number=self.number(state.section.id),
            name=state.section.name,
            answered=state.answered,
            total=state.total,
            left=list(state.left),
            doubts=state.doubts,
        )

    def button(self, state: SectionState) -> str:
        """A section on its button."""
        return self.say("overview.section_button", name=state.section.name, left=len(state.left))

    def lines(self, card: Card) -> list[str]:
        """What a card shows: one line for each answer, those of one row of a roster together."""
        lines: list[str] = []
        for row, entries in groupby(card.entries, key=lambda entry: (entry.step.repeat, entry.step.row)):
            if row == (None, None):
                lines += [self.line(entry) for entry in entries]
            else:
                lines.append(self.row(list(entries)))
        return lines

    def row(self, entries: Sequence[Entry]) -> str:
        """One row of a roster: its title, and what else is known of it."""
        who = next((entry.who for entry in entries if entry.who is not None), None)
        titles = [entry for entry in entries if entry.who is None]
        values = [self.line(entry) for entry in entries if entry.who is not None]
        if who is None:
            return self.say("overview.person_line", who="", values=[self.line(entry) for entry in titles])
        return self.say("overview.person_line", who=who, values=values)

    def line(self, entry: Entry) -> str:
        item = entry.step.item
        assert item is not None
        value = shown(item, entry.value, self.messages, to_confirm=True)
        return self.say("overview.card_line", no=item.no, label=item.label, value=value)
