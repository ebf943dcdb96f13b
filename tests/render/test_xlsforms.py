"""Exported forms as a survey tool reads them: valid, in Chinese, and with everything that the chat asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from bot import content
from bot.__main__ import main
from bot.content import Content
from bot.dialogs.form import Form
from bot.render.messages import Messages
from bot.render.xlsforms import XlsForm, write, xlsform
from tests.dialogs.building import form, parameters, written
from tests.javarosa.javarosa import required_java

DAY = date(2020, 4, 10)
FORMS = sorted(path.stem for path in (Path(content.__file__).parent / "dialogs" / "forms").glob("*.toml"))


@pytest.fixture(scope="module")
def loaded() -> Content:
    return content.load()


def exported(form: Form) -> XlsForm:
    return xlsform(form, parameters(), DAY, Messages())


def rows(made: XlsForm) -> Mapping[str, dict[str, str]]:
    """The survey sheet by name."""
    return {row["name"]: row for row in made.survey if not row["type"].startswith("end_")}


def row(items: str, name: str) -> dict[str, str]:
    """One row of a form of our own."""
    return rows(exported(written(items)))[name]


def item(id: str, kind: str, more: str = "") -> str:
    words = "" if kind == "calculate" else 'text = "问？"'
    head = f'[[item]]\nid = "{id}"\nsection = "s"\nfact = "{id}"\nkind = "{kind}"'
    return f'{head}\nlabel = "题"\n{words}\n{more}\n'


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_is_a_valid_xlsform(form_id: str, loaded: Content, tmp_path: Path) -> None:
    required_java()
    form = loaded.form(form_id)
    write(xlsform(form, loaded.form_parameters(DAY), DAY, loaded.messages), tmp_path / "form.xlsx")
    made = convert(tmp_path / "form.xlsx", validate=True)
    assert made.warnings == []
    assert f'id="{form_id}" version="{form.version}.20200410"' in made.xform


@pytest.mark.parametrize("form_id", FORMS)
def test_every_question_of_a_form_is_in_it_with_its_options(form_id: str, loaded: Content) -> None:
    form = loaded.form(form_id)
    made = xlsform(form, loaded.form_parameters(DAY), DAY, loaded.messages)
    found = rows(made)
    lists: dict[str, list[tuple[str, str]]] = {}
    for choice in made.choices:
        lists.setdefault(choice["list_name"], []).append((choice["name"], choice["label"]))
    for each in form.items:
        line = found[made.names.items[each.id]]
        assert line["type"] == "calculate" if each.calc is not None else line["label"], each.id
        if each.kind in ("select_one", "select_multiple"):
            kind, _, name = line["type"].partition(" ")
            assert kind == each.kind
            assert lists[name] == [(str(option.code), option.label) for option in each.options]
        assert ("required" in line) is each.required


@pytest.mark.parametrize("form_id", FORMS)
def test_every_check_is_in_it_or_reads_what_only_the_file_knows(form_id: str, loaded: Content) -> None:
    form = loaded.form(form_id)
    made = xlsform(form, loaded.form_parameters(DAY), DAY, loaded.messages)
    said = set(made.notes) | {each.partition(":")[0] for each in made.left_out}
    assert {check.id for check in form.checks} <= said
    assert {candidate.key for candidate in form.candidates} <= said
    assert all("member" in each for each in made.left_out)


def test_the_sheets_are_what_survey_tools_expect(tmp_path: Path) -> None:
    write(exported(form("jd")), tmp_path / "jd.xlsx")
    book = load_workbook(tmp_path / "jd.xlsx")
    assert book.sheetnames == ["survey", "choices", "settings"]
    settings = list(book["settings"].iter_rows(values_only=True))
    assert settings[1] == ("建档立卡贫困户脱贫情况调查问卷", "jd", "1.20200410")
    first = next(book["survey"].iter_rows(values_only=True))
    assert {"type", "name", "label", "hint", "relevant", "constraint", "constraint_message"} <= set(first)
    assert {"required", "calculation", "repeat_count"} <= set(first)


def test_a_question_bears_its_number_its_unit_and_the_persons_name() -> None:
    found = rows(exported(form("jd")))
    assert found["gross_income"]["label"] == "【1】2019年10月到2020年9月，家里一共能进多少钱？（元）"
    assert found["child_in_school"]["label"] == "【4-1】${child_who}现在在上学吗？"
    assert found["child_who"]["calculation"] == (
        "if(${child_name} != '', ${child_name}, concat('第', ${child_number}, '个孩子'))"
    )


def test_parameters_have_their_value_of_the_day() -> None:
    found = rows(exported(form("jd")))
    assert ">= 36" in found["water_shortage"]["calculation"]


def test_a_check_that_blocks_is_a_note_that_can_never_be_answered() -> None:
    found = rows(exported(form("jd")))
    block, warn = found["check_XC_1"], found["check_XC_2"]
    assert (block["type"], block["required"]) == ("note", "yes")
    assert (warn["type"], warn.get("required")) == ("note", None)
    assert warn["relevant"] == "${had_health_policy} = 2"


def test_a_probable_problem_is_a_note_at_the_end(loaded: Content) -> None:
    problems = {each.id: each.name for each in loaded.ledger.problems.values()}
    made = xlsform(loaded.form("jd"), loaded.form_parameters(DAY), DAY, loaded.messages, problems)
    note = rows(made)["problem_6_1"]
    assert problems["6.1"] in note["label"]
    names = [line["name"] for line in made.survey]
    assert names.index("problem_6_1") > names.index("signed_on")


def test_a_table_has_one_part_for_each_row_that_was_counted() -> None:
    made = exported(form("jd"))
    begin = next(line for line in made.survey if line["type"] == "begin_repeat")
    assert begin["repeat_count"] == "${child_rows}"
    count = rows(made)["child_rows"]["calculation"]
    assert count == "if(${school_age_child_count} != '', min(${school_age_child_count}, 60), 0)"


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("text", "", {"type": "text"}),
        (
            "person",
            "",
            {"type": "text", "constraint": "(string-length(.) <= 40) and (not(regex(., '^[0-9 ]+$')))"},
        ),
        ("integer", "min = 1\nmax = 20", {"type": "integer", "constraint": ". >= 1 and . <= 20"}),
        ("money", "min = 0", {"type": "decimal", "constraint": ". >= 0"}),
        ("percent", "max = 100", {"type": "decimal", "constraint": ". <= 100"}),
        ("year", "", {"type": "integer", "constraint": ". >= 1900 and . <= 2100"}),
        ("month", "", {"type": "date", "appearance": "month-year"}),
        ("datetime", "", {"type": "dateTime"}),
        ("signature", "", {"type": "image", "appearance": "signature"}),
        ("image", "", {"type": "image"}),
        ("geopoint", "", {"type": "geopoint"}),
        ("date", "required = true", {"type": "date", "required": "yes"}),
    ],
)
def test_a_kind_of_question_has_its_type_and_limits(kind: str, more: str, expected: dict[str, Any]) -> None:
    found = row(item("q", kind, more), "q")
    assert {key: found.get(key) for key in expected} == expected


def test_a_day_may_not_lie_ahead_where_the_form_says_so() -> None:
    found = row(item("q", "date", 'max = "today"'), "q")
    assert found["constraint"].endswith("(. <= today())")
    assert "今天" in found["constraint_message"]


def test_several_choices_keep_their_number_and_none_stands_alone() -> None:
    found = row(
        item(
            "q", "select_multiple", 'options = "education_policy"\nnone = 0\nmax_choices = 3\nmin_choices = 2'
        ),
        "q",
    )
    assert found["constraint"] == (
        "(count-selected(.) >= 2 or selected(., '0')) and (count-selected(.) <= 3) "
        "and (not(selected(., '0') and count-selected(.) > 1))"
    )
    assert "均未享受" in found["constraint_message"]


def test_two_facts_that_would_bear_one_name_get_two() -> None:
    items = item("child_name", "text") + item("n", "integer")
    items += '[[roster]]\nid = "child"\nname = "孩子"\ncount = "n"\ntitle = "name"\n'
    items += item("x", "person", 'repeat = "child"').replace('fact = "x"', 'fact = "name"')
    made = exported(written(items))
    assert (made.names.items["child_name"], made.names.items["x"]) == ("child_name", "child_name_2")


# ------------------------------------------------------------------------------------------- the command


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["export-form", *words])
    spoken = capsys.readouterr()
    return status, spoken.out, spoken.err


def test_the_command_writes_the_file_and_says_what_is_not_in_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, _ = said(capsys, "jd", str(tmp_path / "jd.xlsx"))
    assert status == 0
    assert "XC-13" in out
    assert [path.name for path in tmp_path.iterdir()] == ["jd.xlsx"]
    assert load_workbook(tmp_path / "jd.xlsx")["settings"]["B2"].value == "jd"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["jdd", "x.xlsx"], "No form named jdd"),
        (["jd", "x.xlsx", "--version", "99"], "No version named 99 of form jd"),
        (["jd", "x.pdf"], "OUT.xlsx"),
        (["jd", "no/such/folder/x.xlsx"], "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = said(capsys, words[0], str(tmp_path / words[1]), *words[2:])
    assert status == 1
    assert expected in err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "jd.xlsx").mkdir()
    status, _, err = said(capsys, "jd", str(tmp_path / "jd.xlsx"))
    assert status == 1
    assert "cannot be written" in err
    assert [path.name for path in tmp_path.iterdir()] == ["jd.xlsx"]
