"""Conditions printed as XPath: their three values, and no more brackets and guards than they need.

That the printed text means the same is shown by JavaRosa (test_xforms_agree.py); here stands how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.dialogs.xpath import Fact, Rows, Scope, Unsayable, is_false, is_true, value
from bot.dialogs.xpath_terms import Kind, figure, quoted
from bot.expressions import parse

KINDS: dict[str, Kind] = {
    "born": "date", "met": "moment", "many": "codes", "many_codes": "codes", "word": "text", "name": "text",
}  # fmt: skip


@dataclass
class People:
    """A roster `person` of the test's scope."""

    columns: list[str] = field(default_factory=list)
    known: str = "${n} != ''"
    number: str = "${rows}"
    path: str = "${person}"
    place: str = "${place}"

    @property
    def inside(self) -> Scope:
        return Around(self)

    def column(self, calculation: str, kind: object) -> str:
        if calculation not in self.columns:
            self.columns.append(calculation)
        return f"${{c{self.columns.index(calculation)}}}"


@dataclass
class Around:
    """Every name is a fact, but "absent" and what begins with "file_"."""

    people: People = field(default_factory=People)

    def fact(self, name: str) -> Fact | None:
        if name in ("today", "now"):
            return Fact(f"{name}()", "date", always=True)
        if name.startswith("file_"):
            return None
        return Fact(f"${{{name}}}", KINDS.get(name, "number"), codes=(1, 2, 0) if "many" in name else ())

    def rows(self, roster: str) -> Rows | None:
        return self.people if roster == "person" else None


NUDGE = "(max(abs(${a}), 1000000) * 0.000000000000001)"


@pytest.mark.parametrize(
    ("source", "true", "false"),
    [
        ("a == 2", "${a} = 2", "${a} != '' and ${a} != 2"),
        ("a != 2", "${a} != '' and ${a} != 2", "${a} = 2"),
        ("a < 2.5", "${a} < 2.5", "${a} >= 2.5"),
        ("a == b", "${a} != '' and ${b} != '' and ${a} = ${b}", "${a} != '' and ${b} != '' and ${a} != ${b}"),
        ("a in [1, 2]", "${a} = 1 or ${a} = 2", "${a} != '' and ${a} != 1 and ${a} != 2"),
        ("a not in [1]", "${a} != '' and ${a} != 1", "${a} = 1"),
        ("1 < a <= 5", "1 < ${a} and ${a} <= 5", "1 >= ${a} or ${a} > 5"),
        ("not a == 2", "${a} != '' and ${a} != 2", "${a} = 2"),
        ("a > 1 and (b > 1 or c > 1)", "${a} > 1 and (${b} > 1 or ${c} > 1)",
         "${a} <= 1 or ${b} <= 1 and ${c} <= 1"),
        ("has(many, 3)", "selected(${many}, '3')", "${many} != '' and not(selected(${many}, '3'))"),
        ("blank(a)", "${a} = ''", "${a} != ''"),
        ("blank(a + b)", "not(${a} != '' and ${b} != '')", "${a} != '' and ${b} != ''"),
        ("a - (b - c) > 0", "${a} - (${b} - ${c}) > 0", "${a} - (${b} - ${c}) <= 0"),
        ("born > '2020-03-17'", "${born} > date('2020-03-17')", "${born} <= date('2020-03-17')"),
        ("met <= now", "${met} <= now()", "${met} > now()"),
        ("count(person) > 2", "${n} != '' and ${rows} > 2", "${n} != '' and ${rows} <= 2"),
        ("any(person, x > 1)", "sum(${c0}) > 0", "${n} != '' and sum(${c0}) = ${rows}"),
        ("all(person, x > 1)", "${n} != '' and sum(${c0}) = ${rows}", "sum(${c0}) > 0"),
    ],
)  # fmt: skip
def test_a_condition_is_printed_for_true_and_for_false(source: str, true: str, false: str) -> None:
    assert is_true(parse(source), Around()) == true
    assert is_false(parse(source), Around()) == false


def test_a_division_by_nothing_is_unknown() -> None:
    guard = "${a} != '' and ${b} != '' and ${b} != 0"
    assert is_true(parse("a / b > 1"), Around()) == f"{guard} and ${{a}} div ${{b}} > 1"
    assert value(parse("a / b"), Around()) == f"if({guard}, ${{a}} div ${{b}}, '')"


def test_what_nothing_provides_is_never_true_and_never_false() -> None:
    for source in (
        "file_age > 3",
        "not file_age > 3",
        "file_age != 3",
        "any(member, age > 3)",
        "count(member) == a",
    ):
        assert is_true(parse(source), Around()) == "false()"
        assert is_false(parse(source), Around()) == "false()"
    assert is_true(parse("a == 1 or any(member, age > 3)"), Around()) == "${a} = 1"
    assert value(parse("file_age + 1"), Around()) == "''"
    assert is_true(parse("blank(file_age)"), Around()) == "true()"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("a", "${a}"),
        ("3", "3"),
        ("1 if a > b else 2", "if(${a} > ${b} or ${a} <= ${b}, if(${a} > ${b}, 1, 2), '')"),
        ("abs(a)", "if(${a} != '', abs(${a}), '')"),
        ("a + b", "if(${a} != '' and ${b} != '', ${a} + ${b}, '')"),
        ("min(a, b)", "if(${a} != '' and ${b} != '', min(${a}, ${b}), '')"),
        (
            "round(a)",
            f"if(${{a}} != '', if(${{a}} < 0, -1, 1) * int(abs(${{a}}) + 0.5 + {NUDGE}), '')",
        ),
        ("count(person)", "if(${n} != '', ${rows}, '')"),
        ("sum(person, x)", "if(${n} != '' and sum(${c0}) = ${rows}, sum(${c1}), '')"),
        ("first(person, x)", "if(sum(${c0}) > 0, indexed-repeat(${c1}, ${person}, min(${c2})), '')"),
    ],
)  # fmt: skip
def test_a_value_is_blank_where_it_is_unknown(source: str, printed: str) -> None:
    assert value(parse(source), Around()) == printed


def test_rosters_are_summed_up_through_hidden_columns() -> None:
    around = Around()
    value(parse("first(person, x)"), around)
    is_false(parse("any(person, x == 1)"), around)
    assert around.people.columns == [
        "if(${x} != '', 1, 0)",
        "${x}",
        "if(${x} != '', ${place}, 999)",
        "if(${x} != '' and ${x} != 1, 1, 0)",
    ]


def test_codes_of_all_rows_are_put_together_and_none_gives_way() -> None:
    printed = value(parse("union(person, many_codes)"), Around())
    assert "if(selected(join(' ', ${c1}), '1'), '1 ', '')" in printed
    assert "'0', '')" in printed


@pytest.mark.parametrize("source", ["union(person, x)", "word and a > 1"])
def test_what_cannot_be_said_is_an_error_that_says_why(source: str) -> None:
    with pytest.raises(Unsayable, match="cannot be said in XPath"):
        is_true(parse(source), Around())


def test_texts_with_quotation_marks_stay_whole() -> None:
    assert quoted("plain") == "'plain'"
    assert quoted("it's") == '"it\'s"'
    assert quoted('it\'s "so"') == "concat('it', \"'\", 's \"so\"')"


def test_figures_have_no_exponent() -> None:
    assert [figure(n) for n in (3, 3.0, 0.05, 1e9, -2)] == ["3", "3", "0.05", "1000000000", "-2"]
