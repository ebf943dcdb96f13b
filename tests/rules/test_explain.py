"""A cadre is told why, by which clause, and why not another card."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.rules.decide import decide
from bot.rules.explain import explain, row_sentences, why_not
from bot.rules.pack import Pack
from tests.rules.policy import ON, every_reason, read_cases


def facts(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(case["facts"] for case in read_cases("hr") if case["name"].startswith(name))
    return found


def test_a_reason_says_the_figure_and_the_line(hr: Pack) -> None:
    explanation = explain(hr, decide(hr, {**facts("L2"), "handbook_income_per_capita": 4999.90}, ON))
    sentence = next(reason.sentence for reason in explanation.reasons if reason.fact == "handbook_low")
    assert sentence == "手册2019年度人均纯收入4999.9元，低于5000元"
    assert explanation.name == "黄卡"


def test_an_exclusion_is_explained_by_what_excludes_and_not_by_what_does_not(hr: Pack) -> None:
    explanation = explain(hr, decide(hr, facts("L3"), ON))
    excluded = next(reason for reason in explanation.reasons if reason.fact == "excluded")
    assert [child.fact for child in excluded.children] == ["has_consumer_car"]


def test_what_is_to_verify_is_explained_by_what_is_open(hr: Pack) -> None:
    verdict = decide(hr, {"reg_status": 2, "handbook_income_per_capita": 3000, "consumer_car": 2}, ON)
    explanation = explain(hr, verdict)
    assert explanation.verdict is None
    assert [reason.fact for reason in explanation.reasons] == ["at_return_risk", "excluded"]
    assert all(reason.truth is None for reason in every_reason(explanation.reasons))


def test_a_settled_card_says_that_open_answers_do_not_matter(hr: Pack) -> None:
    explanation = explain(hr, decide(hr, {"reg_status": 2, "return_risk": 2}, ON))
    assert explanation.sentence == hr.outcome_by_id["green"].settled.end
    assert [reason.fact for reason in explanation.reasons] == ["lifted", "at_return_risk"]


def test_why_not_yellow_names_the_first_condition_that_fails(hr: Pack) -> None:
    assert [(w.row, w.reason.fact) for w in why_not(hr, decide(hr, facts("L4"), ON), "yellow")] == [
        ("yellow", "handbook_low")
    ]
    assert why_not(hr, decide(hr, facts("L3"), ON), "yellow")[0].reason.fact == "excluded"
    assert why_not(hr, decide(hr, facts("L7"), ON), "yellow")[0].reason.fact == "lifted"


def test_why_not_prefers_what_fails_to_what_is_unknown(hr: Pack) -> None:
    verdict = decide(hr, {"reg_status": 2, "return_risk": 2}, ON)
    assert why_not(hr, verdict, "yellow")[0].reason.fact == "at_return_risk"


def test_why_not_names_what_is_unknown_when_nothing_fails(hr: Pack) -> None:
    verdict = decide(hr, {"reg_status": 2, "return_risk": 1}, ON)
    assert [w.reason.fact for w in why_not(hr, verdict, "yellow")] == ["handbook_low"]


def test_why_not_answers_for_every_row_of_the_card(hr: Pack) -> None:
    rows = [w.row for w in why_not(hr, decide(hr, facts("L1"), ON), "green")]
    assert rows == ["green_stable", "green_low", "green_risk", "green_excluded"]


def test_nobody_is_told_why_not_the_card_they_have(hr: Pack) -> None:
    assert why_not(hr, decide(hr, facts("L2"), ON), "yellow") == ()


def test_a_card_that_the_scheme_does_not_have_is_refused(hr: Pack) -> None:
    with pytest.raises(KeyError):
        why_not(hr, decide(hr, facts("L2"), ON), "orange")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in read_cases("hr")])
def test_every_sentence_is_filled_and_every_reason_has_its_clause(hr: Pack, case: dict[str, Any]) -> None:
    explanation = explain(hr, decide(hr, case["facts"], date(2020, 6, 1)))
    for reason in every_reason(explanation.reasons):
        assert reason.clause
        assert "{" not in reason.sentence
        assert hr.words.unknown not in reason.sentence
    assert explanation.clause


def test_a_batch_can_say_each_row_without_a_household(hr: Pack) -> None:
    sentences = dict(zip((row.id for row in hr.rows), row_sentences(hr, ON), strict=True))
    verdict = decide(hr, facts("L2"), ON)
    assert sentences["yellow"] == explain(hr, verdict).sentence
    assert "5000" in sentences["yellow"]
