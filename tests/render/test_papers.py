"""The Word plan, slot by slot, and what happens to a template that an office has changed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bot.problems import Problem
from bot.render import papers
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
    Reason,
    Responsible,
    WhyNot,
)

PLANS = Path(__file__).resolve().parents[2] / "templates" / "plans"
TEMPLATE = PLANS / "hr.docx"
DAY = date(2020, 4, 20)
BLANK = "（待补）"

MEASURES = (
    Measure(
        "生态护林员、护路员等岗位优先聘用",
        "乡镇、驻村工作队、支村委",
        "2020-06-30",
        "有劳动能力或弱劳动能力",
        "方案四（一）",
        "公益岗位优先聘用",
    ),
    Measure("产业分红全覆盖，每年分红比例不低于8%", "农业农村局", "年底前", "", "方案四（二）"),
)

FULL = PlanView(
    generated_on=DAY,
    household=Household(
        "三封寺镇", "莲花堰村", "第六组", "周德顺", 4, "已脱贫", 2018, Responsible("刘晓梅", "县供电公司")
    ),
    scheme="华容县分类帮扶动态管理工作方案",
    card=Card("黄卡", "该户人均纯收入低于5000元，且存在返贫风险", "方案二（二）"),
    reasons=(Reason("该户是建档立卡已脱贫户。", "方案二（二）"), Reason("家中有人患病")),
    why_not=(WhyNot("红卡", "该户已经脱贫"), WhyNot("绿卡", "还不能算稳定脱贫。")),
    flags=("优先考虑",),
    to_verify=("家里有没有人享受低保？",),
    gaps=(Gap("住房安全", "unknown", "住房还没有鉴定"), Gap("基本医疗", "fail", "1人没有参保。")),
    incomes=(
        Income("人均纯收入", "手册2019年度", 4800, 5000, False),
        Income("预计人均纯收入", "", 5320.5, 4000, True),
        Income("分红", "", 0),
    ),
    risks=("因病", "劳动力弱"),
    causes=("缺技术",),
    measures=MEASURES,
    goals=("年底人均纯收入达到6000元",),
    visits=(Due("上户走访", date(2020, 6, 30)), Due("季度复核", None)),
    promises=(Due("联系村医上门量血压。", date(2020, 5, 10)),),
    last_visit=LastVisit(date(2020, 4, 18), "春耕已完成，盼望就近务工。"),
    counts=Counts(0, 1, 1, 4),
    problems_open=2,
    problems_overdue=1,
    missing=("住房鉴定等级",),
    version="3",
    rule_version="2020-03-17",
)
NOTHING = PlanView(DAY)


def opened(view: PlanView, template: Path = TEMPLATE) -> Any:
    return Document(io.BytesIO(papers.render(template, view)))


def lines(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def rows(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def headings(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.style_id == "H1"]


def everything(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*lines(document), *cells])


def roots(document: Any) -> Iterator[Any]:
    section = document.sections[0]
    yield from (document.element.body, section.footer._element, section.even_page_footer._element)


# ------------------------------------------------------------------------------------ what it says


def test_the_plan_says_every_fact_in_its_place() -> None:
    document = opened(FULL)
    assert lines(document) == [
        "华容县脱贫攻坚分类帮扶",
        "“一户一策”帮扶计划",
        "周德顺户　第3版",
        "家庭基本情况",
        (
            "户主周德顺，家住三封寺镇莲花堰村第六组，家庭人口4人，已脱贫，2018年脱贫。"
            "结对帮扶责任人：刘晓梅，县供电公司。"
        ),
        "主要致贫原因：缺技术。",
        "当前主要风险：因病、劳动力弱。",
        "2020年4月18日最近一次走访：春耕已完成，盼望就近务工。",
        "分类卡别及理由",
        "建议卡别：黄卡。该户人均纯收入低于5000元，且存在返贫风险。依据：方案二（二）。",
        "建议卡别须经初核申报、民主评议、乡镇复核、县级抽查和公开公示后确定。",
        "评定提示：优先考虑。",
        "判定理由",
        "该户是建档立卡已脱贫户。依据：方案二（二）。",
        "家中有人患病。",
        "未评为其他卡别的原因",
        "红卡：该户已经脱贫。",
        "绿卡：还不能算稳定脱贫。",
        "尚待核实的问题",
        "家里有没有人享受低保？",
        "收入和保障情况",
        "家庭收入",
        "人均纯收入（手册2019年度）：4800元，对照标准5000元，低于标准。",
        "预计人均纯收入：5320.5元，对照标准4000元，达到标准。",
        "分红：0元。",
        "存在的短板",
        "住房安全：待核实。住房还没有鉴定。",
        "基本医疗：未达标。1人没有参保。",
        "帮扶目标",
        "年底人均纯收入达到6000元",
        "帮扶措施",
        "走访联络安排",
        "今年应上户4次，已上户1次。本月应联络1次，已联络0次。",
        "尚有未销号问题2个，其中逾期1个，逐项整改销号。",
        "近期应办事项",
        "承诺事项",
        "联系村医上门量血压（2020年5月10日前）。",
        "待补信息",
        "下列内容尚未登记，请在下次上户时补齐：住房鉴定等级。",
    ]


def test_the_tables_hold_the_measures_and_the_visits() -> None:
    measures, visits, signatures = opened(FULL).tables
    assert rows(measures) == [
        ["序号", "帮扶措施", "责任单位", "完成时限", "依据"],
        [
            "1",
            "生态护林员、护路员等岗位优先聘用\n条件：有劳动能力或弱劳动能力",
            "乡镇、驻村工作队、支村委",
            "2020年6月30日",
            "方案四（一）",
        ],
        ["2", "产业分红全覆盖，每年分红比例不低于8%", "农业农村局", "年底前", "方案四（二）"],
    ]
    assert rows(visits) == [
        ["序号", "事项", "最迟日期", "完成情况"],
        ["1", "上户走访", "2020年6月30日", ""],
        ["2", "季度复核", "", ""],
    ]
    text = "".join(cell for row in rows(signatures)[:2] for cell in row)
    for signer in ("户主（签字）", "帮扶责任人（签字）", "支村委负责人（签字）", "乡镇扶贫办（签章）"):
        assert text.count(signer) == 1
    foot = rows(signatures)[2][0]
    assert foot.startswith("填制日期：2020年4月20日")
    assert "《华容县分类帮扶动态管理工作方案》（规则版本2020-03-17）" in foot


def test_a_card_that_went_through_the_procedure_is_no_longer_a_suggestion() -> None:
    text = everything(opened(replace(FULL, card=Card("黄卡", official=True))))
    assert "核定卡别：黄卡。" in text
    assert "建议卡别" not in text


def test_what_is_required_and_missing_is_left_blank_and_listed_at_the_end() -> None:
    document = opened(replace(NOTHING, missing=("住房鉴定等级", "户主姓名")))
    assert headings(document) == ["家庭基本情况", "分类卡别及理由", "待补信息"]
    text = lines(document)
    assert text[2] == "（待补）户"
    assert (
        "户主（待补），家住乡镇（待补）村（待补），家庭人口（待补）人，脱贫状态（待补）。结对帮扶责任人：（待补）。"
        in text
    )
    listed = text[-1].partition("：")[2].rstrip("。").split("、")
    assert listed == [
        "户主姓名",
        "所在乡镇",
        "所在村",
        "家庭人口",
        "脱贫状态",
        "帮扶责任人",
        "分类卡别",
        "住房鉴定等级",
    ]


def test_a_sentence_whose_fact_is_missing_does_not_appear() -> None:
    text = everything(opened(NOTHING))
    for word in (
        "None",
        "致贫原因",
        "风险",
        "走访",
        "联络",
        "收入",
        "措施",
        "目标",
        "依据",
        "规则版本",
        "第版",
    ):
        assert word not in text


def test_a_measure_without_department_or_deadline_is_marked_and_listed() -> None:
    document = opened(replace(FULL, missing=(), measures=(Measure("逐户排查参保"),)))
    assert rows(document.tables[0])[1] == ["1", "逐户排查参保", BLANK, BLANK, ""]
    assert lines(document)[-1].endswith("补齐：措施责任单位、措施完成时限。")


def test_an_income_that_is_not_known_is_marked_not_counted_as_nothing() -> None:
    document = opened(replace(NOTHING, incomes=(Income("人均纯收入", "手册2019年度", None, 5000),)))
    assert "人均纯收入（手册2019年度）：（待补），对照标准5000元。" in lines(document)
    assert "人均纯收入" in lines(document)[-1]


def test_nothing_missing_leaves_no_heading_for_it() -> None:
    assert "待补信息" not in headings(opened(replace(FULL, missing=())))


def test_a_person_who_lives_alone_has_a_plan_too() -> None:
    alone = Household("三封寺镇", "莲花堰村", None, "吴桂英", 1, "非建档立卡", None, Responsible("刘晓梅"))
    document = opened(replace(NOTHING, household=alone, card=Card("蓝卡")))
    assert "户主吴桂英，家住三封寺镇莲花堰村，家庭人口1人，非建档立卡。结对帮扶责任人：刘晓梅。" in lines(
        document
    )
    assert "待补信息" not in headings(document)


def test_a_blue_card_has_no_visits_prescribed_but_may_have_contacts() -> None:
    assert "本月应联络1次。" in lines(opened(replace(NOTHING, counts=Counts(None, 1))))
    assert "走访联络安排" not in headings(opened(replace(NOTHING, counts=Counts(3, None, 1, None))))


def test_long_lists_keep_their_order_and_their_count() -> None:
    many = tuple(Measure(f"措施{n}", "乡镇", "年底前", "条件" * 40) for n in range(1, 61))
    table = opened(replace(FULL, measures=many)).tables[0]
    assert [row[0] for row in rows(table)[1:]] == [str(n) for n in range(1, 61)]
    assert [row[1].partition("\n")[0] for row in rows(table)[1:]] == [each.what for each in many]


@pytest.mark.parametrize(
    "words", ["<b>&amp; 5 > 3", "{{ plan.version }}", "{% if %}", "“引号”'\"", "第一行\n第二行"]
)
def test_an_answer_is_printed_as_it_was_said(words: str) -> None:
    document = opened(replace(NOTHING, to_verify=(words,)))
    assert words in [paragraph.text for paragraph in document.paragraphs]


def test_a_character_that_word_cannot_hold_is_left_out() -> None:
    document = opened(replace(NOTHING, to_verify=("上\x00户\x0b走\x07访\ufffe",)))
    assert "上户走访" in lines(document)


# ------------------------------------------------------------------------------------ how it looks


def test_the_page_is_that_of_an_official_document() -> None:
    document = opened(FULL)
    (section,) = document.sections
    measured = [section.page_width, section.page_height]
    measured += [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    expected = [Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26)]
    assert [abs(a - b) < Mm(0.1) for a, b in zip(measured, expected, strict=True)] == [True] * 6
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    assert normal.paragraph_format.line_spacing == Pt(28.95)
    assert 22 * normal.paragraph_format.line_spacing <= Mm(225)
    spacing = Pt(int(normal.element.xpath("w:rPr/w:spacing/@w:val")[0]) / 20)
    assert 28 * (Pt(16) + spacing) <= Mm(156) < 29 * (Pt(16) + spacing)


def test_every_kind_of_line_has_its_typeface() -> None:
    document = opened(FULL)
    fonts = {
        paragraph.style.style_id: paragraph.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in document.paragraphs
        if paragraph.runs
    }
    assert {id: fonts[id] for id in ("DocTitle", "H1", "H2", "Item", "Normal")} == {
        "DocTitle": "FZXiaoBiaoSong-B05S",
        "H1": "SimHei",
        "H2": "KaiTi",
        "Item": "FangSong",
        "Normal": "FangSong",
    }
    title = next(paragraph for paragraph in document.paragraphs if paragraph.style.style_id == "DocTitle")
    assert title.style.font.size == Pt(22)


@pytest.mark.parametrize("view", [FULL, NOTHING], ids=["full", "empty"])
def test_every_run_names_its_east_asian_font(view: PlanView) -> None:
    runs = [run for root in roots(opened(view)) for run in root.iter(qn("w:r"))]
    assert len(runs) > 20
    assert [run.text for run in runs if not run.rPr.rFonts.get(qn("w:eastAsia"))] == []


def test_headings_are_numbered_by_word_so_that_a_missing_section_leaves_no_hole() -> None:
    document = opened(FULL)
    levels = document.part.numbering_part.element.xpath("w:abstractNum/w:lvl")
    shown = [
        tuple(level.find(qn(f"w:{name}")).get(qn("w:val")) for name in ("lvlText", "pStyle"))
        for level in levels
    ]
    assert shown == [("%1、", "H1"), ("（%2）", "H2"), ("%3.", "Item")]
    assert levels[0].find(qn("w:numFmt")).get(qn("w:val")) == "chineseCountingThousand"


def test_page_numbers_stand_at_the_outer_side() -> None:
    document = opened(FULL)
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "FootOdd"), (section.even_page_footer, "FootEven")):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "— 1 —"
        assert paragraph._p.xpath(".//w:instrText")[0].text.strip() == "PAGE"
        assert paragraph.style.style_id == side
    assert document.styles["页码单"].paragraph_format.alignment == 2
    assert document.styles["页码双"].paragraph_format.alignment == 0


def test_a_table_repeats_its_head_and_breaks_no_row() -> None:
    for table in opened(FULL).tables[:2]:
        heads = [row._tr.trPr is not None and bool(row._tr.xpath("w:trPr/w:tblHeader")) for row in table.rows]
        assert heads == [True] + [False] * (len(table.rows) - 1)
        assert all(row._tr.xpath("w:trPr/w:cantSplit") for row in table.rows)


# ------------------------------------------------------------------------------- always the same


def test_the_same_view_gives_the_same_bytes() -> None:
    assert papers.render(TEMPLATE, FULL) == papers.render(TEMPLATE, replace(FULL))


def test_the_file_bears_the_day_of_the_plan_and_no_other() -> None:
    content = papers.render(TEMPLATE, FULL)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2020, 4, 20, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
        assert archive.testzip() is None
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+", properties)) == {"2020-04-20T00:00:00"}


def test_one_plan_leaves_nothing_in_the_next() -> None:
    before = papers.render(TEMPLATE, NOTHING)
    papers.render(TEMPLATE, FULL)
    assert papers.render(TEMPLATE, NOTHING) == before


# --------------------------------------------------------------------- templates that offices change


def changed(folder: Path, *paragraphs: str, footer: str = "") -> Path:
    """A template of the given paragraphs, as an office might write it."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = footer
    path = folder / "office.docx"
    document.save(str(path))
    return path


@pytest.mark.parametrize("path", [TEMPLATE, PLANS / "summary.j2"], ids=["paper", "summary"])
def test_our_own_templates_have_no_problem(path: Path) -> None:
    assert papers.lint(path) == []


@pytest.mark.parametrize(
    ("tag", "what", "hint"),
    [
        ("{{ plam.version }}", "unknown variable plam", "did you mean plan?"),
        ("{{ plan.verson }}", "unknown variable plan.verson", "did you mean version?"),
        ("{{ plan.household.vilage }}", "unknown variable plan.household.vilage", "did you mean village?"),
        ("{{ plan.card.reasn }}", "unknown variable plan.card.reasn", "did you mean reason?"),
        (
            "{% for each in plan.measures|sort %}{{ each.departement }}{% endfor %}",
            "unknown variable each.departement",
            "did you mean department?",
        ),
        (
            "{% set home = plan.household %}{{ home.responsible.nme }}",
            "unknown variable home.responsible.nme",
            "did you mean name?",
        ),
        ("{{ plan.visits[0].duo }}", "unknown variable ....duo", "did you mean due?"),
        ("{{ plan.generated_on.yeer }}", "unknown variable plan.generated_on.yeer", "did you mean year?"),
        ("{{ plan.version|numbr }}", "unknown filter numbr", "did you mean number?"),
        ("{% if plan.version is definde %}{% endif %}", "unknown test definde", "did you mean defined?"),
    ],
)
def test_an_unknown_name_is_found_without_printing(tag: str, what: str, hint: str, tmp_path: Path) -> None:
    path = changed(tmp_path, tag)
    assert papers.lint(path) == [Problem("office.docx", "document", what, hint)]


def test_an_unknown_name_in_a_footer_is_found_too(tmp_path: Path) -> None:
    (problem,) = papers.lint(changed(tmp_path, "计划", footer="{{ plan.verson }}"))
    assert (problem.id, problem.hint) == ("footer1.xml", "did you mean version?")


def test_a_name_that_word_has_split_over_runs_is_read_whole(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("户主{")
    for piece in ("{ plan.hou", "sehold.he", "ad }", "}。"):
        paragraph.add_run(piece).bold = piece == "sehold.he"
    path = tmp_path / "office.docx"
    document.save(str(path))
    assert papers.lint(path) == []
    assert lines(opened(FULL, path)) == ["户主周德顺。"]


def test_a_template_with_an_unknown_name_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(papers.PaperInvalid) as raised:
        papers.render(changed(tmp_path, "{{ plan.household.vilage }}"), FULL)
    assert str(raised.value) == (
        "The paper office.docx cannot be printed: "
        "unknown variable plan.household.vilage (did you mean village?)."
    )


def test_a_condition_that_is_not_closed_is_found(tmp_path: Path) -> None:
    path = changed(tmp_path, "{%p if plan.card %}", "卡别")
    (problem,) = papers.lint(path)
    assert problem.hint == "mend the tag"
    with pytest.raises(papers.PaperInvalid, match="endif"):
        papers.render(path, FULL)


def test_a_condition_that_parts_a_paragraph_is_refused_and_nothing_is_lost_unseen(tmp_path: Path) -> None:
    path = changed(tmp_path, "甲{% if plan.goals %}乙", "{%p endif %}", "丁")
    with pytest.raises(papers.PaperInvalid, match="closes inside another"):
        papers.render(path, NOTHING)


def test_a_file_that_is_not_from_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.docx"
    path.write_text("计划", encoding="utf-8")
    assert [problem.what for problem in papers.lint(path)] == ["it is not a Word file (.docx)"]
    with pytest.raises(papers.PaperInvalid, match="not a Word file"):
        papers.render(path, FULL)
    with pytest.raises(papers.PaperInvalid, match="not a Word file"):
        papers.render(tmp_path / "absent.docx", FULL)


def test_a_template_reaches_nothing_but_its_view(tmp_path: Path) -> None:
    path = changed(tmp_path, "{{ plan.__class__.__mro__ }}")
    assert [problem.what for problem in papers.lint(path)] == ["unknown variable plan.__class__"]
    with pytest.raises(papers.PaperInvalid):
        papers.render(path, FULL)


def test_a_template_that_an_office_restyled_by_styles_keeps_its_fonts(tmp_path: Path) -> None:
    document = Document()
    body = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    body.set(qn("w:eastAsia"), "KaiTi")
    for name in [each for each in body.attrib if each.endswith("Theme")]:
        del body.attrib[name]
    document.add_paragraph("户主{{ plan.household.head }}")
    path = tmp_path / "office.docx"
    document.save(str(path))
    (run,) = opened(FULL, path).paragraphs[0].runs
    assert run._r.rPr.rFonts.get(qn("w:eastAsia")) == "KaiTi"


@dataclass(frozen=True, slots=True)
class Notice:
    """Another kind of paper, which the product does not know yet."""

    generated_on: date
    sentence: str


def test_another_kind_of_paper_needs_only_its_template_and_its_view(tmp_path: Path) -> None:
    path = changed(tmp_path, "{{ plan.sentence }}", '{{ plan.generated_on|day("YYYY年MM月DD日") }}')
    assert papers.lint(path, Notice) == []
    assert [problem.what for problem in papers.lint(path)] == ["unknown variable plan.sentence"]
    document = Document(io.BytesIO(papers.render(path, Notice(DAY, "已受理。"))))
    assert lines(document) == ["已受理。", "2020年04月20日"]
