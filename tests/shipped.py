"""The shipped content, read once for all tests of a process."""

from __future__ import annotations

from functools import cache

from bot import content
from bot.content import Content


@cache
def shipped() -> Content:
    """Everything as the product comes, in its own county."""
    return content.load()
