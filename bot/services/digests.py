"""What a reminder says: one duty with the buttons that fulfil it, or a whole morning in one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.reminders import BULLETIN, SUPERIOR
from bot.services.duty_planning import VISIT_RECORD
from bot.services.household_file import names
from bot.services.office import Office
from bot.services.outgoing import REMINDER, Button, Message, rows_of
from bot.services.region_duties import places_of
from bot.services.regional import begin_data
from bot.storage import households, regions
from bot.storage.duties import Duty

LINES: Final = 10
"""So many lines at most of each kind: the rest is counted."""


@dataclass(slots=True)
class Share:
    """What one person is told at once: duties of their own, copies, the bulletin, and alerts of the night."""

    own: list[Duty] = field(default_factory=list)
    copies: list[Duty] = field(default_factory=list)
    bulletin: list[Duty] = field(default_factory=list)
    alerts: int = 0

    def add(self, duty: Duty) -> None:
        """Put the duty where its stage belongs."""
        if duty.stage >= BULLETIN:
            self.bulletin.append(duty)
        elif duty.stage == SUPERIOR:
            self.copies.append(duty)
        else:
            self.own.append(duty)

    @property
    def single(self) -> Duty | None:
        """The one duty that there is to tell of, when there is nothing else."""
        every = [*self.own, *self.copies]
        return every[0] if len(every) == 1 and not self.bulletin and not self.alerts else None


@dataclass(frozen=True, slots=True)
class Called:
    """What the subjects of duties are called; `village` is the place that a bulletin names."""

    subject: Mapping[int, str]
    village: Mapping[int, str]
    doers: Mapping[int, str]


async def called(
    conn: AsyncConnection, office: Office, due: Sequence[Duty], doers: Mapping[int, str]
) -> Called:
    """The names of what these duties are about, by duty; `doers` are who has to do them."""
    homes = {duty.household_id for duty in due if duty.household_id is not None}
    known, places = await names(conn, office, homes), await places_of(conn, due)
    listed = {d.household_id for d in due if d.household_id is not None and d.stage >= BULLETIN}
    found = await households.get_many(conn, sorted(listed)) if listed else {}
    lies = sorted({home.region_id for home in found.values()})
    named = {each.id: each.name for each in await regions.get_many(conn, lies)} if lies else {}
    subject: dict[int, str] = {}
    village: dict[int, str] = {}
    for duty in due:
        if duty.household_id is not None:
            subject[duty.id] = known[duty.household_id]
            if duty.household_id in found:
                village[duty.id] = named[found[duty.household_id].region_id]
        elif duty.region_id is not None:
            subject[duty.id] = village[duty.id] = places[duty.region_id].name
    return Called(subject, village, doers)


def message(office: Office, share: Share, names: Called, today: date) -> Message:
    """The one message for somebody's share."""
    single = share.single
    if single is not None and share.own:
        return one(office, single, names.subject[single.id], today)
    if single is not None:
        return copied(office, single, names, today)
    return digest(office, share, names, today)


def one(office: Office, duty: Duty, subject: str, today: date) -> Message:
    """A reminder with the buttons that fulfil it."""
    text = office.say(
        "reminding.due",
        subject=subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        turn=duty.text.get("turn", 1),
        turns=duty.text.get("turns", 1),
        today=duty.due == today,
        late=duty.due < today,
    )
    return Message(text, rows_of(ways(office, duty), width=16), slot=f"d{duty.id}", priority=REMINDER)


def ways(office: Office, duty: Duty) -> list[Button]:
    """What one can do about a duty: fulfil it, look at what it is about, put it off."""
    found = [fulfilling(office, duty)]
    if duty.household_id is not None:
        found.append(Button(office.say("buttons.household"), f"h:{duty.household_id}"))
    return [*found, Button(office.say("reminding.later"), f"j:{duty.id}:later")]


def fulfilling(office: Office, duty: Duty) -> Button:
    """The button to the questionnaire that fulfils the duty, to its case, or to say that it is done.

    At a household a visit is recorded of anything else.
    """
    if duty.case_id is not None:
        return Button(office.say("reminding.case"), f"w:{duty.case_id}")
    pack = office.content.packs.get(duty.frequency.partition(":")[0])
    id = office.reminders.form_for(duty.kind, () if pack is None else pack.scheme.forms)
    if duty.region_id is not None:
        if id is None:
            return Button(office.say("reminding.done"), f"j:{duty.id}:done")
        return Button(office.content.form(id).short, begin_data(duty.region_id, id))
    form = office.content.form(id or VISIT_RECORD)
    label = office.say("buttons.record_visit") if form.id == VISIT_RECORD else form.short
    return Button(label, f"n:{duty.household_id}:{form.id}")


def copied(office: Office, duty: Duty, names: Called, today: date) -> Message:
    """To whoever is above: what was not done in time, and by whom it is to be done."""
    text = office.say(
        "reminding.copied",
        subject=names.subject[duty.id],
        text=duty.text["text"],
        due=duty.due.isoformat(),
        days=(today - duty.due).days,
        who=names.doers.get(duty.id, ""),
    )
    buttons = [Button(office.say("reminding.look"), f"j:{duty.id}")]
    return Message(text, rows_of(buttons, width=16), slot=f"j{duty.id}", priority=REMINDER)


def digest(office: Office, share: Share, names: Called, today: date) -> Message:
    """Everything at once, counted by deed and day, and one tap to the list."""
    own = _lines(share.own, {}, names.subject)
    copies = _lines(share.copies, names.doers, names.subject)
    stands = _lines(share.bulletin, names.village, {})
    text = office.say(
        "reminding.digest",
        own=own[:LINES],
        own_count=len(share.own),
        own_rest=sum(line.count for line in own[LINES:]),
        today=today,
        copies=copies[:LINES],
        copies_count=len(share.copies),
        copies_rest=sum(line.count for line in copies[LINES:]),
        bulletin=stands[:LINES],
        bulletin_count=len(share.bulletin),
        bulletin_rest=sum(line.count for line in stands[LINES:]),
        alerts=share.alerts,
    )
    buttons: list[Button] = []
    if share.own:
        buttons.append(Button(office.say("reminding.show"), "m:due"))
    if share.copies or share.bulletin:
        buttons.append(Button(office.say("reminding.show_late"), "j:late:0"))
    if share.alerts:
        buttons.append(Button(office.say("buttons.alerts", count=share.alerts), "m:alerts"))
    return Message(text, rows_of(buttons, width=18), slot="reminders", priority=REMINDER)


@dataclass(frozen=True, slots=True)
class Line:
    """So many duties of one deed and day; `whose` says who or where, `subject` what a single one is about."""

    due: date
    text: str
    whose: str
    count: int
    subject: str


def _lines(due: Sequence[Duty], whose: Mapping[int, str], subject: Mapping[int, str]) -> list[Line]:
    """The duties by day, deed and whose they are."""
    found: dict[tuple[date, str, str], list[str]] = {}
    for duty in due:
        key = duty.due, str(duty.text["text"]), whose.get(duty.id, "")
        found.setdefault(key, []).append(subject.get(duty.id, ""))
    return [
        Line(*key, len(subjects), subjects[0] if len(subjects) == 1 else "")
        for key, subjects in sorted(found.items())
    ]
