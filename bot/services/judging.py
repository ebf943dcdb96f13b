"""A household under a scheme: the verdict of its rules, kept with everything it rested on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.changes import remembered
from bot.rules.decide import Verdict, decide
from bot.rules.explain import Explanation, explain
from bot.rules.facts import questions_for
from bot.rules.pack import Pack
from bot.rules.sentences import Teller
from bot.rules.still_open import still_open
from bot.rules.updates import current
from bot.services import auditing
from bot.services.household_file import Dossier
from bot.services.office import Office, Task
from bot.storage import verdicts
from bot.storage.interviews import Interview
from bot.storage.subjects import Subject

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
    earlier = (await verdicts.latest(conn, [kept.household_id], scheme)).get(kept.household_id)
    await verdicts.add(conn, [kept])
    auditing.note(
        task,
        "judged",
        Subject("household", kept.household_id),
        scheme=scheme,
        pack=kept.pack_version,
        row=kept.row,
        old=None if earlier is None else earlier.verdict,
        new=kept.verdict,
    )
    return result


def recalled(pack: Pack, kept: verdicts.Verdict) -> Verdict:
    """A kept verdict as it was given: from its own answers and parameters, whatever holds today."""
    return remembered(
        pack,
        kept.on,
        verdict=None if kept.verdict == TO_VERIFY else kept.verdict,
        row=kept.row,
        answers=kept.facts,
        numbers=kept.numbers,
        parameters=kept.parameters,
        flags=kept.flags,
        missing=kept.missing,
    )


def open_questions(office: Office, result: Judged) -> list[tuple[str, str]]:
    """(form, question) for everything that can still turn the verdict, in the order of asking.

    What no questionnaire asks (it is ticked by hand) stands last, without a form, as the rules say it.
    """
    pack, registry = result.pack, office.content.registry
    asked: dict[tuple[int, str, int], str] = {}
    ticked: dict[str, None] = {}
    for name in questions_for(still_open(pack, result.verdict), registry, result.facts):
        info = registry.get(name)
        if info is None or not info.items:
            ticked.update(dict.fromkeys(_as_fact(result, name)))
            continue
        place, label = min(_asked_at(office, pack, item) for item in info.items)
        asked.setdefault(place, label)
    return [(place[1], asked[place]) for place in sorted(asked)] + [("", said) for said in ticked]


def _asked_at(office: Office, pack: Pack, name: str) -> tuple[tuple[int, str, int], str]:
    """Where an item is asked (place of its form for the scheme, form, place in the form), and its label."""
    form_id, _, item_id = name.partition(".")
    form, forms = office.content.form(form_id), pack.scheme.forms
    rank = forms.index(form_id) if form_id in forms else len(forms)
    return (rank, form_id, form.order[item_id]), form.by_id[item_id].label


def _as_fact(result: Judged, name: str) -> Iterator[str]:
    """What the rules say while an answer is open that no questionnaire asks for."""
    pack = result.pack
    for fact in pack.deciding:
        rule = pack.facts[fact]
        if name in rule.reads and result.verdict.truths[fact] is None:
            yield rule.unknown.fill(Teller(result.verdict.values, pack.registry, pack.words))
            return
