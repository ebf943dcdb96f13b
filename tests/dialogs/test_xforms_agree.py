"""Exported forms behave in JavaRosa, the engine of ODK Collect, as they do in chat.

Random interviews, given to both, are asked the same questions, have the same answers taken and refused, and
come to the same facts, the same warnings, and the same word on whether they may be handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pyxform.xls2xform import convert

from bot.dialogs.context import Context
from bot.dialogs.effects import Reviewed
from bot.dialogs.form import EVIDENCE, Form, Item, split_key
from bot.render.messages import Messages
from bot.render.xlsforms import XlsForm, write, xlsform
from tests.dialogs.building import form, parameters, written
from tests.dialogs.random_walk import Interviewee, Outcome
from tests.javarosa.javarosa import JavaRosa, Walked

FORMS = ["jd", "nj", "ve", "gs"]
WALKS = 500
OTHERS = {"cs": 30, "vc": 30, "mc": 20, "ts": 20, "ys": 20, "dv": 20, "sp": 20, "ap": 20, "gp": 3}
"""How many interviews with each: they are many forms, and one of them is long."""


@pytest.fixture(scope="module")
def javarosa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaRosa]:
    with JavaRosa.start(tmp_path_factory.mktemp("javarosa") / "java.log") as engine:
        yield engine


def exported(form: Form, engine: JavaRosa, folder: Path) -> XlsForm:
    """The form in JavaRosa, and how it was exported."""
    made = xlsform(form, parameters(), engine.now.date(), Messages())
    write(made, folder / f"{form.id}.xlsx")
    xform = folder / f"{form.id}.xml"
    xform.write_text(convert(folder / f"{form.id}.xlsx").xform, encoding="utf-8")
    engine.load(xform)
    return made


class Comparison:
    """One interview in both engines."""

    def __init__(self, made: XlsForm, outcome: Outcome, walked: Walked) -> None:
        self.form: Form = made.names.form
        self.made, self.outcome, self.walked = made, outcome, walked
        self.facts = outcome.turn.path.facts

    def check(self) -> None:
        """Everything that must be the same."""
        unasked = {self.made.names.items[item.id] for item in self.form.items if not asked(item)}
        ours = [(named(self.made, key), results) for key, results in self.outcome.asked]
        theirs = [
            (key, results) for key, results in self.walked.asked if key.partition("#")[0] not in unasked
        ]
        assert ours == theirs
        assert self.known() == self.values()
        assert self.holding() == self.noted()
        reviewed = self.outcome.turn.effects[-1]
        assert isinstance(reviewed, Reviewed)
        assert reviewed.complete is (self.walked.final == "complete"), self.walked.final

    def known(self) -> dict[str, Any]:
        """Our facts by XML name."""
        names, found = self.made.names, {}
        for item in self.form.items:
            if item.kind in EVIDENCE or item.kind == "signature":
                continue
            rows = [self.facts] if item.repeat is None else self.facts.get(item.repeat, [])
            for number, row in enumerate(rows, 1):
                key = names.items[item.id] + (f"#{number}" if item.repeat else "")
                found[key] = plain(item, row.get(item.fact))
            if item.fold is not None:
                found[names.folds[item.fold.fact]] = plain(item, self.facts.get(item.fold.fact))
        return {key: value for key, value in found.items() if value is not None}

    def values(self) -> dict[str, Any]:
        """JavaRosa's answers and calculations that have a fact of ours."""
        names, found = self.made.names, {}
        by_name = {names.items[item.id]: item for item in self.form.items}
        by_name |= {names.folds[item.fold.fact]: item for item in self.form.items if item.fold is not None}
        for key, text in self.walked.values.items():
            item = by_name.get(key.partition("#")[0])
            if item is not None and item.kind not in EVIDENCE and item.kind != "signature":
                found[key] = read(item, text)
        return {key: value for key, value in found.items() if value is not None}

    def holding(self) -> set[str]:
        """The checks and candidates that hold in chat."""
        path = self.outcome.turn.path
        return {check.id for check in path.fired} | {each.candidate.key for each in path.suspected}

    def noted(self) -> set[str]:
        """Those whose note is relevant in JavaRosa."""
        shown = {key.partition("#")[0] for key in self.walked.values}
        return {id for id, name in self.made.notes.items() if name in shown}


def asked(item: Item) -> bool:
    """Whether the chat asks for it by itself."""
    return item.kind not in EVIDENCE and not item.default


def named(made: XlsForm, key: str) -> str:
    item, row = split_key(key)
    return made.names.items[item] + (f"#{row}" if row else "")


def plain(item: Item, value: Any) -> Any:
    """A fact as both sides can be compared by."""
    if value in (None, [], ""):
        return None
    if isinstance(value, list):
        return sorted(value)
    return figure(value) if isinstance(value, int | float) else value


def figure(value: float | str) -> float:
    """A number without the dust of binary fractions: JavaRosa writes fewer digits to a file than it holds."""
    return float(f"{float(value):.12g}")


def read(item: Item, text: str) -> Any:
    """What JavaRosa stores, in our shape."""
    if not text:
        return None
    if item.kind == "month":
        return text[:7]
    if item.kind == "datetime":
        return text[:16]
    if item.kind == "id_number":
        return text.upper()
    try:
        codes = [figure(part) for part in text.split(" ")]
    except ValueError:
        return text
    if item.kind == "select_multiple":
        return sorted(codes)
    return text if item.kind in ("text", "person", "phone") else codes[0]


def compare(form: Form, engine: JavaRosa, folder: Path, walks: int) -> None:
    """Random interviews in both engines; JavaRosa is a walk or more behind."""
    made = exported(form, engine, folder)
    context = Context(f"{engine.now:%Y-%m-%d}", f"{engine.now:%Y-%m-%dT%H:%M}", parameters())
    outcomes = []
    for seed in range(walks):
        outcome = Interviewee(form, context, Random(f"{form.id} {seed}")).interview()
        engine.begin({named(made, key): said for key, said in outcome.said.items()})
        outcomes.append(outcome)
    walks_made = [engine.walked() for _ in outcomes]
    for outcome, walked in zip(outcomes, walks_made, strict=True):
        Comparison(made, outcome, walked).check()


@pytest.mark.parametrize("form_id", FORMS)
def test_random_interviews_go_the_same_way_in_chat_and_in_javarosa(
    form_id: str, javarosa: JavaRosa, tmp_path: Path
) -> None:
    compare(form(form_id), javarosa, tmp_path, WALKS)


@pytest.mark.parametrize("form_id", OTHERS)
def test_the_other_forms_go_the_same_way_too(form_id: str, javarosa: JavaRosa, tmp_path: Path) -> None:
    compare(form(form_id), javarosa, tmp_path, OTHERS[form_id])


FACTS = """
[[roster]]
id = "person"
name = "人"
count = "n"
title = "name"
"""
ASKED = {
    "a": ("a", "integer", ""),
    "b": ("b", "decimal", ""),
    "c": ("c", "money", ""),
    "one": ("one", "select_one", 'options = "risk_kind"'),
    "many": ("many", "select_multiple", 'options = "education_policy"\nnone = 0'),
    "born": ("born", "date", ""),
    "met": ("met", "datetime", ""),
    "since": ("since", "month", ""),
    "word": ("word", "person", ""),
    "n": ("person_count", "integer", "min = 0\nmax = 3"),
}
IN_ROWS = {
    "p.name": ("name", "person", ""),
    "p.x": ("x", "integer", ""),
    "p.y": ("y", "money", ""),
    "p.k": ("k", "select_one", 'options = "risk_kind"'),
    "p.m": ("m", "select_multiple", 'options = "education_policy"\nnone = 0'),
    "p.born": ("birth", "date", ""),
}
CONDITIONS = [
    "a == 2", "a != 2", "a < 3", "a <= b", "b > c", "a == b", "one in [1, 3]", "one not in [2, 4]",
    "1 < a <= 5", "has(many, 3)", "not has(many, 0)", "has(many, one)", "blank(a)", "not blank(many)",
    "blank(word)", "a > 1 and b > 1", "a > 1 or b > 1", "not (a > 1 and (b > 1 or one == 2))",
    "a + b * 2 > c - 1", "a / b > 1", "c / (a - 2) < 100", "abs(a - b) > 1", "min(a, b, c) == a",
    "max(a, b) > c", "(a > b) if one == 1 else (b > c)", "round(c / 3, 1) > b", "round(c) == a",
    'word == "张三"', "born <= today", 'born > "2020-03-17"', 'since < "2020-04"', "met <= now",
    "age(born, today) >= 1", "a and b > 1", "blank(all_m)", "days_between(met, today) > 3",
    "months_between(born, met) >= 0", "count(person) > 1", "blank(person)", "any(person, x > 1)",
    "all(person, x > 1)", "not any(person, k == 1 and y > a)", "any(person, has(m, 2))",
    "count(person, k in [1, 2]) >= 1", "sum(person, x) > a", "sum(person, x * 2 + y) <= b",
    "first(person, x) == a", "has(all_m, 2)", "not has(all_m, 0)", "all(person, blank(x) or x > 0)",
    "any(person, age(birth, today) < 1)", "sum(person, x) == count(person)",
    "any(member, age > 3) or a > 1",
]  # fmt: skip
FORMULAS = [
    "a + b - c", "a * (b - c)", "a - (b - c)", "a / b / c", "a / (b * 2)", "round(c * 1.005, 2)",
    "round(b / 3)", "round(0 - b, 1)", "-5 - a", "abs(a - c)", "min(a, b)", "max(a, b, 3)",
    "age(born, met)", "age(met, born)", "months_between(born, today)", "months_between(today, born)",
    "days_between(born, met)", "1 if a > b else 2 if one == 3 else 3", "c if has(many, 1) else a",
    "count(person)", "count(person, x > 1)", "sum(person, y)", "sum(person, x) / count(person)",
    "first(person, y)", "first(person, x if k == 1 else y)",
    "1 if all(person, k == 1) else first(person, k)", "first(person, name)",
]  # fmt: skip


def question(id: str, fact: str, kind: str, more: str) -> str:
    return f'[[item]]\nid = "{id}"\nsection = "s"\nfact = "{fact}"\nkind = "{kind}"\n{more}\n'


def everything() -> Form:
    """A form that has each part of the language of conditions once, as a check, as its negation, as a sum."""
    said = 'label = "题"\ntext = "问？"\n'
    source = FACTS
    source += "".join(question(id, fact, kind, said + more) for id, (fact, kind, more) in ASKED.items())
    for id, (fact, kind, more) in IN_ROWS.items():
        fold = 'fold = { fact = "all_m", calc = "union(person, m)" }' if id == "p.m" else ""
        source += question(id, fact, kind, f'{said}repeat = "person"\n{more}\n{fold}')
    for at, formula in enumerate(FORMULAS):
        source += question(f"f{at}", f"f{at}", "calculate", f'label = "算"\ncalc = "{formula}"')
    for at, condition in enumerate(CONDITIONS):
        for way, when in (("t", condition), ("f", f"not ({condition})")):
            source += f'[[check]]\nid = "{way}{at}"\nlevel = "info"\nwhen = \'{when}\'\n'
            source += 'items = ["a", "p.born"]\ntext = "看"\n'
    return written(source)


def test_every_part_of_the_language_of_conditions_means_the_same_in_xpath(
    javarosa: JavaRosa, tmp_path: Path
) -> None:
    compare(everything(), javarosa, tmp_path, 300)
