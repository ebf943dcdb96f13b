"""The decision table has no gap and no overlap, and a slip of an author does not go unseen."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bot.rules.facts import Registry
from bot.rules.loading import Surroundings, load_pack
from bot.rules.pack import Pack
from bot.rules.terms import term
from tests.rules.conftest import Data, Loader
from tests.rules.policy import differences, read_cases

WORDS = Surroundings({"words.toml": {"words": {"comma": ",", "unknown": "?"}}})
SWAPS = {" == ": " != ", " < ": " <= ", " > ": " >= ", " {line_op} ": " > ", " <= ": " < ", " >= ": " > "}


def inverted(source: str) -> str:
    return source[1:] if source.startswith("-") else f"-{source}"


def entry(data: Data, section: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in data[section] if each["id"] == id)
    return found


def slips_in_rows(data: Data) -> Iterator[tuple[str, Data]]:
    for index, row in enumerate(data["row"]):
        for place, condition in enumerate(row["when"]):
            spoilt = copy.deepcopy(data)
            del spoilt["row"][index]["when"][place]
            yield f"{row['id']} without {condition}", spoilt
            spoilt = copy.deepcopy(data)
            spoilt["row"][index]["when"][place] = inverted(condition)
            yield f"{row['id']} with {inverted(condition)}", spoilt
        spoilt = copy.deepcopy(data)
        del spoilt["row"][index]
        yield f"no {row['id']}", spoilt
        spoilt = copy.deepcopy(data)
        spoilt["row"][index]["verdict"] = "green" if row["verdict"] != "green" else "yellow"
        yield f"{row['id']} with another verdict", spoilt


def slips_in_facts(data: Data, pack: Pack) -> Iterator[tuple[str, Data]]:
    flagged = {each.fact for flag in pack.flags for each in flag.when}
    parts = {each.fact for name in flagged for each in pack.facts[name].terms}
    for index, fact in enumerate(data["fact"]):
        if fact["id"] not in {*pack.deciding, *flagged, *parts}:
            continue
        for key in ("test", "ok"):
            for sign, other in SWAPS.items():
                if sign in fact.get(key, ""):
                    spoilt = copy.deepcopy(data)
                    spoilt["fact"][index][key] = fact[key].replace(sign, other)
                    yield f"{fact['id']}: {spoilt['fact'][index][key]}", spoilt
        for key, other in (("any_of", "all_of"), ("all_of", "any_of")):
            if key in fact:
                spoilt = copy.deepcopy(data)
                spoilt["fact"][index][other] = spoilt["fact"][index].pop(key)
                yield f"{fact['id']}: {other}", spoilt
            for place, part in enumerate(fact.get(key, [])):
                spoilt = copy.deepcopy(data)
                del spoilt["fact"][index][key][place]
                yield f"{fact['id']} without {part}", spoilt
                spoilt = copy.deepcopy(data)
                spoilt["fact"][index][key][place] = inverted(part)
                yield f"{fact['id']} with {inverted(part)}", spoilt


def slips_elsewhere(data: Data) -> Iterator[tuple[str, Data]]:
    for name, value in (
        ("card_line", 4999),
        ("card_line", 5001),
        ("card_line", 4000),
        ("priority_ratio", 1.01),
    ):
        spoilt = copy.deepcopy(data)
        entry(spoilt, "parameter", name)["values"][0]["value"] = value
        yield f"{name} = {value}", spoilt
    spoilt = copy.deepcopy(data)
    entry(spoilt, "option", "line_op")["value"] = "<="
    yield "line_op = <=", spoilt
    for index, flag in enumerate(data["flag"]):
        for place, condition in enumerate(flag["when"]):
            spoilt = copy.deepcopy(data)
            spoilt["flag"][index]["when"][place] = inverted(condition)
            yield f"flag {flag['id']} with {inverted(condition)}", spoilt


def test_every_slip_in_the_four_cards_is_found(hr_source: Data, hr: Pack, load: Loader) -> None:
    cases, unseen, tried = read_cases("hr"), [], 0
    slips = [*slips_in_rows(hr_source), *slips_in_facts(hr_source, hr), *slips_elsewhere(hr_source)]
    for name, spoilt in slips:
        tried += 1
        pack, problems = load(spoilt)
        if not problems and pack is not None and not any(differences(pack, case) for case in cases):
            unseen.append(name)
    assert tried > 140
    assert unseen == []


def test_a_forgotten_row_is_a_gap(hr_data: Data, load: Loader) -> None:
    hr_data["row"] = [row for row in hr_data["row"] if row["id"] != "green_risk"]
    _, problems = load(hr_data)
    assert {problem.id for problem in problems} == {"row"}
    assert "no row covers" in problems[0].what
    assert "lifted, -handbook_low, at_return_risk" in problems[0].what


def test_a_forgotten_condition_is_an_overlap(hr_data: Data, load: Loader) -> None:
    entry(hr_data, "row", "yellow")["when"].remove("-excluded")
    _, problems = load(hr_data)
    assert [problem.id for problem in problems] == ["row green_excluded"] * len(problems)
    assert "overlaps row yellow" in problems[0].what


def test_a_row_that_contradicts_itself_is_found(hr_data: Data, load: Loader) -> None:
    again = {**entry(hr_data, "row", "red"), "id": "red_again", "when": ["unlifted", "lifted"]}
    hr_data["row"].append(again)
    _, problems = load(hr_data)
    assert [(p.id, p.what) for p in problems] == [("row red_again", "no household can meet this row")]


def banded(first: str, second: str, third: str) -> Data:
    """A small scheme by two income lines, as the three colours have them."""
    words = {"yes": "", "no": "", "unknown": "", "clause": "c"}
    lines = [{"from": date(2020, 1, 1), "value": value, "clause": "c"} for value in (5000, 10000)]
    return {
        "scheme": {"id": "t", "name": "t", "from": date(2020, 1, 1), "to_verify": "", "forms": ["jd"]},
        "verdict": [
            {"id": verdict, "name": verdict, "settled": "", "clause": "c", "rank": rank}
            for rank, verdict in enumerate(("low", "middle", "high"), 1)
        ],
        "parameter": [
            {"id": "low_line", "values": lines[:1]},
            {"id": "high_line", "values": lines[1:]},
        ],
        "fact": [
            {"id": "below_low", "test": "net_income_per_capita < low_line", **words},
            {"id": "from_high", "test": "net_income_per_capita >= high_line", **words},
        ],
        "row": [
            {"id": verdict, "verdict": verdict, "when": when.split(), "reason": "", "clause": "c"}
            for verdict, when in (("low", first), ("middle", second), ("high", third))
        ],
    }


def test_thresholds_on_one_income_are_tried_on_both_sides(registry: Registry) -> None:
    pack, problems = load_pack(banded("below_low", "-below_low -from_high", "from_high"), WORDS, registry)
    assert problems == []
    assert pack is not None
    # Below the low line and from the high line on cannot both be: no row has to say so.
    assert sorted(v for part in pack.table.components for v in part.vectors) == [0b00, 0b01, 0b10]


def test_a_gap_between_two_lines_is_found(registry: Registry) -> None:
    data = banded("below_low", "-below_low -from_high", "from_high")
    del data["row"][1]
    data["verdict"] = [each for each in data["verdict"] if each["id"] != "middle"]
    _, problems = load_pack(data, WORDS, registry)
    assert [problem.what for problem in problems] == ["no row covers -below_low, -from_high"]


@pytest.mark.parametrize("source", ["x", "-x"])
def test_a_condition_prints_as_it_is_written(source: str) -> None:
    assert str(term(source)) == source
