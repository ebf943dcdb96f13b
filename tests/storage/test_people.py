"""Regions, people, accounts, appointments, and invitations that work once."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.loading import SHIPPED
from bot.rules.offices import read_offices
from bot.storage import invitations, people, regions, staff
from bot.storage.database import Database
from bot.storage.invitations import Invitation
from bot.storage.people import USUAL_POST, Account
from tests.storage.conftest import SPRING, County

DAY = timedelta(days=1)


async def test_a_region_knows_its_lineage_and_its_subtree(database: Database, county: County) -> None:
    east = county.towns[0]
    async with database.reading() as conn:
        assert [found.name for found in await regions.subtree(conn, east.id)] == [
            "东河镇",
            "柳树村",
            "石桥村",
        ]
        assert len(await regions.subtree(conn, county.county.id)) == 6
        lineage = await regions.get_many(conn, list(county.villages[0].lineage))
        assert [found.level for found in lineage] == ["county", "town", "village"]
        assert await regions.get(conn, 4711) is None


async def test_a_subtree_takes_no_neighbour_whose_number_begins_alike(database: Database) -> None:
    async with database.transaction() as conn:
        top = await regions.add(conn, name="县", level="county")
        towns = [await regions.add(conn, name=str(n), level="town", parent=top) for n in range(12)]
        village = await regions.add(conn, name="村", level="village", parent=towns[10])
        # The numbers 1 and 1x share a beginning; so do 2 and 2x further on.
        for town in towns:
            expected = [town.id, village.id] if town is towns[10] else [town.id]
            assert [found.id for found in await regions.subtree(conn, town.id)] == expected


async def test_an_account_speaks_for_one_person_and_can_be_bound_to_another(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        await people.bind(conn, Account("telegram", "7", county.cadre.id))
        await people.bind(conn, Account("web", "7", county.chief.id))
        assert await people.behind(conn, "telegram", ["7", "8"]) == {"7": county.cadre}
        await people.bind(conn, Account("telegram", "7", county.chief.id))
        assert await people.behind(conn, "telegram", ["7"]) == {"7": county.chief}
        assert [item.channel for item in await people.accounts_of(conn, [county.chief.id])] == [
            "telegram",
            "web",
        ]
        await people.unbind(conn, "web", "7")
        assert await people.behind(conn, "web", ["7"]) == {}


async def test_an_appointment_holds_from_its_day_until_it_ends(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        [held] = await people.appointments_of(conn, county.chief.id, SPRING)
        assert await people.appointments_of(conn, county.chief.id, SPRING - DAY) == []
        await people.dismiss(conn, held.id, SPRING + DAY)
        assert len(await people.appointments_of(conn, county.chief.id, SPRING)) == 1
        assert await people.appointments_of(conn, county.chief.id, SPRING + DAY) == []


async def test_those_over_a_household_are_the_active_people_of_its_own_regions(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        west = await people.add(conn, name="郑镇长")
        head = await people.add(conn, name="冯村长")
        for person, role, region in (
            (west, "township", county.towns[1]),
            (head, "village", county.villages[0]),
        ):
            await people.appoint(conn, person_id=person.id, role=role, region_id=region.id, since=SPRING)  # type: ignore[arg-type]
        home = county.households[0]
        over = await people.over(conn, home, ["village", "township"], SPRING)
        assert [item.person_id for item in over] == [county.chief.id, head.id]
        assert [item.person_id for item in await people.over(conn, home, ["village"], SPRING)] == [head.id]
        await people.set_status(conn, head.id, "suspended")
        assert await people.over(conn, home, ["village"], SPRING) == []


def test_the_usual_posts_are_those_of_the_catalogue() -> None:
    file = SHIPPED.rules / "offices.toml"
    offices, problems = read_offices(tomllib.loads(file.read_text(encoding="utf-8")), file.name)
    assert problems == []
    assert dict(offices.usual) == dict(USUAL_POST)


PAIRS = [("county", "township"), ("county", "cadre"), ("township", "cadre")]


async def test_the_people_under_somebody_are_those_below_in_their_own_region(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        top = await people.add(conn, name="郑县长")
        west = await people.add(conn, name="周西岭")
        for person, role, region in (
            (top, "county", county.county),
            (west, "cadre", county.villages[2]),
            (west, "cadre", county.villages[0]),
            (county.chief, "cadre", county.villages[0]),
        ):
            await people.appoint(conn, person_id=person.id, role=role, region_id=region.id, since=SPRING)  # type: ignore[arg-type]
        of_chief = await staff.find(conn, county.chief.id, SPRING, PAIRS)
        # Oneself is under nobody, and what one is elsewhere is for others to see.
        assert [(each.name, each.region) for each in of_chief.items] == [
            ("周帮扶", "柳树村"),
            ("周西岭", "柳树村"),
        ]
        assert await staff.posts(conn, county.chief.id, SPRING, PAIRS) == {"helper": 2}
        assert await staff.posts(conn, top.id, SPRING, PAIRS) == {"helper": 4, "township_office": 1}
        assert (await staff.find(conn, county.cadre.id, SPRING, PAIRS)).total == 0
        assert (await staff.find(conn, county.chief.id, SPRING, [("county", "cadre")])).total == 0
        assert (await staff.find(conn, county.chief.id, SPRING - DAY, PAIRS)).total == 0
        [post] = await staff.of_person(conn, county.chief.id, west.id, SPRING, PAIRS)
        assert post.region_id == county.villages[0].id
        await people.dismiss(conn, post.appointment_id, SPRING)
        assert await staff.of_person(conn, county.chief.id, west.id, SPRING, PAIRS) == []


async def test_people_are_found_by_part_of_the_name_and_by_post_page_by_page(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        for number in range(5):
            person = await people.add(conn, name=f"新人{number}")
            await people.appoint(
                conn, person_id=person.id, role="cadre", region_id=county.villages[1].id, since=SPRING,
                post="monitor" if number % 2 else "",
            )  # fmt: skip
        about = (conn, county.chief.id, SPRING, PAIRS)
        pages = [await staff.find(*about, size=4, skipped=skipped) for skipped in (0, 4, 8)]
        assert [len(page.items) for page in pages] == [4, 2, 0]
        assert {page.total for page in pages} == {6}
        assert (await staff.find(*about, words="新人")).total == 5
        assert (await staff.find(*about, words="%")).total == 0
        assert (await staff.find(*about, words="x", posts=["monitor"])).total == 2
        assert (await staff.find(*about, posts=["monitor"])).total == 2


async def test_all_accounts_of_a_person_are_taken_away_at_once(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        for channel in ("web", "telegram"):
            await people.bind(conn, Account(channel, "7", county.cadre.id))
        await people.bind(conn, Account("web", "8", county.chief.id))
        assert await people.is_bound(conn, county.cadre.id)
        await people.unbind_all(conn, county.cadre.id)
        assert not await people.is_bound(conn, county.cadre.id)
        assert await people.behind(conn, "web", ["7", "8"]) == {"8": county.chief}


def invitation(county: County) -> Invitation:
    return Invitation(
        "hash", "cadre", "helper", county.villages[0].id, "新干部", county.chief.id, SPRING + 3 * DAY
    )


async def test_an_invitation_makes_one_user_even_when_two_come_at_once(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        await invitations.add(conn, invitation(county))

    async def come(name: str) -> bool:
        async with database.transaction() as conn:
            if await invitations.redeem(conn, "hash", SPRING + DAY) is None:
                return False
            person = await people.add(conn, name=name)
            await invitations.used_by(conn, "hash", person.id)
            return True

    came = await asyncio.gather(*(come(name) for name in "甲乙丙丁"))
    assert sorted(came) == [False, False, False, True]
    async with database.reading() as conn:
        used = await invitations.find(conn, "hash")
        assert used is not None
        assert used.used_by is not None
        person = await people.get(conn, used.used_by)
    assert used.used_at == SPRING + DAY
    assert person is not None
    assert person.name == "甲乙丙丁"[came.index(True)]


async def test_an_invitation_of_a_failed_deed_can_be_used_again(database: Database, county: County) -> None:
    async def fail() -> None:
        async with database.transaction() as conn:
            assert await invitations.redeem(conn, "hash", SPRING) is not None
            raise RuntimeError

    async with database.transaction() as conn:
        await invitations.add(conn, invitation(county))
    with pytest.raises(RuntimeError):
        await fail()
    async with database.transaction() as conn:
        assert await invitations.redeem(conn, "hash", SPRING) is not None


async def test_an_expired_or_unknown_invitation_makes_nobody_a_user(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        await invitations.add(conn, invitation(county))
        assert await invitations.redeem(conn, "hash", SPRING + 3 * DAY) is None
        assert await invitations.redeem(conn, "other", SPRING) is None
        assert await invitations.find(conn, "other") is None


async def test_a_token_is_never_given_twice(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        await invitations.add(conn, invitation(county))
    with pytest.raises(IntegrityError):
        async with database.transaction() as conn:
            await invitations.add(conn, invitation(county))


async def test_nothing_is_sent_to_the_accounts_of_a_suspended_person(
    database: Database, county: County
) -> None:
    async with database.transaction() as conn:
        await people.bind(conn, Account("web", "chief", county.chief.id))
        await people.bind(conn, Account("web", "cadre", county.cadre.id))
        await people.set_status(conn, county.chief.id, "suspended")
        found = await people.accounts_of(conn, [county.chief.id, county.cadre.id])
    assert [account.address for account in found] == ["cadre"]
