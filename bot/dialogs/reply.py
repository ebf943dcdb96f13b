"""What a person can do to an open interview, already freed of any chat medium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Said:
    """A typed message."""

    text: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button under the question `key` as it stood at `revision`.

    `action`: "pick" (code of an option, or of a choice about a check), "on" / "off" (toggle one option of a
    select_multiple), "done" (close a select_multiple), "keep" (keep the known or present value),
    "unknown" (not known). A card of what is known and a candidate of the ledger are picked: 1 yes, 2 no.
    """

    key: str
    revision: int
    action: Literal["pick", "on", "off", "done", "keep", "unknown"]
    code: int = 0


@dataclass(frozen=True, slots=True)
class Back:
    """Ask the question before the open one again, `steps` times."""

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Edit:
    """Ask an earlier question again, named by its printed number, item id or key."""

    what: str


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand the questionnaire in."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Show the open question, or the review, once more."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Go into a section of a long form by its id, or back to the menu of its sections (None)."""

    section: str | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """Put `text` behind the text just given, or, without any, what is said next."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A photo (id of the stored evidence) or a location ("latitude longitude") that was sent along."""

    kind: Literal["image", "geopoint"]
    value: str


Reply: TypeAlias = Said | Tapped | Back | Edit | Submit | Resume | Enter | Append | Attached
