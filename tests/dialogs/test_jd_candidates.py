"""What questionnaire 4 makes a probable problem of the ledger (questionnaires.md 8.2), and whom it names."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogs.form import Candidate, Form
from bot.dialogs.path import concerned
from tests.dialogs.building import form, parameters

Facts = dict[str, Any]
LIFTED, NOT_LIFTED = {"reg_status": 2}, {"reg_status": 1}


def child(**facts: Any) -> Facts:
    return {"child": [{"name": "王小弟", "in_school": 1}, {"name": "王小妹", **facts}]}


def student(stage: int | None, *aid: int, at_school: bool = True) -> Facts:
    """One student with these aids, and whether a child of the household goes to school."""
    row = {"name": "王小妹", "stage": stage, "education_aid": list(aid)}
    in_school = {"name": "王小妹", "in_school": 1 if at_school else 2}
    return {"child": [in_school], "student": [row], "education_policies": list(aid)}


def uninsured(reason: int | None) -> Facts:
    return {"uninsured": [{"name": "王大山", "uninsured_reason": reason}]}


def worker(places: list[int], **facts: Any) -> Facts:
    return {"worker": [{"name": "王大山", "work_place": places}], **facts}


def disabled(certificate: int, *aid: int) -> Facts:
    return {"disabled": [{"name": "王老四", "has_certificate": certificate, "disability_aid": list(aid)}]}


def able(*labor: int | None, age: int = 40) -> Facts:
    """Members with these capacities; without minimum living allowance or support for the destitute."""
    members = [{"name": "人", "labor": each, "age": age} for each in labor]
    return {"member": members, "ever_dibao": 2, "ever_tekun": 2}


def income(gross: float, cost: float, people: int) -> Facts:
    return {"gross_income": gross, "business_cost": cost, "population": people}


AT_DOOR: Facts = {"population": 2, "has_school_age_child": 2, "member": [{"age": 40}, {"age": 16}]}

# problem, facts with which it is one, facts with which it just is none
CASES: list[tuple[str, Facts, Facts]] = [
    ("4.1", {"house_safety": 3}, {"house_safety": 2}),
    ("4.2", {"house_safety": 2, **LIFTED}, {"house_safety": 2, **NOT_LIFTED}),
    ("4.2", {"house_safety": 2, **LIFTED}, {"house_safety": 3, **LIFTED}),
    ("4.3", {"house_renovation": 1, "house_safety": 2}, {"house_renovation": 3, "house_safety": 2}),
    ("4.3", {"house_renovation": 2, "house_safety": 2}, {"house_renovation": 2, "house_safety": 1}),
    ("4.6", {"renovation_livable": 2}, {"renovation_livable": 1}),
    ("4.7", {"renovation_accepted": 2}, {"renovation_accepted": 1}),
    ("4.9", {"renovation_subsidy_paid": 2}, {"renovation_subsidy_paid": None}),
    ("4.11", {"renovation_old_house_removed": 2}, {"renovation_old_house_removed": 1}),
    ("5.1", {"relocation_moved_in": 2}, {"relocation_moved_in": 1}),
    ("5.4", {"relocation_followup": 2}, {"relocation_followup": 1}),
    ("5.5", {"relocation_old_house_removed": 2}, {"relocation_old_house_removed": 1}),
    (
        "5.5",
        {"relocation_old_house_removed": 1, "relocation_land_reclaimed": 2},
        {"relocation_old_house_removed": 1, "relocation_land_reclaimed": 1},
    ),
    ("6.1", child(in_school=2, not_in_school_reason=3), child(in_school=2, not_in_school_reason=2)),
    ("6.1", child(in_school=2, not_in_school_reason=4), child(in_school=2, not_in_school_reason=None)),
    ("6.2", student(None), student(None, 1)),
    ("6.2", student(3, 7), student(3, 2)),
    ("6.2", student(2), student(2, at_school=False)),
    ("6.3", student(5, 4), student(5, 7)),
    ("6.3", student(6), student(7)),
    ("7.1", uninsured(4), uninsured(1)),
    ("7.1", uninsured(4), uninsured(None)),
    ("7.2", {"all_insured": 1, "had_health_policy": 2}, {"all_insured": 2, "had_health_policy": 2}),
    (
        "7.2",
        {"all_insured": 1, "had_health_policy": 1, "health_policies": [2]},
        {"all_insured": 1, "had_health_policy": 1, "health_policies": [1, 2]},
    ),
    ("8.1", {"water_quality_good": 2}, {"water_quality_good": 1}),
    ("8.3", {"water_access": 2}, {"water_access": 1}),
    ("8.4", {"water_shortage": 2}, {"water_shortage": 1}),
    (
        "9.3",
        {"joined_asset_income_program": 1, "property_income": 0},
        {"joined_asset_income_program": 1, "property_income": 0.01},
    ),
    ("10.3", worker([2], had_job_policy=2), worker([1], had_job_policy=2)),
    (
        "10.3",
        worker([3], had_job_policy=1, job_policies=[1]),
        worker([3], had_job_policy=1, job_policies=[6]),
    ),
    ("12.2", {"microloan_interest_subsidy": 0}, {"microloan_interest_subsidy": 0.01}),
    ("13.1", able(3, 3), able(3, 2)),
    ("13.1", able(3) | {"ever_dibao": 1, "dibao_now": 2}, able(3) | {"ever_dibao": 1, "dibao_now": 1}),
    ("13.1", able(None, age=15), able(None, age=16)),
    ("13.1", able(3), able(3) | {"ever_tekun": 1}),
    ("13.2", {"ever_pension_insured": 2}, {"ever_pension_insured": 1}),
    ("13.5", disabled(1, 3, 7), disabled(1, 2)),
    ("13.5", disabled(2, 1), disabled(1, 1)),
    ("14.1", income(15000, 3000.01, 3), income(15000, 3000, 3)),
    ("15.4", AT_DOOR | {"population": 3}, AT_DOOR),
    ("15.4", AT_DOOR | {"member": [{"age": 40}, {"age": 15}]}, AT_DOOR),
    ("15.4", AT_DOOR | {"has_school_age_child": 1}, AT_DOOR),
]


def jd() -> Form:
    return form("jd")


def candidate(problem: str) -> Candidate:
    return next(each for each in jd().candidates if each.problem == problem)


@pytest.mark.parametrize(("problem", "facts", "others"), CASES)
def test_a_probable_problem_is_told_from_what_just_is_none(problem: str, facts: Facts, others: Facts) -> None:
    when = candidate(problem).when
    assert when.evaluate(parameters() | facts) is True
    assert when.evaluate(parameters() | others) is not True


def test_nothing_is_suspected_of_a_household_of_which_nothing_is_known() -> None:
    assert [each.problem for each in jd().candidates if each.when.evaluate(parameters())] == []


def test_every_row_of_the_catalogue_over_this_questionnaire_is_a_candidate_once() -> None:
    assert [each.problem for each in jd().candidates] == list(
        dict.fromkeys(problem for problem, _, _ in CASES)
    )


@pytest.mark.parametrize(
    ("problem", "facts", "names"),
    [
        ("6.1", child(in_school=2, not_in_school_reason=3), ("王小妹",)),
        ("6.2", student(3, 7), ("王小妹",)),
        ("6.2", student(None), ()),  # without a stage nobody can tell who of them it is
        ("6.3", student(5), ("王小妹",)),
        ("7.1", uninsured(4), ("王大山",)),
        ("10.3", worker([2], had_job_policy=2), ("王大山",)),
        ("13.5", disabled(1, 3), ("王老四",)),
        ("4.1", {"house_safety": 3}, ()),
    ],
)
def test_a_probable_problem_names_whom_it_concerns(
    problem: str, facts: Facts, names: tuple[str, ...]
) -> None:
    assert concerned(candidate(problem), jd(), parameters() | facts) == names


def test_the_items_of_a_candidate_are_questions_of_the_form() -> None:
    known = {item.id for item in jd().items}
    for each in jd().candidates:
        assert set(each.items) <= known, each.problem
        assert each.items, each.problem
