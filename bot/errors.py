"""The one family of errors: the docstring of an error is the message that people read."""

from __future__ import annotations

import functools
import inspect
from typing import Any


class HubangError(Exception):
    """The work could not be done."""

    def __init__(self, **facts: object) -> None:
        """Fill the first paragraph of the class's docstring with `facts`, which stay readable as `.facts`.

        Raises TypeError when the docstring names a fact that is not given.
        """
        template = " ".join((inspect.getdoc(type(self)) or "").partition("\n\n")[0].split())
        try:
            message = template.format_map(facts)
        except KeyError as missing:
            raise TypeError(f"{type(self).__name__} needs {missing.args[0]!r} to say: {template}") from None
        super().__init__(message)
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        """Let errors cross between processes: exceptions otherwise pickle their positional arguments only."""
        return functools.partial(type(self), **self.facts), ()


class NotFound(HubangError):
    """No {what} named {name}."""


class SettingInvalid(HubangError):
    """{name}={value} cannot be used: {why}. Correct it in .env or in the environment."""
