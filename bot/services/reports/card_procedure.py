"""How far households are in the procedure for their cards, paper by paper (ap.1-ap.6; 003:1988-1998)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.reports.answers import day_of
from bot.services.reports.report import Ask
from bot.storage import report_lists

FORM: Final = "ap"
APPLIED, APPRAISED, REVIEWED, CHECKED, POSTED, FILED = range(1, 7)
"""The steps, by their codes (ap.x2)."""
STEP: Final = "procedure_step"
SCHEME: Final = "monitoring_scheme"
YES: Final = 1
NO_CARD: Final = 5
"""The choice of a card that says that there is none (`household_card`)."""
ADJUSTED: Final = 2
"""The review came to another card than the village (ap.3.e)."""
DIFFERS: Final = 2
"""The county found something that is not so (ap.4.c)."""
UPHELD: Final = 2
"""What was said against a posting is true: the township looks again (ap.5.f, WF-01)."""
ANSWERS: Final[Mapping[int, tuple[str, ...]]] = {
    APPLIED: ("applicant", "applied_on", "proposed_card"),
    APPRAISED: ("appraised_on", "appraised_card"),
    REVIEWED: ("review_visit_on", "review_outcome", "reviewed_card", "review_opinion"),
    CHECKED: ("spot_checked", "spot_checked_on", "spot_check_outcome"),
    POSTED: ("publicity_began_on", "publicity_ended_on", "has_objection", "objection_outcome"),
    FILED: ("filed_on", "filed_card"),
}
"""What is kept of each step."""
_NAMES: Final = (STEP, SCHEME, *(name for names in ANSWERS.values() for name in names))


@dataclass(slots=True)
class Course:
    """The last round of a household's procedure; taking a step again undoes those after it.

    `approved` and `before` are codes of cards: what the county decided last, and in the round before it.
    """

    step: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    filed: list[int] = field(default_factory=list)
    """The cards with which earlier rounds ended."""

    def get(self, name: str) -> Any:
        """An answer of the round; None when it is not known."""
        return self.answers.get(name)

    def day(self, name: str) -> date | None:
        """An answer that is a day."""
        return day_of(self.get(name))

    def took(self, step: int, answers: Mapping[str, Any]) -> None:
        """Go on by a paper of the procedure."""
        if self.step == FILED and step != FILED and (card := self.get("filed_card")) is not None:
            self.filed.append(card)
        gone = {name for each in range(step, FILED + 1) for name in ANSWERS[each]}
        kept = {} if step == APPLIED else {k: v for k, v in self.answers.items() if k not in gone}
        wanted = {*ANSWERS[step], *(ANSWERS[POSTED] if step == FILED else ())}
        said = {name: value for name, value in answers.items() if name in wanted and value is not None}
        self.step, self.answers = step, {**kept, **said}

    @property
    def card(self) -> int | None:
        """What the round has come to so far, as a code: what was filed, reviewed, appraised or proposed."""
        reviewed = self.get("reviewed_card") if self.get("review_outcome") == ADJUSTED else None
        found = (self.get("filed_card"), reviewed, self.get("appraised_card"), self.get("proposed_card"))
        return next((card for card in found if card is not None), None)

    @property
    def returned(self) -> bool:
        """Whether the county or an objection sent the household back to the township."""
        if self.get("spot_check_outcome") == DIFFERS:
            return True
        objection: bool = self.get("has_objection") == YES and self.get("objection_outcome") == UPHELD
        return objection

    @property
    def decided(self) -> bool:
        """Whether the county has checked the township's list with this household on it (003:1996-1998)."""
        return self.step >= CHECKED and not self.returned and self.card is not None

    @property
    def to_post(self) -> bool:
        """Whether its card stands on the list that is posted up now: decided, and not yet filed."""
        return self.decided and self.step != FILED and self.card != NO_CARD

    @property
    def approved(self) -> int | None:
        """The card that the county decided last."""
        return self.card if self.decided else (self.filed[-1] if self.filed else None)

    @property
    def before(self) -> int | None:
        """The card of the round before that."""
        rounds = self.filed if self.decided else self.filed[:-1]
        return rounds[-1] if rounds else None


async def courses(conn: AsyncConnection, ask: Ask, code: int) -> dict[int, Course]:
    """The procedures of the region's households under the scheme of that code, by household.

    As they stood on the last day that counts.
    """
    content = ask.office.content
    usual = next((content.packs[id].scheme.code for id in content.households_by), code)
    found: dict[int, Course] = {}
    schemes: dict[int, int] = {}
    for paper in await report_lists.papers(conn, ask.region.path, [FORM], _NAMES, ask.before):
        home, step = paper.household_id, paper.answers.get(STEP)
        if home is None or step is None or step not in ANSWERS:
            continue
        # What the household's file said of the scheme already is not written down with the paper.
        schemes[home] = paper.answers.get(SCHEME) or schemes.get(home, usual)
        if schemes[home] == code:
            found.setdefault(home, Course()).took(step, paper.answers)
    return found
