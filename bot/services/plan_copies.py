"""The whole plan of a household into the chat: the papers to print, and a picture of a paper's first page."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render import paper_blocks, papers
from bot.render.messages import TEMPLATES
from bot.render.page_picture import PIXELS, first_page
from bot.render.pictures import PNG, png
from bot.services import plan_papers, signatures_papers
from bot.services.household_file import Dossier
from bot.services.judging import judged
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.plan_content import for_household, plan_view
from bot.storage import files

GENERAL: Final = "general"
"""The paper of every scheme that has none under its own id: nothing in it belongs to one county."""
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def kinds(conn: AsyncConnection, task: Task, dossier: Dossier) -> list[str]:
    """The papers that the household has: those in sentences by their forms, else those of the schemes."""
    in_sentences = await plan_papers.forms_for(conn, task.office, dossier.household.id)
    rest = [scheme for scheme in task.office.schemes if scheme not in task.office.content.papers]
    return [*in_sentences, *rest]


async def send_all(conn: AsyncConnection, task: Task, dossier: Dossier) -> None:
    """Print the plan for the household and send every paper of it; no file name tells anything of it."""
    found = await kinds(conn, task, dossier)
    for kind in found:
        content, remarks = await made(conn, task, dossier, kind)
        number = dossier.household.id
        name = task.say(
            "planning.file_name",
            day=task.today.isoformat(),
            number=number,
            paper=kind if len(found) > 1 else "",
        )
        id = await files.put(conn, files.NewFile(number, name, WORD, content, task.now))
        text = task.say(
            "planning.paper",
            household=dossier.name(task.office),
            paper=_called(task, kind) if len(found) > 1 else "",
            blanks=remarks[0],
            contradictions=remarks[1],
        )
        look = Button(task.say("buttons.first_page"), f"f:{number}:{kind}")
        task.send(Message(text, rows_of([look]), file_id=id))


async def send_first_page(conn: AsyncConnection, task: Task, dossier: Dossier, kind: str) -> None:
    """A picture of the first page of a paper, for a quick look on a phone."""
    if kind not in await kinds(conn, task, dossier):
        task.reply(Message(task.say("home.old_button")))
        return
    content, _ = await made(conn, task, dossier, kind)
    picture = await asyncio.to_thread(drawn, content)
    number = dossier.household.id
    name = task.say("planning.picture_name", day=task.today.isoformat(), number=number, paper=kind)
    id = await files.put(conn, files.NewFile(number, name, PNG, picture, task.now))
    task.send(Message(task.say("planning.picture", household=dossier.name(task.office)), file_id=id))


def drawn(content: bytes) -> bytes:
    """The first page of a Word file as a PNG."""
    title, blocks = paper_blocks.read(content)
    return png(first_page(title, blocks, footer=""), width=PIXELS)


async def made(
    conn: AsyncConnection, task: Task, dossier: Dossier, kind: str
) -> tuple[bytes, tuple[tuple[str, ...], tuple[str, ...]]]:
    """A paper as a Word file, what is missing in it, and what does not go together."""
    if kind in task.office.content.papers:
        paper = await plan_papers.make(conn, task.office, kind, dossier, task.now)
        under = await signatures_papers.printed(conn, task.office, dossier.household.id, kind)
        if under is None:
            return paper.content, (paper.paper.blanks, paper.contradictions)
        # What is under signature is shown as it was laid before people, whatever has been learnt since.
        newer = (task.say("signing.changed_since"),) if under.version != paper.version else ()
        return under.content, (paper.paper.blanks, (*newer, *paper.contradictions))
    result = judged(task.office, kind, dossier)
    view = await plan_view(conn, task.office, result, task.now)
    template = TEMPLATES / "plans" / f"{kind}.docx"
    if not template.exists():
        template = template.with_stem(GENERAL)
    return papers.render(template, for_household(result.pack, view)), ((), ())


def _called(task: Task, kind: str) -> str:
    content = task.office.content
    return content.papers[kind].form.name if kind in content.papers else content.packs[kind].scheme.name
