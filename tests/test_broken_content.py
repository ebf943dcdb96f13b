"""Every file of tests/broken has one defect, and its first line says the exact problem that must be found.

A defective file takes the place of the file of its kind in the sound set (tests/broken/sound); all others
stay sound. Word templates are written as text, a line for each paragraph.
"""

from __future__ import annotations

import copy
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import content, loading
from bot.content import ContentInvalid, Places
from bot.dialogs.form import KINDS
from bot.dialogs.rejection import Reason
from bot.problems import Problem

BROKEN = Path(__file__).parent / "broken"
SOUND = BROKEN / "sound"
PLACE = {
    "form": "dialogs/forms/form.toml",
    "lists": "dialogs/lists.toml",
    "ledger": "dialogs/ledger.toml",
    "reuse": "dialogs/reuse.toml",
    "commands": "dialogs/commands.toml",
    "vocabulary": "dialogs/vocabulary.toml",
    "pack": "rules/packs/pack.toml",
    "shared": "rules/shared/indicators.toml",
    "library": "rules/library/set.toml",
    "county": "counties/county.toml",
    "reminders": "rules/reminders.toml",
    "clauses": "rules/clauses.toml",
    "offices": "rules/offices.toml",
    "procedure": "rules/procedures/procedure.toml",
    "message": "templates/messages/greeting.j2",
    "summary": "templates/plans/brief.j2",
    "paper": "templates/plans/paper.docx",
    "layout": "templates/ledgers/X-1.toml",
}
FEWEST = 32
FUZZED = ("form", "lists", "ledger", "reuse", "commands", "vocabulary")  # packs: tests/rules/test_loading.py
SIGN = "expect: "
DEFECTIVE = sorted(path for kind in PLACE for path in (BROKEN / kind).iterdir())


def typed(source: str, paper: Path) -> None:
    """A Word file of these paragraphs."""
    word = docx.Document()
    for line in source.splitlines():
        word.add_paragraph(line)
    word.save(str(paper))


def assemble(folder: Path) -> Places:
    """The sound set in `folder`, with a message for every reason and kind that the dialogue can name."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    messages = folder / "templates" / "messages"
    for room, names in {"rejected": get_args(Reason), "accepts": KINDS - {"calculate"}}.items():
        said = "".join(f"{{% macro {name}() %}}。{{% endmacro %}}\n" for name in names)
        (messages / f"{room}.j2").write_text(said, encoding="utf-8")
    for source in (folder / "templates" / "plans").glob("*.docx.txt"):
        typed(source.read_text(encoding="utf-8"), source.with_suffix(""))
        source.unlink()
    county = folder / "counties" / "county.toml"
    return Places(folder / "dialogs", folder / "rules", folder / "templates", folder / "code", county)


def put(broken: Path, folder: Path) -> None:
    """Let a defective file take the place of the sound one of its kind."""
    place = folder / PLACE[broken.parent.name]
    if broken.name.endswith(".docx.txt"):
        typed(broken.read_text(encoding="utf-8").partition("\n")[2], place)
    else:
        shutil.copyfile(broken, place)


def expected(broken: Path) -> list[str]:
    """The problems that the first lines of a file announce; a file may be unreadable further down."""
    found = []
    for line in broken.read_bytes().splitlines():
        announced = line.decode("utf-8", errors="replace").strip("{}# ")
        if not announced.startswith(SIGN):
            break
        found.append(announced.removeprefix(SIGN))
    return found


def named(path: Path) -> str:
    return path.relative_to(BROKEN).as_posix()


@pytest.fixture
def sound(tmp_path: Path) -> Places:
    return assemble(tmp_path)


def test_the_sound_set_has_no_problem(sound: Places) -> None:
    assert content.check(sound) == []
    loaded = content.load(sound)
    assert set(loaded.forms) == {("base", 1), ("form", 1)}
    assert set(loaded.packs) == {"pack"}
    assert loaded.messages.say("greeting.welcome", name="李", count=3) == "李，您好！有 3 户到期。"


def test_there_is_a_sound_file_of_every_kind(sound: Places, tmp_path: Path) -> None:
    assert [kind for kind, place in PLACE.items() if not (tmp_path / place).is_file()] == []


@pytest.mark.parametrize("broken", DEFECTIVE, ids=named)
def test_a_defective_file_has_exactly_the_problem_that_it_announces(
    broken: Path, sound: Places, tmp_path: Path
) -> None:
    put(broken, tmp_path)
    found = content.check(sound)
    assert [str(problem) for problem in found] == expected(broken)
    assert found[0].file == Path(PLACE[broken.parent.name]).name
    with pytest.raises(ContentInvalid):
        content.load(sound)


def test_every_defective_file_announces_one_problem_with_a_way_to_mend_it() -> None:
    announced = {named(path): expected(path) for path in DEFECTIVE}
    assert {name: lines for name, lines in announced.items() if len(lines) != 1} == {}
    bare = [name for name, (line,) in announced.items() if not line.endswith(")")]
    assert bare == [], "every problem says how to mend it"
    assert len(announced) >= FEWEST


def test_all_defects_are_collected_before_anything_is_refused(sound: Places, tmp_path: Path) -> None:
    together = {path.parent.name: path for path in DEFECTIVE}  # the last of every kind
    for broken in together.values():
        put(broken, tmp_path)
    problems = content.check(sound)
    assert {Path(PLACE[kind]).name for kind in together} == {problem.file for problem in problems}
    assert problems == sorted(problems)
    with pytest.raises(ContentInvalid) as refused:
        content.load(sound)
    assert list(refused.value.found) == problems
    assert str(refused.value).splitlines()[1:] == [str(problem) for problem in problems]


@pytest.mark.parametrize("place", sorted(set(PLACE.values()) - {PLACE["paper"]}))
def test_a_file_saved_in_another_encoding_is_named_with_the_line(
    sound: Places, tmp_path: Path, place: str
) -> None:
    path = tmp_path / place
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines, 1) if not line.isascii())
    path.write_bytes("\n".join(lines).encode("gbk"))
    assert content.check(sound) == [
        Problem(path.name, "(file)", f"line {first} is not UTF-8", "save it as UTF-8")
    ]


@pytest.mark.parametrize("kind", ["lists", "commands", "vocabulary", "county", "clauses"])
def test_a_file_that_is_not_there_is_named(sound: Places, tmp_path: Path, kind: str) -> None:
    path = tmp_path / PLACE[kind]
    path.unlink()
    (problem,) = content.check(sound)
    assert (problem.file, problem.id) == (path.name, "(file)")
    assert problem.what.startswith("it cannot be opened")


def test_schemes_without_anything_shared_are_not_read(sound: Places, tmp_path: Path) -> None:
    (tmp_path / PLACE["shared"]).unlink()
    assert [str(problem) for problem in content.check(sound)] == [
        'shared: words: one file of the folder must have it (write [words] comma = "…")'
    ]


def test_a_room_of_messages_without_a_file_is_missed(sound: Places, tmp_path: Path) -> None:
    (tmp_path / PLACE["message"]).unlink()
    assert [str(problem) for problem in content.check(sound)] == [
        f"greeting.j2: {name}: the message is said but not written" for name in ("bye", "welcome")
    ]


# ---------------------------------------------------------------- whatever stands in a file


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of the tables."""
    yield path
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*path, key))


JUNK: list[Any] = [5, -1, 1.5, True, "", "x", "{", "1 <", "a b", "x.y()", [], [1], ["x"], [[1]], {}, {"a": 1}]
TABLES = {name: tomllib.loads((SOUND / PLACE[name]).read_text(encoding="utf-8")) for name in FUZZED}


class Spoilt(loading.Loading):
    """A loading in which one file says something else than what stands in it."""

    def __init__(self, name: str, tables: dict[str, Any]) -> None:
        super().__init__()
        self.name, self.tables = name, tables

    def toml(self, path: Path) -> dict[str, Any] | None:
        return self.tables if path.name == self.name else super().toml(path)

    def read(self) -> list[Problem]:
        """Every problem of the tables, in the sound set."""
        dialogs = SOUND / "dialogs"
        self.replies(dialogs / "vocabulary.toml", dialogs / "commands.toml")
        self.dialogs(
            dialogs / "lists.toml", dialogs / "ledger.toml", sorted((dialogs / "forms").glob("*.toml"))
        )
        self.asked_once(dialogs / "reuse.toml")
        self.rules(SOUND / "rules")
        self.citations(SOUND / "rules" / "clauses.toml")
        return self.problems


@pytest.mark.parametrize("kind", TABLES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_file_it_is_read_or_refused_in_words(kind: str, data: st.DataObject) -> None:
    spoilt = copy.deepcopy(TABLES[kind])
    *way, last = data.draw(st.sampled_from([path for path in places(spoilt) if path]))
    at = spoilt
    for step in way:
        at = at[step]
    if isinstance(at, dict) and data.draw(st.booleans()):
        del at[last]
    else:
        at[last] = data.draw(st.sampled_from(JUNK))
    assert all(each.file and each.id and each.what for each in Spoilt(Path(PLACE[kind]).name, spoilt).read())
