"""Invented households: who lives there and what the register says of them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from tests.county.records import Nature, Person

SURNAMES: Final = "张王李刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
SYLLABLES: Final = "建国秀英桂兰志强小军玉梅海燕大山春华冬生文斌红霞德福清泉友良金莲晓明雪芳石头满香"
KINDS: Final = {1: 22, 2: 36, 3: 16, 4: 14, 5: 12}
"""How often each attribute of a household that is not registered occurs (nj.h8)."""
UNKNOWN: Final = {0.0: 45, 0.12: 30, 0.4: 25}
"""Shares of answers that nobody knows, with how many households have them: 14 % over all."""


def _born(random: Random, low: int, high: int) -> date:
    """The birth date of somebody of that age in spring 2020."""
    return date(2020 - random.randint(low, high), random.randint(1, 12), random.randint(1, 28))


def _person(
    random: Random, surname: str, relation: str, low: int, high: int, sex: int | None = None
) -> Person:
    born = _born(random, low, high)
    years = 2020 - born.year
    name = surname + "".join(random.choices(SYLLABLES, k=random.choice((1, 2, 2))))
    labor = 3 if years < 16 or years > 72 else 2 if years > 62 or random.random() < 0.1 else 1
    ill = random.random() < 0.06
    return Person(
        name,
        relation,
        born,
        sex or random.randint(1, 2),
        2 if random.random() < 0.03 else 1,
        3 if ill and labor == 1 and random.random() < 0.5 else labor,
        random.choice((1, 2, 3, 3, 4, 4)) if ill else None,
    )


def _members(random: Random, kind: int) -> list[Person]:
    surname = random.choice(SURNAMES)
    if kind == 3 or random.random() < 0.15:
        return [_person(random, surname, "户主", 55 if kind == 3 else 40, 85)]
    head_age = random.randint(30, 75)
    members = [
        _person(random, surname, "户主", head_age, head_age, 1),
        _person(random, random.choice(SURNAMES), "妻子", head_age - 5, head_age, 2),
    ]
    for _ in range(random.choice((0, 1, 1, 2, 2, 3))):
        born = max(0, head_age - random.randint(22, 36))
        sex = random.randint(1, 2)
        members.append(_person(random, surname, "儿子" if sex == 1 else "女儿", born, born, sex))
    if random.random() < 0.2:
        members.append(_person(random, surname, "母亲", head_age + 20, head_age + 24, 2))
    return members


def invent(random: Random, *, registered: bool) -> Nature:
    """A household of the register of the poor, or one of the other kinds that are looked at."""
    kind = 0 if registered else random.choices(list(KINDS), list(KINDS.values()))[0]
    members = _members(random, kind)
    if kind == 4 and not any(person.grade is not None and person.grade <= 2 for person in members):
        last = members[-1]
        members[-1] = Person(
            last.name, last.relation, last.birth, last.sex, last.insured, 3, random.choice((1, 2))
        )
    status = 3 if kind else random.choices((1, 2), (12, 88))[0]
    return Nature(
        kind,
        tuple(members),
        status,
        random.choice((2014, 2015, 2016, 2017, 2018, 2018, 2019, 2019)) if status == 2 else None,
        len(members) if random.random() < 0.98 else len(members) + 1,
        random.choices(list(UNKNOWN), list(UNKNOWN.values()))[0],
    )
