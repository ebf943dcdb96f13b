"""Every sentence of policy in tests/cases comes out as it stands there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.pack import Pack
from tests.rules.policy import differences, read_cases


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in read_cases("hr")])
def test_the_four_cards_say_what_policy_says(hr: Pack, case: dict[str, Any]) -> None:
    assert differences(hr, case) == {}


def test_every_row_and_every_flag_has_a_case(hr: Pack) -> None:
    cases = read_cases("hr")
    assert {case.get("row") for case in cases} >= {row.id for row in hr.rows}
    assert {flag for case in cases for flag in case.get("flags", [])} == {flag.id for flag in hr.flags}
