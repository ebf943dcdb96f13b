"""How answers fall in the questionnaires about villages and townships (ve, ts, dv) and in the ledger's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.county.chances import later, today, yes
from tests.county.drawing import Chance, Draw, fixed, weighted, whole

FUNDS: Final = (
    "town_funds_fiscal", "town_funds_integrated", "town_funds_social_fiscal", "town_funds_bonds",
    "town_funds_east_west", "town_funds_donations", "town_funds_bank_loans", "town_funds_other",
)  # fmt: skip


def _funds(draw: Draw) -> dict[str, int]:
    """The parts of what a township spent, drawn once for one questionnaire (TS-9)."""
    if not draw.notes:
        draw.notes = {name: draw.random.randint(0, 900) for name in FUNDS}
    return draw.notes


def fund(name: str) -> Chance:
    """One of the parts."""
    return lambda draw: _funds(draw)[name]


VE: Final[Mapping[str, Chance]] = {
    "poor_village": yes(0.4), "village_exit_year": lambda draw: draw.random.choice((2016, 2017, 2018, 2019)),
    "village_households": whole(200, 600), "village_population": whole(700, 2200),
    "village_registered_households": whole(40, 150), "village_registered_people": whole(100, 420),
    "village_medical_insured": whole(650, 700), "village_pension_insured": whole(300, 600),
    "village_dibao_households": whole(5, 38), "village_dibao_people": whole(5, 70),
    "village_has_clinic": yes(0.95), "village_has_doctor": yes(0.93), "village_group_count": whole(14, 20),
    "village_groups_hard_road": whole(10, 14), "village_groups_power": whole(13, 14),
    "village_groups_signal": whole(12, 14), "village_groups_broadband": whole(10, 14),
    "village_groups_broadcast": whole(10, 14),
    "village_net_income_2019": whole(1, 30, zero=0.08), "village_cooperatives": whole(0, 4),
    "village_cooperative_households": whole(5, 40), "village_workshops": whole(1, 2, zero=0.6),
    "village_workshop_workers": whole(10, 40), "village_workshop_registered": whole(1, 10, zero=0.1),
    "village_has_team": yes(0.8), "village_team_people": whole(2, 4), "signed_on": today,
    "village_renovated_households": whole(2, 20, zero=0.2),
    "village_relocated_households": whole(1, 9, zero=0.5),
}  # fmt: skip

TS: Final[Mapping[str, Chance]] = {
    "town_funds_total": lambda draw: sum(_funds(draw).values()),
    **{name: fund(name) for name in FUNDS},
    "town_village_count": whole(8, 20), "town_resident_population": whole(20000, 40000),
    "town_registered_population": whole(25000, 50000), "town_registered_poor": whole(500, 3000),
    "town_lifted_people": whole(400, 500), "town_medical_rate": whole(96, 100),
}  # fmt: skip

DV: Final[Mapping[str, Chance]] = {
    "supervision_month": lambda draw: f"{draw.at:%Y-%m}", "supervised_on": today,
    **{
        f"supervised_{name}": weighted({1: 80, 2: 16, 3: 4})
        for name in (
            "responsibility", "guarantees", "infrastructure", "relocation", "policies", "labor",
            "monitoring", "helpers", "rectification", "funds",
        )
    },
    "found_new_problem": yes(0.5), "found_problem_count": whole(1, 2),
    "found_problem.problem_words": lambda draw: draw.random.choice(
        ("公示栏没有更新", "帮扶手册没有填全", "扶贫车间停工", "档案里缺鉴定表")
    ),
    "found_problem.problem_due": later(60),
    "last_month_problem_count": whole(1, 4, zero=0.4), "last_month_closed_count": fixed(0),
    "unlifted_before": whole(2, 6), "unlifted_now": whole(0, 2),
}  # fmt: skip

PL: Final[Mapping[str, Chance]] = {
    "problem_description": lambda draw: draw.random.choice(
        ("入户时发现，情况属实", "群众反映，已经核实", "资料和实际不一致", "政策还没有落实到户")
    ),
    "problem_source": weighted({2: 3, 3: 1, 4: 1, 6: 1, 7: 2}),
    "involved_count": fixed(0), "problem_money": whole(100, 30000, zero=0.8),
    "problem_stage": weighted({1: 4, 2: 2, 3: 1, 4: 2}),
    "mending_measure": lambda draw: draw.random.choice(("上门核实", "补办手续", "尽快维修到位")),
    "mending_unit": lambda draw: draw.random.choice(("住建局", "教体局", "医保局", "水利局", "村委会")),
    "mending_person": fixed("李国强"),
    "mending_deadline": lambda draw: later(60)(draw) if draw.one_in(0.3) else None,
    "mending_result": fixed("已经整改到位，有照片"), "people_satisfied": yes(0.96),
    "struck_off_on": today, "struck_off_by": fixed("孙丽"),
}  # fmt: skip
