"""Papers in sentences: what is printed of a sentence, what vanishes, and what an author is told."""

from __future__ import annotations

import copy
import json
import random
import re
import time
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogs.form import NUMBERS, Form, Item
from bot.dialogs.lint_conditions import Surroundings
from bot.problems import Problem
from bot.render.messages import TEMPLATES
from bot.render.narrative import Block, Paper, PaperText, compose, units_of
from bot.render.narrative_mending import Mender
from bot.render.narrative_reading import read_paper
from bot.render.narrative_words import SHIPPED, read_words, shipped
from bot.rules.parameters import values_at
from tests.dialogs.building import written
from tests.shipped import shipped as content

DAY = date(2020, 4, 20)
FILE = "t.toml"
AROUND = Surroundings(["param_line"], {"member": ("name", "age")})
WORDS = shipped()

QUESTIONS = """
[[section]]
id = "s2"
name = "第二节"
[[roster]]
id = "person"
name = "家里人"
count = "n"
title = "name"
[[roster]]
id = "job"
name = "务工"
count = "jn"
title = "place"
[[item]]
id = "a"
section = "s"
fact = "head_name"
kind = "text"
label = "户主"
text = "？"
[[item]]
id = "b"
section = "s"
fact = "size"
kind = "integer"
label = "人口"
text = "？"
[[item]]
id = "c"
section = "s"
fact = "poor"
kind = "select_one"
label = "属性"
text = "？"
options = [{ code = 1, label = "一般户" }, { code = 2, label = "低保户" }]
[[item]]
id = "d"
section = "s"
fact = "causes"
kind = "select_multiple"
label = "原因"
text = "？"
options = [{ code = 1, label = "因病" }, { code = 2, label = "因学" }, { code = 3, label = "因残" }]
[[item]]
id = "e"
section = "s"
fact = "since"
kind = "year"
label = "年度"
text = "？"
ask_if = "poor == 2"
[[item]]
id = "f"
section = "s"
fact = "income"
kind = "money"
label = "收入"
text = "？"
[[item]]
id = "g"
section = "s"
fact = "visited"
kind = "date"
label = "日期"
text = "？"
[[item]]
id = "h"
section = "s"
fact = "moved"
kind = "month"
label = "日期"
text = "？"
[[item]]
id = "i"
section = "s2"
fact = "head_phone"
kind = "phone"
label = "电话"
text = "？"
[[item]]
id = "j"
section = "s2"
fact = "head_number"
kind = "id_number"
label = "证件号码"
text = "？"
[[item]]
id = "k"
section = "s2"
fact = "per_head"
kind = "calculate"
label = "人均"
calc = "round(income / size, 2)"
[[item]]
id = "l"
section = "s2"
fact = "below"
kind = "calculate"
label = "低于标准"
calc = "per_head < param_line"
[[item]]
id = "t2018.a"
section = "s2"
fact = "goal_2018"
kind = "money"
label = "目标"
text = "？"
[[item]]
id = "t2019.a"
section = "s2"
fact = "goal_2019"
kind = "money"
label = "目标"
text = "？"
[[item]]
id = "n"
section = "s2"
fact = "person_count"
kind = "integer"
label = "几口人"
text = "？"
ask_if = "size > 0"
[[item]]
id = "p1"
section = "s2"
repeat = "person"
fact = "name"
kind = "person"
label = "姓名"
text = "？"
[[item]]
id = "p2"
section = "s2"
repeat = "person"
fact = "age"
kind = "integer"
label = "年龄"
text = "？"
[[item]]
id = "p3"
section = "s2"
repeat = "person"
fact = "relation"
kind = "text"
label = "关系"
text = "？"
[[item]]
id = "p4"
section = "s2"
repeat = "person"
fact = "school"
kind = "text"
label = "学校"
text = "？"
ask_if = "age < 16"
[[item]]
id = "p5"
section = "s2"
repeat = "person"
fact = "grown"
kind = "calculate"
label = "成年"
calc = "age >= 18"
fold = { fact = "grown_people", calc = "count(person, age >= 18)" }
[[item]]
id = "q"
section = "s2"
fact = "photo"
kind = "image"
label = "照片"
text = "？"
[[item]]
id = "jn"
section = "s2"
fact = "job_count"
kind = "integer"
label = "务工"
text = "？"
[[item]]
id = "j1"
section = "s2"
repeat = "job"
fact = "place"
kind = "text"
label = "地点"
text = "？"
"""
FORM = written(QUESTIONS)
EVERYTHING = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "k", "l", "t{Y}.a", "n"]
ROWS = ["p1", "p2", "p3", "p4", "p5", "jn", "j1"]

FULL: Mapping[str, Any] = {
    "head_name": "张三",
    "size": 4,
    "poor": 2,
    "causes": [1, 3],
    "since": 2014,
    "income": 12000.5,
    "visited": "2020-03-05",
    "moved": "2019-11",
    "head_phone": "13900000000",
    "head_number": "622900190001010000",
    "goal_2018": 3000,
    "goal_2019": 4000.25,
    "person_count": 3,
    "person": [
        {"name": "李四", "age": 12, "relation": "儿子", "school": "村小学"},
        {"name": "张三", "age": 40, "relation": "户主"},
        {"name": "王五", "age": None, "relation": "妻子"},
    ],
}


def tables(*blocks: Mapping[str, Any] | str, silent: list[str] | None = None, **head: Any) -> dict[str, Any]:
    """The tables of a paper; a text alone is a body."""
    listed = [{"as": "body", "text": each} if isinstance(each, str) else dict(each) for each in blocks]
    paper = {"form": "t", "title": "计划", "silent": EVERYTHING + ROWS if silent is None else silent, **head}
    return {"paper": paper, "block": listed}


def heading(level: int, text: str, **more: Any) -> dict[str, Any]:
    return {"as": f"heading{level}", "text": text, **more}


def problems_of(*blocks: Mapping[str, Any] | str, **head: Any) -> list[Problem]:
    """What is wrong with a paper, but for what is silent in vain."""
    found = read_paper(tables(*blocks, **head), FORM, None, FILE, around=AROUND)[1]
    return [each for each in found if each.id != "silent"]


def text_of(*blocks: Mapping[str, Any] | str, **head: Any) -> PaperText:
    text, problems = read_paper(tables(*blocks, **head), FORM, None, FILE, around=AROUND)
    assert [each for each in problems if each.id != "silent"] == []
    assert text is not None
    return text


def paper(*blocks: Mapping[str, Any] | str, facts: Mapping[str, Any] = FULL, **head: Any) -> Paper:
    return compose(text_of(*blocks, **head), facts, on=DAY, parameters={"line": 3500.0}, units=lambda _: "")


def printed(*blocks: Mapping[str, Any] | str, facts: Mapping[str, Any] = FULL) -> list[str]:
    return [block.text for block in paper(*blocks, facts=facts).blocks]


def but(**changed: Any) -> dict[str, Any]:
    """The full facts with some of them changed."""
    return {**FULL, **changed}


# ------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        ("{a}", "张三"),
        ("{b}", "4"),
        ("{c}", "低保户"),
        ("{d}", "因病、因残"),
        ("{e}", "2014"),
        ("{f}", "12000.5"),
        ("{g}", "2020年3月5日"),
        ("{h}", "2019年11月"),
        ("{i}", "13900000000"),
        ("{k}", "3000.13"),
        ("{l}", "是"),
        ("{t2019.a}", "4000.25"),
        ("{param:line}", "3500"),
        ("{boxes:c}", "□一般户　☑低保户"),
        ("{boxes:d}", "☑因病　□因学　☑因残"),
        ("{ a }", "张三"),
        ("{a!}", "张三"),
    ],
)
def test_an_answer_is_printed_in_words(gap: str, said: str) -> None:
    assert printed(gap) == [said]


@pytest.mark.parametrize(
    ("fact", "value", "gap", "said"),
    [
        ("poor", 9, "{c}", "9"),
        ("visited", "去年冬天", "{g}", "去年冬天"),
        ("moved", "2019", "{h}", "2019"),
        ("head_name", " 张\u0001三\n", "{a}", "张三"),
        ("per_head", 7.0, "{k}", "7"),
        ("size", 0, "{b}", "0"),
    ],
)
def test_an_answer_out_of_the_ordinary_is_printed_as_it_is(
    fact: str, value: object, gap: str, said: str
) -> None:
    assert printed(gap, facts=but(**{fact: value})) == [said]


@pytest.mark.parametrize("nothing", [None, "", " ", []])
def test_an_empty_answer_is_none(nothing: object) -> None:
    facts = but(head_name=nothing, causes=nothing if isinstance(nothing, list) else None)
    assert printed("甲{a}", "乙{d}", facts=facts) == []
    assert paper("甲{a!}", "乙{d!}", facts=facts).blanks == ("户主", "原因")


def test_what_the_form_works_out_is_unknown_without_its_parts() -> None:
    assert printed("人均{k}元", facts=but(income=None)) == []
    assert printed("人均{k}元", facts=but(size=0)) == []


def test_folds_are_worked_out_too() -> None:
    row = [{"name": "甲", "age": 20}, {"name": "乙", "age": 3}]
    assert printed("[?grown_people == 1: 一个大人]", facts=but(person=row)) == ["一个大人"]


def item(id: str, kind: str, *more: str) -> str:
    """An item of a small form; its fact is its id with an f in front."""
    said = "" if kind == "calculate" else 'text = "？"'
    head = [
        "[[item]]",
        f'id = "{id}"',
        'section = "s"',
        f'fact = "f{id}"',
        f'kind = "{kind}"',
        'label = "题"',
    ]
    return "\n".join((*head, said, *more, ""))


def test_figures_that_rest_on_each_other_stay_unknown() -> None:
    form = written(item("x", "calculate", 'calc = "fy + 1"') + item("y", "calculate", 'calc = "fx + 1"'))
    text, _ = read_paper(tables("[{x}]完", "{y!}", silent=[]), form, None, FILE)
    assert text is not None
    made = compose(text, {}, on=DAY, parameters={}, units=lambda _: "")
    assert [block.text for block in made.blocks] == ["完", "（待补）"]


def test_a_question_whose_id_is_a_number_is_printed_outside_of_headings() -> None:
    form = written(item("1", "integer"))
    text, problems = read_paper(tables(heading(1, "{1}．甲"), "{1}口人", silent=[]), form, None, FILE)
    assert problems == []
    assert text is not None
    made = compose(text, {"f1": 7}, on=DAY, parameters={}, units=lambda _: "")
    assert [block.text for block in made.blocks] == ["1．甲", "7口人"]


# ------------------------------------------------------------------------------------------ clauses


@pytest.mark.parametrize(
    ("text", "facts", "said"),
    [
        ("户主{a}，[家中{b}人，]完", {}, ["户主张三，家中4人，完"]),
        ("户主{a}，[家中{b}人，]完", {"size": None}, ["户主张三，完"]),
        ("户主{a}，[家中{b}人，]完", {"head_name": None}, []),
        ("户主{a!}，家中{b}人", {"size": None}, []),
        ("[外[内{b}]{a}]完", {"size": None}, ["外张三完"]),
        ("[外[内{b}]{a}]完", {"head_name": None}, ["完"]),
        # an item that is not asked
        ("[{e}年纳入]完", {}, ["2014年纳入完"]),
        ("[{e}年纳入]完", {"poor": 1}, ["完"]),
        ("[{e!}年纳入]完", {"poor": 1}, ["完"]),
        ("{e!}年纳入完", {"poor": 1}, []),
        ("[{e}年纳入]完", {"poor": None}, ["完"]),
        ("[{e!}年纳入]完", {"poor": None}, ["（待补）年纳入完"]),
        # a clause that only introduces others
        ("完[，其中[甲{b}][乙{f}]]", {}, ["完，其中甲4乙12000.5"]),
        ("完[，其中[甲{b}][乙{f}]]", {"size": None}, ["完，其中乙12000.5"]),
        ("完[，其中[甲{b}][乙{f}]]", {"size": None, "income": None}, ["完"]),
        ("[[甲{b}][乙{f}]。]", {"size": None, "income": None}, []),
        ("本户[甲{b}]", {"size": None}, ["本户"]),
        # alternatives
        ("[{b}人|人数不详]", {}, ["4人"]),
        ("[{b}人|人数不详]", {"size": None}, ["人数不详"]),
        ("[{b}人|{f}元|都不详]", {"size": None}, ["12000.5元"]),
        ("[{b}人|{f}元]完", {"size": None, "income": None}, ["完"]),
        ("[{b!}人|没有]", {"size": None}, ["（待补）人"]),
        ("[{b}人|没登记[，收入{f}元]]", {"size": None, "income": None}, ["没登记"]),
        ("[其中[{b}人][{f}元]|都不详]", {"size": None, "income": None}, ["都不详"]),
        ("[[{b}人][{f}元]|都不详]", {"size": None, "income": None}, ["都不详"]),
        # conditions
        ("[?poor == 2: 低保]完", {}, ["低保完"]),
        ("[?poor == 2: 低保]完", {"poor": 1}, ["完"]),
        ("[?poor == 2: 低保]完", {"poor": None}, ["完"]),
        ("[?poor == 1: 甲|?poor == 2: 乙|丙]", {}, ["乙"]),
        ("[?poor == 1: 甲|?poor == 2: 乙|丙]", {"poor": None}, ["丙"]),
        ("[?poor in [1, 2] and head_name != ':]': 甲：{a}]", {}, ["甲：张三"]),
        ("[?size > 3: 多{f}]完", {"income": None}, ["完"]),
        # gaps for figures of the law
        ("[{param:line!}元]", {}, ["3500元"]),
    ],
)
def test_a_clause_vanishes_whole_or_is_printed_whole(
    text: str, facts: dict[str, Any], said: list[str]
) -> None:
    assert printed(text, facts=but(**facts)) == said


def test_signs_of_the_language_are_printed_behind_a_backslash() -> None:
    assert printed(r"\[甲\] \{乙\} \| \\ [\?{a}\|]") == [r"[甲] {乙} | \ ?张三|"]


def test_a_line_break_in_a_text_is_none_in_the_paper() -> None:
    assert printed("户主{a}，\n    家中{b}人。\n") == ["户主张三，家中4人。"]


def test_boxes_stand_empty_where_a_needed_answer_is_missing() -> None:
    found = paper("属性：{boxes:c!}", "原因：[{boxes:d}]", facts={})
    assert found.blocks == (Block("body", "属性：□一般户　□低保户"), Block("body", "原因"))
    assert found.blanks == ("属性",)


# ------------------------------------------------------------------------------------------- blanks


def test_blanks_are_listed_in_their_order_and_once() -> None:
    found = paper("{b!}{a!}", "[{b!}]{f}", "{a!}", facts={"income": 3})
    assert [block.text for block in found.blocks] == ["（待补）（待补）", "（待补）3", "（待补）"]
    assert found.blanks == ("人口", "户主")


def test_a_blank_whose_clause_vanished_is_not_listed() -> None:
    assert paper("[{a!}{b}]完", "{f!}{b}", facts={}).blanks == ()


def test_blanks_of_an_alternative_that_was_not_printed_are_not_listed() -> None:
    assert paper("[{a!}{b}|{f!}]", facts={}).blanks == ("收入",)


def test_labels_that_several_questions_have_name_their_section() -> None:
    assert paper("{g!}{t2018.a!}", facts={}).blanks == ("日期（节）", "目标（第二节）")


def test_blanks_of_rows_name_the_row() -> None:
    rows = [{"name": "甲"}, {"age": 3}]
    found = paper({"as": "body", "for": "person", "text": "{p2!}岁"}, facts=but(person=rows))
    assert found.blanks == ("甲的年龄",)
    assert [block.text for block in found.blocks] == ["（待补）岁", "3岁"]
    found = paper({"as": "body", "for": "person", "text": "{p1!}"}, facts=but(person=rows))
    assert found.blanks == ("2的姓名",)


def test_the_sign_for_a_blank_is_the_papers() -> None:
    assert paper("{a!}", facts={}, blank="____").blocks == (Block("body", "____"),)


def test_the_title_has_gaps_too() -> None:
    assert paper("完", title="{a!}的计划").title == "张三的计划"
    empty = paper("完", title="{a!}的计划", facts={})
    assert (empty.title, empty.blanks) == ("（待补）的计划", ("户主",))
    assert paper("完", title="{a}的计划", facts={}).title == ""


# --------------------------------------------------------------------------------------------- rows


def test_a_paragraph_goes_through_the_rows() -> None:
    block = {"as": "body", "for": "person", "text": "{p1}[，{p2}岁][，在{p4}上学]"}
    assert printed(block) == ["李四，12岁，在村小学上学", "张三，40岁", "王五"]


def test_rows_are_sorted_as_the_paper_says() -> None:
    block = {"as": "body", "for": "person", "by": "relation", "order": ["户主", "妻子"], "text": "{p1}"}
    assert printed(block) == ["张三", "王五", "李四"]
    assert printed({**block, "order": ["女儿"]}) == ["李四", "张三", "王五"]


def test_conditions_look_into_the_row_and_then_into_the_household() -> None:
    block = {"as": "body", "for": "person", "when": "age > 18 and size == 4", "text": "{p1}[?grown: 成年]"}
    assert printed(block) == ["张三成年"]
    assert printed(block, facts=but(size=5)) == []


def test_a_fact_of_a_row_that_is_unknown_is_not_looked_for_in_the_household() -> None:
    block = {"as": "body", "for": "person", "text": "{p1}[，{p2}岁]"}
    assert printed(block, facts=but(age=99)) == ["李四，12岁", "张三，40岁", "王五"]


def test_household_answers_may_stand_in_the_sentence_of_a_row() -> None:
    block = {"as": "body", "for": "person", "text": "{a}家的{p1}"}
    assert printed(block, facts=but(name="别人"))[0] == "张三家的李四"


def test_rows_of_what_the_household_is_not_asked_are_not_printed() -> None:
    block = {"as": "body", "for": "person", "text": "{p1}"}
    assert printed(block, facts=but(size=0)) == []
    assert len(printed(block, facts=but(size=None))) == 3


def test_a_condition_on_a_row_does_not_look_in_the_household_for_what_the_row_leaves_open() -> None:
    block = {"as": "body", "for": "person", "text": "{p1}[?age == 99: 很老]"}
    assert printed(block, facts=but(age=99))[-1] == "王五"


# -------------------------------------------------------------------------------------------- years


def test_neighbours_with_the_same_years_go_round_together() -> None:
    years = [2018, 2019]
    found = printed(
        heading(2, "{Y}年", each=years),
        {"as": "body", "each": years, "text": "收入{t{Y}.a}元[?goal_{Y} > 3500: ，高]"},
    )
    assert found == ["2018年", "收入3000元", "2019年", "收入4000.25元，高"]


def test_what_names_the_year_before_is_left_out_for_the_first() -> None:
    block = {"as": "body", "each": [2018, 2019], "text": "{Y}比{Y-1}"}
    assert printed(block) == ["2019比2018"]


# ----------------------------------------------------------------------------------------- headings


def test_headings_with_nothing_below_are_left_out() -> None:
    found = printed(
        heading(1, "甲"),
        heading(2, "甲一"),
        "{a}",
        heading(2, "甲二"),
        heading(3, "甲二一"),
        {"as": "body", "when": "poor == 1", "text": "没有"},
        heading(1, "乙"),
        heading(2, "乙一"),
        heading(1, "丙"),
        "完",
        heading(1, "丁"),
    )
    assert found == ["甲", "甲一", "张三", "丙", "完"]


def test_a_heading_stays_when_it_always_does_and_keeps_those_above() -> None:
    assert printed(heading(1, "甲"), heading(2, "乙", always=True), heading(1, "丙")) == ["甲", "乙"]


def test_blanks_below_a_heading_left_out_are_none() -> None:
    assert paper(heading(1, "甲{a!}"), facts={}).blanks == ()


def test_counters_run_on_per_level_and_start_again_under_higher_headings() -> None:
    found = printed(
        heading(1, "{一}、甲"),
        heading(2, "{（一）}子"),
        "完",
        heading(2, "{（一）}空"),
        heading(2, "{（一）}丑"),
        heading(3, "{1}．寅"),
        "完",
        heading(3, "{1}．卯"),
        "完",
        heading(1, "空"),
        heading(1, "{一}、乙"),
        heading(3, "{1}．辰"),
        heading(4, "{（1）}巳"),
        "完",
    )
    assert [each for each in found if each != "完"] == [
        "一、甲", "（一）子", "（二）丑", "1．寅", "2．卯", "二、乙", "1．辰", "（1）巳",
    ]  # fmt: skip


def test_usual_numbers_of_headings() -> None:
    found = printed(*(heading(level, "甲", numbered=True) for level in (1, 2, 3, 4)), "完")
    assert found == ["一、甲", "（一）甲", "1．甲", "（1）甲", "完"]


def test_paragraphs_are_counted_under_each_heading() -> None:
    rows = {"as": "body", "for": "person", "text": "{1}．{p1}"}
    sub = "{（1）}子"
    assert printed(heading(1, "甲"), rows, sub, sub, "{1}．末", sub, heading(2, "乙"), rows)[1:8] == [
        "1．李四", "2．张三", "3．王五", "（1）子", "（2）子", "4．末", "（1）子",
    ]  # fmt: skip
    assert printed(heading(1, "甲"), rows, heading(2, "乙"), rows)[-3:] == ["1．李四", "2．张三", "3．王五"]


def test_a_counter_in_a_clause_that_vanished_counts_nothing() -> None:
    assert printed("[{1}．{a}]", "[{1}．{b}]", "{1}．完", facts={"size": 3}) == ["1．3", "2．完"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "一"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (100, "100"),
    ],
)
def test_numerals(number: int, said: str) -> None:
    assert WORDS.numeral(number) == said
    assert WORDS.count(1, number) == f"（{said}）"
    assert WORDS.count(3, number) == f"（{number}）"


# ------------------------------------------------------------------------------------------ mending


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("甲，[乙{b}，]丙。", "甲，丙。"),
        ("甲[，乙{b}][，丙{b}]。", "甲。"),
        ("甲，[乙{b}]。", "甲。"),
        ("甲，[乙{b}]，丙", "甲，丙"),
        ("甲、[乙{b}]，丙", "甲，丙"),
        ("甲；[乙{b}]，丙", "甲；丙"),
        ("甲，[乙{b}]；丙", "甲；丙"),
        ("甲：[乙{b}]，丙", "甲：丙"),
        ("甲：[乙{b}，][丙{b}]。丁", "甲。丁"),
        ("甲。[乙{b}]，丙", "甲。丙"),
        ("甲。[乙{b}]。", "甲。"),
        ("甲！[乙{b}]。", "甲！"),
        ("[乙{b}]，丙。", "丙。"),
        ("[乙{b}]、[丙{b}]，丁", "丁"),
        ("甲（[乙{b}]）丙", "甲丙"),
        ("甲（[乙{b}]，丙）", "甲（丙）"),
        ("甲（丙，[乙{b}]）", "甲（丙）"),
        ("甲，（[乙{b}]），丙", "甲，丙"),
        ("甲“[乙{b}]”丙", "甲丙"),
        ("甲，[乙{b}。]", "甲。"),
        ("甲，[乙{b}][丙[{b}。]]", "甲。"),
        ("甲，[乙{b}]", "甲"),
        ("甲。[乙{b}。]", "甲。"),
        ("甲[乙{b}。|丙{b}！]", "甲。"),
        ("{a}。", "张三。"),
    ],
)
def test_marks_are_mended_where_something_vanished(text: str, said: str) -> None:
    assert printed(text, facts={"head_name": "张三。"}) == [said]


def test_inside_of_an_answer_and_of_a_sentence_nothing_is_mended() -> None:
    assert printed("甲，，乙{a}，", facts={"head_name": "丙。。丁"}) == ["甲，，乙丙。。丁，"]


@pytest.mark.parametrize("text", ["[{b}]。", "（[{b}]）", "[{b}]，[{f}]"])
def test_a_paragraph_of_marks_only_is_not_printed(text: str) -> None:
    assert paper(heading(1, "甲"), text, facts={}).blocks == ()


PIECES = st.lists(
    st.sampled_from(["", "甲", "乙，", "，丙", "、", "。", "丁。", "；戊", "（", "）", "己："]), max_size=9
)


@given(PIECES)
def test_mending_leaves_no_double_mark_and_loses_no_word(pieces: list[str]) -> None:
    mended = Mender(WORDS).mended(pieces, "。")
    marks = WORDS.pauses + WORDS.stops
    assert not any(a in marks and b in marks for a, b in zip(mended[1:], mended, strict=False))
    if not pieces or not pieces[0].startswith(tuple(marks)):
        assert not mended.startswith(tuple(marks))
    words = [each for each in "".join(pieces) if each not in marks + "（）"]
    assert [each for each in mended if each not in marks + "（）"] == words
    assert Mender(WORDS).mended(pieces, "。") == mended


# --------------------------------------------------------------------------------- the whole of it


def test_slots_have_every_answer_that_may_be_printed() -> None:
    slots = paper("完").slots
    assert slots["a"] == "张三"
    assert slots["e"] == "2014"
    assert (slots["p1#1"], slots["p2#3"], slots["p5#2"]) == ("李四", "", "是")
    assert not slots.keys() & {"j", "q", "p1", "p1#4", "j1#1"}
    assert "622900190001010000" not in json.dumps(slots)
    assert set(paper("完", facts={}).slots.values()) == {""}


def test_departments_are_those_of_the_schemes_measure() -> None:
    pack = content().packs["gp"]
    measure = pack.measures[0]
    form = content().forms["gp", 1]
    blocks = tables(f"由{{units:{measure.id}}}负责。", silent=[], form="gp")
    text, problems = read_paper(blocks, form, pack, FILE)
    assert text is not None
    assert {each.id for each in problems} <= form.by_id.keys()
    made = compose(text, {}, on=DAY, parameters={}, units=units_of(pack))
    names = "、".join(department.name for department in measure.departments)
    assert names
    assert made.blocks == (Block("body", f"由{names}负责。"),)
    assert compose(text, {}, on=DAY, parameters={}, units=lambda _: "").blocks == ()


def test_a_paper_does_not_change_what_it_is_given_and_is_the_same_again() -> None:
    blocks = ({"as": "body", "for": "person", "by": "relation", "order": ["户主"], "text": "{p1}"}, "{k}{l}")
    facts, given_tables = copy.deepcopy(dict(FULL)), tables(*blocks)
    before = copy.deepcopy(given_tables)
    text, _ = read_paper(given_tables, FORM, None, FILE, around=AROUND)
    assert text is not None
    made = [compose(text, facts, on=DAY, parameters={"line": 1.0}, units=lambda _: "") for _ in range(2)]
    assert made[0] == made[1]
    assert facts == FULL
    assert given_tables == before


LEAVES = st.sampled_from(["甲", "，", "。", "{a}", "{a!}", "{b}", "{b!}", "{e}", "{e!}", "{k}", "{d}"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: f"[{'|'.join(each)}]"),
        inner.map(lambda each: f"[?poor == 2: {each}]"),
    ),
    max_leaves=12,
)
SOME = st.sets(st.sampled_from(["head_name", "size", "poor", "since", "income", "causes"]))


@given(TEXTS, SOME)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_knowing_everything_no_blank_is_left_and_blanks_are_shown_as_often_as_they_are_listed(
    text: str, known: set[str]
) -> None:
    read, _ = read_paper(tables(text), FORM, None, FILE, around=AROUND)
    assert read is not None
    whole = compose(read, FULL, on=DAY, parameters={}, units=lambda _: "")
    assert whole.blanks == ()
    assert "（待补）" not in "".join(block.text for block in whole.blocks)
    part = {name: FULL[name] for name in known}
    made = compose(read, part, on=DAY, parameters={}, units=lambda _: "")
    shown = "".join(block.text for block in made.blocks)
    assert bool(made.blanks) == ("（待补）" in shown)
    assert (
        not {"户主", "人口"}
        & set(made.blanks)
        & {{"head_name": "户主", "size": "人口"}.get(name, "") for name in known}
    )
    assert not any(mark in shown for mark in "[]{}|?")


def test_a_paper_of_150_paragraphs_is_composed_in_milliseconds() -> None:
    sentence = "户主{a!}，[家中{b}人，][{e}年纳入，][?poor == 2: 享受低保|没有低保]，[{g}入户，][原因{d}]。"
    text = text_of(*[sentence] * 150)
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        compose(text, FULL, on=DAY, parameters={}, units=lambda _: "")
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.03


# ------------------------------------------------------------------------- what an author is told

LINT = [
    ("{zz}", "{zz}: there is no question zz", ""),
    ("{t2018.b}", "{t2018.b}: there is no question t2018.b", "did you mean t2018.a?"),
    ("{Y}年", "{Y}: there is no question Y", "give the block each = [2018, 2019]"),
    ("{j}", "{j}: id_number is never printed", "leave it out"),
    ("{q!}", "{q!}: image is never printed", "leave it out"),
    ("{p1}", "{p1}: it is asked for each row of person", 'add for = "person"'),
    ("{boxes:a}", "{boxes:a}: there is nothing to tick", "write {a}"),
    ("{box:a}", "{box:a}: there is no gap of the kind box", "did you mean boxes?"),
    ("{units:M-1}", "{units:M-1}: there is no measure M-1", ""),
    ("{param:lime}", "{param:lime}: there is no parameter lime", "did you mean line?"),
    ("{一!}", "{一!}: a number cannot be missing", "write {一}"),
    ("", "the text is empty", "write it, or leave the block out"),
    ("[甲]", "[甲] can never vanish", "write [?condition: …], or no brackets"),
    ("[甲|{a}]", "what follows | is never printed", "put a gap or a condition before each |"),
    ("[?size == 1: 甲", "The sentence cannot be read: a [ is never closed, at '[?size == '.", None),
    ("甲]", "The sentence cannot be read: ] closes what was never opened, at '甲]'.", None),
    ("甲|乙", "The sentence cannot be read: | stands outside of brackets, at '甲|乙'.", None),
    ("甲}", "The sentence cannot be read: } closes what was never opened, at '甲}'.", None),
    ("甲{a", "The sentence cannot be read: a { is never closed, at '甲{a'.", None),
    (
        "甲\\乙",
        "The sentence cannot be read: a backslash stands before one of \\[]{}|? only, at '甲\\\\乙'.",
        None,
    ),
    (
        "[?size == 1 甲]",
        "The sentence cannot be read: a condition ends with a colon: [?fact == 1: text], at '[?size == 1'.",
        None,
    ),
    (
        "[?size = 1: 甲]",
        (
            "The sentence cannot be read: the condition cannot be used: syntax error at column 6, "
            "at '[?size = 1:'."
        ),
        None,
    ),
    ("[?sizes == 1: 甲]", "[?…] reads sizes, which nothing provides", "did you mean size?"),
    ("[?poor == 7: 甲]", "[?…] compares poor with 7, which is no option of it", "options: 1, 2"),
    ("[?has(poor, 1): 甲]", "[?…] looks into poor, which has one answer only", "write poor == …"),
]


@pytest.mark.parametrize(("text", "what", "hint"), LINT, ids=[each[0] or "empty" for each in LINT])
def test_what_is_wrong_with_a_text_is_said_with_its_place(text: str, what: str, hint: str | None) -> None:
    found = problems_of("完", text)
    assert [(each.file, each.what) for each in found] == [(FILE, what)]
    assert found[0].id.startswith("block 2 (")
    assert hint is None or found[0].hint == hint


@pytest.mark.parametrize(
    ("block", "what", "hint"),
    [
        ({"text": "甲"}, "the block lacks as", "write as = …"),
        ({"as": "body"}, "the block lacks text", "write text = …"),
        ({"as": "body", "text": "甲", "wenn": "a"}, "unknown key wenn", "did you mean when?"),
        ({"as": "body", "text": "甲", "#": 3}, None, ""),
        ({"as": "bodi", "text": "甲"}, "there is no style bodi", "did you mean body?"),
        ({"as": "body", "text": 3}, "text must be a text", "it is written as 3"),
        ({"as": "body", "text": "甲", "always": True}, "always is for headings only", None),
        ({"as": "body", "text": "甲", "numbered": True}, "numbered is for headings only", None),
        ({"as": "body", "text": "甲", "when": "poor = 1"}, None, "compare with =="),
        ({"as": "body", "text": "甲", "when": "pour == 1"}, "when reads pour, which nothing provides", None),
        (
            {"as": "body", "text": "甲", "for": "persons"},
            "there is no roster persons",
            "did you mean person?",
        ),
        ({"as": "body", "text": "甲", "order": ["子"]}, "order stands alone", None),
        ({"as": "body", "text": "甲", "for": "person", "by": "age"}, "by stands alone", None),
        (
            {"as": "body", "text": "甲", "for": "person", "by": "aged", "order": ["子"]},
            "by names aged, no fact of a row",
            "did you mean age?",
        ),
        (
            {"as": "body", "text": "甲", "for": "person", "by": "age", "order": [1]},
            "order must hold texts only",
            None,
        ),
        ({"as": "body", "text": "甲", "each": 2018}, "each must be a list of numbers or words", None),
    ],
)
def test_what_is_wrong_with_a_block_is_said(
    block: dict[str, Any], what: str | None, hint: str | None
) -> None:
    found = problems_of("完", block)
    if what is None and hint == "":
        assert found == []
        return
    assert len(found) == 1
    assert found[0].id.startswith("block")
    assert what is None or found[0].what == what
    assert hint is None or found[0].hint == hint


def test_a_row_may_be_read_by_conditions_of_its_own_block_only() -> None:
    assert problems_of({"as": "body", "for": "person", "when": "age > 3", "text": "完"}) == []
    assert [each.what for each in problems_of({"as": "body", "when": "age > 3", "text": "完"})] == [
        "when reads age, which nothing provides"
    ]


def test_an_answer_of_another_list_is_none_of_the_row() -> None:
    found = problems_of({"as": "body", "for": "job", "text": "{p1}"})
    assert [each.what for each in found] == ["{p1}: it is asked for each row of person"]


def test_the_same_problem_of_every_year_is_said_once() -> None:
    found = problems_of({"as": "body", "each": [2018, 2019], "text": "{zz}"})
    assert len(found) == 1


@pytest.mark.parametrize(
    ("change", "id", "what"),
    [
        ({"paper": None}, "paper", "there is no head"),
        ({"paper": []}, "paper", "the head must be a table"),
        ({"paper": {"form": "t"}}, "paper", "the head lacks title"),
        ({"paper": {"form": "gs", "title": "甲"}}, "paper", "the paper is about gs, its file about t"),
        ({"paper": {"form": "t", "title": "甲", "silent": [1]}}, "paper", "silent must hold texts only"),
        ({"paper": {"form": "t", "title": "甲", "blank": 1}}, "paper", "blank must be a text"),
        ({"paper": {"form": "t", "title": "{甲"}}, "paper", None),
        ({"block": {}}, "block", "block is no list of tables"),
        ({"block": []}, "block", "the paper has no sentence"),
        ({"blocks": []}, "(top level)", "unknown key blocks"),
    ],
)
def test_what_is_wrong_with_the_whole_is_said(change: dict[str, Any], id: str, what: str | None) -> None:
    data = {**tables("完"), **change}
    found = read_paper(data, FORM, None, FILE, around=AROUND)[1]
    assert any(each.id == id and (what is None or each.what == what) for each in found)


def test_a_paper_without_a_head_cannot_be_filled() -> None:
    text, problems = read_paper({"block": []}, FORM, None, FILE)
    assert text is None
    assert [each.what for each in problems] == ["there is no head"]


def test_sentences_that_cannot_be_read_are_left_out_and_all_problems_are_told() -> None:
    text, problems = read_paper(tables("{zz}甲", "[", "完"), FORM, None, FILE, around=AROUND)
    assert text is not None
    assert len([each for each in problems if each.id.startswith("block")]) == 2
    made = compose(text, {}, on=DAY, parameters={}, units=lambda _: "")
    assert [block.text for block in made.blocks] == ["完"]


def test_further_styles_are_named_in_the_head() -> None:
    assert problems_of({"as": "small", "text": "完"}, styles=["small"]) == []


# ------------------------------------------------------------------------------------- wholeness


def unprinted(*blocks: Mapping[str, Any] | str, silent: list[str]) -> list[tuple[str, str]]:
    found = read_paper(tables(*blocks, silent=silent), FORM, None, FILE, around=AROUND)[1]
    return [(each.id, each.what) for each in found]


def test_every_question_is_printed_or_silent() -> None:
    assert unprinted("完", silent=EVERYTHING + ROWS) == []
    found = unprinted("完", silent=[id for id in EVERYTHING + ROWS if id not in ("b", "t{Y}.a", "p2")])
    assert found == [
        ("b", "no sentence prints it: 人口"),
        ("t2018.a", "no sentence prints it: 目标"),
        ("t2019.a", "no sentence prints it: 目标"),
        ("p2", "no sentence prints it: 年龄"),
    ]


@pytest.mark.parametrize(
    ("id", "text"),
    [("b", "[{b}|无]"), ("b", "[?size > 1: [甲{b!}]]"), ("c", "[?poor == 1: 甲]"), ("d", "{boxes:d}")],
)
def test_what_a_sentence_says_is_printed(id: str, text: str) -> None:
    assert unprinted(text, silent=[each for each in EVERYTHING + ROWS if each != id]) == []


def test_a_condition_says_a_choice_but_no_figure() -> None:
    silent = [each for each in EVERYTHING + ROWS if each not in ("b", "c")]
    block = {"as": "body", "when": "poor == 1 and size > 3", "text": "完"}
    assert unprinted(block, silent=silent) == [("b", "no sentence prints it: 人口")]


def test_while_a_sentence_cannot_be_read_nothing_is_missed() -> None:
    assert [id for id, _ in unprinted("[{a}", silent=[])] == ["block 1 ([{a})"]


def test_a_condition_of_a_row_says_the_choice_of_the_row() -> None:
    options = "options = [{ code = 1, label = '是' }]"
    row = item("r", "select_one", options, 'repeat = "list"').replace('"fr"', '"same"')
    roster = '[[roster]]\nid = "list"\nname = "表"\ncount = "m"\ntitle = "same"\n'
    ours = item("o", "select_one", options).replace('"fo"', '"same"')
    form = written(roster + ours + item("m", "integer") + row)
    block = {"as": "body", "for": "list", "text": "[?same == 1: 甲]"}
    found = read_paper(tables(block, silent=["m"]), form, None, FILE)[1]
    assert [each.id for each in found] == ["o"]


def test_the_title_prints_too() -> None:
    data = tables("完", silent=[each for each in EVERYTHING + ROWS if each != "a"], title="{a}的计划")
    assert read_paper(data, FORM, None, FILE)[1] == []


@pytest.mark.parametrize(
    ("silent", "what"),
    [
        ("zz", "there is no question zz"),
        ("t{Y}.b", "there is no question t{Y}.b"),
        ("a", "a is printed"),
        ("j", "j is of a kind that is never printed"),
    ],
)
def test_what_is_silent_in_vain_is_said(silent: str, what: str) -> None:
    listed = [*(each for each in EVERYTHING + ROWS if each != "a"), silent]
    assert unprinted("{a}", silent=listed) == [("silent", what)]


# ------------------------------------------------------------------------------- papers that ship

PLANS = TEMPLATES / "plans"
SHIPPED_PAPERS = sorted(path.stem for path in PLANS.glob("*.toml"))
LEFT_OVER = re.compile(
    r"[，、；：。]{2}|（）|“”|^[，、；：。）]|[，、；]$|[，、；：]）|（[，、；：。]|[\[\]{}|]|None"
)


def someone(form: Form, chance: random.Random) -> dict[str, Any]:
    """A household that knows three of four answers; its words have no marks in them."""

    def answer(item: Item) -> Any:
        if chance.random() < 0.25:
            return None
        if item.options:
            codes = [option.code for option in item.options]
            some = sorted(chance.sample(codes, chance.randint(1, min(len(codes), 3))))
            return some if item.kind == "select_multiple" else some[0]
        if item.kind in NUMBERS:
            return 2019 if item.kind == "year" else chance.choice([0, 1, 2, 7.25])
        return {"month": "2019-03", "date": "2019-03-05"}.get(item.kind, "某某")

    asked = [item for item in form.items if item.calc is None]
    facts = {item.fact: answer(item) for item in asked if item.repeat is None}
    for roster in form.rosters:
        rows = [item for item in asked if item.repeat == roster.id]
        facts[roster.id] = [{item.fact: answer(item) for item in rows} for _ in range(chance.randint(0, 3))]
    return facts


@pytest.mark.parametrize("id", SHIPPED_PAPERS)
def test_papers_that_ship_are_whole_and_leave_no_mark_behind_for_any_household(id: str) -> None:
    form, pack = content().forms[id, 1], content().packs[id]
    tables = tomllib.loads((PLANS / f"{id}.toml").read_text(encoding="utf-8"))
    text, problems = read_paper(tables, form, pack, f"{id}.toml")
    assert problems == []
    assert text is not None
    given_by_law = values_at(pack.parameters, DAY)
    for seed in range(40):
        facts = someone(form, random.Random(seed))
        made = compose(text, facts, on=DAY, parameters=given_by_law, units=units_of(pack))
        assert [block.text for block in made.blocks if LEFT_OVER.search(block.text)] == []
        assert made.title


# ------------------------------------------------------------------------------------------- words

SOUND = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"numerals": "一二三"}, "numerals must be the ten from one to ten"),
        ({"pairs": ["（"]}, "each of pairs is one opening and one closing mark"),
        ({"counters": ["甲"]}, "counters must be up to nine, each with one or 1 in it"),
        ({"numbered": ["{一}"]}, "numbered must be one for each level of headings"),
        ({"of_row": "{wer}"}, "of_row has a gap that nothing fills"),
        ({"date": 3}, "date must be a text"),
        ({"colour": "红"}, "unknown key colour"),
    ],
)
def test_what_is_wrong_with_the_words_is_said(change: dict[str, Any], what: str) -> None:
    assert what in [each.what for each in read_words({**SOUND, **change}, SHIPPED.name)[1]]


def test_words_may_be_others_than_those_that_ship() -> None:
    words, problems = read_words({**SOUND, "joined": "和", "blank": "……"}, SHIPPED.name)
    assert problems == []
    text, _ = read_paper(tables("{d}{a!}"), FORM, None, FILE, words)
    assert text is not None
    made = compose(text, {"causes": [1, 2]}, on=DAY, parameters={}, units=lambda _: "")
    assert made.blocks == (Block("body", "因病和因学……"),)


def test_the_form_of_these_tests_has_what_they_need() -> None:
    assert isinstance(FORM, Form)
    assert {item.id for item in FORM.items} == {*EVERYTHING, *ROWS, "j", "q", "t2018.a", "t2019.a"} - {
        "t{Y}.a"
    }
