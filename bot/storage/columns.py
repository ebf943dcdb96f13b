"""The column types that read and write the same values on SQLite and PostgreSQL, and the one MetaData."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType, is_, is_not
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.storage.sealing import MARK, open_bytes, open_text, ring_of, seal_bytes, seal_text, sealed

JsonValue: TypeAlias = Any
"""Whatever JSON can say: None, bool, int, float, text, lists and mappings of these."""

_ESCAPED_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Absent(Enum):
    """There is no value at all, where None would be an answer ("don't know")."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


_NULL: Final = object()
_SEALED: Final = f'"{MARK}'
EMPTY: Final = ("{}", "[]", "null")
"""JSON that tells nothing: it is not worth sealing."""


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


class _Closed(TypeDecorator.Comparator[Any]):
    """What a statement may ask of a sealed value: whether there is one."""

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
        """IS NULL and IS NOT NULL; TypeError for anything else: it would compare what is sealed."""
        if op not in (is_, is_not):
            raise TypeError(
                f"{getattr(self.type, 'place', self.type)} is sealed: a statement cannot compare it"
            )
        return super().operate(op, *other, **kwargs)

    reverse_operate = operate


class SealedJson(Json):
    """JSON that is encrypted at rest: a JSON string in jsonb. No statement can compare it or look into it.

    `place` is the column ("facts.value"). What was stored before there were keys reads as it is.
    """

    cache_ok = True
    comparator_factory = _Closed

    def __init__(self, place: str, *, absent: bool = False) -> None:
        """See `Json` for `absent`."""
        super().__init__(absent=absent)
        self.place = place
        self._place = place.encode()

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """From a value to sealed JSON text."""
        text = super().process_bind_param(value, dialect)
        ring = ring_of(dialect)
        if text is None or text in EMPTY or (ring.is_empty and not text.startswith(_SEALED)):
            return text
        return f'"{sealed(ring, text, self._place)}"'  # whose letters need no escape

    def process_result_value(self, value: Any, dialect: Dialect) -> JsonValue:
        """From sealed JSON text, or from what `read` made of it, to a value. KeyMissing, SealBroken."""
        if isinstance(value, str):
            if value.startswith(_SEALED):
                return orjson.loads(open_text(ring_of(dialect), value[1:-1], self._place))
            if dialect.name == "postgresql" and value.startswith(MARK):
                return orjson.loads(open_text(ring_of(dialect), value, self._place))
        return super().process_result_value(value, dialect)


class SealedText(TypeDecorator[str]):
    """Text that is encrypted at rest; `place` is the column ("households.phone")."""

    impl = Text
    cache_ok = True
    comparator_factory = _Closed

    def __init__(self, place: str) -> None:
        """See the class."""
        super().__init__()
        self.place = place
        self._place = place.encode()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """From text to sealed text."""
        return None if value is None else seal_text(ring_of(dialect), value, self._place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Back again; KeyMissing, SealBroken."""
        return None if value is None else open_text(ring_of(dialect), value, self._place)


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that are encrypted at rest; `place` is the column ("files.content")."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _Closed

    def __init__(self, place: str) -> None:
        """See the class."""
        super().__init__()
        self.place = place
        self._place = place.encode()

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """From bytes to sealed bytes."""
        return None if value is None else seal_bytes(ring_of(dialect), value, self._place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Back again; KeyMissing, SealBroken."""
        return None if value is None else open_bytes(ring_of(dialect), value, self._place)


SEALED: Final = (SealedJson, SealedText, SealedBytes)
"""The types whose values are encrypted at rest."""


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
