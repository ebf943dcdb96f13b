"""A plan paper in sentences on its way into its Word frame: what `plan` is in `templates/plans/gp.docx`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.render.narrative import Block, Paper


@dataclass(frozen=True, slots=True)
class PlanPaper:
    """The composed paper; `slots` has every printed answer by the id of its item, "" where there is none."""

    title: str
    county: str
    blocks: tuple[Block, ...]
    blanks: tuple[str, ...]
    slots: Mapping[str, str]
    generated_on: date


def plan_paper(paper: Paper, county: str, on: date) -> PlanPaper:
    """The view of a composed paper for the county, dated the day on which it was made."""
    return PlanPaper(paper.title, county, paper.blocks, paper.blanks, paper.slots, on)
