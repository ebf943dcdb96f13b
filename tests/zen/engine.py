"""Decision tables of the rules engine ZEN, written by hand from the documents: for households."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zen

FOLDER = Path(__file__).parent
SCHEMES = ("hr", "yb", "n9", "gs")
TO_VERIFY = "to_verify"


class NoRowMatches(LookupError):
    """The tables of {scheme} say nothing of a household: an answer that matters is missing."""


class Tables:
    """The decision tables of one scheme."""

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.decision = zen.ZenEngine().create_decision(FOLDER.joinpath(f"{scheme}.json").read_text("utf-8"))

    def verdict(self, answers: Mapping[str, Any], county: Mapping[str, float | None]) -> str:
        """The verdict for complete answers and a county's own values; `to_verify` in doubt."""
        said = self.decision.evaluate({**answers, **county})["result"]
        if not said or not said.get("verdict"):
            raise NoRowMatches(self.scheme)
        return str(said["verdict"])
