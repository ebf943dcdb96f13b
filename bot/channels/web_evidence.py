"""Photos from the chat page: a hidden NiceGUI uploader that the page's own button opens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments

LOG: Final = logging.getLogger(__name__)
REASONS: Final = "(entries) => emit(entries.map((entry) => entry.failedPropValidation))"
TOO_LARGE: Final = frozenset({"max-file-size", "max-total-size"})

Photo: TypeAlias = bytes | Literal["too_large", "other"]
"""The content of a file, or why the browser did not send it."""


def photo_upload(limit: int, sent: Callable[[Photo], Awaitable[None]], untaken: str) -> None:
    """Place the uploader into the page; `limit` in bytes. `sent` gets every file that somebody chooses.

    `untaken` is shown when a photo could not be taken.
    """

    async def uploaded(event: UploadEventArguments) -> None:
        try:
            await sent(await event.file.read())
        except Exception:
            LOG.exception("a photo from a browser could not be taken")
            ui.notify(untaken, type="warning")
        upload.reset()

    async def rejected(event: GenericEventArguments) -> None:
        for reason in event.args if isinstance(event.args, list) else [event.args]:
            await sent("too_large" if reason in TOO_LARGE else "other")

    upload = ui.upload(multiple=True, max_file_size=limit, on_upload=uploaded, auto_upload=True)
    upload.props("accept=image/*").classes("hb-upload")
    upload.on("rejected", rejected, js_handler=REASONS)
