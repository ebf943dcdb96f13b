"""The plan paper of document 000, slot by slot: every answer stands in it, and nothing else."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
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


def parts(paper: Paper) -> dict[str, str]:
    """The text of each part of the paper: the cover, one and two, goals and measures of each year."""
    found: dict[str, str] = {}
    at = "cover"
    for block in paper.blocks:
        if block.style == "heading1" or (block.style == "heading2" and at[0] in "三四"):
            year = re.search(r"20\d\d", block.text)
            at = at[0] + year[0] if year else block.text[0]
        found[at] = found.get(at, "") + block.text + "\n"
    return found


def place_of(item: Item) -> str:
    """The part in which an answer must stand."""
    year = re.match(r"[ta](20\d\d)\.", item.id)
    if year:
        return ("三" if item.id[0] == "t" else "四") + year[1]
    if item.id[0] in "ci":
        return "cover"
    if item.id == "s7":
        return "应"
    return "二" if item.id[0] == "k" else "三" if item.id == "t0" else "一"


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
    "k1.x1": {1: "确诊为", 2: "无力支付昂贵的医疗费用，"},
    "k4.11.x": {1: "每周", 2: "每月"},
    "k4.12.x": {1: "每周", 2: "每月"},
    "k4.x": {1: "大学生", 2: "离家远、寄宿的中小学生"},
    "k9.x": {1: "该户共有", 3: "该户没有住房，现寄居在别人家中", 4: "修建了住房"},
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
            "．基本医疗方面", "．住房安全方面", "．入户道路和庭院硬化方面", "．安全饮水方面",
            "．社会保障方面",
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
    "k4.n1": "个大学生", "k4.n2": "个离家远", "b12.6.b": "", "b12.6.n": "样", "m.n": "口人",
}  # fmt: skip

# What is printed only as a part of another answer: without that one it has no sentence to stand in.
PART_OF: Final = {
    "b12.9.f": {"b12.9.e"},  # by the month or by the day: the wage
    "t{Y}.3.15": {"t{Y}.3.15.x"},
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
    at = said.find(words)
    while at > 0 and words[:1].isdigit() and said[at - 1] in "0123456789.":
        at = said.find(words, at + 1)
    return at >= 0


@cache
def silent() -> frozenset[str]:
    return frozenset(tables()["paper"]["silent"])


def spoken(item: Item) -> bool:
    return item.kind not in households.UNANSWERED - {"calculate"} and not (
        {item.id, any_year(item.id)} & silent()
    )


def missing(facts: Facts) -> list[tuple[str, int | None, str]]:
    """The answers to what the household is asked that do not stand in their part of the paper."""
    said = parts(paper_of(facts))
    return [
        (item.id, row, words)
        for item, row, value, asked in answers(form(), facts)
        if asked is True and value is not None and spoken(item)
        for words in words_of(item, value)
        if not stands(words, said.get(place_of(item), ""))
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
    other_post = {f"plan_{year}_post": 7 for year in households.YEARS}
    given = households.TWELVE | other_post | {"land_area": 0, "reimbursement_count": 0}
    return filled(form(), given, everything=True, zeros=True)


@pytest.mark.parametrize("name", WHOLE)
def test_every_answer_stands_in_the_paper(name: str) -> None:
    assert missing(whole(name)) == []


def test_every_answer_of_twelve_people_with_every_box_ticked_stands_in_the_paper() -> None:
    assert missing(twelve()) == []


def test_nought_is_an_answer_too() -> None:
    by_week_or_month = {"k4.11.x", "k4.12.x"}  # what costs nothing costs it neither by the week nor the month
    assert [each for each in missing(noughts()) if each[0] not in by_week_or_month] == []


def unlike_any(item: Item) -> Any:
    """An answer that no household gives; None for choices, whose words stand in sentences too."""
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
        if "2020" in item.id:
            continue  # the same sentences as for 2019
        rest = without(twelve(), item)
        gone = {any_year(id) for id, _, _ in missing(rest)}
        if gone:
            lost.setdefault(any_year(item.id), set()).update(gone)
    assert lost == PART_OF


# ---------------------------------------------------------------- gaps

MALFORMED: Final = re.compile(
    r"None|nan|[\[\]{}|_]|[，、；：。]{2}|（）|“”|《》|\(\)|（[，、；：。]|[，、；：]）|^[，、；：。]"
)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_paper_with_gaps_is_well_formed(seed: int, share: float) -> None:
    facts = with_gaps(form(), twelve() if seed % 2 else noughts(), seed, share)
    for block in paper_of(facts).blocks:
        assert not MALFORMED.search(block.text), block.text
        assert block.style not in ("body",) or block.text[-1] in "。）", block.text


@pytest.mark.parametrize("seed", range(6))
def test_what_is_not_known_to_apply_is_not_printed(seed: int) -> None:
    facts = with_gaps(form(), twelve(), seed, 0.3)
    said = printed(paper_of(facts))
    given = [each for each in answers(form(), facts) if each[0].kind in ("text", "person") and each[2]]
    applies = {value for _, _, value, asked in given if asked is True}
    # rows that are on file are told while it is not known whether there are any
    doubtful = {value for _, row, value, asked in given if asked is not True and row is None} - applies
    assert doubtful
    assert [value for value in sorted(doubtful) if stands(value, said)] == []


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


# ---------------------------------------------------------------- two households, paragraph by paragraph

CELLAR_WATER: Final = """
一、家庭基本情况

户主马维平，家中有4人，2014年纳入建档立卡，贫困户属性为一般贫困户。

（一）家庭人口

全家登记4口人，其中劳动力2人。

户主：马维平，42岁，回族，初中文化程度。身体状况健康，劳动力情况为普通劳动力，目前在家务农，不属于
“三留守”人员。

父亲：马学义，70岁，回族，文盲文化程度。身体状况患病，患有高血压，劳动力情况为无劳动力，目前在家务
农，不属于“三留守”人员。

妻子：韩玉兰，40岁，回族，小学文化程度。身体状况健康，劳动力情况为普通劳动力，目前在家务农，不属于
“三留守”人员。

儿子：马小军，13岁，回族，在读。身体状况健康，劳动力情况为无劳动力，目前上学，不属于“三留守”人员
。

（二）家庭主要生产生活资料及收入情况

1．住房情况

现有住房5间，住房面积90平方米，人均22.5平方米；正房3间，偏房2间。房子是砖木结构。砖木结构的
5间，2009年修建。

该户住房在2016年经县住建局鉴定为B级住房，没有享受过国家的建房补贴。

2．安全饮水情况

由于受季节、水源等因素制约，冬春季节水源不稳定，最近的集中供水点离农户较远，单趟取水需时间40分钟。

3．用电情况

生活用电1996年已经接通，动力电还没有接通，日常供电稳定。

4．教育情况

目前家里有1人上学，其中中学1人。学费、生活费一年一共2600元。享受的国家优惠特惠政策有“两免一补
”、学生营养餐。

马小军在大河家镇初级中学上学，学段为初中。

没有适龄儿童辍学。没有因学借款、贷款。

5．就医情况

户籍人口4人，2018年参加农村合作医疗保险4人，户口上的人都参加了。目前家里患病1人，没有残疾的人
。

马学义：患有高血压。

看病享受过1样政策。

合作医疗保险报销820元。

看病个人承担1460.5元。目前治好了或病情稳定。没有因病借款、贷款。

6．养老保障

户籍人口4人，2017年参加农村养老保险2人，该参加的都参加了。

7．享受低保情况

2017年没有享受低保。

8．种、养殖情况

耕地面积2.5亩，人均耕地面积0.63亩；旱地2.5亩，没有水浇地；川地0.5亩，山地2亩。2017
年家里有玉米1亩、马铃薯1亩、花椒0.5亩。2017年养羊4只。

9．技能培训情况

没有参加过技能培训，原因是地里农活忙，走不开。

10．家庭其他财产

电视机1台，手机2台，摩托车1辆，没有拖拉机。

11．借贷情况

没有享受过精准扶贫专项贷款。民间借贷8000元。使用情况：盖房子。还款计划：两年内用卖羊的钱还清。

12．家庭收入情况

2017年家庭总收入7300元，人均可支配收入1300元。

种植业（油菜、玉米、小麦、洋芋等）收入3200元；栽植林业（花椒、核桃、啤特果等）收入600元；转移
性收入1100元（粮食直补、草原补贴、退耕还林补贴等）。

靠养殖挣钱的有1样。

养殖羊3只，收入2400元。

13．家庭支出情况

2017年家庭总支出8080.5元。缴纳医疗保险金720元，缴纳养老保险金200元，看病支出1460
.5元，人情往来支出900元，其它支出4800元。

二、致贫原因分析

该户致贫的原因有缺资金、缺技术，其中最要紧的是缺技术。

（一）该户主要致贫原因为缺资金。

家庭有扩大养殖规模的意愿，但由于缺少周转资金20000元，无法实现增收愿望。

（二）该户主要致贫原因为缺技术。

家中现有劳动力2人，但由于缺乏养羊技能，获得的种养收入有限，增收手段有限。

三、脱贫措施和目标

通过全面了解农户家庭情况，倾听农户发展意愿和想法，分析家庭比较优势和潜力，针对户中存在的问题和发展瓶
颈，通过综合施策、因户因人施策，确保2019年实现稳定脱贫。

（一）2018年脱贫措施和目标

预计生产经营性收入9000元，工资性收入6000元，转移性收入1200元（各类政策补贴），财产性收入
0元（农村租房、租地收入）。家庭总收入16200元，人均可支配收入3200元。

1．种植业方面

家中有耕地2.5亩。计划优化调整种植结构，引进新品种马铃薯种子，增加收入。

种植新品种马铃薯1.5亩。目前种植的马铃薯品种为传统地方品种，产量低而不稳，平均亩产1800斤左右，
亩收入900元左右。计划种植新品种马铃薯，加强种植方面技术指导，力争亩产达到2600斤左右，预计增收
600元左右。

2．养殖业方面

计划动员农户加入村级合作社，帮助扩大养殖规模，提高养殖技能，计划养羊12只，年预计出栏6只，收入48
00元以上，人均养殖收入达到1200元以上。

3．提高务工收益方面

技能培训方面，马维平没有电焊技能，根据其意愿，计划在2018年6月参加由县人社局组织的电焊培训，共培
训15天，取得电焊工合格证。

劳务输转方面，马维平近几年一直从事小工，为提高劳务收入，在经过技能培训并取得培训证书后，通过县劳务办
输转到兰州市新区建筑公司从事技能型务工，每年务工时间达到4个月，月工资稳定达到1500元左右，年收入
6000元。

4．精准扶贫贷款

申请精准扶贫专项贷款5万元，用于发展养羊，增加家庭收入，并按期还款。

5．教育方面

享受教育补助的学生有1人。

马小军在大河家镇初级中学接受义务教育，就读期间享受义务教育特惠政策补助资金1875元，其中寄宿生补助
625元。

6．基本医疗方面

家庭符合条件的人口全部参加城乡居民基本医疗保险；为马学义办理慢病卡，并落实各项特惠政策，报销医疗费用
1200元，减轻家庭负担。

7．入户道路和庭院硬化方面

硬化入户道路18㎡，硬化庭院20㎡，落实补助资金1500元（标准为每户30㎡，50元/㎡）。

8．安全饮水方面

对接县乡项目安排计划，协调列入安全饮水巩固提升计划，重点解决供水保证程度、水质达标等问题，确保该户饮
水达到脱贫验收标准。

（二）2019年脱贫（巩固提升）措施和目标

预计生产经营性收入13000元，工资性收入18000元，转移性收入1200元（各类政策补贴），财产性
收入0元（农村租房、租地收入）。家庭总收入32200元，人均可支配收入6100元。

1．种植业方面

继续优化调整种植结构。种植玉米1亩，种植马铃薯1.5亩，在2018年基础上2019年种植业保持相对稳
定，预计增收800元左右。

2．养殖业方面

在2018年基础上继续扩大养殖规模，计划养羊20只，年预计出栏10只，收入8000元以上。需要考虑到
疫情防治及市场变化，净收入预计5200元，人均养殖收入达到2000元以上。

3．提高务工收益方面

在2018年基础上继续加强劳务输转，马维平通过县劳务办输转到兰州市新区建筑公司从事技能型务工，每年务
工时间达到6个月，日工资稳定达到150元左右，年收入18000元。

（三）2020年脱贫（巩固提升）措施和目标

预计生产经营性收入（待补）元，工资性收入（待补）元，转移性收入（待补）元（各类政策补贴），财产性收入
（待补）元（农村租房、租地收入）。家庭总收入（待补）元，人均可支配收入（待补）元。

2020年的脱贫措施：（待补）。
"""

ALONE: Final = """
一、家庭基本情况

户主安福山，家中有1人，（待补）年纳入建档立卡，贫困户属性为五保贫困户。

（一）家庭人口

全家登记（待补）口人，没有劳动力。

户主：安福山，71岁，汉族，文盲文化程度。身体状况健康，劳动力情况为无劳动力，目前在家务农，属于“三
留守”人员（留守老人）。

（二）家庭主要生产生活资料及收入情况

1．教育情况

目前家里没有人上学。

2．就医情况

目前家里没有患病的人，没有残疾的人。

3．种、养殖情况

耕地面积1.5亩，人均耕地面积1.5亩。2017年家里有玉米。2017年没有养殖。

4．技能培训情况

没有参加过技能培训。

5．家庭收入情况

2017年家庭总收入（待补）元，人均可支配收入（待补）元。

种植业（油菜、玉米、小麦、洋芋等）收入（待补）元；转移性收入（待补）元（粮食直补、草原补贴、退耕还林
补贴等）。

二、致贫原因分析

（一）该户主要致贫原因为缺劳力。

户主安福山，年事已高，无劳动力。

家中没有劳动力，增收渠道有限，导致贫困。没有儿女，腿脚不便。

三、脱贫措施和目标

通过全面了解农户家庭情况，倾听农户发展意愿和想法，分析家庭比较优势和潜力，针对户中存在的问题和发展瓶
颈，通过综合施策、因户因人施策，确保（待补）年实现稳定脱贫。

（一）2018年脱贫措施和目标

预计生产经营性收入（待补）元，工资性收入（待补）元，转移性收入（待补）元（各类政策补贴），财产性收入
（待补）元（农村租房、租地收入）。家庭总收入（待补）元，人均可支配收入（待补）元。

1．基本医疗方面

家庭符合条件的人口全部参加城乡居民基本医疗保险。

2．社会保障方面

将整户（待补）人纳入五保。
"""


def paragraphs(expected: str) -> list[str]:
    """Paragraphs stand apart by an empty line; within one the line breaks mean nothing."""
    return [each.replace("\n", "") for each in expected.strip().split("\n\n")]


def part(paper: Paper, first: str, end: str) -> list[str]:
    said = [block.text for block in paper.blocks]
    return said[said.index(first) : said.index(end)]


def test_a_household_paragraph_by_paragraph() -> None:
    paper = paper_of(households.CELLAR_WATER)
    assert part(paper, "一、家庭基本情况", "四、帮扶措施") == paragraphs(CELLAR_WATER)
    assert [block.text for block in paper.blocks if block.style == "cover"] == [
        "贫困户姓名：马维平",
        "联系电话：13900001234",
        "家庭住址：大河家镇营坪村朱湾社",
        "帮扶责任人：张文华",
        "联系电话：13900005678",
        "帮扶单位：县教育局",
    ]
    assert all("2020年" in label for label in paper.blanks)


def test_a_single_person_of_whom_little_is_known() -> None:
    paper = paper_of(households.ALONE)
    assert part(paper, "一、家庭基本情况", "（二）2019年脱贫（巩固提升）措施和目标") == paragraphs(ALONE)


def test_a_household_of_which_nothing_is_known_still_has_its_frame() -> None:
    paper = paper_of(households.NOTHING)
    said = [block.text for block in paper.blocks if block.style.startswith("heading")]
    assert said == [
        "一、家庭基本情况",
        "（一）家庭人口",
        "（二）家庭主要生产生活资料及收入情况",
        "1．家庭收入情况",
        "二、致贫原因分析",
        "三、脱贫措施和目标",
        "（一）2018年脱贫措施和目标",
        "（二）2019年脱贫（巩固提升）措施和目标",
        "（三）2020年脱贫（巩固提升）措施和目标",
        "四、帮扶措施",
        "（一）2018年帮扶措施",
        "（二）2019年帮扶措施",
        "（三）2020年帮扶措施",
        "应急保障",
    ]
    assert {"贫困户姓名", "贫困户属性", "致贫原因", "帮扶责任人", "帮扶单位"} <= set(paper.blanks)
    assert [block.text for block in paper.blocks if block.style == "signature"] == ["2018年　　月"]


def test_the_family_stands_in_the_order_of_the_document() -> None:
    said = [block.text.split("，")[0] for block in paper_of(twelve()).blocks if "文化程度" in block.text]
    assert said == [
        "户主：马国忠",
        "父亲：马成才",
        "母亲：安玉莲",
        "妻子：祁梅珍",
        "儿子：马建军",
        "儿子：马建平",
        "儿媳：韩桂花",
        "女儿：马芳",
    ]


@pytest.mark.parametrize(
    ("aspect", "fact", "heading"),
    [
        (3, "job_ways", "提高务工收益方面"),
        (5, "education_ways", "教育方面"),
        (7, "housing_ways", "住房安全方面"),
        (10, "security_ways", "社会保障方面"),
    ],
)
def test_an_aspect_of_which_nothing_is_said_yet_is_to_be_filled_in(
    aspect: int, fact: str, heading: str
) -> None:
    paper = paper_of({"plan_2019_aspects": [aspect]})
    said = parts(paper)["三2019"].splitlines()
    assert said[-2] == f"1．{heading}"
    assert said[-1].endswith(f"办法：{BLANK}。")
    item = form().by_fact[f"plan_2019_{fact}"]
    assert any(label.startswith(item.label) for label in paper.blanks)


def test_only_the_ill_have_an_illness() -> None:
    said = [block.text for block in paper_of(whole("ill and disabled")).blocks if "文化程度" in block.text]
    assert ["患有" in each for each in said] == [True, True, False]


def test_the_causes_that_apply_are_numbered_anew() -> None:
    causes = [block.text for block in paper_of(whole("oilseed")).blocks if "主要致贫原因为" in block.text]
    assert causes == ["（一）该户主要致贫原因为因病。", "（二）该户主要致贫原因为自身发展动力不足。"]
    every = [block.text for block in paper_of(twelve()).blocks if "主要致贫原因为" in block.text]
    assert len(every) == 11
    assert every[-1] == "（十一）该户主要致贫原因为其他特殊原因。"


def test_each_measure_names_the_offices_of_the_scheme() -> None:
    units = units_of(shipped().packs["gp"])
    paper = paper_of(twelve())
    measures = [block.text for block in paper.blocks if "责任单位：" in block.text]
    assert len(measures) == 3 * 12 + 3
    ends = [f"（责任单位：{units(f'M-000-{id:02d}')}）" for id in range(1, 13)] * 3
    ends += [f"（责任单位：{units(f'M-000-E{id}')}）" for id in (1, 2, 3)]
    assert [text.endswith(end) for text, end in zip(measures, ends, strict=True)] == [True] * len(ends)
    assert [text.split("．")[0] for text in measures[:12]] == [str(id) for id in range(1, 13)]
    assert [text[:3] for text in measures[-3:]] == ["（一）", "（二）", "（三）"]


def test_without_a_scheme_in_force_no_measure_is_lost() -> None:
    walked = as_walked(form(), twelve())
    bare = compose(text(), walked, on=DAY, parameters={}, units=lambda _: "")
    whole_paper = paper_of(twelve())
    assert [block.style for block in bare.blocks] == [block.style for block in whole_paper.blocks]
    assert not any(word in printed(bare) for word in ("责任单位", "标准为", "供水率"))


def test_the_misprints_of_the_document_are_not_repeated() -> None:
    said = (PLANS / "gp.toml").read_text(encoding="utf-8").partition("[paper]")[2]
    assert [word for word in ("贫因户", "教助", "签定", "收入支出帐") if word in said] == []


# ---------------------------------------------------------------- the Word file


def view(facts: Facts) -> PlanPaper:
    return plan_paper(paper_of(facts), "积石山县", DAY)


def word(facts: Facts) -> Any:
    return Document(io.BytesIO(papers.render(PLANS / "gp.docx", view(facts))))


def test_the_frame_names_nothing_unknown() -> None:
    assert papers.lint(PLANS / "gp.docx", PlanPaper) == []


def test_the_word_file_has_every_paragraph_in_its_style() -> None:
    paper, document = paper_of(households.CELLAR_WATER), word(households.CELLAR_WATER)
    styles = {
        "title": "DocTitle",
        "heading1": "H1",
        "heading2": "H2",
        "heading3": "H3",
        "signature": "SignDay",
    }
    inside = [block for block in paper.blocks if block.style != "cover"]
    expected = [(styles.get(block.style, "Normal"), block.text) for block in inside]
    expected[-2] = ("BodyLast", expected[-2][1])  # kept with the signatures
    said = [(each.style.style_id, each.text) for each in document.paragraphs if each.text]
    start = said.index(("DocTitle", "“一户一策”精准脱贫帮扶计划"))
    assert said[:start] == [
        ("CoverTitle", "积石山县"),
        ("CoverTitle", "“一户一策”精准脱贫帮扶计划"),
        ("CoverYears", "（2018—2020年）"),
    ]
    assert said[start : start + len(expected)] == expected
    ((note, last),) = said[start + len(expected) :]
    assert note == "Note"
    assert last.startswith("还要补的内容：")
    assert "2020年帮扶措施" in last


def test_the_cover_has_six_lines_and_six_people_sign() -> None:
    cover, signatures = word(households.CELLAR_WATER).tables
    assert [[cell.text for cell in row.cells] for row in cover.rows] == [
        ["贫困户姓名：", "马维平"],
        ["联系电话：", "13900001234"],
        ["家庭住址：", "大河家镇营坪村朱湾社"],
        ["帮扶责任人：", "张文华"],
        ["联系电话：", "13900005678"],
        ["帮扶单位：", "县教育局"],
    ]
    assert [[cell.text for cell in row.cells] for row in signatures.rows] == [
        ["乡镇包村干部签字：", "村党支部书记签字："],
        ["村主任签字：", "驻村工作队队长签字："],
        ["帮扶责任人签字：", "农户签字："],
    ]


def test_the_signatures_stay_with_the_last_paragraph_and_their_date() -> None:
    document = word(households.NOTHING)
    signatures = document.tables[1]
    assert all(row._tr.xpath("w:trPr/w:cantSplit") for row in signatures.rows)
    for id in ("BodyLast", "SignGap", "Sign"):
        (style,) = [each for each in document.styles if each.style_id == id]
        assert style.paragraph_format.keep_with_next, id
    cells = [cell for row in signatures.rows for cell in row.cells]
    assert {cell.paragraphs[0].style.style_id for cell in cells} == {"Sign"}


def test_a_whole_paper_has_no_list_of_what_is_missing() -> None:
    assert "还要补的内容" not in "".join(each.text for each in word(twelve()).paragraphs)


def test_the_page_is_that_of_an_official_document_and_the_cover_has_no_number() -> None:
    document = word(households.CELLAR_WATER)
    cover, body = document.sections
    for section in (cover, body):
        measured = [section.page_width, section.page_height]
        measured += [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
        expected = [Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26)]
        assert [abs(a - b) < Mm(0.1) for a, b in zip(measured, expected, strict=True)] == [True] * 6
        # a grid of characters as well is set wide apart by LibreOffice: the spacing of Normal does its work
        assert section._sectPr.xpath("w:docGrid/@w:type") == ["lines"]
    normal = document.styles["Normal"]
    assert normal.paragraph_format.line_spacing == Pt(28.95)
    assert 22 * normal.paragraph_format.line_spacing <= Mm(225)
    spacing = Pt(int(normal.element.xpath("w:rPr/w:spacing/@w:val")[0]) / 20)
    assert 28 * (Pt(16) + spacing) <= Mm(156) < 29 * (Pt(16) + spacing)
    assert cover._sectPr.xpath("w:footerReference") == []
    assert body._sectPr.xpath("w:pgNumType/@w:start") == ["1"]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((body.footer, "FootOdd"), (body.even_page_footer, "FootEven")):
        assert footer.paragraphs[0].style.style_id == side


def test_every_run_names_its_east_asian_font() -> None:
    runs = list(word(households.CELLAR_WATER).element.body.iter(qn("w:r")))
    assert len(runs) > 100
    assert [run.text for run in runs if not run.rPr.rFonts.get(qn("w:eastAsia"))] == []


def test_the_same_household_gives_the_same_file() -> None:
    first, again = (papers.render(PLANS / "gp.docx", view(households.ALONE)) for _ in range(2))
    assert first == again
