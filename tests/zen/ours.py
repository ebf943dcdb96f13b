"""The answers of a household as the packs read them: with what the questionnaires calculate of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.content import Content
from bot.rules.decide import Verdict, decide
from bot.rules.pack import Pack
from bot.rules.parameters import Parameter, values_at
from bot.rules.updates import current

ON = date(2020, 4, 20)
FORMS = ("cs", "gs", "jd", "ys")
"""The questionnaires whose answers the households of these tests have."""


class Facts:
    """What the shipped questionnaires make of answers."""

    def __init__(self, content: Content) -> None:
        self.take(content.parameters)
        forms = [form for (id, _), form in sorted(content.forms.items()) if id in FORMS]
        self.calculated = [(item.fact, item.calc) for form in forms for item in form.items if item.calc]

    def take(self, parameters: Sequence[Parameter]) -> None:
        """Read these parameters of questionnaires from now on."""
        self.parameters = {f"param_{each.id}": each.value(ON) for each in parameters}

    def of(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """These answers and all that follows from them."""
        facts = dict(answers)
        for name, formula in self.calculated:
            if name not in answers:
                value = formula.run(lambda each: facts.get(each, self.parameters.get(each)))
                facts.update({} if value is None else {name: value})
        return facts


class OurRules:
    """One pack, asked for verdicts."""

    def __init__(self, pack: Pack, facts: Facts) -> None:
        self.pack = pack
        self.facts = facts

    def verdict(self, answers: Mapping[str, Any], county: Mapping[str, float | None]) -> Verdict:
        """The verdict for a household in a county that has set these values."""
        facts = current(self.pack.updates, self.facts.of(answers), {}, self.facts.parameters, ON)
        return decide(self.pack, facts, ON, parameters={**values_at(self.pack.parameters, ON), **county})
