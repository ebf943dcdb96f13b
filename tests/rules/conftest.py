"""The shipped packs on the shipped questionnaires, read once."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.problems import Problem
from bot.rules.facts import MANY, ROSTER, FactInfo, Registry
from bot.rules.loading import load_pack
from bot.rules.pack import Pack

BOT = Path(__file__).parents[2] / "bot"
Data = dict[str, Any]
Loader = Callable[[Data], tuple[Pack | None, list[Problem]]]


def read_toml(*parts: str) -> Data:
    return tomllib.loads(BOT.joinpath(*parts).read_text(encoding="utf-8"))


def facts_of_form(form: Data, lists: Mapping[str, Any]) -> Iterator[tuple[str, FactInfo]]:
    rows: dict[str, list[str]] = {roster["id"]: [] for roster in form.get("roster", [])}
    for item in form["item"]:
        options = item.get("options", [])
        options = lists[options] if isinstance(options, str) else options
        info = FactInfo(item["kind"], {option["code"]: option["label"] for option in options})
        if "repeat" in item:
            rows[item["repeat"]].append(item["fact"])
            yield f"{item['repeat']}.{item['fact']}", info
            if "fold" in item:
                yield item["fold"]["fact"], info
        else:
            yield item["fact"], info
    for roster, names in rows.items():
        yield roster, FactInfo(ROSTER, row_facts=tuple(names))


@pytest.fixture(scope="session")
def registry() -> Registry:
    lists = {each["id"]: each["options"] for each in read_toml("dialogs", "lists.toml")["list"]}
    found: dict[str, FactInfo] = {}
    for form in ("jd", "cs", "vc"):
        for name, info in facts_of_form(read_toml("dialogs", "forms", f"{form}.toml"), lists):
            options = {**(found[name].options if name in found else {}), **info.options}
            found[name] = FactInfo(info.kind, options, row_facts=info.row_facts)
    assert found["poverty_risk_causes"].kind == MANY
    return found


@pytest.fixture(scope="session")
def shared_data() -> Data:
    return read_toml("rules", "packs", "indicators.toml")


@pytest.fixture(scope="session")
def hr_source() -> Data:
    return read_toml("rules", "packs", "hr.toml")


@pytest.fixture
def hr_data(hr_source: Data) -> Data:
    """What the pack of the four cards says, for a test to spoil."""
    return copy.deepcopy(hr_source)


@pytest.fixture(scope="session")
def load(shared_data: Data, registry: Registry) -> Loader:
    return lambda data: load_pack(data, shared_data, registry, file="hr.toml", shared_file="indicators.toml")


@pytest.fixture(scope="session")
def hr(load: Loader, hr_source: Data) -> Pack:
    pack, problems = load(hr_source)
    assert problems == []
    assert pack is not None
    return pack
