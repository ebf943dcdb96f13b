"""One turn of the dialogue engine for an interview as it is stored."""

from __future__ import annotations

from datetime import datetime

from bot.dialogs import paper_answers
from bot.dialogs.context import Context
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.dialogs.reply import Reply
from bot.dialogs.session import Session
from bot.services.household_file import HouseholdFile
from bot.services.office import Office
from bot.services.presenting import Presenter
from bot.storage.interviews import Interview


def context(office: Office, interview: Interview, now: datetime) -> Context:
    """What the interview may read besides its answers: the file as it was when it began."""
    file = HouseholdFile.from_json(interview.context)
    # A check begun on the last of a month and handed in on the first belongs to the day of the visit.
    begun = office.today(interview.started_at)
    return Context(
        office.today(now).isoformat(),
        office.clock(now),
        office.content.form_parameters(begun),
        file.rosters,
        file.values,
        frozenset(file.settled),
        file.dismissed,
        begun.isoformat(),
    )


def turn(office: Office, form: Form, interview: Interview, reply: Reply, now: datetime) -> Turn:
    """The turn that a reply brings; a message of answers from paper is taken as such."""
    session, words = Session.from_json(interview.session), office.content.vocabulary
    return paper_answers.respond(form, session, reply, context(office, interview, now), words)


def presenter(office: Office, form: Form, interview: int) -> Presenter:
    """Says the turns of an interview."""
    return Presenter(office.content.messages, form, interview, office.content.ledger.names)
