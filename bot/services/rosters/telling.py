"""What is told of a roster: the list of its troubles, and the invitations of those who are new."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from bot.services.rosters.troubles import Trouble
from bot.services.rosters.writing import Invited

TROUBLE: Final = ("sheet", "row", "column", "what", "mend")
INVITED: Final = ("name", "unit", "post", "region", "token")
Say = Callable[..., str]


def trouble_heading(say: Say) -> list[str]:
    """The columns of the list of troubles."""
    return [say("roster.word", word=word) for word in TROUBLE]


def trouble_rows(found: Iterable[Trouble], say: Say) -> list[tuple[str, ...]]:
    """Sheet, row, column, what is wrong and how to mend it, in words."""
    return [
        (
            each.sheet,
            "" if each.row is None else str(each.row),
            each.column,
            say("roster.what", reason=each.reason, facts=each.facts),
            say("roster.mend", reason=each.reason, facts=each.facts),
        )
        for each in found
    ]


def invited_heading(say: Say) -> list[str]:
    """The columns of the list of invitations."""
    return [say("roster.word", word=word) for word in INVITED]


def invited_rows(invited: Iterable[Invited]) -> list[tuple[str, ...]]:
    """Name, unit, post, place and token."""
    return [(each.name, each.unit, each.post, each.region, each.token) for each in invited]
