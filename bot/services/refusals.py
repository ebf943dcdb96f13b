"""Why a step of a procedure cannot be taken, in words that say what to do."""

from __future__ import annotations

from bot.rules.stepping import Refused
from bot.services.case_notices import post_name
from bot.services.casework import Known
from bot.services.office import Task


def refused(task: Task, found: Known | None, why: Refused) -> str:
    """The sentence for a refusal; of an open case it names whose turn it is."""
    waits = () if found is None else found.procedure.waits_for(found.case.state)
    return task.say(
        "casework.refused",
        why=why.why,
        day="" if why.day is None else why.day.isoformat(),
        waits=[post_name(task, post) for post in waits],
        lacks=why.lacks,
        facts=[] if found is None else _unmet(task, found, why),
    )


def _unmet(task: Task, found: Known, why: Refused) -> list[str]:
    """What the scheme says of the facts that do not hold."""
    pack = task.office.content.packs.get(found.procedure.scheme)
    if pack is None:
        return []
    said = []
    for term in why.terms:
        sentence = pack.facts[term.fact].say(found.around.truth(term.fact))
        said.append(sentence.fill(lambda _: "…"))
    return said
