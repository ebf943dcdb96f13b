"""The plan paper of document 000, slot by slot: every answer stands in it, and nothing that was not answered."""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bot.dialogs.form import Form, Item
from bot.dialogs.lint_conditions import Surroundings
from bot.render import papers
from bot.render.messages import TEMPLATES, number
from bot.render.narrative import Paper, PaperText, compose, units_of
from bot.render.narrative_reading import read_paper
from bot.render.plan_paper import PlanPaper, plan_paper
from tests.render import plan_households as households
from tests.render.plan_households import Facts, answers, as_walked, filled, with_gaps
from tests.shipped import shipped

PLANS: Final = TEMPLATES / "plans"
DAY: Final = date(2018, 5, 20)
BLANK: Final = "（待补）"
NUMBERS: Final = frozenset({"integer", "decimal", "money", "percent", "year"})


@cache
def form() -> Form:
    return shipped().form("gp")


@cache
def tables() -> dict[str, Any]:
    return tomllib.loads((PLANS / "gp.toml").read_text(encoding="utf-8"))


@cache
def text() -> PaperText:
    around = Surroundings(tuple(f"param_{id}" for id in households.PARAMETERS), {})
    read, problems = read_paper(tables(), form(), shipped().packs["gp"], "gp.toml", around=around)
    assert problems == []
    assert read is not None
    return read


def paper_of(facts: Facts) -> Paper:
    pack = shipped().packs["gp"]
    walked = as_walked(form(), facts)
    return compose(text(), walked, on=DAY, parameters=households.PARAMETERS, units=units_of(pack))


def printed(paper: Paper) -> str:
    return "\n".join(block.text for block in paper.blocks)


# ---------------------------------------------------------------- what a slot says

# Choices that the sentences say in other words than the label on the form ({Y} is any year); "" is not said.
SAID: Final[dict[str, dict[int, str]]] = {
    "m.8": {4: ""},  # what it is stands in m.8.x
    "m.9": {0: "不属于“三留守”人员"},
    "b1.x2": {1: "经县住建局鉴定", 2: "还没有经县住建局鉴定"},
    "b1.11": {0: "没有享受过国家的建房补贴"},
    "b3.1": {1: "生活用电", 2: "生活用电还没有接通"},
    "b3.2": {1: "动力电", 2: "动力电还没有接通"},
    "b3.3": {1: "日常供电稳定", 2: "日常供电不稳定"},
    "b4.9": {0: "国家的教育优惠特惠政策，目前都没有享受"},
    "b4.12": {1: "因学借过款、贷过款", 2: "没有因学借款、贷款"},
    "b5.13": {1: "因病借过款、贷过款", 2: "没有因病借款、贷款"},
    "b7.1": {0: "2017年没有享受低保"},
    "b8.x1": {0: "2017年没有种庄稼，也没有林地、草地"},
    "b8.x2": {0: "2017年没有养殖"},
    "b11.x": {1: "享受过精准扶贫专项贷款", 2: "没有享受过精准扶贫专项贷款"},
    "b12.9.e": {1: "月工资", 2: "日工资"},
    "b12.x1": {4: "养殖", 8: "（粮食直补、草原补贴、退耕还林补贴等）", 9: "（农村租房、租地收入）"},
    "k1.x1": {1: "", 2: "无力支付昂贵的医疗费用，"},
    "k4.11.x": {1: "每周", 2: "每月"},
    "k4.12.x": {1: "每周", 2: "每月"},
    "k4.x": {1: "大学生", 2: "离家远、寄宿的中小学生"},
    "k9.x": {1: "该户共有", 2: "", 3: "该户没有住房，现寄居在别人家中", 4: "修建了住房"},
    "t2018.1.x": {1: "种植新品种马铃薯", 2: "种植新品种玉米", 3: "栽植核桃苗"},
    "t{Y}.1.x": {1: "种植马铃薯", 2: "种植玉米", 3: "发展核桃、花椒、啤特果经济林"},
    "t2018.3.x": {1: "技能培训方面，", 2: "劳务输转方面，"},
    "t{Y}.3.x": {1: "继续加大技能培训方面的力度", 2: "继续加强劳务输转"},
    "t{Y}.3.15.x": {1: "月工资稳定达到", 2: "日工资稳定达到"},
    "t{Y}.5.x": {1: "享受教育补助的学生", 2: "适龄人口辍学学生"},
    "t{Y}.5.8.x": {0: ""},
    "t{Y}.6.x": {0: "", 1: "住院期间的治疗费用", 2: "办理慢病卡"},
    "t{Y}.7.x": {3: "改厕", 4: "改厨", 5: "改圈"},
    "t{Y}.10.x": {1: "低保", 2: "五保", 3: "全部参加养老保险", 4: "岗位", 5: "为该户提供民政救助"},
    "t{Y}.10.4": {7: ""},  # what it is stands in t{Y}.10.4.x
}
ASPECTS: Final = dict(
    enumerate(
        [
            "．种植业方面", "．养殖业方面", "．提高务工收益方面", "．精准扶贫贷款", "．教育方面",
            "．基本医疗方面", "．住房安全方面", "．入户道路和庭院硬化方面", "．安全饮水方面", "．社会保障方面",
        ],
        1,
    )
)  # fmt: skip
MEASURES: Final = dict(
    enumerate(
        [
            "协调联系农业、林业部门", "养殖技术培训班", "缺乏劳务技能", "帮助落实精准扶贫专项贷款",
            "为农户宣传教育特惠政策", "宣传医疗卫生特惠政策", "协调落实该户危房改造、易地扶贫搬迁项目",
            "针对日常供水不稳定的情况", "整户无劳动能力家庭", "加强教育引导，完善村规民约",
            "对居住偏远的贫困群众", "脱贫以后，制定以产业扶持和就业帮助为重点",
        ],
        1,
    )
)  # fmt: skip

# What is said of none at all, where a figure would read oddly.
NONE: Final[dict[str, str]] = {
    "m.x8": "没有劳动力", "b1.4": "没有正房", "b1.5": "没有偏房", "b1.13": "个人没有自筹",
    "b4.1": "目前家里没有人上学", "b4.2": "", "b4.3": "", "b4.4": "", "b4.5": "", "b4.6": "",
    "b4.8": "学费、生活费不花钱", "b4.10": "没有适龄儿童辍学", "b4.12.a": "现在已经还清",
    "b5.4": "户口上的人都参加了", "b5.5": "目前家里没有患病的人", "b5.6": "没有残疾的人",
    "b5.8.n": "看病没有享受过", "b5.9": "看病个人没有承担费用", "b5.13.a": "现在已经还清",
    "b6.2": "2017年没有人参加农村养老保险", "b6.3": "该参加的都参加了",
    "b8.1": "家里没有耕地", "b8.2": "没有旱地", "b8.3": "没有水浇地", "b8.4": "没有川地", "b8.5": "没有山地",
    "b8.6": "", "b8.11": "没有当归", "b8.12": "没有黄芪", "b9.n": "没有参加过技能培训",
    "b10.1": "没有电视机", "b10.2": "没有手机", "b10.3": "没有摩托车", "b10.4": "没有拖拉机",
    "b11.2": "没有民间借贷", "k1.11": "没有为治病借外债", "k3.7": "没有接受民政救助资金",
    "k4.11": "上下学不花车费", "k4.12": "生活费不花钱", "k7.5": "家中没有劳动力", "k9.12": "没有借外债",
    "k10.5": "没有彩礼", "k10.6": "没有为结婚借外债", "t2018.1.13": "马铃薯地里不套种",
    "t{Y}.8.1": "入户道路不用硬化", "t{Y}.8.2": "庭院不用硬化",
    "a{Y}.6.1": "全家都已参加医疗保险", "a{Y}.6.3": "该参加养老保险的都已参加",
}  # fmt: skip

# What follows a figure, where it is not the unit of the question.
UNITS: Final[dict[str, str]] = {
    "k4.n1": "个大学生", "k4.n2": "个离家远", "b1.2": "", "b12.6.b": "", "b12.6.n": "样", "b9.n": "次", "m.n": "口人",
}  # fmt: skip

# What is printed only as a part of another answer: without that one it has no sentence to stand in.
PART_OF: Final = {
    "b12.9.f": {"b12.9.e"},  # by the month or by the day: the wage
}


def any_year(id: str) -> str:
    return re.sub(r"20(18|19|20)(?=\.)", "{Y}", id)


def of(table: dict[str, Any], item: Item) -> Any:
    return table.get(item.id, table.get(any_year(item.id)))


def words_of(item: Item, value: Any) -> Iterator[str]:
    """What must stand in the paper for an answer, worked out without the code under test."""
    codes = value if isinstance(value, list) else [value]
    if item.id.endswith(".x") and any_year(item.id) in ("t{Y}.x", "a{Y}.x"):
        yield from ((ASPECTS if item.id[0] == "t" else MEASURES)[code] for code in codes)
    elif item.options:
        labels = {option.code: option.label for option in item.options}
        said = of(SAID, item) or {}
        yield from (said.get(code, labels[code]) for code in codes)
    elif item.kind in NUMBERS or item.kind == "calculate":
        if value == 0 and of(NONE, item) is not None:
            yield of(NONE, item)
        elif item.kind == "year" or any_year(item.id) == "a{Y}.12":
            yield f"{value}年"
        else:
            yield number(value) + (item.unit if of(UNITS, item) is None else of(UNITS, item))
    elif item.kind == "date":
        yield "{}年{}月{}日".format(*map(int, value.split("-")))
    elif item.kind == "month":
        yield "{}年{}月".format(*map(int, value.split("-")))
    else:
        yield value


def stands(words: str, said: str) -> bool:
    """Whether the words stand there; a figure must not be the end of a longer one."""
    if not words[:1].isdigit():
        return words in said
    return re.search(rf"(?<![\d.]){re.escape(words)}", said) is not None


@cache
def silent() -> frozenset[str]:
    return frozenset(tables()["paper"]["silent"])


def spoken(item: Item) -> bool:
    return item.kind not in households.UNANSWERED - {"calculate"} and not (
        {item.id, any_year(item.id)} & silent()
    )


def missing(facts: Facts, said: str) -> list[tuple[str, int | None, str]]:
    """The answers that the household gave to what it is asked and that do not stand in the paper."""
    return [
        (item.id, row, words)
        for item, row, value, asked in answers(form(), facts)
        if asked is True and value is not None and spoken(item)
        for words in words_of(item, value)
        if not stands(words, said)
    ]


# ---------------------------------------------------------------- households

WHOLE: Final[dict[str, Facts]] = {
    "alone": households.ALONE,
    "every cause": households.EVERY_CAUSE,
    "students": households.STUDENTS,
    "ill and disabled": households.ILL_AND_DISABLED,
    "landless": households.LANDLESS,
    "cellar water": households.CELLAR_WATER,
    "oilseed": households.OILSEED,
    "school debts": households.SCHOOL_DEBTS,
    "building site": households.BUILDING_SITE,
    "nine": households.NINE,
    "no cause": households.NO_CAUSE,
    "nothing known before": {},
}
INSURED: Final = {"registered_population": 14, "ncms_insured_count": 11}


@cache
def whole(name: str) -> Facts:
    return filled(form(), INSURED | WHOLE[name])


@cache
def twelve() -> Facts:
    return filled(form(), INSURED | households.TWELVE, everything=True)


@cache
def noughts() -> Facts:
    return filled(form(), households.TWELVE | {"land_area": 0}, everything=True, zeros=True)


@pytest.mark.parametrize("name", WHOLE)
def test_every_answer_stands_in_the_paper(name: str) -> None:
    paper = paper_of(whole(name))
    assert missing(whole(name), printed(paper)) == []


def test_every_answer_of_twelve_people_with_every_box_ticked_stands_in_the_paper() -> None:
    assert missing(twelve(), printed(paper_of(twelve()))) == []


def test_nought_is_an_answer_too() -> None:
    by_week_or_month = {"k4.11.x", "k4.12.x"}  # what costs nothing costs it neither by the week nor the month
    lost = missing(noughts(), printed(paper_of(noughts())))
    assert [each for each in lost if each[0] not in by_week_or_month] == []


def unlike_any(item: Item) -> Any:
    """An answer of that kind that no household gives; None for choices, whose words stand in sentences too."""
    match item.kind:
        case "text":
            return "莫须有"
        case "person":
            return "欧阳莫"
        case "integer" | "decimal" | "money":
            return 777.25
    return None


@pytest.mark.parametrize("name", [*WHOLE, "twelve"])
def test_nothing_stands_in_the_paper_that_the_household_is_not_asked(name: str) -> None:
    facts = twelve() if name == "twelve" else whole(name)
    stale: Facts = {}
    for item, row, _, asked in answers(form(), facts):
        if row is None and asked is False and spoken(item):
            stale[item.fact] = unlike_any(item)
    stale = {fact: value for fact, value in stale.items() if value is not None}
    paper = paper_of(facts | stale)
    for words in ("莫须有", "欧阳莫", "777.25"):
        assert words not in printed(paper)
    assert len(stale) > 20 or name == "twelve"


def test_rows_of_a_list_that_is_not_asked_for_are_not_printed() -> None:
    facts = whole("landless") | {"cause_college": [{"name": "欧阳莫", "college": "莫须有"}]}
    assert "莫" not in printed(paper_of(facts))


def without(facts: Facts, item: Item) -> Facts:
    """The household without its answers to that question."""
    if item.repeat is None:
        return {fact: value for fact, value in facts.items() if fact != item.fact}
    rows = [{fact: value for fact, value in row.items() if fact != item.fact} for row in facts[item.repeat]]
    return facts | {item.repeat: rows}


def test_a_missing_answer_takes_no_other_one_with_it() -> None:
    """But those that only say more about it (PART_OF), and those that are then not asked any more."""
    lost: dict[str, set[str]] = {}
    for item in form().items:
        if item.kind in households.UNANSWERED or (item.repeat or item.fact) not in twelve():
            continue
        rest = without(twelve(), item)
        gone = {any_year(id) for id, _, _ in missing(rest, printed(paper_of(rest)))}
        if gone:
            lost.setdefault(any_year(item.id), set()).update(gone)
    assert lost == PART_OF


# ---------------------------------------------------------------- gaps

MALFORMED: Final = re.compile(r"None|nan|[\[\]{}|_]|[，、；：。]{2}|（）|“”|《》|\(\)|（[，、；：。]|[，、；：]）|^[，、；：。]")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_paper_with_gaps_is_well_formed(seed: int, share: float) -> None:
    facts = with_gaps(form(), twelve() if seed % 2 else noughts(), seed, share)
    for block in paper_of(facts).blocks:
        assert not MALFORMED.search(block.text), block.text
        assert block.style not in ("body",) or block.text[-1] in "。）", block.text


@pytest.mark.parametrize("name", [*WHOLE, "twelve", "noughts"])
def test_a_whole_paper_is_well_formed_and_lacks_nothing(name: str) -> None:
    facts = {"twelve": twelve, "noughts": noughts}.get(name, lambda: whole(name))()
    paper = paper_of(facts)
    for block in paper.blocks:
        assert not MALFORMED.search(block.text), block.text
    asked = {"k.x1", *(f"{letter}{year}.x" for letter in "ta" for year in households.YEARS)}
    expected = {form().by_id[id].label for id in asked} if name == "no cause" else set()
    assert set(paper.blanks) == expected
    assert (BLANK in printed(paper)) == (name == "no cause")
