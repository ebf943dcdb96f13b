"""What a reply settles that is no answer: a check in doubt, a card of what is known, a probable problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from bot.dialogs import answering
from bot.dialogs.cards import Card
from bot.dialogs.choices import means_unknown
from bot.dialogs.effects import Affirmed, Decided, Effect
from bot.dialogs.form import CONFIRM, RECALL, Candidate, Check
from bot.dialogs.opening import edits
from bot.dialogs.path import Path, Suspicion, fingerprint
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.session import Session
from bot.dialogs.vocabulary import Vocabulary, plain
from bot.expressions import Value

LONGEST_REASON: Final = 200
SHORTEST_REASON: Final = 2
"""Characters; less than that says nothing to whoever reads the ledger."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The session after a decision; `change` is its line of the answer log, None when nothing is settled."""

    session: Session
    change: tuple[str, Value, Value, bool] | None = None
    effects: tuple[Effect, ...] = ()


def about_check(
    check: Check, said: str | int, path: Path, session: Session, vocabulary: Vocabulary
) -> Decision | Rejected:
    """1 accepts a doubted answer (or puts a block off until the review); n changes the n-1st answer."""
    keys = edits(check, path, session)
    code = answering.read_decision(said, len(keys), vocabulary) if isinstance(said, str) else said
    if isinstance(code, Rejected):
        return code
    after = replace(session, revision=session.revision + 1, last=CONFIRM + check.id)
    if 2 <= code <= len(keys) + 1:
        return Decision(replace(after, editing=keys[code - 2]))
    if code != 1:
        return reject("no_such_choice", last=len(keys) + 1)
    held = fingerprint(check.items, path.steps, session.answers)
    return _settled(after, check.id, held, CONFIRM + check.id)


def about_card(card: Card, said: str | int, session: Session, vocabulary: Vocabulary) -> Decision | Rejected:
    """1 keeps everything on the card; 2 goes through it question by question."""
    code = said
    if isinstance(said, str):
        found = _about_change(plain(said), vocabulary) or answering.read_decision(said, 1, vocabulary)
        if isinstance(found, Rejected):
            return found
        code = found
    if code not in (1, 2):
        return reject("no_such_choice", last=2)
    key = RECALL + card.section.id
    after = replace(session, revision=session.revision + 1, last=key)
    return _settled(after, key, card.held if code == 1 else [], key, (Affirmed(card),) if code == 1 else ())


def _about_change(said: str, vocabulary: Vocabulary) -> int | None:
    """1 for words that say that nothing has changed, 2 for those that say that something has."""
    if said in vocabulary.choices.keep:
        return 1
    return 2 if said in vocabulary.choices.changed else None


def about_candidate(
    candidate: Candidate, said: str | int, path: Path, session: Session, vocabulary: Vocabulary
) -> Decision | Rejected:
    """1 puts the problem into the ledger; 2 asks why it is none; any other text is the reason why."""
    key = candidate.key
    after = replace(session, revision=session.revision + 1, last=key, dismissing=None)
    code = answering.read_decision(said, 1, vocabulary) if isinstance(said, str) else said
    if isinstance(code, Rejected):
        reason = str(said).strip()
        if len(reason) < SHORTEST_REASON or reason.isnumeric() or means_unknown(reason, vocabulary):
            return reject("needs_answer") if session.dismissing == key else code
        if len(reason) > LONGEST_REASON:
            return reject("too_long", limit=LONGEST_REASON)
        return _settled(after, key, _held(candidate, path, session, accepted=False, reason=reason), key)
    if code == 2:
        return Decision(replace(after, dismissing=key))
    if code != 1:
        return reject("no_such_choice", last=2)
    return _settled(after, key, _held(candidate, path, session, accepted=True, reason=""), key)


def outcome(suspected: Iterable[Suspicion]) -> tuple[Decided, ...]:
    """What was decided about each probable problem."""
    return tuple(
        Decided(each.candidate.problem, each.decision["accepted"], each.decision["reason"], each.persons)
        for each in suspected
        if each.decision is not None
    )


def _held(
    candidate: Candidate, path: Path, session: Session, *, accepted: bool, reason: str
) -> dict[str, Value]:
    held = fingerprint(candidate.items, path.steps, session.answers)
    return {"held": held, "accepted": accepted, "reason": reason}


def _settled(
    session: Session, name: str, held: Value, key: str, effects: tuple[Effect, ...] = ()
) -> Decision:
    change = (key, session.confirmed.get(name), held, name in session.confirmed)
    return Decision(replace(session, confirmed={**session.confirmed, name: held}), change, effects)
