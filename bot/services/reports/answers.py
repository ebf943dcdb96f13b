"""Answers as cells: days, words and choices, without the identity numbers that somebody typed among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.content import Content
from bot.render.table_view import Cell


def day_of(said: object) -> date | None:
    """An answer that is a day, or a moment."""
    return date.fromisoformat(said[:10]) if isinstance(said, str) and said else None


def words_of(said: object) -> str | None:
    """An answer in somebody's own words."""
    return said if isinstance(said, str) and said else None


def option_of(content: Content, fact: str, code: object) -> str | None:
    """What the questionnaire calls a choice; None while nobody has chosen."""
    return content.registry[fact].options.get(code) if isinstance(code, int) else None


def shown(content: Content, fact: str, value: Any, joint: str) -> Cell:
    """An answer as its questionnaire words it, several choices with `joint` between; None while not known."""
    info = content.registry.get(fact)
    if value is None or info is None:
        return None
    if info.options:
        codes = value if isinstance(value, list) else [value]
        return joint.join(dict.fromkeys(info.options.get(code, str(code)) for code in codes)) or None
    if info.kind == "date":
        return day_of(value)
    if isinstance(value, str):
        return words_of(value)
    return value if isinstance(value, int | float) else None
