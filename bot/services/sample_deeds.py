"""One deed of the practice county: a questionnaire handed in, or a step of a procedure taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.services.office import Task
from bot.services.sample_playing import Player
from bot.storage import cases, verdicts
from bot.storage.cases import Case
from bot.storage.regions import Region
from bot.storage.subjects import Subject

CARD: Final = "@card"
"""An answer that stands for the card which the rules propose, by its code in questionnaires."""
YES: Final = "yes"


@dataclass(frozen=True, slots=True)
class Home:
    """A household of the sample: its number in its village, whose care it is in, what is true of it."""

    id: int
    number: int
    family: str
    helper: str
    over: tuple[Region, ...]
    """County, town and village, from the top."""
    true: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody does about a household at a moment; `place` is where the file tells of it."""

    at: datetime
    place: int
    home: Home
    who: str
    table: Mapping[str, Any]


async def play(player: Player, deed: Deed) -> None:
    """Do it as in the chat; what the household has not come so far for is left out."""
    task = player.task(deed.who, deed.at)
    if "form" in deed.table:
        await player.tap(task, f"n:{deed.home.id}:{deed.table['form']}")
        await player.fill(task, await _true(player, deed), hand_in=not deed.table.get("half", False))
    elif not await _step(player, task, deed):
        return
    await player.done(task)


async def _true(player: Player, deed: Deed) -> dict[str, Any]:
    """What is true for this deed, the proposed card put in."""
    true = {**deed.home.true, **deed.table.get("facts", {})}
    names = [name for name, value in true.items() if value == CARD]
    if names:
        code = await _card(player, deed.home.id)
        true |= dict.fromkeys(names, code)
    return true


async def _card(player: Player, household: int) -> int | None:
    """The code of the household's card among the options of questionnaires, in the order of the outcomes."""
    scheme = player.office.schemes[0]
    found = (await verdicts.latest(player.conn, [household], scheme)).get(household)
    name = None if found is None else _outcome(player, scheme, found.verdict)
    options = player.office.content.registry["proposed_card"].options
    return next((code for code, label in options.items() if label == name), None)


def _outcome(player: Player, scheme: str, verdict: str) -> str | None:
    outcomes = player.office.content.packs[scheme].outcomes
    return next((each.name for each in outcomes if each.id == verdict), None)


async def _step(player: Player, task: Task, deed: Deed) -> bool:
    """Take a step of the household's case, or open one; False when there is nothing to take it on."""
    procedure, _, id = str(deed.table["step"]).partition(":")
    known = player.office.content.procedures[procedure]
    step = known.step_by_id[id]
    case = await _case(player, deed, procedure)
    opening = not step.before
    if opening == (case is not None and bool(case.open)) or (
        case is not None and not _fits(case, step.before)
    ):
        return False
    if opening and step.form and procedure == "problem":
        data = f"n:{deed.home.id}:{step.form}"
    elif opening:
        data = f"w:h{deed.home.id}:{procedure}:{id}"
    else:
        assert case is not None
        data = f"w:{case.id}:{id}"
    await player.tap(task, data)
    if task.interview is not None:
        true = {**step.known, **await _true(player, deed)}
        await player.fill(task, true)
    elif "words" in deed.table:
        await player.say(task, deed.table["words"])
    else:
        await player.tap(task, f"{data}:{YES}")
    moved = await _case(player, deed, procedure)
    if moved is None or moved.state != deed.table["to"]:
        raise player.stuck(task, f"{deed.table['step']} ({'' if moved is None else moved.state})")
    return True


def _fits(case: Case, before: tuple[str, ...]) -> bool:
    """Whether the case stands where the step begins."""
    return not before or case.state in before


async def _case(player: Player, deed: Deed, procedure: str) -> Case | None:
    """The latest case of this procedure about the household."""
    found = await cases.of_subject(player.conn, Subject("household", deed.home.id))
    mine = [case for case in found if case.procedure == procedure]
    return mine[-1] if mine else None
