"""Finding keywords in text.

A keyword is one or more words. It matches whatever the case, over any white space or hyphen between its words, in the
singular and the plural. Three dots stand for up to three further words: `transformable ... mobile armor` is also found in
`transformable Newtype use mobile armor`. A match inside a longer match does not count: `fighter` is not found in `mobile
fighter` when both are keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import NamedTuple

from pipeline.curate.plurals import forms
from pipeline.curate.tokens import is_word, tokens

GAP = 3
"""How many words the three dots in a keyword stand for at most."""

_DOTS = re.compile(r"\.{3}|\u2026")


class Match(NamedTuple):
    """A keyword found at words `start` to `end` (exclusive); `keeps` says which list it comes from."""

    start: int
    end: int
    keyword: str
    keeps: bool


class Keywords:
    """Two lists of keywords, ready to be looked for."""

    def __init__(self, keep: Iterable[str], drop: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[frozenset[str] | None, list[list[frozenset[str]]], str, bool]]] = {}
        for keeps, keywords in ((True, keep), (False, drop)):
            for keyword in keywords:
                pieces = [[forms(word) for word in tokens(piece) if is_word(word)] for piece in _DOTS.split(keyword)]
                runs = [piece for piece in pieces if piece]
                second = runs[0][1] if runs and len(runs[0]) > 1 else None  # looked at first: most keywords are ruled out by it
                for first in sorted(runs[0][0]) if runs else ():
                    self._by_first.setdefault(first, []).append((second, runs, keyword, keeps))

    def find(self, text: Sequence[str]) -> list[Match]:
        """The matches that no longer match contains, by where they begin. The time grows with the length of `text`."""
        found: list[Match] = []
        reach = 0  # what begins later and ends no later lies inside
        for start in compress(range(len(text)), map(self._by_first.__contains__, text)):
            follows = text[start + 1] if start + 1 < len(text) else ""
            here = [
                Match(start, end, keyword, keeps)
                for second, runs, keyword, keeps in self._by_first[text[start]]
                if (second is None or follows in second) and (end := _matched(text, start, runs))
            ]
            end = max((match.end for match in here), default=0)
            if end > reach:
                reach = end
                found += sorted({match for match in here if match.end == end})
        return found


def _matched(text: Sequence[str], start: int, runs: Sequence[Sequence[frozenset[str]]]) -> int:
    """Where a keyword that begins at `start` ends, 0 if it is not there. Between its runs of words lie at most `GAP` others."""
    end = start + len(runs[0])
    if end > len(text):
        return 0
    for at, spelled in enumerate(runs[0], start):
        if text[at] not in spelled:
            return 0
    if len(runs) == 1:
        return end
    for after in range(end, min(end + GAP, len(text)) + 1):
        found = _matched(text, after, runs[1:])
        if found:
            return found
        if after == len(text) or not is_word(text[after]):
            break
    return 0
