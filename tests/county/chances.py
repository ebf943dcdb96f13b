"""How answers fall in the invented county, by fact: mostly fine, as in life, every legal case at times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from bot.expressions import Value
from tests.county.drawing import Chance, Draw, fixed, several, weighted, whole
from tests.county.records import Nature, Person


def yes(share: float) -> Chance:
    """Yes (1) with that probability, else no (2)."""
    return weighted({1: share, 2: 1 - share})


def age(person: Person, on: date) -> int:
    """Full years on that day."""
    return on.year - person.birth.year - ((on.month, on.day) < (person.birth.month, person.birth.day))


def children(nature: Nature, on: date) -> list[Person]:
    """Those of school age."""
    return [person for person in nature.members if 6 <= age(person, on) <= 15]


def students(nature: Nature, on: date) -> list[Person]:
    """Those who go to some school, or may."""
    return [person for person in nature.members if 4 <= age(person, on) <= 22]


def workers(nature: Nature, on: date) -> list[Person]:
    """Those who can go away to work."""
    return [person for person in nature.members if person.labor == 1 and 16 <= age(person, on) <= 65]


def uninsured(nature: Nature, on: date) -> list[Person]:
    """Those without medical insurance."""
    return [person for person in nature.members if person.insured == 2]


def disabled(nature: Nature, on: date) -> list[Person]:
    """Those with a disability of any grade."""
    return [person for person in nature.members if person.grade is not None]


def severely(nature: Nature, on: date) -> list[Person]:
    """Those with a disability of the first or second grade."""
    return [person for person in nature.members if person.grade is not None and person.grade <= 2]


def _told(draw: Draw, who: object) -> Sequence[Person]:
    return who(draw.nature, draw.at.date())  # type: ignore[operator]


def some(who: object) -> Chance:
    """Whether there is anybody of these."""
    return lambda draw: 1 if _told(draw, who) else 2


def none(who: object) -> Chance:
    """Whether there is nobody of these."""
    return lambda draw: 2 if _told(draw, who) else 1


def number(who: object) -> Chance:
    """How many there are, at least one: the question came up."""
    return lambda draw: max(1, len(_told(draw, who)))


def name(who: object) -> Chance:
    """The name of the row's person."""

    def drawn(draw: Draw) -> Value:
        people = _told(draw, who) or draw.nature.members
        return people[(draw.row - 1) % len(people)].name

    return drawn


def grade(draw: Draw) -> Value:
    """The grade on the row's certificate."""
    people = _told(draw, disabled if draw.get("severely_disabled_count") is None else severely)
    return people[draw.row - 1].grade if 0 < draw.row <= len(people) else 2


def _incomes(draw: Draw) -> dict[str, int]:
    """The household's money of the year in yuan, drawn once for one questionnaire."""
    if draw.notes:
        return draw.notes
    random, nature = draw.random, draw.nature
    persons = nature.population
    wage = random.randrange(9000, 26000, 100) * len(workers(nature, draw.at.date()))
    sold = random.choice([0, 0, random.randrange(1000, 20000, 100)])
    cost = sold * random.randint(10, 60) // 100
    owned = random.choice([0, 0, 0, random.randrange(100, 3000, 50)])
    got = random.randrange(1200, 5200, 10) * persons
    if random.random() > 0.03 and (wage + sold + owned + got - cost) / persons < 4000:
        got += 4200 * persons
    tekun = random.randrange(4000, 8000, 100) if nature.kind == 3 else 0
    draw.notes = {
        "wage_income": wage, "business_income": sold, "property_income": owned, "transfer_income": got,
        "business_cost": cost, "gross_income": wage + sold + owned + got + tekun, "tekun_income": tekun,
        "income_besides_tekun": wage + sold + owned + got,
    }  # fmt: skip
    return draw.notes


def income(name: str) -> Chance:
    """One of the household's incomes of the year."""
    return lambda draw: _incomes(draw)[name]


def per_capita(draw: Draw) -> Value:
    """What is left for each person of the year's income."""
    money = _incomes(draw)
    return round((money["gross_income"] - money["business_cost"]) / draw.nature.population, 2)


def part(whole_name: str, share: float) -> Chance:
    """A part of one of the incomes."""
    return lambda draw: round(_incomes(draw)[whole_name] * share)


def subsidy(draw: Draw) -> Value:
    """Interest paid for the household: never more than was lent."""
    lent = draw.get("microloan_amount") or 10000
    return 0 if draw.one_in(0.05) else round(lent * 0.0435)


def seldom(chance: Chance, share: float) -> Chance:
    """An answer that is mostly left out."""
    return lambda draw: chance(draw) if draw.random.random() < share else None


def today(draw: Draw) -> Value:
    """The day of the visit."""
    return draw.at.date().isoformat()


def later(most: int) -> Chance:
    """A day after the visit."""
    return lambda draw: (draw.at.date() + timedelta(days=draw.random.randint(1, most))).isoformat()


def counted(draw: Draw) -> Value:
    """Who lives there as counted at the door: mostly what the register says."""
    return draw.nature.population if draw.random.random() < 0.97 else draw.nature.population + 1


def has_student(draw: Draw) -> Value:
    """Never denied while a child goes to school (XC-1)."""
    pupils = any(row.get("in_school") == 1 for row in draw.get("child") or [])
    return 1 if pupils or _told(draw, students) else 2


def other_kinds(draw: Draw) -> Value:
    """A second attribute of a household that is not registered; mostly there is none."""
    kind = draw.get("nonreg_kind") or draw.nature.kind
    return (
        [draw.random.choice([code for code in (1, 2, 3, 4, 5) if code != kind])]
        if draw.one_in(0.12)
        else None
    )


def own_cost(draw: Draw) -> Value:
    """What the household paid itself for the hospital: never more than it cost (NX-4)."""
    return round((draw.get("inpatient_cost_2019") or 5000) * draw.random.randint(5, 40) / 100)


BOTH: Final[Mapping[str, Chance]] = {
    "population": counted,
    "survey_method": weighted({1: 0.8, 2: 0.12, 3: 0.06, 4: 0.02}),
    **{
        name: income(name)
        for name in (
            "gross_income", "wage_income", "business_income", "property_income", "transfer_income",
            "business_cost", "tekun_income", "income_besides_tekun",
        )
    },
    "net_income_per_capita": per_capita,
    "has_school_age_child": some(children), "school_age_child_count": number(children),
    "child.name": name(children), "child.in_school": yes(0.97), "child.school": fixed("县里的学校"),
    "child.home_teaching": yes(0.04), "child.not_in_school_reason": weighted({1: 4, 2: 3, 3: 2, 4: 1}),
    "all_insured": none(uninsured), "uninsured_count": number(uninsured), "uninsured.name": name(uninsured),
    "uninsured.uninsured_reason": weighted({1: 3, 2: 2, 3: 2, 4: 3}),
    "house_safety": weighted({1: 93, 2: 3, 3: 4}), "house_grade": weighted({3: 6, 4: 4}),
    "house_hazards": seldom(several({1: 0.5, 2: 0.2, 3: 0.2, 4: 0.2}), 0.12),
    "water_source": weighted({1: 80, 2: 14, 3: 4, 4: 2}), "water_shortage_days": whole(1, 70, zero=0.8),
    "water_quality_good": yes(0.95), "water_access": weighted({1: 95, 2: 5}),
    "has_worker": some(workers), "worker_count": number(workers), "worker.name": name(workers),
    "worker.work_place": several({1: 0.4, 2: 0.3, 3: 0.4}),
    "has_disability": some(disabled),
    "respondent_signature": lambda draw: draw.nature.head.name,
    "signed_by_reviewer": yes(0.9), "proxy_signature_note": fixed("全家在外务工，电话调查"),
    "reviewer_unit": fixed("县扶贫办"), "signed_on": today,
}  # fmt: skip

JD: Final[Mapping[str, Chance]] = {
    **BOTH,
    "exit_year": lambda draw: draw.nature.exit_year,
    "property_income_itemized": yes(0.2), "transfer_income_itemized": yes(0.2),
    "asset_dividend_income": part("property_income", 0.6),
    "other_property_income": part("property_income", 0.4),
    "family_planning_income": part("transfer_income", 0), "dibao_income": part("transfer_income", 0.5),
    "pension_income": part("transfer_income", 0.3), "ecological_compensation": part("transfer_income", 0.1),
    "other_transfer_income": part("transfer_income", 0.1), "tekun_income": fixed(0),
    "food_enough": yes(0.99), "seasonal_clothes": yes(0.99),
    "is_relocated": yes(0.07), "relocation_moved_in": yes(0.95), "relocation_followup": yes(0.93),
    "relocation_old_house_removed": yes(0.93), "relocation_land_reclaimed": yes(0.92),
    "house_renovation": weighted({1: 9, 2: 8, 3: 83}), "renovation_old_house_removed": yes(0.93),
    "renovation_accepted": yes(0.96), "renovation_livable": yes(0.96), "renovation_subsidy_paid": yes(0.95),
    "renovation_lacks": several({1: 0.4, 2: 0.5, 3: 0.2, 4: 0.1, 5: 0.1}),
    "has_student": has_student, "student_count": number(students), "student.name": name(students),
    "student.stage": weighted({1: 10, 2: 40, 3: 20, 4: 12, 5: 8, 6: 6, 7: 4}),
    "student.education_aid": several(
        {1: 0.75, 2: 0.5, 3: 0.1, 4: 0.1, 5: 0.1, 6: 0.05, 7: 0.15, 8: 0.02}, none=0
    ),
    "had_health_policy": yes(0.98),
    "health_policies": several({1: 0.97, 2: 0.5, 3: 0.2, 4: 0.5, 5: 0.5, 6: 0.8, 7: 0.6}),
    "had_job_policy": yes(0.5), "job_policies": several({1: 0.4, 2: 0.05, 3: 0.6, 4: 0.2, 5: 0.1, 6: 0.6}),
    "worker.job_itemized": yes(0.3), "worker.job": fixed("建筑小工"), "worker.months_worked": whole(1, 12),
    "worker.monthly_wage": whole(1500, 6000),
    "disabled_count": number(disabled), "disabled.name": name(disabled),
    "disabled.has_certificate": yes(0.93),
    "disabled.disability_kind": weighted({1: 2, 2: 2, 3: 1, 4: 5, 5: 2, 6: 2, 7: 1}),
    "disabled.disability_grade": grade,
    "disabled.disability_aid": several({1: 0.6, 2: 0.5, 3: 0.1, 4: 0.1, 5: 0.1, 6: 0.1, 7: 0.05}, none=0),
    "ever_dibao": yes(0.35), "dibao_now": yes(0.8), "ever_tekun": yes(0.04),
    "ever_pension_insured": yes(0.96), "pension_now": yes(0.4),
    "had_microloan": yes(0.12), "microloan_amount": lambda draw: draw.random.choice((10000, 30000, 50000)),
    "microloan_interest_subsidy": subsidy,
    "joined_ecological_program": yes(0.15), "joined_asset_income_program": yes(0.3),
    "led_by_business": yes(0.5), "joined_industry_project": yes(0.65),
    "industry_projects": several({1: 0.6, 2: 0.4, 3: 0.1, 4: 0.1, 5: 0.05, 6: 0.3, 7: 0.1}),
    "life_change": weighted({1: 70, 2: 26, 3: 3, 4: 1}),
}  # fmt: skip

NJ: Final[Mapping[str, Chance]] = {
    **BOTH,
    "nonreg_kind": lambda draw: draw.nature.kind, "nonreg_other_kinds": other_kinds,
    "marked_marginal": yes(0.85),
    "has_chronic_disease": yes(0.4), "chronic_self_paid_2019": whole(300, 9000),
    "hospitalized_2019": yes(0.3),
    "inpatient_cost_2019": whole(2000, 60000), "inpatient_self_paid_2019": own_cost,
    "has_industry_project": yes(0.5), "industry_project_led": yes(0.5),
    "industry_project_kinds": several({1: 0.6, 2: 0.4, 3: 0.1, 4: 0.1, 5: 0.05, 6: 0.1, 7: 0.1}),
    "has_severe_disability": some(severely), "severely_disabled_count": number(severely),
    "severely_disabled.name": name(severely), "severely_disabled.has_certificate": yes(0.93),
    "severely_disabled.disability_grade": grade,
    "severely_disabled.severe_disability_aid": several(
        {1: 0.6, 2: 0.6, 3: 0.1, 4: 0.1, 5: 0.1, 6: 0.05}, none=0
    ),
}  # fmt: skip
