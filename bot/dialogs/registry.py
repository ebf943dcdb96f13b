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


def fact_problems(forms: Iterable[Form]) -> Iterator[Problem]:
    """Facts that two forms define differently: a name has one meaning in the whole product."""
    first: dict[str, tuple[Form, Item]] = {}
    for form in forms:
        for item in form.items:
            if item.repeat is not None or item.kind == "calculate":
                continue
            if item.fact not in first:
                first[item.fact] = (form, item)
                continue
            other_form, other = first[item.fact]
            labels = {option.code: option.label for option in other.options}
            different = any(labels.get(option.code, option.label) != option.label for option in item.options)
            if other.kind != item.kind or different:
                yield Problem(
                    f"{form.id}.toml",
                    item.id,
                    f"fact {item.fact} is something else in {other_form.id}.{other.id}",
                    "use the same kind and options, or another fact name",
                )
