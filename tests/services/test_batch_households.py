"""From the database a batch says of every household what is said when it is judged by itself."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.facts import MANY, ROSTER
from bot.rules.pack import Pack
from bot.services.batch_households import classify_households
from bot.services.exchange import classify_file
from bot.services.household_file import read_file
from bot.services.judging import judged
from bot.services.tables import FileUnreadable
from bot.storage import facts, households, regions
from bot.storage.facts import Fact
from bot.storage.regions import Region
from tests.services.batch_tables import codes, read
from tests.services.village import Village, loaded

SCHEMES = sorted(id for id, pack in loaded().packs.items() if pack.scheme.subject == "household")
ROSTERS = ("child", "uninsured")


async def county(village: Village) -> Region:
    async with village.database.reading() as conn:
        return (await regions.children(conn, None))[0]


async def ids(village: Village) -> list[int]:
    async with village.database.reading() as conn:
        return await households.ids_within(conn, (await county(village)).id)


async def answered(village: Village, pack: Pack, seed: int) -> None:
    """Let every household of the village have answered most of what the scheme reads."""
    chance = random.Random(seed)
    registry = loaded().registry
    names = {*pack.keeps, *ROSTERS} & registry.keys()
    new = []
    for household in await ids(village):
        for name in sorted(names):
            if chance.random() < 0.8:
                on = village.office.today(village.now - timedelta(days=chance.randint(0, 40)))
                new.append(Fact(household, name, answer(name, chance), on, "test", village.now))
    async with village.database.transaction() as conn:
        await facts.record(conn, new)


def answer(name: str, chance: random.Random) -> object:
    info = loaded().registry.get(name)
    if info is None:
        return chance.choice([1, 2, 3, 4, None])
    if info.kind == ROSTER:
        rows = range(chance.randint(0, 3))
        return [{each: answer(each, chance) for each in info.row_facts} for _ in rows]
    if info.kind == MANY:
        return sorted(chance.sample(list(info.options), min(2, len(info.options))))
    if info.options:
        return chance.choice(list(info.options))
    if info.kind in ("text", "person", "date", "month", "id_number", "phone"):
        return "2019-09-01" if info.kind == "date" else "x"
    return chance.choice([0, 1, 2, 3, 4999.99, 5000, 5000.01, 12000])


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_batch_agrees_with_every_household_judged_by_itself(
    village: Village, tmp_path: Path, scheme: str
) -> None:
    pack = village.office.content.packs[scheme]
    await answered(village, pack, seed=len(scheme))
    target = tmp_path / "out.csv"
    on = village.office.today(village.now)
    async with village.database.reading() as conn:
        region = await county(village)
        summary = await classify_households(conn, village.office, pack, region, target, on)
        rows = read(target)
        assert [int(row["household"]) for row in rows] == await households.ids_within(conn, region.id)
        assert len(rows) > 3
        for row in rows:
            dossier = await read_file(conn, village.office, int(row["household"]), village.now)
            alone = judged(village.office, scheme, dossier).verdict
            assert (row["verdict"] or None, row["row"] or None) == (alone.verdict, alone.row)
            assert row["to_verify"].split() == list(alone.missing)
            assert row["reason_codes"].split() == codes(pack, alone)
            assert row["village"] == dossier.place("village")
    assert int(summary.total.sum()) == len(rows)
    assert list(summary.counts) == list(dict.fromkeys(row["village"] for row in rows))


@pytest.mark.parametrize("scheme", ["hr", "yb"])
async def test_what_was_written_from_the_database_can_be_classified_as_a_file(
    village: Village, tmp_path: Path, scheme: str
) -> None:
    pack = village.office.content.packs[scheme]
    await answered(village, pack, seed=5)
    on = village.office.today(village.now)
    async with village.database.reading() as conn:
        await classify_households(
            conn, village.office, pack, await county(village), tmp_path / "one.parquet", on
        )
    classify_file(pack, tmp_path / "one.parquet", tmp_path / "two.csv", on)
    for row in read(tmp_path / "two.csv"):
        assert row["verdict"] == row[f"{scheme}_verdict"]
        assert row["reason_codes"] == row[f"{scheme}_reason_codes"]


async def test_every_reason_may_be_told_from_the_database_too(village: Village, tmp_path: Path) -> None:
    pack = village.office.content.packs["gs"]
    await answered(village, pack, seed=6)
    target = tmp_path / "out.xlsx"
    on = village.office.today(village.now)
    async with village.database.reading() as conn:
        region = await county(village)
        await classify_households(conn, village.office, pack, region, target, on, explained=True)
        for row in read(target):
            dossier = await read_file(conn, village.office, int(row["household"]), village.now)
            told = judged(village.office, "gs", dossier).explanation
            assert row["reasons"].split("\n")[0] == told.sentence
            assert all(reason.sentence in row["reasons"] for reason in told.reasons)


async def test_a_village_of_the_region_alone_is_classified_alone(village: Village, tmp_path: Path) -> None:
    pack = village.office.content.packs["hr"]
    on = village.office.today(village.now)
    async with village.database.reading() as conn:
        tree = await regions.subtree(conn, (await county(village)).id)
        homes = await households.get_many(conn, await ids(village))
        for region in (each for each in tree if each.level == "village"):
            summary = await classify_households(
                conn, village.office, pack, region, tmp_path / "out.csv", on, by="village_group"
            )
            inside = [home for home in homes.values() if home.region_id == region.id]
            assert int(summary.total.sum()) == len(inside) == len(read(tmp_path / "out.csv"))
            assert set(summary.counts) == {home.village_group for home in inside}


async def test_a_scheme_about_villages_is_no_scheme_for_households(village: Village, tmp_path: Path) -> None:
    pack = village.office.content.packs["village"]
    on = village.office.today(village.now)
    async with village.database.reading() as conn:
        with pytest.raises(FileUnreadable, match="not about households"):
            await classify_households(
                conn, village.office, pack, await county(village), tmp_path / "out.csv", on
            )
    assert not [name for name in os.listdir(tmp_path) if "out" in name]
