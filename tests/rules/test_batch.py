"""Columns of answers are read as the answers of one household are; see test_agreement for the whole packs."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.expressions import parse
from bot.rules.batch import classify_columns, missing_names
from bot.rules.columns import ColumnReader
from bot.rules.facts import MANY, FactInfo
from bot.rules.pack import Pack
from tests.rules.policy import ON


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
