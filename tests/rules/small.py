"""Packs of a few lines, for tests that try out every household there can be."""

from __future__ import annotations

import tomllib
from datetime import date

from bot.rules.facts import MANY, FactInfo, Registry
from bot.rules.loading import Surroundings, load_pack
from bot.rules.pack import Pack

DAY = date(2020, 4, 20)
YES_NO = {1: "是", 2: "否"}
ASKED: Registry = {
    "status": FactInfo("select_one", {1: "在册", 2: "不在册"}),
    "car": FactInfo("select_one", YES_NO),
    "house": FactInfo("select_one", {1: "安全", 2: "不安全", 3: "没鉴定"}),
    "causes": FactInfo(MANY, {1: "因病", 2: "因灾", 3: "因学", 0: "无"}),
    "income": FactInfo("integer", unit="元"),
    "spent": FactInfo("integer", unit="元"),
    "earned": FactInfo("integer", unit="元"),
    "people": FactInfo("integer", unit="人"),
    "note": FactInfo("text"),
}
"""What the small packs may read."""

HEAD = """
[scheme]
id = "small"
name = "小表"
from = 2020-01-01
forms = ["one", "two"]
to_verify = "还没问清"

[[verdict]]
id = "bad"
name = "困难"
rank = 1
settled = "仍是困难"
clause = "1"

[[verdict]]
id = "middling"
name = "一般"
rank = 2
settled = "仍是一般"
clause = "1"

[[verdict]]
id = "good"
name = "良好"
rank = 3
settled = "仍是良好"
clause = "1"

[[parameter]]
id = "line"
unit = "元"
values = [{ from = 2020-01-01, value = 10, clause = "1" }, { from = 2021-01-01, value = 12, clause = "2" }]
"""
SHARED = {"words.toml": {"words": {"comma": "、", "unknown": "未知"}}}


def fact(id: str, how: str, given: bool = False) -> str:
    """A fact with sentences made of its id."""
    words = f'yes = "{id} 成立"\nno = "{id} 不成立"\nunknown = "{id} 不清楚"\nclause = "{id} 条"'
    return f'[[fact]]\nid = "{id}"\n{how}\n{words}\n' + ("given = true\n" if given else "")


def row(id: str, verdict: str, *when: str) -> str:
    """A row with a reason made of its id."""
    conditions = ", ".join(f'"{each}"' for each in when)
    return (
        f'[[row]]\nid = "{id}"\nverdict = "{verdict}"\nwhen = [{conditions}]\nreason = "{id}"\nclause = "1"\n'
    )


def small(*parts: str) -> Pack:
    """The pack of these facts and rows, with one parameter and three verdicts."""
    data = tomllib.loads("\n".join((HEAD, *parts)))
    used = {each["verdict"] for each in data["row"]}
    data["verdict"] = [each for each in data["verdict"] if each["id"] in used]
    pack, problems = load_pack(data, Surroundings(SHARED), ASKED)
    assert problems == []
    assert pack is not None
    return pack


THREE_WAYS = small(
    fact("listed", 'test = "status == 1"', given=True),
    fact("poor", 'test = "income < line"'),
    fact("very_poor", 'test = "income < line / 2"'),
    fact("has_car", 'test = "car == 1"'),
    fact("ill", 'test = "has(causes, 1)"'),
    fact("struck", 'test = "has(causes, 2)"'),
    fact("cause", 'any_of = ["ill", "struck"]'),
    row("unlisted", "good", "-listed"),
    row("rich", "good", "listed", "-poor"),
    row("helped", "bad", "listed", "poor", "-very_poor", "cause", "-has_car"),
    row("no_cause", "middling", "listed", "poor", "-very_poor", "-cause"),
    row("car", "middling", "listed", "poor", "-very_poor", "cause", "has_car"),
    row("lost", "bad", "listed", "poor", "very_poor"),
)
"""A status that is given, an income with two lines, a car, and two causes of three."""

SUMS = """
[[number]]
id = "left"
is = "earned - spent"
unit = "元"
clause = "1"

[[number]]
id = "a_head"
is = "left / people if blank(income) else income"
unit = "元"
clause = "1"
"""

RECKONED = small(
    SUMS,
    fact("short", 'test = "a_head < line"'),
    fact("beyond", 'test = "spent > 2 * earned"'),
    row("both", "bad", "short", "beyond"),
    row("one", "middling", "short", "-beyond"),
    row("other", "middling", "-short", "beyond"),
    row("neither", "good", "-short", "-beyond"),
)
"""A figure that is calculated or told, and two figures held against each other."""

HOUSED = small(
    fact(
        "roof",
        'ok = "(house == 1 or (car == 1 and people >= 3)) and people <= 8"\n'
        'fail = "house == 2 or people > 8"',
    ),
    fact("poor", 'test = "income < line"'),
    fact("ill", 'test = "has(causes, 1)"'),
    fact(
        "struck",
        'ok = "has(causes, 2) and spent > earned"\nfail = "not has(causes, 2) or spent <= earned"',
    ),
    fact("trouble", 'any_of = ["ill", "struck"]'),
    row("worst", "bad", "-roof", "poor"),
    row("troubled", "bad", "roof", "poor", "trouble"),
    row("calm", "middling", "roof", "poor", "-trouble"),
    row("rich", "good", "-poor"),
)
"""Facts that rest on several answers each, which some of them settle alone."""
