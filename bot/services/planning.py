"""A household's plan: drawn up from facts, verdict and duties, kept by version, sent as summary and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.messages import TEMPLATES, Messages
from bot.render.plan_view import PlanView
from bot.services import auditing, entitled, home, plan_copies
from bot.services.household_file import Dossier, read_file
from bot.services.judging import Judged, judged
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.plan_content import plan_view
from bot.services.why import Difference, Turn, difference, turns
from bot.storage import plans, visibility
from bot.storage.interviews import Interview
from bot.storage.subjects import Subject

VERDICT: Final = ("card", "reasons", "why_not", "flags", "to_verify")
"""The parts of a plan that tell the verdict."""


@lru_cache(maxsize=1)
def summaries() -> Messages:
    """The chat summaries of `templates/plans`."""
    return Messages(TEMPLATES / "plans")


def summary(view: PlanView) -> str:
    """The summary of a plan for a phone (outputs.md O-03)."""
    return summaries().say("summary.summary", plan=view)


async def draw_up(conn: AsyncConnection, task: Task, result: Judged, interview: Interview) -> None:
    """Make the next version of the plan, tell the verdict with its reasons, and offer the paper.

    They are told to whoever is in charge of the household.
    """
    view = await plan_view(conn, task.office, result, task.now, task.changed)
    text, shown = summary(view), _plain(asdict(view))
    household = result.dossier.household.id
    before = await plan_before(conn, task, household, view)
    snapshot = {"interview": interview.id, "view": shown}
    await plans.add(conn, plans.NewPlan(household, snapshot, text, task.now, interview.id))
    if not await entitled.whole(conn, task, Subject("household", household)):
        return  # a department that told what it did: the plan is for whoever is in charge
    if before is not None and told_before(before, shown):
        name = result.explanation.name
        said = task.say("planning.unchanged", scheme=view.scheme, name=name, to_verify=len(view.to_verify))
    else:
        said = verdict_text(task, result, view, await difference(conn, task.office, result))
    task.send(Message(said, slot="verdict"))
    if result.verdict.verdict is not None:
        task.send(Message(text, buttons(task, result.dossier), slot="plan"))


async def plan_before(conn: AsyncConnection, task: Task, household: int, view: PlanView) -> plans.Plan | None:
    """The household's last plan under the same scheme."""
    if len(task.office.schemes) == 1:
        return (await plans.latest(conn, [household])).get(household)
    made = await plans.history(conn, household)
    return next((plan for plan in reversed(made) if plan.snapshot["view"]["scheme"] == view.scheme), None)


def told_before(before: plans.Plan, shown: Mapping[str, object]) -> bool:
    """Whether the plan before gave the same card for the same reasons: then they are not said again."""
    view = before.snapshot["view"]
    return all(view.get(part) == shown[part] for part in VERDICT)


def verdict_text(
    task: Task,
    result: Judged,
    view: PlanView,
    since: Difference | None = None,
    would: Sequence[Turn] = (),
) -> str:
    """The verdict, why, why not another one, and what is still to be asked.

    With `since` what changed, and with `would` what would change it.
    """
    explanation = result.explanation
    outcome = result.pack.outcome_by_id.get(explanation.verdict or "")
    return task.say(
        "planning.verdict",
        scheme=view.scheme,
        several=len(task.office.schemes) > 1,
        secret=result.pack.scheme.secret,
        household=result.dossier.name(task.office),
        name=explanation.name,
        sentence=explanation.sentence,
        clause=task.office.content.clauses.say(explanation.clause),
        reasons=[(reason.sentence, reason.clause) for reason in view.reasons],
        guarantors=[] if outcome is None else outcome.guarantors,
        hints=[hint.text for hint in explanation.hints],
        why_not=[(other.card, other.sentence) for other in view.why_not],
        refused=[(each.name, each.reason, each.clause) for each in view.refused],
        to_verify=view.to_verify,
        since=since,
        would=would,
    )


def buttons(task: Task, dossier: Dossier) -> tuple[tuple[Button, ...], ...]:
    """What one can do with a plan."""
    household = dossier.household.id
    return rows_of(
        [
            Button(task.say("buttons.full_paper"), f"f:{household}"),
            Button(task.say("buttons.why"), f"p:{household}:why"),
            Button(task.say("buttons.household"), f"h:{household}"),
        ],
        width=16,
    )


async def tapped(conn: AsyncConnection, task: Task, kind: str, rest: str) -> None:
    """Buttons "p:household" (summary), "p:household:why", "f:household" (papers), "f:household:paper"."""
    id, _, what = rest.partition(":")
    if await entitled.refused(conn, task, Subject("household", int(id))):
        return
    dossier = await read_file(conn, task.office, int(id), task.now)
    shown = {"p": "plan", "f": "paper"}[kind] if what != "why" else "reasons"
    auditing.note(task, "seen", Subject("household", int(id)), shown=shown)
    remember(task, dossier)
    if kind == "f":
        if what:
            await plan_copies.send_first_page(conn, task, dossier, what)
        else:
            await plan_copies.send_all(conn, task, dossier)
        return
    for scheme in task.office.schemes:
        result = judged(task.office, scheme, dossier)
        view = await plan_view(conn, task.office, result, task.now)
        if what == "why":
            since = await difference(conn, task.office, result)
            said = verdict_text(task, result, view, since, turns(task.office, result))
            task.send(Message(said, slot="verdict"))
        else:
            task.send(Message(summary(view), buttons(task, dossier), slot="plan"))


def remember(task: Task, dossier: Dossier) -> None:
    """Keep in mind which household was shown last: "full text" without a name means its paper."""
    task.look_at(view={**task.chat.view, "household": dossier.household.id})


async def by_name(conn: AsyncConnection, task: Task, words: str, kind: str) -> None:
    """ "Summary" (p) or "full text" (f), alone for the household shown last, or with a name.

    When the name fits several households, they are offered to choose from.
    """
    household = task.chat.view.get("household")
    if words:
        page = await visibility.find(conn, task.me.id, task.now, words=words, size=1)
        if page.total != 1:
            await home.search(conn, task, words)
            return
        household = page.items[0].id
    if not isinstance(household, int):
        task.reply(Message(task.say("planning.which")))
        return
    await tapped(conn, task, kind, str(household))


def _plain(value: object) -> Any:
    """Dates and tuples as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else value
