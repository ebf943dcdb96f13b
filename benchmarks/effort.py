"""How many taps and typed characters a cadre needs for a questionnaire, with and without what is known.

A household is visited again and again: each form is filled in on the buttons that the product shows, handed
in, and what it recorded is what the file proposes the next time. Beside it the same form about the same
household of which nothing is known. Sending a typed answer counts as no tap; the tap that hands in does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from benchmarks.family import CADRE, CAME_HOME, LIFTED, UNREGISTERED, registered, truth
from bot import content as contents
from bot.dialogs import engine
from bot.dialogs.effects import Answered, Asked, Finished, Recalled, Refused, Reviewed
from bot.dialogs.engine import Turn
from bot.dialogs.form import EVIDENCE, Form, Step
from bot.dialogs.numbering import supplementary
from bot.dialogs.reply import Reply, Said, Submit, Tapped
from bot.dialogs.session import Session
from bot.services import finishing, turning
from bot.services.household_file import Dossier, HouseholdFile
from bot.services.incoming import Incoming
from bot.services.interviewing import ACTIONS
from bot.services.office import Office, Task
from bot.storage.chats import Chat
from bot.storage.facts import Fact
from bot.storage.interviews import Interview

ZONE: Final = ZoneInfo("Asia/Shanghai")
FIRST_VISIT: Final = date(2020, 10, 8)
STATUS_CHANGED: Final = date(2020, 10, 20)
CHECKS: Final = (date(2020, 10, 15), date(2020, 11, 16), date(2020, 12, 15))
"""The monthly checks before the one that is counted: so many that what was once said has grown old."""
COUNTED: Final = date(2021, 1, 15)
MOST_TAPS: Final = 10
_COLUMNS: Final = f"{'asked':>5} {'taps':>5} {'chars':>5}"
HEADING: Final = (
    f"  {'':38} {'':>6}   {'':>17}   when nothing is known\n"
    f"  {'':38} {'blanks':>6}   {_COLUMNS}   {_COLUMNS}\n"
)


@dataclass(slots=True)
class Effort:
    """What one form took: questions and cards put to the cadre, taps, typed characters."""

    asked: int = 0
    taps: int = 0
    characters: int = 0

    def __str__(self) -> str:
        return f"{self.asked:>5} {self.taps:>5} {self.characters:>5}"


@dataclass(frozen=True, slots=True)
class Line:
    """A form: how many blanks it has on paper, what it took, and what it takes when nothing is known.

    With an aim, at most so many taps and nothing typed.
    """

    name: str
    blanks: int
    reused: Effort
    unknown: Effort
    aim: int | None = None

    @property
    def is_met(self) -> bool:
        """Whether the form keeps to its aim."""
        return self.aim is None or (self.reused.taps <= self.aim and not self.reused.characters)

    def __str__(self) -> str:
        line = f"  {self.name:38} {self.blanks:>6}   {self.reused}   {self.unknown}"
        if self.aim is not None:
            line += f"   (aim: at most {self.aim} taps, no typing: {'met' if self.is_met else 'MISSED'})"
        return line


class Cadre:
    """Fills in one form about one household, with taps wherever there is a button for what is true."""

    def __init__(
        self, office: Office, form: Form, file: HouseholdFile, true: Mapping[str, Any], on: date
    ) -> None:
        self.now = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
        session = Session(form.id, form.version).to_json()
        self.interview = Interview(
            *(1, 1, form.id, form.version, CADRE.id, "open", 0, session, self.now, self.now, None, None),
            file.to_json(),
        )
        self.office, self.form, self.true = office, form, true
        self.around = turning.context(office, self.interview, self.now)
        self.presenter = turning.presenter(office, form, self.interview.id)
        self.turn: Turn = engine.begin(form, self.around)
        self.effort = Effort()

    def fill(self) -> Finished:
        """Answer everything and hand in; what the form found out."""
        while True:
            match self.turn.effects[-1]:
                case Finished() as finished:
                    return finished
                case Reviewed():
                    self.tap(f"s:{self.interview.id}:")
                case Asked() as asked:
                    self.answer(asked)
                case Recalled(card):
                    unchanged = all(each.value == self.wanted(each.step) for each in card.entries)
                    self.effort.asked += 1
                    self.tap(":p1" if unchanged else ":p2")
                case _:  # a doubt or a probable problem: it is as it was said
                    self.effort.asked += 1
                    self.tap(":p1")

    def answer(self, asked: Asked) -> None:
        """Say what is true: keep it, tap it, or else type it."""
        item, wanted = asked.step.item, self.wanted(asked.step)
        assert item is not None
        self.effort.asked += 1
        if asked.known is not None and asked.known.way != "hint" and asked.known.value == wanted:
            self.tap(":k0")
        elif wanted is None:
            self.tap(":u0")
        elif item.kind == "select_multiple" and wanted != [item.none]:
            for code in wanted:
                self.tap(f":+{code}")
            self.tap(":d0")
        elif item.options:
            self.tap(f":p{wanted[0] if isinstance(wanted, list) else wanted}")
        else:
            self.effort.characters += len(str(wanted))
            self.do(Said(str(wanted)))
            assert any(isinstance(effect, Answered) for effect in self.turn.effects), asked.step.key

    def wanted(self, step: Step) -> Any:
        """What is true of the step's question; None when nobody knows."""
        assert step.item is not None
        if step.item.repeat is None or step.row is None:
            return self.true.get(step.item.fact)
        return self.true[step.item.repeat][step.row - 1].get(step.item.fact)

    def tap(self, part: str) -> None:
        """Tap the button whose data begins or ends so; it must be there."""
        rows = self.presenter.message(self.turn).buttons
        shown = [button.data for row in rows for button in row]
        (data,) = [each for each in shown if each.startswith(part) or each.endswith(part)]
        self.effort.taps += 1
        self.do(_reply(data))

    def do(self, reply: Reply) -> None:
        words = self.office.content.vocabulary
        self.turn = engine.advance(self.form, self.turn.session, reply, self.around, words)
        refused = [effect for effect in self.turn.effects if isinstance(effect, Refused)]
        assert not refused, refused

    def recorded(self, before: Dossier, finished: Finished) -> list[Fact]:
        """What the services keep of the form."""
        someone = Incoming("", "", True, CADRE.name)
        task = Task(self.office, someone, 0, self.now, Chat("", ""), CADRE)
        on = finishing.survey_day(finished.facts, task.today)
        found, interview = finished.facts, self.interview
        return [
            *finishing.recorded(self.form, interview, self.turn, found, on, task),
            *finishing.withdrawn(self.form, before, found, on, task, interview),
        ]


def _reply(data: str) -> Reply:
    """What a button means, as the services read it."""
    kind, _, rest = data.partition(":")
    if kind == "s":
        return Submit()
    assert kind == "i", data
    _, revision, key, action = rest.split(":")
    return Tapped(key, int(revision), ACTIONS[action[0]], int(action[1:]))  # type: ignore[arg-type]


@dataclass
class Life:
    """A household's file, visit after visit."""

    office: Office
    status: int = LIFTED
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    """Current facts by name and period."""

    def dossier(self, on: date) -> Dossier:
        """The file as it stands on that day."""
        scheme = self.office.content.packs[self.office.schemes[0]].scheme.code
        return replace(registered(on, self.status), facts=tuple(self.facts.values()), scheme=scheme)

    def visit(self, form_id: str, on: date, true: Mapping[str, Any]) -> Effort:
        """Fill a form in with what the file knows, and keep what it found out."""
        content, dossier = self.office.content, self.dossier(on)
        form = content.form(form_id)
        known = dossier.known(form, CADRE, content.reuse, content.form_parameters(on))
        cadre = Cadre(self.office, form, known, true, on)
        new = cadre.recorded(dossier, cadre.fill())
        self.facts |= {(fact.name, fact.period): fact for fact in new}
        return cadre.effort


def blanks(form: Form) -> int:
    """How many blanks the questionnaire has on paper, each once, however many people are entered there."""
    return sum(1 for item in form.items if item.kind not in EVIDENCE and not supplementary(item))


def office() -> Office:
    """The office with the content that ships."""
    return Office(contents.load(), ZONE)


def run() -> list[Line]:
    """Three typical households; facts are those that the earlier forms recorded."""
    here = office()

    def line(name: str, form: str, life: Life, on: date, *, aim: int | None = None, **other: Any) -> Line:
        true = truth(on, reg_status=life.status, **other)
        nothing = Cadre(here, here.content.form(form), HouseholdFile(), true, on)
        nothing.fill()
        reused = life.visit(form, on, true)
        return Line(name, blanks(here.content.form(form)), reused, nothing.effort, aim)

    lines = [line("jd, first visit: the register is known", "jd", Life(here), FIRST_VISIT)]
    moved = known_by(here, [("jd", FIRST_VISIT)])
    moved.status = UNREGISTERED
    lines.append(line("nj, no longer registered: jd is known", "nj", moved, STATUS_CHANGED))
    watched = [("jd", FIRST_VISIT), *(("mc", on) for on in CHECKS)]
    same, changed = known_by(here, watched), known_by(here, watched)
    lines.append(line("mc, nothing has changed", "mc", same, COUNTED, aim=MOST_TAPS))
    lines.append(line("mc, one thing has changed", "mc", changed, COUNTED, **CAME_HOME))
    return lines


def known_by(office: Office, visits: Sequence[tuple[str, date]]) -> Life:
    """A household in which these forms were filled in on these days."""
    life = Life(office)
    for form, on in visits:
        life.visit(form, on, truth(on))
    return life
