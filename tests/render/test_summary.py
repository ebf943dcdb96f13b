"""The chat summary of a plan, for a supervisor's phone (outputs.md O-03)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.render.messages import Messages
from bot.render.plan_view import (
    Card,
    Counts,
    Due,
    Gap,
    Household,
    Income,
    LastVisit,
    Measure,
    PlanView,
    Responsible,
)

PLANS = Path(__file__).resolve().parents[2] / "templates" / "plans"
MOST_LINES = 12

FULL = PlanView(
    generated_on=date(2020, 4, 20),
    household=Household(
        "三封寺镇", "莲花堰村", "第六组", "周德顺", 4, "已脱贫", 2018, Responsible("刘晓梅", "县供电公司")
    ),
    card=Card("黄卡"),
    flags=("优先考虑",),
    to_verify=("家里有没有人享受低保？", "残疾人补贴领到没有？"),
    gaps=(Gap("住房安全", "unknown"), Gap("基本医疗", "fail")),
    incomes=(Income("人均纯收入", "手册2019年度", 4800, 5000, False), Income("预计人均纯收入")),
    risks=("因病", "因学", "因灾", "就业"),
    causes=("缺技术",),
    measures=tuple(
        Measure(f"措施{n}的全文", "乡镇", "2020-06-30", short=f"措施{n}", state="已落实") for n in range(1, 8)
    ),
    goals=("年底人均6000元",),
    visits=(Due("上户走访", date(2020, 6, 30)), Due("季度复核", date(2020, 6, 30))),
    last_visit=LastVisit(date(2020, 4, 18), "春耕已完成。"),
    counts=Counts(0, 1, 1, 4),
    problems_open=2,
    problems_overdue=0,
    missing=("住房鉴定等级",),
    updated_at=datetime(2020, 4, 20, 9, 5),
)
NOTHING = PlanView(date(2020, 4, 20))


@pytest.fixture(scope="module")
def messages() -> Messages:
    return Messages(PLANS)


def said(messages: Messages, view: PlanView) -> list[str]:
    return messages.say("summary.summary", plan=view).split("\n")


def line(messages: Messages, view: PlanView, label: str) -> str:
    (found,) = [each for each in said(messages, view) if f"【{label}】" in each]
    return found


def test_a_full_summary_says_everything_in_twelve_lines_at_most(messages: Messages) -> None:
    assert said(messages, FULL) == [
        "【户】莲花堰村·第六组·周德顺 人口4 已脱贫（2018年） 黄卡（建议） 优先考虑",
        "【风险】因病、因学、因灾 【缺项】住房安全待核实、基本医疗未达标",
        "【收入】人均纯收入（手册2019年度）4800元（低于5000元）",
        "【原因】缺技术",
        "【今年目标】年底人均6000元",
        (
            "【措施】乡镇：措施1：2020-06-30：已落实；乡镇：措施2：2020-06-30：已落实；乡镇：措施3：2020-06-30：已落实；"
            "乡镇：措施4：2020-06-30：已落实；乡镇：措施5：2020-06-30：已落实；另有2项"
        ),
        "【待核实】家里有没有人享受低保？等2题；待补1项，下次上户请补上",
        "【问题】未销号2，逾期0",
        "【责任人】刘晓梅 县供电公司 本月联络0/1，今年上户1/4",
        "【最近】4月18日 春耕已完成 【下一步】6月30日前 上户走访",
        "更新于 2020-04-20 09:05；完整计划：回复“全文”",
    ]
    assert len(said(messages, FULL)) <= MOST_LINES


def test_what_is_not_known_takes_no_line(messages: Messages) -> None:
    assert said(messages, NOTHING) == [
        "【户】（待补） 人口（待补） 状态（待补） 卡别待定",
        "【责任人】（待补）",
        "更新于 2020-04-20；完整计划：回复“全文”",
    ]


def test_a_long_answer_stays_on_its_line(messages: Messages) -> None:
    chatter = "老人说\n\n今年收成不错，\n" * 30
    view = replace(
        FULL,
        last_visit=LastVisit(date(2020, 4, 18), chatter),
        to_verify=(chatter,),
        causes=(chatter,),
        risks=(chatter,),
        goals=(chatter, chatter),
        measures=tuple(Measure(chatter, chatter) for _ in range(9)),
        visits=(Due(chatter),),
    )
    lines = said(messages, view)
    assert len(lines) == len(said(messages, FULL))
    assert max(map(len, lines)) <= 240


def test_an_official_card_is_not_called_a_suggestion(messages: Messages) -> None:
    assert "建议" not in line(messages, replace(FULL, card=Card("黄卡", official=True)), "户")


def test_an_income_at_the_line_has_reached_it(messages: Messages) -> None:
    view = replace(NOTHING, incomes=(Income("人均纯收入", "", 5000, 5000, True), Income("分红", "", 0)))
    assert line(messages, view, "收入") == "【收入】人均纯收入5000元（达到5000元）；分红0元"


def test_five_measures_leave_none_to_count(messages: Messages) -> None:
    assert "另有" not in line(messages, replace(FULL, measures=FULL.measures[:5]), "措施")


def test_a_measure_without_a_short_name_is_called_by_its_text(messages: Messages) -> None:
    assert (
        line(messages, replace(NOTHING, measures=(Measure("逐户排查参保"),)), "措施")
        == "【措施】逐户排查参保"
    )


def test_counts_stand_without_what_is_not_prescribed(messages: Messages) -> None:
    view = replace(NOTHING, counts=Counts(2, None, 1, 4))
    assert line(messages, view, "责任人") == "【责任人】（待补） 本月联络2，今年上户1/4"


def test_risks_without_gaps_and_gaps_without_risks_have_no_empty_label(messages: Messages) -> None:
    assert line(messages, replace(NOTHING, risks=("因病",)), "风险") == "【风险】因病"
    assert line(messages, replace(NOTHING, gaps=(Gap("饮水", "fail"),)), "缺项") == "【缺项】饮水未达标"


def test_nobody_is_ranked(messages: Messages) -> None:
    text = "\n".join(said(messages, FULL))
    assert not any(word in text for word in ("排名", "第1名", "倒数", "落后"))
