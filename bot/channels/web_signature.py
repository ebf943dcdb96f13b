"""The page on which somebody of a household draws their name with a finger, at a secret address used once.

It shows nothing of the plan but whose it is; what comes from the data is escaped and nothing is loaded from
elsewhere. The picture is sent as it is; whether it can be taken is for `signatures_pages` to say.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final, Protocol

import fastapi

from bot.render.messages import Messages
from bot.services.signatures_pages import LARGEST, PATH, Outcome, Page

STYLE: Final = (Path(__file__).parent / "web_signature.css").read_text(encoding="utf-8")
SCRIPT: Final = (Path(__file__).parent / "web_signature.js").read_text(encoding="utf-8")
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; "
    f"script-src 'sha256-{b64encode(sha256(SCRIPT.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing runs on the page but its own script."""
ANSWERS: Final = {"taken": 204, "gone": 410, "no_picture": 400}
"""What the page is answered, by what came of the picture."""
TOO_LARGE: Final = 413
GONE: Final = 410


class Signing(Protocol):
    """The pages that are open now."""

    async def page(self, token: str) -> Page | None:
        """What to show under this address; None when it cannot be used."""
        ...

    async def take(self, token: str, picture: bytes) -> Outcome:
        """Take what was drawn; the address is used up."""
        ...


def mount_signature(app: fastapi.FastAPI, signing: Signing, messages: Messages) -> None:
    """Put the pages at `/signature/…` of an application.

    They are plain pages without a connection of their own: a server in front needs to pass nothing else on.
    """
    route = f"{PATH}{{token}}"

    @app.get(route)
    async def signature(token: str) -> fastapi.Response:
        page = await signing.page(token)
        if page is None:
            gone = (
                f'<main class="hs"><p class="hs-said">{escape(messages.say("signing.page_gone"))}</p></main>'
            )
            return _answer(_whole(messages, gone, ""), GONE)
        return _answer(_whole(messages, _paper(messages, page), SCRIPT), 200)

    @app.post(route)
    async def drawn(token: str, request: fastapi.Request) -> fastapi.Response:
        picture = bytearray()
        async for part in request.stream():
            picture += part
            if len(picture) > LARGEST:
                return fastapi.Response(status_code=TOO_LARGE)
        return fastapi.Response(status_code=ANSWERS[await signing.take(token, bytes(picture))])


def _answer(html: str, status: int) -> fastapi.Response:
    """The page, which loads nothing, tells nobody its address and is kept nowhere."""
    return fastapi.Response(
        html,
        status,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _whole(messages: Messages, body: str, script: str) -> str:
    title = escape(messages.say("signing.page_title"))
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{body}<script>{script}</script></body></html>"
    )


def _paper(messages: Messages, page: Page) -> str:
    """The canvas with its words, which the script takes over."""
    said = {
        "sent": messages.say("signing.page_sent"),
        "gone": messages.say("signing.page_gone"),
        "untaken": messages.say("signing.page_untaken"),
    }
    words = "".join(f' data-{name}="{escape(text)}"' for name, text in said.items())
    return (
        f'<main class="hs" id="hs"{words}>'
        f'<p class="hs-paper">{escape(page.household)}<br>{escape(page.paper)}</p>'
        f"<h1>{escape(messages.say('signing.page_asks', name=page.name, note=page.note))}</h1>"
        f"<p>{escape(messages.say('signing.page_own', note=page.note))}</p>"
        '<canvas class="hs-canvas" id="hs-canvas"></canvas>'
        '<p class="hs-keys">'
        f'<button type="button" id="hs-clear">{escape(messages.say("signing.page_clear"))}</button>'
        f'<button type="button" id="hs-send" disabled>{escape(messages.say("signing.page_send"))}</button>'
        '</p><p class="hs-said" id="hs-said" role="status"></p></main>'
    )
