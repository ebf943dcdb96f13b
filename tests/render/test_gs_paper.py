"""The plan paper of document 001, slot by slot: what it says, what it leaves out, and how it is printed."""

from __future__ import annotations

import copy
import io
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bot.content import load
from bot.dialogs.form import Form, Item
from bot.render import papers
from bot.render.narrative import Paper, PaperText, compose
from bot.render.narrative_reading import read_paper
from bot.render.plan_paper import PlanPaper, plan_paper
from tests.render.gs_households import (
    EASED,
    EVERY_RISK,
    HOUSEHOLDS,
    MARGINAL,
    MEASURES,
    PLAN,
    POLICY,
    PROPERTY,
    RISKS,
    SIGNED,
    STABLE,
    TRACKED,
    UNSTABLE,
    WHY,
    Facts,
    household,
    received,
)

PLANS = Path(__file__).resolve().parents[2] / "templates" / "plans"
SENTENCES, FRAME = PLANS / "gs.toml", PLANS / "gs.docx"
DAY = date(2020, 12, 20)
BLANK = "（待补）"
CLOSED = "按规定不填写。"

SECTIONS = [
    "一、家庭基本情况",
    "二、2020年家庭收入及刚性支出情况",
    "三、2020年家庭财产情况",
    "四、返贫（致贫）风险",
    "五、2020年帮扶措施及风险消除情况",
    "六、2021年帮扶措施",
    "七、预计到2021年底收入及风险消除情况",
    "八、签字确认",
]

# Yes or no is said in a sentence; these are what it says.
SAID_AS = {
    "3.2.a.x2": {1: "是消费型汽车", 2: "不是消费型汽车"},
    "4.3.1.h": {1: "因治病举债", 2: "没有因治病举债"},
    "4.3.4.e": {1: "有劳动能力", 2: "没有劳动能力"},
    "4.3.4.k": {1: "因治疗残疾举债", 2: "没有因治疗残疾举债"},
    "5.1.4.b": {1: "享受了参保缴费补贴", 2: "没有享受参保缴费补贴"},
    "5.1.4.c": {1: "患病住院", 2: "没有人住院"},
    "5.1.6.b": {1: "饮水安全已达标", 2: "饮水安全没有达标"},
    "5.2.x4": {1: "家里有患大病、重病的人", 2: "家里没有患大病、重病的人"},
    "5.2.x1": {1: "2021年确有帮扶政策", 2: "2021年没有"},
    "8.x1": {1: "四方均由本人签字", 2: "有代签的，请本人补签"},
}
SEPARATE = {"5.1.c"}  # the year stands in the heading above its rows
UNPRINTED = {"signature", "image"}
# Answered by ticking: all options are printed, and without an answer all boxes are empty.
TICKED = {"1.6", "1.7", "2.1", "3.1.x", "3.2.x", "4.1", "4.1.x", "4.2", "5.2", "7.2", "8.3.x", "8.x"}
# What may be skipped, what is worked out and what comes with the signatures is not asked for at the end.
NOT_LISTED = {"3.1.c.x", "3.0", "5.1.2.e", "5.1.8.a", "6.e", "8.3.x", "8.x1", "8.x2", "8.x", "8.x4"}


@pytest.fixture(scope="module")
def form() -> Form:
    forms = load().forms
    return forms[max(key for key in forms if key[0] == "gs")]


@pytest.fixture(scope="module")
def text(form: Form) -> PaperText:
    found, problems = read_paper(tomllib.loads(SENTENCES.read_text("utf-8")), form, None, SENTENCES.name)
    assert problems == []
    assert found is not None
    return found


def printed(text: PaperText, facts: Facts) -> Paper:
    return compose(text, facts, on=DAY, parameters={}, units=lambda _: "")


def lines(paper: Paper) -> list[str]:
    return [block.text for block in paper.blocks]


def everything(paper: Paper) -> str:
    return "\n".join([paper.title, *lines(paper)])


def headings(paper: Paper) -> list[str]:
    return [block.text for block in paper.blocks if block.style == "heading1"]


def section(paper: Paper, heading: str) -> list[str]:
    """What is printed under a heading of the first level."""
    found = lines(paper)
    start = found.index(heading) + 1
    ends = [found.index(each) for each in headings(paper) if found.index(each) >= start]
    return found[start : min(ends, default=len(found))]


def view(paper: Paper) -> PlanPaper:
    return plan_paper(paper, "", DAY)


def opened(paper: Paper) -> Any:
    return Document(io.BytesIO(papers.render(FRAME, view(paper))))


# ------------------------------------------------------- every answered question, and nothing besides


def words(item: Item, value: Any) -> list[str]:
    """What must stand in the paper for an answer, worked out without the paper's own means."""
    if item.id in SAID_AS:
        return [SAID_AS[item.id][value]]
    if item.id == "6.e":
        return [f"资金：{value}元" if value else "不需要资金"]
    chosen = value if isinstance(value, list) else [value]
    if item.id in TICKED:
        return [("☑" if option.code in chosen else "□") + option.label for option in item.options]
    if item.options:
        return [option.label for option in item.options if option.code in chosen and option.code]
    if item.kind == "month":
        year, month = value.split("-")
        return [f"{year}年{int(month)}月"]
    if item.kind == "date":
        year, month, day = value.split("-")
        return [f"{year}年{int(month)}月{int(day)}日"]
    if isinstance(value, str):
        return [value]
    return [f"{value:.2f}".rstrip("0").rstrip(".")]


def relevant(item: Item, facts: Facts) -> bool:
    return item.ask_if is None or item.ask_if.evaluate(facts) is True


def asked(form: Form, facts: Facts) -> Iterator[tuple[Item, Facts]]:
    """Every question that this household is asked, with the facts it is answered from."""
    for item in form.items:
        if item.kind in UNPRINTED or item.calc is not None:
            continue
        if item.repeat is None:
            if relevant(item, facts):
                yield item, facts
        elif relevant(form.by_id[form.roster_by_id[item.repeat].count], facts):
            for row in facts.get(item.repeat) or []:
                if relevant(item, {**facts, **row}):
                    yield item, row


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_every_answer_to_a_question_that_is_asked_stands_in_the_paper(
    form: Form, text: PaperText, name: str
) -> None:
    facts = HOUSEHOLDS[name]
    paper = printed(text, facts)
    whole, single = everything(paper), lines(paper)
    answered = [(item, row) for item, row in asked(form, facts) if row.get(item.fact) not in (None, [])]
    for item, row in answered:
        for word in words(item, row[item.fact]):
            assert word in whole, f"{item.id}: {word}"
    for roster in {item.repeat for item, _ in answered if item.repeat}:
        for row in facts[roster]:
            said = [
                word
                for item, each in answered
                if each is row and item.id not in SEPARATE
                for word in words(item, row[item.fact])
            ]
            assert any(all(word in line for word in said) for line in single), said
    assert len(answered) > 25 or not facts


@pytest.mark.parametrize("name", [name for name in HOUSEHOLDS if name != "everything missing"])
def test_a_full_paper_has_nothing_to_be_filled_in(text: PaperText, name: str) -> None:
    paper = printed(text, HOUSEHOLDS[name])
    assert paper.blanks == ()
    assert BLANK not in everything(paper)


@pytest.mark.parametrize("name", [name for name in HOUSEHOLDS if name != "everything missing"])
def test_answers_to_questions_that_are_no_longer_asked_are_not_printed(text: PaperText, name: str) -> None:
    facts = copy.deepcopy(HOUSEHOLDS[name])
    stale = {name: value for measure in MEASURES.values() for name, value in measure.items()}
    facts["received_measure"] = [{**stale, **row} for row in facts["received_measure"]]
    facts = {
        "exit_year": 2016,
        "guarantee_gaps": [1, 4],
        "has_serious_illness": 1,
        "has_support_policy": 1,
        "support_policy_reason": "旧的说明",
        **EVERY_RISK,
        **PROPERTY,
        **PLAN,
        **facts,
    }
    assert printed(text, facts).blocks == printed(text, HOUSEHOLDS[name]).blocks


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_no_sign_of_the_sentences_is_left_and_no_mark_stands_double(text: PaperText, name: str) -> None:
    for line in (printed(text, HOUSEHOLDS[name]).title, *lines(printed(text, HOUSEHOLDS[name]))):
        assert not re.search(r"[{}\[\]|?\\]|None|True|False|[，、；：。]{2}|（）|“”|^[，、；：。]", line), (
            line
        )


# ------------------------------------------------------------------------- what is missing is listed


def facts_without(facts: Facts, item: Item) -> Facts:
    """The facts without one answer; of a list of rows, without that of the first row that is asked."""
    less = copy.deepcopy(facts)
    if item.repeat is None:
        less[item.fact] = None
        return less
    row = next(row for row in less[item.repeat] if relevant(item, {**less, **row}))
    row[item.fact] = None
    return less


@pytest.mark.parametrize("name", [name for name in HOUSEHOLDS if name != "everything missing"])
def test_each_answer_that_is_missing_is_listed_unless_it_may_be(
    form: Form, text: PaperText, name: str
) -> None:
    facts = HOUSEHOLDS[name]
    tried = 0
    for item in dict.fromkeys(item for item, _ in asked(form, facts)):
        paper = printed(text, facts_without(facts, item))
        whole = everything(paper)
        listed = any(item.label in blank for blank in paper.blanks)
        assert listed == (item.id not in NOT_LISTED), item.id
        assert (BLANK in whole) == (listed and item.id not in TICKED) or figures_wait(item, whole), item.id
        assert "None" not in whole
        assert "。。" not in whole
        tried += 1
    assert tried > 30


def figures_wait(item: Item, whole: str) -> bool:
    """Whether the sign stands for the plan that nobody can say is needed before the verdict."""
    return item.id == "5.2" and f"措施{BLANK}项" in whole


def test_a_figure_that_cannot_be_worked_out_is_marked_but_only_its_parts_are_listed(text: PaperText) -> None:
    paper = printed(
        text, household(UNSTABLE, [3], EASED, net_wage_income=None, expected_net_wage_income=None)
    )
    assert f"家庭全部净收入{BLANK}元，人均纯收入{BLANK}元。" in lines(paper)
    assert f"预计家庭全部净收入{BLANK}元，人均纯收入{BLANK}元。" in lines(paper)
    assert paper.blanks == ("工资性收入", "2021年工资性收入（估）")


def test_a_household_of_which_nothing_is_known_has_a_paper_to_be_filled_in(text: PaperText) -> None:
    paper = printed(text, {})
    assert paper.title == f"甘肃省{BLANK}“一户一策”帮扶计划"
    assert headings(paper) == [each for each in SECTIONS if not each.startswith("三")]
    assert "☑" not in everything(paper)
    assert len(paper.blanks) == 28
    assert not re.search(r"\d元", everything(paper))  # what is not known is never 0


# ------------------------------------------------------------------------------------- its sections


def test_the_title_and_the_basic_facts_of_a_household_that_may_fall_back(text: PaperText) -> None:
    paper = printed(text, HOUSEHOLDS["unstable eased"])
    assert paper.title == "甘肃省脱贫不稳定户“一户一策”帮扶计划"
    assert section(paper, SECTIONS[0]) == [
        "1．户主姓名：马占海",
        "2．联系电话：00000001234",
        "3．家庭人口：常住5人",
        "4．脱贫年度：2017年",
        "5．监测年度：2019年",
        "6．农户属性：",
        "☑低保户　□特困供养户　☑残疾人户　□都不是",
        "7．家庭劳动力：",
        "□有劳动能力　☑部分家庭成员丧失劳动能力　□整户无劳动能力",
    ]


def test_the_title_and_the_basic_facts_of_a_household_that_may_fall_in(text: PaperText) -> None:
    paper = printed(text, HOUSEHOLDS["marginal stable"])
    assert paper.title == "甘肃省边缘易致贫户“一户一策”帮扶计划"
    found = section(paper, SECTIONS[0])
    assert [line[0] for line in found if "．" in line] == list("123456")
    assert found[3:6] == ["4．监测年度：2019年", "5．农户属性：", "□低保户　□特困供养户　□残疾人户　☑都不是"]


def test_income_and_expense_are_ticked_and_added_up(text: PaperText) -> None:
    assert section(printed(text, HOUSEHOLDS["twelve persons"]), SECTIONS[1]) == [
        "1．主要收入来源",
        (
            "☑工资性收入　☑农业自营收入　□资产收益扶贫分红收入　☑政府补贴或救助收入　□非农业自营收入"
            "　□土地流转等财产性收入"
        ),
        "2．具体收入",
        "工资性收入12000元，经营性净收入-850.5元，财产性净收入0元，转移性净收入4320元。",
        "家庭全部净收入15469.5元，人均纯收入1289.13元。",
        "3．刚性支出",
        "因病刚性支出9600元，因残刚性支出0元，因学刚性支出7000元，其他刚性支出300元（冬季取暖买煤）。",
        "家庭刚性总支出16900元。",
    ]


def test_one_person_has_the_whole_income_and_no_other_expense_to_explain(text: PaperText) -> None:
    found = section(printed(text, HOUSEHOLDS["one person"]), SECTIONS[1])
    assert "家庭全部净收入15469.5元，人均纯收入15469.5元。" in found
    assert "因病刚性支出9600元，因残刚性支出0元，因学刚性支出7000元，其他刚性支出0元。" in found


def test_property_is_told_of_households_that_may_fall_in_only(text: PaperText) -> None:
    for name, facts in HOUSEHOLDS.items():
        marginal = facts.get("monitor_kind") == MARGINAL
        assert headings(printed(text, facts)) == [
            each for each in SECTIONS if marginal or not each.startswith("三")
        ], name
    assert section(printed(text, HOUSEHOLDS["marginal stable"]), SECTIONS[2]) == [
        "家庭财产通过入户调查、邻里访问、经济核对的方式摸清。住房：砖木结构平房4间，92平方米。",
        "1．不动产",
        "☑生产用房　☑农业设施　☑经济林木　☑草场牧场　□都没有",
        "生产用房：2间，共36.5平方米。",
        "农业设施：大棚1座、蓄水池1口。",
        "经济林木：花椒180株，共2.4亩。",
        "草场牧场：15亩。",
        "2．动产",
        "☑机动车辆　☑大型农机具　☑农业设备、机器设备　☑牲畜　☑参与市场经营　□都没有",
        "机动车辆，共2种：",
        "农用三轮车1辆，不是消费型汽车。",
        "二手面包车3辆，是消费型汽车。",
        "大型农机具，共1种：",
        "手扶拖拉机2台。",
        "农业设备、机器设备，共2种：",
        "铡草机4台。",
        "水泵5台。",
        "牲畜存栏，共2种：",
        "肉牛6头（只）。",
        "绵羊21头（只）。",
        "参与市场经营情况：在百合种植合作社入股分红。",
        "补充说明：老宅已经塌了，没有算在里面。",
    ]


def test_who_owns_nothing_says_so(text: PaperText) -> None:
    assert section(printed(text, HOUSEHOLDS["nothing owned"]), SECTIONS[2])[1:] == [
        "1．不动产",
        "□生产用房　□农业设施　□经济林木　□草场牧场　☑都没有",
        "2．动产",
        "□机动车辆　□大型农机具　□农业设备、机器设备　□牲畜　□参与市场经营　☑都没有",
    ]


def test_trees_counted_by_the_piece_need_no_area(text: PaperText) -> None:
    found = lines(printed(text, household(MARGINAL, [3], EASED, economic_forest_area=None)))
    assert "经济林木：花椒180株。" in found


RISKS_SAID = {
    1: "因病：马占海于2019年3月患慢性肾衰竭，未治愈，没有继续治疗；自付23500元，报销0元，"
    "没有报销的原因：在外省看病没有转诊手续；因治病举债18000元；没有继续治疗的原因：没有路费去省城透析。",
    2: "因自然灾害：2020年8月遭受水旱灾害，财产损失16800元，人员伤亡情况：一人轻伤。",
    3: "因学：马小兰正在就读，学校类型为高等教育，一年支出13500元。",
    4: "因残：马有财于2016年11月致残，残疾类型为肢体，等级为二级，没有劳动能力，生活不能自理；"
    "治疗情况：未治愈，没有继续治疗；自付4100元，报销0元，没有报销的原因：康复器械不在目录里；"
    "因治疗残疾举债3900元；没有继续治疗的原因：医生说再治也恢复不了。",
    5: "因产业失败：育肥羊养殖失败，原因：羊群得了布病；银行借款和负债47000元；影响：没有本钱再买羊。",
    6: "因就业不稳：从事建筑小工（时间：2018年到2020年3月），就业不稳的因素：工地停工、没有别的手艺；"
    "收入减少14200元；影响：孩子的生活费供不上。",
    7: "因意外事故：2020年5月发生农用车翻车，财产损失8700元，人员伤亡：户主右腿骨折；影响：半年干不了重活。",
    8: "因疫情：年初出不了门，少打了四个月工。",
    9: "缺劳动力：马老汉于2017年9月丧失劳动能力，原因：中风后偏瘫。",
    10: "自身发展动力不足：文化水平低、缺技术。只上过两年学，不敢贷款搞养殖。",
    11: "其他：替亲戚担保贷款被追偿。",
}
TOLD = "风险产生的原由、过程和带来的影响：三年里病、灾接连来，收入减少、花销变大。"


@pytest.mark.parametrize(
    "chosen", [*([risk] for risk in RISKS), [1, 4, 11], [2, 5, 8], [3, 6, 9], [7, 10, 1]]
)
def test_each_chosen_risk_is_ticked_and_described_and_no_other(text: PaperText, chosen: list[int]) -> None:
    found = section(printed(text, household(UNSTABLE, chosen, EASED, **EVERY_RISK)), SECTIONS[3])
    boxes = found[found.index("2．主要风险（不能多于3项）") + 1]
    ticked = [box for box in boxes.split("　") if box.startswith("☑")]
    assert len(boxes.split("　")) == 11
    assert len(ticked) == len(chosen)
    described = found[found.index("3．具体风险分析描述") + 1 :]
    assert described == [*(RISKS_SAID[risk] for risk in sorted(chosen)), TOLD]


def test_what_went_well_is_said_too(text: PaperText) -> None:
    healed = {"risk_illness_state": 1, "risk_illness_reimbursed": 900, "risk_illness_has_debt": 2}
    abled = {"risk_disabled_can_work": 1, "risk_disabled_self_care": 1, "risk_disability_state": 2}
    paid = {"risk_disability_reimbursed": 300, "risk_disability_has_debt": 2, "risk_disaster_kind": 6}
    found = lines(printed(text, household(UNSTABLE, [1, 2, 4], EASED, **healed, **abled, **paid)))
    assert "因病：马占海于2019年3月患慢性肾衰竭，已治愈；自付23500元，报销900元；没有因治病举债。" in found
    assert (
        "因残：马有财于2016年11月致残，残疾类型为肢体，等级为二级，有劳动能力，生活能自理；"
        "治疗情况：未治愈，还在治疗；自付4100元，报销300元；没有因治疗残疾举债。"
    ) in found
    assert "因自然灾害：2020年8月遭受其他灾害，财产损失16800元，人员伤亡情况：一人轻伤。" in found


def test_a_full_stop_in_an_answer_is_not_doubled(text: PaperText) -> None:
    found = lines(printed(text, household(UNSTABLE, [8], EASED, risk_epidemic="工厂停了。")))
    assert "因疫情：工厂停了。" in found


def test_gaps_of_the_guarantees_are_told_for_that_kind_of_risk_only(text: PaperText) -> None:
    told = "“三保障”和饮水还没有保障好的：□义务教育　☑基本医疗　□住房安全　□饮水安全　□都有保障"
    assert told in lines(printed(text, household(UNSTABLE, [1], EASED)))
    assert "饮水还没有保障好的" not in everything(
        printed(text, household(UNSTABLE, [1], EASED, risk_categories=[2]))
    )


MEASURES_SAID = {
    1: "产业：享受“养羊补助”，2019年6月落实，补助资金6200元，种植全膜玉米7.5亩，养殖湖羊11头（只），"
    "培训内容为羊病防治，培训3次；通过产业扶持增加收入5400元。",
    2: "就业：马强享受“稳岗就业帮扶”，方式为外出务工、回乡创业、扶贫车间、公益岗位、技能培训；"
    "外出务工落实的政策：外出务工交通补贴，补助资金600元，提供的帮助：包车送到厂门口；"
    "在扶贫车间从事缝制校服，收入9100元；公益岗位为乡村保洁员，收入5880元；"
    "参加的培训项目为春潮培训，工种为电焊工，2020年4月在县职业学校培训，已发证。",
    3: "教育：马小梅享受“国家助学金”（学段：高中教育），补助或贷款2500元。",
    4: "医疗：享受“参保资助和大病保险”；城乡居民基本医疗保险，家里人都参加了；享受了参保缴费补贴；"
    "马占海患病住院，报销住院费用31200元。",
    5: "住房：享受“农村危房改造”，改造方式为原址重建，2019年10月落实，补助26500元。",
    6: "饮水：享受“安全饮水工程”，饮水方式为自来水，饮水安全已达标。",
    7: "综合保障：享受“农村低保”，享受人员为马占海、马有财，补助资金7344元。",
    8: "其他措施：冬季救助煤，每年送煤一吨。",
}


def enjoyed(text: PaperText, *rows: Facts) -> list[str]:
    """What is printed of the measures enjoyed."""
    facts = household(UNSTABLE, [9], EASED, received_measure_count=len(rows), received_measure=list(rows))
    found = section(printed(text, facts), SECTIONS[4])
    return found[: found.index("2．2020年底风险消除情况")]


@pytest.mark.parametrize("category", MEASURES)
def test_each_kind_of_help_is_told_in_full(text: PaperText, category: int) -> None:
    assert enjoyed(text, received(category)) == [
        "1．确定为脱贫不稳定户后享受的主要帮扶措施",
        "到2020年底，累计享受主要帮扶措施1项。",
        "2019年",
        MEASURES_SAID[category],
    ]


def test_help_stands_by_year_and_within_it_by_category(text: PaperText) -> None:
    rows = [received(8, 2020), received(3, 2019), received(1, 2020), received(2, 2019), received(5, 2014)]
    assert enjoyed(text, *rows)[2:] == [
        *("2014年", MEASURES_SAID[5]),
        *("2019年", MEASURES_SAID[2], MEASURES_SAID[3]),
        *("2020年", MEASURES_SAID[1], MEASURES_SAID[8]),
    ]


def test_help_of_an_unknown_year_or_kind_is_not_lost(text: PaperText) -> None:
    paper = printed(
        text,
        household(
            UNSTABLE,
            [9],
            EASED,
            received_measure_count=3,
            received_measure=[
                received(7, None),
                received(6, 2021),
                {"received_what": "送种子", "received_year": 2020},
            ],
        ),
    )
    found = lines(paper)
    at = found.index("2020年")
    assert found[at : at + 5] == [
        "2020年",
        f"类别{BLANK}：享受“送种子”。",
        "年度待核对",
        "饮水：年度2021，享受“安全饮水工程”，饮水方式为自来水，饮水安全已达标。",
        f"综合保障：年度{BLANK}，享受“农村低保”，享受人员为马占海、马有财，补助资金7344元。",
    ]
    assert len(paper.blanks) == 2


def test_parts_of_a_measure_that_were_not_given_are_not_told(text: PaperText) -> None:
    assert enjoyed(text, received(1, industry_parts=[3], industry_gain=0))[-1] == (
        "产业：享受“养羊补助”，2019年6月落实，养殖湖羊11头（只）；通过产业扶持增加收入0元。"
    )
    assert enjoyed(text, received(1, industry_parts=[0]))[-1] == (
        "产业：享受“养羊补助”，2019年6月落实；通过产业扶持增加收入5400元。"
    )
    assert enjoyed(text, received(2, job_ways=[1], job_away_help=None))[-1] == (
        "就业：马强享受“稳岗就业帮扶”，方式为外出务工；外出务工落实的政策：外出务工交通补贴，补助资金600元。"
    )
    assert enjoyed(text, received(2, job_ways=[2]))[-1] == "就业：马强享受“稳岗就业帮扶”，方式为回乡创业。"
    assert enjoyed(text, received(4, medical_insured=2, medical_premium_aid=2, medical_hospital=2))[-1] == (
        "医疗：享受“参保资助和大病保险”；城乡居民基本医疗保险，家里人有人没参加；没有享受参保缴费补贴；"
        "没有人住院。"
    )
    assert enjoyed(text, received(6, water_safe=2))[-1].endswith("饮水安全没有达标。")
    assert enjoyed(text, received(8, other_measure=None))[-1] == "其他措施：冬季救助煤。"


def test_no_help_enjoyed_leaves_no_year(text: PaperText) -> None:
    assert enjoyed(text) == [
        "1．确定为脱贫不稳定户后享受的主要帮扶措施",
        "到2020年底，累计享受主要帮扶措施0项。",
    ]


# ------------------------------------------------------------- the verdict and the sections it closes

FILLED = [
    "针对返贫致贫风险，按照“缺什么补什么、弱什么强什么”的原则，与农户面对面商定2021年帮扶措施3项。",
    "1．产业：补栏基础母羊5只；责任单位：县畜牧中心；落实时间：2021年4月；资金：7500元。",
    "2．医疗：家庭医生每季度上门随访；责任单位：乡卫生院；落实时间：2021年12月；不需要资金。",
    "3．综合性保障：落实临时救助；责任单位：县民政局；落实时间：2021年3月。",
]
EXPECTED = [
    "1．预计收入情况",
    "预计2021年工资性收入15600元，经营性净收入6250元，财产性净收入480元，转移性净收入-120元。",
    "预计家庭全部净收入22210元，人均纯收入4442元。",
    "2．预计风险消除情况",
    "□风险可稳定消除不再监测帮扶　☑风险可得到缓解需要继续监测帮扶　□风险可消除需要继续跟踪监测",
]
STOPS = "☑风险稳定消除不再监测帮扶　□风险得到缓解但需要继续监测帮扶　□风险虽已消除但需要继续跟踪监测"
GOES_ON = "□风险稳定消除不再监测帮扶　☑风险得到缓解但需要继续监测帮扶　□风险虽已消除但需要继续跟踪监测"
IS_WATCHED = "□风险稳定消除不再监测帮扶　□风险得到缓解但需要继续监测帮扶　☑风险虽已消除但需要继续跟踪监测"
GROUNDS = "判定依据：人均纯收入过线，吃穿不愁，饮水合格。"


def judged(text: PaperText, facts: Facts) -> tuple[list[str], list[str], list[str]]:
    """What is printed of the verdict, of the measures planned and of what is expected."""
    paper = printed(text, facts)
    found = section(paper, SECTIONS[4])
    verdict = found[found.index("2．2020年底风险消除情况") + 1 :]
    return verdict, section(paper, SECTIONS[5]), section(paper, SECTIONS[6])


@pytest.mark.parametrize("kind", [UNSTABLE, MARGINAL])
def test_a_risk_that_eased_is_planned_for(text: PaperText, kind: int) -> None:
    assert judged(text, household(kind, [1], EASED)) == (
        [GOES_ON, GROUNDS, "继续监测帮扶，制定2021年帮扶措施，预计收入及风险消除情况。"],
        FILLED,
        EXPECTED,
    )


@pytest.mark.parametrize("kind", [UNSTABLE, MARGINAL])
def test_a_risk_that_is_gone_for_good_closes_both_sections(text: PaperText, kind: int) -> None:
    assert judged(text, household(kind, [1], STABLE)) == (
        [STOPS, f"{GROUNDS}家里没有患大病、重病的人。", "原则上不再监测、不再帮扶。2021年没有帮扶政策。"],
        [CLOSED],
        [CLOSED],
    )


def test_a_policy_that_goes_on_all_the_same_is_filled_in_and_explained(text: PaperText) -> None:
    facts = household(MARGINAL, [1], STABLE, **POLICY, support_policy_reason=WHY)
    told = f"情况说明：{WHY}。"
    assert judged(text, facts) == (
        [
            STOPS,
            f"{GROUNDS}家里没有患大病、重病的人。",
            f"原则上不再监测、不再帮扶。2021年确有帮扶政策，据实填写。{told}",
        ],
        [f"该户风险稳定消除，确有帮扶政策，据实填写。{told}", *FILLED],
        [f"该户确有帮扶政策，据实填写。{told}", *EXPECTED],
    )


def test_a_household_that_is_only_watched_has_nothing_planned(text: PaperText) -> None:
    assert judged(text, household(UNSTABLE, [4], TRACKED, has_serious_illness=1)) == (
        [
            IS_WATCHED,
            f"{GROUNDS}家里有患大病、重病的人。",
            "原则上不再帮扶，持续落实社会保障等帮扶政策，继续跟踪监测。2021年没有其他帮扶政策。",
        ],
        [CLOSED],
        [CLOSED],
    )


def test_a_household_that_is_watched_and_helped_is_filled_in_without_an_explanation(text: PaperText) -> None:
    _, planned, expected = judged(text, household(UNSTABLE, [4], TRACKED, **POLICY))
    assert planned == ["该户风险虽已消除，确有帮扶政策，据实填写。", *FILLED]
    assert expected == ["该户确有帮扶政策，据实填写。", *EXPECTED]


@pytest.mark.parametrize("verdict", [STABLE, TRACKED])
def test_whether_a_policy_goes_on_is_asked_for_before_the_sections_are_closed(
    text: PaperText, verdict: int
) -> None:
    facts = household(UNSTABLE, [4], verdict, has_support_policy=None)
    asked = [f"2021年是否确有帮扶政策{BLANK}，没有的按规定不填写。"]
    assert judged(text, facts)[1:] == (asked, asked)
    assert printed(text, facts).blanks == ("是否确有帮扶政策",)


# ------------------------------------------------------------------------------------ the signatures


def test_four_sign_in_person_and_four_keep_a_copy(text: PaperText) -> None:
    assert section(printed(text, HOUSEHOLDS["unstable eased"]), SECTIONS[7]) == [
        (
            "本计划由农户、监测员、村支部书记或驻村第一书记（工作队长）、乡镇党委书记四方签字确认，不得由他人代签。"
            "签字确认后一式四份，由农户、监测员、村委会、乡镇各留存一份。"
        ),
        "村级签字人：□村党支部书记　□驻村第一书记　□驻村工作队长",
        "已领取留存：□农户　□监测员　□村委会　□乡镇",
        (
            "监测员指对脱贫不稳定户和边缘易致贫户负有监测和帮扶责任的乡镇包村干部、驻村帮扶工作队队员、"
            "各级帮扶单位派驻的帮扶干部等联户干部，谁负责谁签字。"
        ),
    ]


def test_a_signed_plan_says_when_and_who_has_a_copy_but_signs_for_nobody(text: PaperText) -> None:
    paper = printed(text, HOUSEHOLDS["marginal eased, signed"])
    found = section(paper, SECTIONS[7])
    assert found[1:4] == [
        "村级签字人：□村党支部书记　☑驻村第一书记　□驻村工作队长",
        "四方签字日期：2020年12月18日。四方均由本人签字。",
        "已领取留存：☑农户　☑监测员　□村委会　□乡镇",
    ]
    for signature in ("household", "monitor", "village", "town_secretary"):
        assert SIGNED[f"{signature}_signature"] not in everything(paper)
    proxy = household(UNSTABLE, [1], EASED, **{**SIGNED, "signed_in_person": 2})
    assert "四方签字日期：2020年12月18日。有代签的，请本人补签。" in lines(printed(text, proxy))


# --------------------------------------------------------------------------------------- in the frame


def test_the_frame_names_nothing_that_is_not_there() -> None:
    assert papers.lint(FRAME, PlanPaper) == []


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_every_sentence_is_printed_in_its_style(text: PaperText, name: str) -> None:
    paper = printed(text, HOUSEHOLDS[name])
    document = opened(paper)
    styles = {"heading1": "H1", "heading3": "H3", "heading4": "H4", "body": "Normal", "boxes": "Boxes"}
    styles |= {"choices": "Choices", "signature": "SignLead", "note": "Note"}
    shown = [
        (each.style.style_id, each.text.replace("\n", "　")) for each in document.paragraphs if each.text
    ]
    assert shown[0] == ("DocTitle", paper.title)
    assert shown[1 : len(paper.blocks) + 1] == [(styles[each.style], each.text) for each in paper.blocks]
    tail = [text for _, text in shown[len(paper.blocks) + 1 :]]
    listed = [f"还要补的内容：{'、'.join(paper.blanks)}。"] if paper.blanks else []
    assert tail == ["填制日期：2020年12月20日", *listed]


def test_of_three_boxes_each_has_its_own_line_and_ticks_come_from_a_font_that_has_them(
    text: PaperText,
) -> None:
    document = opened(printed(text, HOUSEHOLDS["unstable tracked"]))
    single = [each for each in document.paragraphs if each.style.style_id == "Choices"]
    assert [each.text.split("\n") for each in single] == [
        ["□有劳动能力", "□部分家庭成员丧失劳动能力", "☑整户无劳动能力"],
        IS_WATCHED.split("　"),
    ]
    ticks = [run for each in document.paragraphs for run in each.runs if run.text == "☑"]
    assert len(ticks) == sum(each.text.count("☑") for each in document.paragraphs) > 6
    assert {tick._r.rPr.rFonts.get(qn("w:eastAsia")) for tick in ticks} == {"OpenSymbol"}


@pytest.mark.parametrize(
    "words", ["<b>&amp; 5 > 3", "{{ plan.title }}", "{% if %}", "[?monitor_kind == 1: 甲|乙]"]
)
def test_an_answer_is_printed_as_it_was_said(text: PaperText, words: str) -> None:
    document = opened(printed(text, household(UNSTABLE, [8], EASED, risk_epidemic=words)))
    assert f"因疫情：{words}。" in [each.text for each in document.paragraphs]


def test_the_signature_table_has_a_line_for_each_of_the_four_and_names_nobody(text: PaperText) -> None:
    (table,) = opened(printed(text, HOUSEHOLDS["marginal eased, signed"])).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["签字人", "本人签字", "日期"],
        *(
            [who, "", "　　年　　月　　日"]
            for who in ("农户", "监测员", "村支部书记或驻村第一书记（工作队长）", "乡镇党委书记")
        ),
    ]
    assert all(row._tr.xpath("w:trPr/w:cantSplit") for row in table.rows)
    assert all(
        p.paragraph_format.keep_with_next for row in table.rows for c in row.cells for p in c.paragraphs
    )


def test_the_page_is_that_of_an_official_document(text: PaperText) -> None:
    document = opened(printed(text, HOUSEHOLDS["twelve persons"]))
    (page,) = document.sections
    measured = [page.page_width, page.page_height]
    measured += [page.top_margin, page.bottom_margin, page.left_margin, page.right_margin]
    wanted = [Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26)]
    assert all(abs(a - b) < Mm(0.1) for a, b in zip(measured, wanted, strict=True))
    for name in ("Normal", "一级标题", "三级标题", "四级标题", "勾选", "签字说明"):
        style = document.styles[name]
        assert style.font.size == Pt(16)
        assert style.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
        assert style.paragraph_format.line_spacing == Pt(28.95)
        assert style.element.xpath("w:pPr/w:ind/@w:firstLineChars") == ["200"]
        spacing = Pt(int(style.element.xpath("w:rPr/w:spacing/@w:val")[0]) / 20)
        assert 28 * (Pt(16) + spacing) <= Mm(156) < 29 * (Pt(16) + spacing)
    assert document.settings.odd_and_even_pages_header_footer
    for footer, style_id in ((page.footer, "FootOdd"), (page.even_page_footer, "FootEven")):
        (paragraph,) = footer.paragraphs
        assert (paragraph.text, paragraph.style.style_id) == ("— 1 —", style_id)


def test_every_kind_of_line_has_its_typeface(text: PaperText) -> None:
    document = opened(printed(text, HOUSEHOLDS["twelve persons"]))
    fonts: dict[str, set[str]] = {}
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            if run.text != "☑":  # the tick comes from a font that has one
                fonts.setdefault(paragraph.style.style_id, set()).add(run._r.rPr.rFonts.get(qn("w:eastAsia")))
    assert fonts.pop("DocTitle") == {"FZXiaoBiaoSong-B05S"}
    assert fonts.pop("H1") == {"SimHei"}
    assert fonts.pop("Note") == {"KaiTi"}
    assert set(fonts) >= {"H3", "H4", "Normal", "Boxes", "Choices", "SignLead"}
    assert set.union(*fonts.values()) == {"FangSong"}
    assert document.styles["三级标题"].font.bold
    assert document.styles["文件标题"].font.size == Pt(22)


def test_the_same_household_gives_the_same_bytes(text: PaperText) -> None:
    first, again = (printed(text, copy.deepcopy(HOUSEHOLDS["twelve persons"])) for _ in range(2))
    assert papers.render(FRAME, view(first)) == papers.render(FRAME, view(again))
