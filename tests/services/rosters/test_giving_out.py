"""Rosters given out and taken in again: nothing changes, and masked numbers stand for what is recorded."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.services.rosters.exporting import export
from bot.services.rosters.layout import FILE, layout_problems
from bot.services.rosters.taking_in import silent
from bot.storage import regions
from tests.services.rosters.desk_work import COUNTY, NOW, Desk, number, told
from tests.services.village import loaded


async def given_out(desk: Desk, *, with_numbers: bool, name: str = "华容县") -> bytes:
    """The roster of a region as a file."""
    out = io.BytesIO()
    async with desk.database.reporting() as conn:
        tree = [
            each for top in await regions.children(conn, None) for each in await regions.subtree(conn, top.id)
        ]
        region = next(each for each in tree if each.name == name)
        await export(
            conn, desk.office, desk.layout, region, out, NOW, with_numbers=with_numbers, progress=silent
        )
    return out.getvalue()


def test_a_layout_that_is_not_in_order_is_told_before_anybody_needs_it(tmp_path: Path) -> None:
    assert layout_problems(loaded()) == []
    own = tmp_path / "layout.toml"
    said = FILE.read_text(encoding="utf-8").replace('kind = "phone"', 'kind = "fone"')
    own.write_text(said.replace('id = "address"', 'id = "adress"'), encoding="utf-8")
    assert [each.what for each in layout_problems(loaded(), own)] == [
        "there is no kind fone",
        "the column is missing",
        "the column is not known",
    ]
    own.write_text("name = ", encoding="utf-8")
    assert [each.id for each in layout_problems(loaded(), own)] == ["toml"]


@pytest.mark.parametrize("with_numbers", [True, False])
async def test_what_went_out_comes_in_without_a_change(desk: Desk, with_numbers: bool) -> None:
    await desk.take(COUNTY)
    before = [await desk.all(name) for name in await desk.rows()]
    outcome, found = await desk.take(await given_out(desk, with_numbers=with_numbers))
    assert told(found) == []
    assert outcome.plan.is_empty
    assert outcome.plan.counts()["unchanged"] == 2
    assert [await desk.all(name) for name in await desk.rows()] == before


async def test_numbers_are_whole_only_when_asked_for(desk: Desk, tmp_path: Path) -> None:
    await desk.take(COUNTY)
    masked = desk.read(await given_out(desk, with_numbers=False))
    whole = desk.read(await given_out(desk, with_numbers=True))
    assert {each.head_id_number for each in whole.households} == {number(11), number(22)}
    assert all("*" in (each.head_id_number or "*") for each in masked.households)
    assert all("*" in (each.phone or "*") for each in masked.households)
    assert all("*" in (member.id_number or "*") for each in masked.households for member in each.members)


async def test_a_village_goes_out_alone(desk: Desk) -> None:
    await desk.take(COUNTY)
    found = desk.read(await given_out(desk, with_numbers=True, name="松树村"))
    assert [each.head_name for each in found.households] == ["王建新"]
    assert [each.name for each in found.people] == ["周明", "陈桂香"]


async def test_a_masked_number_that_does_not_fit_changes_nothing(desk: Desk) -> None:
    await desk.take(COUNTY)
    rows = [
        {
            "code": "SS-1",
            "town": "东山镇",
            "village": "松树村",
            "head_name": "王建新",
            "phone": "139******00",
        },
        {
            "town": "东山镇",
            "village": "松树村",
            "head_name": "新来的",
            "head_id_number": "430*************12",
        },
    ]
    outcome, found = await desk.take({"households": rows})
    assert told(found) == [
        ("农户", 2, "联系电话", "masked_differs"),
        ("农户", 3, "户主身份证号", "masked_new"),
    ]
    assert not outcome.written


async def test_a_number_of_the_records_is_no_code_of_the_county(desk: Desk) -> None:
    await desk.take(COUNTY)
    row = {"code": "#4711", "town": "东山镇", "village": "松树村", "head_name": "某某"}
    _, found = await desk.take({"households": [row]})
    assert told(found) == [("农户", 2, "户编号", "number_unknown")]
