"""A simple reading of HTML and MarkdownV2 texts: what a person sees, and the refusals of broken markup."""

from __future__ import annotations

import html
import re

from tests.telegram_server.refusals import Refused, bad_request

NAMES = {"strong": "bold", "b": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline"}
NAMES |= {
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
}
NAMES |= {"blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link"}
NAMES |= {"tg-emoji": "custom_emoji", "tg-time": "date_time"}
PIECE = re.compile(r"<(/?)([a-zA-Z-]*)([^<>]*)>|(<)|([^<]+)")
HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
LINK = re.compile(r"\]\(([^()\s]*)\)")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
MARKS = {"*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler", "`": "Code"}
RESERVED = frozenset("_*[]()~`>#+-=|{}.!")

Entities = list[dict[str, object]]


def units(text: str) -> int:
    """Length in UTF-16 code units, the measure of every limit and offset of Telegram."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def parse(text: str, mode: str) -> tuple[str, Entities]:
    """Plain text and entities of a marked text; raises 400 "can't parse entities" when it is broken."""
    match mode.lower():
        case "" | "none":
            return text, []
        case "html":
            return _html(text)
        case "markdownv2":
            return _markdown(text)
        case "markdown":
            return _legacy(text)
    raise bad_request("unsupported parse_mode")


def _broken(text: str, why: str, at: int) -> Refused:
    return bad_request(f"can't parse entities: {why} at byte offset {len(text[:at].encode())}")


def _entity(name: str, start: int, end: int, url: str | None) -> dict[str, object]:
    entity: dict[str, object] = {"offset": start, "length": end - start, "type": name}
    if url is not None:
        entity["url"] = url
    return entity


def _html(text: str) -> tuple[str, Entities]:
    if "<" not in text and "&" not in text:
        return text, []
    plain: list[str] = []
    size = 0
    found: Entities = []
    open_tags: list[tuple[str, int, str]] = []
    for piece in PIECE.finditer(text):
        closing, tag, attributes, stray, words = piece.groups()
        if words is not None:
            words = ENTITY.sub(lambda hit: html.unescape(hit[0]), words)
            plain.append(words)
            size += units(words)
            continue
        tag = (tag or "").lower()
        if stray or (not closing and tag not in NAMES):
            raise _broken(text, f'Unsupported start tag "{tag}"', piece.start())
        if not closing:
            open_tags.append((tag, size, attributes))
            continue
        if not open_tags:
            raise _broken(text, "Unexpected end tag", piece.start())
        expected, start, attributes = open_tags.pop()
        if tag and tag != expected:
            raise _broken(
                text, f'Unmatched end tag, expected "</{expected}>", found "</{tag}>"', piece.start()
            )
        if size > start:
            link = HREF.search(attributes) if expected == "a" else None
            found.append(_entity(NAMES[expected], start, size, link[1] if link else None))
    if open_tags:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\""
        )
    return "".join(plain), sorted(found, key=_order)


def _order(entity: dict[str, object]) -> tuple[int, int]:
    return int(str(entity["offset"])), -int(str(entity["length"]))


def _markdown(text: str) -> tuple[str, Entities]:
    scan = _MarkdownScan(text)
    while scan.at < len(text):
        scan.step()
    if scan.open_marks:
        mark, _, start = scan.open_marks[-1]
        raise _broken(text, f"Can't find end of {MARKS.get(mark, 'Pre')} entity", start)
    return "".join(scan.plain), sorted(scan.found, key=_order)


class _MarkdownScan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = self.size = 0
        self.plain: list[str] = []
        self.found: Entities = []
        self.open_marks: list[tuple[str, int, int]] = []  # mark, start in UTF-16 units, start in the source

    def step(self) -> None:
        char = self.text[self.at]
        inside = self.open_marks[-1][0] if self.open_marks else ""
        if char == "\\" and self.at + 1 < len(self.text) and ord(self.text[self.at + 1]) < 127:
            self._say(self.text[self.at + 1], 2)
        elif inside in ("`", "```") and char != "`":
            self._say(char, 1)
        elif (mark := _mark(self.text, self.at)) is not None:
            self._toggle(mark, inside)
        elif char == "[":
            self.open_marks.append(("[", self.size, self.at))
            self.at += 1
        elif char == "]" and inside == "[":
            self._close_link()
        elif char == ">" and self.text[self.at - 1 : self.at] in ("", "\n"):
            self.at += 1
        elif char in RESERVED:
            why = f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            raise bad_request(f"can't parse entities: {why}")
        else:
            self._say(char, 1)

    def _say(self, char: str, read: int) -> None:
        self.plain.append(char)
        self.size += units(char)
        self.at += read

    def _toggle(self, mark: str, inside: str) -> None:
        if inside != mark:
            self.open_marks.append((mark, self.size, self.at))
        else:
            _, start, _ = self.open_marks.pop()
            if self.size > start:
                name = MARKS[mark].lower() if mark in MARKS else "pre"
                self.found.append(_entity(name, start, self.size, None))
        self.at += len(mark)

    def _close_link(self) -> None:
        _, start, _ = self.open_marks.pop()
        link = LINK.match(self.text, self.at)
        if link is not None:
            self.found.append(_entity("text_link", start, self.size, link[1]))
        self.at = link.end() if link else self.at + 1


def _mark(text: str, at: int) -> str | None:
    for mark in ("```", "||", "__", "*", "_", "~", "`"):
        if text.startswith(mark, at):
            return mark
    return None


def _legacy(text: str) -> tuple[str, Entities]:
    for mark in "*_`":
        bare = re.sub(r"\\.", "", text)
        if bare.count(mark) % 2:
            raise _broken(text, "Can't find end of the entity starting", text.rfind(mark))
    return re.sub(r"\\([_*`\[])|[*_`]", lambda hit: hit[1] or "", text), []
