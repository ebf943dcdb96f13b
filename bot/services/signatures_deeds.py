"""Signing a plan paper: who may, what is kept of it, and the step that its case then takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.functions import age
from bot.rules.procedures import Procedure
from bot.rules.signers import FIRST, GIVEN, LAST, Party, Signers
from bot.rules.stepping import Refused
from bot.services import auditing, casework, signatures_papers
from bot.services.evidence_files import random_name
from bot.services.household_file import Dossier
from bot.services.office import Office, Task
from bot.storage import assignments, cases, evidence, signature_shares, visibility
from bot.storage import signatures as records
from bot.storage.cases import Case, Event
from bot.storage.evidence import NewEvidence
from bot.storage.households import Member
from bot.storage.signatures import How, NewSignature, Signature, Signing

Why: TypeAlias = Literal["gone", "signed", "not_yours", "twice", "unseen"]
LOST: Final = "signature_lost"
"""The step that nobody takes: the image of a signature turned out to be unusable."""


class NotMoved(HubangError):
    """Case {case} does not take the step {step} although its paper was signed: {why}."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper under signature before the person who asks; `posts` are theirs over the household."""

    signing: Signing
    procedure: Procedure
    signers: Signers
    case: Case
    given: tuple[Signature, ...]
    posts: frozenset[str]
    in_care: bool
    """Whether the household is in the person's care."""
    person: int

    @property
    def by_party(self) -> Mapping[str, Signature]:
        """The signatures that hold, by party."""
        return {each.party: each for each in self.given}

    @property
    def missing(self) -> tuple[Party, ...]:
        """The parties that have not signed."""
        return self.signers.missing(self.by_party)

    def post_for(self, party: Party) -> str:
        """The post in which the person signs as this party (or in which the household signs with them)."""
        if party.in_care and not self.in_care:
            return ""
        return next((post for post in party.posts if post in self.posts), "")

    @property
    def own(self) -> tuple[Party, ...]:
        """The missing parties as which the person may sign; none once they have signed as another one."""
        if any(each.person_id == self.person and each.how == "account" for each in self.given):
            return ()
        return tuple(each for each in self.missing if not each.household and self.post_for(each))

    @property
    def host_of(self) -> Party | None:
        """The household, if its signature is missing and it may sign with this person."""
        return next((each for each in self.missing if each.household and self.post_for(each)), None)

    def refusal(self, party: Party | None, *, looked: bool) -> Why | None:
        """Why the person cannot sign as this party; None when nothing stands against it."""
        if party is None or not self.post_for(party):
            return "not_yours"
        if self.signing.state != "open":
            return "gone"
        if party.id in self.by_party:
            return "signed"
        if not party.household and party not in self.own:
            return "twice"
        return None if looked or party.household else "unseen"


async def read(
    conn: AsyncConnection, task: Task, signing_id: int, *, to_change: bool = False
) -> Paper | None:
    """The paper of that id; None when there is none that the person may see. `to_change` holds its case."""
    signing = await records.get(conn, signing_id)
    if signing is None:
        return None
    if not await visibility.in_charge(conn, task.me.id, [signing.household_id], task.now):
        return None
    if to_change:
        await records.hold(conn, signing.case_id)
        signing = await records.get(conn, signing_id)
    case = await cases.get(conn, signing.case_id) if signing is not None else None
    procedure = None if case is None else task.office.content.procedures.get(case.procedure)
    if signing is None or case is None or procedure is None or procedure.signers is None:
        return None
    given = (await records.valid(conn, [signing.id])).get(signing.id, [])
    posts = await casework.posts_over(conn, task, case.subject)
    care = (await assignments.responsible(conn, [signing.household_id])).get(signing.household_id)
    return Paper(
        signing,
        procedure,
        procedure.signers,
        case,
        tuple(given),
        posts,
        care == task.me.id,
        task.me.id,
    )


async def looked(conn: AsyncConnection, paper: Paper) -> bool:
    """Whether the person was shown this very version."""
    return await signature_shares.looked(conn, paper.signing.id, paper.person)


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose name is put where, and how; `note` says who signs for whom, and why."""

    party: Party
    name: str
    how: How
    note: str = ""
    image: NewEvidence | None = None


async def sign(conn: AsyncConnection, task: Task, paper: Paper, hand: Hand) -> Paper:
    """Keep the signature and let the case take its step; the last one freezes the paper.

    Only after `refusal` found nothing; NotMoved when the case cannot follow.
    """
    signing = paper.signing
    image = None if hand.image is None else await evidence.add(conn, hand.image)
    new = NewSignature(
        signing_id=signing.id,
        party=hand.party.id,
        person_id=task.me.id,
        name=hand.name,
        post=paper.post_for(hand.party),
        how=hand.how,
        note=hand.note,
        evidence_id=image,
        digest=signing.digest,
        signed_at=task.now,
    )
    await records.sign(conn, new)
    what = {"paper": signing.form, "version": signing.version, "digest": signing.digest}
    auditing.note(
        task, "signed", paper.case.subject, signing=signing.id, party=hand.party.id, how=hand.how, **what
    )
    last = len(paper.missing) == 1
    if last:
        await signatures_papers.freeze(conn, task.office, paper.signers, signing, task.now)
    await _step(conn, task, paper, LAST if last else FIRST)
    after = await read(conn, task, signing.id)
    assert after is not None
    return after


async def _step(conn: AsyncConnection, task: Task, paper: Paper, id: str) -> None:
    """Let the case take this step, where it leads on from the state of the case."""
    step = paper.procedure.step_by_id[id]
    if paper.case.state not in step.before:
        return
    done = await casework.taken(conn, task, paper.case, step)
    if isinstance(done, Refused):
        raise NotMoved(case=paper.case.id, step=id, why=done.why)


def image_of(task: Task, paper: Paper) -> NewEvidence | None:
    """The picture that came with the update, as it is put on record; None when none came."""
    given = task.incoming.attached
    if given is None or given.kind != "image":
        return None
    return NewEvidence(
        interview_id=paper.signing.interview_id,
        key="",
        person_id=task.me.id,
        file_name=given.file_name or random_name(),
        state="stored" if given.file_name else "pending",
        recorded_at=task.now,
        remote_id=given.value or None,
        size=given.size,
        sha256=given.sha256 or None,
    )


def of_age(signers: Signers, dossier: Dossier, today: date) -> tuple[list[Member], list[Member]]:
    """The members who may sign for the household: the head and those of age; and those of unknown age."""
    may, unknown = [], []
    for member in dossier.members:
        years = None if member.birth_date is None else age(member.birth_date.isoformat(), today.isoformat())
        if member.position == 1 or (years is not None and years >= signers.adult):
            may.append(member)
        elif years is None:
            unknown.append(member)
    return may, unknown


async def give(conn: AsyncConnection, task: Task, paper: Paper, keeper: str) -> Sequence[str]:
    """Somebody has got their copy; who still waits for one. With the last the case goes on."""
    await signature_shares.give(conn, paper.signing.id, keeper, task.me.id, task.now)
    auditing.note(task, "signed", paper.case.subject, signing=paper.signing.id, copy=keeper)
    given = await signature_shares.given(conn, paper.signing.id)
    left = [each for each in paper.signers.copies if each not in given]
    if not left:
        await _step(conn, task, paper, GIVEN)
    return left


def may_give(paper: Paper) -> bool:
    """Whether the person may say who has a copy."""
    step = paper.procedure.step_by_id.get(GIVEN)
    here = step is not None and paper.case.state in step.before and paper.signing.state == "signed"
    return here and step is not None and bool(paper.posts & set(step.by))


async def lost(conn: AsyncConnection, office: Office, evidence_id: int, now: datetime) -> bool:
    """The image of a signature cannot be used: the signature counts no longer, and is waited for again.

    False when it is the image of none.
    """
    given = await records.of_evidence(conn, evidence_id)
    signing = None if given is None else await records.get(conn, given.signing_id)
    if given is None or signing is None:
        return False
    await records.void(conn, given.id, now)
    await records.thaw(conn, signing.id)
    case = await cases.get(conn, signing.case_id, to_change=True)
    procedure = None if case is None else office.content.procedures.get(case.procedure)
    if case is None or procedure is None or signing.state != "signed" or not case.open:
        return True
    back = procedure.step_by_id[FIRST].after
    seq = len((await cases.events(conn, [case.id])).get(case.id, [])) + 1
    event = Event(case.id, seq, LOST, case.state, back, None, "", now, "", None, {})
    await cases.record(conn, event)
    await cases.change(conn, replace(case, state=back, since=now, due=None))
    return True
