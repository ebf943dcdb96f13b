"""The blank paper of every form: opened as Word would, with every number, label, option and jump note."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from bot.__main__ import main
from bot.dialogs.jumps import conditions, jumps
from bot.dialogs.numbering import numbering, supplementary
from bot.render.blank_forms import EMPTY_ROWS, render_blank
from bot.render.blank_lines import Grid, Line, Pairs, blank_form, mark
from bot.render.messages import Messages
from tests.dialogs.building import DIALOGS, form, written

FORMS = sorted(path.stem for path in (DIALOGS / "forms").glob("*.toml"))
GAPS = re.compile(r"[\s_]+")


@cache
def paper(id: str) -> Any:
    return Document(io.BytesIO(render_blank(form(id), Messages())))


def opened(data: bytes) -> Any:
    return Document(io.BytesIO(data))


@cache
def words(id: str) -> str:
    """Everything that stands on the paper, cells included, without spaces and rules."""
    return joined(paper(id))


def joined(document: Any) -> str:
    return GAPS.sub("", "\n".join(lines(document)))


def lines(document: Any) -> list[str]:
    found = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        found += [cell.text for row in table.rows for cell in row.cells]
    return found


def line_of(document: Any, label: str) -> str:
    """The one line with that label."""
    (found,) = [text for text in lines(document) if label in text]
    return found


@pytest.mark.parametrize("id", FORMS)
def test_every_question_stands_on_the_paper_with_its_number_and_official_label(id: str) -> None:
    text = words(id)
    assert GAPS.sub("", form(id).name) in text
    for item in form(id).items:
        assert numbering(form(id)).code(item) in text
        assert GAPS.sub("", item.no) in text
        # What stands behind the blank of a label comes after the figure's rule.
        for piece in item.label.split("  "):
            assert GAPS.sub("", piece) in text, (item.id, piece)


@pytest.mark.parametrize("id", FORMS)
def test_every_blank_stands_in_the_official_order_with_what_to_type_for_it(id: str) -> None:
    names = numbering(form(id))
    shown = []
    for part in blank_form(form(id), Messages()).parts:
        for block in part.blocks:
            match block:
                case Line():
                    shown.append(block.code or block.number)
                case Pairs(found):
                    shown += [line.code or line.number for line in found]
                case Grid():
                    shown += [column.head.split()[0].partition("（")[0] for column in block.columns]
    assert [names.find(code)[0].id for code in shown] == [item.id for item in form(id).items]


@pytest.mark.parametrize("id", FORMS)
def test_every_option_stands_on_the_paper_with_its_official_code(id: str) -> None:
    text = words(id)
    for item in form(id).items:
        for option in item.options:
            assert mark(option.code) + GAPS.sub("", option.label) in text, (item.id, option)


@pytest.mark.parametrize("id", FORMS)
def test_every_jump_is_printed(id: str) -> None:
    whole = form(id)
    for question, found in jumps(whole).items():
        item = whole.by_id[question]
        if item.repeat is not None:
            continue
        for jump in found:
            codes = "".join(mark(code) if item.options else str(code) for code in jump.codes)
            note = f"填{codes}跳至{jump.to}" if jump.to else f"填{codes}到此结束"
            assert GAPS.sub("", note) in words(id), (question, note)


@pytest.mark.parametrize("id", FORMS)
def test_whatever_no_jump_says_is_printed_with_its_condition(id: str) -> None:
    for notes in conditions(form(id)).values():
        for note in notes:
            codes = "".join(map(mark, note.codes))
            said = f"{note.no}填{codes}的填" if codes else f"{note.no}大于0的填"
            assert said in words(id), said


def test_the_notes_read_as_on_the_official_paper() -> None:
    assert "（填①跳至8-2；填③跳至9）" in line_of(paper("jd"), "是否享受过危房改造政策")
    assert "（填②跳至5）" in line_of(paper("jd"), "是否有义务教育阶段（6-15周岁）儿童、少年：")
    assert "（填②到此结束，转到签字）" in line_of(paper("nj"), "是否重度残疾人")
    assert "（填0跳至25）" in line_of(paper("ve"), "本村扶贫车间个数")
    assert "（可多选；选填；6填①的填）" in line_of(paper("jd"), "住房安全但存在某些隐患")


def test_what_is_ours_is_marked_and_bears_its_id() -> None:
    assert line_of(paper("jd"), "调查方式").endswith("（补充） x1")
    for item in form("jd").items:
        if supplementary(item) and item.repeat is None:
            assert "补充" in line_of(paper("jd"), f"{item.label}：")


def test_a_blank_in_the_middle_of_a_label_stays_there() -> None:
    assert re.search(r"贷款了_+元", line_of(paper("jd"), "贷款了"))
    assert re.search(r"^\t_+年_+月_+日", line_of(paper("jd"), "月______日"))


def test_a_roster_is_a_table_with_empty_rows_and_its_columns_explained() -> None:
    tables = [
        table for table in paper("jd").tables if table.style is not None and table.style.name == "Table Grid"
    ]
    assert len(tables) == len(form("jd").rosters)
    child = tables[0]
    heads = [cell.text for cell in child.rows[0].cells]
    assert [head.split()[0] for head in heads] == ["行", "child.name", "4-1.a", "4-1.b", "4-1.x", "4-2"]
    assert [row.cells[0].text for row in child.rows[1:]] == [str(n) for n in range(1, EMPTY_ROWS + 1)]
    assert {cell.text for row in child.rows[1:] for cell in row.cells[1:]} == {""}
    assert "②延缓入学或已初中毕业" in line_of(paper("jd"), "如不在校，原因是：")


def test_a_table_too_wide_for_the_page_goes_on_with_the_name_once_more() -> None:
    columns = "".join(
        f'[[item]]\nid = "c{at}"\nsection = "s"\nrepeat = "r"\nfact = "{fact}"\nkind = "integer"\n'
        f'label = "项{at}"\ntext = "?"\n'
        for at, fact in enumerate(["name", *(f"f{n}" for n in range(12))])
    )
    count = '[[item]]\nid = "n"\nsection = "s"\nfact = "n"\nkind = "integer"\nlabel = "几个"\ntext = "?"\n'
    roster = '[[roster]]\nid = "r"\nname = "人"\ncount = "n"\ntitle = "name"\n'
    document = opened(render_blank(written(roster + count + columns), Messages()))
    heads = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    assert [len(row) for row in heads] == [8, 8]
    assert heads[0][1] == heads[1][1] == "c0 项0"
    assert {head for row in heads for head in row[1:]} == {f"c{at} 项{at}" for at in range(13)}


def test_the_page_is_a4_and_numbered() -> None:
    section = paper("jd").sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    fields = section.footer._element.findall(f".//{qn('w:fldSimple')}")
    assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


@pytest.mark.parametrize("id", FORMS)
def test_every_run_names_its_east_asian_font(id: str) -> None:
    document = paper(id)
    parts = [document.element.body, document.sections[0].footer._element]
    runs = [run for part in parts for run in part.iter(qn("w:r"))]
    assert runs
    for run in runs:
        assert run.xpath("w:rPr/w:rFonts/@w:eastAsia"), run.text


def test_the_same_form_gives_the_same_bytes() -> None:
    assert render_blank(form("jd"), Messages()) == render_blank(form("jd"), Messages())


def test_the_head_says_where_the_form_is_from_and_how_to_type_it() -> None:
    found = lines(paper("jd"))
    assert found[1] == "出处：华脱指办〔2020〕4号"
    assert "2=1 3=1 4=1" in found[2]


def test_the_command_writes_the_paper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "jd.docx"
    assert main(["export-form", "jd", str(target)]) == 0
    assert Document(str(target)).paragraphs[0].text == form("jd").name
    assert str(target) in capsys.readouterr().out
