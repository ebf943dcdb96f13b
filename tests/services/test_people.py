"""People come in by invitation only, once each, and are told what went wrong when they do not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels import web_chat
from bot.services import inviting
from bot.services.inviting import VALID
from bot.services.pipeline import Worker
from bot.storage import people, regions, tables
from bot.storage.people import Account
from bot.storage.regions import Region
from tests.services.village import Village, loaded

DOOR = "邀请链接"


async def region(village: Village, name: str) -> Region:
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        return next(r for r in await regions.subtree(conn, county.id) if r.name == name)


async def invited(village: Village, role: str, place: str, name: str = "新同志") -> str:
    """A token made as the command line makes it."""
    where = await region(village, place)
    async with village.database.transaction() as conn:
        return await inviting.issue(conn, role=role, region_id=where.id, name=name, by=None, now=village.now)


async def make_admin(village: Village) -> None:
    await village.say("admin", f"/start {await invited(village, 'admin', '华容县', '管理员甲')}")


def token_in(text: str) -> str:
    return text.rpartition("/start ")[2].strip()


async def test_a_stranger_is_told_how_to_come_in_whatever_they_say_or_tap(village: Village) -> None:
    for said in ("你好", "首页", "王建新", "/start", "邀请 干部 张三", "提交", "预警", "全文 王建新"):
        told = await village.say("stranger", said)
        assert DOOR in told
        assert "王建新" not in told
    for data in ("h:1", "n:1:cs", "m:due", "a:1:show", "l:/0", "i:1:0:1:p1"):
        assert DOOR in await village.tap_data("stranger", 1, data)


async def test_an_invitation_lets_one_person_in_with_its_role_and_region(village: Village) -> None:
    sent = await village.say("village", "邀请 干部 赵新来")
    assert "72 小时" in sent
    welcome = await village.say("newcomer", f"/start {token_in(sent)}")
    assert "赵新来，欢迎" in welcome
    assert "松树村 结对帮扶干部" in welcome
    home = await village.say("newcomer", "首页")
    assert "赵新来" in home
    assert "还没有农户" in home


async def test_the_link_may_also_be_pasted_without_its_command(village: Village) -> None:
    token = await invited(village, "cadre", "松树村")
    assert "欢迎" in await village.say("newcomer", f"  {token} ")


async def test_an_invitation_works_for_72_hours_and_not_a_second_longer(village: Village) -> None:
    early, late = await invited(village, "cadre", "松树村"), await invited(village, "cadre", "松树村")
    village.at[0] += VALID - timedelta(seconds=2)
    assert "欢迎" in await village.say("one", f"/start {early}")
    village.wait(seconds=1)
    assert "过期" in await village.say("two", f"/start {late}")
    assert DOOR in await village.say("two", "首页")


async def test_an_invitation_used_twice_is_refused(village: Village) -> None:
    token = await invited(village, "cadre", "松树村")
    await village.say("one", f"/start {token}")
    assert "已经用过" in await village.say("two", f"/start {token}")
    assert DOOR in await village.say("two", "首页")
    # Whoever came in by it and taps the link again is told so, and stays in.
    assert "已经用过" in await village.say("one", f"/start {token}")
    assert "新同志" in await village.say("one", "首页")


async def test_an_unknown_token_is_refused(village: Village) -> None:
    assert "没有这个邀请" in await village.say("one", "/start " + "x" * 32)
    assert DOOR in await village.say("one", "/start abc")


async def test_of_two_who_come_at_once_one_gets_in(village: Village) -> None:
    token = await invited(village, "cadre", "松树村")
    for address in ("one", "two"):
        await village.chat.say(address, f"/start {token}")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for _ in range(3):
        await asyncio.gather(village.worker.turn(), other.turn())
    await village.work()
    told = sorted([await village.last("one"), await village.last("two")], key=lambda text: "欢迎" in text)
    assert "已经用过" in told[0]
    assert "欢迎" in told[1]
    async with village.database.reading() as conn:
        assert len(await people.behind(conn, web_chat.CHANNEL, ["one", "two"])) == 1


async def test_in_one_commit_too_only_one_gets_in(village: Village) -> None:
    token = await invited(village, "cadre", "松树村")
    for address in ("one", "two"):
        await village.chat.say(address, f"/start {token}")
    await village.work()
    assert "欢迎" in await village.last("one")
    assert "已经用过" in await village.last("two")


OFFICES = loaded().offices
PLACES = {"village": "松树村", "town": "东山镇", "county": "华容县"}


@pytest.mark.parametrize("role", OFFICES.roles)
async def test_everybody_invites_those_below_and_nobody_else(village: Village, role: str) -> None:
    """Every role against every post of the catalogue, by the post's name."""
    place = PLACES[next(post for post in OFFICES.posts.values() if post.role == role).level]
    await village.say("someone", f"/start {await invited(village, role, place, '某人')}")
    below = set(OFFICES.roles[role].invites)
    for post in OFFICES.posts.values():
        told = await village.say("someone", f"邀请 {post.name} 张三 {PLACES[post.level]}")
        if post.role in below:
            assert "/start " in told, post.id
            assert f"（{PLACES[post.level]} {post.name}）" in told
        else:
            assert "/start " not in told, post.id
            assert ("不能邀请" if not below else "可以邀请的有") in told
    async with village.database.reading() as conn:
        may = {post.id for post in OFFICES.posts.values() if post.role in below}
        kept = (await conn.execute(select(tables.invitations.c.post, tables.invitations.c.role))).all()
    assert {post for post, kind in kept if kind != role} - may == set()
    assert {post for post, _ in kept} >= may


@pytest.mark.parametrize(
    ("said", "post", "place"),
    [
        ("村党支部书记 张三 松树村", "village_secretary", "松树村"),
        ("村支书 张三 石桥村", "village_secretary", "石桥村"),
        ("教体局 王五", "education", "华容县"),
        ("教育局 王五", "education", "华容县"),
        ("帮扶责任人 张三 松树村", "helper", "松树村"),
        ("干部 张三 松树村", "helper", "松树村"),
        ("乡镇 张三 梅田湖镇", "township_office", "梅田湖镇"),
        ("帮扶单位 张三", "unit_leader", "华容县"),
        ("纪检监察 张三", "discipline", "华容县"),
        ("monitor 张三 松树村", "monitor", "松树村"),
    ],
)
async def test_an_invitation_names_a_post_a_department_or_a_role(
    village: Village, said: str, post: str, place: str
) -> None:
    sent = await village.say("county", f"邀请 {said}")
    welcome = await village.say("newcomer", f"/start {token_in(sent)}")
    assert f"{place} {OFFICES.posts[post].name}" in welcome
    async with village.database.reading() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["newcomer"]))["newcomer"]
        [held] = await people.appointments_of(conn, person.id, village.now)
    assert (held.post, held.role) == (post, OFFICES.posts[post].role)


async def test_a_second_invitation_adds_a_post_and_the_same_one_adds_nothing(village: Village) -> None:
    for said in ("监测员 周明 石桥村", "监测员 周明 石桥村", "第一书记 周明 石桥村"):
        sent = await village.say("township", f"邀请 {said}")
        await village.say("cadre", f"/start {token_in(sent)}")
    home = await village.say("cadre", "首页")
    assert "松树村 结对帮扶干部；石桥村 监测员；石桥村 第一书记" in home


@pytest.mark.parametrize(
    ("address", "said", "told"),
    [
        ("village", "邀请", "请这样打：邀请 干部 张三"),
        ("village", "邀请 干部", "请这样打"),
        ("village", "邀请 村长 张三", "请这样打"),
        ("village", "邀请 干部 张三 石桥村", "请在名字后面加上地名"),
        ("township", "邀请 干部 张三", "松树村、石桥村"),
        ("township", "邀请 干部 张三 柳湖村", "松树村、石桥村"),
        ("township", "邀请 干部 张三 东山镇", "松树村、石桥村"),
        ("county", "邀请 乡镇 张三", "东山镇、梅田湖镇"),
    ],
)
async def test_wrong_words_of_an_invitation_are_explained(
    village: Village, address: str, said: str, told: str
) -> None:
    answer = await village.say(address, said)
    assert told in answer
    assert "/start " not in answer


async def test_a_region_named_in_full_is_meant_and_not_one_that_contains_its_name(village: Village) -> None:
    town = await region(village, "东山镇")
    async with village.database.transaction() as conn:
        await regions.add(conn, name="大松树村", level="village", parent=town)
    assert "张三（松树村 结对帮扶干部）" in await village.say("township", "邀请 干部 张三 松树村")
    assert "请在名字后面加上地名" in await village.say("township", "邀请 干部 张三 松树")


async def test_whoever_made_an_invitation_cannot_use_it_up_by_looking(village: Village) -> None:
    sent = await village.say("village", "邀请 干部 赵新来")
    assert "您发出的邀请" in await village.say("village", f"/start {token_in(sent)}")
    assert "欢迎" in await village.say("newcomer", f"/start {token_in(sent)}")


async def test_somebody_who_is_in_already_gains_a_second_office(village: Village) -> None:
    token = await invited(village, "village", "石桥村", "周明")
    assert "石桥村 村干部" in await village.say("cadre", f"/start {token}")
    home = await village.say("cadre", "首页")
    assert "松树村 结对帮扶干部" in home
    assert "石桥村 村干部" in home
    assert "方德顺" in await village.say("cadre", "方德顺")


async def test_a_suspended_person_is_a_stranger(village: Village) -> None:
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        await people.set_status(conn, person.id, "suspended")
    for said in ("首页", "王建新", "继续"):
        assert DOOR in await village.say("cadre", said)
    async with village.database.transaction() as conn:
        await people.set_status(conn, person.id, "active")
    assert "王建新" in await village.say("cadre", "王建新")


async def test_an_account_that_was_taken_away_is_a_strangers(village: Village) -> None:
    async with village.database.transaction() as conn:
        await people.unbind(conn, web_chat.CHANNEL, "cadre")
    assert DOOR in await village.say("cadre", "首页")
    async with village.database.transaction() as conn:
        await people.bind(conn, Account(web_chat.CHANNEL, "new phone", 1))
    assert "周明" in await village.say("new phone", "首页")


async def test_an_office_that_has_ended_shows_nothing_any_more(village: Village) -> None:
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        [office] = await people.appointments_of(conn, person.id, village.now)
        await people.dismiss(conn, office.id, village.now)
    home = await village.say("village", "首页")
    assert "没有职务" in home
    assert "王建新" not in await village.say("village", "王建新")
