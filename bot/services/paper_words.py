"""What came of a message of answers typed from paper, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogs.effects import Answered, LeftOut, NotTaken, TakenFromPaper
from bot.dialogs.form import Form, Item, Step
from bot.dialogs.numbering import numbering
from bot.dialogs.rejection import Rejected
from bot.render.messages import Messages
from bot.services.values import shown


def from_paper(
    effect: TakenFromPaper,
    form: Form,
    messages: Messages,
    why: Callable[[Step | None, Rejected], str],
) -> str:
    """What was taken, refused and left out, by number; `why` says a refusal as the chat always does."""
    names = numbering(form)

    def code(item: Item, row: int | None = None) -> str:
        return names.code(item) if row is None else f"{names.code(item)}#{row}"

    def taken(answered: Answered) -> str:
        item = answered.step.item
        assert item is not None
        value = shown(item, answered.value, messages)
        return messages.say("interview.paper_taken", no=code(item, answered.step.row), value=value)

    def refused(each: NotTaken) -> str:
        if each.step is None:
            return messages.say("interview.paper_unknown", no=each.said)
        said = why(each.step, each.rejection).splitlines()
        return messages.say("interview.paper_refused", no=each.said, why="".join(said))

    def left_out(each: LeftOut) -> str:
        waits_for = "" if each.waits_for is None else code(each.waits_for)
        return messages.say(
            "interview.paper_left_out", no=each.said, kind=each.item.kind, waits_for=waits_for
        )

    return messages.say(
        "interview.from_paper",
        taken=[taken(each) for each in effect.taken],
        refused=[refused(each) for each in effect.refused],
        left_out=[left_out(each) for each in effect.left_out],
    )
