"""Words and two-word phrases that labelled pictures have, weighed by how well they tell keep from drop."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.curate.grammar import CUTTERS, alternatives, cut, label
from pipeline.curate.judge import says_nothing
from pipeline.curate.logodds import z_scores
from pipeline.curate.plurals import singular
from pipeline.curate.tokens import is_word, tokens

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.manifest import ClassifySettings

Phrase = tuple[str, ...]
"""Its words in the singular."""

PRIOR = 10
"""The prior is worth as much as so many pictures."""

HEAD = 150
"""Words of a text that are looked at: what a thing is stands at its beginning."""

BACKGROUND = 3000
"""Pictures that the prior is made from, spread over all."""

_DULL = """
    a an the and or but if it its is was are were be been being has have had this that these those there they their he she his her
    him who which what when where while not no all also both each other such than then so only just more most very can could may
    will would one two three to up out off over after before between during through
"""
DULL = CUTTERS | frozenset(_DULL.split())
"""Words that are in no proposed keyword."""


@dataclass
class Item:
    """A picture: its sightings and, by place, its phrases with the words as they stand there.

    Only phrases that a keyword would be heard in: what ends a label, and what title and text say where the field is missing.
    """

    sightings: list[dict[str, Any]] = field(default_factory=list)
    phrases: dict[str, dict[Phrase, str]] = field(default_factory=dict)
    stems: set[Phrase] = field(default_factory=set)
    """Of all phrases there, however they end."""
    looked_at: bool = False
    """Whether its phrases were had: it bears a label, or is one of those that make the background."""

    def has(self, phrase: Phrase) -> bool:
        """Whether it has the phrase where it would be heard."""
        return any(phrase in found for found in self.phrases.values())

    def may_match(self, phrase: Phrase) -> bool:
        """Whether the phrase as a keyword could match anything that is heard."""
        return _stem(phrase) in self.stems

    def mentions(self, phrase: Phrase, field: str) -> bool:
        """The same, a little more generous, of an item whose phrases were not had."""
        told = [heard(one, field) for one in self.sightings]
        texts = [" ".join([str(one["fields"].get(field) or "") if field else "", str(one["title"]), str(one["text"])]) for one in told]
        return any(all(stem in text for stem in _stem(phrase)) for text in map(_folded, texts))


@dataclass(frozen=True)
class Candidate:
    """A phrase, the side it speaks for, and the place it was weighed in.

    `kept` and `dropped` count the labelled pictures that have it there, `found` those of the background; `z` is above 0.
    """

    phrase: Phrase
    keyword: str
    keeps: bool
    where: str
    kept: int
    dropped: int
    z: float
    found: int

    @property
    def supported(self) -> bool:
        """Whether it is more than the name of one thing."""
        return (self.kept if self.keeps else self.dropped) > 1 or self.found > 2


def heads(text: str, dashes: bool = True) -> dict[Phrase, str]:
    """Of a label, what its noun phrases end with, one word and two: only there do keywords decide. `dashes`: as for `keywords.label`."""
    main, asides = label(text, dashes)
    parts = [part for phrase in (main, *asides) for part in alternatives(cut(phrase)[0])]
    return {phrase: shown for part in parts for phrase, shown in _phrases(part[-2:]) if phrase[-1] == singular(part[-1])}


def phrases(text: str) -> dict[Phrase, str]:
    """The words and two-word phrases of a text's first `HEAD` words that could be keywords, as they stand there."""
    return dict(_phrases(tokens(text)[:HEAD]))


def _phrases(text: Sequence[str]) -> Iterator[tuple[Phrase, str]]:
    before: str | None = None
    for word in text:
        if not _could_be(word):
            before = None
            continue
        if not word.isdigit():
            yield (singular(word),), word
        if before is not None and not (word.isdigit() and before.isdigit()):
            yield (singular(before), singular(word)), f"{before} {word}"
        before = word


def gather(sightings: pd.DataFrame, labels: Iterable[str], settings: ClassifySettings) -> dict[str, Item]:
    """All pictures, in id order; those with a label and those that make the background have their phrases."""
    items: dict[str, Item] = {}
    for found in sightings.sort_values(["id", "page_url", "image_url"]).to_dict("records"):
        items.setdefault(str(found["id"]), Item()).sightings.append({str(key): value for key, value in found.items()})
    labelled, stride = set(labels), max(1, len(items) // BACKGROUND)
    for number, (id, item) in enumerate(items.items()):
        item.looked_at = id in labelled or number % stride == 0
        if item.looked_at:
            for row in item.sightings:
                for place, text, said in _places(row, settings):
                    item.stems |= {_stem(phrase) for phrase, _ in _phrases(tokens(text))}
                    if said:
                        item.phrases.setdefault(place, {}).update(said)
    return items


def candidates(items: Mapping[str, Item], truth: Mapping[str, bool], settings: ClassifySettings) -> list[Candidate]:
    """Every phrase of a labelled picture that leans to a side and is no keyword yet, the most telling first.

    `truth` maps the labelled ids to whether they are kept.
    """
    listed = {tuple(singular(word) for word in tokens(keyword)) for keyword in (*settings.keep, *settings.drop)}
    found = []
    for place in sorted({place for id in truth for place in items[id].phrases}):
        groups = [[items[id] for id, side in truth.items() if side == keeps] for keeps in (True, False)]
        groups.append([item for item in items.values() if item.looked_at])
        kept, dropped, background = (_count(group, place) for group in groups)
        shown = _shown([*groups[0], *groups[1]], place)
        sizes = len(groups[0]), len(groups[1]), len(groups[2])
        for phrase, z in z_scores(kept, dropped, background, sizes, PRIOR).items():
            if z and phrase not in listed:
                found.append(Candidate(phrase, shown[phrase], z > 0, place, kept[phrase], dropped[phrase], abs(z), background[phrase]))
    return sorted(found, key=lambda one: (-one.z, len(one.phrase), one.phrase, one.where))


def _could_be(word: str) -> bool:
    return is_word(word) and word not in DULL and (len(word) > 1 or not word.isascii())


def _places(row: Mapping[str, Any], settings: ClassifySettings) -> Iterator[tuple[str, str, dict[Phrase, str]]]:
    """The places of a sighting that are heard: name, text, and what a keyword could be made from."""
    value, title, text = str(row["fields"].get(settings.field) or "") if settings.field else "", str(row["title"]), str(row["text"])
    if says_nothing(value):
        yield "title", title, heads(title, dashes=False)
        yield "text", text, phrases(text)
    else:
        yield settings.field, value, heads(value)


def heard(sighting: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """The sighting without its text, which changes no decision where the field says something."""
    return sighting if not field or says_nothing(str(sighting["fields"].get(field) or "")) else {**sighting, "text": ""}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.replace("\u00ad", "")).casefold()


def _stem(phrase: Phrase) -> Phrase:
    """The same for all forms of its words (and for some others)."""
    return tuple(word.rstrip("seiy") for word in phrase)


def _count(items: Iterable[Item], place: str) -> Counter[Phrase]:
    return Counter(phrase for item in items for phrase in item.phrases.get(place, ()))


def _shown(items: Iterable[Item], place: str) -> dict[Phrase, str]:
    """How each phrase is written: in the singular if it occurs so, else as it is seen most."""
    seen: dict[Phrase, Counter[str]] = {}
    for item in items:
        for phrase, text in item.phrases.get(place, {}).items():
            seen.setdefault(phrase, Counter())[text] += 1
    return {
        phrase: single if (single := " ".join(phrase)) in texts else min(texts, key=lambda text: (-texts[text], text))
        for phrase, texts in seen.items()
    }
