"""Regions and households as an office names them on the command line."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NotFound
from bot.storage import households, regions
from bot.storage.households import Household
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


async def household_named(conn: AsyncConnection, text: str) -> Household:
    """The household of that number, or of the head of that name, at the end of a path of regions if need be.

    NotFound when there is none, and when there are several.
    """
    if text.isascii() and text.isdigit():
        found = list((await households.get_many(conn, [int(text)])).values())
    else:
        path, _, name = text.rpartition("/")
        found = await households.named(conn, name)
        if path:
            top = await region_named(conn, path)
            places = {region.id for region in await regions.subtree(conn, top.id)}
            found = [household for household in found if household.region_id in places]
    if len(found) != 1:
        numbers = ", ".join(str(household.id) for household in found)
        why = "is not there" if not found else f"is there several times: take a number of {numbers}"
        raise NotFound(what="single household", name=f"{text} ({why})")
    return found[0]
