"""`python -m benchmarks [NAME ...] [--json FILE]`: measure, print, and keep the figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import (
    effort,
    end_to_end,
    engine,
    explain,
    memory,
    million,
    papers,
    province,
    reminders,
    rosters,
    tables,
)
from benchmarks.effort import Line
from benchmarks.figures import Figure


class Subject(NamedTuple):
    """What is measured, how, and the head of its table if it has one."""

    title: str
    run: Callable[[], Sequence[Figure | Line]]
    heading: str = ""


SUBJECTS: Final[Mapping[str, Subject]] = {
    "end_to_end": Subject("Answers from phone to phone", end_to_end.run),
    "engine": Subject("A turn of the questionnaire engine", engine.run),
    "explain": Subject("One household explained", explain.run),
    "million": Subject("A million households", million.run),
    "province": Subject("A province from file to file", province.run),
    "papers": Subject("Plan papers in sentences", papers.run),
    "tables": Subject("Attachment 1 of a large county", tables.run),
    "rosters": Subject("A county's roster from Excel into the database", rosters.run),
    "reminders": Subject("The reminders of a morning", reminders.run),
    "memory": Subject("Memory of open interviews", memory.run),
    "effort": Subject("Taps and typed characters of a questionnaire", effort.run, effort.HEADING),
}


def main(given: Sequence[str] | None = None) -> int:
    """Measure what is named, or everything; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Figures of the product, each beside a baseline."
    )
    names = ", ".join(SUBJECTS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure ({names}); all if none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    asked = parser.parse_args(given)
    if unknown := [name for name in asked.names if name not in SUBJECTS]:
        parser.error(f"there is no {', '.join(unknown)}: choose from {names}")
    found: dict[str, Sequence[Figure | Line]] = {}
    for name in asked.names or SUBJECTS:
        subject = SUBJECTS[name]
        sys.stdout.write(f"\n{subject.title} ({name})\n{subject.heading}")
        sys.stdout.flush()
        found[name] = subject.run()
        sys.stdout.write("".join(f"{figure}\n" for figure in found[name]))
        sys.stdout.flush()
    if asked.json is not None:
        kept = {name: [asdict(figure) for figure in figures] for name, figures in found.items()}
        asked.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.is_met for figures in found.values() for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
