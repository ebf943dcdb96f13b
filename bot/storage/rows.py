"""Between rows and dataclasses: a record's fields are the columns of the same names, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, ColumnElement, Table, Text, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Item = TypeVar("Item")


def columns_of(table: Table, record: type[DataclassInstance]) -> list[Column[Any]]:
    """The columns to select so that `record(*row)` is right."""
    return [table.c[field.name] for field in fields(record)]


def parameters_of(record: type[DataclassInstance]) -> Callable[[Any], dict[str, Any]]:
    """A function from one such record to the bound values of a statement."""
    names = tuple(field.name for field in fields(record))
    return lambda item: {name: getattr(item, name) for name in names}


def word(text: str) -> ColumnElement[str]:
    """A word of ours, written into the statement: only by reading it does a database find a partial index."""
    return literal_column(f"'{text}'", Text())


def padded(values: Iterable[Item]) -> Sequence[Item]:
    """The values with the last repeated up to a power of two, for an IN list.

    An IN list of every length would be another statement to prepare each time; so there are only a few.
    """
    items = list(values)
    if not items:
        return items
    length = 1 << (len(items) - 1).bit_length()
    return items + items[-1:] * (length - len(items))


def upsert(build: Callable[[Any], Executable]) -> dict[str, Executable]:
    """One statement for each database by its dialect's name: `build` receives that dialect's `insert`."""
    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def replacing(table: Table, keys: Sequence[str], rest: Sequence[str]) -> dict[str, Any]:
    """For each dialect the insert of a row that, when one with these `keys` exists, replaces its `rest`."""

    def build(insert: Any) -> Any:
        new = insert(table)
        return new.on_conflict_do_update(
            index_elements=keys, set_={name: new.excluded[name] for name in rest}
        )

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}
