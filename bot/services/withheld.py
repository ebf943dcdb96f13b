"""What a household is not told of what is on record about it: the standing under a secret scheme (R-YB-08).

A scheme may forbid that its verdict is told to the household (004:331), in whatever form. Left out are its
verdicts, plans, cases and duties, the answers that name the verdict, and every record whose words do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from bot.dialogs.form import Form
from bot.services.office import Office
from bot.storage.one_household import strings

Rows: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]


def without_secrets(office: Office, rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows by table that the household may have; as they are where no scheme is secret."""
    content = office.content
    packs = [pack for pack in content.packs.values() if pack.scheme.secret]
    secret = {pack.scheme.id for pack in packs}
    if not secret & ({each["scheme"] for each in rows.get("verdicts", ())} | set(office.schemes)):
        return {table: [dict(row) for row in each] for table, each in rows.items()}
    names = {outcome.name for pack in packs for outcome in pack.outcomes}
    words = names | {pack.scheme.name for pack in packs}
    begun = rows.get("interviews", ())
    forms = {each["id"]: content.form(each["form"], each["version"]) for each in begun}
    asked = {id: _telling(form, names) for id, form in forms.items()}
    facts = {form.by_id[item].fact for id, form in forms.items() for item in asked[id]}
    ours = {id for id, procedure in content.procedures.items() if procedure.scheme in secret}
    cases = {each["id"] for each in rows.get("cases", ()) if each["procedure"] in ours}

    def told(table: str, row: Mapping[str, Any]) -> bool:
        match table:
            case "verdicts":
                return row["scheme"] in secret
            case "cases":
                return row["id"] in cases
            case "facts":
                return row["name"] in facts
            case "answer_log":
                return row["key"].partition("#")[0] in asked[row["interview_id"]]
            case "interviews":
                return False
            case "duties" if row["frequency"].partition(":")[0] in secret:
                return True
        return row.get("case_id") in cases or any(word in text for text in strings(row) for word in words)

    kept = {table: [dict(row) for row in each if not told(table, row)] for table, each in rows.items()}
    for row in kept.get("interviews", []):
        hidden = asked[row["id"]] | facts
        row |= {"session": _cut(row["session"], hidden), "context": _cut(row["context"], hidden)}
    return kept


def _telling(form: Form, names: set[str]) -> set[str]:
    """The questions of a form whose answer is a verdict."""
    return {id for id, item in form.by_id.items() if names & {option.label for option in item.options}}


def _cut(value: Any, keys: set[str]) -> Any:
    """The value without what stands under one of these keys, however deep."""
    if isinstance(value, Mapping):
        return {key: _cut(each, keys) for key, each in value.items() if key.partition("#")[0] not in keys}
    return [_cut(each, keys) for each in value] if isinstance(value, list) else value
