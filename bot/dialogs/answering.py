"""From what a person typed or tapped to the value of an item, by kind; a bad reply is never an error."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.dialogs import choices, dates, identity, numerals
from bot.dialogs.context import Context
from bot.dialogs.form import EVIDENCE, NUMBERS, Form, Item, Step, split_key
from bot.dialogs.path import Path, broken
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.vocabulary import Vocabulary, plain
from bot.expressions import Getter, Value

TEXT_LIMIT = 2000
NAME_LIMIT = 40
MOST_FOUND = 24
LONGEST_NUMBER = 8


def read(item: Item, text: str, context: Context, vocabulary: Vocabulary) -> Value | Rejected:
    """The value that `text` means as an answer to `item`; None when it says "not known"."""
    if not text.strip():
        return reject("empty")
    if item.options:
        return _chosen(item, text, vocabulary)
    if choices.means_unknown(text, vocabulary):
        return unknown(item)
    if item.optional and item.kind not in NUMBERS and plain(text) in vocabulary.choices.none:
        return None
    if item.kind in EVIDENCE:
        return reject("not_in_words")
    return _read_figure(item, text, context, vocabulary)


def _read_figure(item: Item, text: str, context: Context, vocabulary: Vocabulary) -> Value | Rejected:
    """Numbers, days, identity numbers and plain words."""
    today = date.fromisoformat(context.today)
    match item.kind:
        case "integer":
            return numerals.parse_integer(text, vocabulary, unit=item.unit or None)
        case "decimal" | "percent" | "money":
            return numerals.parse_number(text, vocabulary, unit=_unit(item))
        case "date":
            # What may lie ahead (a promise, the next visit) means the next such day, not the last.
            day = dates.parse_date(text, vocabulary, today, ahead=item.max != "today")
            return day if isinstance(day, Rejected) else day.isoformat()
        case "datetime":
            return dates.parse_moment(text, vocabulary, today)
        case "month":
            return dates.parse_month(text, vocabulary, today)
        case "year":
            return dates.parse_year(text, vocabulary, today)
        case "id_number":
            number = identity.parse_id_number(text, today)
            return number if isinstance(number, Rejected) else number.number
        case "phone":
            return identity.parse_phone(text)
        case "person" | "signature":
            return _name(text)
    return _limited(text, TEXT_LIMIT)


def _unit(item: Item) -> str | None:
    """Money and percent have a unit of their own when the item names none."""
    return item.unit or {"money": "yuan", "percent": "%"}.get(item.kind)


def _name(text: str) -> str | Rejected:
    """A name; figures alone are the number of a button or of another question, and nobody's name."""
    said = _limited(text, NAME_LIMIT)
    if isinstance(said, str) and all(sign in "0123456789 " for sign in said):
        return reject("not_a_name")
    return said


def _limited(text: str, limit: int) -> str | Rejected:
    """What was written, without signs that no paper and no database takes."""
    said = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()
    if not said:
        return reject("empty")
    return reject("too_long", limit=limit) if len(said) > limit else said


def _chosen(item: Item, text: str, vocabulary: Vocabulary) -> Value | Rejected:
    if item.kind == "select_multiple":
        if _least(item) == 0 and item.none is None and plain(text) in vocabulary.choices.none:
            return []
        found = choices.match_options(
            text,
            item.options,
            vocabulary,
            maximum=item.max_choices,
            minimum=_least(item),
            none_code=item.none,
        )
        value: Value | Rejected = list(found) if isinstance(found, list | tuple) else found
    else:
        value = choices.match_option(text, item.options, vocabulary)
    if isinstance(value, Rejected) and choices.means_unknown(text, vocabulary):
        return unknown(item)
    return value


def _least(item: Item) -> int:
    return 0 if item.optional else item.min_choices


def unknown(item: Item) -> Rejected | None:
    """The answer "not known", where the item takes it."""
    return reject("needs_answer") if item.required else None


def pick(item: Item, code: int) -> Value | Rejected:
    """The value behind a tapped option."""
    if item.option(code) is None:
        return reject("not_an_option", said=str(code))
    return [code] if item.kind == "select_multiple" else code


def toggled(item: Item, draft: Sequence[int], code: int, *, on: bool) -> tuple[int, ...]:
    """The ticked options after one more tap, in the form's order; "none of them" stands alone."""
    ticked = set(draft) - {code}
    if on and item.option(code) is not None:
        ticked = {code} if code == item.none else (ticked - {item.none}) | {code}
    return tuple(option.code for option in item.options if option.code in ticked)


def close(item: Item, draft: Sequence[int]) -> Value | Rejected:
    """The answer of a select_multiple once "done" is tapped."""
    least = _least(item)
    if len(draft) < least:
        return reject("too_few", minimum=least, chosen=len(draft))
    if item.max_choices is not None and len(draft) > item.max_choices:
        return reject("too_many", maximum=item.max_choices, chosen=len(draft))
    return list(draft)


def constrain(item: Item, row: int | None, value: Value, path: Path, context: Context) -> Value | Rejected:
    """`value` itself when it keeps the item's hard limits and constraints, else why not."""
    if value is None:
        return None
    low, high = _limit(item.min, context), _limit(item.max, context)
    if item.kind in NUMBERS and not _within(value, low, high):
        return reject("out_of_range", low=low, high=high, unit=item.unit)
    if item.kind in ("date", "datetime", "month"):
        if high is not None and str(value)[: len(str(high))] > str(high):
            return reject("in_future", latest=high)
        if low is not None and str(value) < str(low):
            return reject("out_of_range", low=low, high=high, unit="")
    text = broken(item, value, _scope(item, row, path))
    return value if text is None else reject("constraint", text=text)


def _limit(bound: float | str | None, context: Context) -> float | str | None:
    return context.today if bound == "today" else bound


def _within(value: float, low: float | str | None, high: float | str | None) -> bool:
    return not (isinstance(low, int | float) and value < low) and not (
        isinstance(high, int | float) and value > high
    )


def _scope(item: Item, row: int | None, path: Path) -> Getter:
    """What a constraint of `item` may read: the row's facts first, then the household's."""
    facts = path.facts
    if row is None or item.repeat is None:
        return facts.get
    own = facts[item.repeat][row - 1]
    return lambda name: own[name] if name in own else facts.get(name)


def read_decision(text: str, edits: int, vocabulary: Vocabulary) -> int | Rejected:
    """The choice about a fired check: 1 accepts, 2 … changes an answer; yes and no words work too."""
    said = plain(text)
    if said in (numbers := [str(number) for number in range(1, edits + 2)]):
        return numbers.index(said) + 1
    if said in vocabulary.choices.yes:
        return 1
    if said in vocabulary.choices.no and edits:
        return 2
    return reject("no_such_choice", last=edits + 1)


def means_keep(text: str, item: Item, vocabulary: Vocabulary) -> bool:
    """Whether `text` says "as before" and does not itself name an option."""
    if plain(text) not in vocabulary.choices.keep:
        return False
    return not item.options or isinstance(choices.match_option(text, item.options, vocabulary), Rejected)


def find(what: str, form: Form, path: Path) -> tuple[Step, ...] | Rejected:
    """The questions on the path that `what` names: key, item id, printed number, or part of the label."""
    said = plain(what).replace(" ", "")
    if not said:
        return reject("no_such_item", what="", near="")
    steps = [(step, step.item) for step in path.steps if step.item is not None]
    for key in path.kept:
        id, row = split_key(key)
        steps.append((Step(key, form.by_id[id], row), form.by_id[id]))
    for matches in (
        [step for step, _ in steps if step.key.lower() == said],
        [step for step, item in steps if item.id.lower() == said],
        [step for step, item in steps if plain(item.no) == said],
        [step for step, item in steps if said in plain(item.label)],
    ):
        if matches:
            return tuple(matches[:MOST_FOUND])
    numbers = [plain(item.no) for item in form.items if item.no]
    if said in numbers or said in (item.id.lower() for item in form.items):
        return reject("not_asked", what=what)
    beginnings = [said[:length] for length in range(min(len(said), LONGEST_NUMBER), 0, -1)]
    near = next((no for begun in beginnings for no in numbers if no.startswith(begun)), "")
    return reject("no_such_item", what=what, near=near)


def place_for(kind: str, section: str | None, form: Form, path: Path) -> Item | None:
    """The question that a photo or location answers: of the section at hand, else of the form."""
    facts = path.facts
    places = [
        item
        for item in form.items
        if item.kind == kind
        and item.repeat is None
        and (item.ask_if is None or item.ask_if.run(facts.get) is True)
    ]
    return next((item for item in places if item.section == section), places[0] if places else None)
