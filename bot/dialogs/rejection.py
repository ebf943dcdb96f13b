"""Why a reply was not taken: a value that the engine turns into a kind sentence, never an exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

Reason: TypeAlias = Literal[
    # any kind
    "empty",  # nothing was written
    "too_long",  # limit: most characters taken
    "needs_answer",  # "don't know" was said, and this item must be answered
    "constraint",  # text: the form's own sentence about what must hold
    # the conversation itself
    "no_such_choice",  # last: highest number of the choices offered
    "no_such_item",  # what: as typed; near: a printed number that begins alike
    "not_asked",  # what: a question that this household is not asked
    "at_start",  # there is no question before
    "at_review",  # all questions are answered: what is said here is no answer
    "not_complete",
    "not_ready",
    # numbers
    "not_a_number",
    "not_exact",  # "several hundred", "3 to 5": one exact figure is needed
    "not_whole",
    "wrong_unit",  # said: unit of the reply; unit: unit of the item
    "out_of_range",  # low, high, unit
    "amount_suspicious",  # value, unit: probably yuan where ten thousands of yuan are meant, or the reverse
    # names
    "not_a_name",  # nothing but figures
    # days
    "not_a_date",
    "not_a_month",
    "not_a_year",
    "not_a_time",  # a day was read, the time after it was not
    "no_such_date",  # a day that the calendar does not have, such as 30 February
    "lunar_date",  # given by the farmers' calendar
    "in_future",  # latest: ISO date
    # choices
    "not_an_option",  # options: [[code, label], ...]; said: the piece that was not found
    "not_in_words",  # a photo or a location was to be sent, and words were
    "nothing_to_show",  # a photo or a location where no question asks for one
    "nothing_to_append",  # the answer just given is no text
    "no_such_section",  # what: what was said
    "ambiguous",  # candidates: [[code, label], ...] for choices; numbers or times of day otherwise
    "too_many",  # maximum, chosen
    "too_few",  # minimum, chosen
    "excludes_others",  # label, code: the choice that stands alone
    # identity numbers and telephones; never with the number itself
    "id_characters",
    "id_length",  # length: how many there were; expected
    "id_old",  # a 15-digit number of before 1999: the 18-digit number is on the present card
    "id_date",
    "id_check_digit",
    "phone_characters",
    "phone_length",  # length: how many there were
    "phone_prefix",  # the right length, but no mobile or area code begins like this
    "phone_area_code",  # a local number without its area code
]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A reply that was not taken, with what its sentence needs; `params` are plain JSON values."""

    reason: Reason
    params: Mapping[str, JSON] = field(default_factory=dict)


def reject(reason: Reason, **params: JSON) -> Rejected:
    """A `Rejected` written the short way: `reject("too_many", maximum=3)`."""
    return Rejected(reason, params)
