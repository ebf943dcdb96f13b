"""The pieces that XPath is printed from: conditions that need no doubled brackets, and values that know
where they are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["number", "text", "date", "moment", "codes"]
Joint: TypeAlias = Literal["", "and", "or"]

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?(T.*)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as printed; `joint` is the weakest operator that stands open in it."""

    text: str
    joint: Joint = ""
    parts: tuple[Condition, ...] = ()
    """What is joined."""


TRUE: Final = Condition("true()")
FALSE: Final = Condition("false()")


@dataclass(frozen=True, slots=True)
class Term:
    """A value as printed, and where it is known."""

    text: str
    known: Condition
    kind: Kind = "number"
    plain: bool = False
    """Whether it is blank or not a number where it is unknown, so that it compares as false by itself."""
    blank: bool = False
    """Whether it is blank where it is unknown."""
    level: int = 0
    """How loosely it binds: 0 as one piece, 1 a product, 2 a sum."""
    constant: bool = False


NEVER: Final = Term("''", FALSE, plain=True)


def both(parts: Iterable[Condition]) -> Condition:
    """All of `parts`."""
    return _joined("and", parts, TRUE, FALSE)


def either(parts: Iterable[Condition]) -> Condition:
    """At least one of `parts`."""
    return _joined("or", parts, FALSE, TRUE)


def _joined(joint: Joint, parts: Iterable[Condition], neutral: Condition, settled: Condition) -> Condition:
    flat = (inner for part in parts for inner in (part.parts if part.joint == joint else (part,)))
    kept = tuple(part for part in dict.fromkeys(flat) if part != neutral)
    if settled in kept:
        return settled
    if len(kept) <= 1:
        return kept[0] if kept else neutral
    texts = [f"({part.text})" if joint == "and" and part.joint == "or" else part.text for part in kept]
    return Condition(f" {joint} ".join(texts), joint, kept)


def negative(condition: Condition) -> Condition:
    """Where `condition` does not hold."""
    if condition in (TRUE, FALSE):
        return FALSE if condition == TRUE else TRUE
    if condition.text.endswith(" != ''") and not condition.joint:
        return Condition(f"{condition.text.removesuffix(' != ' + chr(39) * 2)} = ''")
    return Condition(f"not({condition.text})")


def quoted(text: str) -> str:
    """A text in quotation marks; XPath 1.0 has no way to escape them."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    pieces = ', "\'", '.join(f"'{piece}'" for piece in text.split("'"))
    return f"concat({pieces})"


def literal(value: object) -> Term:
    """A constant."""
    if isinstance(value, str):
        return Term(quoted(value), TRUE, "text", plain=value != "", constant=value != "")
    assert isinstance(value, int | float)
    return Term(figure(value), TRUE, plain=True, constant=True)


def figure(number: float) -> str:
    """A number without exponent."""
    if isinstance(number, int) or number.is_integer():
        return str(int(number))
    return f"{number:.10f}".rstrip("0")


def compared(sign: str, left: Term, right: Term) -> Condition:
    """Where both are known and `left sign right` holds."""
    left, right = _as_days(left, right), _as_days(right, left)
    held = Condition(f"{left.text} {sign} {right.text}")
    known = both([left.known, right.known])
    if known == FALSE:
        return FALSE
    # Blank is not a number: as such it is neither equal to anything, nor less, nor more. But two blanks are
    # equal as texts, and a blank differs from everything.
    alone = left.plain and right.plain and sign != "!="
    if alone and (sign != "=" or left.constant or right.constant or left.level or right.level):
        return held
    return both([known, held])


def _as_days(term: Term, other: Term) -> Term:
    """A text constant that is compared with a day is a day too."""
    if term.kind != "text" or not term.constant or other.kind not in ("date", "moment"):
        return term
    day = term.text.strip("'")
    if not _DAY.fullmatch(day):
        return term
    full = day if len(day) > 7 else f"{day}-01"
    printed = f"date-time('{full}')" if "T" in full else f"date('{full}')"
    return Term(printed, TRUE, "date", plain=True, constant=True)


def one_of(term: Term, constants: Sequence[Term], wanted: bool) -> Condition:
    """Where a known value is among `constants`, or, not `wanted`, is none of them."""
    if wanted:
        return either(compared("=", term, constant) for constant in constants)
    return both([term.known, *(Condition(f"{term.text} != {constant.text}") for constant in constants)])


def arithmetic(sign: str, left: Term, right: Term) -> Term:
    """left + - * div right; unknown where either is, and where something is divided by zero."""
    level = 1 if sign in ("*", "div") else 2
    a = f"({left.text})" if left.level > level else left.text
    b = f"({right.text})" if right.level >= level else right.text
    known = both([left.known, right.known])
    plain = left.plain and right.plain
    if sign == "div" and not right.constant:
        plain = False
        known = both([known, Condition(f"{right.text} != 0")])
    return Term(f"{a} {sign} {b}", known, "number", plain, level=level)


def called(name: str, args: Sequence[Term]) -> Term | None:
    """A function of known values; None when XPath has nothing for it."""
    known = both(arg.known for arg in args)
    texts = [arg.text for arg in args]
    match name, texts:
        case "abs", [x]:
            return Term(f"abs({x})", known, "number", args[0].plain)
        case "min" | "max", _:
            return Term(f"{name}({', '.join(texts)})", known)
        case "round", [x, *digits]:
            return Term(_rounded(x, int(digits[0]) if digits else 0), known, level=1)
        case "age", [birth, on]:
            # As eight figures, days differ by 10,000 a year: whole ten thousands are completed years.
            years = f"({_figures(on, 'Ymd')} - {_figures(birth, 'Ymd')}) div 10000"
            return Term(f"int({years} + 9999) - 9999", known, level=2)
        case "months_between", [earlier, later]:
            a, b = (f"(12 * {_figures(day, 'Y')} + {_figures(day, 'm')}) * 100 + {_figures(day, 'd')}"
                    for day in (earlier, later))  # fmt: skip
            return Term(f"int(({b} - ({a})) div 100 + 99999) - 99999", known, level=2)
        case "days_between", [earlier, later]:
            a, b = (f"date(format-date({day}, '%Y-%m-%d'))" for day in (earlier, later))
            return Term(f"round({b} - {a})", known)
    return None


def _figures(day: str, parts: str) -> str:
    shape = "".join(f"%{part}" for part in parts)
    return f"number(format-date({day}, '{shape}'))"


def _rounded(x: str, digits: int) -> str:
    """Half away from zero, with the nudge of `bot.functions.round_half_up`."""
    factor = 10**digits
    scaled = f"abs({x}) * {factor}" if digits else f"abs({x})"
    nudge = f"(max({scaled}, 1000000) * 0.000000000000001)"
    whole = f"if({x} < 0, -1, 1) * int({scaled} + 0.5 + {nudge})"
    return f"{whole} div {factor}" if digits else whole


def union(column: str, codes: Sequence[int]) -> str:
    """All codes of a column, each once; code 0, "none of these", only where there is no other."""
    joined = f"join(' ', {column})"
    parts = [f"if(selected({joined}, '{code}'), '{code} ', '')" for code in sorted(codes) if code]
    if 0 in codes:
        others = f"regex({joined}, {quoted('.*[1-9].*')})"
        parts.append(f"if(selected({joined}, '0') and not({others}), '0', '')")
    return f"normalize-space(concat({', '.join(parts)}, ''))"
