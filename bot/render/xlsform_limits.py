"""What an answer must meet by its kind, its limits and its own checks, as an XLSForm constraint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.dialogs.answering import NAME_LIMIT, TEXT_LIMIT
from bot.dialogs.dates import EARLIEST, LATEST
from bot.dialogs.form import NUMBERS, Item
from bot.dialogs.identity import CHECK_DIGITS, LANDLINES, MOBILE, WEIGHTS
from bot.dialogs.xpath import is_false
from bot.dialogs.xpath_terms import FALSE, figure
from bot.render.messages import Messages, number
from bot.render.xlsform_names import Answering, Names

Limit = tuple[str, str]
"""A condition over `.`, the answer, and the sentence for an answer that breaks it."""

DAYS: Final = ("date", "datetime", "month")

# GB 11643-1999: region, a day of the calendar, three figures, check digit. What 29 February needs is beside.
_ID_SHAPE: Final = (
    "[1-9][0-9]{5}(19|20)[0-9]{2}((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|[12][0-9]))[0-9]{3}[0-9Xx]"
)
_ID_BORN: Final = (
    "number(substr(., 6, 14)) <= number(format-date(today(), '%Y%m%d')) and (substr(., 10, 14) != '0229' "
    "or (substr(., 6, 10) mod 4 = 0 and (substr(., 6, 10) mod 100 != 0 or substr(., 6, 10) mod 400 = 0)))"
)
_ID_SUM: Final = " + ".join(f"{weight} * substr(., {at}, {at + 1})" for at, weight in enumerate(WEIGHTS))
_ID_PLACE: Final = f"({_ID_SUM}) mod 11"
_ID_CHECK: Final = (
    f"substr('{CHECK_DIGITS}', {_ID_PLACE}, {_ID_PLACE} + 1) = translate(substr(., 17, 18), 'x', 'X')"
)
_PHONE: Final = "|".join([MOBILE, *(f"({area})-?{number}" for area, number in LANDLINES)])


def limits(item: Item, names: Names, messages: Messages) -> list[Limit]:
    """Every limit of an answer, the kind's first, in the order in which they are judged in chat."""
    found = [*_by_kind(item, messages), *_range(item, messages), *_choices(item, messages)]
    scope = Answering(names.scope(item), names.fact(item).kind)
    for check in item.check:
        broken = is_false(check.test, scope)
        if broken != FALSE.text:
            found.append((f"not({broken})", check.text))
    return found


def _by_kind(item: Item, messages: Messages) -> Iterator[Limit]:
    say = messages.say
    match item.kind:
        case "text":
            yield f"string-length(.) <= {TEXT_LIMIT}", say("rejected.too_long", limit=TEXT_LIMIT)
        case "person":
            yield f"string-length(.) <= {NAME_LIMIT}", say("rejected.too_long", limit=NAME_LIMIT)
            yield "not(regex(., '^[0-9 ]+$'))", say("rejected.not_a_name")
        case "id_number":
            yield f"regex(., '^{_ID_SHAPE}$')", say("accepts.id_number")
            yield _ID_BORN, say("rejected.id_date")
            yield _ID_CHECK, say("rejected.id_check_digit")
        case "phone":
            yield f"regex(., '^({_PHONE})$')", say("accepts.phone")
        case "year":
            yield f". >= {EARLIEST} and . <= {LATEST}", say("rejected.not_a_year")
        case "date" | "month" | "datetime":
            yield (
                f". >= date('{EARLIEST}-01-01') and . < date('{LATEST + 1}-01-01')",
                say("rejected.not_a_month" if item.kind == "month" else "rejected.not_a_date"),
            )


def _range(item: Item, messages: Messages) -> Iterator[Limit]:
    low, high = item.min, item.max
    if item.kind in NUMBERS:
        bounds = [(".", ">=", low), (".", "<=", high)]
        tests = [f"{dot} {sign} {figure(b)}" for dot, sign, b in bounds if isinstance(b, int | float)]
        if tests:
            shown = [number(b) if isinstance(b, int | float) else None for b in (low, high)]
            yield (
                " and ".join(tests),
                messages.say("rejected.out_of_range", low=shown[0], high=shown[1], unit=item.unit),
            )
    elif item.kind in DAYS:
        if high is not None:
            said = _day_said(high, messages)
            # A moment of the last day is not later than that day.
            sign = "<=" if item.kind != "datetime" else "< 1 +"
            yield f". {sign} {_day(high)}", messages.say("rejected.in_future", latest=said)
        if low is not None:
            said = _day_said(low, messages)
            yield f". >= {_day(low)}", messages.say("rejected.out_of_range", low=said, high=None, unit="")


def _day(bound: float | str) -> str:
    text = str(bound)
    return "today()" if text == "today" else f"date('{text if len(text) > 7 else f'{text}-01'}')"


def _day_said(bound: float | str, messages: Messages) -> str:
    return messages.say("xlsforms.today") if bound == "today" else str(bound)


def _choices(item: Item, messages: Messages) -> Iterator[Limit]:
    if item.kind != "select_multiple":
        return
    alone = None if item.none is None else f"selected(., '{item.none}')"
    least = 0 if item.optional else item.min_choices
    if least > 1:
        test = f"count-selected(.) >= {least}"
        yield test if alone is None else f"{test} or {alone}", messages.say("rejected.too_few", minimum=least)
    if item.max_choices is not None and item.max_choices < len(item.options):
        test = f"count-selected(.) <= {item.max_choices}"
        yield test, messages.say("rejected.too_many", maximum=item.max_choices)
    if alone is not None:
        option = item.option(item.none)
        yield (
            f"not({alone} and count-selected(.) > 1)",
            messages.say("rejected.excludes_others", label="" if option is None else option.label),
        )
