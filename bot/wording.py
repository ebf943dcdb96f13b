"""Reading what stands in `templates`: messages, plan papers and tables, with every problem that they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, get_args

from bot.dialogs.form import KINDS, Form
from bot.dialogs.lint_conditions import Surroundings
from bot.dialogs.rejection import Reason
from bot.problems import Problem
from bot.render.messages import lint_messages, said_by_code
from bot.render.narrative import PaperText
from bot.render.narrative_reading import read_paper
from bot.render.papers import lint as lint_paper
from bot.render.plan_paper import PlanPaper
from bot.render.plan_view import PlanView
from bot.render.table_layout import Layout, read_layout
from bot.rules.pack import Pack

Tables: TypeAlias = Callable[[Path], dict[str, Any] | None]
"""Reads the tables of a TOML file, None when it cannot; notes the problem itself."""
Text: TypeAlias = Callable[[Path], str | None]
"""Reads a file, None when it cannot; notes the problem itself."""


def lint_words(templates: Path, code: Path, text: Text) -> list[Problem]:
    """Check the messages against what the code says, and the papers against what they may name."""
    messages, plans = templates / "messages", templates / "plans"
    problems: list[Problem] = []
    if None not in [text(path) for path in sorted(messages.glob("*.j2"))]:
        said = said_by_code(code, templates)
        said |= {f"rejected.{reason}": frozenset() for reason in get_args(Reason)}
        said |= {f"accepts.{kind}": frozenset() for kind in KINDS - {"calculate"}}
        found = lint_messages(messages, said)
        # A template that cannot be parsed holds no message for now: one defect, not one for each of them.
        unparsed = {each.file: each for each in found if each.id.startswith("line ")}
        problems += [each for each in found if unparsed.get(each.file, each) is each]
    for paper in sorted((*plans.glob("*.docx"), *plans.glob("*.j2"))):
        if paper.suffix == ".docx" or text(paper) is not None:
            # Papers in sentences have their words beside the frame, and another view than the others.
            in_sentences = paper.with_suffix(".toml").exists()
            problems += lint_paper(paper, PlanPaper if in_sentences else PlanView)
    return problems


def read_layouts(templates: Path, tables: Tables) -> tuple[dict[str, Layout], list[Problem]]:
    """The layouts of tables by the ids of their reports."""
    found: dict[str, Layout] = {}
    problems: list[Problem] = []
    asked: dict[str, str] = {}
    for path in sorted((templates / "ledgers").glob("*.toml")):
        if (read := tables(path)) is None:
            continue
        layout, wrong = read_layout(read, path.name)
        problems += wrong
        if layout is None:
            continue
        found[layout.id] = layout
        for word in layout.asked:
            if (other := asked.setdefault(word, layout.id)) != layout.id:
                what = f"{word} already asks for {other}"
                problems.append(Problem(path.name, "report", what, "a word has one meaning"))
    return found, problems


def read_papers(
    templates: Path,
    tables: Tables,
    forms: Mapping[tuple[str, int], Form],
    packs: Mapping[str, Pack],
    around: Surroundings,
) -> tuple[dict[str, PaperText], list[Problem]]:
    """The plan papers in sentences by the ids of their forms; each follows the newest version of its form."""
    found: dict[str, PaperText] = {}
    problems: list[Problem] = []
    for path in sorted((templates / "plans").glob("*.toml")):
        versions = [version for id, version in forms if id == path.stem]
        if not versions or (read := tables(path)) is None:
            continue  # a form that cannot be read has its own problem
        form = forms[path.stem, max(versions)]
        paper, wrong = read_paper(read, form, packs.get(path.stem), path.name, around=around)
        problems += wrong
        if paper is not None:
            found[path.stem] = paper
    return found, problems
