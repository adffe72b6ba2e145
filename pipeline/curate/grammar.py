"""Reading a short label as an English noun phrase: its head, its asides, its alternatives, and words that turn a keyword's meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.curate.plurals import forms
from pipeline.curate.tokens import DASH, Word, is_word, words


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

BESIDE = _set("beside besides near behind beyond before after between among over above below past toward towards around than like")
"""Further prepositions, which make what follows them in running text another thing."""

BEING = _set("is was are were")
ARTICLES = _set("a an the one another")
ADVERBS = _set("also still once both then now")
"""Words that may stand between "is" and an article."""

POINTING = _set("this these")
"""Words before which a text names its own thing."""

KIND_FORMS = frozenset(form for kind in KINDS for form in forms(kind))

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


class Label(NamedTuple):
    """A short text split as a noun phrase: what stands outside brackets and dashes, and each aside."""

    main: tuple[Word, ...]
    asides: tuple[tuple[Word, ...], ...]


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
        elif main and not depth and (word.text == DASH or (not dashes and word.text == "|")):
            if not dashes:
                break
            dashed = True
            asides.append([])
        elif depth or dashed:
            asides[-1].append(word)
        else:
            main.append(word)
    return Label(tuple(main), tuple(tuple(aside) for aside in asides if aside))


def cut(phrase: Sequence[Word]) -> tuple[list[str], list[str]]:
    """The head of a noun phrase, and the rest from the first preposition on (`carrier` | `for mobile suits`).

    Words tied by a hyphen do not cut (`air-to-ground`, `suit-carrying`), nor does the first word. `type of`, `variant of` and
    the like are passed over, since what follows them is the thing itself.
    """
    texts, start = [word.text for word in phrase], 0
    for at, word in enumerate(phrase):
        if word.text not in CUTTERS and not (word.text == "used" and texts[at + 1 : at + 2] == ["to"]):
            continue
        if at == start or word.tied_before or word.tied_after:
            continue
        if word.text == "of" and texts[at - 1] in KIND_FORMS:
            start = at + 1
            continue
        return texts[start:at], texts[at:]
    return texts[start:], []


def alternatives(phrase: Sequence[str]) -> list[list[str]]:
    """The parts between commas, slashes and other marks, `and` and `or`."""
    parts: list[list[str]] = [[]]
    for word in phrase:
        if word in ("and", "or") or not is_word(word):
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
