"""Arguments of commands as people type them."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any


def day(text: str) -> date:
    """A day as an argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2020-03-17") from None


class AnyOrder(argparse.ArgumentParser):
    """Takes options before, between and after the other arguments."""

    _is_sorting = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The arguments; one that may be absent is not taken for absent because an option comes first."""
        if self._is_sorting:
            return super().parse_known_args(args, namespace)
        self._is_sorting = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_sorting = False
