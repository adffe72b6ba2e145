"""Text as words and punctuation marks, in the one form that keywords are looked for in."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import NamedTuple

DASH = "\u2014"
"""What a dash between blanks becomes, whichever way it was written."""

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Japanese and Chinese set no blanks between words, so each sign is a word of its own. A full stop is a mark where a blank or nothing
# follows; quotation marks and typesetting signs are nothing.
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+|\.(?!\S)|[^\w\s.\"#*^`\u201c\u201d\u2018]")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?(?!\w)|['\u2019]")
_DASHES = re.compile(r"(?<=\s)-(?=\s)|--+|\u2015")
_HYPHENS = re.compile("[\u2010\u2011\u2012\u2013\ufe63\uff0d_]")
_SIGNS = re.compile("[\u2122\u00ae\u00a9]")

_UNSURE = ""
"""In the pieces of a text: a full stop that may or may not end a sentence, since what precedes it is not seen."""


class Word(NamedTuple):
    """A token: its lower-case text, and whether a hyphen ties it to the word before or after."""

    text: str
    tied_before: bool = False
    tied_after: bool = False


def words(text: str) -> list[Word]:
    """The words and punctuation marks of a text; hyphens become ties, a dash between blanks stays a mark of its own."""
    found: list[Word] = []
    tied = False
    for token in _split(text):
        if token == "-":
            tied = bool(found)
            if found:
                found[-1] = found[-1]._replace(tied_after=True)
        elif token != "." or (found and _ends_sentence(found[-1].text)):
            found.append(Word(token, tied_before=tied))
            tied = False
    return found


def tokens(text: str) -> list[str]:
    """The same without ties, for long texts: put together from what is remembered of each piece between blanks.

    Beginning and end of the text count as blanks, so that a hyphen there may be a dash.
    """
    found = list(chain.from_iterable(map(_PIECES.__getitem__, text.split())))
    return found if _UNSURE not in found else [token or "." for token in _without_idle_stops(found, _UNSURE)]


def is_word(token: str) -> bool:
    """Whether a token is a word and not a mark."""
    return token[0].isalnum()


class _Pieces(dict[str, tuple[str, ...]]):
    """The tokens of pieces without blanks, remembered: a language uses few words, and uses them again."""

    MOST, LONGEST = 50_000, 40
    """How many pieces are held, and how many characters one of them may have: some MB at most, whatever the texts."""

    def __missing__(self, piece: str) -> tuple[str, ...]:
        if piece.isascii() and piece.isalnum():
            found: tuple[str, ...] = (piece.lower(),)
        else:
            all_of_it = [token for token in _split(f" {piece} ") if token != "-"]
            unsure = (_UNSURE,) if all_of_it[:1] == ["."] else ()
            found = (*unsure, *_without_idle_stops(all_of_it, "."))
        if len(piece) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[piece] = found
        return found


_PIECES = _Pieces()


def _split(text: str) -> list[str]:
    """All tokens, hyphens and full stops among them."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _SIGNS.sub(" ", text.replace("\u00ad", "")))
    text = _POSSESSIVE.sub("", _HYPHENS.sub("-", text.casefold()))
    return _TOKEN.findall(_DASHES.sub(DASH, text))


def _without_idle_stops(found: list[str], stop: str) -> list[str]:
    return [token for before, token in zip(["", *found], found, strict=False) if token != stop or _ends_sentence(before)]


def _ends_sentence(before: str) -> bool:
    """Whether a full stop behind this ends more than an abbreviation: no letter or two, and no other mark."""
    return len(before) > 2
