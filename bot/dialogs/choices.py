"""Which options of a list a reply names: codes, labels, their parts, pinyin initials, yes and no.

Negation is never read as its opposite: a part of a label counts only where nothing before it negates it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from bot.dialogs.option_forms import ChoicePatterns, Option, OptionForms, choice_patterns, fold, forms_of
from bot.dialogs.rejection import JSON, Rejected, reject
from bot.dialogs.vocabulary import Vocabulary, plain

__all__ = ["Option", "match_option", "match_options", "means_unknown"]

_Formed: TypeAlias = Sequence[tuple[Option, OptionForms]]

_LONGEST = 300
# Stands for a label whose own words would be taken for separators; private-use signs are in no reply.
_PLACEHOLDER = 0xE000


def match_option(text: str, options: Sequence[Option], vocabulary: Vocabulary) -> int | Rejected:
    """The code of the one option that a reply names.

    Rejected as not_an_option (with all options), or ambiguous (with the candidates) when several fit.
    """
    reply = text.strip()
    if reply.isascii() and reply.isdigit():
        return _by_code(reply, options)
    if not reply:
        return reject("empty")
    if len(reply) > _LONGEST:
        return reject("too_long", limit=_LONGEST)
    formed = _formed(options, vocabulary)
    return _settle(_named(plain(reply), formed, vocabulary), options, reply)


def match_options(
    text: str,
    options: Sequence[Option],
    vocabulary: Vocabulary,
    *,
    maximum: int | None = None,
    minimum: int = 1,
    none_code: int | None = None,
) -> list[int] | Rejected:
    """The codes of all options that a reply names, each once, in the order of the list.

    `none_code` excludes the others; `minimum` and `maximum` bound how many may be named.
    """
    if not text.strip():
        return reject("empty")
    if len(text) > _LONGEST:
        return reject("too_long", limit=_LONGEST)
    found = _all_named(plain(text), _formed(options, vocabulary), vocabulary, none_code)
    if isinstance(found, Rejected):
        return found
    chosen = [option.code for option in options if option.code in found]
    if none_code in chosen and len(chosen) > 1:
        label = next(option.label for option in options if option.code == none_code)
        return reject("excludes_others", label=label, code=none_code)
    if maximum is not None and len(chosen) > maximum:
        return reject("too_many", maximum=maximum, chosen=len(chosen))
    if len(chosen) < minimum and none_code not in chosen:
        return reject("too_few", minimum=minimum, chosen=len(chosen))
    return chosen


def means_unknown(text: str, vocabulary: Vocabulary, options: Sequence[Option] = ()) -> bool:
    """Whether a reply says that the answer is not known; never when it names one of `options`."""
    reply = fold(plain(text), vocabulary)
    unknown = vocabulary.choices.unknown
    if reply not in unknown and choice_patterns(vocabulary).after.sub("", reply) not in unknown:
        return False
    return not options or isinstance(match_option(text, options, vocabulary), Rejected)


def _formed(options: Sequence[Option], vocabulary: Vocabulary) -> _Formed:
    return [(option, forms_of(option, vocabulary)) for option in options]


def _by_code(digits: str, options: Sequence[Option]) -> int | Rejected:
    code = int(digits) if len(digits) <= 6 else -1
    for option in options:
        if option.code == code:
            return code
    return _settle([], options, digits)


def _settle(found: list[Option], options: Sequence[Option], said: str) -> int | Rejected:
    """One option is the answer; none or several are rejections."""
    if len(found) == 1:
        return found[0].code
    if found:
        return reject("ambiguous", candidates=_listed(found))
    return reject("not_an_option", options=_listed(options), said=said)


def _listed(options: Iterable[Option]) -> list[JSON]:
    return [[option.code, option.label] for option in options]


def _named(reply: str, formed: _Formed, vocabulary: Vocabulary) -> list[Option]:
    """The options that a reply in plain text may mean, by the surest way that finds any."""
    patterns = choice_patterns(vocabulary)
    if exact := _exact(fold(reply, vocabulary), formed, vocabulary):
        return exact
    if (coded := _coded(reply, formed, vocabulary, patterns)) is not None:
        return coded
    if found := _labelled(fold(reply, vocabulary), formed, vocabulary):
        return found
    bare = patterns.after.sub("", reply)
    if bare != reply and bare and (found := _labelled(fold(bare, vocabulary), formed, vocabulary)):
        return found
    shorter = patterns.before.sub("", bare)
    if not shorter or shorter in (reply, bare):
        return []
    if (coded := _coded(shorter, formed, vocabulary, patterns)) is not None:
        return coded
    # Yes and no are not looked for behind fillers: "is or not" is neither.
    words, shorter = vocabulary.choices, fold(shorter, vocabulary)
    return [] if shorter in words.yes or shorter in words.no else _by_label(shorter, formed, vocabulary)


def _labelled(reply: str, formed: _Formed, vocabulary: Vocabulary) -> list[Option]:
    return _agreed(reply, formed, vocabulary) or _by_label(reply, formed, vocabulary)


def _agreed(reply: str, formed: _Formed, vocabulary: Vocabulary) -> list[Option]:
    """The option that a bare yes or no means, unless the word itself is the label or initials of one."""
    words = vocabulary.choices
    if reply in words.yes:
        labels = words.yes_labels
    elif reply in words.no:
        labels = words.no_labels
    else:
        return []
    if exact := _exact(reply, formed, vocabulary):
        return exact
    return [option for option, form in formed if form.core in labels]


def _exact(reply: str, formed: _Formed, vocabulary: Vocabulary) -> list[Option]:
    """Options whose label, with or without its bracketed remarks, or initials are the reply."""
    return (
        [option for option, form in formed if reply == form.label]
        or [option for option, form in formed if reply == form.core]
        or [option for option, form in formed if reply == form.initials]
    )


def _by_label(reply: str, formed: _Formed, vocabulary: Vocabulary) -> list[Option]:
    """Options by whole label, by initials, by the beginning of the initials, then by a part of the label."""
    if not reply:
        return []
    if exact := _exact(reply, formed, vocabulary):
        return exact
    words = vocabulary.choices
    if reply in words.yes or reply in words.no:
        return []
    if reply.isascii() and reply.isalpha() and len(reply) > 1:
        begun = [option for option, form in formed if form.initials.startswith(reply)]
        if begun:
            return begun
    patterns = choice_patterns(vocabulary)
    return [option for option, form in formed if _has_part(form, reply, patterns)]


def _has_part(form: OptionForms, part: str, patterns: ChoicePatterns) -> bool:
    """Whether a label has the part where no negation stands before it in the same clause.

    A single sign counts only in a short label or as a grade letter; digits alone never do.
    """
    if part.isdigit() or (len(part) == 1 and len(form.core) > 3 and not part.isascii()):
        return False
    for clause in form.clauses:
        start = clause.find(part)
        while start >= 0:
            if patterns.negation.search(clause, 0, start) is None:
                return True
            start = clause.find(part, start + 1)
    return False


def _coded(
    reply: str, formed: _Formed, vocabulary: Vocabulary, patterns: ChoicePatterns
) -> list[Option] | None:
    """Options by a leading code; None if there is none, so that the words alone decide.

    A label behind the code must be of the same option, else both are candidates.
    """
    found = patterns.code.match(reply)
    if found is None:
        return None
    by_code = [option for option, _ in formed if str(option.code) == patterns.value(found["code"])]
    rest = reply[found.end() :].strip()
    if not rest:
        return by_code
    if not by_code or not found["code"].isdigit() or found["code"] in patterns.numerals:
        return None
    behind = _labelled(fold(rest, vocabulary), formed, vocabulary)
    behind = behind or _coded(rest, formed, vocabulary, patterns) or []
    if not behind:
        return None
    return by_code if by_code[0] in behind else by_code + behind


def _all_named(
    reply: str, formed: _Formed, vocabulary: Vocabulary, none_code: int | None
) -> set[int] | Rejected:
    """The codes of everything that a reply in plain text names, or the first piece that names nothing."""
    patterns = choice_patterns(vocabulary)
    options = [option for option, _ in formed]
    if none_code is not None and patterns.after.sub("", reply) in vocabulary.choices.none:
        return {none_code}
    whole = _exact(fold(reply, vocabulary), formed, vocabulary)
    if len(whole) == 1:
        return {whole[0].code}
    text, hidden = _hide_labels(reply, formed, vocabulary)
    codes: set[int] = set()
    for piece in patterns.separator.split(patterns.spaced_range.sub(r"\1", text)):
        if piece:
            found = _piece(piece, formed, vocabulary, hidden, none_code)
            if isinstance(found, Rejected):
                shown = any(sign in piece for sign in hidden)
                return reject("not_an_option", options=_listed(options), said=reply) if shown else found
            codes |= found
    return codes or reject("not_an_option", options=_listed(options), said=reply)


def _hide_labels(reply: str, formed: _Formed, vocabulary: Vocabulary) -> tuple[str, dict[str, int]]:
    """The reply with every whole label that holds a separator replaced by one sign."""
    hidden: dict[str, int] = {}
    labels = [(name, option.code) for option, form in formed for name in form.compound]
    for name, code in sorted(labels, key=lambda pair: -len(pair[0])):
        sign = chr(_PLACEHOLDER + len(hidden))
        if name in reply:
            hidden[sign] = code
            reply = reply.replace(name, sign)
    return reply, hidden


def _piece(
    piece: str,
    formed: _Formed,
    vocabulary: Vocabulary,
    hidden: dict[str, int],
    none_code: int | None,
) -> set[int] | Rejected:
    """The codes of one piece: a range, a run of single digits, an option, or options joined by "and"."""
    if piece in hidden:
        return {hidden[piece]}
    patterns = choice_patterns(vocabulary)
    if none_code is not None and piece in vocabulary.choices.none:
        return {none_code}
    options = [option for option, _ in formed]
    codes = [option.code for option in options]
    if (ends := patterns.range.fullmatch(piece)) is not None:
        first, last = int(patterns.value(ends[1])), int(patterns.value(ends[2]))
        if first in codes and last in codes and codes.index(first) < codes.index(last):
            return set(codes[codes.index(first) : codes.index(last) + 1])
        return reject("not_an_option", options=_listed(options), said=piece)
    if piece.isascii() and piece.isdigit() and max(codes, default=10) < 10:
        if all(int(digit) in codes for digit in piece):
            return {int(digit) for digit in piece}
        return reject("not_an_option", options=_listed(options), said=piece)
    found = _named(piece, formed, vocabulary)
    if len(found) == 1:
        return {found[0].code}
    parts = [part for part in patterns.conjunction.split(piece) if part]
    if found or len(parts) < 2:
        answer = _settle(found, options, piece)
        return answer if isinstance(answer, Rejected) else {answer}
    together: set[int] = set()
    for part in parts:
        answer_of_part = _piece(part, formed, vocabulary, hidden, none_code)
        if isinstance(answer_of_part, Rejected):
            return reject("not_an_option", options=_listed(options), said=piece)
        together |= answer_of_part
    return together
