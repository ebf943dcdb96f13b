"""Plan papers under signature: laid before everybody, printed with who has signed, frozen at last."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.context import Known
from bot.dialogs.form import Form
from bot.render.signed_paper import Mark, signed
from bot.rules.procedures import Procedure
from bot.rules.signers import Signers
from bot.services import plan_papers, signatures_alerts
from bot.services.household_file import Dossier, HouseholdFile, read_file
from bot.services.office import Office, Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.storage import evidence
from bot.storage import signatures as records
from bot.storage.cases import Case
from bot.storage.signatures import NewSigning, Signature, Signing

WAY: Final = "plan_signing_way"
IN_CHAT, ON_PAPER = 1, 2
"""The fact by which a questionnaire knows where its plan is signed, and its codes."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as it is under signature: `frozen` once everybody has signed."""

    content: bytes
    version: int
    frozen: bool


def knowing_way(office: Office, form: Form, file: HouseholdFile) -> HouseholdFile:
    """The file, with the way in which this plan is signed here: who signs in the chat is not asked before.

    It stands over what an earlier plan said, for the county may have changed its way since.
    """
    if all(item.fact != WAY for item in form.items):
        return file
    way = ON_PAPER if procedure_of(office, form.id) is None else IN_CHAT
    return replace(file, values={**file.values, WAY: Known(way, "")})


async def begin(conn: AsyncConnection, task: Task, procedure: Procedure, case: Case) -> None:
    """A plan was handed in: this version is to be signed by all, whatever was signed before.

    Whoever had signed the version before is told; their signatures stay on record with it.
    """
    signers = procedure.signers
    if signers is None or case.household_id is None or case.interview_id is None:
        return
    dossier = await read_file(conn, task.office, case.household_id, task.now)
    made = await plan_papers.make(conn, task.office, signers.form, dossier, task.now)
    earlier = await records.of_household(conn, case.household_id, signers.form)
    standing = [each for each in earlier if each.state != "superseded"]
    for each in standing:
        await records.supersede(conn, each.id)
        await signatures_alerts.settle(conn, each)
    new = NewSigning(
        case_id=case.id,
        household_id=case.household_id,
        interview_id=case.interview_id,
        form=signers.form,
        version=made.version,
        digest=digest(made.content),
        content=made.content,
        begun_at=task.now,
        late_on=case.due,
    )
    id = await records.begin(conn, new)
    given = await records.valid(conn, [each.id for each in standing])
    await _tell_again(conn, task, dossier, id, [each for found in given.values() for each in found])


async def _tell_again(
    conn: AsyncConnection, task: Task, dossier: Dossier, signing_id: int, given: Sequence[Signature]
) -> None:
    """To everybody who had signed: the plan was changed, and is to be signed anew."""
    if not given:
        return
    said = task.say(
        "signing.again", household=dossier.name(task.office), who=task.me.name, names=[e.name for e in given]
    )
    message = Message(
        said,
        rows_of([Button(task.say("signing.look_at"), f"v:s{signing_id}")]),
        slot=f"v{signing_id}",
        priority=ALERT,
    )
    others = {each.person_id for each in given} - {task.me.id}
    task.out += await parcels_for(conn, others, message)
    if any(each.person_id == task.me.id for each in given):
        task.send(message)


def digest(content: bytes) -> str:
    """By which bytes of a paper are known again: their SHA-256."""
    return hashlib.sha256(content).hexdigest()


def procedure_of(office: Office, form: str) -> Procedure | None:
    """The procedure here in which the paper of a questionnaire is signed."""
    found = (each for each in office.content.running if each.signers is not None)
    return next((each for each in found if each.signers is not None and each.signers.form == form), None)


async def printed(conn: AsyncConnection, office: Office, household_id: int, form: str) -> Printed | None:
    """The paper of the household as it stands under signature; None when nobody is asked to sign one."""
    procedure = procedure_of(office, form)
    if procedure is None or procedure.signers is None:
        return None
    every = await records.of_household(conn, household_id, form)
    last = next((each for each in reversed(every) if each.state != "superseded"), None)
    return None if last is None else await with_names(conn, office, procedure.signers, last)


async def with_names(conn: AsyncConnection, office: Office, signers: Signers, signing: Signing) -> Printed:
    """A version with the signatures that it has; a frozen one byte for byte as it was frozen."""
    content, frozen = await records.content(conn, signing.id)
    if frozen is not None:
        return Printed(frozen, signing.version, True)
    given = (await records.valid(conn, [signing.id])).get(signing.id, [])
    marks = await _marks(conn, office, signers, given)
    on = office.today(signing.begun_at)
    return Printed(await asyncio.to_thread(signed, content, marks, on), signing.version, False)


async def freeze(
    conn: AsyncConnection, office: Office, signers: Signers, signing: Signing, now: datetime
) -> None:
    """Everybody has signed: keep the paper as it now is."""
    final = await with_names(conn, office, signers, signing)
    await records.freeze(conn, signing.id, final.content, digest(final.content), now)
    await signatures_alerts.settle(conn, signing)


async def _marks(
    conn: AsyncConnection, office: Office, signers: Signers, given: Iterable[Signature]
) -> list[Mark]:
    """What is printed of these signatures: the drawn name where there is one, else name and how."""
    found: list[Mark] = []
    for each in given:
        said = office.say("signing.on_paper", name=each.name, how=each.how, note=each.note)
        day = office.say("signing.day", on=office.today(each.signed_at))
        picture = await image(conn, office, each) if each.how == "drawn" and not each.note else None
        party = signers.by_id[each.party]
        found.append(Mark(party.line, said, day, picture, party.boxes.get(each.post, "")))
    return found


async def image(conn: AsyncConnection, office: Office, given: Signature) -> bytes | None:
    """The picture that is kept of a signature; None when there is none, or not yet."""
    if given.evidence_id is None or office.folder is None:
        return None
    kept = (await evidence.get_many(conn, [given.evidence_id])).get(given.evidence_id)
    if kept is None or kept.state != "stored":
        return None
    return await asyncio.to_thread(office.folder.read, kept.file_name)
