"""The lives of households and regions from March to July 2020."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from bot.content import Content
from tests.county import chances, mending, monthly, regional
from tests.county.following import Following
from tests.county.life import Forms, Life, Role
from tests.county.nature import invent
from tests.county.records import NOTHING, History, Nature

BEGIN: Final = datetime(2020, 3, 20, tzinfo=UTC)
UNASKED: Final = 0.08
"""The share of households at which nobody has been yet."""
CHANCES: Final = {
    "jd": chances.JD, "nj": chances.NJ, "cs": monthly.CS, "mc": monthly.MC, "vc": monthly.VC,
    "gs": monthly.GS, "ap": monthly.AP, "pl": regional.PL, "ve": regional.VE, "ts": regional.TS,
    "dv": regional.DV,
}  # fmt: skip
UNJUDGED: Final = ("vc", "ap")
"""Questionnaires after which no verdict is given here, to save time: they hardly tell rules anything."""
Event = tuple[datetime, Callable[[datetime], None]]


def questionnaires(content: Content) -> Forms:
    """The questionnaires that are answered in the county."""
    return Forms(content, CHANCES)


def moment(random: Random, first: int, last: int) -> datetime:
    """A moment of a working day, that many days after the campaign began."""
    return BEGIN + timedelta(days=random.randint(first, last), minutes=random.randint(30, 470))


class _Household:
    """One household's days to come."""

    def __init__(self, forms: Forms, random: Random, nature: Nature, schemes: Sequence[str]) -> None:
        self.random = random
        self.life = Life(forms, random, nature, nature.care)
        self.following = Following(self.life, [forms.content.packs[id] for id in schemes])
        self.events: list[Event] = []

    def plan(self) -> None:
        """What will happen and when; the questionnaire of its kind comes first."""
        random = self.random
        assert self.life.nature is not None
        main = "jd" if self.life.nature.registered else "nj"
        asked = random.randint(0, 40)
        self._at(asked, asked, partial(self.ask, main))
        if random.random() < 0.04:
            self._at(100, 115, partial(self.ask, main))
        if random.random() < 0.55:
            self._at(asked + 1, asked + 20, partial(self.ask, "cs"))
        months = range(4) if random.random() < 0.22 else range(0)
        for month in (each for each in months if random.random() < 0.8):
            self._at(42 + month * 30, 48 + month * 30, partial(self.ask, "mc"))
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            self._at(asked + 5, 130, partial(self.ask, "vc"))
        if random.random() < 0.02:
            self._at(70, 130, partial(self.ask, "gs"))
        if random.random() < 0.05:
            self._at(45, 120, partial(mending.note, self.life, level="H", by="village"))
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            self._at(asked + 10, 132, partial(mending.take_further, self.life, by="village"))
        if random.random() < 0.06:
            for step in range(1, random.randint(2, 7)):
                self._at(75 + step * 8, 80 + step * 8, partial(self.ask, "ap", step=step))
        if random.random() < 0.03:
            state = random.choice(("open", "abandoned"))
            self._at(50, 132, lambda at: self.life.begin("mc", at, state))  # type: ignore[arg-type]

    def _at(self, first: int, last: int, what: Callable[[datetime], None]) -> None:
        self.events.append((moment(self.random, first, last), what))

    def ask(self, form: str, at: datetime, step: int | None = None) -> None:
        """A questionnaire is answered and handed in, with all that follows from it."""
        before = None if form in UNJUDGED else self.following.standing(at)
        given = {} if step is None else {"procedure_step": step}
        found = self.life.submit(form, at, given)
        self.life.suspect(form, found)
        self.following.after(before, found)

    def live(self) -> History:
        """Let all of it happen."""
        for at, what in sorted(self.events, key=lambda event: event[0]):
            what(at)
        following = self.following
        self.life.rest = {
            "judgements": tuple(following.judgements),
            "alerts": tuple(following.alerts),
            "duties": tuple(following.dues()),
        }
        return self.life.history()


def of_household(
    forms: Forms, random: Random, schemes: Sequence[str], *, registered: bool
) -> tuple[Nature, History]:
    """One household and what happened there."""
    nature = invent(random, registered=registered)
    if random.random() < UNASKED:
        return nature, NOTHING
    household = _Household(forms, random, nature, schemes)
    household.plan()
    return nature, household.live()


def _lived(life: Life, events: list[Event]) -> History:
    for at, what in sorted(events, key=lambda event: event[0]):
        what(at)
    return life.history()


def _noted(life: Life, random: Random, level: str, by: Role, most: int) -> list[Event]:
    """Problems of a region that are written down, and how they go on."""
    count = random.randint(0, most)
    noted = partial(mending.note, life, level=level, by=by)
    further = partial(mending.take_further, life, by=by)
    return [(moment(random, 5, 60), noted) for _ in range(count)] + [
        (moment(random, 61, 132), further) for _ in range(random.randint(0, count))
    ]


def of_village(forms: Forms, random: Random) -> History:
    """A village: questionnaire 3, problems of its own, supervisions."""
    life = Life(forms, random, None, 0.1)
    events = _noted(life, random, "V", "village", 4)
    if random.random() < 0.85:

        def ask(at: datetime) -> None:
            life.suspect("ve", life.submit("ve", at, by="village"))

        events.append((moment(random, 5, 60), ask))
    for month in range(2):
        if random.random() < 0.3:
            events.append(
                (moment(random, 50 + 30 * month, 70 + 30 * month), partial(mending.supervise, life))
            )
    return _lived(life, events)


def of_town(forms: Forms, random: Random, *, answered: bool) -> History:
    """A township: questionnaire 2, if it has handed one in, and problems of its own."""
    life = Life(forms, random, None, 0.1, ("county", "town"))
    events = _noted(life, random, "T", "township", 5)
    if answered:
        events.append((moment(random, 10, 80), lambda at: _ignored(life.submit("ts", at, by="township"))))
    return _lived(life, events)


def of_county(forms: Forms, random: Random) -> History:
    """The county: what its departments have to put right."""
    life = Life(forms, random, None, 0.1, ("county",))
    return _lived(life, _noted(life, random, "D", "county", 4))


def _ignored(_found: object) -> None:
    """What was found needs no more."""
