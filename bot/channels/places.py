"""Regions as an office names them on the command line."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NotFound
from bot.storage import regions
from bot.storage.regions import Region


async def region_named(conn: AsyncConnection, path: str) -> Region:
    """The region of that name, or at the end of a path of names; NotFound, also when several fit."""
    names = [part for part in path.split("/") if part]
    found: list[Region] = []
    for top in await regions.children(conn, None):
        tree = await regions.subtree(conn, top.id)
        by_id = {region.id: region for region in tree}
        for region in tree:
            lineage = [by_id[id].name for id in region.lineage if id in by_id]
            if names and lineage[-len(names) :] == names:
                found.append(region)
    if len(found) != 1:
        why = "is not there" if not found else "is there several times: write town/village"
        raise NotFound(what="single region", name=f"{path} ({why})")
    return found[0]
