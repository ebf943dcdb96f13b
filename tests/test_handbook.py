"""The examples of docs/handbook.zh.md can be done as they stand there and come out as it says."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import content, loading
from bot.rules.decide import decide
from bot.rules.loading import load_pack
from bot.rules.pack import Pack
from tests.rules.conftest import read_toml, surroundings
from tests.shipped import shipped

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "handbook.zh.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
GREEN = {
    "reg_status": 2,
    "handbook_income_per_capita": 9000,
    "return_risk": 2,
    "dibao_now": 1,
}


def blocks(kind: str, name: str | None = None) -> list[str]:
    """The examples of a kind, with that name or whatever name."""
    return [text for its_kind, its_name, text in BLOCKS if its_kind == kind and name in (None, its_name)]


def said(folder: Path, command: str) -> str:
    """What a command of the handbook prints, begun in `folder` as the county of the handbook."""
    words = command.removeprefix("$ python ").split()
    surroundings = {
        **os.environ,
        "COUNTY": "mycounty.toml",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    # Days off of the year to come, which are not published yet, are warned of in any autumn.
    lines = (done.stdout + done.stderr).splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("warning:"))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with the files that the handbook has one write."""
    for name in ("mycounty.toml", "households.csv"):
        (text,) = [text for _, its_name, text in BLOCKS if its_name == name]
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("example", blocks("console", ""))
def test_a_command_prints_what_the_handbook_shows(office: Path, example: str) -> None:
    command, _, shown = example.partition("\n")
    assert said(office, command) == shown


@pytest.mark.parametrize("block", [block for block in BLOCKS if block[1].startswith("mistake: ")])
def test_a_mistake_is_named_as_the_handbook_shows(office: Path, block: tuple[str, str, str]) -> None:
    right, wrong = block[1].removeprefix("mistake: ").split(" -> ")
    county = office / "mycounty.toml"
    county.write_text(county.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    command, _, shown = block[2].partition("\n")
    assert said(office, command) == shown


@pytest.mark.parametrize("example", blocks("toml", "county"))
def test_what_a_county_may_set_of_its_own_is_taken(office: Path, example: str) -> None:
    county = office / "mycounty.toml"
    county.write_text(f"{county.read_text(encoding='utf-8')}\n{example}", encoding="utf-8")
    assert content.check(content.in_county(str(county))) == []


def test_the_result_is_the_table_of_the_handbook(office: Path) -> None:
    said(office, blocks("console", "")[-1].partition("\n")[0])
    with (office / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        found = [
            [row[key] for key in ("编号", "verdict_name", "row", "to_verify")] for row in csv.DictReader(file)
        ]
    table = TEXT[TEXT.index("| 户 | 结果 |") :].splitlines()
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2 : 2 + len(found)]]
    assert found == shown


def test_what_the_handbook_quotes_stands_in_the_pack() -> None:
    pack = (ROOT / "bot" / "rules" / "packs" / "hr.toml").read_text(encoding="utf-8")
    quoted = blocks("toml", "")
    assert len(quoted) == 3
    assert [text for text in quoted if text not in pack] == []


def changed(data: dict[str, Any], **county: Any) -> Pack:
    """The four cards with what an example adds."""
    registry = {**shipped().registry, **loading.REGISTER}
    pack, problems = load_pack(data, surroundings(**county), registry, file="hr.toml")
    assert problems == []
    assert pack is not None
    return pack


def test_the_added_note_is_raised() -> None:
    data = read_toml("rules", "packs", "hr.toml")
    (example,) = blocks("toml", "hr.toml")
    data["flag"] += tomllib.loads(example)["flag"]
    assert "green_on_dibao" in decide(changed(data), GREEN, date(2020, 6, 1)).flags


def test_the_other_reading_counts() -> None:
    (example,) = blocks("toml", "option")
    county, problems = loading.read_county(
        {**tomllib.loads(blocks("toml", "mycounty.toml")[0]), **tomllib.loads(example)}, "mycounty.toml"
    )
    assert problems == []
    pack = changed(read_toml("rules", "packs", "hr.toml"), county=county)
    assert (pack.options["line_op"], shipped().packs["hr"].options["line_op"]) == ("<=", "<")
