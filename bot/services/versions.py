"""Interviews finish on the version that they began with: it must stay as long as one of them is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import Content
from bot.errors import HubangError
from bot.storage import interviews

NAMED: Final = 20
"""So many interviews of a version are named; the rest are counted."""


class FormWithdrawn(HubangError):
    """Interviews are open on questionnaires that are no longer there: {named}. Put each file back beside
    the newer one until these interviews are handed in.
    """


async def require_all(conn: AsyncConnection, content: Content) -> None:
    """See that every open interview can go on; FormWithdrawn, which names those that cannot."""
    begun = await interviews.open_by_version(conn)
    lost = {version: ids for version, ids in begun.items() if version not in content.forms}
    if lost:
        said = (f"{form} version {number} ({_ids(ids)})" for (form, number), ids in sorted(lost.items()))
        raise FormWithdrawn(named="; ".join(said))


def _ids(ids: Sequence[int]) -> str:
    numbers = ", ".join(str(id) for id in ids[:NAMED])
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"{'interview' if len(ids) == 1 else 'interviews'} {numbers}{more}"
