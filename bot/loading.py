"""Reading all content files: every file once, every problem noted, whatever else is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from pypinyin import Style, lazy_pinyin

from bot.content_files import Files
from bot.dialogs.commands import Commands, read_commands, swallowed
from bot.dialogs.form import Form
from bot.dialogs.ledger import Ledger, read_ledger
from bot.dialogs.lint import lint_form, unknown_repeats
from bot.dialogs.lint_across import lint_rows, unknown_problems
from bot.dialogs.lint_conditions import Surroundings
from bot.dialogs.lint_reuse import lint_reuse
from bot.dialogs.reading import Lists, read_form, read_lists
from bot.dialogs.registry import fact_problems, fact_registry
from bot.dialogs.reuse import ReuseRules, read_reuse
from bot.dialogs.vocabulary import ChoiceWords, DateWords, NumeralWords, Vocabulary
from bot.loading_due import read_due
from bot.loading_procedures import read_procedures, read_watches
from bot.problems import near_miss
from bot.render.messages import TEMPLATES
from bot.render.narrative import PaperText
from bot.render.table_layout import Layout
from bot.rules.clauses import Clauses, read_clauses, unnamed
from bot.rules.county import NOWHERE, County, misfits, read_county
from bot.rules.facts import ROSTER, FactInfo, Registry
from bot.rules.form_parameters import read_parameters
from bot.rules.loading import Surroundings as Around
from bot.rules.loading import load_pack
from bot.rules.offices import Offices, read_offices
from bot.rules.pack import Pack
from bot.rules.parameters import Parameter
from bot.rules.procedures import Procedure
from bot.rules.reminders import Reminders
from bot.rules.watches import ROOM, Watch
from bot.wording import lint_words, read_layouts, read_papers

ROOT: Final = Path(__file__).resolve().parent
COUNTIES: Final = ROOT.parent / "counties"
"""What each county decides, beside `templates`: both are for people who are no programmers."""
FILE_ROSTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "member": ("name", "relation", "birth_date", "age", "sex", "insured", "labor")
}
"""What forms may read of the household's file (questionnaires.md 2)."""
FILE_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {**FILE_ROSTERS, "household": ("certified_disabled",)}
"""What may be proposed from, besides answers: members of a household, and households of a village with their
facts and what is counted of their members."""
REGISTER: Final[Registry] = {name: FactInfo(ROSTER, row_facts=rows) for name, rows in FILE_ROSTERS.items()}
"""What rules may read of the household's file."""

_ROOMS: Final[Mapping[str, Any]] = {"numerals": NumeralWords, "dates": DateWords, "choices": ChoiceWords}
_ANSWERS: Final = (*(f"choices.{way}" for way in ("yes", "no", "none", "unknown", "keep")), "numerals.none")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the content stands, and the modules whose messages it must hold."""

    dialogs: Path = ROOT / "dialogs"
    rules: Path = ROOT / "rules"
    templates: Path = TEMPLATES
    code: Path = ROOT
    county: Path | None = COUNTIES / "huarong.toml"


SHIPPED: Final = Places()


def initials(label: str) -> str:
    """Pinyin initials of the Chinese characters and the letters and digits of a label."""
    letters = lazy_pinyin(label, style=Style.FIRST_LETTER, errors="default")
    return "".join(sign for sign in "".join(letters) if sign.isascii() and sign.isalnum()).lower()


class Loading(Files):
    """One pass over the content: keeps what could be read and every problem found on the way.

    What rests on a file that cannot be read at all is not judged: its problems would be those of the file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[tuple[str, int], Form] = {}
        self.packs: dict[str, Pack] = {}
        self.registry: Registry = {}
        self.parameters: tuple[Parameter, ...] = ()
        self.lists: Lists = {}
        self.county: County = NOWHERE
        self.county_file = ""
        self.whole = False
        self.packs_whole = False
        self.vocabulary: Vocabulary | None = None
        self.commands: Commands | None = None
        self.clauses = Clauses({}, "")
        self.ledger: Ledger | None = None
        self.reuse: ReuseRules | None = None
        self.layouts: dict[str, Layout] = {}
        self.papers: dict[str, PaperText] = {}
        self.offices = Offices({}, {})
        self.reminders = Reminders()
        self.procedures: dict[str, Procedure] = {}
        self.watches: tuple[Watch, ...] = ()

    def replies(self, vocabulary: Path, commands: Path) -> None:
        """Read the words that people type."""
        steering = self.toml(commands)
        if steering is not None:
            self.commands, problems = read_commands(steering, commands.name)
            self.problems += problems
        if (words := self.toml(vocabulary)) is None:
            return
        try:
            self.vocabulary = Vocabulary.from_dict(words)
        except ValueError as error:
            known = [f"{room}.{key.name}" for room, kind in _ROOMS.items() for key in fields(kind)]
            for what in str(error).removeprefix("vocabulary: ").split("; "):
                where, _, why = what.partition(": ")
                hints = {"not known": near_miss(where, known), "missing": "write it with at least one word"}
                self.problem(vocabulary.name, where, why, hints.get(why, "see what stands beside it"))
            return
        for place in _ANSWERS:
            self.answers(attrgetter(place)(self.vocabulary), vocabulary.name, place)

    def answers(self, words: Iterable[str], file: str, id: str) -> None:
        """Note the answers that would be taken for a command."""
        if self.commands is not None:
            self.problems += swallowed(self.commands, words, file, id)

    def dialogs(self, lists: Path, ledger: Path, forms: Iterable[Path]) -> None:
        """Read the option lists, the ledger, whose problems are options too, and every form."""
        whole = False
        if (problems_listed := self.toml(ledger)) is not None:
            self.ledger, problems = read_ledger(problems_listed, ledger.name)
            self.problems += problems
            whole = not problems
        if (shared := self.toml(lists)) is None or self.ledger is None:
            return
        options, problems = read_lists(shared, initials, lists.name)
        options = {**self.ledger.options(initials), **options}
        self.problems += problems
        for name, each in options.items():
            self.answers((option.label for option in each), lists.name, name)
        self.lists = options
        self.parameters, problems = read_parameters(shared, lists.name, self.county)
        self.problems += problems
        around = Surroundings([f"param_{p.id}" for p in self.parameters], FILE_ROSTERS)
        paths = list(forms)
        read = [(path.name, form) for path in paths if (form := self.one_form(path, options, around))]
        self.problems += [*fact_problems(read), *(unknown_problems(read, self.ledger) if whole else ())]
        self.whole = len(read) == len(paths)
        if self.whole:
            self.problems += lint_rows(read, around)
        self.registry = fact_registry(self.forms.values())

    def asked_once(self, reuse: Path) -> None:
        """Read how one answer serves several questions."""
        if (tables := self.toml(reuse)) is None or not self.forms:
            return
        self.reuse, problems = read_reuse(tables, reuse.name)
        around = Surroundings([f"param_{p.id}" for p in self.parameters], FILE_SOURCES)
        self.problems += [*problems, *lint_reuse(self.reuse, self.forms.values(), around, reuse.name)]

    def one_form(self, path: Path, lists: Lists, around: Surroundings) -> Form | None:
        """Read and judge one form."""
        if (tables := self.toml(path)) is None:
            return None
        form, problems = read_form(tables, lists, initials, path.name)
        self.problems += problems
        if form is None:
            return None
        self.problems += unknown_repeats(form, path.name)
        self.problems += lint_form(form, around, path.name, whole=not problems)
        for item in form.items:
            if item.options not in lists.values():
                self.answers((option.label for option in item.options), path.name, item.id)
        if self.forms.setdefault((form.id, form.version), form) is not form:
            what = f"version {form.version} of {form.id} exists already"
            self.problem(path.name, "form", what, "raise version, or give the form an id of its own")
            return None
        return form

    def rules(self, rules: Path, only: Collection[str] | None = None) -> None:
        """Read every scheme, or `only` some, with what all read and the measures that a county may add."""
        shared, library = (self.tables_of(rules / room) for room in ("shared", "library"))
        if shared is None or library is None or not self.forms:
            return
        if sum("words" in tables for tables in shared.values()) != 1:
            self.problem(
                "shared", "words", "one file of the folder must have it", 'write [words] comma = "…"'
            )
            return
        lists = {name: {option.code: option.label for option in found} for name, found in self.lists.items()}
        around = Around(shared, library, self.parameters, lists, self.county)
        registry = {**self.registry, **REGISTER}
        paths = sorted((rules / "packs").glob("*.toml"))
        for path in paths:
            if (only is not None and path.stem not in only) or (tables := self.toml(path)) is None:
                continue
            pack, problems = load_pack(tables, around, registry, file=path.name, alone=bool(self.packs))
            self.problems += problems
            if pack is not None and self.whole:
                self.asked_by(pack, path.name)
            if pack is not None and self.packs.setdefault(pack.scheme.id, pack) is not pack:
                what = f"the scheme {pack.scheme.id} exists already"
                self.problem(path.name, "scheme", what, "give each scheme an id of its own")
        self.packs_whole = len(self.packs) == len(paths)

    def asked_by(self, pack: Pack, file: str) -> None:
        """Note the questionnaires that a scheme names and that do not exist."""
        known = {id for id, _ in self.forms}
        for form in pack.scheme.forms:
            if form not in known:
                hint = near_miss(form, known) or f"there are {', '.join(sorted(known))}"
                self.problem(file, "scheme", f"there is no questionnaire {form}", hint)

    def fits(self, rules: Path) -> None:
        """Note what the county decides and cannot; not while something else is wrong."""
        library = self.tables_of(rules / "library") if self.county_file and not self.problems else None
        if library is not None:
            sets = [str(tables.get("set", {}).get("id", "")) for tables in library.values()]
            figures = {id: list(each.parameters) for id, each in self.procedures.items()}
            figures[ROOM] = [each.id for watch in self.watches for each in watch.figures.values()]
            decided, given = self.county, self.parameters
            self.problems += misfits(decided, self.packs, given, sets, self.county_file, figures)

    def decided(self, county: Path) -> None:
        """Read what the county decides."""
        if county.parent == COUNTIES and not county.exists():
            known = [path.stem for path in COUNTIES.glob("*.toml")]
            hint = near_miss(county.stem, known)
            self.problem(county.name, "(file)", f"there is no county {county.stem}", hint)
        elif (tables := self.toml(county)) is not None:
            self.county_file = county.name
            self.county, problems = read_county(tables, county.name)
            self.problems += problems

    def posts(self, offices: Path) -> None:
        """Read who acts in the procedures."""
        if (tables := self.toml(offices)) is not None:
            self.offices, problems = read_offices(tables, offices.name)
            self.problems += problems

    def citations(self, clauses: Path) -> None:
        """Read the names of the places that the packs cite."""
        if (tables := self.toml(clauses)) is None:
            return
        joined = next((pack.words.comma for pack in self.packs.values()), "")
        self.clauses, problems = read_clauses(tables, joined, clauses.name)
        self.problems += problems + unnamed(self.packs.values(), self.clauses, clauses.name)

    def words(self, templates: Path, code: Path) -> None:
        """Read and check what stands in the templates."""
        self.problems += lint_words(templates, code, self.text)
        self.layouts, problems = read_layouts(templates, self.toml)
        self.problems += problems
        if self.whole and self.packs:
            around = Surroundings([f"param_{p.id}" for p in self.parameters], FILE_ROSTERS)
            self.papers, problems = read_papers(templates, self.toml, self.forms, self.packs, around)
            self.problems += problems


def read(places: Places, county: County | None = None) -> Loading:
    """Everything that the files hold, with every problem of theirs; `county` stands for the county's file."""
    loading = Loading()
    if county is not None:
        loading.county = county
    elif places.county is not None:
        loading.decided(places.county)
    dialogs = places.dialogs
    loading.replies(dialogs / "vocabulary.toml", dialogs / "commands.toml")
    ledger = dialogs / "ledger.toml"
    loading.dialogs(dialogs / "lists.toml", ledger, sorted((dialogs / "forms").glob("*.toml")))
    loading.asked_once(dialogs / "reuse.toml")
    loading.posts(places.rules / "offices.toml")
    loading.rules(places.rules)
    loading.reminders = read_due(loading, places.rules / "reminders.toml", loading)
    loading.procedures = read_procedures(loading, places.rules / "procedures", loading)
    loading.watches = read_watches(loading, places.rules / "watches.toml", loading)
    loading.fits(places.rules)
    loading.citations(places.rules / "clauses.toml")
    loading.words(places.templates, places.code)
    return loading
