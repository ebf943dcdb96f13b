"""Photos and tables from the chat page: a hidden NiceGUI uploader that the page's own button opens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments

from bot.services.incoming import TABLES, table_ending

LOG: Final = logging.getLogger(__name__)
REASONS: Final = "(entries) => emit(entries.map((entry) => [entry.failedPropValidation, entry.file.name]))"
ACCEPTED: Final = ",".join(("image/*", *TABLES))
TOO_LARGE: Final = frozenset({"max-file-size", "max-total-size"})

Photo: TypeAlias = bytes | Literal["too_large", "other"]
"""The content of a file, or why the browser did not send it."""


def photo_upload(
    limit: int,
    sent: Callable[[Photo], Awaitable[None]],
    table: Callable[[str, bytes | None], Awaitable[None]],
    untaken: str,
) -> None:
    """Place the uploader into the page; `limit` in bytes. `sent` gets every photo that somebody chooses.

    `table` gets the ending and the content of every table (None: it is too large). `untaken` is shown when a
    file could not be taken.
    """

    async def uploaded(event: UploadEventArguments) -> None:
        try:
            content = await event.file.read()
            ending = table_ending(event.file.name)
            await (table(ending, content) if ending else sent(content))
        except Exception:
            LOG.exception("a photo from a browser could not be taken")
            ui.notify(untaken, type="warning")
        upload.reset()

    async def rejected(event: GenericEventArguments) -> None:
        for reason, name in event.args:
            ending, too_large = table_ending(str(name)), reason in TOO_LARGE
            if ending and too_large:
                await table(ending, None)
            else:
                await sent("too_large" if too_large else "other")

    upload = ui.upload(multiple=True, max_file_size=limit, on_upload=uploaded, auto_upload=True)
    upload.props(f"accept={ACCEPTED}").classes("hb-upload")
    upload.on("rejected", rejected, js_handler=REASONS)
