"""Putting off needs a reason, shows to whoever is above, and may be refused; leaving undone needs consent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.channels import web_chat
from bot.storage import duties, people, postponements
from bot.storage.duties import Duty
from tests.services.test_reminding import DUE, add, at, kept, tick, visit
from tests.services.village import Village


@pytest.fixture
async def duty(village: Village) -> Duty:
    """A visit of which the cadre was just reminded."""
    found = await visit(village)
    await tick(village, DUE - timedelta(days=14))
    return found


async def test_a_reminder_is_put_off_with_a_reason_that_the_village_sees_at_once(
    village: Village, duty: Duty
) -> None:
    assert "缓几天" in await village.tap("cadre", "缓一缓")
    assert "为什么要缓到 2026-04-23" in await village.tap("cadre", "7 天")
    assert "写得太短" in await village.say("cadre", "忙")
    assert "缓到 2026-04-23" in await village.say("cadre", "户主外出务工，二十三号回来")
    seen = await village.last("village")
    assert "户主外出务工，二十三号回来" in seen
    assert "周明" in seen
    assert "王建新" in seen
    for n in range(1, 7):
        assert await tick(village, date(2026, 4, 16) + timedelta(days=n)) == 0
    assert await tick(village, date(2026, 4, 23)) == 1
    assert await tick(village, DUE) == 1  # its day stays what it was
    assert await tick(village, DUE + timedelta(days=3)) == 1


async def test_what_is_put_off_beyond_its_day_is_copied_that_much_later(village: Village, duty: Duty) -> None:
    village.at[0] = at(DUE, 10)
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "14 天")
    await village.say("cadre", "山洪断路，修通再去")
    put_off = DUE + timedelta(days=14)
    told = [n for n in range(1, 30) if await tick(village, DUE + timedelta(days=n))]
    assert told == [14, 17, 21]
    known = await kept(village, duty)
    assert known.due == DUE
    async with village.database.reading() as conn:
        assert await postponements.put_off_until(conn, [duty.id]) == {duty.id: put_off}


async def test_the_supervisor_refuses_and_the_duty_comes_as_before(village: Village, duty: Duty) -> None:
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "14 天")
    await village.say("cadre", "最近比较忙，下月再去")
    message, data = await village.button("village", "不同意")
    assert "已告诉 周明" in await village.tap("village", "不同意")
    assert "陈桂香 不同意缓办" in await village.last("cadre")
    assert "已经有人定了" in await village.tap_data("village", message, data)
    told = [n for n in range(-13, 10) if await tick(village, DUE + timedelta(days=n))]
    assert told == [0, 3, 7]


async def test_to_leave_it_undone_needs_the_consent_of_whoever_is_above(village: Village, duty: Duty) -> None:
    await village.tap("cadre", "缓一缓")
    assert "上级同意了才算数" in await village.tap("cadre", "不用办了")
    assert "等上级同意" in await village.say("cadre", "全家已迁到县城，户口也迁走")
    assert (await kept(village, duty)).state == "reminded"
    assert "请示" in await village.last("village")
    assert "已同意 周明" in await village.tap("village", "同意不办")
    assert "陈桂香 同意" in await village.last("cadre")
    assert (await kept(village, duty)).state == "waived"
    assert not any([await tick(village, DUE + timedelta(days=n)) for n in range(10)])


async def test_a_wish_that_is_refused_leaves_everything_as_it_was(village: Village, duty: Duty) -> None:
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "不用办了")
    await village.say("cadre", "这一户好像不用走访")
    assert "不同意，还要按时办" in await village.tap("village", "不同意")
    assert "不同意不办" in await village.last("cadre")
    assert [n for n in range(-13, 4) if await tick(village, DUE + timedelta(days=n))] == [0, 3]


async def test_nobody_but_the_doer_puts_off_and_nobody_but_the_superior_decides(
    village: Village, duty: Duty
) -> None:
    await add(village, "stranger", "cadre", 3)
    message, _ = await village.button("cadre", "缓一缓")
    for address in ("stranger", "county"):
        for action in ("", ":later", ":later:7", ":waive", ":done", ":no", ":yes"):
            said = await village.tap_data(address, message, f"j:{duty.id}{action}")
            assert "王建新" not in said or (address, action) == ("county", "")
    assert "不归您办" in await village.tap_data("village", message, f"j:{duty.id}:later")
    assert "不归您办" in await village.tap_data("cadre", message, f"j:{duty.id}:yes")
    assert "已经有人定了" in await village.tap_data("village", message, f"j:{duty.id}:no")
    for rest in ("", "x", "99999", f"{duty.id}:later:x", f"{duty.id}:what", "all:x", "-1"):
        assert await village.tap_data("cadre", message, f"j:{rest}")
    assert (await kept(village, duty)).state == "reminded"


async def test_a_button_offers_no_more_days_than_are_offered(village: Village, duty: Duty) -> None:
    message, _ = await village.button("cadre", "缓一缓")
    assert "2026-04-30" in await village.tap_data("cadre", message, f"j:{duty.id}:later:999999")


async def test_what_was_done_meanwhile_can_no_longer_be_put_off(village: Village, duty: Duty) -> None:
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "7 天")
    async with village.database.transaction() as conn:
        await duties.complete_one(conn, duty.id, DUE)
    assert "已经了结" in await village.say("cadre", "户主外出务工")
    message, _ = await village.button("cadre", "3 天")
    assert "已经了结" in await village.tap_data("cadre", message, f"j:{duty.id}:later:3")
    await village.tap_data("cadre", message, f"j:{duty.id}")
    assert "已经办好" in await village.heard("cadre")


async def test_at_night_the_supervisor_hears_of_it_in_the_morning(village: Village, duty: Duty) -> None:
    village.at[0] = at(date(2026, 4, 17), 23)
    before = await village.heard("village")
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "3 天")
    await village.say("cadre", "户主明天去县里看病")
    assert await village.heard("village") == before
    village.at[0] = at(date(2026, 4, 18))
    await village.work()
    assert "户主明天去县里看病" in await village.last("village")


async def test_the_list_of_what_is_due_leads_to_putting_off(village: Village, duty: Duty) -> None:
    await village.say("cadre", "待办")
    assert "要办的事有 1 件" in await village.tap("cadre", "缓一缓")
    assert "2026-04-30 到期" in await village.tap("cadre", "王建新")
    async with village.database.transaction() as conn:
        await duties.cancel(conn, [duty.id])
    message, _ = await village.button("cadre", "看这一户")
    assert "没有要办的事" in await village.tap_data("cadre", message, "j:all:0")
    await village.tap_data("cadre", message, f"j:{duty.id}")
    assert "已经不用办了" in await village.heard("cadre")
    assert "没有过期的事" in await village.tap_data("village", message, "j:late:0")


async def test_without_anybody_above_nothing_can_be_waived(village: Village, duty: Duty) -> None:
    async with village.database.transaction() as conn:
        for address in ("village", "township", "county"):
            who = (await people.behind(conn, web_chat.CHANNEL, [address]))[address]
            await people.set_status(conn, who.id, "suspended")
    await village.tap("cadre", "缓一缓")
    await village.tap("cadre", "不用办了")
    assert "没有找到可以同意的上级" in await village.say("cadre", "全家已迁到县城")
