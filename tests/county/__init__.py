"""Huarong county, invented: a deterministic database for tests and figures, with the values it was made of.

`county = await fill(database, scale=0.02)` writes it and returns what tests compute with by themselves.
"""

from __future__ import annotations

from tests.county.filling import fill
from tests.county.places import TOWNS
from tests.county.records import (
    NOTHING,
    County,
    Due,
    FactRow,
    History,
    Home,
    Judgement,
    Nature,
    Person,
    Place,
    Problem,
    Submission,
    Warned,
)

__all__ = [
    "NOTHING",
    "TOWNS",
    "County",
    "Due",
    "FactRow",
    "History",
    "Home",
    "Judgement",
    "Nature",
    "Person",
    "Place",
    "Problem",
    "Submission",
    "Warned",
    "fill",
]
