"""Plans of some households, drawn up by the product's own service from what stands written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import Content
from bot.services.household_file import read_file
from bot.services.judging import judged
from bot.services.office import Office
from bot.services.plan_content import plan_view
from bot.services.planning import summary
from bot.storage import interviews, plans
from tests.county.following import END
from tests.county.records import Home

VERSIONS: Final = 2


async def draw_up(
    conn: AsyncConnection, content: Content, schemes: Sequence[str], homes: Sequence[Home], most: int
) -> dict[int, list[dict[str, Any]]]:
    """Two versions of a plan for the first `most` homes that have a verdict; the snapshots by household."""
    office = Office(content, ZoneInfo("Asia/Shanghai"), tuple(schemes))
    scheme, made = schemes[0], {}
    judged_homes = (home for home in homes if home.verdict(scheme) not in (None, "to_verify"))
    for home, _ in zip(judged_homes, range(most), strict=False):
        last = (await interviews.of_household(conn, home.id))[-1]
        for days in reversed(range(VERSIONS)):
            now = END - timedelta(days=20 * days)
            result = judged(office, scheme, await read_file(conn, office, home.id, now))
            view = await plan_view(conn, office, result, now)
            snapshot = {"interview": last.id, "view": orjson.loads(orjson.dumps(asdict(view)))}
            new = plans.NewPlan(home.id, snapshot, summary(view), now, last.id)
            await plans.add(conn, new)
            made.setdefault(home.id, []).append(snapshot)
    return made
