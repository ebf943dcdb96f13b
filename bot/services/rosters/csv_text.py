"""CSV files as Chinese offices save them: UTF-8 or GB18030, one sheet to a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from bot.errors import HubangError

ENCODINGS = ("utf-8-sig", "gb18030")
FIRST = 1000
"""Signs from which the delimiter is told: a title, the header and some rows."""


class NotText(HubangError):
    """The file is no CSV that can be read: {why}."""


def decoded(content: bytes) -> str:
    """The text of the file. NotText with why = encoding."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise NotText(why="encoding")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText(why="encoding")


def rows(text: str) -> Iterator[list[str]]:
    """The rows cell by cell. NotText with why = quotes when a quotation mark is never closed."""
    # Semicolons and tabs are what Excel writes in some places; a title without any may stand above.
    delimiter = max(",;\t", key=text[:FIRST].count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise NotText(why="quotes") from error
