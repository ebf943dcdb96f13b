"""What the product costs, each figure beside a baseline measured in the same run: `python -m benchmarks`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""Where the processes of a benchmark are started."""
