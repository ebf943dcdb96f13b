"""When people are reminded, who is above whom, and which questionnaire fulfils what (`reminders.toml`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from bot.problems import Problem, near_miss
from bot.rules.calendar import month_end
from bot.rules.entries import Entry, Problems, Source

HOURS: Final = ("morning", "quiet_from", "quiet_until")
DAYS: Final = ("superior", "bulletin", "unnamed")
FIRST, ON_THE_DAY, SUPERIOR, BULLETIN, NO_MORE = range(5)
"""The stages of a duty: first reminder, notice on its day, copy to whoever is above, bulletin."""
EVERY_MONTH: Final = 28
"""The last day that there is in every month."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Hours are the county's clock; days count from the due day, `lead` ones back from it.

    `month_day` gives the day of the month on which somebody is first reminded of what is due as it ends.
    `fulfils` gives, by questionnaire and by what a visit counts as (None: whatever), the kinds of duties that
    it fulfils. `superiors` gives roles and posts above each role, `readers` those who read the bulletin.
    """

    morning: time = time(8, 30)
    quiet_from: time = time(21)
    quiet_until: time = time(7, 30)
    superior: int = 3
    bulletin: int = 7
    unnamed: int = 1
    postpone: tuple[int, ...] = ()
    lead: Mapping[str, int] = field(default_factory=dict)
    month_day: Mapping[str, int] = field(default_factory=dict)
    fulfils: Mapping[tuple[str, int | None], tuple[str, ...]] = field(default_factory=dict)
    superiors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readers: tuple[str, ...] = ()

    def lead_of(self, kind: str) -> int:
        """How many days before its due day somebody is reminded of a duty of that kind."""
        return self.lead.get(base(kind), self.unnamed)

    def first_day(self, kind: str, due: date) -> date:
        """The day on which somebody is first reminded of a duty of that kind."""
        if due == month_end(due) and base(kind) in self.month_day:
            return due.replace(day=min(due.day, self.month_day[base(kind)]))
        return due - _DAY * self.lead_of(kind)

    def form_for(self, kind: str, usual: Iterable[str] = ()) -> str | None:
        """The questionnaire that fulfils duties of that kind, the `usual` ones first; None when none does."""
        able = dict.fromkeys(form for (form, _), kinds in self.fulfils.items() if base(kind) in kinds)
        return next((form for form in (*usual, *able) if form in able), None)

    def is_quiet(self, clock: time) -> bool:
        """Whether only what is urgent may be sent at that hour."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def is_open(self, clock: time) -> bool:
        """Whether reminders may go out at that hour: from the morning hour until it becomes quiet."""
        return clock >= self.morning and not self.is_quiet(clock)

    def opening(self, local: datetime) -> datetime:
        """The first moment from `local` on at which reminders may go out: itself, or a morning hour."""
        if self.is_open(local.time()):
            return local
        ahead = local.date() if local.time() < self.morning else local.date() + _DAY
        return datetime.combine(ahead, self.morning, local.tzinfo)

    def quiet_end(self, local: datetime) -> datetime | None:
        """The morning hour until which what is not urgent waits at that moment; None when it need not."""
        return self.opening(local) if self.is_quiet(local.time()) else None

    def day_of(self, stage: int, kind: str, due: date, put_off: date | None = None) -> date | None:
        """The day of a stage of a duty, None after the last one.

        What was `put_off` to a later day than its own is due on that day for all stages.
        """
        last = due if put_off is None else max(due, put_off)
        if stage == FIRST:
            return self.first_day(kind, due) if put_off is None else put_off
        if stage == ON_THE_DAY:
            return last
        if stage == SUPERIOR:
            return last + _DAY * self.superior
        return last + _DAY * max(self.superior, self.bulletin) if stage == BULLETIN else None

    def after(
        self, stage: int, kind: str, due: date, today: date, put_off: date | None = None
    ) -> tuple[int, date | None]:
        """The stage that follows on one of today, and its day (maybe past); NO_MORE and None after the last.

        The notice on the day itself is left out when somebody was reminded on that day, or later.
        """
        following = stage + 1
        day = self.day_of(following, kind, due, put_off)
        if following == ON_THE_DAY and day is not None and day <= today:
            following, day = SUPERIOR, self.day_of(SUPERIOR, kind, due, put_off)
        return (following, day) if day is not None else (NO_MORE, None)


def base(kind: str) -> str:
    """The kind that a duty's kind begins with: "report" of "report:F-14"."""
    return kind.partition(":")[0]


def read_own(entry: Entry) -> dict[str, int | time]:
    """The hours and days that a county sets for itself, with a note of what is wrong."""
    found: dict[str, int | time] = {}
    for key, value in entry.data.items():
        if key in entry.asked:
            continue
        counts = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if (key in HOURS and isinstance(value, time)) or (key in DAYS and counts):
            found[key] = value
        elif key in HOURS:
            entry.note(f"{key} must be an hour", "such as 08:30:00")
        elif key in DAYS:
            entry.note(f"{key} must be a number of days", "such as 3")
        else:
            entry.unknown(f"there is no {key} to set", key, (*HOURS, *DAYS))
    return found


def read_reminders(
    data: Mapping[str, Any],
    file: str,
    own: Mapping[str, int | time],
    forms: Collection[str],
    offices: Collection[str],
) -> tuple[Reminders, list[Problem]]:
    """The tables of `reminders.toml` with what the county sets itself, and what is wrong with them.

    `forms` and `offices` (roles and posts) are those that exist.
    """
    problems = Problems()
    source = Source(file, data, problems)
    days = source.single("days")
    postpone = tuple(sorted(days.wholes("postpone")))
    given: dict[str, Any] = {**_settings(source.single("hours"), HOURS), **_settings(days, DAYS), **own}
    leads = _entries(source, "lead", "kind")
    lead = {kind: entry.whole("days") for kind, entry in leads}
    month_day = {kind: day for kind, entry in leads if (day := entry.whole("month_day", 0))}
    for kind, entry in leads:
        if month_day.get(kind, 0) > EVERY_MONTH:
            entry.note(f"there is no day {month_day[kind]} in every month", f"write 1 to {EVERY_MONTH}")
    fulfils = {}
    for form, entry in _entries(source, "fulfils", "form"):
        _known(entry, "questionnaire", [form], forms)
        fulfils[form, entry.whole("counts_as", 0) or None] = entry.texts("kinds")
    superiors = {}
    for role, entry in _entries(source, "superior", "of"):
        superiors[role] = entry.texts("to")
        _known(entry, "role or post", (role, *superiors[role]), offices)
    bulletin = source.single("bulletin")
    readers = bulletin.texts("to")
    _known(bulletin, "role or post", readers, offices)
    found = Reminders(
        **given,
        postpone=postpone,
        lead=lead,
        month_day=month_day,
        fulfils=fulfils,
        superiors=superiors,
        readers=readers,
    )
    if not found.is_open(found.morning):
        problems.add(file, "hours", "the morning hour is a quiet one", "let quiet_until be before morning")
    return found, problems.found


def _settings(entry: Entry, keys: Iterable[str]) -> dict[str, int | time]:
    for key in keys:
        if key not in entry.data:
            entry.note(f"{key} is missing", "it must be said")
    return read_own(entry)


def _entries(source: Source, section: str, name: str) -> list[tuple[str, Entry]]:
    """The entries of a section by what names them."""
    tables = source.data.get(section, [])
    named = [Entry(source, section, {**table, "id": table.get(name, "")}) for table in tables]
    return [(entry.text(name), entry) for entry in named]


def _known(entry: Entry, what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            entry.note(f"there is no {what} {name}", near_miss(name, known))
