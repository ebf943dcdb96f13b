"""A household under a scheme: the verdict of its rules, kept with everything it rested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.decide import Verdict, decide
from bot.rules.explain import Explanation, explain
from bot.rules.facts import questions_for
from bot.rules.pack import Pack
from bot.rules.updates import current
from bot.services.household_file import Dossier
from bot.services.office import Office, Task
from bot.storage import verdicts
from bot.storage.interviews import Interview

TO_VERIFY = "to_verify"
"""How storage names a verdict that cannot be given yet."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A household with its verdict and the reasons."""

    pack: Pack
    dossier: Dossier
    facts: Mapping[str, Value]
    verdict: Verdict
    explanation: Explanation


def facts_of(office: Office, pack: Pack, dossier: Dossier) -> dict[str, Value]:
    """What the rules of the pack read of a household: of everything the answer of the latest day."""
    parameters = office.content.form_parameters(dossier.today)
    return current(pack.updates, dossier.all_facts(), dossier.moments(), parameters, dossier.today)


def judged(office: Office, scheme: str, dossier: Dossier) -> Judged:
    """Classify the household on the dossier's day; nothing is stored."""
    pack = office.content.packs[scheme]
    found = facts_of(office, pack, dossier)
    verdict = decide(pack, found, dossier.today)
    return Judged(pack, dossier, found, verdict, explain(pack, verdict))


async def judge(
    conn: AsyncConnection, task: Task, scheme: str, dossier: Dossier, interview: Interview
) -> Judged:
    """Classify the household and keep the verdict beside the earlier ones."""
    result = judged(task.office, scheme, dossier)
    verdict = result.verdict
    kept = verdicts.Verdict(
        dossier.household.id,
        scheme,
        verdict.on,
        verdict.verdict or TO_VERIFY,
        verdict.row,
        list(verdict.missing),
        list(verdict.flags),
        dict(verdict.answers),
        dict(verdict.numbers),
        dict(verdict.parameters),
        result.pack.scheme.start.isoformat(),
        interview.id,
        task.now,
    )
    await verdicts.add(conn, [kept])
    return result


def open_questions(office: Office, result: Judged) -> list[tuple[str, str]]:
    """(form, question) for everything that can still turn the verdict, in the order of asking."""
    registry = office.content.registry
    found: dict[str, tuple[str, str]] = {}
    for name in questions_for(result.verdict.missing, registry, result.facts):
        info = registry.get(name)
        if info is None or not info.items:
            continue
        # The latest form that asks for it is the one made for the verdict: cs comes before jd only by name.
        asked_by = min(info.items, key=lambda item: (not item.startswith("cs."), item))
        form_id, _, item_id = asked_by.partition(".")
        found.setdefault(asked_by, (form_id, office.content.form(form_id).by_id[item_id].label))
    return list(found.values())
