"""The analyses on a page of a phone's size: charts and tables that follow the data while somebody looks.

Like the chat page this is no login: whoever knows an address can be anybody who is named in it (`?as=…`).
Whatever comes from the data is escaped, and nothing is loaded from elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import fastapi
from nicegui import ui

from bot.channels.web_board import PATH, bar, overview_body, overview_head, quiet, section
from bot.render.messages import Messages
from bot.services.pipeline import where
from bot.services.reports.analysis_board import Board, Choice, Line, Seen, Stamp, Table, Viewer

LOG: Final = logging.getLogger(__name__)
STYLE: Final = (Path(__file__).parent / "web_analysis.css").read_text(encoding="utf-8")
LOOK_EVERY: Final = 4.0  # seconds between two looks whether something changed
AWAY: Final = 180.0  # seconds that a phone may lose the network without losing its page

_FIGURE: Final = ' class="ha-figure"'


def mount_analysis(board: Board, messages: Messages, *, look_every: float = LOOK_EVERY) -> None:
    """Put the page at `/analysis` of the application that serves the chat page (`web.mount`).

    NiceGUI knows one page per process: the latest mount is the one that is served.
    """

    @ui.page(PATH, title=messages.say("board.title"), reconnect_timeout=AWAY, response_timeout=20)
    async def analysis(request: fastapi.Request) -> None:
        ui.add_css(STYLE)
        asked = request.query_params
        address = asked.get("as", "")
        if await board.open_household(address, asked.get("open", "")):
            ui.navigate.to("/?" + urlencode({"as": address}))
            return
        if not asked.get("what"):
            first = _Overview(board, messages, address, asked.get("place", ""), asked.get("skip", ""))
            await first.open(look_every)
            return
        page = _Page(board, messages, address)
        await page.open(asked.get("place", ""), asked.get("what", ""), asked.get("when", ""), look_every)


class _Page:
    """One open page: what it shows, and when it looks again."""

    def __init__(self, board: Board, messages: Messages, address: str) -> None:
        self.board, self.messages, self.address = board, messages, address
        self.asked = ("", "", "")
        self.shown: tuple[Choice, Stamp] | None = None

    async def open(self, place: str, what: str, when: str, look_every: float) -> None:
        """The head with its choices, and under it the analysis, which is made as soon as somebody looks."""
        self.asked = (place, what, when)
        self.head = ui.html(sanitize=False)
        self.body = ui.html(sanitize=False)
        if await self.choice() is not None:
            self.put(section([quiet(self.messages.say("board.working"))]))
            ui.timer(look_every, self.look)

    async def choice(self) -> Choice | None:
        """What is to be seen, with the head for it; None where nothing may be seen: a sentence says so."""
        viewer = await self.board.viewer(self.address)
        choice = None if viewer is None else self.board.choose(viewer, *self.asked)
        if viewer is not None and choice is not None:
            self.put(head(self.board, self.messages, self.address, viewer, choice), self.head)
            return choice
        self.shown = None
        self.put("", self.head)
        self.put(sentence(self.messages, self.address, viewer))
        return None

    def put(self, html: str, place: ui.html | None = None) -> None:
        """Show this in the body or another place; what is there already is left alone."""
        place = place or self.body
        if place.content != html:
            place.set_content(html)

    async def look(self) -> None:
        """Show the analysis anew when something changed; nothing of it once the person may not see it."""
        choice = await self.choice()
        if choice is None:
            return
        stamp = await self.board.stamp()
        if self.shown == (choice, stamp):
            return
        try:
            self.put(body(self.messages, await self.board.read(choice, stamp)))
            self.shown = (choice, stamp)
        except Exception as error:  # noqa: BLE001 (whatever it is, the page looks again)
            LOG.error("an analysis could not be made: %s", where(error))
            self.put(section([quiet(self.messages.say("board.failed"))]))


class _Overview:
    """The first page: a place as it stands, kept fresh while somebody looks."""

    def __init__(self, board: Board, messages: Messages, address: str, place: str, skip: str) -> None:
        self.board, self.messages, self.address, self.place = board, messages, address, place
        self.skipped = int(skip) if skip.isdecimal() else 0
        self.shown: Stamp | None = None

    async def open(self, look_every: float) -> None:
        """Show it, and look again and again."""
        self.head = ui.html(sanitize=False)
        self.body = ui.html(sanitize=False)
        await self.look()
        ui.timer(look_every, self.look)

    async def look(self) -> None:
        """Show the place anew when something changed; nothing of it once the person may not see it."""
        viewer, stamp = await self.board.viewer(self.address), await self.board.stamp()
        if viewer is None or not viewer.places:
            self.shown = None
            self.head.set_content("")
            self.body.set_content(sentence(self.messages, self.address, viewer))
            return
        if stamp == self.shown:
            return
        region = self.board.region(viewer, self.place)
        seen = await self.board.overview(region, self.skipped)
        mine = {each.id for each in viewer.places}
        analysis = next((each.id for each in self.board.reports(region)), "")
        self.head.set_content(overview_head(self.messages, self.address, seen, mine, analysis))
        self.body.set_content(overview_body(self.messages, self.address, seen))
        self.shown = stamp


# ------------------------------------------------------------------------------------------- what it shows


def sentence(messages: Messages, address: str, viewer: Viewer | None) -> str:
    """Why there is nothing to see, as HTML."""
    if viewer is None:
        return section([f'<p class="ha-nobody">{escape(messages.say("board.nobody"))}</p>'])
    text = escape(messages.say("board.only_overseers", name=viewer.name))
    return section([bar(messages, address), f'<p class="ha-nobody">{text}</p>'])


def head(board: Board, messages: Messages, address: str, viewer: Viewer, choice: Choice) -> str:
    """The chooser of place, analysis and period, as HTML that works without any script of ours."""
    tops = min(len(place.lineage) for place in viewer.places)
    places = [(str(each.id), each.name, len(each.lineage) - tops) for each in viewer.places]
    known = [("", messages.say("board.overview"), 0)]
    known += [(each.id, board.short(each), 0) for each in board.reports(choice.place)]
    lists = [
        _list("place", messages.say("board.place"), str(choice.place.id), places),
        _list("what", messages.say("board.what"), choice.report.id, known),
    ]
    if choice.report.per != "day":
        both = [Choice(choice.place, choice.report, when) for when in ("now", "last")]
        days = [(each.when, _days(board, messages, each), 0) for each in both]
        lists.append(_list("when", messages.say("board.when"), choice.when, days))
    return section(
        [
            bar(messages, address),
            '<form class="ha-choose" method="get">',
            f'<input type="hidden" name="as" value="{escape(address)}">',
            *lists,
            f'<button type="submit">{escape(messages.say("board.show"))}</button></form>',
            f'<p class="ha-secret">{escape(messages.say("board.inside"))}</p>',
            quiet(messages.say("board.live")),
        ]
    )


def body(messages: Messages, seen: Seen) -> str:
    """The charts and tables of an analysis as HTML."""
    if seen.refusal:
        return section([f"<h2>{escape(seen.name)}</h2>", f"<p>{escape(seen.refusal)}</p>"])
    charts = [f'<figure class="ha-chart">{svg}</figure>' for svg in seen.charts]
    return section([*charts, *(_sheet(messages, table) for table in seen.tables)])


def _list(name: str, label: str, chosen: str, options: Iterable[tuple[str, str, int]]) -> str:
    lines = []
    for id, text, depth in options:
        mark = " selected" if id == chosen else ""
        lines.append(f'<option value="{escape(id)}"{mark}>{"&emsp;" * depth}{escape(text)}</option>')
    change = 'onchange="this.form.requestSubmit()"'
    return (
        f'<label><span>{escape(label)}</span><select name="{name}" {change}>{"".join(lines)}</select></label>'
    )


def _days(board: Board, messages: Messages, choice: Choice) -> str:
    days = board.period(choice)
    return messages.say("reports.period", first=days.first, last=days.last)


def _sheet(messages: Messages, table: Table) -> str:
    parts = [f"<h2>{escape(table.title)}</h2>", *map(quiet, table.about)]
    if table.lines:
        rows = "".join(map(partial(_row, table), table.lines))
        parts.append(
            f'<div class="ha-scroll"><table><thead>{_heads(table)}</thead><tbody>{rows}</tbody></table></div>'
        )
    elif table.empty:
        parts.append(f"<p>{escape(table.empty)}</p>")
    if table.more:
        parts.append(quiet(messages.say("board.more", count=table.more)))
    return f'<section class="ha-sheet">{"".join(parts)}{"".join(map(quiet, table.notes))}</section>'


def _row(table: Table, line: Line) -> str:
    cells = "".join(
        f"<td{_FIGURE if figure else ''}>{escape(cell)}</td>"
        for cell, figure in zip(line.cells, table.figures, strict=True)
    )
    return f'<tr class="ha-{line.standing}">{cells}</tr>'


def _heads(table: Table) -> str:
    """The head in its levels: neighbours of the same words share a cell, what ends early reaches down."""
    levels = max(map(len, table.heads))
    rows: list[list[str]] = [[] for _ in range(levels)]

    def level(at: int, columns: Sequence[int]) -> None:
        for text, group in groupby(columns, lambda column: table.heads[column][at]):
            found = list(group)
            longer = [column for column in found if len(table.heads[column]) > at + 1]
            down = 1 if longer else levels - at
            rows[at].append(f'<th colspan="{len(found)}" rowspan="{down}">{escape(text)}</th>')
            if longer:
                level(at + 1, longer)

    level(0, range(len(table.heads)))
    return "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
