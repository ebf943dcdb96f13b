"""Every sentence of policy in tests/cases comes out as it stands there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.policy import differences, pack_with, read_cases
from tests.shipped import shipped

SCHEMES = sorted(shipped().packs)
CASES = [
    pytest.param(scheme, case, id=f"{scheme}: {case['name']}")
    for scheme in SCHEMES
    for case in read_cases(scheme)
]


@pytest.mark.parametrize(("scheme", "case"), CASES)
def test_a_scheme_says_what_policy_says(scheme: str, case: dict[str, Any]) -> None:
    pack = pack_with(scheme, tuple(sorted(case.get("options", {}).items())))
    assert differences(pack, case) == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_row_and_every_flag_has_a_case(scheme: str) -> None:
    pack, cases = shipped().packs[scheme], read_cases(scheme)
    assert {case.get("row") for case in cases} >= {row.id for row in pack.rows}
    assert {flag for case in cases for flag in case.get("flags", [])} == {flag.id for flag in pack.flags}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_choice_of_an_option_has_a_case(scheme: str) -> None:
    pack = shipped().packs[scheme]
    tried = {pair for case in read_cases(scheme) for pair in case.get("options", {}).items()}
    others = {(id, each) for id, every in pack.choices.items() for each in every if each != pack.options[id]}
    assert tried >= others
