"""Households change hands: one responsible cadre at any time, accepted by the successor."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.channels import web_chat
from bot.services import inviting, left_behind
from bot.services.pipeline import Worker
from bot.services.taking_over import HOLDER
from bot.storage import (
    answer_log,
    assignments,
    duties,
    handovers,
    households,
    inbox,
    interviews,
    people,
    regions,
    tables,
    visibility,
)
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.handovers import Handover
from bot.storage.households import NewHousehold
from tests.services.subjects import VILLAGE, with_forms
from tests.services.test_taking_over import LONG
from tests.services.village import Village

HOMES = 8
"""Households in the care of the sample's cadre."""


async def id_of(village: Village, address: str) -> int:
    async with village.database.reading() as conn:
        return (await people.behind(conn, web_chat.CHANNEL, [address]))[address].id


async def newcomer(
    village: Village, address: str, name: str, place: str = "松树村", role: str = "cadre"
) -> int:
    """Somebody who has come in as a cadre."""
    async with village.database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        where = next(r for r in await regions.subtree(conn, county.id) if r.name == place)
        token = await inviting.issue(conn, role=role, region_id=where.id, name=name, by=None, now=village.now)
    await village.say(address, f"/start {token}")
    return await id_of(village, address)


async def care(village: Village) -> dict[int, int]:
    """Who is responsible for which household; every household has exactly one open assignment."""
    async with village.database.reading() as conn:
        rows = (
            await conn.execute(select(tables.assignments).where(tables.assignments.c.until.is_(None)))
        ).all()
        homes = set((await conn.execute(select(tables.households.c.id))).scalars())
    found = {row.household_id: row.person_id for row in rows}
    assert len(rows) == len(found)
    assert found.keys() == homes
    return found


async def only(village: Village) -> Handover:
    async with village.database.reading() as conn:
        [id] = (await conn.execute(select(tables.handovers.c.id))).scalars().all()
        found = await handovers.get(conn, id)
    assert found is not None
    return found


async def alerts_open(village: Village) -> list[tuple[str, str]]:
    async with village.database.reading() as conn:
        asked = select(tables.alerts.c.kind, tables.alerts.c.level).where(tables.alerts.c.state == "open")
        return [(row.kind, row.level) for row in await conn.execute(asked)]


async def registered(village: Village, day: str = "4月20日") -> str:
    """The cadre says that they leave."""
    await village.say("cadre", "交接")
    await village.tap("cadre", "我要离任")
    await village.say("cadre", day)
    return await village.say("cadre", "调回单位")


async def asked(village: Village) -> int:
    """A successor has come in and is asked to follow; who that is."""
    successor = await newcomer(village, "next", "赵新来")
    await registered(village)
    await village.say("village", "交接")
    await village.tap("village", "周明 → 待定")
    await village.tap("village", "定接任的人")
    await village.tap("village", "赵新来")
    return successor


async def owed(village: Village, home: int) -> list[tuple[str, int | None]]:
    async with village.database.reading() as conn:
        return [(duty.kind, duty.person_id) for duty in await duties.open_of_household(conn, home)]


async def plan(village: Village, home: int, kind: str, person: int | None, due: date) -> None:
    duty = NewDuty(home, kind, due, "hr:x", date(2026, 4, 1), village.now, {"text": kind}, person)
    async with village.database.transaction() as conn:
        await duties.plan(conn, [duty])


# ------------------------------------------------------------------------------------------- the whole way


async def test_a_whole_village_changes_hands_in_one_deed(village: Village) -> None:
    leaver, chief = await id_of(village, "cadre"), await id_of(village, "village")
    async with village.database.transaction() as conn:
        first = (await visibility.find(conn, leaver, village.now)).items[0]
        new = [
            NewHousehold(
                region_id=first.region_id, village_group="九组", head_name=f"新户{n:02}",
                initials=f"xh{n:02}", created_at=village.now,
            )
            for n in range(40 - HOMES)
        ]  # fmt: skip
        await assignments.assign_many(conn, await households.add_many(conn, new), leaver, village.now)
    before = {home for home, person in (await care(village)).items() if person == leaver}
    assert len(before) == 40
    await plan(village, first.id, "visit", leaver, date(2026, 6, 30))
    await plan(village, first.id, "review", chief, date(2026, 6, 30))
    screen = await registered(village)
    assert "2026-04-20 离任" in screen
    assert "共 40 户" in screen
    assert "今年还欠上户 1 次" in screen
    assert "周明登记了 2026-04-20 离任" in await village.heard("village")
    assert "在办的交接有 1 件" in await village.say("village", "交接")
    successor = await newcomer(village, "next", "赵新来")
    await village.tap("village", "周明 → 待定")
    await village.tap("village", "定接任的人")
    await village.tap("village", "赵新来")
    # Until they accept nothing has changed.
    assert {home for home, person in (await care(village)).items() if person == leaver} == before
    assert "请您接任周明" in await village.heard("next")
    await village.tap("next", "看交接")
    assert "接收了 40 户" in await village.tap("next", "全部接收（40 户）")
    assert {home for home, person in (await care(village)).items() if person == successor} == before
    assert (await only(village)).state == "accepted"
    # What was the leaver's to do is the successor's; what was the village's stays the village's.
    assert sorted(await owed(village, first.id)) == [("review", chief), ("visit", successor)]
    assert "已全部由赵新来接任" in await village.heard("cadre")
    assert "已全部由赵新来接任" in await village.heard("village")
    # The past stays under its name, the card shows the new contact, and the old one finds nothing.
    async with village.database.reading() as conn:
        history = await assignments.history(conn, first.id)
    assert [(each.person_id, each.until is None) for each in history] == [(leaver, False), (successor, True)]
    assert "帮扶责任人：赵新来" in await village.say("next", first.head_name)
    assert "没有农户" in await village.say("cadre", first.head_name)


async def test_a_long_questionnaire_in_hand_goes_on_with_the_successor(database: Database) -> None:
    """The checklist counts it, and whoever left cannot go on with it: nothing of it may be lost."""
    village = await Village.open(database, content=with_forms(VILLAGE, LONG.replace("false", "true")))
    leaver = await id_of(village, "cadre")
    await village.say("cadre", "王建新")
    await village.tap("cadre", "长表")
    await village.tap("cadre", "村情")
    await village.say("cadre", "1", "暂停")
    successor = await asked(village)
    assert "没填完的表 1 份" in await village.say("next", "交接") + await village.tap("next", "周明 → 赵新来")
    await village.tap("next", "全部接收")
    async with village.database.reading() as conn:
        [held] = await interviews.open_of(conn, successor)
        assert await interviews.open_of(conn, leaver) == []
        log = await answer_log.history(conn, held.id)
    assert [(each.key, each.person_id) for each in log] == [("1", leaver), (HOLDER, successor)]
    assert "已答 1/2" in await village.say("next", "继续")
    await village.say("next", "1200", "提交")
    assert "没有正在填的表" in await village.say("cadre", "继续")


async def test_household_by_household_the_rest_stays_with_whoever_leaves(village: Village) -> None:
    leaver = await id_of(village, "cadre")
    successor = await asked(village)
    await village.tap("next", "看交接")
    await village.tap("next", "一户一户看")
    await village.tap("next", "王建新")
    await village.tap("next", "接收这一户")
    assert "还有 7 户没接" in await village.heard("next")
    now = await care(village)
    assert sorted(now.values()).count(successor) == 1
    assert (await only(village)).state == "handover"
    assert "王建新" in await village.say("next", "王建新")
    assert "没有找到" in await village.say("next", "刘大山")
    # The rest is declined, and whoever leaves keeps it until somebody else follows.
    handover = await only(village)
    await village.tap_data("next", 1, f"y:no:{handover.id}")
    assert "另外定人" in await village.say("next", "路太远")
    assert (await only(village)).state == "leaving"
    assert "赵新来不能接任" in await village.heard("village")
    assert "路太远" in await village.heard("village")
    assert sorted((await care(village)).values()).count(leaver) == HOMES - 1
    other = await newcomer(village, "third", "钱再来")
    await village.tap_data("village", 1, f"y:n:{handover.id}:{other}")
    await village.tap_data("third", 1, f"y:ok:{handover.id}")
    assert (await only(village)).state == "accepted"
    assert sorted((await care(village)).values()).count(other) == 7
    async with village.database.reading() as conn:
        steps = [event.step for event in await handovers.events(conn, handover.id)]
    assert steps == ["registered", "named", "accepted", "declined", "named", "accepted"]


async def test_the_count_of_the_year_is_the_households(village: Village) -> None:
    """Visits that the one who leaves has made count for the successor."""
    leaver = await id_of(village, "cadre")
    async with village.database.transaction() as conn:
        home = (await visibility.find(conn, leaver, village.now, words="王建新")).items[0].id
    for month in (3, 6, 9):
        await plan(village, home, "visit", leaver, date(2026, month, 28))
    async with village.database.transaction() as conn:
        await duties.complete(conn, home, "visit", date(2026, 4, 2), None)
    await asked(village)
    handover = await only(village)
    await village.tap("next", "看交接")
    await village.tap("next", "一户一户看")
    await village.tap("next", "王建新")
    assert "今年上户 1/3 次" in await village.heard("next")
    await village.tap_data("next", 1, f"y:ok:{handover.id}")
    async with village.database.reading() as conn:
        rows = (await conn.execute(select(tables.duties.c.state, tables.duties.c.person_id))).all()
    successor = await id_of(village, "next")
    assert sorted((state, person) for state, person in rows) == [
        ("done_late", leaver),
        ("planned", successor),
        ("planned", successor),
    ]


# ------------------------------------------------------------------------------------------- who may what


@pytest.mark.parametrize("deed", ["h", "ok", "no", "x"])
async def test_a_hand_over_does_not_exist_for_whoever_has_no_part_in_it(village: Village, deed: str) -> None:
    await asked(village)
    await newcomer(village, "other", "孙旁人")
    await newcomer(village, "west", "吴柳湖", "柳湖村", "village")
    await newcomer(village, "admin", "管理员甲", "华容县", "admin")
    handover = await only(village)
    unknown = await village.tap_data("other", 1, f"y:{deed}:4711")
    for address in ("other", "west", "admin"):
        assert await village.tap_data(address, 1, f"y:{deed}:{handover.id}") == unknown
    assert (await only(village)) == handover


async def test_only_those_above_name_the_successor_and_only_a_cadre_of_the_place(village: Village) -> None:
    await newcomer(village, "far", "吴柳湖", "柳湖村")
    near = await newcomer(village, "near", "孙近处")
    await registered(village)
    handover = await only(village)
    far, chief = await id_of(village, "far"), await id_of(village, "village")
    assert "由接任的人来办" in await village.tap_data("cadre", 1, f"y:n:{handover.id}:{near}")
    for nobody in (far, chief, handover.person_id, 4711):
        assert "没有找到" in await village.tap_data("village", 1, f"y:n:{handover.id}:{nobody}")
    assert (await only(village)).successor_id is None
    assert "等孙近处确认" in await village.tap_data("township", 1, f"y:n:{handover.id}:{near}")


async def test_whoever_is_suspended_or_no_cadre_any_more_cannot_follow(village: Village) -> None:
    successor = await asked(village)
    async with village.database.transaction() as conn:
        [held] = await people.appointments_of(conn, successor, village.now)
        await people.dismiss(conn, held.id, village.now)
    handover = await only(village)
    await village.tap_data("next", 1, f"y:ok:{handover.id}")
    assert successor not in (await care(village)).values()
    async with village.database.transaction() as conn:
        await people.set_status(conn, successor, "suspended")
    assert "没有找到" in await village.tap_data("village", 1, f"y:n:{handover.id}:{successor}")


async def test_the_village_registers_for_somebody_and_calls_it_off(village: Village) -> None:
    await village.say("village", "人员 周明")
    await village.tap("village", "周明")
    await village.tap("village", "办交接")
    assert "没看懂" in await village.say("village", "很快")
    assert "为什么离开" in await village.say("village", "下周一")
    assert "2026-04-13 离任" in await village.say("village", "借调")
    assert "登记了 2026-04-13 离任" in await village.heard("cadre")
    # A second one for the same place is the same one.
    await village.say("village", "人员 周明")
    await village.tap("village", "周明")
    assert "2026-04-13 离任" in await village.tap("village", "办交接")
    assert "已撤回" in await village.tap("village", "撤回离任")
    assert (await only(village)).state == "withdrawn"
    assert "已经办完或撤回" in await village.tap_data("village", 1, f"y:x:{(await only(village)).id}")
    assert "现在没有在办的交接" in await village.say("village", "交接")


async def test_somebody_without_households_has_nothing_to_hand_over(village: Village) -> None:
    await newcomer(village, "next", "赵新来")
    assert "现在没有在办的交接" in await village.say("next", "交接")
    assert "不用办交接" in await village.tap_data("next", 1, "y:me")


async def test_buttons_of_another_time_do_nothing(village: Village) -> None:
    for data in ("y:", "y:h", "y:h:x", "y:ok:1:2:3", "y:at:1", "y:c:1:-1", "y:drop:1"):
        assert "以前的按钮" in await village.tap_data("cadre", 1, data)


# ------------------------------------------------------------------------------------------- the day passes


async def test_a_leaving_day_that_passes_is_told_at_once_to_the_village_and_the_unit(
    village: Village,
) -> None:
    unit = await newcomer(village, "unit", "郑局长", "华容县", "unit")
    async with village.database.transaction() as conn:
        await people.set_unit(conn, unit, "县水利局")
    await registered(village, "4月12日")
    assert "登记了 2026-04-12 离任" in await village.heard("unit")

    async def warned() -> int:
        async with village.database.transaction() as conn:
            return await left_behind.warn(conn, village.office, village.now)

    village.wait(days=2)
    assert await warned() == 0
    village.wait(days=1)
    assert await warned() == 1
    assert await warned() == 0
    await village.work()
    for address in ("village", "unit"):
        assert "还有 8 户没有交接" in await village.last(address)
    assert "🔴" in await village.tap("unit", "看交接")
    assert await alerts_open(village) == [("AL-25", "red")]
    await village.say("village", "预警")
    assert any("还有 8 户没有交接" in m.text for m in await village.screen("village"))
    async with village.database.reading() as conn:
        leaver = await id_of(village, "cadre")
        home = (await visibility.find(conn, leaver, village.now)).items[0].id
        told = await left_behind.also_told(conn, [home, 4711], village.now)
    assert told == {home: {await id_of(village, "village"), unit}}
    successor = await newcomer(village, "next", "赵新来")
    await village.tap_data("village", 1, f"y:n:{(await only(village)).id}:{successor}")
    await village.tap_data("next", 1, f"y:ok:{(await only(village)).id}")
    assert await alerts_open(village) == []


async def test_a_day_that_passes_after_the_successor_accepted_is_nobodys_worry(village: Village) -> None:
    await asked(village)
    await village.tap_data("next", 1, f"y:ok:{(await only(village)).id}")
    village.wait(days=30)
    async with village.database.transaction() as conn:
        assert await left_behind.warn(conn, village.office, village.now) == 0
        homes = (await conn.execute(select(tables.households.c.id))).scalars().all()
        assert await left_behind.also_told(conn, homes, village.now) == {}


# ------------------------------------------------------------------------------------------- ending a post


async def test_no_post_ends_while_households_would_be_left_behind(village: Village) -> None:
    await village.say("village", "人员 周明")
    await village.tap("village", "周明")
    told = await village.tap("village", "结束职务")
    assert "还有 8 户" in told
    await asked_by_name(village)
    await village.tap_data("next", 1, f"y:ok:{(await only(village)).id}")
    await village.say("village", "人员 周明")
    await village.tap("village", "周明")
    assert "为什么结束" in await village.tap("village", "结束职务")
    await village.say("village", "调回单位")
    assert "职务已结束" in await village.heard("village")
    assert "没有职务" in await village.say("cadre", "首页")


async def asked_by_name(village: Village) -> None:
    await village.tap("village", "办交接")
    await village.say("village", "4月20日", "调回单位")
    successor = await newcomer(village, "next", "赵新来")
    await village.tap_data("village", 1, f"y:n:{(await only(village)).id}:{successor}")


async def test_households_taken_over_while_the_reason_is_typed_keep_the_post(village: Village) -> None:
    """The successor's own post is asked to end; before the reason comes they accept eight households."""
    successor = await asked(village)
    await village.say("village", "人员 赵新来")
    await village.tap("village", "赵新来")
    await village.tap("village", "结束职务")
    await village.tap_data("next", 1, f"y:ok:{(await only(village)).id}")
    assert "还有 8 户" in await village.say("village", "不合适")
    async with village.database.reading() as conn:
        assert len(await people.appointments_of(conn, successor, village.now)) == 1


# ------------------------------------------------------------------------------------------- any order

CADRES = {"cadre": 1, "next": 5, "third": 6}
"""Addresses of those who are cadres, with the ids of themselves and of their posts."""
LEAVES = ("5月1日", "调回单位")
DEEDS = st.one_of(
    st.tuples(st.sampled_from(tuple(CADRES)), st.sampled_from([("y:ok:H",), ("y:no:H", "太远"), ("y:x:H",)])),
    st.tuples(st.sampled_from(tuple(CADRES)), st.integers(1, 9).map(lambda home: (f"y:t:H:{home}",))),
    st.tuples(st.sampled_from(tuple(CADRES)), st.just(("y:me", *LEAVES))),
    st.tuples(
        st.sampled_from(("village", "township")),
        st.sampled_from(tuple(CADRES.values())).flatmap(
            lambda id: st.sampled_from(
                [
                    (f"y:of:{id}", *LEAVES),
                    (f"y:n:H:{id}",),
                    (f"staff:e:{id}", "不干了"),
                    (f"staff:s:{id}", "停职"),
                    (f"staff:b:{id}", "查清了"),
                ]
            )
        ),
    ),
)
"""What people do, one after another: taps, and the words that are asked for. H is the newest hand-over."""


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batches=st.lists(st.lists(DEEDS, min_size=1, max_size=5), min_size=4, max_size=8))
async def test_in_whatever_order_every_household_has_one_responsible_cadre(
    village: Village, batches: list[list[tuple[str, tuple[str, ...]]]]
) -> None:
    """Two workers at once; the village goes on from one example to the next."""
    async with village.database.reading() as conn:
        known = await people.behind(conn, web_chat.CHANNEL, ["next", "third"])
    if not known:
        for address, name in (("next", "赵新来"), ("third", "钱再来")):
            assert await newcomer(village, address, name) == CADRES[address]
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for batch in batches:
        village.wait(minutes=1)
        async with village.database.reading() as conn:
            newest = (await conn.execute(select(func.max(tables.handovers.c.id)))).scalar_one() or 1
        for address, inputs in batch:
            for each in inputs:
                if ":" in each:
                    await village.chat.tap(address, 10**6, each.replace("H", str(newest)))
                else:
                    await village.chat.say(address, each)
        for _ in range(3 * len(batch)):
            await asyncio.gather(village.worker.turn(), other.turn())
        await village.work()
        now = await care(village)
        async with village.database.reading() as conn:
            assert await inbox.dead(conn) == []
            for person in set(now.values()) & set(CADRES.values()):
                held = await people.appointments_of(conn, person, village.now)
                assert "cadre" in {each.role for each in held}


# ------------------------------------------------------------------------------------------- at once


async def test_of_two_acceptances_at_once_each_household_goes_to_one(village: Village) -> None:
    successor = await asked(village)
    handover = await only(village)
    phones = ("next", "second phone")
    async with village.database.transaction() as conn:
        await people.bind(conn, people.Account(web_chat.CHANNEL, phones[1], successor))
    for phone in phones:
        await village.chat.tap(phone, 1, f"y:ok:{handover.id}")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for _ in range(3):
        await asyncio.gather(village.worker.turn(), other.turn())
    await village.work()
    assert list((await care(village)).values()).count(successor) == HOMES
    said = [await village.last(phone) for phone in phones]
    assert sum("接收了 8 户" in text for text in said) == 1


async def test_a_new_successor_named_while_the_old_one_accepts_never_doubles(village: Village) -> None:
    successor = await asked(village)
    third = await newcomer(village, "third", "钱再来")
    handover = await only(village)
    await village.chat.tap("next", 1, f"y:ok:{handover.id}")
    await village.chat.tap("village", 1, f"y:n:{handover.id}:{third}")
    await village.chat.tap("third", 1, f"y:ok:{handover.id}")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    for _ in range(3):
        await asyncio.gather(village.worker.turn(), other.turn())
    await village.work()
    now = list((await care(village)).values())
    assert sorted((now.count(successor), now.count(third))) in ([0, HOMES], [0, 0])
