"""Every fact that the forms find out, in one list: what it is, its options, and which questions ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.dialogs.form import Form, Item
from bot.problems import Problem
from bot.rules.facts import FactInfo


def fact_registry(forms: Iterable[Form]) -> dict[str, FactInfo]:
    """Household-level facts by name; a roster under its id with the facts of its rows."""
    registry: dict[str, FactInfo] = {}
    for form in forms:
        for item in form.items:
            if item.repeat is None:
                _merge(registry, item.fact, _info(form, item))
            elif item.fold is not None:
                _merge(registry, item.fold.fact, _folded(form, item))
        for roster in form.rosters:
            rows = tuple(item.fact for item in form.items if item.repeat == roster.id)
            count = (f"{form.id}.{roster.count}",)
            _merge(registry, roster.id, FactInfo("roster", items=count, row_facts=rows))
    return registry


def _info(form: Form, item: Item) -> FactInfo:
    names = item.calc.names | item.calc.row_names if item.calc is not None else frozenset()
    facts = {i.fact for i in form.items} | {i.fold.fact for i in form.items if i.fold is not None}
    return FactInfo(
        item.kind,
        {option.code: option.label for option in item.options},
        item.unit,
        (f"{form.id}.{item.id}",),
        tuple(sorted(names & facts)),
    )


def _folded(form: Form, item: Item) -> FactInfo:
    """A folded fact has the options of its rows; a union of single choices is a multiple one."""
    fold = item.fold
    assert fold is not None
    kind = "select_multiple" if fold.calc.source.strip().startswith("union(") else item.kind
    options = {option.code: option.label for option in item.options}
    if item.kind not in ("select_one", "select_multiple"):
        kind = "integer" if fold.calc.source.strip().startswith(("count(", "sum(")) else item.kind
    return FactInfo(kind, options, item.unit, (f"{form.id}.{item.id}",))


def _merge(registry: dict[str, FactInfo], name: str, info: FactInfo) -> None:
    """The first form's definition stands; later ones add the questions that also ask the fact."""
    before = registry.get(name)
    if before is None:
        registry[name] = info
        return
    options: Mapping[int, str] = {**before.options, **info.options}
    registry[name] = FactInfo(
        before.kind if before.kind != "calculate" else info.kind,
        options,
        before.unit or info.unit,
        (*before.items, *info.items),
        before.inputs or info.inputs,
        before.row_facts or info.row_facts,
    )


def fact_problems(forms: Iterable[tuple[str, Form]]) -> Iterator[Problem]:
    """Facts that two forms (each with its file) define differently: a name has one meaning everywhere."""
    first: dict[str, tuple[str, Item, FactInfo]] = {}
    for file, form in forms:
        for item in form.items:
            for name, info in _defined(form, item):
                other_file, other, before = first.setdefault(name, (file, item, info))
                if other_file != file and (how := _difference(info, before)):
                    what = f"fact {name} {how} in {other_file} {other.id}"
                    yield Problem(file, item.id, what, "make both the same, or use another fact name")


def _defined(form: Form, item: Item) -> Iterator[tuple[str, FactInfo]]:
    """The facts that an item finds out; what is calculated takes its shape from its parts."""
    if item.kind != "calculate":
        yield (f"{item.repeat}.{item.fact}" if item.repeat else item.fact), _info(form, item)
    if item.fold is not None:
        yield item.fold.fact, _folded(form, item)


def _difference(info: FactInfo, before: FactInfo) -> str:
    """How two definitions of a fact differ; "" when they do not. One may have more options than the other."""
    if info.kind != before.kind:
        return f"is {info.kind} here, but {before.kind}"
    if info.unit != before.unit:
        return f"is in {info.unit or 'no unit'} here, but in {before.unit or 'no unit'}"
    for code, label in info.options.items():
        if before.options.get(code, label) != label:
            return f"has option {code} {label} here, but {before.options[code]}"
    return ""
