"""Alerts reach those whom they concern, at once and once, and nobody else."""

from __future__ import annotations

import pytest

from bot.channels import web_chat
from bot.storage import alerts, assignments, people, regions, visibility
from bot.storage.people import Account, Person, Role
from tests.services.interviewer import begin, fill, hand_in, standing
from tests.services.village import Village

FOOD = "平常吃不饱"


async def appoint(village: Village, address: str, name: str, role: Role, region: str) -> Person:
    """Somebody more, with a chat of their own."""
    async with village.database.transaction() as conn:
        county = (await regions.children(conn, None))[0]
        place = next(r for r in await regions.subtree(conn, county.id) if r.name == region)
        person = await people.add(conn, name=name, unit=region)
        await people.appoint(conn, person_id=person.id, role=role, region_id=place.id, since=village.now)
        await people.bind(conn, Account(web_chat.CHANNEL, address, person.id))
    return person


async def household(village: Village, head: str) -> int:
    async with village.database.reading() as conn:
        county = (await people.behind(conn, web_chat.CHANNEL, ["county"]))["county"]
        return (await visibility.find(conn, county.id, village.now, words=head)).items[0].id


async def raised(village: Village, head: str) -> list[tuple[str, str, list[str]]]:
    """Code, level and recipients' names of the household's alerts."""
    home = await household(village, head)
    found = []
    async with village.database.reading() as conn:
        for alert in await alerts.open_of_household(conn, home):
            ids = [recipient.person_id for recipient in await alerts.recipients(conn, alert.id)]
            names = sorted(person.name for person in (await people.get_many(conn, ids)).values())
            found.append((alert.kind, alert.level, names))
    return found


async def hungry(village: Village, address: str = "cadre", head: str = "王建新") -> None:
    """Answer, in an open questionnaire, that there is not enough to eat."""
    await begin(village, address, head, "jd")
    await fill(village, address, "2")
    await village.say(address, "2")


async def test_a_missing_indicator_is_told_the_moment_it_is_answered_to_those_over_the_household(
    village: Village,
) -> None:
    await appoint(village, "stone", "石桥干部", "village", "石桥村")
    await appoint(village, "plum", "梅田湖干部", "township", "梅田湖镇")
    await hungry(village)
    assert (await standing(village, "cadre")).key == "3"  # the interview goes on
    for address in ("village", "township"):
        told = await village.last(address)
        assert FOOD in told
        assert "王建新" in told
        assert "民政局" in told
    for address in ("county", "stone", "plum"):
        assert await village.heard(address) == ""
    assert FOOD not in await village.last("cadre")
    assert await raised(village, "王建新") == [("AL-01", "red", ["李国强", "陈桂香"])]


async def test_answering_the_same_again_or_changing_to_and_fro_tells_nobody_twice(village: Village) -> None:
    await hungry(village)
    told = await village.heard("village")
    await village.say("cadre", "改 2", "2")
    await village.say("cadre", "改 2", "1")
    await village.say("cadre", "改 2", "2")
    await fill(village, "cadre")
    await village.say("cadre", "提交")
    assert (await village.heard("village")).count(FOOD) == told.count(FOOD) == 1
    assert [kind for kind, _, _ in await raised(village, "王建新")].count("AL-01") == 1


async def test_two_different_missing_indicators_are_two_alerts(village: Village) -> None:
    await hungry(village)
    await village.say("cadre", "2")
    assert [kind for kind, _, _ in await raised(village, "王建新")] == ["AL-01", "AL-01"]


async def test_the_responsible_cadre_hears_of_what_somebody_else_found(village: Village) -> None:
    await hungry(village, address="village", head="王建新")
    assert FOOD in await village.last("cadre")
    assert FOOD in await village.last("township")
    assert await raised(village, "王建新") == [("AL-01", "red", ["周明", "李国强"])]


@pytest.mark.parametrize(
    ("head", "form", "answers", "kind", "level", "told"),
    [
        ("王建新", "jd", {"6": "3"}, "AL-02", "yellow", ["village"]),
        ("王建新", "cs", {"2": "3000", "4.a": "2"}, "AL-03", "yellow", ["village", "township"]),
        ("曹有田", "cs", {"3": "3000", "5": "1"}, "AL-03", "yellow", ["village", "township"]),
        ("王建新", "vc", {"8": "1", "8.x1": "1", "8.x3": "3", "8.x4": "1"}, "AL-06", "yellow", ["township"]),
    ],
    ids=["AL-02", "AL-03 lifted", "AL-03 outside", "AL-06"],
)
async def test_a_questionnaire_handed_in_tells_what_it_found(
    village: Village, head: str, form: str, answers: dict[str, str], kind: str, level: str, told: list[str]
) -> None:
    await begin(village, "cadre", head, form)
    await fill(village, "cadre", answers=answers)
    heard = {address: await village.heard(address) for address in ("village", "township", "county")}
    assert set(heard.values()) == {""}
    await village.say("cadre", "提交")
    names = {"village": "陈桂香", "township": "李国强"}
    assert (kind, level, sorted(names[address] for address in told)) in await raised(village, head)
    for address in told:
        assert head in await village.heard(address)
    assert await village.heard("county") == ""


async def test_expenses_beyond_the_familys_means_are_told_to_the_township(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "jd")
    await hand_in(village, "cadre", "王建新", "cs", {"15.a": "40000"})
    assert ("AL-04", "red", ["李国强"]) in await raised(village, "王建新")
    assert "40,000" in await village.heard("township") or "40000" in await village.heard("township")


async def test_a_sudden_misfortune_is_told_at_once_to_township_and_county(village: Village) -> None:
    await begin(village, "cadre", "王建新", "vc")
    await fill(village, "cadre", "8.x1", {"8": "1"})
    await village.say("cadre", "7")
    assert (await standing(village, "cadre")).key == "8.x2"
    for address in ("township", "county"):
        assert "突发变故" in await village.last(address)
    assert await village.heard("village") == ""
    assert await raised(village, "王建新") == [("AL-05", "red", ["孙丽", "李国强"])]


async def test_the_same_misfortune_on_a_later_visit_is_told_again(village: Village) -> None:
    for _ in range(2):
        await hand_in(village, "cadre", "王建新", "vc", {"8": "1", "8.x1": "7", "2": "昨天"})
        village.wait(days=40)
    assert [kind for kind, _, _ in await raised(village, "王建新")] == ["AL-05", "AL-05"]


async def test_a_visit_without_risk_does_not_speak_of_the_risk_of_the_visit_before(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "vc", {"8": "1", "8.x1": "7", "2": "昨天"})
    village.wait(days=40)
    await hand_in(village, "cadre", "王建新", "vc", {"8": "2", "2": "昨天"})
    assert [kind for kind, _, _ in await raised(village, "王建新")] == ["AL-05"]


async def test_seen_is_recorded_once_and_the_alert_stays_in_the_list(village: Village) -> None:
    await hungry(village)
    assert "有 1 条预警等您看" in await village.say("village", "首页")
    message, data = await village.button("village", "已知晓")
    for _ in range(2):
        await village.tap_data("village", message, data)
    assert (await village.heard("village")).count("✓ 已知晓") == 1  # it stands in the alert's place
    assert "等您看" not in await village.say("village", "首页")
    await village.say("village", "预警")
    assert FOOD in await village.tap("village", "王建新")
    # The township's own alert is untouched by what the village did.
    assert "有 1 条预警等您看" in await village.say("township", "首页")


async def test_an_alert_is_handed_on_to_somebody_in_charge_and_leaves_the_givers_list(
    village: Village,
) -> None:
    await hungry(village)
    asked = await village.tap("township", "转交")
    assert "转交给谁" in asked
    assert "王建新" in asked
    offered = [b.label for m in await village.screen("township") for row in m.buttons for b in row]
    assert {"周明（县水利局）", "陈桂香（松树村村委会）", "孙丽（县扶贫办）"} <= set(offered)
    assert not any("李国强" in label for label in offered)
    said = await village.tap("township", "孙丽")
    assert "已转交给 孙丽" in said
    assert FOOD in await village.last("county")
    assert "没有要看的预警" in await village.say("township", "预警")
    assert "有 1 条预警" in await village.say("county", "预警")


async def test_an_alert_handed_on_is_no_longer_the_givers_to_see_or_give(village: Village) -> None:
    await hungry(village)
    _, seen = await village.button("township", "已知晓")
    message, give = await village.button("township", "转交")
    await village.tap("township", "转交")
    _, to = await village.button("township", "孙丽")
    await village.tap_data("township", message, to)
    heard = await village.heard("county")
    for data in (seen, give, to):
        assert "已经转交" in await village.tap_data("township", message, data)
    assert await village.heard("county") == heard


async def test_an_alert_that_is_handed_back_lies_with_the_first_again(village: Village) -> None:
    await hungry(village)
    await village.tap("township", "转交")
    await village.tap("township", "孙丽")
    await village.tap("county", "转交")
    await village.tap("county", "李国强")
    assert "没有要看的预警" in await village.say("county", "预警")
    assert "有 1 条预警" in await village.say("township", "预警")
    assert "有 1 条预警等您看" in await village.say("township", "首页")


async def test_whoever_asks_to_hand_on_may_think_better_of_it(village: Village) -> None:
    await hungry(village)
    await village.tap("township", "转交")
    assert FOOD in await village.tap("township", "不转了")
    assert "有 1 条预警" in await village.say("township", "预警")


async def test_an_alert_cannot_be_handed_to_somebody_who_is_not_in_charge(village: Village) -> None:
    outsider = await appoint(village, "stone", "石桥干部", "village", "石桥村")
    await hungry(village)
    message, data = await village.button("township", "转交")
    alert = data.split(":")[1]
    for to in (outsider.id, 4711):
        said = await village.tap_data("township", message, f"a:{alert}:to:{to}")
        assert "没有找到" in said
    assert await village.heard("stone") == ""
    assert "有 1 条预警" in await village.say("township", "预警")


async def test_somebody_who_was_not_told_cannot_mark_or_hand_on(village: Village) -> None:
    await hungry(village)
    _, data = await village.button("township", "已知晓")
    assert "不在您手上" in await village.tap_data("county", 1, data)
    assert "不在您手上" in await village.tap_data("county", 1, data.replace("seen", "to"))
    assert [people for _, _, people in await raised(village, "王建新")] == [["李国强", "陈桂香"]]


async def test_an_alert_of_another_region_is_as_if_it_did_not_exist(village: Village) -> None:
    await appoint(village, "stone", "石桥干部", "village", "石桥村")
    await hungry(village)
    _, data = await village.button("township", "已知晓")
    alert = data.split(":")[1]
    for action in ("seen", "to", "show", "to:1"):
        mine = await village.tap_data("stone", 1, f"a:{alert}:{action}")
        nobodys = await village.tap_data("stone", 1, f"a:987654:{action}")
        assert mine == nobodys
    assert "没有要看的预警" in await village.say("stone", "预警")


async def test_whoever_loses_a_household_loses_sight_of_its_alerts(village: Village) -> None:
    await hungry(village, address="village")
    assert "有 1 条预警" in await village.say("cadre", "预警")
    other = await appoint(village, "new", "新干部", "cadre", "松树村")
    home = await household(village, "王建新")
    async with village.database.transaction() as conn:
        await assignments.assign(conn, home, other.id, village.now)
    assert "没有要看的预警" in await village.say("cadre", "预警")
    assert "预警" not in await village.say("cadre", "首页")


async def test_a_suspended_person_is_told_nothing(village: Village) -> None:
    async with village.database.transaction() as conn:
        person = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        await people.set_status(conn, person.id, "suspended")
    await hungry(village)
    assert await village.heard("village") == ""
    assert FOOD in await village.last("township")


async def test_the_summary_under_an_alert_opens_for_its_recipient(village: Village) -> None:
    await hungry(village)
    assert "王建新" in await village.tap("township", "计划摘要")
