"""Refusals of the Bot API: the HTTP code, the sentence and the parameters that the real server gives."""

from __future__ import annotations


class Refused(Exception):
    """The server says no: `code` is the HTTP status, `description` the sentence; both are in the body."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, object]:
        """The JSON body, exactly as the real server writes it."""
        body: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(text: str) -> Refused:
    """400 with the usual prefix."""
    return Refused(400, f"Bad Request: {text}")


def forbidden(text: str) -> Refused:
    """403 with the usual prefix."""
    return Refused(403, f"Forbidden: {text}")


def conflict(text: str) -> Refused:
    """409 with the usual prefix."""
    return Refused(409, f"Conflict: {text}")


def too_many_requests(retry_after: int) -> Refused:
    """429; `retry_after` in whole seconds, in the sentence and in the parameters."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
