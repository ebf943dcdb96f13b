"""The practice county of `samples/county.toml`: its people act in it day by day, by the real services."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import region_duties
from bot.services.office import Office
from bot.services.sample_deeds import Deed, Home, play
from bot.services.sample_homes import homes_of
from bot.services.sample_people import places_of, worker_of
from bot.services.sample_playing import Player
from bot.services.touring import PRACTICE
from bot.storage import regions
from bot.storage.chats import Chat

COUNTY: Final = Path(__file__).resolve().parents[2] / "samples" / "county.toml"
ENTERED: Final = timedelta(days=90)
"""So long before the first start the register was entered."""
FIRST_HOUR: Final = time(8, 30)
WORKING_MINUTES: Final = 540

Progress = Callable[[int, int], None]
LOG: Final = logging.getLogger(__name__)
EVERY: Final = 100
"""After so many deeds it is said how far the sample is."""


def nobody(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def told(done: int, total: int) -> None:
    """Progress for whoever started the bot."""
    if done % EVERY == 0 or done == total:
        LOG.info("practice county: %d of %d deeds", done, total)


def read_county(path: Path = COUNTY) -> dict[str, Any]:
    """The tables of the practice county."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


async def enter_county(
    conn: AsyncConnection,
    office: Office,
    sample: Mapping[str, Any],
    channel: str,
    now: datetime,
    progress: Progress = nobody,
) -> bool:
    """Enter the county and let all that it tells of happen; False when the database is not empty.

    SampleStuck when a deed cannot be done as the sample says.
    """
    if await regions.children(conn, None):
        return False
    since = now - ENTERED
    places = await places_of(conn, sample)
    workers = [await worker_of(conn, office, table, places, channel, since) for table in sample["person"]]
    homes = [each async for each in homes_of(conn, sample, workers, places, since)]
    player = Player(
        conn, office, channel, {each.address: each.person for each in workers}, sample.get("words", {})
    )
    player.chats = {
        each.address: Chat(channel, each.address, each.person.id, view={PRACTICE: True}) for each in workers
    }
    posts = {(post, each.region.id): each.address for each in workers for post in each.posts}
    deeds = list(_deeds(sample, office, homes, posts, now))
    for number, deed in enumerate(deeds, 1):
        await play(player, deed)
        progress(number, len(deeds))
    await player.leave()
    await region_duties.plan(conn, office, now)
    return True


# ------------------------------------------------------------------------------------------- what happened


def _deeds(
    sample: Mapping[str, Any],
    office: Office,
    homes: Sequence[Home],
    posts: Mapping[tuple[str, int], str],
    now: datetime,
) -> Iterator[Deed]:
    """All deeds in the order of time, but for those of procedures and questionnaires that are not there."""
    dice = Random(sample["seed"] + 1)
    running = {procedure.id for procedure in office.content.running}
    forms = {form.id for form in office.content.latest_forms()}
    found: list[Deed] = []
    for place, table in enumerate(sample["deed"]):
        procedure = table.get("step", "").partition(":")[0]
        if (procedure and procedure not in running) or table.get("form", "cs") not in forms:
            continue
        first, last = table["of"]
        for home in homes:
            concerned = first <= home.number <= last and (home.number - first) % table.get("every", 1) == 0
            if not concerned or home.family not in table.get("families", [home.family]):
                continue
            at = _moment(dice, office, now, dice.randint(*table["days"]))
            who = _address(table["who"], home, posts)
            found.append(Deed(at, place, home, who, table))
    return iter(sorted(found, key=lambda deed: (deed.at, deed.place, deed.home.id)))


def _moment(dice: Random, office: Office, now: datetime, days: int) -> datetime:
    """Some minute of the working day so many days ago."""
    local = now.astimezone(office.zone).date() - timedelta(days=days)
    begins = datetime.combine(local, FIRST_HOUR, office.zone)
    return begins + timedelta(minutes=dice.randint(0, WORKING_MINUTES))


def _address(who: str, home: Home, posts: Mapping[tuple[str, int], str]) -> str:
    """Whoever does it: the helper, the nearest person in that post over the household, or an address."""
    if who == "helper":
        return home.helper
    over = (posts.get((who, place.id)) for place in reversed(home.over))
    return next((address for address in over if address is not None), who)
