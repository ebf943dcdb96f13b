"""Trouble on request: what goes wrong, for which method or chat, how often. Seeded, so it repeats."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can go wrong with a request (first block) or with the delivery of updates (second block)."""

    FLOOD = "flood"  # 429 with parameters.retry_after, nothing applied
    SERVER_ERROR = "server_error"  # `code` (500, 502 …), nothing applied
    FORBIDDEN = "forbidden"  # 403 "bot was blocked by the user"
    HANG = "hang"  # accepted, never applied, never answered
    RESET = "reset"  # connection reset before anything is applied
    APPLY_THEN_HANG = "apply_then_hang"  # applied, but the answer never comes
    APPLY_THEN_DROP = "apply_then_drop"  # applied, then the connection is dropped
    APPLY_THEN_ERROR = "apply_then_error"  # applied, then answered with `code`
    DELAY = "delay"  # applied, answered `seconds` later

    DUPLICATE = "duplicate"  # the update is delivered once more after it was confirmed
    REORDER = "reorder"  # the update is overtaken by the next one of another chat or key


DELIVERY = frozenset({Kind.DUPLICATE, Kind.REORDER})


@dataclass(slots=True)
class Fault:
    """One kind of trouble. `method` "*" is any, `count` None is without end, `skip` lets so many pass."""

    kind: Kind
    method: str = "*"
    chat_id: int | None = None
    count: int | None = None
    probability: float = 1.0
    skip: int = 0
    retry_after: int = 1
    code: int = 500
    seconds: float = 0.0
    hits: int = 0

    def concerns(self, method: str, chat_id: int | None) -> bool:
        """Whether a request of this method to this chat is within the fault's reach."""
        return (
            (self.count is None or self.hits < self.count)
            and self.method in ("*", method)
            and (self.chat_id is None or self.chat_id == chat_id)
        )


class Faults:
    """The faults in force. `random` is seeded: the same requests in the same order meet the same trouble."""

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.active: list[Fault] = []

    def add(
        self,
        kind: Kind | str,
        method: str = "*",
        *,
        chat_id: int | None = None,
        count: int | None = None,
        probability: float = 1.0,
        skip: int = 0,
        retry_after: int = 1,
        code: int = 500,
        seconds: float = 0.0,
    ) -> Fault:
        """Put a fault in force and return it; its `hits` tell how often it struck."""
        name = method.lower()
        fault = Fault(Kind(kind), name, chat_id, count, probability, skip, retry_after, code, seconds)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        self.active.clear()

    def for_request(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that strikes this request, or None."""
        return self._strike(method, chat_id, delivery=False) if self.active else None

    def for_delivery(self, kind: Kind, chat_id: int | None) -> bool:
        """Whether the delivery of this update suffers `kind`."""
        return bool(self.active) and self._strike("*", chat_id, delivery=True, kind=kind) is not None

    def _strike(
        self, method: str, chat_id: int | None, *, delivery: bool, kind: Kind | None = None
    ) -> Fault | None:
        for fault in self.active:
            if (fault.kind in DELIVERY) is not delivery or (kind is not None and fault.kind is not kind):
                continue
            if not fault.concerns(method, chat_id):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability < 1.0 and self.random.random() >= fault.probability:
                continue
            fault.hits += 1
            return fault
        return None
