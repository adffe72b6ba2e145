"""Keywords of several words, misspelled: "moblie suit", "mobile siut", "mobilesuit"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.curate.plurals import forms
from pipeline.curate.tokens import Word, is_word, tokens

SHORTEST = 8
"""Letters that a keyword must have: among short words a slip makes another word."""


class Speller:
    """Puts right what is one slip away from a keyword of several words; single words are left alone.

    A slip is one letter wrong, missing, doubled or too many, two neighbours exchanged, or a blank left out; with the blank, one more.
    """

    def __init__(self, keywords: Iterable[str]) -> None:
        self._single: set[str] = set()
        spelled: dict[str, tuple[str, ...]] = {}
        for keyword in keywords:
            said = tokens(keyword)
            if len(said) == 1:
                self._single |= forms(said[0])
            elif all(map(is_word, said)) and len("".join(said)) >= SHORTEST:
                for last in sorted(forms(said[-1]), key=lambda form: (len(form), form)):
                    spelled.setdefault("".join([*said[:-1], last]), (*said[:-1], last))

        self._right = set(spelled.values())
        self._counts = sorted({count for right in spelled.values() for count in (len(right), len(right) - 1)}, reverse=True)
        self._near: dict[tuple[int, int], list[tuple[str, tuple[str, ...]]]] = {}
        """By words and letters of what is written: the keywords that it may be."""
        for joined, right in spelled.items():
            for count in (len(right), len(right) - 1):
                for letters in range(len(joined) - 1, len(joined) + 2):
                    self._near.setdefault((count, letters), []).append((joined, right))

    def mend(self, phrase: Sequence[Word]) -> tuple[list[Word], dict[str, str]]:
        """The phrase with its slips put right, and what was read as what."""
        mended: list[Word] = []
        read: dict[str, str] = {}
        at = 0
        while at < len(phrase):
            length, right = self._at(phrase, at)
            if not right:
                mended.append(phrase[at])
                at += 1
                continue
            wrong = phrase[at : at + length]
            first, *between, last = right
            mended += [Word(first, tied_before=wrong[0].tied_before), *map(Word, between), Word(last, tied_after=wrong[-1].tied_after)]
            read[" ".join(word.text for word in wrong)] = " ".join(right)
            at += length
        return mended, read

    def _at(self, phrase: Sequence[Word], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words from here on are a misspelled keyword, and the keyword; 0 if none, or if one is spelled right."""
        best: tuple[int, tuple[str, ...]] = 0, ()
        for count in self._counts:
            said = tuple(word.text for word in phrase[at : at + count])
            if said in self._right:
                return 0, ()
            if best[0] or len(said) < count or (count == 1 and said[0] in self._single):
                continue
            written = "".join(said)
            best = next(((count, right) for joined, right in self._near.get((count, len(written)), ()) if _slip(written, joined)), best)
        return best


def _slip(one: str, other: str) -> bool:
    """Whether two words differ by at most one letter, or by two neighbours exchanged."""
    if abs(len(one) - len(other)) > 1:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return (len(one) <= 1 and len(other) <= 1) or (len(one) == 2 and one == other[::-1])
