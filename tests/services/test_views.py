"""What each role sees first, and the lists behind it: counts of one's own region only."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import content
from bot.services import views_counts
from bot.storage import assignments, duties, households, people, regions
from bot.storage.duties import NewDuty
from bot.storage.households import NewHousehold
from bot.storage.people import Account
from bot.storage.regions import Region
from tests.services.interviewer import hand_in
from tests.services.village import Village

TODAY = date(2026, 4, 10)


async def somebody(village: Village, address: str, name: str, post: str, place: str, unit: str = "") -> int:
    """Somebody with a post at an address of the page."""
    async with village.database.transaction() as conn:
        role = village.office.content.offices.posts[post].role
        person = await people.add(conn, name=name, unit=unit)
        await people.appoint(
            conn,
            person_id=person.id,
            role=role,  # type: ignore[arg-type]
            region_id=(await places(village))[place].id,
            since=village.now - timedelta(days=9),
            post=post,
        )
        await people.bind(conn, Account("web", address, person.id))
    return person.id


async def places(village: Village) -> dict[str, Region]:
    """The regions of the sample village by name."""
    async with village.database.reading() as conn:
        (top,) = await regions.children(conn, None)
        return {each.name: each for each in await regions.subtree(conn, top.id)}


async def owe(village: Village, head: str, kind: str, due: date, *, text: str = "上户走访") -> None:
    """A duty of the cadre at a household."""
    async with village.database.transaction() as conn:
        (home,) = await households.named(conn, head)
        who = (await assignments.responsible(conn, [home.id]))[home.id]
        begins = due.replace(day=1)
        said = {"text": text, "turn": 1, "turns": 1, "clause": ""}
        new = NewDuty(home.id, kind, due, "hr:F-02", begins, None, said, who, role="cadre")
        await duties.plan(conn, [new])


async def labels(village: Village, address: str) -> list[str]:
    """The buttons of the last message."""
    message = [each for each in await village.screen(address) if not each.mine][-1]
    return [button.label for row in message.buttons for button in row]


async def test_a_helper_sees_what_is_first_and_what_is_owed(village: Village) -> None:
    await owe(village, "王建新", "visit", date(2026, 4, 30))
    await owe(village, "刘大山", "visit", date(2026, 4, 2))
    await owe(village, "马维平", "contact", date(2026, 4, 30), text="联络")
    text = await village.say("cadre", "首页")
    assert "先办：刘大山 上户走访 ⏰04-02" in text
    assert "上户 0/1，联络 0/1" in text
    assert len([line for line in text.splitlines() if line]) <= 12


async def test_a_home_without_anything_says_so(village: Village) -> None:
    text = await village.say("cadre", "首页")
    assert "眼下没有到期的事" in text
    assert "先办" not in text
    assert "上户 0" not in text


async def test_a_township_sees_its_villages_in_the_registers_order(village: Village) -> None:
    await owe(village, "王建新", "monitor", date(2026, 4, 30))
    await owe(village, "刘大山", "visit", date(2026, 4, 2))
    text = await village.say("township", "首页")
    assert text.index("松树村：本月监测 0/1，过期 1 件") < text.index("石桥村：本月没有要监测的")
    assert "柳湖村" not in text
    shown = await village.tap("township", "各地进度")
    assert "松树村" in shown
    assert "过期 1 件" in shown
    shown = await village.tap("township", "松树村")
    assert "1 户有过期的事，排在前面" in shown
    assert (await labels(village, "township"))[0].startswith("⏰刘大山")
    assert "刘大山" in await village.tap("township", "刘大山")


async def test_an_inspector_sees_counts_and_no_household(village: Village) -> None:
    await owe(village, "刘大山", "visit", date(2026, 4, 2))
    await somebody(village, "inspector", "严正", "discipline", "华容县")
    text = await village.say("inspector", "首页")
    assert "东山镇：过期没办 1 件" in text
    assert "刘大山" not in await village.heard("inspector")
    top = (await places(village))["华容县"].id
    for data in (f"z:v{top}:0", f"z:h{(await places(village))['松树村'].id}:0"):
        assert "刘大山" not in await village.tap_data("inspector", 1, data)


async def test_whoever_sees_no_place_has_no_button_to_one(village: Village) -> None:
    await somebody(village, "inspector", "严正", "discipline", "华容县")
    await somebody(village, "unit", "江水清", "unit_leader", "华容县", "县水利局")
    for who in ("inspector", "unit"):
        await village.say(who, "首页")
        assert not any("的表" in label for label in await labels(village, who))
    await village.say("county", "首页")
    assert "县里的表" in await labels(village, "county")


async def test_whoever_was_only_asked_for_something_reads_no_cards_in_lists(village: Village) -> None:
    await hand_in(village, "cadre", "王建新", "cs")
    await somebody(village, "unit", "江水清", "unit_leader", "华容县", "县水利局")
    for who, reads in (("cadre", True), ("unit", False)):
        await village.say(who, "首页")
        await village.tap(who, "我的户")
        shown = [label for label in await labels(village, who) if label.startswith("王建新")]
        assert shown
        assert ("卡" in shown[0] or "待核实" in shown[0]) is reads, shown


def test_the_tour_names_buttons_that_there_are() -> None:
    messages = Path(__file__).resolve().parents[2] / "templates" / "messages"
    words = {each.stem: each.read_text(encoding="utf-8") for each in messages.glob("*.j2")}
    tour = words.pop("tour")
    forms = "".join(f"%}}{form.short}%}}{form.name}" for form in content.load().latest_forms())
    said = "".join([*words.values(), forms, *re.findall("macro check.*", tour)])
    named = set(re.findall("点(?:右上角)?“([^”]+)”", tour))
    assert len(named) > 10
    assert {each for each in named if f"%}}{each}" not in said} == set()
    typed = set(re.findall("[，；：]打“([^”]+)”", tour))
    commands = (messages.parents[1] / "bot" / "dialogs" / "commands.toml").read_text(encoding="utf-8")
    assert {each for each in typed if f'"{each}"' not in commands} == set()


async def test_a_unit_sees_the_visits_of_its_people_counted_by_household(village: Village) -> None:
    await owe(village, "王建新", "visit", date(2026, 4, 30))
    await somebody(village, "unit", "江水清", "unit_leader", "华容县", "县水利局")
    text = await village.say("unit", "首页")
    assert "县水利局的干部一共帮扶 8 户" in text
    assert "上户 0/1" in text
    assert "周明" not in text  # households are counted, nobody is compared


async def test_a_department_without_anything_handed_to_it_says_so(village: Village) -> None:
    await somebody(village, "housing", "温建设", "housing", "华容县")
    assert "没有交办到您这里的事" in await village.say("housing", "首页")


async def test_a_supervisor_sees_whether_the_ten_points_are_reported(village: Village) -> None:
    await somebody(village, "supervisor", "段学军", "supervision_leader", "松树村")
    text = await village.say("supervisor", "首页")
    assert "督战十项：还没报过" in text
    assert "没有没销号的问题" in text


@pytest.mark.parametrize("data", ["z:v{石桥村}:0", "z:h{石桥村}:0", "z:v{华容县}:0", "z:h{石桥村}:9999999"])
async def test_a_place_of_others_does_not_exist(village: Village, data: str) -> None:
    known = {name: str(region.id) for name, region in (await places(village)).items()}
    await somebody(village, "head", "何书记", "village_secretary", "松树村")
    answer = await village.tap_data("head", 1, data.format(**known))
    assert "没有找到" in answer
    assert "石桥" not in answer


async def test_a_long_list_is_turned_and_a_shorter_one_begins_anew(village: Village) -> None:
    region = (await places(village))["石桥村"]
    async with village.database.transaction() as conn:
        for number in range(11):
            await households.add(
                conn,
                NewHousehold(
                    region_id=region.id,
                    village_group="一组",
                    head_name=f"石户{number:02}",
                    initials=f"sh{number}",
                    created_at=village.now,
                ),
            )
    first = await village.tap_data("township", 1, f"z:h{region.id}:0")
    assert "12 户" in first
    assert "第 1—8 户" in first
    assert "第 9—12 户" in await village.tap("township", "下一页")
    assert "第 1—8 户" in await village.tap_data("township", 1, f"z:h{region.id}:400")


async def test_the_places_of_a_region_add_up(village: Village) -> None:
    await owe(village, "刘大山", "visit", date(2026, 4, 2))
    known = await places(village)
    async with village.database.reading() as conn:
        county = await views_counts.progress(conn, village.office, known["华容县"], TODAY)
        town = await views_counts.progress(conn, village.office, known["东山镇"], TODAY)
        alone = await views_counts.progress(conn, village.office, known["松树村"], TODAY)
    assert [each.region.name for each in county] == ["东山镇", "梅田湖镇"]
    assert [each.region.name for each in town] == ["松树村", "石桥村"]
    assert [each.region.name for each in alone] == ["松树村"]
    assert county[0].homes == sum(each.homes for each in town)
    assert county[0].late == alone[0].late == 1
    assert alone[0].unknown == alone[0].homes  # nobody has been asked yet


async def test_there_is_no_tour_outside_the_practice_county(village: Village) -> None:
    await village.say("cadre", "首页")
    assert not [label for label in await labels(village, "cadre") if "导览" in label]
    assert "导览只在练习用的示例县里有" in await village.say("cadre", "导览")
    assert "以前的按钮" in await village.tap_data("cadre", 1, "z:begin")
