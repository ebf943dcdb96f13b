"""Households that were left out so far: nobody has asked them, or they have no plan (WF-21, WF-22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.households import Household
from bot.storage.regions import within
from bot.storage.rows import columns_of, padded
from bot.storage.tables import households, interviews, plans, regions, verdicts
from bot.storage.visibility import Page

_TOP: Final = regions.alias("top")
_HERE: Final = and_(
    households.c.erased_at.is_(None),
    households.c.region_id.in_(
        select(regions.c.id)
        .join(_TOP, within(regions.c.path, _TOP.c.path))
        .where(_TOP.c.id.in_(bindparam("tops", expanding=True)))
    ),
)
_HANDED_IN: Final = exists().where(
    interviews.c.household_id == households.c.id,
    interviews.c.form.in_(bindparam("forms", expanding=True)),
    interviews.c.submitted_at.is_not(None),
)
_PLANNED: Final = exists().where(plans.c.household_id == households.c.id)
_LATER: Final = verdicts.alias("later")
_NEWER: Final = exists().where(
    _LATER.c.household_id == verdicts.c.household_id,
    _LATER.c.scheme == verdicts.c.scheme,
    or_(_LATER.c.on > verdicts.c.on, and_(_LATER.c.on == verdicts.c.on, _LATER.c.id > verdicts.c.id)),
)
_CARRIED: Final = exists().where(
    verdicts.c.household_id == households.c.id,
    verdicts.c.scheme == bindparam("its_scheme"),
    verdicts.c.verdict.in_(bindparam("outcomes", expanding=True)),
    ~_NEWER,
)
_UNASKED: Final = and_(_HERE, ~_HANDED_IN)
_UNPLANNED: Final = and_(_HERE, _CARRIED, ~_PLANNED)
_UNWRITTEN: Final = and_(_HERE, _CARRIED, ~_HANDED_IN)
_ORDER: Final = (households.c.region_id, households.c.village_group, households.c.head_name, households.c.id)


def _page(which: ColumnElement[bool]) -> Select[Any]:
    found = select(*columns_of(households, Household)).where(which).order_by(*_ORDER)
    return found.limit(bindparam("size")).offset(bindparam("skipped"))


def _count(which: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(households).where(which)


_PAGES: Final = {each: (_page(each), _count(each)) for each in (_UNASKED, _UNPLANNED, _UNWRITTEN)}


async def _read(
    conn: AsyncConnection, which: ColumnElement[bool], asked: Mapping[str, Any], size: int, skipped: int
) -> Page:
    page, count = _PAGES[which]
    total = int((await conn.execute(count, asked)).scalar_one())
    rows = await conn.execute(page, {**asked, "size": size, "skipped": skipped}) if total and size else ()
    return Page(tuple(Household(*row) for row in rows), total)


async def unasked(
    conn: AsyncConnection, tops: Sequence[int], forms: Iterable[str], size: int, skipped: int = 0
) -> Page:
    """The households in these regions about which none of the questionnaires was ever handed in."""
    asked = {"tops": padded(sorted(tops)), "forms": padded(sorted(forms))}
    return await _read(conn, _UNASKED, asked, size, skipped)


async def planless(
    conn: AsyncConnection,
    tops: Sequence[int],
    scheme: str,
    outcomes: Sequence[str],
    form: str,
    size: int,
    skipped: int = 0,
) -> Page:
    """The households in these regions whose last verdict is one of `outcomes` and that have no plan.

    Where the scheme has a paper for plans, the questionnaire `form` that makes it must have been handed in;
    "" where every verdict draws up the plan.
    """
    asked = {"tops": padded(sorted(tops)), "its_scheme": scheme, "outcomes": padded(outcomes)}
    if form:
        return await _read(conn, _UNWRITTEN, {**asked, "forms": [form]}, size, skipped)
    return await _read(conn, _UNPLANNED, asked, size, skipped)
