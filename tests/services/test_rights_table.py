"""Who may do what: every action against everybody; whoever may not learns nothing and changes nothing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.services import desk
from bot.storage import alerts, cases, duties, households, people, problems, regions, tables
from bot.storage.alerts import NewAlert
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.problems import NewProblem
from tests.services.case_storytelling import CasePlayer, CaseStory, Turn, open_story
from tests.services.interviewer import YELLOW
from tests.services.village import Village, loaded

TABLE = tomllib.loads((Path(__file__).parents[1] / "rights.toml").read_text(encoding="utf-8"))
ACTIONS: dict[str, dict[str, Any]] = {action["id"]: action for action in TABLE["action"]}
EVERYBODY: tuple[str, ...] = tuple(TABLE["everybody"])
HEAD = "王建新"
NOBODY = 999_999
"""An id that nothing has: what is said of it is said of all that one may not see."""
OWN = ("open", "see", "chats", "inbox", "outbox", "lanes", "audit")
"""Tables that every message touches."""
CAST = [
    {"address": "helper", "name": "周明", "post": "helper", "region": "松树村"},
    {"address": "colleague", "name": "同村帮扶", "post": "helper", "region": "松树村", "unit": "县农业局"},
    {"address": "secretary", "name": "何书记", "post": "village_secretary", "region": "松树村"},
    {"address": "next_village", "name": "邻村干部", "post": "village_cadre", "region": "石桥村"},
    {"address": "next_township", "name": "邻镇干部", "post": "township_office", "region": "梅田湖镇"},
    {"address": "department", "name": "住建干部", "post": "housing", "region": "华容县"},
    {"address": "other_department", "name": "水利干部", "post": "water", "region": "华容县"},
    {"address": "unit", "name": "单位领导", "post": "unit_leader", "region": "华容县", "unit": "县水利局"},
    {
        "address": "other_unit",
        "name": "别的单位",
        "post": "unit_leader",
        "region": "华容县",
        "unit": "县林业局",
    },
    {"address": "inspector", "name": "纪检干部", "post": "discipline", "region": "华容县"},
    {"address": "admin", "name": "管理员", "post": "admin", "region": "华容县"},
    {"address": "suspended", "name": "停用干部", "post": "county_office", "region": "华容县"},
]
HANDED_OVER = "后墙裂了一道缝"
SECRETS = ("户主尿毒症要透析", "在民间借了八万元")
"""What an alert and a problem tell that lie with nobody but the people in charge."""
ALIAS = {"helper": "cadre"}
"""The cadre of the sample village is the helper of the table."""


@dataclass(frozen=True)
class Stage:
    """A household with everything that one may ask for, and everybody who may ask."""

    village: Village
    ids: dict[str, int]

    async def does(self, who: str, action: dict[str, Any], **instead: int) -> str:
        """Everything that `who` reads when trying the action (on other ids)."""
        address = ALIAS.get(who, who)
        before = {m.id: m.text for m in await self.village.screen(address)}
        if "say" in action:
            await self.village.say(address, action["say"])
        else:
            data = action["tap"].format(**{**self.ids, **instead})
            await self.village.tap_data(address, max(before, default=1), data)
        after = await self.village.screen(address)
        return "\n".join(m.text for m in after if not m.mine and before.get(m.id) != m.text)

    async def written(self) -> dict[str, Any]:
        """How many rows every table has that a deed could write to."""
        async with self.village.database.reading() as conn:
            wanted = [table for table in tables.metadata.sorted_tables if table.name not in OWN]
            return {
                table.name: (await conn.execute(select(func.count()).select_from(table))).scalar_one()
                for table in wanted
            }


async def stage(database: Database) -> Stage:
    """A household in the care of a helper, with a case, an alert, a problem and a duty."""
    cast = [each for each in CAST if each["address"] != "helper"]
    story = CaseStory("rights", "hr_card", "", date(2020, 3, 20), "huarong", HEAD, cast, [])
    village = await open_story(database, story)
    player = CasePlayer(village, story)
    await player.act(Turn(who="cadre", fills="cs", answers=YELLOW))
    await player.act(Turn(who="cadre", opens="初核申报", answers={"1.d": "黄卡"}))
    async with database.transaction() as conn:
        home = (await households.named(conn, HEAD))[0]
        cadre = (await people.behind(conn, "web", ["cadre"]))["cadre"]
        township = (await people.behind(conn, "web", ["township"]))["township"]
        out = (await people.behind(conn, "web", ["suspended"]))["suspended"]
        await people.set_status(conn, out.id, "suspended")
        case = (await cases.of_subject(conn, _subject(home.id)))[0]
        now = village.now
        named = NewProblem(home.id, None, "2.1", 1, "confirmed", village.now, description=HANDED_OVER)
        handed_over = await problems.add(conn, named)
        assert handed_over is not None
        new = cases.NewCase(
            "problem", home.id, None, "assigned", now, None, now, None, handed_over, department="housing"
        )
        case_handed_over = await cases.add(conn, new)
        said = {"text": SECRETS[0], "departments": [], "clause": ""}
        alert = await alerts.raise_(conn, NewAlert(home.id, "AL-05", "red", "x", said, now))
        assert alert is not None
        await alerts.send(conn, alert, [township.id], village.now)
        ill = NewProblem(home.id, None, "4.1", 1, "confirmed", village.now, description=SECRETS[1])
        problem = await problems.add(conn, ill)
        assert problem is not None
        duty = NewDuty(
            home.id,
            "visit",
            date(2020, 3, 25),
            "hr:F-02",
            date(2020, 3, 1),
            None,
            {"text": "上户", "turn": 1, "turns": 4, "clause": ""},
            cadre.id,
        )
        await duties.plan(conn, [duty])
        mine = next(each for each in await duties.open_of_household(conn, home.id) if each.due == duty.due)
    ids = {"household": home.id, "region": home.region_id, "case": case.id, "alert": alert}
    ids |= {"problem": problem, "handed_over": handed_over, "case_handed_over": case_handed_over}
    return Stage(village, ids | {"duty": mine.id, "person": cadre.id})


def _subject(home: int) -> Any:
    from bot.storage.subjects import Subject

    return Subject("household", home)


def may(action: dict[str, Any]) -> set[str]:
    """Those for whom the action works."""
    groups = {"in_charge": TABLE["in_charge"], "seeing": TABLE["seeing"]}
    return {who for each in action["may"] for who in groups.get(each, [each])}


def test_every_role_every_command_and_every_button_stands_in_the_table() -> None:
    covered = {name for action in ACTIONS.values() for name in action["covers"]}
    words = loaded().commands
    commands = {*words.whole.values(), *(id for _, id in words.openings)}
    # What steers one's own open questionnaire; signatures, files and the tour have such tests of their own.
    assert commands - desk.OF_THE_OPEN - {"help", "signatures", "roster", "tour"} <= covered
    own_buttons = {"i", "b", "e", "s", "c", "x", "r", "t", "l", "v", "u", "z"}
    assert {*desk.ROOMS, *"hnpfaqogdm"} - own_buttons <= covered
    roles = {each.get("post") for each in CAST}
    posts = loaded().offices.posts
    held = {posts[post].role for post in roles if post in posts} | {
        "village",
        "township",
        "county",
        "department",
    }
    assert held == set(loaded().offices.roles)
    assert {who for action in ACTIONS.values() for who in may(action)} <= set(EVERYBODY)


@pytest.mark.parametrize("id", ACTIONS)
async def test_whoever_may_not_learns_nothing_and_changes_nothing(database: Database, id: str) -> None:
    action, here = ACTIONS[id], await stage(database)
    nothing = dict.fromkeys(here.ids, NOBODY)
    for who in (each for each in EVERYBODY if each not in may(action)):
        before = await here.written()
        read = await here.does(who, action)
        assert await here.written() == before, f"{who} changed something"
        if who in may(ACTIONS["card"]):
            continue  # whoever sees the household may be told why they cannot do this
        assert HEAD not in read.replace(f"“{HEAD}”", ""), f"{who} reads {read!r}"
        if "tap" in action:
            assert read == await here.does(who, action, **nothing), f"{who} can tell that it exists"


@pytest.mark.parametrize("id", ACTIONS)
async def test_whoever_may_can(database: Database, id: str) -> None:
    action, here = ACTIONS[id], await stage(database)
    nothing = dict.fromkeys(here.ids, NOBODY)
    for who in (each for each in EVERYBODY if each in may(action)):
        read = await here.does(who, action)
        assert action["shows"] in read, f"{who} reads {read!r}"
        if "tap" in action:
            assert read != await here.does(who, action, **nothing), f"{who} reads {read!r} of nothing too"
        assert who != "stranger"


async def test_whoever_was_asked_for_something_is_told_of_nothing_else(database: Database) -> None:
    """A department and the helper's unit know of the household; illness and debts are not theirs to see."""
    here = await stage(database)
    lists = [{"say": said} for said in ("首页", "预警", "问题", "待办", "办理", f"查 {HEAD}", "线索", "签字")]
    for who in TABLE["seeing"]:
        read = [await here.does(who, action) for action in [*ACTIONS.values(), *lists]]
        assert [each for each in read if any(secret in each for secret in SECRETS)] == []
        assert any(HANDED_OVER in each for each in read) == (who == "department")
        assert not any("建议卡别" in each or "收入" in each for each in read), who
    heard = "\n".join(
        [m.text for who in TABLE["in_charge"] for m in await here.village.screen(ALIAS.get(who, who))]
    )
    assert not any(secret in heard for secret in SECRETS)
    told = [await here.does("township", ACTIONS[id]) for id in ("alert", "problem")]
    assert [secret in each for secret, each in zip(SECRETS, told, strict=True)] == [True, True]


async def test_regions_of_the_table_are_those_of_the_sample(database: Database) -> None:
    here = await stage(database)
    async with database.reading() as conn:
        found = await regions.get(conn, here.ids["region"])
    assert found is not None
    assert found.name == "松树村"
