"""All content, loaded once and checked whole: forms, packs, words and templates.

`load` refuses to give anything while there is a problem; `check` lists every problem there is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from pypinyin import Style, lazy_pinyin

from bot.dialogs.commands import Commands, read_commands
from bot.dialogs.form import KINDS, Form
from bot.dialogs.lint import Surroundings, lint_form, unknown_repeats
from bot.dialogs.reading import read_form, read_lists
from bot.dialogs.registry import fact_problems, fact_registry
from bot.dialogs.rejection import Reason
from bot.dialogs.vocabulary import Vocabulary
from bot.errors import HubangError
from bot.problems import Problem
from bot.render.messages import TEMPLATES, Messages, keys_said, lint_messages
from bot.render.papers import lint as lint_paper
from bot.rules.clauses import Clauses, read_clauses, unnamed
from bot.rules.facts import Registry
from bot.rules.form_parameters import read_parameters
from bot.rules.loading import load_pack
from bot.rules.pack import Pack
from bot.rules.parameters import NotInForce, Parameter

ROOT: Final = Path(__file__).resolve().parent
FILE_ROSTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "member": ("name", "relation", "birth_date", "age", "sex", "insured", "labor")
}
"""What forms may read of the household's file (questionnaires.md 2)."""


class ContentInvalid(HubangError):
    """The content has {count} problem(s):
    {problems}"""

    def __init__(self, found: Iterable[Problem]) -> None:
        """Keep the problems for those who list them."""
        self.found = tuple(found)
        lines = "\n".join(str(problem) for problem in self.found)
        Exception.__init__(self, f"The content has {len(self.found)} problem(s):\n{lines}")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that people may reword or reconfigure, as the product uses it."""

    forms: Mapping[tuple[str, int], Form]
    packs: Mapping[str, Pack]
    vocabulary: Vocabulary
    registry: Registry
    parameters: tuple[Parameter, ...]
    commands: Commands
    clauses: Clauses
    messages: Messages

    def latest_forms(self) -> list[Form]:
        """The newest version of every questionnaire, by id."""
        return [self.form(id) for id in sorted({id for id, _ in self.forms})]

    def form(self, id: str, version: int | None = None) -> Form:
        """A released form; the newest version when none is named. KeyError when there is none."""
        if version is None:
            version = max(v for f, v in self.forms if f == id)
        return self.forms[id, version]

    def form_parameters(self, on: date) -> dict[str, float]:
        """The dated parameters that forms read, under `param_…`; one not yet in force is absent."""
        values: dict[str, float] = {}
        for parameter in self.parameters:
            try:
                values[f"param_{parameter.id}"] = parameter.at(on).value
            except NotInForce:
                continue
        return values


def initials(label: str) -> str:
    """Pinyin initials of the Chinese characters and the letters and digits of a label."""
    letters = lazy_pinyin(label, style=Style.FIRST_LETTER, errors="default")
    return "".join(piece for piece in letters if piece.isascii() and piece.isalnum()).lower()


class Loading:
    """One pass over the content: keeps what could be read and every problem found on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.forms: dict[tuple[str, int], Form] = {}
        self.packs: dict[str, Pack] = {}
        self.registry: Registry = {}
        self.parameters: tuple[Parameter, ...] = ()
        self.vocabulary: Vocabulary | None = None
        self.commands: Commands | None = None
        self.clauses = Clauses({}, "")

    def toml(self, path: Path) -> dict[str, Any]:
        """The tables of a TOML file; a problem and nothing when it cannot be read."""
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.problems.append(
                Problem(path.name, "(file)", f"not readable: {error}", "save it as UTF-8 TOML")
            )
            return {}

    def replies(self, vocabulary: Path, commands: Path) -> None:
        """Read the words that people type."""
        self.commands, problems = read_commands(self.toml(commands), commands.name)
        self.problems += problems
        try:
            self.vocabulary = Vocabulary.from_dict(self.toml(vocabulary))
        except ValueError as error:
            self.problems.append(
                Problem(vocabulary.name, "(file)", str(error), "see the comments in the file")
            )

    def dialogs(self, lists: Path, forms: Iterable[Path]) -> None:
        """Read the option lists and every form."""
        shared = self.toml(lists)
        options, problems = read_lists(shared, initials, lists.name)
        self.problems += problems
        self.parameters, problems = read_parameters(shared, lists.name)
        self.problems += problems
        around = Surroundings([f"param_{p.id}" for p in self.parameters], FILE_ROSTERS)
        for path in forms:
            form, problems = read_form(self.toml(path), options, initials, path.name)
            self.problems += problems
            if form is None:
                continue
            self.problems += unknown_repeats(form, path.name) + lint_form(form, around, path.name)
            if (form.id, form.version) in self.forms:
                self.problems.append(
                    Problem(path.name, form.id, "this version exists already", "raise version")
                )
            self.forms[form.id, form.version] = form
        self.problems += fact_problems(self.forms.values())
        self.registry = fact_registry(self.forms.values())

    def rules(self, shared: Path, packs: Iterable[Path]) -> None:
        """Read every scheme; `shared` holds what all of them read."""
        common = self.toml(shared)
        for path in packs:
            pack, problems = load_pack(
                self.toml(path), common, self.registry, file=path.name, shared_file=shared.name
            )
            self.problems += problems
            if pack is not None:
                self.packs[pack.scheme.id] = pack

    def citations(self, clauses: Path) -> None:
        """Read the names of the places that the packs cite."""
        joined = next((pack.words.comma for pack in self.packs.values()), "")
        self.clauses, problems = read_clauses(self.toml(clauses), joined, clauses.name)
        self.problems += problems + unnamed(self.packs.values(), self.clauses, clauses.name)

    def words(self, templates: Path) -> None:
        """Check the messages against what the code says, and the papers against what they may name."""
        self.problems += lint_messages(templates / "messages", said_by_code())
        for paper in sorted((templates / "plans").glob("*.docx")):
            self.problems += lint_paper(paper)


def said_by_code() -> dict[str, frozenset[str]]:
    """Every message key that the code says, with the blanks it fills where they are written out."""
    said: dict[str, frozenset[str]] = {}
    rooms = frozenset(path.stem for path in (TEMPLATES / "messages").glob("*.j2"))
    for path in sorted(ROOT.rglob("*.py")):
        for key, blanks in keys_said(path.read_text(encoding="utf-8"), rooms).items():
            said[key] = said.get(key, frozenset()) | blanks
    said |= {f"rejected.{reason}": frozenset() for reason in get_args(Reason)}
    said |= {f"accepts.{kind}": frozenset() for kind in KINDS - {"calculate"}}
    return said


def _load() -> Loading:
    loading = Loading()
    dialogs, packs = ROOT / "dialogs", ROOT / "rules" / "packs"
    loading.replies(dialogs / "vocabulary.toml", dialogs / "commands.toml")
    loading.dialogs(dialogs / "lists.toml", sorted((dialogs / "forms").glob("*.toml")))
    shared = packs / "indicators.toml"
    loading.rules(shared, [path for path in sorted(packs.glob("*.toml")) if path != shared])
    loading.citations(ROOT / "rules" / "clauses.toml")
    loading.words(TEMPLATES)
    return loading


def check() -> list[Problem]:
    """Every problem of the content that ships, in file order."""
    return sorted(set(_load().problems))


def load() -> Content:
    """The content; ContentInvalid with every problem when there is any."""
    loading = _load()
    if loading.problems or loading.vocabulary is None or loading.commands is None:
        raise ContentInvalid(sorted(set(loading.problems)))
    return Content(
        loading.forms,
        loading.packs,
        loading.vocabulary,
        loading.registry,
        loading.parameters,
        loading.commands,
        loading.clauses,
        Messages(),
    )
