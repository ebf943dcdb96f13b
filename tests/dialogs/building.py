"""Forms loaded once, and an interview that a test can hold: say, tap, go back, and look at what is open."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path as File
from typing import Any, NamedTuple

from pypinyin import Style, lazy_pinyin

from bot.dialogs import engine
from bot.dialogs.context import Context, Known, Way
from bot.dialogs.effects import (
    Answered,
    Asked,
    Doubted,
    Effect,
    Finished,
    Ignored,
    Noted,
    Recalled,
    Refused,
    Reviewed,
    Sections,
    Suspected,
)  # fmt: skip
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.dialogs.ledger import read_ledger
from bot.dialogs.reading import Lists, read_form, read_lists
from bot.dialogs.reply import Back, Edit, Enter, Reply, Said, Submit, Tapped
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary
from tests.dialogs.quiet import PLAIN as PLAIN
from tests.dialogs.quiet import TODAY as TODAY
from tests.dialogs.quiet import Told as Told
from tests.dialogs.quiet import id_number as id_number
from tests.dialogs.quiet import sensible as sensible

DIALOGS = File(__file__).parents[2] / "bot" / "dialogs"
NOW = "2020-04-10T15:30"


def tables(name: str) -> dict[str, Any]:
    """The tables of a TOML file of the dialogs, as they are written."""
    return tomllib.loads((DIALOGS / name).read_text(encoding="utf-8"))


def initials(label: str) -> str:
    """Pinyin initials of a label."""
    letters = lazy_pinyin(label, style=Style.FIRST_LETTER, errors="default")
    return "".join(piece for piece in letters if piece.isascii() and piece.isalnum()).lower()


@cache
def lists() -> Lists:
    """The shared option lists, and those of the ledger."""
    shared = read_lists(tables("lists.toml"), initials, "lists.toml")[0]
    return {**shared, **read_ledger(tables("ledger.toml"), "ledger.toml")[0].options(initials)}


@cache
def form(id: str) -> Form:
    """A released form."""
    return build(tables(f"forms/{id}.toml"))


def build(data: Mapping[str, Any]) -> Form:
    """A form from tables; it must be sound."""
    found, problems = read_form(data, lists(), initials, "test.toml")
    assert found is not None
    assert problems == []
    return found


def written(source: str) -> Form:
    """A form from TOML items and rosters, for what no released form has."""
    head = '[form]\nid = "t"\nversion = 1\nname = "试卷"\nshort = "试"\nsource = "test"\n'
    return build(tomllib.loads(f'{head}[[section]]\nid = "s"\nname = "节"\n{source}'))


@cache
def vocabulary() -> Vocabulary:
    """The words that the parsers know."""
    return Vocabulary.from_dict(tables("vocabulary.toml"))


@cache
def parameters() -> dict[str, float]:
    """The dated parameters that forms read."""
    return {f"param_{p['id']}": p["values"][0]["value"] for p in tables("lists.toml")["parameter"]}


def context(
    *,
    known: Mapping[str, Any] | None = None,
    members: list[dict[str, Any]] | None = None,
    today: str = TODAY,
    now: str = NOW,
    ways: Mapping[str, Way] | None = None,
    settled: Collection[str] = (),
    dismissed: Mapping[str, Mapping[str, Any]] | None = None,
) -> Context:
    """What the interview may read; without `members` the file knows nobody.

    What is `known` may be kept, unless `ways` says otherwise by fact.
    """
    file = {} if members is None else {"member": members}
    way = ways or {}
    held = {
        name: Known(value, "2020-01-05", "file", way.get(name, "keep"))
        for name, value in (known or {}).items()
    }
    return Context(today, now, parameters(), file, held, frozenset(settled), dismissed or {})


class Interview:
    """One interview, kept between turns as JSON only, as the product keeps it."""

    def __init__(self, form_id: str | Form, given: Context | None = None) -> None:
        self.form = form(form_id) if isinstance(form_id, str) else form_id
        self.context = given or context()
        self.answers: dict[str, str] = {}
        self.turn: Turn = engine.begin(self.form, self.context)
        self.saved = json.dumps(self.turn.session.to_json())

    @property
    def session(self) -> Session:
        return self.turn.session

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.turn.path.results()

    @property
    def open(self) -> Asked | Doubted | Recalled | Suspected | Sections | Reviewed | Finished | Ignored:
        """What stands at the end of the turn."""
        last = self.turn.effects[-1]
        assert isinstance(
            last, Asked | Doubted | Recalled | Suspected | Sections | Reviewed | Finished | Ignored
        )
        return last

    @property
    def key(self) -> str:
        """Key of what is open: question, card or candidate, id of a check; "review", "menu" or "finished"."""
        match self.open:
            case Asked(step):
                return step.key
            case Doubted(check):
                return check.id
            case Recalled(card):
                return f"={card.section.id}"
            case Suspected(candidate):
                return candidate.key
            case Sections():
                return "menu"
            case Reviewed():
                return "review"
            case Finished():
                return "finished"
        return "ignored"

    @property
    def asked(self) -> Asked:
        assert isinstance(self.open, Asked), self.open
        return self.open

    @property
    def reviewed(self) -> Reviewed:
        assert isinstance(self.open, Reviewed), self.open
        return self.open

    @property
    def why(self) -> str:
        """Why the last reply was refused."""
        first = self.turn.effects[0]
        assert isinstance(first, Refused), first
        return first.rejection.reason

    def happened(self, kind: type[Effect]) -> list[Any]:
        """The effects of one kind in the last turn."""
        return [effect for effect in self.turn.effects if isinstance(effect, kind)]

    def do(self, reply: Reply) -> Turn:
        session = Session.from_json(json.loads(self.saved))
        assert session == self.turn.session
        self.turn = engine.advance(self.form, session, reply, self.context, vocabulary())
        self.saved = json.dumps(self.turn.session.to_json())
        return self.turn

    def say(self, *texts: str) -> Turn:
        for text in texts:
            self.do(Said(text))
        return self.turn

    def tap(self, action: Any, code: int = 0, *, key: str | None = None, revision: int | None = None) -> Turn:
        """A tap, on the keyboard that is open unless another is named."""
        if key is None:
            key = f"!{self.key}" if isinstance(self.open, Doubted) else self.key
        held = self.session.revision if revision is None else revision
        return self.do(Tapped(key, held, action, code))

    def back(self, steps: int = 1) -> Turn:
        return self.do(Back(steps))

    def enter(self, section: str | None = None) -> Turn:
        """Into a section of a long form, or back to the menu."""
        return self.do(Enter(section))

    def edit(self, what: str) -> Turn:
        return self.do(Edit(what))

    def submit(self) -> Turn:
        return self.do(Submit())

    def answer(self, what: str, text: str) -> Turn:
        """Change an earlier answer, and accept whatever is doubted then."""
        self.edit(what)
        assert isinstance(self.open, Asked), (what, self.turn.effects)
        return self.say(text)

    def until(self, goal: str, answers: Mapping[str, str] | None = None) -> Interview:
        """Answer sensibly, or as told by item id or key, up to a question, a check, or "review".

        What is doubted on the way is accepted, unless it is the goal.
        """
        told = {**self.answers, **(answers or {})}
        self.answers = told
        for _ in range(500):
            if self.key == goal:
                return self
            match self.open:
                case Asked(step) if step.item is not None:
                    text = told.get(step.key) or told.get(step.item.id) or sensible(self.form.id, step.item)
                    self.say(text)
                    assert self.happened(Answered), (step.key, text, self.turn.effects)
                case Doubted() | Recalled() | Suspected():
                    self.say("1")
                case Sections(states):
                    self.enter(next(state.section.id for state in states if state.left))
                case _:
                    raise AssertionError(f"{goal} was never asked; stands at {self.key}")
        raise AssertionError(f"{goal} was not reached")

    def review(self, answers: Mapping[str, str] | None = None) -> Interview:
        return self.until("review", answers)

    def steps(self) -> list[str]:
        """Keys of the questions that apply."""
        return [step.key for step in self.turn.path.steps if step.item is not None]


class Shown(NamedTuple):
    """What showed, each as often as it did: checks with their level, problems with whom they concern."""

    checks: list[tuple[str, str]]
    problems: list[tuple[str, tuple[str, ...]]]


def fill(interview: Interview, told: Told, goal: str = "review") -> Shown:
    """Answer as told, else quietly, up to a question, a check or the review; what shows is accepted."""
    shown = Shown([], [])
    for _ in range(400):
        shown.checks.extend((noted.check.id, noted.check.level) for noted in interview.happened(Noted))
        if not isinstance(interview.open, Sections) and interview.key == goal:
            return shown
        match interview.open:
            case Asked(step) if step.item is not None:
                said = told.get(step.key) or told.get(step.item.id) or sensible(interview.form.id, step.item)
                interview.say(said)
                assert interview.happened(Answered), (step.key, said, interview.turn.effects)
            case Doubted(check):
                shown.checks.append((check.id, check.level))
                interview.say("1")
            case Suspected(candidate, persons):
                shown.problems.append((candidate.problem, persons))
                interview.say("1")
            case Recalled():
                interview.say("1")
            case Sections(states):
                interview.enter(next(state.section.id for state in states if state.left))
            case Reviewed():
                break
    raise AssertionError(f"{goal} was not reached")


def asked_next(interview: Interview) -> str:
    """Key of the question that follows, what is doubted before it being accepted; "menu" at the menu."""
    while isinstance(interview.open, Doubted):
        interview.say("1")
    return "menu" if isinstance(interview.open, Sections) else interview.key


def items_on_path(interview: Interview) -> set[str]:
    """Ids of the questions that apply."""
    return {key.partition("#")[0] for key in interview.steps()}
