"""The check of dividends under the four cards: principal, dividend, ratio and floor (O-26, 003:2002)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import DASH, Blank, Cell, Row, Share, Sheet
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import Watch, Watched, watch

SCHEME: Final = "hr"
HAS, PRINCIPAL, AMOUNT, RUNNING = (
    "has_dividend",
    "dividend_principal",
    "dividend_amount",
    "dividend_contract_running",
)
RATE: Final = "dividend_rate"
CONTRACT: Final = "contract_running"
"""The fact of the scheme that a contract made before is still kept to."""
YES, NO = 1, 2
MARK: Final = "floor."
"""Before the ids of the cards that have a floor, among the words of the layout."""
PER_CENT: Final = 100
Result: TypeAlias = Literal["none", "unasked", "running", "unknown", "below", "open", "kept"]


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a card: the parameter that says it in per cent, and the fact that a rate lies below it."""

    parameter: str
    below: str


class Check:
    """The households of which the report tells."""

    def __init__(self, ask: Ask, seen: Watch) -> None:
        """`seen` are all households with their cards, as answered up to the last day."""
        self.ask, self.seen, self.say = ask, seen, ask.layout.say
        self.on = max(ask.until, seen.pack.scheme.start)
        self.floors: Mapping[str, Floor] = {
            card: Floor(*text.split()) for card, text in ask.layout.under(MARK).items()
        }
        self.homes = [home for home in seen.homes if self.floor(home) or home.get(HAS) == YES]

    def floor(self, home: Watched) -> Floor | None:
        """The floor that holds for a household's card; None for a card that has none."""
        return None if home.outcome is None else self.floors.get(home.outcome.id)

    def least(self, home: Watched) -> Cell:
        """The floor as a share; a dash for a card without one, and nothing while the card is not known."""
        if home.outcome is None:
            return Blank(self.say("undecided"))
        floor = self.floor(home)
        if floor is None:
            return DASH
        value = self.seen.pack.parameter_by_id[floor.parameter].value(self.on)
        return Blank(self.say("not_in_force")) if value is None else value / PER_CENT

    def result(self, home: Watched, floor: Floor) -> Result:
        """What is to be said of a household that has a floor (R-HR-10)."""
        has, below = home.get(HAS), home.reading.truth(floor.below)
        if has != YES:
            return "none" if has == NO else "unasked"
        if below is None:
            return "unknown"
        running = home.reading.truth(CONTRACT)
        if not below:
            return "kept"
        return "running" if running else "below" if running is False else "open"

    def told(self, home: Watched, floor: Floor | None) -> Cell:
        """What came of the check; a dash for a card without a floor, nothing while the card is not known."""
        if home.outcome is None:
            return Blank(self.say("undecided"))
        return DASH if floor is None else self.say(self.result(home, floor))

    def row(self, number: int, home: Watched) -> Row:
        """The household, its dividend and the floor."""
        options = self.ask.office.content.registry
        floor = self.floor(home)
        known, undecided = home.get(HAS) == YES, Blank(self.say("undecided"))
        cells: dict[str, Cell] = {
            "no": number,
            **home.named,
            "card": undecided if home.outcome is None else home.outcome.name,
            "has": options[HAS].options.get(home.get(HAS) or 0),
            "floor": self.least(home),
            "result": self.told(home, floor),
        }
        if known:
            cells |= {
                "principal": home.get(PRINCIPAL),
                "amount": home.get(AMOUNT),
                "rate": Share("amount", "principal"),
                "running": options[RUNNING].options.get(home.get(RUNNING) or 0),
            }
        return Row(cells)

    def listed(self) -> Sheet:
        """The households in the register's order; above a village with a subtotal for each part."""
        rows: list[Row] = []
        number = 0
        for part in self.seen.places.parts:
            own = [home for home in self.homes if home.part == part.id]
            for home in own:
                number += 1
                rows.append(self.row(number, home))
            if own and part.id != self.seen.places.top.id:
                rows.append(Row({"town": self.say("subtotal", name=part.name)}, standing="subtotal"))
        return self.ask.layout.sheet("main").filled(rows, self.ask.said())

    def counted(self) -> Sheet:
        """How many households of each card with a floor there are, and what came of the check."""
        rows = []
        for part in self.seen.places.parts:
            own = [home for home in self.homes if home.part == part.id]
            cells: dict[str, Cell] = {"place": part.name}
            for card in self.floors:
                cells |= self.counts(card, own)
            rows.append(Row(cells))
        notes = [self.say("unsaid", n=self.seen.unsaid)] if self.seen.unsaid else []
        return self.ask.layout.sheet("counts").filled(rows, self.ask.said(), notes=notes)

    def counts(self, card: str, homes: Sequence[Watched]) -> dict[str, Cell]:
        """The households of a card by what is to be said of them."""
        found = [home for home in homes if home.outcome is not None and home.outcome.id == card]
        told = Counter(self.result(home, self.floors[card]) for home in found)
        results: tuple[Result, ...] = ("none", "unasked", "kept", "below", "open", "running", "unknown")
        return {f"{card}_homes": len(found), **{f"{card}_{result}": told[result] for result in results}}


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-26: the households and the counts."""
    check = Check(ask, await watch(conn, ask, (HAS, PRINCIPAL, AMOUNT, RATE, RUNNING)))
    return [check.listed(), check.counted()]


REPORTS: Final = (Report("O-26", make, schemes=(SCHEME,), shelf="ledger"),)
