"""What is kept of an interview between two turns: answers and confirmations, no position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.expressions import Value


@dataclass(frozen=True, slots=True)
class Session:
    """An interview on version `version` of form `form`; JSON-serialisable through `to_json`/`from_json`."""

    form: str
    version: int
    answers: Mapping[str, Value] = field(default_factory=dict)
    """Every answer given, by key, relevant or not; None stands for "not known"."""
    confirmed: Mapping[str, Value] = field(default_factory=dict)
    """Check id -> the answers that were confirmed."""
    editing: str | None = None
    """Key of an earlier question that is being asked again."""
    section: str | None = None
    """The section that a person went into from the menu of a long form."""
    appending: bool = False
    """Whether what is said next is put behind the text answer that is open again."""
    dismissing: str | None = None
    """Key of the candidate that was said to be none, while the reason is asked for."""
    draft: tuple[int, ...] | None = None
    """Options ticked so far of the open select_multiple."""
    last: str | None = None
    """Key answered in the turn before, to tell a double tap from an old keyboard."""
    revision: int = 0
    """Counts accepted changes; a button carries the revision it was shown at."""
    finished: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "form": self.form,
            "version": self.version,
            "answers": dict(self.answers),
            "confirmed": dict(self.confirmed),
            "editing": self.editing,
            "section": self.section,
            "appending": self.appending,
            "dismissing": self.dismissing,
            "draft": None if self.draft is None else list(self.draft),
            "last": self.last,
            "revision": self.revision,
            "finished": self.finished,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Session:
        """The session that `to_json` wrote."""
        draft = data.get("draft")
        return cls(
            data["form"],
            data["version"],
            data["answers"],
            data["confirmed"],
            data["editing"],
            data.get("section"),
            data.get("appending", False),
            data.get("dismissing"),
            None if draft is None else tuple(draft),
            data["last"],
            data["revision"],
            data["finished"],
        )
