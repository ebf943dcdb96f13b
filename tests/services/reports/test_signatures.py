"""The register of signatures: who signed, when, whose copy is where, what is missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from bot.rules.calendar import Period
from bot.services.reports.signatures import REPORTS
from bot.storage import cases, interviews, signature_shares
from bot.storage import signatures as records
from bot.storage.cases import NewCase
from bot.storage.database import Database
from bot.storage.interviews import NewInterview
from bot.storage.signatures import How, NewSignature, NewSigning
from bot.storage.subjects import Subject
from tests.databases import database, database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.reports.handed_papers import hand_in
from tests.services.reports.little_county import Little, Opened, by, noon

(REGISTER,) = REPORTS
SIX, FOUR = "一户一策（六方）", "两类户（四方四份）"
GP = {
    "town_cadre_signature": "钱包村",
    "party_secretary_signature": "孙书记",
    "village_head_signature": "李主任",
    "work_team_leader_signature": "周队长",
    "helper_signature": "方助",
    "household_signature": "安一",
    "plan_signed_month": "2020-04",
}
GS = {
    "household_signature": "白二",
    "monitor_signature": "吴监测",
    "village_signer_post": 2,
    "village_signature": "郑书记",
    "town_secretary_signature": "王书记",
    "signed_in_person": 1,
    "plan_signed_on": "2020-05-06",
    "plan_copies_kept": [1, 3],
}


@pytest.fixture
async def here(database: Database) -> Little:  # noqa: F811
    """One household with either plan, and one with both."""
    here = await Little.open(database, "huarong")
    for village, head in (("东村", "安一"), ("西村", "白二"), ("南村", "常三")):
        await here.home(village, head)
    await signed(here, "安一", "gp", date(2020, 4, 20), **GP)
    await signed(here, "白二", "gs", date(2020, 5, 6), **GS)
    return here


async def signed(here: Little, head: str, form: str, on: date, **answers: Any) -> None:
    await hand_in(here, Subject("household", here.homes[head]), form, on, **answers)


def of(opened: Opened, sheet: str) -> dict[Any, Any]:
    return by([row for row in opened.rows(sheet, "序号") if isinstance(row["序号"], int)], "户主")


async def test_six_sign_the_one_and_four_the_other(here: Little) -> None:
    opened = await here.opened(REGISTER, "样县")
    six, four = of(opened, SIX), of(opened, FOUR)
    assert (list(six), list(four)) == (["安一"], ["白二"])
    parties = [value for head, value in six["安一"].items() if head.startswith("六方签字")]
    assert parties == ["钱包村", "孙书记", "李主任", "周队长", "方助", "安一"]
    assert (six["安一"]["签字年月"], six["安一"]["还缺"]) == ("2020-04", None)
    row = four["白二"]
    assert [row[f"四方签字/{who}"] for who in ("农户", "监测员", "村级签字人", "乡镇党委书记")] == [
        "白二",
        "吴监测",
        "郑书记",
        "王书记",
    ]
    assert (row["四方签字/村级签字人身份"], row["是否代签"], row["签字日期"]) == (
        "驻村第一书记",
        "否",
        datetime(2020, 5, 6),
    )
    assert [row[f"留存/{who}"] for who in ("农户", "监测员", "村委会", "乡镇")] == ["√", None, "√", None]
    assert row["还缺"] == "监测员一份、乡镇一份"


async def test_what_is_missing_is_named(here: Little) -> None:
    await signed(
        here, "常三", "gs", date(2020, 5, 9), household_signature="常三", plan_signed_on="2020-05-09"
    )
    row = of(await here.opened(REGISTER, "乙镇"), FOUR)["常三"]
    assert row["还缺"] == (
        "监测员签字、村级签字人签字、乡镇党委书记签字、本人签字的说明、农户一份、监测员一份、村委会一份、乡镇一份"
    )
    assert row["是否代签"] is None
    await signed(here, "常三", "gp", date(2020, 5, 10), household_signature="常三")
    six = of(await here.opened(REGISTER, "乙镇"), SIX)["常三"]
    assert six["还缺"].startswith("乡镇包村干部签字、村党支部书记签字")
    assert of(await here.opened(REGISTER, "乙镇"), FOUR)["常三"]["四方签字/农户"] == "常三"


async def test_a_plan_signed_anew_starts_from_nothing(here: Little) -> None:
    await signed(
        here,
        "白二",
        "gs",
        date(2020, 6, 2),
        **{**GS, "plan_copies_kept": None, "plan_signed_on": "2020-06-02"},
    )
    row = of(await here.opened(REGISTER, "西村"), FOUR)["白二"]
    assert row["签字日期"] == datetime(2020, 6, 2)
    assert row["还缺"] == "农户一份、监测员一份、村委会一份、乡镇一份"
    before = Period(date(2020, 1, 1), date(2020, 5, 31))
    row = of(await here.opened(REGISTER, "西村", period=before), FOUR)["白二"]
    assert (row["签字日期"], row["还缺"]) == (datetime(2020, 5, 6), "监测员一份、乡镇一份")


async def test_what_another_hand_signed_must_be_signed_again(here: Little) -> None:
    await signed(here, "白二", "gs", date(2020, 6, 2), **{**GS, "signed_in_person": 2})
    opened = await here.opened(REGISTER, "西村")
    assert of(opened, FOUR)["白二"]["是否代签"] == "须重签"
    (why,) = [cell.comment.text for line in opened.made[FOUR].iter_rows() for cell in line if cell.comment]
    assert "不得由他人代签" in why


async def test_what_is_begun_is_counted_for_today_only(here: Little) -> None:
    async with here.database.transaction() as conn:
        new = NewInterview(here.homes["常三"], "gs", 1, here.cadre, {}, noon(date(2020, 6, 1)))
        await interviews.start(conn, new)
    assert "还有1份计划开了头没有交" in (await here.opened(REGISTER, "样县")).words(FOUR)
    assert "开了头" not in (await here.opened(REGISTER, "样县")).words(SIX)
    before = Period(date(2020, 1, 1), date(2020, 5, 31))
    assert "开了头" not in (await here.opened(REGISTER, "样县", period=before)).words()


async def test_a_plan_that_nobody_has_takes_no_sheet(here: Little) -> None:
    made = await here.opened(REGISTER, "东村")
    assert made.names == [SIX]
    assert f"{FOUR}：到这一天还没有签好字交上来的计划" in made.words()
    assert (await here.opened(REGISTER, "西村")).names == [FOUR]
    assert (await here.opened(REGISTER, "样县")).names == [SIX, FOUR]


async def laid(here: Little, head: str, form: str, on: date, *given: tuple[str, str, str, How, str]) -> int:
    """A plan handed in and laid before everybody that day, signed by party, name, post, way and note."""
    interview = await hand_in(here, Subject("household", here.homes[head]), form, on, plan_signing_way=1)
    async with here.database.transaction() as conn:
        home, at = here.homes[head], noon(on)
        earlier = await records.of_household(conn, home, form)
        for each in earlier:
            await records.supersede(conn, each.id)
        case = await cases.add(conn, NewCase(f"{form}_plan", home, None, "complete", at, None, at, interview))
        new = NewSigning(case, home, interview, form, len(earlier) + 1, "x", b"x", at, None)
        id = await records.begin(conn, new)
        for party, name, post, how, note in given:
            signature = NewSignature(id, party, here.cadre, name, post, how, note, None, "x", at)
            await records.sign(conn, signature)
    return id


async def test_signatures_in_the_chat_are_told_with_day_and_way(here: Little) -> None:
    signing = await laid(
        here,
        "白二",
        "gs",
        date(2020, 6, 3),
        ("household", "白二", "helper", "drawn", ""),
        ("monitor", "方助", "helper", "account", ""),
        ("village", "何书记", "first_secretary", "account", ""),
    )
    row = of(await here.opened(REGISTER, "西村"), FOUR)["白二"]
    assert row["四方签字/农户"] == "白二（2020-06-03手写）"
    assert row["四方签字/村级签字人"] == "何书记（2020-06-03本人账号）"
    assert row["四方签字/村级签字人身份"] == "第一书记"
    assert (row["四方签字/乡镇党委书记"], row["是否代签"], row["签字日期"]) == (None, "否", None)
    assert row["还缺"].startswith("乡镇党委书记签字、农户一份")
    async with here.database.transaction() as conn:
        at = noon(date(2020, 6, 5))
        await records.sign(
            conn,
            NewSignature(
                signing, "township", here.cadre, "宋书记", "township_secretary", "account", "", None, "x", at
            ),
        )
        await signature_shares.give(conn, signing, "village", here.cadre, at)
    row = of(await here.opened(REGISTER, "西村"), FOUR)["白二"]
    assert (row["签字日期"], row["还缺"]) == (datetime(2020, 6, 5), "农户一份、监测员一份、乡镇一份")
    assert [row[f"留存/{who}"] for who in ("农户", "监测员", "村委会", "乡镇")] == [None, None, "√", None]
    earlier = Period(date(2020, 1, 1), date(2020, 6, 4))
    assert of(await here.opened(REGISTER, "西村", period=earlier), FOUR)["白二"]["签字日期"] is None
    before = Period(date(2020, 1, 1), date(2020, 5, 31))
    assert of(await here.opened(REGISTER, "西村", period=before), FOUR)["白二"]["四方签字/农户"] == "白二"


async def test_a_changed_plan_waits_for_all_signatures_again_and_a_void_one_is_none(here: Little) -> None:
    await laid(here, "安一", "gp", date(2020, 6, 3), ("household", "安一", "helper", "photo", ""))
    await laid(here, "安一", "gp", date(2020, 6, 8), ("household", "安二", "helper", "photo", "安一在外务工"))
    row = of(await here.opened(REGISTER, "东村"), SIX)["安一"]
    assert row["六方签字/农户"] == "安二（2020-06-08由他人代签：安一在外务工）"
    assert (row["六方签字/村主任"], row["签字年月"]) == (None, None)
    assert row["交表日期"] == datetime(2020, 6, 8)
    async with here.database.transaction() as conn:
        last = (await records.of_household(conn, here.homes["安一"], "gp"))[-1]
        (given,) = (await records.valid(conn, [last.id]))[last.id]
        await records.void(conn, given.id, noon(date(2020, 6, 10)))
    assert of(await here.opened(REGISTER, "东村"), SIX)["安一"]["六方签字/农户"] is None
    earlier = Period(date(2020, 1, 1), date(2020, 6, 9))
    assert of(await here.opened(REGISTER, "东村", period=earlier), SIX)["安一"]["六方签字/农户"] is not None
