"""Cells of a table as the rules read them: each distinct text once, plain figures all at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bot.rules.facts import MANY, ROSTER, FactInfo
from bot.rules.pack import Pack
from bot.services.batch_chunks import Bad, Chunk, Wanted, places_of, single
from bot.services.batch_workbooks import text as text_of

UNKNOWN_MASK: Final = -1
WORDS: Final = frozenset(
    {"text", "date", "datetime", "month", "id_number", "phone", "person", "signature", "image", "geopoint"}
)
"""Kinds of facts of which a batch knows only whether they are stated: 1, or NaN."""
_PLAIN: Final = r"^-?[0-9][0-9,]*(\.[0-9]+)?$"
_WHOLE: Final = re.compile(r"(\d+)(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A fact that a scheme reads, as a table names it."""

    fact: str
    kind: str
    options: str
    unit: str


def columns_of(pack: Pack) -> list[Column]:
    """The facts that the scheme reads, with kind, options and unit; rows of rosters fit into no cell."""
    found: list[Column] = []
    for name in facts_of_tables(pack):
        info = pack.registry[name]
        options = "; ".join(f"{code}={label}" for code, label in info.options.items())
        found.append(Column(name, info.kind, options, info.unit))
    return found


def facts_of_tables(pack: Pack) -> list[str]:
    """The facts of the scheme that a table can hold."""
    return [name for name in pack.reads if pack.registry[name].kind != ROSTER]


def wanted(pack: Pack, places: dict[str, int], others: Sequence[int], *, as_lines: bool) -> Wanted:
    """What has to be read of a table whose facts stand at these places."""
    options = {place for name, place in places.items() if pack.registry[name].options}
    words = {place for name, place in places.items() if pack.registry[name].kind in WORDS}
    numbers = set(places.values()) - options - words
    columns = tuple(sorted({*places.values(), *others}))
    return Wanted(frozenset(options), frozenset(numbers), columns, as_lines)


def read_facts(
    pack: Pack, places: dict[str, int], chunk: Chunk
) -> tuple[dict[str, NDArray[Any]], tuple[Bad, ...]]:
    """The facts of a chunk as the batch reads them (`bot.rules.columns`), and its bad cells in order."""
    facts: dict[str, NDArray[Any]] = {}
    bad = list(chunk.bad)
    for name, place in places.items():
        values, wrong = read_column(single(chunk.table.column(str(place))), pack.registry[name])
        facts[name] = values
        for at, text, why in wrong:
            row = at if chunk.places is None else int(chunk.places[at])
            bad.append(Bad(row, name, text, why))
    bad.sort(key=lambda each: (each.row, places.get(each.column, len(chunk.table.column_names))))
    return facts, tuple(bad)


def read_column(array: Any, info: FactInfo) -> tuple[NDArray[Any], list[tuple[int, str, str]]]:
    """The values of a column, NaN (-1 for several codes) where empty; place, text and why of bad cells."""
    if info.options:
        return _codes(_flat(array), info)
    if info.kind in WORDS:
        return _stated(array), []
    kind = array.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        figures = array if pa.types.is_float64(kind) else array.cast(pa.float64(), safe=False)
        values = np.asarray(figures.to_numpy(zero_copy_only=False))
        return values, [] if isfinite(pc.sum(figures).as_py() or 0) else _infinite(values, info)
    return _figures(_texts(array), info)


def _flat(array: Any) -> Any:
    """Lists of codes as text; an empty list stays empty, as in any other table."""
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return pc.binary_join(array.cast(pa.list_(pa.string())), " ")
    return array


def _codes(array: Any, info: FactInfo) -> tuple[NDArray[Any], list[tuple[int, str, str]]]:
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    texts = [_cell_text(value) for value in array.dictionary.to_pylist()]
    read = [read_cell(text, info) for text in texts]
    if info.kind == MANY:
        masks = [UNKNOWN_MASK if codes is None else sum(1 << code for code in codes) for codes, _ in read]
        values = np.array([*masks, UNKNOWN_MASK], np.int64)
    else:
        values = np.array([*(np.nan if code is None else code for code, _ in read), np.nan], np.float64)
    places = places_of(array)
    wrong = [place for place, (_, why) in enumerate(read) if why]
    at = np.flatnonzero(np.isin(places, wrong)).tolist() if wrong else []
    return values[places], [(row, texts[places[row]], read[places[row]][1]) for row in at]


def _stated(array: Any) -> NDArray[np.float64]:
    texts = pc.fill_null(pc.utf8_trim_whitespace(_texts(array)), "")
    return np.where(np.asarray(pc.not_equal(texts, "")), 1.0, np.nan)


def _cell_text(value: Any) -> str:
    return "" if isinstance(value, float) and np.isnan(value) else text_of(value)


def _infinite(values: NDArray[Any], info: FactInfo) -> list[tuple[int, str, str]]:
    return [(row, str(values[row]), _no_number(info)) for row in np.flatnonzero(np.isinf(values)).tolist()]


def _texts(array: Any) -> Any:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


def _figures(texts: Any, info: FactInfo) -> tuple[NDArray[Any], list[tuple[int, str, str]]]:
    """Plain figures are read by columns, whatever else may be one (such as 1e3) cell by cell."""
    texts = pc.fill_null(pc.utf8_trim_whitespace(texts), "")
    plain = pc.match_substring_regex(texts, _PLAIN)
    figures = pc.replace_substring(pc.if_else(plain, texts, None), ",", "")
    values = np.array(figures.cast(pa.float64()).to_numpy(zero_copy_only=False))
    wrong: list[tuple[int, str, str]] = []
    odd = pc.and_(pc.invert(plain), pc.not_equal(texts, ""))
    for row in np.flatnonzero(np.asarray(odd) | np.isinf(values)).tolist():
        text = texts[row].as_py()
        value, why = read_cell(text, info)
        values[row] = np.nan if value is None else value
        if why:
            wrong.append((row, text, why))
    return values, wrong


def read_cell(text: str, info: FactInfo) -> tuple[Any, str]:
    """The value of a cell (None when it is empty or cannot be read), and what is accepted if it cannot."""
    if not text:
        return None, ""
    if not info.options:
        try:
            number = float(text.replace(",", ""))
        except ValueError:
            return None, _no_number(info)
        return (number, "") if np.isfinite(number) else (None, _no_number(info))
    labels = {label: code for code, label in info.options.items()}
    parts = [text] if info.kind != MANY or text in labels else "".join(map(_spaced, text)).split()
    codes: list[int] = []
    for part in parts:
        whole = _WHOLE.fullmatch(part)
        code = int(whole[1]) if whole else labels.get(part)
        if code is None or code not in info.options:
            return None, f"is no option; use {', '.join(f'{c} {label}' for c, label in info.options.items())}"
        codes.append(code)
    if not codes:
        return None, ""
    return (sorted(set(codes)) if info.kind == MANY else codes[0]), ""


def _spaced(sign: str) -> str:
    """A sign of a cell with several codes; a space for what stands between them, in Chinese too."""
    parts = sign in ",;" or (not sign.isascii() and unicodedata.category(sign) == "Po")
    return " " if parts else sign


def _no_number(info: FactInfo) -> str:
    return f"is no number{f' ({info.unit})' if info.unit else ''}"
