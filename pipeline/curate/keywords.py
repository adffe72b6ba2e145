"""Finding keywords in text, and reading a short label as an English noun phrase.

A keyword is one or more words. It matches whatever the case, over any white space or hyphen between its words, in the
singular and the plural. Three dots stand for up to three further words: `transformable ... mobile armor` is also found in
`transformable Newtype use mobile armor`. A match inside a longer match does not count: `fighter` is not found in `mobile
fighter` when both are keywords.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CUTTERS = _set(
    "of for with without carrying holding transporting towing in inside on onto aboard from by against at into under via per as using "
    "that which whose where"
)
"""Words that end the head of a noun phrase: what follows them says something about the thing, not what it is."""

CARRYING = _set("carrying holding transporting towing")
"""Of these, the ones whose object is a cargo."""

CARRIERS = _set(
    "carry carries carried carrying hold holds held holding transport transports transported transporting house houses housed "
    "store stores stored deploy deploys deployed deploying launch launches launched launching tow tows towed towing "
    "complement capacity capable accommodate accommodates accommodating load loads loaded"
)
"""Words after which a keyword names the cargo."""

HOUSINGS = _set(
    "carrying carrier carriers transport transports transporter transporters hangar hangars hanger bay bays deck decks dock docks garage "
    "launch launcher launchers catapult catapults capacity complement cockpit cockpits pilot pilots rider riders weapon weapons part parts "
    "weaponry armament armaments support supporting equipment accessory accessories attachment attachments backpack backpacks factory "
    "maintenance repair recovery"
)
"""Words before which a keyword names what the thing is for: a suit's hangar is no suit."""

KINDS = _set("type kind sort class variant version form model prototype series line pair family example")
"""Nouns that hand their meaning on: a type of suit is a suit."""

NEGATIONS = _set("anti non not no counter pseudo")
"""Words that turn the keyword behind them into what the thing is not, or is against."""

NUMBERS = _set("two three four five six seven eight nine ten eleven twelve dozen dozens several many numerous multiple")
"""What is counted in running text is cargo or company."""

GAP = 3
"""How many words the three dots in a keyword stand for at most."""

_DOTS = re.compile(r"\.{3}|\u2026")
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Japanese and Chinese set no blanks between words, so each sign is a word of its own
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+|[^\w\s]")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?(?!\w)|['\u2019]")
_HYPHENS = re.compile("[\u2010\u2011\u2012\u2013\ufe63\uff0d_]")
_SIGNS = re.compile("[\u2122\u00ae\u00a9]")
_BLANKS = frozenset('"#*^`\u201c\u201d\u2018')
_OPEN, _CLOSE, _DASH = frozenset("([{"), frozenset(")]}"), "\u2014"


class Word(NamedTuple):
    """A token: its lower-case text, and whether a hyphen ties it to the word before or after."""

    text: str
    tied_before: bool = False
    tied_after: bool = False


class Match(NamedTuple):
    """A keyword found at words `start` to `end` (exclusive); `keeps` says which list it comes from."""

    start: int
    end: int
    keyword: str
    keeps: bool


class Label(NamedTuple):
    """A short text split as a noun phrase: what stands outside brackets and dashes, and each aside."""

    main: tuple[Word, ...]
    asides: tuple[tuple[Word, ...], ...]


def words(text: str) -> list[Word]:
    """The words and punctuation marks of a text; hyphens become ties, a dash between blanks stays a mark of its own."""
    text = unicodedata.normalize("NFKC", _SIGNS.sub(" ", text.replace("\u00ad", ""))).casefold()
    text = _POSSESSIVE.sub("", _HYPHENS.sub("-", text))
    text = re.sub(r"(?<=\s)-+(?=\s)|--+|\u2015", _DASH, text)
    found: list[Word] = []
    tied = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "-":
            tied = bool(found)
            if found:
                found[-1] = found[-1]._replace(tied_after=True)
        elif token == "." and not _ends_sentence(text, match.start(), found):
            continue
        elif token not in _BLANKS:
            found.append(Word(token, tied_before=tied))
            tied = False
    return found


def is_word(token: str) -> bool:
    """Whether a token is a word and not a mark."""
    return token[0].isalnum()


class Keywords:
    """Two lists of keywords, ready to be looked for."""

    def __init__(self, keep: Iterable[str], drop: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[list[list[frozenset[str]]], str, bool]]] = {}
        for keeps, keywords in ((True, keep), (False, drop)):
            for keyword in keywords:
                pieces = [[_forms(word.text) for word in words(piece) if is_word(word.text)] for piece in _DOTS.split(keyword)]
                runs = [piece for piece in pieces if piece]
                for first in sorted(runs[0][0]) if runs else ():
                    self._by_first.setdefault(first, []).append((runs, keyword, keeps))

    def find(self, text: Sequence[Word]) -> list[Match]:
        """The matches that no longer match contains, by where they begin."""
        found = list(self._all(text))
        longest = [match for match in found if not any(_inside(match, other) for other in found)]
        return sorted(set(longest))

    def _all(self, text: Sequence[Word]) -> Iterator[Match]:
        for start, word in enumerate(text):
            for runs, keyword, keeps in self._by_first.get(word.text, ()):
                end = _matched(text, start, runs)
                if end:
                    yield Match(start, end, keyword, keeps)


def label(text: str, dashes: bool = True) -> Label:
    """Split a label into its main phrase and its asides: brackets (closed or not) and what follows a dash between blanks.

    Without `dashes` what follows a dash or a bar is left out: in page titles it names the site.
    """
    main: list[Word] = []
    asides: list[list[Word]] = []
    depth, dashed = 0, False
    for word in words(text):
        if word.text in _OPEN:
            depth += 1
            asides.append([])
        elif word.text in _CLOSE:
            depth = max(0, depth - 1)
        elif main and not depth and (word.text == _DASH or (not dashes and word.text == "|")):
            if not dashes:
                break
            dashed = True
            asides.append([])
        elif depth or dashed:
            asides[-1].append(word)
        else:
            main.append(word)
    return Label(tuple(main), tuple(tuple(aside) for aside in asides if aside))


def cut(phrase: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The head of a noun phrase, and the rest from the first preposition on (`carrier` | `for mobile suits`).

    Words tied by a hyphen do not cut (`air-to-ground`, `suit-carrying`), nor does the first word. `type of`, `variant of` and
    the like are passed over, since what follows them is the thing itself.
    """
    start = 0
    for at, word in enumerate(phrase):
        used = word.text == "used" and at + 1 < len(phrase) and phrase[at + 1].text == "to"
        if at == start or word.tied_before or word.tied_after or not (used or word.text in CUTTERS):
            continue
        if word.text == "of" and phrase[at - 1].text in KIND_FORMS:
            start = at + 1
            continue
        return list(phrase[start:at]), list(phrase[at:])
    return list(phrase[start:]), []


def alternatives(phrase: Sequence[Word]) -> list[list[Word]]:
    """The parts between commas, slashes and other marks, `and` and `or`."""
    parts: list[list[Word]] = [[]]
    for word in phrase:
        if word.text in ("and", "or") or not is_word(word.text):
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def split(phrase: Sequence[Word], *marks: str) -> list[list[Word]]:
    """The parts between any of the marks."""
    parts: list[list[Word]] = [[]]
    for word in phrase:
        if word.text in marks:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _ends_sentence(text: str, at: int, before: list[Word]) -> bool:
    """Whether a full stop ends more than an abbreviation: a blank or nothing follows, and no letter or two precede."""
    return not text[at + 1 : at + 2].strip() and bool(before) and len(before[-1].text) > 2


def _matched(text: Sequence[Word], start: int, runs: Sequence[Sequence[frozenset[str]]]) -> int:
    """Where a keyword that begins at `start` ends, 0 if it is not there. Between its runs of words lie at most `GAP` others."""
    end = start + len(runs[0])
    if end > len(text) or not all(text[at].text in forms for at, forms in zip(range(start, end), runs[0], strict=True)):
        return 0
    if len(runs) == 1:
        return end
    for after in range(end, min(end + GAP, len(text)) + 1):
        found = _matched(text, after, runs[1:])
        if found:
            return found
        if after == len(text) or not is_word(text[after].text):
            break
    return 0


def _inside(match: Match, other: Match) -> bool:
    return other.start <= match.start and match.end <= other.end and other.end - other.start > match.end - match.start


def _forms(word: str) -> frozenset[str]:
    """A keyword's word in the singular and the plural, whichever it was given in (a form that is no word does no harm)."""
    forms = {word}
    for single in (word, *_singulars(word)):
        forms.add(single)
        if len(single) < 2 or not single.isalpha():
            continue
        if re.search(r"[^aeiou]y$", single):
            forms.add(single[:-1] + "ies")
        elif re.search(r"(s|x|z|ch|sh)$", single):
            forms.add(single + "es")
        else:
            forms.add(single + "s")
    return frozenset(forms)


def _singulars(word: str) -> list[str]:
    if word.endswith("ies") and len(word) > 4:
        return [word[:-3] + "y"]
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return [word[:-2]]
    if len(word) > 3 and word.endswith("s") and not re.search(r"(s|u|i)s$", word):
        return [word[:-1]]
    return []


def singular(word: str) -> str:
    """A word's singular as far as the rules go, so that its forms are counted as one."""
    return next(iter(_singulars(word)), word)


KIND_FORMS = frozenset(form for kind in KINDS for form in _forms(kind))
