"""Invented households for the plan papers, and a small filler that answers what a form still asks them.

`filled` walks a form as an interview does: what is relevant and not given gets a value that stands nowhere
else, so that a test can look for it in the paper. Facts are as `compose` takes them: by name, rosters as
lists of rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bot.dialogs.form import Form, Item
from bot.expressions import Expression

Facts = dict[str, Any]

UNANSWERED: Final = frozenset({"calculate", "signature", "image", "geopoint", "id_number"})
"""Kinds that nobody answers in words."""
PARAMETERS: Final = {"hardening_area": 30.0, "hardening_rate": 50.0, "supply_goal": 90.0}
YEARS: Final = (2018, 2019, 2020)

_SURNAMES: Final = "马韩安祁冶喇"
_GIVEN: Final = "才成福贵国华建军俊良明平庆全山伟文祥兴学义英永玉云志忠芳桂花兰莲梅秀珍"


class Known:
    """What conditions read: facts, what the form works out from them, and of a row first its own."""

    def __init__(self, form: Form, facts: Facts, roster: str | None = None, row: Facts | None = None) -> None:
        self.form, self.facts, self.roster, self.row = form, facts, roster, row

    def get(self, name: str) -> Any:
        """The value of a fact; None when it is not known."""
        own = self.facts if self.row is None else self.row
        value = own.get(name)
        if isinstance(value, list) and name in self.form.roster_by_id:
            return [Known(self.form, self.facts, name, row).whole() for row in value]
        if value is not None:
            return value
        item = self.form.by_fact.get(name if self.roster is None else f"{self.roster}.{name}")
        if item is not None and item.calc is not None:
            return item.calc.run(self.get)
        if self.row is not None and item is None:
            return Known(self.form, self.facts).get(name)
        return PARAMETERS.get(name.removeprefix("param_")) if self.row is None else None

    def whole(self) -> Facts:
        """The row with what the form works out for it."""
        assert self.row is not None
        names = [item.fact for item in self.form.items if item.repeat == self.roster]
        return {name: value for name in names if (value := self.get(name)) is not None}

    def relevant(self, item: Item) -> Any:
        """Whether the item is asked: True, False or None (not known)."""
        return self.holds(item.ask_if)

    def holds(self, condition: Expression | None) -> Any:
        """A condition: True, False or None (not known)."""
        return True if condition is None else condition.run(self.get)


@dataclass(slots=True)
class _Filler:
    """Answers by kind: figures and words count up, options go round, so that no two answers are alike."""

    everything: bool
    zeros: bool
    count: int = 100
    names: int = 0
    turns: dict[str, int] = field(default_factory=dict)

    def value(self, item: Item) -> Any:
        self.count += 1
        match item.kind:
            case "select_one":
                return self.turn(item).code
            case "select_multiple":
                codes = [option.code for option in item.options if option.code != item.none]
                return codes if self.everything else [self.turn(item).code]
            case "person":
                self.names += 1
                given = divmod(self.names, len(_GIVEN))
                surname = _SURNAMES[self.names % len(_SURNAMES)]
                return surname + _GIVEN[given[0] * 7 % len(_GIVEN)] + _GIVEN[given[1]]
            case "phone":
                return f"1390000{self.count:04d}"
            case "date":
                return f"2018-05-{self.count % 28 + 1:02d}"
            case "month":
                return f"{2006 + self.count % 12}-{self.count % 12 + 1:02d}"
            case "text":
                return f"第{self.count}样"
        return self.figure(item)

    def figure(self, item: Item) -> float:
        if item.kind == "year":
            return int(item.max or item.soft_max or 2017) - self.count % 3
        if self.zeros and item.min == 0:
            return 0
        if isinstance(item.max, int | float):
            least = int(item.min) if isinstance(item.min, int | float) else 0
            return least + self.count % (int(item.max) - least)
        return self.count + (0.5 if item.kind in ("decimal", "money") else 0)

    def turn(self, item: Item) -> Any:
        options = [option for option in item.options if option.code != item.none]
        at = self.turns.get(item.fact, -1) + 1
        self.turns[item.fact] = at
        return options[at % len(options)]


def filled(
    form: Form, given: Facts, *, everything: bool = False, zeros: bool = False, rows: int = 2
) -> Facts:
    """The given facts and an answer to every other question that the household is asked.

    `everything` ticks every box of a choice of several; `zeros` answers nought wherever that is allowed.
    A list of people or things that is not given has `rows` rows.
    """
    facts = {
        name: [dict(row) for row in value] if name in form.roster_by_id else value
        for name, value in given.items()
    }
    filler = _Filler(everything, zeros)
    counted = {roster.count: roster.id for roster in form.rosters}
    for item in form.items:
        if item.kind in UNANSWERED:
            continue
        if item.repeat is not None:
            count = form.by_id[form.roster_by_id[item.repeat].count]
            for row in facts.get(item.repeat, ()) if Known(form, facts).relevant(count) else ():
                if item.fact not in row and Known(form, facts, item.repeat, row).relevant(item):
                    row[item.fact] = filler.value(item)
        elif item.fact not in facts and Known(form, facts).relevant(item):
            roster = counted.get(item.id)
            facts[item.fact] = filler.value(item) if roster is None else len(facts.get(roster, ())) or rows
        if item.id in counted and facts.get(item.fact) and counted[item.id] not in facts:
            facts[counted[item.id]] = [{} for _ in range(facts[item.fact])]
    return facts


def as_walked(form: Form, facts: Facts) -> Facts:
    """The household with what the form works out for each row, as an interview keeps it."""
    rows = {
        name: [Known(form, facts, name, row).whole() for row in value]
        for name, value in facts.items()
        if name in form.roster_by_id
    }
    return facts | rows


def answers(form: Form, facts: Facts) -> Iterator[tuple[Item, int | None, Any, Any]]:
    """Every question with its row (from 1), its value, worked out or given, and whether it is asked."""
    known = Known(form, facts)
    for item in form.items:
        if item.repeat is None:
            yield item, None, known.get(item.fact), known.relevant(item)
            continue
        asked = known.relevant(form.by_id[form.roster_by_id[item.repeat].count])
        for number, row in enumerate(facts.get(item.repeat, ()), 1):
            of_row = Known(form, facts, item.repeat, row)
            yield item, number, of_row.get(item.fact), asked and of_row.relevant(item)


def with_gaps(form: Form, facts: Facts, seed: int, share: float = 0.5) -> Facts:
    """The household with that share of its answers taken away, and a few rows without any."""
    chance = random.Random(seed)
    kept = {name: value for name, value in facts.items() if chance.random() > share}
    for name, value in facts.items():
        if name in form.roster_by_id:
            kept[name] = [{k: v for k, v in row.items() if chance.random() > share} for row in value]
    return kept


# ------------------------------------------------------------------------------------ households


def member(relation: str, name: str, age: int, **more: Any) -> Facts:
    """A person in good health who works the land, unless said otherwise."""
    plain: Facts = {"relation": relation, "name": name, "age": age, "ethnic_group": "回族", "left_behind": 0}
    grown: Facts = {"education_level": 2, "work_state": 1, "labor": 1, "health_state": [1]}
    return plain | grown | more


def pupil(relation: str, name: str, age: int, stage: int, school: str, **more: Any) -> Facts:
    """A child or young person at school."""
    at_school: Facts = {"education_level": 7, "work_state": 3, "stage": stage, "school": school}
    grown = {"labor": 3, "labor_lost": 1} if age >= 16 else {"labor": None}
    return member(relation, name, age, **(at_school | grown | more))


ALONE: Facts = {
    "head_name": "安福山",
    "population": 1,
    "poor_household_kind": 3,
    "family_member": [
        member(
            "户主", "安福山", 71, education_level=1, labor=3, labor_lost=1, left_behind=1, ethnic_group="汉族"
        )
    ],
    "land_area": 1.5,
    "base_crops": [2],
    "base_livestock": [0],
    "base_income_kinds": [1, 8],
    "training_count": 0,
    "poverty_causes": [7],
    "cause_labor_note": "没有儿女，腿脚不便",
    **{f"plan_{year}_aspects": [6, 10] for year in YEARS},
    **{f"plan_{year}_security_ways": [2] for year in YEARS},
    **{f"plan_{year}_measures": [9, 11] for year in YEARS},
}

TWELVE: Facts = {
    "head_name": "马国忠",
    "population": 12,
    "family_member": [
        pupil("孙女", "马秀兰", 7, 2, "尕庄村小学"),
        member("户主", "马国忠", 58),
        member("儿媳", "韩桂花", 33, left_behind=2),
        member("父亲", "马成才", 82, labor=3, labor_lost=1, education_level=1, left_behind=1),
        member("母亲", "安玉莲", 79, labor=3, labor_lost=2, health_state=[2, 3], disease="脑梗塞"),
        member("妻子", "祁梅珍", 56, labor=2, health_state=[2], disease="高血压"),
        member("儿子", "马建军", 34, work_state=2, education_level=3),
        member("儿子", "马建平", 30, work_state=4, work_state_other="在县城开三轮车"),
        member("女儿", "马芳", 24, work_state=2, education_level=5),
        pupil("孙子", "马志学", 16, 4, "积石山县中学"),
        pupil("孙子", "马志文", 12, 3, "大河家镇初级中学", left_behind=3),
        member("孙女", "马云云", 2, education_level=6, labor=None, work_state=None),
    ],
    "dropout_count": 1,
    "land_area": 12.5,
    "dibao_class": 2,
    "had_special_loan": 2,
    "house_appraised": 1,
    "house_subsidy_kind": 1,
    "drinking_water_state": 2,
    "poverty_causes": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    "treatment_state": 3,
}

NOTHING: Facts = {}

EVERY_CAUSE: Facts = {
    "family_member": [
        member("户主", "冶永祥", 45),
        member("妻子", "喇兰花", 44),
        pupil("女儿", "冶秀英", 19, 7, "兰州大学"),
        member("母亲", "马阿舍", 70, labor=3, labor_lost=1),
    ],
    "population": 4,
    "poverty_causes": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    "cause_ill_forms": [2],
    "land_area": 4,
}

NO_CAUSE: Facts = {
    "family_member": [member("户主", "韩学义", 39), member("妻子", "马玉梅", 37)],
    "population": 2,
    "poverty_causes": None,
    "main_poverty_cause": None,
    **{f"plan_{year}_aspects": None for year in YEARS},
    **{f"plan_{year}_measures": None for year in YEARS},
}

STUDENTS: Facts = {
    "population": 8,
    "family_member": [
        member("户主", "祁文明", 46, work_state=2),
        member("妻子", "马桂芳", 43),
        pupil("儿子", "祁建国", 21, 7, "西北民族大学"),
        pupil("女儿", "祁建英", 19, 6, "兰州职业技术学院"),
        pupil("儿子", "祁建华", 17, 5, "积石山县职业技术学校"),
        pupil("女儿", "祁建梅", 15, 3, "吹麻滩初级中学"),
        pupil("儿子", "祁建平", 11, 2, "吹麻滩小学"),
        pupil("女儿", "祁建兰", 5, 1, "吹麻滩幼儿园"),
    ],
    "poverty_causes": [4],
    "cause_study_kinds": [1, 2],
    **{f"plan_{year}_aspects": [3, 5] for year in YEARS},
    **{f"plan_{year}_education_ways": [1] for year in YEARS},
    **{f"student_{year}": [{"aid_stage": stage} for stage in (1, 2, 3, 4)] for year in YEARS},
}

ILL_AND_DISABLED: Facts = {
    "population": 3,
    "family_member": [
        member("户主", "喇全福", 63, labor=3, labor_lost=2, health_state=[2, 3], disease="矽肺"),
        member("妻子", "马秀珍", 61, labor=2, health_state=[2], disease="类风湿"),
        member("儿子", "喇建忠", 38, labor=3, labor_lost=2, health_state=[3]),
    ],
    "poverty_causes": [1, 2],
    "main_poverty_cause": 1,
    "cause_ill_forms": [1, 2],
    "reimbursement": [
        {"policy_name": "合作医疗保险"},
        {"policy_name": "大病保险救助"},
        {"policy_name": "民政医疗救助"},
    ],
    "treatment_state": 1,
    "dibao_class": 1,
    **{f"plan_{year}_aspects": [6, 10] for year in YEARS},
    **{f"plan_{year}_measures": [6, 9] for year in YEARS},
}

LANDLESS: Facts = {
    "population": 2,
    "family_member": [member("户主", "马俊良", 52, work_state=2), member("妻子", "安花", 50)],
    "land_area": 0,
    "base_crops": [0],
    "base_livestock": [0],
    "base_income_kinds": [7],
    "training_count": 0,
    "reimbursement_count": 0,
    "poverty_causes": [6],
    **{f"plan_{year}_aspects": [3] for year in YEARS},
}

# after plan 17 of document 002: four people, 2.5 mu, ninety square metres of brick and timber, water from a
# cellar, no work away from home, short of money and skill; all insured, two with a pension
CELLAR_WATER: Facts = {
    "head_name": "马维平",
    "head_phone": "13900001234",
    "household_address": "大河家镇营坪村朱湾社",
    "helper_name": "张文华",
    "helper_phone": "13900005678",
    "helper_unit": "县教育局",
    "plan_discussed_on": "2018-05-08",
    "village": "营坪村",
    "reg_status": 1,
    "population": 4,
    "reg_year": 2014,
    "poor_household_kind": 1,
    "family_member_count": 4,
    "family_member": [
        pupil("儿子", "马小军", 13, 3, "大河家镇初级中学"),
        member("妻子", "韩玉兰", 40, left_behind=0),
        member("户主", "马维平", 42, education_level=3),
        member(
            "父亲", "马学义", 70, education_level=1, labor=3, labor_lost=1, health_state=[2], disease="高血压"
        ),
    ],
    "house_rooms": 5,
    "house_main_rooms": 3,
    "house_side_rooms": 2,
    "house_area": 90,
    "house_structures": [2],
    "brick_timber_rooms": 5,
    "brick_timber_year": 2009,
    "house_appraised": 1,
    "house_appraised_year": 2016,
    "house_grade": 2,
    "house_subsidy_kind": 0,
    "drinking_water_state": 2,
    "water_fetch_minutes": 40,
    "household_electricity": 1,
    "household_electricity_year": 1996,
    "three_phase_power": 2,
    "electricity_stable": 1,
    "tuition_living_cost": 2600,
    "student_policies": [2, 3],
    "dropout_count": 0,
    "has_study_debt": 2,
    "registered_population": 4,
    "ncms_year": 2018,
    "ncms_insured_count": 4,
    "reimbursement_count": 1,
    "reimbursement": [{"policy_name": "合作医疗保险", "reimbursed": 820}],
    "medical_self_paid": 1460.5,
    "treatment_state": 2,
    "has_medical_debt": 2,
    "pension_insured_count": 2,
    "pension_uninsured_count": 0,
    "dibao_class": 0,
    "land_area": 2.5,
    "dry_land": 2.5,
    "irrigated_land": 0,
    "valley_land": 0.5,
    "hill_land": 2,
    "base_crops": [2, 3, 6],
    "base_corn_area": 1,
    "base_potato_area": 1,
    "base_pepper_area": 0.5,
    "base_livestock": [1],
    "base_sheep_count": 4,
    "training_count": 0,
    "no_training_reason": "地里农活忙，走不开",
    "television_count": 1,
    "mobile_phone_count": 2,
    "motorcycle_count": 1,
    "tractor_count": 0,
    "had_special_loan": 2,
    "private_loan": 8000,
    "loan_use": "盖房子",
    "loan_repayment_plan": "两年内用卖羊的钱还清",
    "base_income_kinds": [1, 3, 4, 8],
    "base_crop_income": 3200,
    "base_forestry_income": 600,
    "livestock_sale_count": 1,
    "livestock_sale": [
        {"livestock": "羊", "livestock_number": 3, "livestock_unit": 1, "livestock_income": 2400}
    ],
    "base_transfer_income": 1100,
    "base_total_income": 7300,
    "base_disposable_income_pc": 1300,
    "base_medical_insurance_fee": 720,
    "base_pension_fee": 200,
    "base_medical_expense": 1460.5,
    "base_gift_expense": 900,
    "base_other_expense": 4800,
    "base_total_expense": 8080.5,
    "poverty_causes": [5, 6],
    "main_poverty_cause": 6,
    "cause_funds_wish": [1],
    "cause_funds_lack": 20000,
    "cause_skill_lack": "养羊",
    "cause_skill_income": [2],
    "stable_exit_year": 2019,
}
_CELLAR_YEARS: Final[dict[int, Facts]] = {
    2018: {
        "business_income": 9000, "wage_income": 6000, "transfer_income": 1200, "property_income": 0,
        "total_income": 16200, "disposable_income_pc": 3200, "aspects": [1, 2, 3, 4, 5, 6, 8, 9],
        "crops": [1], "potato_area": 1.5, "potato_yield_now": 1800, "potato_income_per_mu": 900,
        "potato_yield_goal": 2600, "potato_gain": 600,
        "sheep": 12, "sheep_sold": 6, "breeding_income": 4800,
        "job_ways": [1, 2], "trainee": "马维平", "skill_lack": "电焊", "training_month": "2018-06",
        "training_unit": "县人社局", "training_trade": "电焊", "training_days": 15,
        "training_certificate": "电焊工合格证", "worker": "马维平", "former_trade": "小工",
        "job_sender": "县劳务办", "job_place": "兰州市", "job_company": "新区建筑公司", "job_months": 4,
        "wage_per": 1, "wage": 1500, "job_income": 6000,
        "loan_wan": 5, "loan_use": "养羊",
        "education_ways": [1], "student_count": 1,
        "medical_ways": [2], "chronic_name": "马学义", "chronic_reimbursed": 1200,
        "road_area": 18, "yard_area": 20,
        "measures": [1, 2, 3, 4, 5, 6, 8],
        "breeding_trainee": "韩玉兰", "breeding_course": "养羊", "breeding_protection": 1,
        "skill_person": "马维平", "skill_state": 1, "skill_course": "电焊",
        "skill_certificate": "电焊工合格证", "skill_place": "兰州市",
        "uninsured_count": 0, "unpensioned_count": 0,
    },
    2019: {
        "business_income": 13000, "wage_income": 18000, "transfer_income": 1200, "property_income": 0,
        "total_income": 32200, "disposable_income_pc": 6100, "aspects": [1, 2, 3],
        "crops": [1, 2], "corn_area": 1, "potato_area": 1.5, "crop_gain": 800,
        "sheep": 20, "sheep_sold": 10, "breeding_income": 8000, "breeding_net_income": 5200,
        "job_ways": [2], "worker": "马维平", "job_sender": "县劳务办", "job_place": "兰州市",
        "job_company": "新区建筑公司", "job_months": 6, "wage_per": 2, "wage": 150, "job_income": 18000,
        "measures": [2, 12], "breeding_trainee": "韩玉兰", "breeding_course": "养羊",
        "breeding_protection": 1,
    },
}  # fmt: skip
for _year, _goals in _CELLAR_YEARS.items():
    CELLAR_WATER |= {f"plan_{_year}_{_name}": _value for _name, _value in _goals.items()}
CELLAR_WATER["student_2018"] = [
    {
        "name": "马小军",
        "aid_stage": 2,
        "school": "大河家镇初级中学",
        "aid_amount": 1875,
        "aid_kinds": [3],
        "aid_part": 625,
    }
]

# after plan 14 of document 002: three people, ten mu of barley and oilseed, somebody ill
OILSEED: Facts = {
    "population": 3,
    "land_area": 10,
    "family_member": [
        member("户主", "祁成山", 47, health_state=[2], disease="包虫病"),
        member("妻子", "马英", 45),
        member("弟弟", "祁成贵", 40),
    ],
    "poverty_causes": [1, 8],
    "cause_motivation_kinds": [1, 4, 5],
    "cause_ill_forms": [1],
    **{f"plan_{year}_aspects": [1, 3, 6, 7] for year in YEARS},
    **{f"plan_{year}_housing_ways": [1, 3] for year in YEARS},
}

# after plan 16 of document 002: four people, a son and a daughter at school, in debt, few hands
SCHOOL_DEBTS: Facts = {
    "population": 4,
    "family_member": [
        member("户主", "韩兴旺", 44, education_level=1),
        member("妻子", "马莲", 42, education_level=1),
        pupil("儿子", "韩伟", 18, 4, "积石山县中学"),
        pupil("女儿", "韩梅", 14, 3, "别藏初级中学"),
    ],
    "poverty_causes": [4, 6],
    "main_poverty_cause": 4,
    "has_study_debt": 1,
    "study_debt": 24000,
    "student_policies": [0],
}

# after plan 18 of document 002: five people, little land, the mother on building sites
BUILDING_SITE: Facts = {
    "population": 5,
    "family_member": [
        member("户主", "安建平", 43),
        member("妻子", "喇秀花", 41, work_state=2),
        member("父亲", "安学忠", 68, labor=3, labor_lost=1, left_behind=1),
        pupil("儿子", "安志明", 15, 3, "癿藏初级中学"),
        pupil("儿子", "安志强", 10, 2, "癿藏小学", left_behind=3),
    ],
    "land_area": 1.2,
    "base_income_kinds": [1, 7, 8],
    "job": [{"name": "喇秀花", "job": "建筑小工", "job_site": "兰州市建筑工地", "wage_per": 2}],
    "poverty_causes": [4, 7],
}

# after the first household of plan 10 of document 002: nine people, the head ill, two at senior school
NINE: Facts = {
    "population": 9,
    "family_member": [
        member("户主", "冶文祥", 66, labor=3, labor_lost=2, health_state=[2], disease="慢性支气管炎"),
        member("妻子", "马阿米", 64),
        member("儿子", "冶建国", 44, work_state=2),
        member("儿媳", "韩桂兰", 42, work_state=2),
        pupil("孙子", "冶志文", 18, 4, "积石山县中学"),
        pupil("孙子", "冶志武", 17, 4, "积石山县中学"),
        member("二儿子", "冶建华", 38, work_state=2),
        member("二儿媳", "安秀芳", 36, left_behind=2),
        member("孙女", "冶小云", 1, education_level=6, labor=None, work_state=None),
    ],
    "poverty_causes": [1, 4],
    "cause_ill_forms": [2],
    "treatment_state": 3,
    "untreated_reasons": [1],
}
