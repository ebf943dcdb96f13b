"""What people answer: interviews of `jd` played once through the engine, to be repeated by any bot."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.content import Content
from bot.dialogs import engine
from bot.dialogs.context import Context
from bot.dialogs.effects import Asked, Doubted, Recalled, Refused, Reviewed, Suspected
from bot.dialogs.engine import Turn
from bot.dialogs.form import CONFIRM, RECALL, SUSPECT, Form, Item
from bot.dialogs.reply import Reply, Said, Tapped
from bot.dialogs.session import Session
from bot.rules.alerts import alerts
from bot.services.sample import invented_number

FORM, SCHEME = "jd", "hr"
ON = date(2020, 10, 15)
SURNAMES, NAMES = "王李张刘陈杨赵黄", ("建国", "秀英", "小军", "桂香", "明", "丽华")
WORDS = {"h1": "东山镇", "h2": "松树村", "h3": "一组", "4-1.b": "东山中学"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A typed text, or a tap on the button whose data ends with `tap`."""

    text: str = ""
    tap: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """An answer, the engine's reply for it, and the session before it."""

    before: Session
    answer: Answer
    reply: Reply


def context_of(content: Content, on: date = ON) -> Context:
    """What an interview reads on that day about a household of which nothing is known yet."""
    return Context(on.isoformat(), f"{on}T10:30", content.form_parameters(on))


def play(content: Content, seed: int, context: Context | None = None) -> list[Move]:
    """A whole interview up to its review; as many taps as typed answers, as far as the questions allow."""
    chance = random.Random(seed)
    form, around = content.form(FORM), context or context_of(content)
    turn = engine.begin(form, around)
    moves: list[Move] = []
    while not isinstance(turn.effects[-1], Reviewed):
        taps = sum(1 for move in moves if move.answer.tap)
        for answer in _candidates(form, turn, chance, tap=taps * 2 <= len(moves)):
            reply = _reply(answer, turn)
            after = engine.advance(form, turn.session, reply, around, content.vocabulary)
            if not (_is_refused(after) or _is_alarming(content, after, around)):
                break
        else:
            raise ValueError(f"no answer is accepted at {turn.effects[-1]}")
        moves.append(Move(turn.session, answer, reply))
        turn = after
    return moves


def _is_refused(turn: Turn) -> bool:
    return any(isinstance(effect, Refused) for effect in turn.effects)


def _is_alarming(content: Content, turn: Turn, around: Context) -> bool:
    """Whether somebody else would have to be told at once: that is seldom, and not what is compared."""
    pack = content.packs[SCHEME]
    return bool(alerts(pack, turn.path.results(), date.fromisoformat(around.today), submitted=False))


def _reply(answer: Answer, turn: Turn) -> Reply:
    if not answer.tap:
        return Said(answer.text)
    open_ = turn.effects[-1]
    if (key := _decided(turn)) is not None:
        return Tapped(key, turn.session.revision, "pick", int(answer.tap[2:]))
    assert isinstance(open_, Asked)
    action: Any = {"p": "pick", "u": "unknown"}[answer.tap[1]]
    return Tapped(open_.step.key, turn.session.revision, action, int(answer.tap[2:] or 0))


def is_decision(reply: Reply) -> bool:
    """Whether a reply settles a check, a card or a candidate instead of answering a question."""
    return isinstance(reply, Tapped) and reply.key[0] in CONFIRM + RECALL + SUSPECT


def _decided(turn: Turn) -> str | None:
    """Key of the check, card or candidate that stands open; None for a question."""
    match turn.effects[-1]:
        case Doubted(check):
            return CONFIRM + check.id
        case Recalled(card):
            return RECALL + card.section.id
        case Suspected(candidate):
            return candidate.key
    return None


def _candidates(form: Form, turn: Turn, chance: random.Random, *, tap: bool) -> list[Answer]:
    open_ = turn.effects[-1]
    if _decided(turn) is not None:
        return [Answer(tap=":p1")]
    assert isinstance(open_, Asked)
    item = open_.step.item
    assert item is not None
    if item.kind == "select_one":
        codes = [option.code for option in item.options]
        chance.shuffle(codes)
        return [Answer(tap=f":p{code}") if tap else Answer(str(code)) for code in codes]
    if item.kind == "select_multiple":
        return [Answer(str(option.code)) for option in item.options]
    return [*(Answer(_typed(item, chance)) for _ in range(8)), Answer(tap=":u0")]


def _typed(item: Item, chance: random.Random) -> str:
    match item.kind:
        case "id_number":
            born = date(1950, 1, 1) + timedelta(days=chance.randrange(15_000))
            return invented_number(born, chance.choice((1, 2)), chance.randrange(1, 400))
        case "year":
            return str(chance.randrange(2015, 2020))
        case "date":
            return (ON - timedelta(days=chance.randrange(60))).isoformat()
        case "integer":
            return str(chance.randrange(1, 4))
        case "money":
            return str(chance.randrange(0, 20_000))
        case "person" | "signature":
            return chance.choice(SURNAMES) + chance.choice(NAMES)
    return WORDS.get(item.id, chance.choice(SURNAMES) + chance.choice(NAMES))
