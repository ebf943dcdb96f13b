"""`python -m benchmarks [NAME ...] [--json FILE]`: measure, print, and keep the figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks import end_to_end, engine, explain, memory, million
from benchmarks.figures import Figure

SUBJECTS: Final[Mapping[str, tuple[str, Callable[[], list[Figure]]]]] = {
    "end_to_end": ("Answers from phone to phone", end_to_end.run),
    "engine": ("A turn of the questionnaire engine", engine.run),
    "explain": ("One household explained", explain.run),
    "million": ("A million households", million.run),
    "memory": ("Memory of open interviews", memory.run),
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
    found: dict[str, list[Figure]] = {}
    for name in asked.names or SUBJECTS:
        title, run = SUBJECTS[name]
        sys.stdout.write(f"\n{title} ({name})\n")
        sys.stdout.flush()
        found[name] = run()
        sys.stdout.write("".join(f"{figure}\n" for figure in found[name]))
        sys.stdout.flush()
    if asked.json is not None:
        kept = {name: [asdict(figure) for figure in figures] for name, figures in found.items()}
        asked.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.is_met for figures in found.values() for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
