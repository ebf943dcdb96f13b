"""The first page of the board as HTML: figures, charts, the places below, and the households of a village.

Whatever comes from the data is escaped; nothing is loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape
from typing import Final
from urllib.parse import urlencode

from bot.render.messages import Messages
from bot.services.views_board import PAGE, Overview
from bot.services.views_counts import Place
from bot.storage.regions import Region

PATH: Final = "/analysis"
ARROW: Final = "<i>\u203a</i>"
DASH: Final = "\u2013"
ALARM: Final = ' class="ha-alarm"'
HEADS: Final = 7
"""So many columns the table of places has."""


def section(parts: Iterable[str]) -> str:
    """A part of the page."""
    return f'<div class="ha">{"".join(parts)}</div>'


def quiet(text: str) -> str:
    """A sentence that stands back."""
    return f'<p class="ha-quiet">{escape(text)}</p>'


def bar(messages: Messages, address: str) -> str:
    """The title and the way back to the chat."""
    link = escape("/?" + urlencode({"as": address}))
    title, back = escape(messages.say("board.title")), escape(messages.say("board.back"))
    return f'<div class="ha-head"><h1>{title}</h1><a href="{link}">{back}</a></div>'


def _link(address: str, **more: object) -> str:
    return escape(f"{PATH}?" + urlencode({"as": address, **more}))


def overview_head(
    messages: Messages, address: str, seen: Overview, mine: Collection[int], analysis: str
) -> str:
    """Where one is, with the way up as far as the person oversees it, and the way to the analyses."""
    way = [_crumb(address, each) for each in seen.above if each.id in mine]
    way.append(f'<b aria-current="page">{escape(seen.region.name)}</b>')
    further = _link(address, place=seen.region.id, what=analysis)
    return section(
        [
            bar(messages, address),
            f'<nav class="ha-way">{ARROW.join(way)}</nav>',
            f'<p class="ha-secret">{escape(messages.say("board.inside"))}</p>',
            f'<p><a class="ha-further" href="{further}">{escape(messages.say("board.analyses"))}</a></p>',
        ]
    )


def _crumb(address: str, region: Region) -> str:
    return f'<a href="{_link(address, place=region.id)}">{escape(region.name)}</a>'


def overview_body(messages: Messages, address: str, seen: Overview) -> str:
    """The figures, charts and lists of a region."""
    if not seen.sum_of(lambda place: place.homes):
        return section([quiet(messages.say("board.no_homes", name=seen.region.name))])
    charts = "".join(f'<figure class="ha-chart">{svg}</figure>' for svg in seen.charts)
    lists = _homes if seen.region.level == "village" else _places
    drawn = f'<div class="ha-charts">{charts}</div>'
    return section([_tiles(messages, seen), lists(messages, address, seen), drawn, _stages(messages, seen)])


def _tiles(messages: Messages, seen: Overview) -> str:
    """The four figures that one looks for first."""
    done, owed = seen.sum_of(lambda each: each.checks.marked), seen.sum_of(lambda each: each.checks.count)
    tiles = [
        (messages.say("board.homes"), str(seen.sum_of(lambda each: each.homes)), False),
        (messages.say("board.checks"), f"{done}/{owed}" if owed else "", False),
        (messages.say("board.late"), str(late := seen.sum_of(lambda each: each.late)), late > 0),
        (messages.say("board.problems"), str(seen.sum_of(lambda each: each.problems.count)), False),
    ]
    shown = "".join(
        f"<li{ALARM if alarm else ''}><b>{escape(figure) or DASH}</b><span>{escape(name)}</span></li>"
        for name, figure, alarm in tiles
    )
    return f'<ul class="ha-tiles">{shown}</ul>'


def _places(messages: Messages, address: str, seen: Overview) -> str:
    """The places in the region, in the order of the register; each leads further down."""
    heads = messages.say("board.heads").split()
    assert len(heads) == HEADS
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    rows = "".join(_row(address, each) for each in seen.places)
    title = escape(messages.say("board.places_of", name=seen.region.name))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section class="ha-sheet"><h2>{title}</h2><div class="ha-scroll">{table}</div></section>'


def _row(address: str, place: Place) -> str:
    late = f" ({place.problems.marked})" if place.problems.marked else ""
    problems = f"{place.problems.count}{late}"
    checks = f"{place.checks.marked}/{place.checks.count}" if place.checks.count else ""
    stages = sum(place.stages.values())
    figures = (place.homes, checks, place.late, place.unknown, problems, stages)
    cells = "".join(f'<td class="ha-figure">{escape(str(each))}</td>' for each in figures)
    return f"<tr><td>{_crumb(address, place.region)}</td>{cells}</tr>"


def _homes(messages: Messages, address: str, seen: Overview) -> str:
    """The households of a village, each a tap from its card in the chat."""
    first, last = seen.skipped + 1, seen.skipped + len(seen.homes)
    title = messages.say("board.homes_of", name=seen.region.name, first=first, last=last, total=seen.total)
    lines = "".join(
        f'<li><a href="{_link(address, open=home.id)}"><b>{escape(home.head)}</b>'
        f"<span>{escape(' '.join(filter(None, (home.group, home.card))))}</span>"
        + (f"<em>{escape(messages.say('board.home_late', count=home.late))}</em>" if home.late else "")
        + "</a></li>"
        for home in seen.homes
    )
    turns = []
    if seen.skipped:
        turns.append((messages.say("buttons.earlier"), max(seen.skipped - PAGE, 0)))
    if last < seen.total:
        turns.append((messages.say("buttons.later"), last))
    pages = "".join(
        f'<a class="ha-further" href="{_link(address, place=seen.region.id, skip=skip)}">{escape(text)}</a>'
        for text, skip in turns
    )
    listed = f'<ul class="ha-homes">{lines}</ul>{pages}'
    return f'<section class="ha-sheet"><h2>{escape(title)}</h2>{listed}</section>'


def _stages(messages: Messages, seen: Overview) -> str:
    """The cases under way by stage; a sentence when there are none."""
    title = f"<h2>{escape(messages.say('board.stages'))}</h2>"
    if not seen.stages:
        return f'<section class="ha-sheet">{title}{quiet(messages.say("board.no_stages"))}</section>'
    rows = "".join(
        f'<tr><td>{escape(procedure)}</td><td>{escape(state)}</td><td class="ha-figure">{count}</td></tr>'
        for procedure, state, count in seen.stages
    )
    table = f'<div class="ha-scroll"><table><tbody>{rows}</tbody></table></div>'
    return f'<section class="ha-sheet">{title}{table}</section>'
