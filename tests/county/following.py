"""What a questionnaire about a household brings: verdicts, alerts and duties, by the product's own rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, TypeAlias

from bot.content import SHIPPED
from bot.expressions import Value
from bot.rules.alerts import alerts
from bot.rules.decide import Verdict, decide
from bot.rules.duties import Duty, duties
from bot.rules.pack import Pack
from bot.rules.reminders import Reminders, read_reminders
from bot.rules.updates import Moment, current
from bot.services.duty_planning import CATCHES_UP
from bot.services.judging import TO_VERIFY
from tests.county.life import LOCAL, Life
from tests.county.records import Due, Judgement, Warned

AHEAD: Final = timedelta(days=150)
"""So far ahead duties are planned here; the product looks further, to the same effect on what is done."""
END: Final = datetime(2020, 7, 31, 16, 0, tzinfo=UTC)
"""The moment at which the county stands still."""
OPEN: Final = ("planned", "reminded")
CLOCK: Final = timezone(LOCAL)
"""The county's clock."""
Standing: TypeAlias = tuple[dict[str, Value], dict[str, Moment]]
"""What rules read of a household, and since when."""


@lru_cache(maxsize=1)
def _reminders() -> Reminders:
    """When the product reminds, as it ships."""
    shipped = SHIPPED.rules / "reminders.toml"
    with shipped.open("rb") as file:
        return read_reminders(tomllib.load(file), shipped.name, {}, (), ())[0]


@lru_cache(maxsize=4096)
def _wanted(pack: Pack, verdict: str | None, first: date) -> Sequence[Duty]:
    return duties(pack, verdict, first, first + AHEAD)


class Following:
    """The verdicts, alerts and duties of one household while its life goes on."""

    def __init__(self, life: Life, packs: Sequence[Pack]) -> None:
        self.life = life
        self.packs = packs
        self.judgements: list[Judgement] = []
        self.alerts: list[Warned] = []
        self.duties: dict[tuple[str, date], Due] = {}

    def standing(self, at: datetime) -> Standing:
        """What rules read of the household now, and since when."""
        life = self.life
        assert life.nature is not None
        facts: dict[str, Value] = {
            "reg_status": life.nature.reg_status,
            "population": life.nature.population,
            **({} if life.nature.exit_year is None else {"exit_year": life.nature.exit_year}),
            "monitoring_scheme": 1,
        }
        moments: dict[str, Moment] = {}
        for (name, _), place in sorted(life.current.items()):
            row = life.rows[place]
            facts[name] = row.value
            moments[name] = (row.as_of, row.recorded_at)
        facts["member"] = life.before(at)["member"]
        return facts, moments

    def after(self, before: Standing | None, found: Mapping[str, Value]) -> None:
        """What the questionnaire handed in last brings; without what stood `before` no verdict."""
        life, told = self.life, self.life.submissions[-1]
        mine, day = len(life.submissions) - 1, (told.at + LOCAL).date()
        self._fulfil(told.form, found, told.on, mine)
        if before is None:
            return
        parameters = life.forms.parameters(day)
        facts, moments = self.standing(told.at)
        for pack in self.packs:
            known = current(pack.updates, facts, moments, parameters, day)
            verdict = decide(pack, known, day)
            self.judgements.append(_judgement(pack, verdict, told.at, mine))
            earlier = current(pack.updates, before[0], before[1], parameters, day)
            raised = alerts(pack, known, day, verdict_id=verdict.verdict, before=earlier)
            for alert in raised:
                self._warn(alert.code, alert.level, f"{alert.rule}:{alert.fact}", told.at, mine)
            self._plan(pack, verdict.verdict, told.at, day)

    def _warn(self, kind: str, level: str, subject: str, at: datetime, submission: int) -> None:
        if any(
            (each.kind, each.subject, each.submission) == (kind, subject, submission) for each in self.alerts
        ):
            return
        random = self.life.random
        self.alerts.append(
            Warned(
                kind,
                level,
                subject,
                at,
                submission,
                "closed" if random.random() < 0.3 else "open",
                "seen" if random.random() < 0.6 else "sent",
            )
        )

    def _fulfil(self, form: str, found: Mapping[str, Value], on: date, submission: int) -> None:
        counts = found.get("visit_counts_as") if form == "vc" else None
        for kind in _reminders().fulfils.get((form, counts), ()):
            while True:
                ready = [
                    each
                    for each in self.duties.values()
                    if each.kind == kind and each.state in OPEN and each.window_start <= on
                ]
                if not ready:
                    break
                first = min(ready, key=lambda each: each.due)
                state = "done_late" if first.due < on else "done"
                self.duties[first.kind, first.due] = replace(first, state=state, submission=submission)
                if kind != CATCHES_UP:
                    break

    def _plan(self, pack: Pack, verdict: str | None, at: datetime, today: date) -> None:
        wanted = _wanted(pack, verdict, today)
        kept, prefix = {(duty.kind, duty.due) for duty in wanted}, f"{pack.scheme.id}:"
        for key, each in self.duties.items():
            stale = each.frequency.startswith(prefix) and each.due >= today and key not in kept
            if stale and each.state in OPEN:
                self.duties[key] = replace(each, state="cancelled")
        for duty in wanted:
            key = (duty.kind, duty.due)
            before = self.duties.get(key)
            if before is not None and before.state not in (*OPEN, "cancelled"):
                continue
            ahead = timedelta(days=_reminders().lead_of(duty.kind))
            morning = datetime.combine(duty.due - ahead, time(0, 30), UTC)
            soonest = _reminders().opening(at.astimezone(CLOCK)).astimezone(UTC)
            # What is open keeps its reminder; what was called off gets a new one.
            stands = before is not None and before.state in OPEN
            self.duties[key] = Due(
                duty.kind,
                duty.due,
                prefix + duty.frequency,
                duty.window_start,
                before.remind_at if stands and before is not None else max(morning, soonest),
                "planned",
                None,
                {"text": duty.text, "turn": duty.turn, "turns": duty.turns, "clause": duty.clause},
            )

    def dues(self) -> Iterable[Due]:
        """The duties at the end: of what is open and near somebody has been reminded."""
        for each in self.duties.values():
            reminded = each.state == "planned" and each.remind_at <= END
            yield replace(each, state="reminded") if reminded else each


def _judgement(pack: Pack, verdict: Verdict, at: datetime, submission: int) -> Judgement:
    return Judgement(
        pack.scheme.id,
        verdict.on,
        verdict.verdict or TO_VERIFY,
        at,
        submission,
        verdict.row,
        {name: list(each) if isinstance(each, tuple) else each for name, each in verdict.answers.items()},
        dict(verdict.numbers),
        dict(verdict.parameters),
        tuple(verdict.missing),
        tuple(verdict.flags),
    )
