"""Random conversations through every form: whatever people say and tap, in whatever order.

After every turn the session goes through JSON, and a second, plain reading of the form (naive.py) says which
questions apply and what is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogs.effects import Asked, Doubted, Finished, Ignored, Reviewed
from bot.dialogs.path import walk
from bot.dialogs.reply import Resume, Tapped
from bot.render.messages import Messages
from bot.services.presenting import Presenter
from tests.dialogs.building import Interview, context, parameters, sensible
from tests.dialogs.naive import Replay

MESSAGES = Messages()
FORMS = ["jd", "cs", "vc"]
MEMBERS = [
    {"name": "张三", "relation": "户主", "birth_date": "1970-01-01", "age": 50, "sex": 1, "insured": 1},
    {"name": "张小", "relation": "女儿", "birth_date": "2011-02-03", "age": 9, "sex": 2, "insured": 2},
]
FILES: list[dict[str, Any]] = [
    {},
    {"members": MEMBERS},
    {"known": {"town": "插旗镇", "reg_status": 2, "population": 3, "risk_found": 2, "return_risk": 1}},
    {"known": {"reg_status": 3, "head_name": "张三", "has_disability": None}, "members": MEMBERS[:1]},
]

# What people say: right and wrong for most questions.
LINES = r"""
1|2|3|4|5|6|7|8|0|9|12|-1|1 3|1,2|1、2、3|13|是|否|有|没有|对|不是|一|两|三十|三千五|1.2万|１２００|1,200元
两亩半|36|35|100|60000|1000000000|1e9|半|几百|3到5|去年3月|2019.10|昨天|明天|2020-04-10|2031-01-01|大前天
正月初八|下午3点|不清楚|跳过|不变|沿用|均未享受|其他|安全|入户|shi|rh|zrs|张三|430623197001011234|13812345678|县内
他家的情况很复杂，一两句话说不清楚|?|//|#|%|{who}|{{ x }}|<b>|'|"|\|①|¹|፩|③|９９９９９９
"""
SAID = [said for line in LINES.split() for said in line.split("|")]
# Nothing, white space, signs that no database takes, and more than anybody writes.
EXTREME = ["", "   ", "\u3000", "\x00", "9" * 5000, "字" * 3000]
TEXT = st.sampled_from(SAID) | st.text(max_size=40) | st.sampled_from(EXTREME)
MOVES = st.sampled_from(
    ["valid"] * 9
    + ["said"] * 5
    + ["label", "initials", "unknown", "tap", "tick", "tick", "done", "keep", "back", "edit", "edit"]
    + ["accept", "change", "old", "foreign", "submit", "resume"]
)
WALKS = st.lists(st.tuples(MOVES, st.integers(0, 2**20), TEXT), min_size=50, max_size=120)


class Walk:
    """One conversation, checked after every turn."""

    def __init__(self, form_id: str, file: dict[str, Any]) -> None:
        self.form_id = form_id
        self.interview = Interview(form_id, context(**file))
        self.given = {**parameters(), "today": "2020-04-10", "now": "2020-04-10T15:30"}
        self.given |= {"member": file["members"]} if "members" in file else {}
        self.presenter = Presenter(MESSAGES, self.interview.form, 1234567890)
        self.old: list[tuple[str, int]] = []
        self.check()

    def move(self, what: str, number: int, text: str) -> None:
        interview = self.interview
        asked = interview.open.step if isinstance(interview.open, Asked) else None
        item = asked.item if asked is not None else None
        options = item.options if item is not None else ()
        option = options[number % len(options)] if options else None
        self.old.append((interview.key, interview.session.revision))
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
            "old": lambda: self.old_tap(number),
            "foreign": lambda: interview.do(Tapped(text, number, "pick", number)),
            "submit": self.submit_unless_it_ends,
            "resume": lambda: interview.do(Resume()),
        }
        moves[what]()
        self.check()
        if isinstance(interview.open, Ignored):
            # Nothing is said to the second half of a double tap; what was open is open still.
            interview.do(Resume())
            self.check()

    def valid(self, number: int) -> None:
        match self.interview.open:
            case Asked(step) if step.item is not None:
                options = step.item.options
                text = sensible(self.form_id, step.item)
                self.interview.say(str(options[number % len(options)].code) if options else text)
            case Doubted():
                self.interview.say("1")
            case _:
                self.interview.edit(self.target(number, ""))

    def target(self, number: int, text: str) -> str:
        items = self.interview.form.items
        names = [*self.interview.steps(), *(item.id for item in items), *(item.no for item in items), text]
        return names[number % len(names)]

    def old_tap(self, number: int) -> None:
        key, revision = self.old[number % len(self.old)]
        before = self.interview.session
        prefix = "" if "#" in key or key in self.interview.form.by_id else "!"
        self.interview.do(Tapped(prefix + key, revision, "pick", number % 5))
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
        turn, path, session = interview.turn, interview.turn.path, interview.session
        shown = [effect for effect in turn.effects if isinstance(effect, Asked | Doubted | Reviewed)]
        silent = isinstance(interview.open, Ignored | Finished)
        assert len(shown) == (0 if silent else 1), "exactly one thing is open"
        replay = Replay(self.form_id, session.answers, self.given)
        kept = {key: interview.context.known[interview.form.by_id[key].fact].value for key in path.kept}
        if kept:
            replay = Replay(self.form_id, {**session.answers, **kept}, self.given)
        relevant = [key for key in replay.relevant if key not in kept]
        assert interview.steps() == relevant
        assert dict(path.results()) == replay.facts
        assert sorted(check.id for check in path.fired) == sorted(replay.fired)
        self.check_whole_replay()
        unanswered = [key for key in replay.unanswered if key not in kept]
        match interview.open:
            case Asked(step):
                assert step.key in relevant or step.key in kept
                if session.editing is None:
                    assert step.key == unanswered[0]
            case Doubted(check):
                assert check.id in replay.fired
                assert check.level != "info"
            case Reviewed():
                assert unanswered == [], "reviewed before everything that applies was asked"
        message = self.presenter.message(turn)
        assert message.text or silent
        for row in message.buttons:
            for button in row:
                assert len(button.data.encode()) <= 64

    def check_whole_replay(self) -> None:
        """A turn walks on from the open question only; walking the whole form again comes to the same."""
        interview, path = self.interview, self.interview.turn.path
        session = interview.session
        whole = walk(interview.form, session.answers, session.confirmed, interview.context)
        assert [step.key for step in whole.steps] == [step.key for step in path.steps]
        assert (whole.open, whole.answered, whole.total) == (path.open, path.answered, path.total)
        assert (whole.fired, whole.kept, whole.base) == (path.fired, path.kept, path.base)
        assert whole.facts == path.facts

    def finish(self) -> None:
        """From wherever it stands, sensible answers lead to the end."""
        interview = self.interview
        for turn in range(600):
            match interview.open:
                case Finished():
                    return
                case Asked(step) if step.item is not None:
                    interview.say(sensible(self.form_id, step.item))
                case Doubted():
                    interview.say("1")
                case Reviewed() as review if review.complete:
                    interview.submit()
                case Reviewed() as review if review.required:
                    interview.edit(review.required[0].key)
                case Reviewed() as review:
                    items = [interview.form.by_id[id] for id in review.blocked[0].items]
                    item = items[turn // 3 % len(items)]
                    key = next((k for k in interview.steps() if k.partition("#")[0] == item.id), item.id)
                    interview.edit(key)
                    interview.say(str(item.options[turn % len(item.options)].code))
            self.check()
        raise AssertionError(f"no end from {interview.key}")


@pytest.mark.parametrize("form_id", FORMS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(moves=WALKS, file=st.sampled_from(FILES))
def test_whatever_is_said_and_tapped_the_conversation_stays_whole_and_can_be_finished(
    form_id: str, moves: list[tuple[str, int, str]], file: dict[str, Any]
) -> None:
    walk = Walk(form_id, file)
    for what, number, text in moves:
        walk.move(what, number, text)
    walk.finish()
