"""The conversation in a browser: a phone-sized chat page, live, with buttons, typed replies and files.

The page is not a login. Whoever can open it can be anybody who is named in its address (`?as=…`): for
practice that is the point. It therefore listens on 127.0.0.1 unless told otherwise; with real households
put it behind a server that knows who is asking and lets each person open only their own address.

What people write is shown as text, never as HTML, and nothing is loaded from elsewhere.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

import fastapi
from nicegui import app as nicegui_app
from nicegui import ui

from bot.channels import web_server
from bot.channels.web_analysis import mount_analysis
from bot.channels.web_board import PATH
from bot.channels.web_delivery import Deliveries
from bot.channels.web_evidence import photo_upload
from bot.channels.web_port import Conversations, Persona
from bot.channels.web_signature import Signing, mount_signature
from bot.channels.web_view import ChatView
from bot.channels.web_watch import Watches
from bot.channels.web_words import page_words
from bot.render.messages import Messages
from bot.services.reports.analysis_board import Board

STYLE: Final = (Path(__file__).parent / "web_chat.css").read_text(encoding="utf-8")
VIEWPORT: Final = (
    "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
)
AWAY: Final = 180.0  # seconds that a phone may lose the network without losing its page
HEARTBEAT: Final = 10.0  # seconds; a dead connection is noticed about this soon
PATIENCE: Final = 20.0  # seconds until the buttons of an unanswered message work again


def mount(
    app: fastapi.FastAPI | None,
    conversations: Conversations,
    messages: Messages,
    *,
    practice: bool,
    patience: float = PATIENCE,
    board: Board | None = None,
    signing: Signing | None = None,
) -> None:
    """Put the chat page at `/` and its files at `/documents` of `app` (None: of NiceGUI's own application).

    With `practice` the page offers a switch between all personas; without, it shows only the person that its
    address names. NiceGUI knows one page per process: the latest mount is the one that is served.
    """
    host = nicegui_app if app is None else app
    if host is nicegui_app:
        nicegui_app.remove_route("/documents/{file_id}")
    _serve_documents(host, conversations)
    if signing is not None:  # before NiceGUI takes every other path
        mount_signature(host, signing, messages)
    _define_page(conversations, messages, board, practice=practice, patience=patience)
    if app is not None:
        # An application that has served before is closed to middleware until it is built anew.
        nicegui_app.user_middleware.clear()
        nicegui_app.middleware_stack = None
        ui.run_with(
            app,
            title=messages.say("web.title"),
            viewport=VIEWPORT,
            favicon="\N{SPEECH BALLOON}",
            language="zh-CN",
            tailwind=False,
            reconnect_timeout=HEARTBEAT,
            show_welcome_message=False,
        )


async def serve(
    conversations: Conversations,
    messages: Messages,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    practice: bool,
    ready: asyncio.Event | None = None,
    patience: float = PATIENCE,
    board: Board | None = None,
    signing: Signing | None = None,
) -> None:
    """Serve the chat page inside the running loop until cancelled; raises OSError when the port is taken.

    With a `board` its analyses are shown at `/analysis`, with `signing` names are drawn at `/signature/…`.
    """
    with web_server.listen(host, port) as listening:
        app = fastapi.FastAPI(openapi_url=None)
        mount(
            app, conversations, messages, practice=practice, patience=patience, board=board, signing=signing
        )
        if board is not None:
            mount_analysis(board, messages)
        await web_server.run(app, listening, ready)


def _define_page(
    conversations: Conversations, messages: Messages, board: Board | None, *, practice: bool, patience: float
) -> None:
    watches, deliveries = Watches(conversations), Deliveries()
    words = page_words(messages)

    @ui.page("/", title=messages.say("web.title"), reconnect_timeout=AWAY, response_timeout=20)
    async def chat(request: fastapi.Request) -> None:
        ui.add_css(STYLE)
        people = await conversations.personas()
        me = _who(people, request.query_params.get("as"), practice=practice)
        if me is None:
            ui.label(messages.say("web.nobody")).classes("hb-nobody")
            return
        viewer = None if board is None else await board.viewer(me.address)
        view = ChatView(
            me,
            [each for each in people if each.address != me.address] if practice else [],
            await conversations.history(me.address),
            words=words,
            patience=patience,
            photos=conversations.photo_limit > 0,
            analysis=PATH if viewer is not None and viewer.places else "",
        )
        view.join(conversations, watches, deliveries)
        if conversations.photo_limit > 0:
            send = partial(conversations.send_photo, me.address)
            table = partial(conversations.send_table, me.address)
            limit = max(conversations.photo_limit, conversations.table_limit)
            photo_upload(limit, send, table, words["photo_untaken"])


def _who(people: Iterable[Persona], address: str | None, *, practice: bool) -> Persona | None:
    """The person that the address names; in practice a newcomer becomes the first."""
    people = list(people)
    named = next((each for each in people if each.address == address), None)
    return named or (people[0] if practice and people else None)


def _serve_documents(app: fastapi.FastAPI, conversations: Conversations) -> None:
    @app.get("/documents/{file_id}")
    async def document(file_id: int, request: fastapi.Request) -> fastapi.Response:
        found = await conversations.document(request.query_params.get("as", ""), file_id)
        if found is None:
            raise fastapi.HTTPException(404)
        name, media_type, content = found
        return fastapi.Response(
            content,
            media_type=media_type,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{urllib.parse.quote(name, safe='')}",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )
