"""Puts the printed pieces of a paragraph together: where a clause vanished, no mark is left doubled or alone.

Only where two pieces meet is anything mended: what an answer or a sentence holds inside stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.render.narrative_words import Words


class Mender:
    """Mends by the marks of these words; made once for a paper."""

    def __init__(self, words: Words) -> None:
        self.pauses, self.stops = words.pauses, words.stops
        self.marks = words.pauses + words.stops
        self.pairs = frozenset(words.pairs)
        self.opening = frozenset(pair[0] for pair in words.pairs)
        self.closing = frozenset(pair[1] for pair in words.pairs)
        self._delicate = self.opening | self.closing | {*self.marks}

    def mended(self, pieces: Sequence[str], end: str) -> str:
        """The pieces as one text; "" stands for a piece that vanished, `end` is the stop of the sentence.

        Of the pauses and stops that meet the strongest stays; none stands at the beginning or behind an
        opening mark, and no pause before a closing one; a pair with nothing between vanishes. A sentence
        whose last piece vanished ends with `end`.
        """
        text = pieces[0] if pieces else ""
        for piece in pieces[1:]:
            if piece and text and piece[0] not in self._delicate and text[-1] not in self._delicate:
                text += piece
            elif piece:
                text = self._joined(text, piece)
        if pieces and not pieces[-1] and text and text[-1] not in self.stops:
            text = text.rstrip(self.pauses) + end
        return text

    def _joined(self, text: str, piece: str) -> str:
        while text and piece and text[-1] + piece[0] in self.pairs:
            text, piece = text[:-1], piece[1:]
        before, after = text.rstrip(self.marks), piece.lstrip(self.marks)
        if not before or before[-1] in self.opening:
            return before + after
        met = text[len(before) :] + piece[: len(piece) - len(after)]
        if after and after[0] in self.closing:
            met = "".join(mark for mark in met if mark in self.stops)
        return before + (self._strongest(met) if len(met) > 1 else met) + after

    def _strongest(self, met: str) -> str:
        """One of the marks that meet: the first stop, else the strongest pause."""
        return next((mark for mark in met if mark in self.stops), None) or max(met, key=self.pauses.index)
