"""What one sighting says of an item: its field read as a noun phrase, its title and its text.

In English the head of a noun phrase comes last: a "mobile suit carrier" is a carrier. So in the field the keyword that ends last
decides, of what stands before the first preposition; of alternatives ("mobile suit/fighter") any that keeps. Page text is
weaker, it speaks of many things, and decides only where the field is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.curate.grammar import (
    ADVERBS,
    ARTICLES,
    BEING,
    BESIDE,
    CARRIERS,
    CARRYING,
    CUTTERS,
    HOUSINGS,
    KIND_FORMS,
    NEGATIONS,
    NUMBERS,
    POINTING,
    alternatives,
    cut,
    label,
    split,
)
from pipeline.curate.keywords import Keywords, Match
from pipeline.curate.spelling import Speller
from pipeline.curate.tokens import Word, is_word, tokens
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.manifest import ClassifySettings

ABSENT = frozenset(["", "unknown", "n a", "none", "tbd", "unspecified", "not specified", "not applicable", "not available"])
"""Field values that say nothing."""

DEFINING = 3
"""What a title, or "is a …" in the text, counts against a mere mention."""

WINDOW = 4
"""Words before a mention that are searched for what makes it cargo or a mere relation."""

_NO_ADJECTIVE = BEING | BESIDE | CARRIERS | CUTTERS | NUMBERS


@dataclass
class Evidence:
    """What was found in one place: weight on each side, and every keyword that counted with its number of mentions."""

    place: str
    weights: Counter[bool] = field(default_factory=Counter)
    found: dict[bool, Counter[str]] = field(default_factory=lambda: {True: Counter(), False: Counter()})

    def add(self, match: Match, weight: int = 1) -> None:
        """Count a match."""
        self.weights[match.keeps] += weight
        self.found[match.keeps][match.keyword] += 1

    def side(self, keeps: bool) -> str:
        """As in `text: mobile suit ×3, mobile armor`."""
        said = [keyword + (f" ×{count}" if count > 1 else "") for keyword, count in sorted(self.found[keeps].items())]
        return f"{self.place}: {', '.join(said)}" if said else ""


class Opinion(NamedTuple):
    """What one sighting says."""

    keep: bool
    rule: str
    score: float | None
    reason: str
    speaks_for: str
    speaks_against: str


class Judge:
    """Judges one sighting: `judge(value of the field, title, text)`. Equal sightings are judged once."""

    def __init__(self, settings: ClassifySettings) -> None:
        _check(settings)
        self.field = settings.field
        self.needs_keep = bool(settings.keep)
        self.empty = not settings.keep and not settings.drop
        self.keywords = Keywords(settings.keep, settings.drop)
        self.spelling = Speller((*settings.keep, *settings.drop))
        self._cached = lru_cache(maxsize=4096)(self._judge)
        self._of_field = lru_cache(maxsize=4096)(self._field)  # a collection has few of them

    def __call__(self, value: str, title: str, text: str) -> Opinion:
        return self._cached(value, title, text)

    def _judge(self, value: str, title: str, text: str) -> Opinion:
        if self.empty:
            return Opinion(True, "", None, "", "", "")
        said = [self._title(title), self._text(text)]
        if says_nothing(value):
            return self._by_text(said)
        answer, note, where = self._of_field(value)
        balance, shown = _balance(said), f'{self.field} says "{_short(value)}"'
        sides = _side([where, *said], True), _side([where, *said], False)
        if answer:
            return Opinion(answer > 0, "field", 2 * answer + balance, f"{shown}: {note}", *sides)
        if self.needs_keep:
            return Opinion(False, "no_keyword", balance - 1, f"{shown}: {note}", *sides)
        return Opinion(True, "", 1 + balance, "", *sides)

    def _by_text(self, said: list[Evidence]) -> Opinion:
        balance, sides = _balance(said), (_side(said, True), _side(said, False))
        missing = f"no {self.field}; " if self.field else ""
        if not any(sides):
            if self.needs_keep:
                return Opinion(False, "no_keyword", 0.0, f"{missing}no keyword in title or text", *sides)
            return Opinion(True, "", 1.0, "", *sides)
        weights = [sum(place.weights[keeps] for place in said) for keeps in (True, False)]
        return Opinion(balance > 0, "text", balance, f"{missing}title and text weigh {weights[0]} for, {weights[1]} against", *sides)

    def _field(self, value: str) -> tuple[int, str, Evidence]:
        """1 keep, −1 drop, 0 no keyword; the deciding keyword or what was missing; and all that was found.

        The head decides. Where it has no keyword the asides do, the first that has one: "RX-78 (mobile suit)". What stands
        after a preposition never decides: "launcher for mobile suits" is no mobile suit.
        """
        evidence = Evidence(self.field)
        main, asides = label(value)
        answer, note = self._phrase(main, evidence)
        for aside in asides:
            spoken, said = self._phrase(aside, evidence)
            if not answer:
                answer, note = spoken, said or note
        return answer, note or "no listed word", evidence

    def _phrase(self, phrase: Sequence[Word], evidence: Evidence) -> tuple[int, str]:
        mended, read = self.spelling.mend(phrase)
        spoken = [self._simple(part, evidence) for part in split(mended, ";", "|")]
        for sign in (1, -1, 0):
            for answer, note in spoken:
                if answer == sign and note:
                    return answer, note + "".join(f' (for "{wrong}")' for wrong in read)
        return 0, ""

    def _simple(self, phrase: Sequence[Word], evidence: Evidence) -> tuple[int, str]:
        """A phrase with at most one level of alternatives."""
        head, rest = cut(phrase)
        answers: list[tuple[int, str]] = []
        for part in reversed(alternatives(head)):
            matches = self._counted(part)
            for match in matches:
                evidence.add(match)
            last = max(matches, key=lambda match: (match.end, match.end - match.start), default=None)
            if last:
                answers.append((1 if last.keeps else -1, last.keyword))
            if len(part) > 1 and part[-1] in HOUSINGS and self.keywords.find(part[:-1]):
                break  # "mobile suit and fighter carrier": what comes before shares the carrier
        behind = self.keywords.find(rest)
        if behind and not behind[-1].keeps and _modifies(rest, behind[-1]):
            return -1, behind[-1].keyword
        for sign in (1, -1):
            said = [keyword for answer, keyword in reversed(answers) if answer == sign]
            if said:
                return sign, ", ".join(dict.fromkeys(said))
        return 0, f'no listed word before "{rest[0]}"' if behind else ""

    def _counted(self, phrase: Sequence[str]) -> list[Match]:
        """The matches that speak of the thing itself, not of what opposes, carries or houses it."""
        serves = bool(phrase) and phrase[-1] in HOUSINGS  # the head, which comes last: "mobile suit hand weapon"
        return [
            match
            for match in self.keywords.find(phrase)
            if not _opposed(phrase, match) and not _housed(phrase, match) and not (serves and match.keeps and match.end < len(phrase))
        ]

    def _title(self, title: str) -> Evidence:
        """A title counts where a keyword ends its phrase: "Zaku II mobile suit", but not "Mobile Suit Gundam"."""
        evidence = Evidence("title")
        main, asides = label(title, dashes=False)
        for phrase in (main, *asides):
            for part in alternatives(cut(phrase)[0]):
                for match in self._counted(part):
                    if match.end == len(part):
                        evidence.add(match, DEFINING)
        return evidence

    def _text(self, text: str) -> Evidence:
        """Mentions that speak of the page's own thing: not cargo, not counted, not after a preposition."""
        evidence = Evidence("text")
        body = tokens(text)
        matches = self.keywords.find(body)
        starts = {match.start for match in matches}
        for match in matches:
            if _opposed(body, match) or _housed(body, match) or match.end in starts:
                continue
            weight = _weight(body, match)
            if weight:
                evidence.add(match, weight)
        return evidence


@lru_cache(maxsize=4096)
def says_nothing(value: str) -> bool:
    """Whether a field is missing in all but name, so that title and text decide."""
    return _plain(value) in ABSENT


def _weight(text: Sequence[str], match: Match) -> int:
    """What a mention counts: 0 as cargo or relation, `DEFINING` where the text says what its thing is, else 1."""
    if match.start <= 2 * WINDOW and _opens(text, match):
        return DEFINING
    for back in range(1, 2 * WINDOW + 1):
        at = match.start - back
        if at < 0 or not is_word(text[at]):
            return 1
        word = text[at]
        if word in BEING:
            return DEFINING if _is_a(text, at, match.start) else 1
        if back <= WINDOW and word in POINTING:
            return DEFINING
        if back <= WINDOW and (word in CARRIERS or word in BESIDE or (word in CUTTERS and not _hands_on(text, at))):
            return 0
        if back <= 2 and (word in NUMBERS or word.isdigit()):
            return 0
    return 1


def _opens(text: Sequence[str], match: Match) -> bool:
    """Whether the text begins with a phrase that the mention ends: "A heavy mobile suit with …", "Prototype cruiser."."""
    before, behind = text[: match.start], text[match.end : match.end + 1]
    closed = not behind or not is_word(behind[0]) or behind[0] in CUTTERS
    return closed and all(is_word(word) and word not in _NO_ADJECTIVE for word in before)


def _is_a(text: Sequence[str], verb: int, start: int) -> bool:
    """Whether a form of "to be" is followed by the mention or, but for an adverb, by an article; not so in "was given a cannon"."""
    after = text[verb + 1 : start]
    return (
        not after or after[0] in ARTICLES or (len(after) > 1 and after[1] in ARTICLES and (after[0] in ADVERBS or after[0].endswith("ly")))
    )


def _hands_on(text: Sequence[str], at: int) -> bool:
    """Whether this is the `of` in "type of suit" or "one of the suits"."""
    return text[at] == "of" and at > 0 and (text[at - 1] in KIND_FORMS or text[at - 1] == "one")


def _opposed(phrase: Sequence[str], match: Match) -> bool:
    return match.start > 0 and phrase[match.start - 1] in NEGATIONS


def _housed(phrase: Sequence[str], match: Match) -> bool:
    return match.keeps and match.end < len(phrase) and phrase[match.end] in HOUSINGS


def _modifies(rest: Sequence[str], match: Match) -> bool:
    """Whether "carrying …" only lacks its hyphen, as in "mobile suit carrying battleship"; cargo has an article or a plural."""
    plural = rest[match.end - 1].endswith("s")
    return rest[0] in CARRYING and not plural and rest[1] not in ("a", "an", "the", "one", "its")


def _balance(places: Sequence[Evidence]) -> float:
    speaks_for, against = (sum(place.weights[keeps] for place in places) for keeps in (True, False))
    return (speaks_for - against) / (speaks_for + against + 1)


def _side(places: Sequence[Evidence], keeps: bool) -> str:
    return "; ".join(said for said in (place.side(keeps) for place in places) if said)


def _plain(text: str) -> str:
    return " ".join(word for word in tokens(text) if is_word(word))


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= 80 else line[:79] + "…"


def _check(settings: ClassifySettings) -> None:
    plain = [{_plain(keyword): keyword for keyword in side} for side in (settings.keep, settings.drop)]
    for side in plain:
        if "" in side:
            raise UsageError(f"classify: keyword {side['']!r} holds no word; write letters or digits, or take it out")
    both = sorted(set(plain[0]) & set(plain[1]))
    if both:
        raise UsageError(f"classify: `{plain[0][both[0]]}` stands in both keep and drop; take it out of one")
