"""A million households and one household are told the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.expressions import parse
from bot.rules.batch import classify_columns, missing_names
from bot.rules.columns import ColumnReader
from bot.rules.decide import decide
from bot.rules.facts import MANY, FactInfo
from bot.rules.pack import Pack
from tests.rules.policy import ON

LINES = [4999.0, 4999.99, 5000.0, 5000.01, 5001.0]
SIZE = 24_000


def population(pack: Pack, seed: int, size: int, silence: float) -> dict[str, np.ndarray[Any, Any]]:
    """Random households; of the incomes a third lie on the line or beside it, gross ones per head too."""
    rng = np.random.default_rng(seed)
    columns: dict[str, np.ndarray[Any, Any]] = {}
    for name in pack.reads:
        info = pack.registry[name]
        if info.kind == MANY:
            columns[name] = rng.integers(0, 1 << 7, size).astype(np.int64)
            columns[name][rng.random(size) < silence] = -1
            continue
        if info.options:
            columns[name] = rng.choice(np.array(list(info.options), float), size)
        elif name == "population":
            columns[name] = rng.integers(0, 6, size).astype(float)
        else:
            free = np.round(rng.uniform(0, 12000, size), 2)
            columns[name] = np.where(rng.random(size) < 1 / 3, rng.choice(LINES, size), free)
        columns[name][rng.random(size) < silence] = np.nan
    columns["gross_income"] = np.round(
        columns["gross_income"] * np.nan_to_num(columns["population"], nan=1), 2
    )
    return columns


def household(pack: Pack, columns: dict[str, np.ndarray[Any, Any]], index: int) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, column in columns.items():
        value = column[index]
        if pack.registry[name].kind == MANY:
            if value >= 0:
                facts[name] = [code for code in range(63) if int(value) >> code & 1]
        elif not np.isnan(value):
            facts[name] = int(value) if value.is_integer() else float(value)
    return facts


@pytest.mark.parametrize(("seed", "silence"), [(1, 0.0), (2, 0.05), (3, 0.35)])
def test_many_at_once_and_one_by_one_agree_in_everything(hr: Pack, seed: int, silence: float) -> None:
    columns = population(hr, seed, SIZE, silence)
    found = classify_columns(hr, columns, ON)
    seen = set()
    for index in range(SIZE):
        verdict = decide(hr, household(hr, columns, index), ON)
        seen.add(verdict.row)
        at = int(found.verdicts[index])
        assert (hr.outcomes[at].id if at >= 0 else None) == verdict.verdict
        row = int(found.rows[index])
        assert (hr.rows[row].id if row >= 0 else None) == verdict.row
        possible = int(found.possible[index])
        assert tuple(r.id for place, r in enumerate(hr.rows) if possible >> place & 1) == verdict.rows
        assert missing_names(hr, int(found.missing[index])) == verdict.missing
    assert seen >= {row.id for row in hr.rows}


def test_a_column_that_is_not_given_is_unknown_for_all(hr: Pack) -> None:
    found = classify_columns(hr, {"reg_status": np.array([1.0, 2.0, 3.0, np.nan])}, ON)
    assert [hr.outcomes[v].id if v >= 0 else None for v in found.verdicts] == ["red", None, None, None]
    assert missing_names(hr, int(found.missing[0])) == ()
    assert "handbook_income_per_capita" in missing_names(hr, int(found.missing[1]))
    assert missing_names(hr, int(found.missing[2]))[-2:] == (
        "estimated_income_per_capita",
        "poverty_risk_causes",
    )
    assert "reg_status" in missing_names(hr, int(found.missing[3]))


def test_no_households_give_no_verdicts(hr: Pack) -> None:
    assert classify_columns(hr, {"reg_status": np.array([])}, ON).verdicts.size == 0


leaves = st.sampled_from(["a", "b", "c", "1", "5000", "0.5"])
sums = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda x: f"round({x}, 2)"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    ),
    max_leaves=5,
)
tests = st.one_of(
    st.tuples(sums, st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]), sums).map(" ".join),
    st.sampled_from(["has(m, 1)", "has(m, 0)", "blank(a)", "blank(m)", "a in [1, 2]", "b not in (1, 3)"]),
    st.tuples(sums, sums, sums).map(lambda t: f"{t[0]} <= {t[1]} < {t[2]}"),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"not ({x})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    ),
    max_leaves=5,
)
values = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0, 3.0, 4999.99, 5000.0]))
rows = st.lists(
    st.tuples(values, values, values, st.one_of(st.none(), st.integers(0, 15))), min_size=1, max_size=6
)
REGISTRY = {name: FactInfo("decimal") for name in "abc"} | {"m": FactInfo(MANY, dict.fromkeys(range(4), ""))}


@settings(max_examples=500, deadline=None)
@given(source=conditions, given_rows=rows)
def test_a_condition_on_columns_is_the_condition_on_each_household(
    source: str, given_rows: list[Any]
) -> None:
    expression = parse(source)
    columns: dict[str, np.ndarray[Any, Any]] = {
        name: np.array([np.nan if row[place] is None else row[place] for row in given_rows])
        for place, name in enumerate("abc")
    }
    columns["m"] = np.array([-1 if row[3] is None else row[3] for row in given_rows], np.int64)
    reader = ColumnReader(columns, len(given_rows), REGISTRY, {}, {})
    with np.errstate(all="ignore"):
        found = reader.truth(expression.tree)
    for index, (a, b, c, m) in enumerate(given_rows):
        codes = None if m is None else [code for code in range(4) if m >> code & 1]
        truth = expression.evaluate({"a": a, "b": b, "c": c, "m": codes})
        assert int(found[index]) == {None: 1, False: 0, True: 2}[truth], source
