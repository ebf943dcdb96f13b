"""What the templates of the set are held against: the messages that a program says."""

from __future__ import annotations

from collections.abc import Callable


def greet(say: Callable[..., str], name: str) -> list[str]:
    """Say both messages of greeting.j2."""
    return [say("greeting.welcome", name=name, count=3), say("greeting.bye")]
