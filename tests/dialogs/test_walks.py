"""Random conversations through every form: whatever people say and tap, in whatever order.

After every turn the session goes through JSON, and a second, plain reading of the form (naive.py) says which
questions apply, what is known, and what is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogs.context import Context
from bot.dialogs.effects import (
    Asked,
    Doubted,
    Finished,
    Ignored,
    Recalled,
    Refused,
    Reviewed,
    Sections,
    Suspected,
)
from bot.dialogs.form import EVIDENCE, Item
from bot.dialogs.path import Path
from bot.dialogs.reply import Attached, Resume, Tapped
from bot.dialogs.walking import walk
from bot.render.messages import Messages
from bot.services.presenting import Presenter
from tests.dialogs.building import DIALOGS, Interview, context, form, sensible
from tests.dialogs.naive import Replay, section_of

MESSAGES = Messages()
FORMS = sorted(path.stem for path in (DIALOGS / "forms").glob("*.toml"))
EXAMPLES = {"gp": 3, "gs": 4}
"""So many conversations for a long form, and MOST for any other."""
MOST = 10
MEMBERS = [
    {"name": "张三", "relation": "户主", "birth_date": "1970-01-01", "age": 50, "sex": 1, "insured": 1},
    {"name": "张小", "relation": "女儿", "birth_date": "2011-02-03", "age": 9, "sex": 2, "insured": 2},
]

# What people say: right and wrong for most questions.
LINES = r"""
1|2|3|4|5|6|7|8|0|9|12|-1|1 3|1,2|1、2、3|13|是|否|有|没有|对|不是|一|两|三十|三千五|1.2万|１２００|1,200元
两亩半|36|35|100|60000|1000000000|1e9|半|几百|3到5|去年3月|2019.10|昨天|明天|2020-04-10|2031-01-01|大前天
正月初八|下午3点|不清楚|跳过|不变|沿用|均未享受|其他|安全|入户|shi|rh|zrs|张三|430623197001011234|13812345678|县内
他家的情况很复杂，一两句话说不清楚|?|//|#|%|{who}|{{ x }}|<b>|'|"|\|①|¹|፩|③|９９９９９９
没变化|有变化|不是问题，已经解决了|住房|收入|医疗|基本情况
"""
SAID = [said for line in LINES.split() for said in line.split("|")]
# Nothing, white space, signs that no database takes, and more than anybody writes.
EXTREME = ["", "   ", "\u3000", "\x00", "9" * 5000, "字" * 3000]
TEXT = st.sampled_from(SAID) | st.text(max_size=40) | st.sampled_from(EXTREME)
MOVES = st.sampled_from(
    ["valid"] * 14
    + ["said"] * 5
    + ["label", "initials", "unknown", "tap", "tick", "tick", "done", "keep", "back", "edit", "edit"]
    + ["accept", "change", "reason", "old", "foreign", "submit", "resume", "photo", "place", "enter", "leave"]
)
WALKS = st.lists(st.tuples(MOVES, st.integers(0, 2**20), TEXT), min_size=40, max_size=90)
Open = Asked | Doubted | Recalled | Suspected | Sections | Reviewed


@cache
def found_before(form_id: str) -> Mapping[str, Any]:
    """What a quiet interview of the same form found."""
    interview = Interview(form_id, context(members=MEMBERS)).review()
    return {name: value for name, value in interview.facts.items() if value is not None}


def file(form_id: str, seed: int) -> Context:
    """What is known before: nothing, a few things of whatever value, or most of what was found before."""
    random = Random(seed)
    known: dict[str, Any] = {}
    if seed % 4 > 1:
        known = {name: value for name, value in found_before(form_id).items() if random.random() < 0.8}
    if seed % 4:
        items = [item for item in form(form_id).items if item.repeat is None and item.kind not in EVIDENCE]
        some = random.sample(items, len(items) // random.choice([2, 4, 20]))
        known |= {item.fact: value_of(item, random) for item in some}
        for roster in form(form_id).rosters:
            if random.random() < 0.5:
                rows = [item for item in form(form_id).items if item.repeat == roster.id]
                made = [
                    {item.fact: value_of(item, random) for item in rows} for _ in range(random.randint(0, 3))
                ]
                known[roster.id] = made
                known[form(form_id).by_id[roster.count].fact] = random.choice([len(made), len(made), 1])
    problems = [candidate.problem for candidate in form(form_id).candidates]
    return context(
        known=known,
        members=random.choice([None, MEMBERS, MEMBERS[:1]]),
        ways={name: random.choice(["ask", "hint"]) for name in sorted(known) if random.random() < 0.2},
        settled=random.sample(problems, len(problems) // 4),
    )


def value_of(item: Item, random: Random) -> Any:
    """Something that an answer to an item may be; now and then out of its limits."""
    codes = [option.code for option in item.options]
    if item.kind == "select_multiple":
        return sorted(random.sample(codes, min(len(codes), random.randint(1, 2))))
    if codes:
        return random.choice(codes)
    if item.kind in ("integer", "year"):
        return random.choice([0, 1, 2, 3, 2019])
    if item.kind in ("decimal", "money", "percent"):
        return random.choice([0.0, 0.5, 36.0, 8000.0, -3.15])
    return {"date": "2020-03-01", "datetime": "2020-03-01T10:00", "month": "2020-03"}.get(item.kind, "张三")


class Walk:
    """One conversation, checked after every turn."""

    def __init__(self, form_id: str, file: Context) -> None:
        self.form_id = form_id
        self.interview = Interview(form_id, file)
        self.presenter = Presenter(MESSAGES, self.interview.form, 1234567890)
        self.old: list[tuple[str, int]] = []
        self.seen: tuple[Any, Replay, Path] | None = None
        self.mended: Counter[str] = Counter()
        self.check()

    @property
    def key(self) -> str:
        """Key of what is open, as its buttons carry it."""
        return f"!{self.interview.key}" if isinstance(self.interview.open, Doubted) else self.interview.key

    def move(self, what: str, number: int, text: str) -> None:
        interview = self.interview
        asked = interview.open.step if isinstance(interview.open, Asked) else None
        item = asked.item if asked is not None else None
        options = item.options if item is not None else ()
        option = options[number % len(options)] if options else None
        self.old.append((self.key, interview.session.revision))
        moves: dict[str, Callable[[], Any]] = {
            "valid": lambda: self.valid(number),
            "said": lambda: interview.say(text),
            "label": lambda: interview.say(option.label if option else text),
            "initials": lambda: interview.say(option.initials if option else text),
            "unknown": lambda: interview.tap("unknown"),
            "tap": lambda: interview.tap("pick", option.code if option else number % 9),
            "tick": lambda: interview.tap(
                "on" if number % 3 else "off", option.code if option else number % 9
            ),
            "done": lambda: interview.tap("done"),
            "keep": lambda: interview.tap("keep"),
            "back": lambda: interview.back(number % 8),
            "edit": lambda: interview.edit(self.target(number, text)),
            "accept": lambda: interview.tap("pick", 1),
            "change": lambda: interview.tap("pick", 2 + number % 4),
            "reason": lambda: (interview.tap("pick", 2), interview.say(text)),
            "old": lambda: self.old_tap(number),
            "foreign": lambda: interview.do(Tapped(text, number, "pick", number)),
            "submit": self.submit_unless_it_ends,
            "resume": lambda: interview.do(Resume()),
            "photo": lambda: self.attach(Attached("image", f"{number:032x}")),
            "place": lambda: self.attach(Attached("geopoint", "28.7 112.9")),
            "enter": lambda: interview.enter(self.section(number, text)),
            "leave": lambda: interview.enter(None),
        }
        moves[what]()
        self.check()
        if isinstance(interview.open, Ignored):
            # Nothing is said to the second half of a double tap; what was open is open still.
            interview.do(Resume())
            self.check()

    def valid(self, number: int) -> None:
        interview = self.interview
        match interview.open:
            case Asked(step) if step.item is not None:
                options = step.item.options
                text = sensible(self.form_id, step.item)
                interview.say(str(options[number % len(options)].code) if options else text)
            case Doubted() | Recalled():
                interview.say(str(1 + number % 3 // 2))
            case Suspected():
                interview.say(*(["1"], ["2", "已经解决了"], ["不是这样"])[number % 3])
            case Sections(states):
                interview.enter(states[number % len(states)].section.id)
            case _:
                interview.edit(self.target(number, ""))

    def target(self, number: int, text: str) -> str:
        items = self.interview.form.items
        kept = self.interview.turn.path.kept
        names = [
            *self.interview.steps(),
            *kept,
            *kept,
            *(item.id for item in items),
            *(i.no for i in items),
            text,
        ]
        return names[number % len(names)]

    def section(self, number: int, text: str) -> str:
        names = [*(section.id for section in self.interview.form.sections), text]
        return names[number % len(names)]

    def attach(self, reply: Attached) -> None:
        """What is sent along is kept or refused, and moves nothing."""
        before = self.key
        self.interview.do(reply)
        assert self.key == before, "a photo moved the open question"

    def old_tap(self, number: int) -> None:
        key, revision = self.old[number % len(self.old)]
        before = self.interview.session
        self.interview.do(Tapped(key, revision, "pick", number % 5))
        if revision != before.revision:
            assert self.interview.session == before, "an old keyboard changed something"

    def submit_unless_it_ends(self) -> None:
        if not (isinstance(self.interview.open, Reviewed) and self.interview.open.complete):
            self.interview.submit()
            if self.interview.key == "finished":
                # Handed in while an answer was being changed: the walk goes on from a fresh interview.
                self.interview = Interview(self.form_id, self.interview.context)

    def check(self) -> None:
        """What must hold after every turn."""
        interview = self.interview
        turn = interview.turn
        shown = [effect for effect in turn.effects if isinstance(effect, Open)]
        silent = isinstance(interview.open, Ignored | Finished)
        assert len(shown) == (0 if silent else 1), "exactly one thing is open"
        replay = self.check_path()
        if not silent:
            assert self.key == self.to_be_open(replay)
        match interview.open:
            case Asked(step, position=position, total=total):
                assert 1 <= position <= total, (step.key, position, total)
            case Sections(states):
                left = Counter(section_of(self.form_id, key) for key in replay.opens if key[0] != "?")
                assert {state.section.id: len(state.left) for state in states if state.left} == left
                done = Counter(
                    section_of(self.form_id, key) for key in replay.relevant if key not in replay.opens
                )
                done += Counter(section_of(self.form_id, key) for key in replay.kept)
                assert {state.section.id: state.answered for state in states if state.answered} == done
            case Recalled(card):
                assert len(card.entries) > 1
        message = self.presenter.message(turn)
        assert message.text or silent
        for row in message.buttons:
            for button in row:
                assert len(button.data.encode()) <= 64, button.data

    def check_path(self) -> Replay:
        """The plain reading agrees, and so does walking the whole form again instead of a part of it."""
        interview, path = self.interview, self.interview.turn.path
        session = interview.session
        now = (session.answers, session.confirmed)
        if self.seen is None or self.seen[0] != now:
            replay = Replay(self.form_id, session.answers, session.confirmed, interview.context).run()
            whole = walk(interview.form, session.answers, session.confirmed, interview.context)
            self.seen = (now, replay, whole)
        _, replay, whole = self.seen
        for each in (path, whole):
            assert [step.key for step in each.steps if step.item is not None] == replay.relevant
            assert [each.steps[index].key for index in each.opens] == replay.opens
            assert list(each.kept) == list(replay.kept)
            assert list(each.affirmed) == replay.affirmed
            assert sorted(check.id for check in each.fired) == sorted(replay.fired)
            assert each.results() == replay.facts
            cards = {c.section.id: {e.step.key: e.value for e in c.entries} for c in each.cards.values()}
            assert cards == replay.cards
            suspected = {found.candidate.problem: list(found.persons) for found in each.suspected}
            assert suspected == replay.suspected
            assert each.total == len(replay.relevant)
        assert [step.key for step in whole.steps] == [step.key for step in path.steps]
        assert (whole.answered, whole.fired, whole.base) == (path.answered, path.fired, path.base)
        return replay

    def to_be_open(self, replay: Replay) -> str:
        """Key of what must be open."""
        session, opens = self.interview.session, replay.opens
        if session.editing in replay.relevant or session.editing in replay.kept:
            assert session.editing is not None
            return session.editing
        if not opens:
            return "review"
        if not self.interview.form.menu or all(key[0] == "?" for key in opens):
            return opens[0]
        here = [key for key in opens if section_of(self.form_id, key) == session.section]
        return here[0] if session.section is not None and here else "menu"

    def finish(self) -> None:
        """From wherever it stands, sensible answers lead to the end."""
        interview = self.interview
        for _ in range(1200):
            match interview.open:
                case Finished():
                    return
                case Asked(step) if step.item is not None:
                    codes = [str(option.code) for option in step.item.options]
                    for reply in (sensible(self.form_id, step.item), "不清楚", *codes):
                        interview.say(reply)
                        if not interview.happened(Refused):
                            break
                case Doubted() | Recalled() | Suspected():
                    interview.say("1")
                case Sections(states):
                    interview.enter(next(state.section.id for state in states if state.left))
                case Reviewed() as review if review.complete:
                    interview.submit()
                case Reviewed() as review if review.required:
                    interview.edit(review.required[0].key)
                case Reviewed() as review:
                    self.mend(review)
            self.check()
        raise AssertionError(f"no end from {interview.key}")

    def mend(self, review: Reviewed) -> None:
        """Change an answer of a check that forbids handing in: to a quiet one, to unknown, to whatever."""
        interview = self.interview
        keys = [*interview.steps(), *interview.turn.path.kept]
        wrong = [key for key in keys if key.partition("#")[0] in review.blocked[0].items]
        tries, at = divmod(self.mended[review.blocked[0].id], len(wrong))
        self.mended[review.blocked[0].id] += 1
        interview.edit(wrong[at])
        if isinstance(interview.open, Asked) and interview.key == wrong[at]:
            item = interview.form.by_id[wrong[at].partition("#")[0]]
            codes = [str(option.code) for option in item.options]
            replies = [
                sensible(self.form_id, item),
                "不清楚",
                *(codes or ["0", "2", "2020-01-01", "2020-04-09"]),
            ]
            interview.say(replies[tries % len(replies)])


@pytest.mark.parametrize("form_id", FORMS)
def test_whatever_is_said_and_tapped_the_conversation_stays_whole_and_can_be_finished(form_id: str) -> None:
    @settings(
        max_examples=EXAMPLES.get(form_id, MOST),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(moves=WALKS, seed=st.integers(0, 2**20))
    def walked(moves: list[tuple[str, int, str]], seed: int) -> None:
        walk = Walk(form_id, file(form_id, seed))
        for what, number, text in moves:
            walk.move(what, number, text)
        walk.finish()

    walked()
