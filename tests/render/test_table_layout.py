"""The layouts of tables: what an office may reword, and what is wrong with a file that cannot be used."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bot.content import SHIPPED
from bot.render.table_layout import WordMissing, read_layout
from bot.render.table_view import Row
from bot.services.reports.registry import REPORTS
from tests.shipped import shipped

GOOD = """
[report]
id = "X-1"
name = "一张表"
words = ["一张表"]

[[sheet]]
id = "main"
name = "表"
title = "{region}一张表"
about = ["截至{until}"]
notes = ["共 {count} 户"]

[[sheet.column]]
id = "place"
head = "地方"

[[sheet.column]]
id = "count"
head = ["户数", "小计"]
kind = "integer"
total = true

[words]
none = "{what}还没有"
"""


def read(text: str) -> Any:
    return read_layout(tomllib.loads(text), "X-1.toml")


def test_a_layout_is_filled_with_facts_rows_and_notes() -> None:
    layout, problems = read(GOOD)
    assert problems == []
    facts = {"region": "清河县", "until": "6月30日", "count": 3}
    sheet = layout.sheet("main").filled([Row({"place": "甲村"})], facts, notes=["再注"])
    assert (sheet.title, sheet.about, sheet.notes) == ("清河县一张表", ("截至6月30日",), ("共 3 户", "再注"))
    assert [column.head for column in sheet.columns] == [("地方",), ("户数", "小计")]
    assert layout.say("none", what="名单") == "名单还没有"
    assert layout.short == "一张表"


@pytest.mark.parametrize(
    ("wrong", "right", "what"),
    [
        ('id = "X-1"', 'id = "X-2"', "the id is X-2"),
        ('name = "表"', "", "name is missing"),
        ('kind = "integer"', 'kind = "integr"', "unknown kind integr"),
        ('id = "count"', 'id = "place"', "two columns are called place"),
        ('id = "main"', 'id = "main"\nmerged = ["plce"]', "merged names no column plce"),
        ('id = "main"', 'id = "main"\npaper = "A5"', "unknown paper A5"),
        ('id = "main"', 'id = "main"\nlandscpe = true', "unknown key landscpe"),
        ("{what}还没有", "{what还没有", "expected '}' before end of string"),
    ],
)
def test_a_defect_is_named(wrong: str, right: str, what: str) -> None:
    assert wrong in GOOD
    layout, problems = read(GOOD.replace(wrong, right, 1))
    assert layout is None
    assert any(what in str(problem) for problem in problems), problems


def test_a_word_that_is_missing_is_named_with_the_file_to_add_it_to() -> None:
    layout, _ = read(GOOD)
    with pytest.raises(WordMissing, match=r"no word nobody: add it to templates/ledgers/X-1\.toml"):
        layout.say("nobody")


def test_every_report_has_its_layout_and_every_layout_its_report() -> None:
    assert sorted(shipped().layouts) == sorted(REPORTS)
    assert {path.stem for path in (SHIPPED.templates / "ledgers").glob("*.toml")} == set(REPORTS)
