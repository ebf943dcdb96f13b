"""What a county decides for itself (`counties/*.toml`): schemes, values of its own with from-dates, names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, Final

from bot.problems import Problem, near_miss, unknown_keys
from bot.rules.consequences import Department
from bot.rules.entries import Entry, Problems, Source
from bot.rules.pack import Pack
from bot.rules.parameters import DatedValue, Parameter, dated_value
from bot.rules.reminders import read_own

SECTIONS: Final = ("county", "parameter", "option", "department", "calendar", "reminders")


@dataclass(frozen=True, slots=True)
class OwnDays:
    """Days off (`off`) and worked weekends (`on`) of a county; of `years` it has written all of them."""

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class County:
    """A county's choices; keys are (scheme, id), with an empty scheme for what questionnaires read.

    `schemes` are switched on, of `library` further measures are offered.
    """

    id: str = ""
    name: str = ""
    schemes: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    values: Mapping[tuple[str, str], tuple[DatedValue, ...]] = field(default_factory=dict)
    options: Mapping[tuple[str, str], str] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    calendar: OwnDays = field(default_factory=OwnDays)
    reminders: Mapping[str, int | time] = field(default_factory=dict)
    """Hours and days of its own for `reminders.toml`."""

    def settle(self, scheme: str, parameter: Parameter) -> Parameter:
        """The parameter with the county's own values: from its first day on only those count."""
        own = self.values.get((scheme, parameter.id), ())
        if not own:
            return parameter
        before = tuple(dated for dated in parameter.values if dated.start < own[0].start)
        return replace(parameter, values=(*before, *own))

    def rename(self, department: Department) -> Department:
        """The department under the name that the county gives it; its other names stay its own."""
        own = self.departments.get(department.id)
        if own is None:
            return department
        names = (department.name, *department.aliases, *own.aliases)
        return Department(own.id, own.name, tuple(dict.fromkeys(name for name in names if name != own.name)))


NOWHERE: Final = County()
"""No county: everything as the documents have it."""


def read_county(data: Mapping[str, Any], file: str) -> tuple[County, list[Problem]]:
    """The tables of a county's file, with what is wrong with them by themselves."""
    problems = Problems(unknown_keys(file, "-", data, SECTIONS))
    source = Source(file, data, problems)
    entry = source.single("county")
    id, name = entry.text("id"), entry.text("name")
    schemes, library = entry.texts("schemes"), entry.texts("library")
    if not schemes:
        entry.note("schemes is missing", 'schemes = ["hr"]')
    for each in dict.fromkeys(each for each in schemes if schemes.count(each) > 1):
        entry.note(f"schemes names {each} twice", "name it once")
    entry.done()
    county = County(
        id,
        name,
        schemes,
        library,
        {_key(each): _values(each) for each in _named(source, "parameter")},
        {_key(each): _option(each) for each in _named(source, "option")},
        {each.id: _department(each) for each in source.entries("department")},
        _own_days(source.single("calendar")),
        read_own(source.single("reminders")),
    )
    return county, problems.found


def _named(source: Source, section: str) -> list[Entry]:
    """The entries of a section whose id may stand once for each scheme."""
    tables = source.data.get(section, [])
    if not isinstance(tables, list) or any(not isinstance(table, Mapping) for table in tables):
        return source.entries(section)
    entries = [Entry(source, section, table) for table in tables]
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        if not entry.id:
            entry.note("id is missing", "name what the county decides")
        if _key(entry) in seen:
            entry.note("the county decides it twice", "decide it once")
        seen.add(_key(entry))
    return entries


def _key(entry: Entry) -> tuple[str, str]:
    return str(entry.data.get("scheme", "")), entry.id


def _values(entry: Entry) -> tuple[DatedValue, ...]:
    entry.text("scheme", "")
    values = sorted((dated_value(entry.part(table)) for table in entry.tables("values")), key=_start)
    if not values:
        entry.note("there is no value", "values = [{ from = 2021-01-01, value = 4500, clause = … }]")
    if len({dated.start for dated in values}) < len(values):
        entry.note("two values start on the same day", "each value holds from a day of its own")
    entry.done()
    return tuple(values)


def _start(dated: DatedValue) -> Any:
    return dated.start


def _option(entry: Entry) -> str:
    entry.text("scheme")
    value = entry.text("value")
    entry.done()
    return value


def _department(entry: Entry) -> Department:
    department = Department(entry.id, entry.text("name"), entry.texts("aliases"))
    entry.done()
    return department


def _own_days(entry: Entry) -> OwnDays:
    own = OwnDays(entry.days("off"), entry.days("on"), entry.wholes("years"))
    for day in sorted(own.off & own.on):
        entry.note(f"{day} is both off and on", "leave it in one of the lists")
    entry.done()
    return own


def misfits(
    county: County,
    packs: Mapping[str, Pack],
    given: Sequence[Parameter],
    library: Iterable[str],
    file: str,
    figures: Mapping[str, Sequence[str]],
) -> list[Problem]:
    """A problem for everything that the county decides and that the schemes do not leave to it.

    `figures` are the parameters of procedures and watches, which are named in the place of a scheme.
    """
    offices = {department.id for pack in packs.values() for department in pack.departments}
    found = [
        *(_odd("county", "scheme", each, packs) for each in county.schemes),
        _nothing_for_households(county, packs),
        *(_odd("county", "set of measures", each, library) for each in county.library),
        *(_odd_value(scheme, id, packs, given, figures) for scheme, id in county.values),
        *(_odd_option(scheme, id, value, packs) for (scheme, id), value in county.options.items()),
        *(_odd(f"department {id}", "department", id, offices) for id in county.departments),
    ]
    return [replace(problem, file=file) for problem in found if problem is not None]


def _nothing_for_households(county: County, packs: Mapping[str, Pack]) -> Problem | None:
    if any(id not in packs or packs[id].scheme.subject == "household" for id in county.schemes):
        return None
    return Problem("", "county", "none of its schemes is about households", "add one to schemes, such as hr")


def _odd(
    place: str, kind: str, name: str, known: Iterable[str], whose: str = "there is no"
) -> Problem | None:
    known = sorted(known)
    if name in known:
        return None
    hint = near_miss(name, known) or (f"known: {', '.join(known)}" if known else "leave it out")
    return Problem("", place, f"{whose} {kind} {name}", hint)


def _odd_value(
    scheme: str,
    id: str,
    packs: Mapping[str, Pack],
    given: Sequence[Parameter],
    figures: Mapping[str, Sequence[str]],
) -> Problem | None:
    lent, place = {parameter.id for parameter in given}, f"parameter {id}"
    if not scheme:
        return _odd(place, "parameter", id, lent, "questionnaires have no")
    if scheme in figures:
        return _odd(place, "parameter", id, figures[scheme], f"{scheme} itself has no")
    if scheme not in packs:
        return _odd(place, "scheme", scheme, packs)
    return _odd(
        place, "parameter", id, packs[scheme].parameter_by_id.keys() - lent, f"{scheme} itself has no"
    )


def _odd_option(scheme: str, id: str, value: str, packs: Mapping[str, Pack]) -> Problem | None:
    place = f"option {id}"
    if scheme not in packs:
        return _odd(place, "scheme", scheme, packs)
    if id not in packs[scheme].choices:
        return _odd(place, "option", id, packs[scheme].choices, f"{scheme} has no")
    return _odd(place, "choice", value, packs[scheme].choices[id])
