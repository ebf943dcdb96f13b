"""The column types that read and write the same values on SQLite and PostgreSQL, and the one MetaData."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

JsonValue: TypeAlias = Any
"""Whatever JSON can say: None, bool, int, float, text, lists and mappings of these."""

_ESCAPED_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Absent(Enum):
    """There is no value at all, where None would be an answer ("don't know")."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


_NULL: Final = object()


def read(text: str) -> JsonValue:
    """What PostgreSQL's driver makes of JSON: its value, but JSON's null must not look like NULL."""
    return _NULL if text == "null" else orjson.loads(text)


def written(value: JsonValue) -> str:
    """`value` as JSON text that both databases accept.

    Lone surrogates and NUL characters, which PostgreSQL refuses, become replacement characters: a malformed
    message must not stop the messages behind it.
    """
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return _ESCAPED_NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


class Json(TypeDecorator[JsonValue]):
    """JSON in a column: jsonb on PostgreSQL, text on SQLite.

    `Json()` reads NULL as None and writes None as NULL. `Json(absent=True)` tells the two apart: None is
    JSON's null, `ABSENT` is NULL. The engine must be made with `json_serializer=str, json_deserializer=read`.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, absent: bool = False) -> None:
        """See the class: `absent` makes NULL mean `ABSENT`."""
        super().__init__()
        self.absent = absent

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Jsonb where there is one."""
        return dialect.type_descriptor(JSONB(none_as_null=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """From a value to JSON text."""
        if value is ABSENT or (value is None and not self.absent):
            return None
        return written(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> JsonValue:
        """From JSON text, or from what `read` made of it, to a value."""
        if value is None:
            return ABSENT if self.absent else None
        if dialect.name == "postgresql":
            return None if value is _NULL else value
        return orjson.loads(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware UTC datetimes in and out. A naive one is refused: its zone is a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer(), "sqlite")
"""A row's number; SQLite counts by itself only in a plain INTEGER."""

Path = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte, as prefix ranges need."""

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
