"""Invented households of the two kinds that document 001 plans for; every fact under its own name."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]

UNSTABLE, MARGINAL = 1, 2
STABLE, EASED, TRACKED = 1, 2, 3

INCOME: Facts = {
    "main_income_sources": [1, 2, 4],
    "net_wage_income": 12000,
    "net_business_income": -850.5,
    "net_property_income": 0,
    "net_transfer_income": 4320,
    "illness_rigid_expense": 9600,
    "disability_rigid_expense": 0,
    "education_rigid_expense": 7000,
    "other_rigid_expense": 300,
    "other_rigid_expense_what": "冬季取暖买煤",
}

PROPERTY: Facts = {
    "home_description": "砖木结构平房4间，92平方米",
    "real_estate_kinds": [1, 2, 3, 4],
    "production_house_rooms": 2,
    "production_house_area": 36.5,
    "farm_facilities": "大棚1座、蓄水池1口",
    "economic_trees": "花椒180株",
    "economic_forest_area": 2.4,
    "pasture_area": 15,
    "movable_kinds": [1, 2, 3, 4, 5],
    "vehicle_kind_count": 2,
    "vehicle": [
        {"vehicle_kind": "农用三轮车", "vehicle_count": 1, "consumer_vehicle": 2},
        {"vehicle_kind": "二手面包车", "vehicle_count": 3, "consumer_vehicle": 1},
    ],
    "machine_kind_count": 1,
    "farm_machine": [{"machine_kind": "手扶拖拉机", "machine_count": 2}],
    "equipment_kind_count": 2,
    "farm_equipment": [
        {"equipment_kind": "铡草机", "equipment_count": 4},
        {"equipment_kind": "水泵", "equipment_count": 5},
    ],
    "livestock_kind_count": 2,
    "livestock": [
        {"species": "肉牛", "livestock_number": 6},
        {"species": "绵羊", "livestock_number": 21},
    ],
    "market_activity": "在百合种植合作社入股分红",
    "property_overview": "老宅已经塌了，没有算在里面",
    "property_checked_by": [1, 2, 3],
}

RISKS: dict[int, Facts] = {
    1: {
        "risk_patient": "马占海",
        "risk_illness_since": "2019-03",
        "risk_illness": "慢性肾衰竭",
        "risk_illness_state": 3,
        "risk_illness_own_cost": 23500,
        "risk_illness_reimbursed": 0,
        "risk_illness_unpaid_reason": "在外省看病没有转诊手续",
        "risk_illness_has_debt": 1,
        "risk_illness_debt": 18000,
        "risk_illness_untreated_reason": "没有路费去省城透析",
    },
    2: {
        "risk_disaster_month": "2020-08",
        "risk_disaster_kind": 1,
        "risk_disaster_loss": 16800,
        "risk_disaster_casualties": "一人轻伤",
    },
    3: {"risk_student": "马小兰", "risk_school_kind": 6, "risk_school_cost": 13500},
    4: {
        "risk_disabled_person": "马有财",
        "risk_disability_since": "2016-11",
        "risk_disability_kind": 4,
        "risk_disability_grade": 2,
        "risk_disabled_can_work": 2,
        "risk_disabled_self_care": 2,
        "risk_disability_state": 3,
        "risk_disability_own_cost": 4100,
        "risk_disability_reimbursed": 0,
        "risk_disability_unpaid_reason": "康复器械不在目录里",
        "risk_disability_has_debt": 1,
        "risk_disability_debt": 3900,
        "risk_disability_untreated_reason": "医生说再治也恢复不了",
    },
    5: {
        "risk_industry_kind": "育肥羊养殖",
        "risk_industry_reason": "羊群得了布病",
        "risk_industry_debt": 47000,
        "risk_industry_effect": "没有本钱再买羊",
    },
    6: {
        "risk_job": "建筑小工",
        "risk_job_time": "2018年到2020年3月",
        "risk_job_reason": "工地停工、没有别的手艺",
        "risk_job_loss": 14200,
        "risk_job_effect": "孩子的生活费供不上",
    },
    7: {
        "risk_accident_kind": "农用车翻车",
        "risk_accident_month": "2020-05",
        "risk_accident_loss": 8700,
        "risk_accident_casualties": "户主右腿骨折",
        "risk_accident_effect": "半年干不了重活",
    },
    8: {"risk_epidemic": "年初出不了门，少打了四个月工"},
    9: {
        "risk_unable_person": "马老汉",
        "risk_unable_since": "2017-09",
        "risk_unable_reason": "中风后偏瘫",
    },
    10: {"risk_motivation_kinds": [1, 2], "risk_motivation_note": "只上过两年学，不敢贷款搞养殖"},
    11: {"risk_other": "替亲戚担保贷款被追偿"},
}
EVERY_RISK: Facts = {name: value for facts in RISKS.values() for name, value in facts.items()}

MEASURES: dict[int, Facts] = {
    1: {
        "received_what": "养羊补助",
        "industry_parts": [1, 2, 3, 4],
        "industry_subsidy": 6200,
        "industry_month": "2019-06",
        "industry_crop": "全膜玉米",
        "industry_crop_area": 7.5,
        "industry_animal": "湖羊",
        "industry_animal_number": 11,
        "industry_training": "羊病防治",
        "industry_training_times": 3,
        "industry_gain": 5400,
    },
    2: {
        "received_what": "稳岗就业帮扶",
        "job_person": "马强",
        "job_ways": [1, 2, 3, 4, 5],
        "job_away_policy": "外出务工交通补贴",
        "job_away_subsidy": 600,
        "job_away_help": "包车送到厂门口",
        "job_workshop_work": "缝制校服",
        "job_workshop_income": 9100,
        "job_post": "乡村保洁员",
        "job_post_income": 5880,
        "job_training_project": "春潮培训",
        "job_training_trade": "电焊工",
        "job_training_month": "2020-04",
        "job_training_place": "县职业学校",
        "job_training_certificate": 1,
    },
    3: {
        "received_what": "国家助学金",
        "education_stage": 3,
        "education_person": "马小梅",
        "education_amount": 2500,
    },
    4: {
        "received_what": "参保资助和大病保险",
        "medical_insured": 1,
        "medical_premium_aid": 1,
        "medical_hospital": 1,
        "medical_patient": "马占海",
        "medical_reimbursed": 31200,
    },
    5: {
        "received_what": "农村危房改造",
        "house_way": "原址重建",
        "house_month": "2019-10",
        "house_subsidy": 26500,
    },
    6: {"received_what": "安全饮水工程", "water_way": 1, "water_safe": 1},
    7: {"received_what": "农村低保", "security_people": "马占海、马有财", "security_amount": 7344},
    8: {"received_what": "冬季救助煤", "other_measure": "每年送煤一吨"},
}


def received(category: int, year: int | None = 2019, **changes: Any) -> Facts:
    """One measure enjoyed, with all that this category asks for."""
    return {"received_category": category, "received_year": year, **MEASURES[category], **changes}


PLANNED: list[Facts] = [
    {
        "planned_field": 1,
        "planned_project": "补栏基础母羊5只",
        "planned_unit": "县畜牧中心",
        "planned_due": "2021-04",
        "planned_funds": 7500,
    },
    {
        "planned_field": 4,
        "planned_project": "家庭医生每季度上门随访",
        "planned_unit": "乡卫生院",
        "planned_due": "2021-12",
        "planned_funds": 0,
    },
    {
        "planned_field": 13,
        "planned_project": "落实临时救助",
        "planned_unit": "县民政局",
        "planned_due": "2021-03",
        "planned_funds": None,
    },
]

PLAN: Facts = {
    "planned_measure_count": 3,
    "planned_measure": PLANNED,
    "expected_net_wage_income": 15600,
    "expected_net_business_income": 6250,
    "expected_net_property_income": 480,
    "expected_net_transfer_income": -120,
    "expected_risk_elimination": 2,
}

SIGNED: Facts = {
    "household_signature": "甲签名",
    "monitor_signature": "乙签名",
    "village_signer_post": 2,
    "village_signature": "丙签名",
    "town_secretary_signature": "丁签名",
    "signed_in_person": 1,
    "plan_signed_on": "2020-12-18",
    "plan_copies_kept": [1, 2],
}


def household(kind: int, risks: list[int], verdict: int, **changes: Any) -> Facts:
    """A household that has answered all that it is asked, but for what `changes` says otherwise."""
    facts: Facts = {
        "monitor_kind": kind,
        "head_name": "马占海",
        "head_phone": "00000001234",
        "resident_population": 5,
        "monitor_year": 2019,
        "household_attributes": [1, 3],
        "household_labor": 2,
        "risk_categories": [1, 3],
        "guarantee_gaps": [2],
        "main_risks": risks,
        "risk_description": "三年里病、灾接连来，收入减少、花销变大",
        "received_measure_count": 2,
        "received_measure": [received(7, 2020), received(1)],
        "risk_elimination": verdict,
        "risk_elimination_basis": "人均纯收入过线，吃穿不愁，饮水合格",
        **INCOME,
        **(PROPERTY if kind == MARGINAL else {"exit_year": 2017}),
    }
    for risk in risks:
        facts |= RISKS[risk]
    if verdict == EASED:
        facts |= PLAN
    else:
        facts |= {"has_serious_illness": 2, "has_support_policy": 2}
    return facts | changes


POLICY: Facts = {"has_support_policy": 1, **PLAN}
WHY = "子女还在读高中，助学金要发到毕业"

HOUSEHOLDS: dict[str, Facts] = {
    "unstable eased": household(UNSTABLE, [1, 3, 9], EASED),
    "marginal eased, signed": household(MARGINAL, [2, 5, 8], EASED, **SIGNED),
    "unstable stable": household(UNSTABLE, [6], STABLE),
    "marginal stable": household(MARGINAL, [10], STABLE, household_attributes=[0]),
    "unstable stable with policy": household(UNSTABLE, [3], STABLE, **POLICY, support_policy_reason=WHY),
    "marginal stable with policy": household(MARGINAL, [7, 11], STABLE, **POLICY, support_policy_reason=WHY),
    "unstable tracked": household(UNSTABLE, [4, 9], TRACKED, has_serious_illness=1, household_labor=3),
    "marginal tracked with policy": household(MARGINAL, [1], TRACKED, **POLICY, risk_categories=[2]),
    "one person": household(
        UNSTABLE,
        [9],
        TRACKED,
        resident_population=1,
        household_attributes=[2],
        household_labor=3,
        received_measure_count=0,
        received_measure=[],
        other_rigid_expense=0,
    ),
    "twelve persons": household(
        MARGINAL,
        [1, 4, 10],
        EASED,
        resident_population=12,
        received_measure_count=16,
        received_measure=[
            *(received(category, 2020) for category in range(8, 0, -1)),
            *(received(category) for category in range(1, 9)),
        ],
    ),
    "nothing owned": household(
        MARGINAL,
        [2],
        EASED,
        real_estate_kinds=[0],
        movable_kinds=[0],
        property_overview=None,
        **{roster: [] for roster in ("vehicle", "farm_machine", "farm_equipment", "livestock")},
    ),
    "everything missing": {},
}
