"""Word papers: a .docx template that an office may restyle, filled with a view; same view, same bytes.

Beside what Jinja has, a template may say `number` (a figure as people write it), `day("YYYY-MM-DD")` (a date
by a pattern of YYYY MM DD M D hh mm), `need("label", "shown instead")` for a fact that must not be missing,
and `with_blanks`, which adds the labels of the needed facts that were missing so far to a list.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import jinja2
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import HubangError
from bot.problems import Problem
from bot.render.messages import number
from bot.render.paper_names import unknown_names
from bot.render.plan_view import PlanView

VIEW: Final = "plan"  # what templates call the view
_BLANKS: Final = "_blanks"
_UNREADABLE: Final = (PackageNotFoundError, zipfile.BadZipFile, KeyError, OSError, UnicodeDecodeError)
# What XML cannot hold, and what docxtpl would take for a new paragraph or page.
_UNPRINTABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))


class PaperInvalid(HubangError):
    """The paper {file} cannot be printed: {what}."""


class Dated(Protocol):
    """Any view that says on which day it was made."""

    @property
    def generated_on(self) -> date:
        """The day that the paper bears."""


def render(template: Path | bytes, view: Dated) -> bytes:
    """The paper as a .docx file; the template by its place, or itself.

    Raises PaperInvalid for a template that cannot be read or filled.
    """
    name = template.name if isinstance(template, Path) else "(kept)"
    try:
        paper = _Paper(template)
        paper.render({VIEW: view, _BLANKS: []}, _environment())
        paper.name_fonts()
        return paper.packed(view.generated_on)
    except jinja2.UndefinedError as error:
        found = (
            [f"{each.what} ({each.hint})" for each in lint(template, type(view))]
            if isinstance(template, Path)
            else []
        )
        what = "; ".join(found) or str(error)
        raise PaperInvalid(file=name, what=what) from error
    except jinja2.TemplateError as error:
        raise PaperInvalid(file=name, what=str(error.message)) from error
    except SyntaxError as error:  # lxml's word for broken XML
        what = "a condition or loop opens in one paragraph, row or cell and closes inside another"
        raise PaperInvalid(file=name, what=what) from error
    except _UNREADABLE as error:
        raise PaperInvalid(file=name, what="it is not a Word file (.docx)") from error


def lint(template: Path, view: type = PlanView) -> list[Problem]:
    """Problems of a .docx or .j2 template for this kind of view, found without filling it.

    Syntax errors, unknown variables, fields, filters and tests, each with the nearest known name.
    """
    problems: list[Problem] = []
    try:
        parts = list(_sources(template))
    except _UNREADABLE:
        return [Problem(template.name, "-", "it is not a Word file (.docx)", "save it in Word as .docx")]
    for part, source in parts:
        try:
            tree = _environment().parse(source)
        except jinja2.TemplateSyntaxError as error:
            problems.append(Problem(template.name, part, str(error.message), "mend the tag"))
        else:
            found = unknown_names(tree, _environment(), {VIEW: view})
            problems += (Problem(template.name, part, what, hint) for what, hint in found)
    return list(dict.fromkeys(problems))


# ------------------------------------------------------------------------------------------ filling


class _Paper(DocxTemplate):  # type: ignore[misc]  # docxtpl carries no types
    """docxtpl that cleans a template once, refuses broken XML, and leaves no trace of the clock."""

    def __init__(self, template: Path | bytes) -> None:
        super().__init__(io.BytesIO(template.read_bytes() if isinstance(template, Path) else template))

    def patch_xml(self, src_xml: str) -> str:
        return _cleaned(src_xml)

    def fix_tables(self, xml: str) -> Any:
        """docxtpl drops whatever it cannot read; a paper must not lose a line unseen."""
        parse_xml(xml)
        return super().fix_tables(xml)

    def render_properties(self, context: dict[str, Any], jinja_env: jinja2.Environment | None = None) -> None:
        """Properties are plain text: python-docx escapes them."""
        super().render_properties(context, _environment(escape=False))

    def edges(self) -> Iterator[Any]:
        """The headers and footers."""
        for kind in (self.HEADER_URI, self.FOOTER_URI):
            for _, part in self.get_headers_footers(kind):
                yield part

    def name_fonts(self) -> None:
        """Write the East Asian font of its style into every run that names none itself."""
        fonts = _east_asian_fonts(self.docx.styles.element)
        for root in (self.docx.element.body, *(part.element for part in self.edges())):
            for paragraph in root.iter(qn("w:p")):
                of_paragraph = fonts.get(paragraph.style or "") or fonts.get("")
                for run in paragraph.iter(qn("w:r")):
                    font = fonts.get(run.style or "") or of_paragraph
                    place = run.get_or_add_rPr().get_or_add_rFonts()
                    if font and not any(
                        qn(f"w:{name}") in place.attrib for name in ("eastAsia", "eastAsiaTheme")
                    ):
                        place.set(qn("w:eastAsia"), font)

    def packed(self, day: date) -> bytes:
        """The file, dated `day` wherever the format asks for a moment."""
        properties = self.docx.core_properties
        properties.created = properties.modified = datetime(day.year, day.month, day.day)
        properties.last_modified_by, properties.revision = properties.author, 1
        loose, packed = io.BytesIO(), io.BytesIO()
        self.save(loose)
        with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w") as target:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
                target.writestr(entry, source.read(name))
        return packed.getvalue()


def _east_asian_fonts(styles: Any) -> dict[str, str]:
    """The East Asian font of each style id, through the styles it is based on; "" is what all others have."""
    own, based = {}, {}
    for style in styles.iterchildren(qn("w:style")):
        id = style.get(qn("w:styleId"))
        own[id] = next(iter(style.xpath("w:rPr/w:rFonts/@w:eastAsia")), "")
        based[id] = next(iter(style.xpath("w:basedOn/@w:val")), "")
    found = {}
    for id in own:
        at = id
        for _ in own:  # styles based on each other in a circle end too
            if own.get(at) or at not in based:
                break
            at = based[at]
        found[id] = own.get(at, "")
    plain = styles.xpath('w:style[@w:type="paragraph"][@w:default="1"]/@w:styleId')
    defaults = styles.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:rFonts/@w:eastAsia")
    return found | {"": found.get(next(iter(plain), ""), "") or next(iter(defaults), "")}


@lru_cache(maxsize=64)
def _cleaned(xml: str) -> str:
    return str(DocxTemplate(None).patch_xml(xml))


def _sources(template: Path) -> Iterator[tuple[str, str]]:
    """The parts of a template that hold tags, as Jinja sources."""
    if template.suffix == ".j2":
        yield template.stem, template.read_text(encoding="utf-8")
        return
    paper = _Paper(template)
    paper.init_docx()
    yield "document", paper.patch_xml(paper.get_xml())
    for part in paper.edges():
        yield part.partname.rpartition("/")[2], paper.patch_xml(paper.get_part_xml(part))
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        yield f"property {name}", getattr(paper.docx.core_properties, name)


# -------------------------------------------------------------------------------- words of a template


class _Environment(ImmutableSandboxedEnvironment):
    """Templates travel by mail between offices: they may read the view and nothing else."""

    def from_string(self, source: Any, *_: Any, **__: Any) -> jinja2.Template:
        return _compiled(self, source)


@lru_cache(maxsize=256)
def _compiled(env: _Environment, source: str) -> jinja2.Template:
    return super(_Environment, env).from_string(source)


@lru_cache(maxsize=2)
def _environment(escape: bool = True) -> _Environment:
    env = _Environment(undefined=jinja2.StrictUndefined, autoescape=escape, finalize=_printable)
    env.filters |= {"number": number, "day": day, "need": need, "with_blanks": with_blanks}
    return env


def _printable(value: Any) -> Any:
    """Nothing is printed for what is not known, nor a character that a Word file cannot hold."""
    if value is None:
        return ""
    return value.translate(_UNPRINTABLE) if isinstance(value, str) else value


def day(value: date | str | None, pattern: str) -> str:
    """A date or moment by a pattern of YYYY, MM, DD, M, D, hh and mm; other words stay, nothing is empty."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    if value is None:
        return ""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    signs = {
        "YYYY": f"{moment.year}",
        "MM": f"{moment.month:02}",
        "DD": f"{moment.day:02}",
        "M": f"{moment.month}",
        "D": f"{moment.day}",
        "hh": f"{moment.hour:02}",
        "mm": f"{moment.minute:02}",
    }
    return re.sub("|".join(signs), lambda sign: signs[sign[0]], pattern)


@jinja2.pass_context
def need(context: Context, value: Any, label: str, instead: str) -> Any:
    """The value; when it is missing, `instead`, and its label is remembered for `with_blanks`."""
    if value is None or value == "":
        context[_BLANKS].append(label)
        return instead
    return value


@jinja2.pass_context
def with_blanks(context: Context, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels, and those of the needed facts that were missing so far; each once."""
    return tuple(dict.fromkeys((*context[_BLANKS], *labels)))
