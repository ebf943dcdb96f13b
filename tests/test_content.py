"""What ships is in order, `python -m bot check` says so, and nothing starts on content that is not."""

from __future__ import annotations

import copy
import pickle
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import content
from bot.__main__ import main
from bot.content import Content, ContentInvalid
from bot.problems import Problem

ROOT = Path(__file__).parents[1]
COUNTY = '[county]\nid = "own"\nname = "某县"\nschemes = ["hr"]\n'
NOT_COPIED = shutil.ignore_patterns("__pycache__")


def command(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` in a checkout."""
    call = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def shipped() -> Content:
    return content.load()


# ---------------------------------------------------------------- what ships


def test_the_shipped_content_has_no_problem() -> None:
    assert content.check() == []


def test_check_says_that_all_is_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.__main__.utc_now", lambda: datetime(2020, 11, 2, tzinfo=UTC))
    assert main(["check"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "content is in order\n"


def test_check_warns_of_a_year_whose_days_off_nobody_knows_yet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.__main__.utc_now", lambda: datetime(2098, 10, 2, tzinfo=UTC))
    assert main(["check"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert [line.split(": ")[:3] for line in lines[:2]] == [["warning", "huarong.toml", "calendar"]] * 2
    assert "2098" in lines[0]
    assert "2099" in lines[1]
    assert lines[2:] == ["content is in order"]


def test_every_form_is_found_in_its_newest_version(shipped: Content) -> None:
    assert [form.id for form in shipped.latest_forms()] == sorted({id for id, _ in shipped.forms})
    for form in shipped.latest_forms():
        assert form.version == max(version for id, version in shipped.forms if id == form.id)
        assert shipped.form(form.id, form.version) is shipped.form(form.id)


def test_a_form_that_does_not_exist_is_not_found(shipped: Content) -> None:
    with pytest.raises(KeyError):
        shipped.form("jd", 0)


def test_forms_read_a_parameter_from_its_first_day_on(shipped: Content) -> None:
    first = min(value.start for parameter in shipped.parameters for value in parameter.values)
    assert shipped.form_parameters(date.min) == {}
    named = {f"param_{p.id}" for p in shipped.parameters if p.values[0].start <= first}
    assert set(shipped.form_parameters(first)) == named


def test_initials_are_what_one_types_of_a_label() -> None:
    assert content.initials("已脱贫") == "ytp"
    assert content.initials("B级住房") == "bjzf"
    assert content.initials("") == ""


# ---------------------------------------------------------------- what is not in order


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the product that a test may spoil."""
    for name in ("bot", "counties", "templates", "samples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=NOT_COPIED)
    return tmp_path


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def spoilt(checkout: Path) -> Path:
    """The product with five defects in five kinds of files."""
    spoil(checkout / "bot/rules/packs/hr.toml", '["unlifted"]', '["unlifed"]')
    spoil(checkout / "bot/dialogs/forms/jd.toml", 'options = "yes_no"', 'options = "yes_on"')
    spoil(checkout / "bot/dialogs/commands.toml", 'id = "help"', 'id = "hlep"')
    spoil(checkout / "templates/messages/rejected.j2", "{% macro too_long(", "{% macro too_lang(")
    (checkout / "templates/plans/hr.docx").write_bytes(b"no Word file at all")
    return checkout


def test_check_lists_every_problem_sorted_and_fails(spoilt: Path) -> None:
    done = command("check", folder=spoilt)
    listed = done.stdout.splitlines()
    assert done.returncode == 1
    # What of next year is not known yet is only warned of.
    said = [line for line in done.stderr.splitlines() if not line.startswith("warning:")]
    assert said == [f"{len(listed)} problem(s)"]
    assert {line.partition(":")[0] for line in listed} == {
        "hr.toml",
        "jd.toml",
        "commands.toml",
        "rejected.j2",
        "hr.docx",
    }
    assert listed == sorted(listed)
    assert len(set(listed)) == len(listed)
    assert "hr.docx: -: it is not a Word file (.docx) (save it in Word as .docx)" in listed
    assert "commands.toml: hlep: there is no command hlep (did you mean help?)" in listed
    assert [line for line in listed if "there is no option list yes_on (did you mean yes_no?)" in line]
    assert [line for line in listed if "there is no fact unlifed (did you mean unlifted?)" in line]


def test_the_bot_does_not_start_on_a_problem_and_lists_all(spoilt: Path) -> None:
    listed = command("check", folder=spoilt).stdout.splitlines()
    started = command("practice", folder=spoilt)
    assert started.returncode == 1
    said = [line for line in started.stderr.splitlines() if " WARNING " not in line]
    assert said == [f"The content has {len(listed)} problem(s):", *listed]
    assert list(spoilt.glob("*.db")) == []


def test_a_county_file_of_ones_own_may_stand_beside_any_other_file(tmp_path: Path) -> None:
    """Whoever follows the handbook keeps it in the folder of the project, beside its settings."""
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(COUNTY, encoding="utf-8")
    assert content.check(content.in_county(str(own))) == []


def test_a_file_that_an_editor_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(COUNTY, encoding="utf-8-sig")
    assert content.load(content.in_county(str(own))).county.name == "某县"


def test_a_county_without_any_scheme_for_households_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(COUNTY.replace('"hr"', '"village"'), encoding="utf-8")
    (problem,) = content.check(content.in_county(str(own)))
    assert problem.what == "none of its schemes is about households"


def test_a_county_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(ContentInvalid, match=r"there is no county huarng \(did you mean huarong"):
        content.load(content.in_county("huarng"))


@pytest.mark.parametrize("carry", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_refusal_survives_the_way_between_processes(carry) -> None:  # type: ignore[no-untyped-def]
    problems = [Problem("a.toml", "1", "unknown key x", "did you mean y?"), Problem("b.toml", "2", "z")]
    carried = carry(ContentInvalid(problems))
    assert isinstance(carried, ContentInvalid)
    assert carried.found == tuple(problems)
    said = "The content has 2 problem(s):\na.toml: 1: unknown key x (did you mean y?)\nb.toml: 2: z"
    assert str(carried) == said
