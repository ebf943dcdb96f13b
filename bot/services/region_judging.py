"""A village under a scheme about villages: what it lacks, and whether it reaches what the county asks for."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogs.form import Form
from bot.expressions import Value
from bot.rules.decide import decide
from bot.rules.explain import explain
from bot.services.office import Task
from bot.services.outgoing import Message
from bot.services.subject_file import RegionDossier


def tell(task: Task, form: Form, before: RegionDossier, found: Mapping[str, Value]) -> None:
    """Say what the county's schemes about regions find in what was handed in; nothing is stored of it."""
    content = task.office.content
    facts = {fact.name: fact.value for fact in before.facts if fact.row == 0}
    for pack in (content.packs[scheme] for scheme in content.county.schemes):
        if pack.scheme.subject != "region" or form.id not in pack.scheme.forms:
            continue
        verdict = decide(pack, {**facts, **found}, task.today)
        explanation = explain(pack, verdict)
        text = task.say(
            "region.verdict",
            scheme=pack.scheme.name,
            name=before.name(task.office),
            verdict=explanation.name,
            sentence=explanation.sentence,
            clause=content.clauses.say(explanation.clause),
            lacks=[hint.text for hint in explanation.hints],
            open_=[reason.sentence for reason in explanation.reasons if explanation.name is None],
        )
        task.send(Message(text, slot="verdict"))
