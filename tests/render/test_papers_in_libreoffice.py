"""Papers as an office sees them: opened by LibreOffice, printed, and read back from the pages."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from docx import Document

from bot.render import papers
from bot.render.messages import TEMPLATES
from bot.render.narrative import Block, Paper, compose
from bot.render.narrative_reading import read_paper
from bot.render.plan_paper import plan_paper
from tests.office import Page, printed, squeezed
from tests.render import gs_households, test_gp_paper
from tests.render import plan_households as gp_households
from tests.render.gs_households import EASED, MARGINAL, SIGNED, household
from tests.render.plan_households import Facts, filled, with_gaps
from tests.render.test_papers import FULL, NOTHING, everything
from tests.shipped import shipped

PLANS: Final = TEMPLATES / "plans"
DAYS: Final = {"gp": test_gp_paper.DAY, "gs": date(2020, 12, 20)}
COUNTY: Final = "积石山县"
POINTS_PER_MM: Final = 72 / 25.4
LEFT, RIGHT, TOP, BOTTOM = (mm * POINTS_PER_MM for mm in (28, 26, 37, 35))
LINES: Final = 22
NUMBER: Final = re.compile(r"—(\d+)—")
PAGES: Final = {"gp": range(4, 36), "gs": range(4, 10)}
"""So many pages a plan has at most and at least, the cover counted."""
SIGNERS: Final = {
    "gp": (
        "乡镇包村干部签字：", "村党支部书记签字：", "村主任签字：", "驻村工作队队长签字：",
        "帮扶责任人签字：", "农户签字：",
    ),
    "gs": ("八、签字确认", "本人签字", "农户", "监测员", "村支部书记或驻村第一书记", "乡镇党委书记"),
}  # fmt: skip


def gp_facts() -> Iterator[tuple[str, Facts]]:
    """Households of document 000: those of 002 with their gaps filled, and the edges."""
    named = {
        name.lower().replace("_", "-"): facts
        for name, facts in vars(gp_households).items()
        if name.isupper() and isinstance(facts, dict) and name != "PARAMETERS"
    }
    form = test_gp_paper.form()
    for name, facts in named.items():
        yield name, filled(form, facts) if facts else {}
    yield "as-told", gp_households.CELLAR_WATER
    yield "every-box", filled(form, gp_households.TWELVE, everything=True, rows=4)
    yield "gaps", with_gaps(form, filled(form, gp_households.NINE), 3, 0.3)


def gs_facts() -> Iterator[tuple[str, Facts]]:
    """Households of document 001: both kinds, every verdict, and the edges."""
    for name, facts in gs_households.HOUSEHOLDS.items():
        yield re.sub(r"\W+", "-", name), facts
    yield "every-risk", household(MARGINAL, list(range(1, 12)), EASED, **SIGNED)


def composed(form_id: str, facts: Facts) -> Paper:
    if form_id == "gp":
        return test_gp_paper.paper_of(facts)
    form, file = shipped().form(form_id), f"{form_id}.toml"
    text, problems = read_paper(tomllib.loads((PLANS / file).read_text("utf-8")), form, None, file)
    assert problems == []
    assert text is not None
    return compose(text, facts, on=DAYS[form_id], parameters={}, units=lambda _: "")


def rendered(form_id: str, paper: Paper) -> bytes:
    return papers.render(PLANS / f"{form_id}.docx", plan_paper(paper, COUNTY, DAYS[form_id]))


def body(page: Page) -> Page:
    """A page without its number."""
    return page.above(page.height - BOTTOM)


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Paper, list[Page]]]:
    """Both plans of every household, printed; the key begins with the form."""
    composing = {"gp": gp_facts, "gs": gs_facts}
    made = {
        f"{form_id}-{name}.docx": composed(form_id, facts)
        for form_id, households in composing.items()
        for name, facts in households()
    }
    files = {name: rendered(name[:2], paper) for name, paper in made.items()}
    pages = printed(tmp_path_factory.mktemp("plans"), files)
    return {name: (paper, pages[name]) for name, paper in made.items()}


def test_every_paragraph_stands_on_the_pages(plans: dict[str, tuple[Paper, list[Page]]]) -> None:
    assert sum(name.startswith("gp") for name in plans) >= 10
    assert sum(name.startswith("gs") for name in plans) >= 10
    for name, (paper, pages) in plans.items():
        assert len(pages) in PAGES[name[:2]], name
        text = "".join(body(page).text for page in pages)
        wanted = [paper.title, *(block.text for block in paper.blocks), *paper.blanks]
        assert [each for each in wanted if squeezed(each) not in text] == [], name


def test_words_keep_within_the_margins_and_the_lines_of_a_page(
    plans: dict[str, tuple[Paper, list[Page]]],
) -> None:
    fullest = 0
    for name, (_, pages) in plans.items():
        for page in pages:
            words = body(page).words
            assert min(word.left for word in words) > LEFT - 1, name
            assert max(word.right for word in words) < page.width - RIGHT + 1, name
            assert min(word.top for word in words) > TOP - 1, name
        counts = [len(body(page).lines) for page in pages if "还要补的内容" not in page.text]
        if name.startswith("gp") or counts[:-1]:
            fullest = max(fullest, *counts[:-1])
    assert fullest == LINES


def test_page_numbers_stand_at_the_outer_side(plans: dict[str, tuple[Paper, list[Page]]]) -> None:
    for name, (_, pages) in plans.items():
        covers = 1 if name.startswith("gp") else 0
        assert all(page.below(page.height - BOTTOM).text == "" for page in pages[:covers]), name
        for number, page in enumerate(pages[covers:], 1):
            foot = page.below(page.height - BOTTOM)
            found = NUMBER.fullmatch(foot.text)
            assert found is not None, name
            assert int(found[1]) == number, name
            middle = (foot.words[0].left + foot.words[-1].right) / 2
            assert (middle > page.width / 2) == (number % 2 == 1), name


def test_no_heading_and_no_beginning_of_a_list_ends_a_page(
    plans: dict[str, tuple[Paper, list[Page]]],
) -> None:
    for name, (paper, pages) in plans.items():
        leads = {
            squeezed(block.text)
            for block in paper.blocks
            if block.style.startswith("heading") or (name.startswith("gs") and block.text.endswith("："))
        }
        ends = [body(page).lines[-1] for page in pages[:-1]]
        assert [end for end in ends if any(lead.endswith(end) for lead in leads)] == [], name


@pytest.mark.parametrize("form_id", ["gp", "gs"])
def test_nothing_of_the_signatures_is_left_on_another_page(form_id: str, tmp_path: Path) -> None:
    """However long a plan is: its last paragraph grows line by line over a whole page."""
    facts = gp_households.ALONE if form_id == "gp" else gs_households.HOUSEHOLDS["unstable stable"]
    whole = composed(form_id, facts)
    at = max(place for place, block in enumerate(whole.blocks) if block.style == "body")
    plans = {
        f"{count:02}.docx": replace(
            whole,
            blanks=(),
            blocks=(*whole.blocks[:at], *[Block("body", "一行。")] * count, *whole.blocks[at:]),
        )
        for count in range(LINES)
    }
    pages = printed(tmp_path, {name: rendered(form_id, paper) for name, paper in plans.items()})
    ends = "".join(squeezed(block.text) for block in whole.blocks if block.style == "signature")
    lengths = set()
    for name, paper in plans.items():
        signed = [body(page) for page in pages[name] if SIGNERS[form_id][0] in page.text]
        assert len(signed) == 1, name
        text = signed[0].text
        assert [each for each in SIGNERS[form_id] if each not in text] == [], name
        assert ends in text, name
        if form_id == "gp":
            assert squeezed(paper.blocks[-2].text) in text, name
        lengths.add(len(pages[name]))
    assert len(lengths) > 1


def test_plans_of_rules_stand_on_the_pages(tmp_path: Path) -> None:
    views = {
        f"{frame}-{name}.docx": papers.render(PLANS / f"{frame}.docx", view)
        for frame in ("hr", "general")
        for name, view in (("full", FULL), ("nothing", NOTHING))
    }
    for name, pages in printed(tmp_path, views).items():
        text = "".join(body(page).text for page in pages)
        said = everything(Document(io.BytesIO(views[name]))).split("\n")
        assert [each for each in said if squeezed(each) not in text] == [], name


def test_a_missing_answer_is_named_with_room_to_write() -> None:
    """The form's own labels leave room in them; in a list that would read as a slip of the pen."""
    blanks = composed("gp", {}).blanks
    assert {"家中有__人", "20__年纳入建档立卡", "2018年__月__日"} <= set(blanks)
    assert [each for each in blanks if re.search(r"\s", each)] == []
