"""A second, plain reading of a form file: which questions apply and what is known then.

It shares no code with the product: it reads the TOML itself and evaluates conditions over Python's own
syntax tree. It is slow and simple, so that it can be believed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from bot.dialogs.context import Context
from tests.dialogs.building import tables
from tests.dialogs.naive_truth import tree, truth

Item = Mapping[str, Any]
Check = Mapping[str, Any]
NUMBERS = ("integer", "decimal", "money", "percent", "year")
EVIDENCE = ("image", "geopoint")
LIMITS = {"soft_min": "<", "soft_max": ">"}


@dataclass
class Replay:
    """The interview that `answers` and `confirmed` make, with what `context` knows.

    Everything that may stand open has a key: a question "id" or "id#row", a check "!id", the card of a
    section "=section", a candidate of the ledger "?problem".
    """

    form_id: str
    answers: Mapping[str, Any]
    confirmed: Mapping[str, Any]
    context: Context
    facts: dict[str, Any] = field(default_factory=dict)
    relevant: list[str] = field(default_factory=list)
    """Keys of the questions that apply and were not answered by the file, in order."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What was taken from the file, by key."""
    affirmed: list[str] = field(default_factory=list)
    """Those of `kept` that somebody said still hold, or that are filled in by themselves."""
    fired: list[str] = field(default_factory=list)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the open cards show, by section."""
    suspected: dict[str, list[str]] = field(default_factory=dict)
    """Whom the probable problems concern."""
    opens: list[str] = field(default_factory=list)
    """Keys of everything that is not settled, in order."""
    trial: bool = False

    def __post_init__(self) -> None:
        context = self.context
        self.given = {"today": context.today, "now": context.now, **context.parameters, **context.file}
        self.keeping = {
            key: said for card, held in self.confirmed.items() if card[0] == "=" for key, said in held
        }
        self.plain = plain_form(self.form_id)

    def run(self) -> Replay:
        """Go through the form from its first item to its last candidate."""
        begun: set[str] = set()
        line: list[tuple[str, Check | None]] = []
        for at, item in enumerate(self.plain.items):
            if item["section"] not in begun:
                begun.add(item["section"])
                self.card(item["section"], at)
            self.place(at)
            line += [(key, None) for key in self.opens]
            line += [(f"!{check['id']}", check) for check in self.plain.closing.get(at, [])]
            self.opens = []
        for check in self.plain.checks:
            if truth(check["when"], self.look) is True:
                self.fired.append(check["id"])
        self.opens = [key for key, check in line if check is None or self.doubtful(check)]
        for candidate in self.plain.candidates:
            self.suspect(candidate)
        return self

    def look(self, name: str) -> Any:
        return self.facts.get(name, self.given.get(name))

    def place(self, at: int) -> None:
        """The question at one place of the form; all rows of a roster at its first item."""
        items = self.plain.items
        item, roster = items[at], items[at].get("repeat")
        if roster is None:
            self.item(item, None, item["id"], self.offered(item))
        elif items[at - 1].get("repeat") != roster:
            self.rows(self.plain.rosters[roster], [i for i in items if i.get("repeat") == roster])

    def item(self, item: Item, row: dict[str, Any] | None, key: str, offered: list[Any]) -> None:
        """One question in one row (None: of the household); `offered` holds what may be taken, or nothing."""
        offered = [self.keeping[key]] if key in self.keeping and row is None else offered

        def look(name: str) -> Any:
            return row[name] if row is not None and name in row else self.look(name)

        def sound(value: Any) -> bool:
            tests = (c["test"] for c in item.get("check", []) if value is not None)
            return all(
                truth(tree(t), lambda n: value if n == "value" else look(n)) is not False for t in tests
            )

        name, into = item["fact"], self.facts if row is None else row
        if "ask_if" in item and truth(tree(item["ask_if"]), look) is not True:
            self.given.pop(name, None)
        elif "calc" in item:
            into[name] = truth(tree(item["calc"]), look)
        elif key in self.answers:
            self.relevant.append(key)
            if sound(self.answers[key]):
                into[name] = self.answers[key]
            else:
                self.opens.append(key)
        elif item["kind"] in EVIDENCE:
            pass
        elif offered and sound(offered[0]) and (silent(item) or self.trial or key in self.keeping):
            into[name] = self.kept[key] = offered[0]
            if item.get("keep") != "silent":
                self.affirmed.append(key)
        else:
            self.relevant.append(key)
            self.opens.append(key)

    def offered(self, item: Item) -> list[Any]:
        """What the file may answer for the household, in a list of one; nothing in an empty one."""
        if item.get("keep") == "never":
            return []
        if "default" in item:
            return [self.context.today]
        known = self.context.known.get(item["fact"])
        if known is None:
            before = self.look(item["like"]) if "like" in item else None
            return [] if before is None else [before]
        only = item.get("keep_only", known.value)
        return [known.value] if known.way == "keep" and known.value in (only, [only]) else []

    def rows(self, roster: Mapping[str, Any], items: list[Item]) -> None:
        """Every row of a roster; those of the file are taken only when it has as many."""
        count = self.look(next(i["fact"] for i in self.plain.items if i["id"] == roster["count"]))
        if count is None:
            return
        known = self.context.known.get(roster["id"])
        filed = known.value if known is not None and known.way == "keep" and len(known.value) == count else []
        rows: list[dict[str, Any]] = [{} for _ in range(min(count, 60))]
        self.facts[roster["id"]] = rows
        for number, row in enumerate(rows, 1):
            for item in items:
                value = filed[number - 1].get(item["fact"]) if filed else None
                only = item.get("keep_only", value)
                usable = value is not None and item.get("keep") != "never" and value in (only, [only])
                self.item(item, row, f"{item['id']}#{number}", [value] if usable else [])
        for item in items:
            if "fold" in item:
                self.facts[item["fold"]["fact"]] = truth(tree(item["fold"]["calc"]), self.look)

    def card(self, section: str, at: int) -> None:
        """What would be kept of a section if everything offered were: more than one thing makes a card."""
        if section not in self.plain.recalled or f"={section}" in self.confirmed or not self.context.known:
            return
        trial = Replay(self.form_id, self.answers, self.confirmed, self.context, dict(self.facts), trial=True)
        trial.given = dict(self.given)
        for later, item in enumerate(self.plain.items[at:], at):
            if item["section"] != section:
                break
            trial.place(later)
        if len(trial.affirmed) > 1:
            self.cards[section] = {key: trial.kept[key] for key in trial.affirmed}
            self.opens.append(f"={section}")

    def held(self, ids: list[str]) -> list[Any]:
        """The answers on which a decision about these items rests."""
        keys = [key for key in self.relevant if key.partition("#")[0] in ids and key in self.answers]
        return [[key, self.answers[key]] for key in keys]

    def doubtful(self, check: Check) -> bool:
        if check["level"] == "info" or check["id"] not in self.fired:
            return False
        return bool(self.confirmed.get(check["id"]) != self.held(check["items"]))

    def suspect(self, candidate: Mapping[str, Any]) -> None:
        """A candidate that holds, unless it is in the ledger or was dismissed on the same grounds."""
        problem, context = candidate["problem"], self.context
        if truth(tree(candidate["when"]), self.look) is not True or problem in context.settled:
            return
        persons: list[str] = []
        if "who" in candidate:
            title = self.plain.rosters[candidate["roster"]]["title"]
            for row in self.look(candidate["roster"]) or []:
                concerned = truth(tree(candidate["who"]), lambda n, row=row: row.get(n) or self.look(n))  # type: ignore[misc]
                persons += [row[title]] if concerned is True and row.get(title) else []
        if problem in context.dismissed and context.dismissed[problem] == self.grounds(candidate, persons):
            return
        self.suspected[problem] = persons
        decision = self.confirmed.get(f"?{problem}")
        if decision is None or decision["held"] != self.held(candidate["items"]):
            self.opens.append(f"?{problem}")

    def grounds(self, candidate: Mapping[str, Any], persons: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {"persons": persons} if persons else {}
        for item in (i for i in self.plain.items if i["id"] in candidate["items"]):
            if "repeat" not in item:
                found[item["fact"]] = self.look(item["fact"])
            else:
                rows = self.look(item["repeat"]) or []
                found[f"{item['repeat']}.{item['fact']}"] = [row.get(item["fact"]) for row in rows]
        return {name: value for name, value in found.items() if value is not None and value != []}


def silent(item: Item) -> bool:
    return item.get("keep") == "silent" or "default" in item


@dataclass(frozen=True)
class PlainForm:
    """A form file with every `each` written out, and where its checks are asked."""

    items: Sequence[Item]
    rosters: Mapping[str, Mapping[str, Any]]
    recalled: frozenset[str]
    checks: Sequence[Check]
    closing: Mapping[int, list[Check]]
    """The checks that are asked after the item at each place."""
    candidates: Sequence[Mapping[str, Any]]


@cache
def plain_form(form_id: str) -> PlainForm:
    data = {
        name: written_out(found) for name, found in tables(f"forms/{form_id}.toml").items() if name != "form"
    }
    items = [{"section": "", **item} for item in data["item"]]
    places = {item["id"]: at for at, item in enumerate(items)}
    ends = {item["repeat"]: at for at, item in enumerate(items) if "repeat" in item}
    figures = {item["fact"]: item["id"] for item in items if "calc" in item and "repeat" not in item}
    checks: list[Check] = []
    for item in items:
        limits = [f"{item['fact']} {sign} {item[key]}" for key, sign in LIMITS.items() if key in item]
        if limits and item["kind"] in NUMBERS:
            test = " or ".join(limits)
            when = tree(f"any({item['repeat']}, {test})" if "repeat" in item else test)
            checks.append({"id": f"{item['id']}.range", "level": "warn", "when": when, "items": [item["id"]]})
    checks += [{**check, "when": tree(check["when"])} for check in data.get("check", [])]
    closing: dict[int, list[Check]] = {}
    for check in checks:
        read = {node.id for node in ast.walk(check["when"]) if isinstance(node, ast.Name)}
        named = [*check["items"], *(figures[name] for name in read if name in figures)]
        at = [ends.get(items[places[id]].get("repeat"), places[id]) for id in named]
        closing.setdefault(max(at, default=len(items) - 1), []).append(check)
    return PlainForm(
        items,
        {roster["id"]: roster for roster in data.get("roster", [])},
        frozenset(section["id"] for section in data["section"] if section.get("recall")),
        checks,
        closing,
        data.get("candidate", []),
    )


def written_out(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables with `each` repeated for its values, neighbours with the same values going round together."""
    out: list[dict[str, Any]] = []
    for values, block in groupby(found, key=lambda table: table.get("each", [None])):
        text = json.dumps([{key: value for key, value in table.items() if key != "each"} for table in block])
        for value in values:
            out += json.loads(text.replace("{Y}", str(value)) if value is not None else text)
    return out


def section_of(form_id: str, key: str) -> str:
    """The section in which something is asked, by its key; "" for a candidate of the ledger."""
    plain = plain_form(form_id)
    if key[0] in "=?":
        return key[1:] if key[0] == "=" else ""
    ids = [key.partition("#")[0]]
    if key[0] == "!":
        ids = next(check["items"] for check in plain.checks if check["id"] == key[1:])
    return str([item["section"] for item in plain.items if item["id"] in ids][-1])
