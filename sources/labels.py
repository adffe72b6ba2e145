"""Labels and values on a page: `Unit type: mobile suit`, in any of the ways that people mark them up.

Understood: bold labels with the colon inside, outside or missing; plain text; several to a paragraph or a line; tables,
definition lists and pairs of blocks; values that run over line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sources.html import Line, squeeze

COLON = r"\s*(?::|\uff1a)"
DASH = r"\s+[-=\u2013\u2014]\s+"


@dataclass(frozen=True, slots=True)
class Pair:
    """One label, as a field name, and its value in plain text."""

    name: str
    value: str


def field_name(label: str) -> str:
    """`Armour Materials:` → `armor_materials`; `Pilot(s)` → `pilots`."""
    words = re.findall(r"[^\W_]+", squeeze(label).casefold().replace("(s)", "s").replace("armour", "armor"))
    return "_".join(words)


class Labels:
    """Finds label and value pairs. `known` are labels (as a person writes them) that need no bold type to be seen."""

    def __init__(self, known: Iterable[str]) -> None:
        ordered = sorted(set(known), key=lambda label: (-len(label), label))
        self.names: Collection[str] = frozenset(field_name(label) for label in ordered)
        word = "|".join(_loose(label) for label in ordered)
        phrase = "|".join(_loose(label) for label in ordered if " " in label)
        self._alone = re.compile(rf"(?:{word}){COLON}?$", re.I)
        self._marked = re.compile(rf"({word})(?:{COLON}|{DASH})\s*", re.I)
        self._bare = re.compile(rf"({phrase})\s+(?=\S)", re.I)
        self._inside = re.compile(rf"(?<=\S)\s+(?=(?:{word}){COLON})", re.I)

    def pairs(self, lines: Iterable[Line]) -> list[Pair]:
        """The pairs in page order, those without a value left out. A label may come more than once."""
        found: list[tuple[str, str]] = []
        block = -1  # the block whose further lines continue the last value; -1: none does
        waiting = False  # the last label stands alone in its block: its value is the next block's
        for line in lines:
            for segment in self._segments(line):
                text = segment.text
                split = self._split(segment)
                if split:
                    found.append((field_name(split[0]), split[1]))
                    block, waiting = segment.block, not split[1]
                elif text and (block == segment.block or waiting):
                    name, value = found[-1]
                    found[-1] = (name, f"{value} {text}".strip())
                    block, waiting = segment.block, False
                elif text or (block == segment.block and not waiting):
                    block = -1
        return [Pair(name, value) for name, value in found if value]

    def _segments(self, line: Line) -> list[Line]:
        """Cut a line before every label inside it."""
        pieces: list[list[tuple[str, bool]]] = [[]]
        runs = _merged(line.runs)
        for number, (run, strong) in enumerate(runs):
            follower = runs[number + 1][0] if number + 1 < len(runs) else ""
            if strong and (self._alone.match(squeeze(run)) or _coloned(run, follower)):
                pieces.append([])
            parts = self._inside.split(run)
            # "armor weight: 3 t" is prose; a label that starts a new entry begins with a capital
            joined = [parts[0]]
            for part in parts[1:]:
                if part[:1].isupper():
                    joined.append(part)
                else:
                    joined[-1] += " " + part
            pieces[-1].append((joined[0], strong))
            pieces.extend([(part, strong)] for part in joined[1:])
        kept = [Line(tuple(piece), line.block) for piece in pieces]
        return [piece for piece in kept if piece.text] or [Line((), line.block)]

    def _split(self, line: Line) -> tuple[str, str] | None:
        text = line.text
        # A lone lower-case "armor" is more likely the second line of "transformable mobile / armor" than a label.
        if self._alone.match(text) and (not text.islower() or text.endswith((":", "\uff1a")) or any(strong for _, strong in line.runs)):
            return text.rstrip(":\uff1a "), ""
        if marked := self._marked.match(text):
            return marked[1], text[marked.end() :]
        runs = _merged(line.runs)
        head = squeeze(runs[0][0]) if runs and runs[0][1] else ""
        if head and len(runs) > 1:
            rest = squeeze("".join(run for run, _ in runs[1:]))
            if self._alone.match(head) or _coloned(head, rest):
                return head.rstrip(":\uff1a "), rest.lstrip(":\uff1a \u2013\u2014")
        bare = self._bare.match(text)
        return (bare[1], text[bare.end() :]) if bare else None


def _loose(label: str) -> str:
    """A label's pattern: blanks, a hyphen or nothing between its words; British or American; singular or plural."""
    words = [re.escape(word).replace("armor", "armou?r") for word in label.casefold().split()]
    return r"(?<!\w)" + r"[\s\-]*".join(words) + r"(?:\(?s\)?)?(?!\w)"


def _coloned(head: str, rest: str) -> bool:
    """Whether strong text reads as a label nobody told us of: short, and a colon inside or right after it."""
    label = squeeze(head)
    colon = label.endswith((":", "\uff1a")) or rest.lstrip().startswith((":", "\uff1a"))
    return colon and bool(re.fullmatch(r"[^\W\d_][^:.!?]{1,40}[:\uff1a]?", label)) and len(label.split()) <= 6


def _merged(runs: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Runs of the same kind joined, empty ones dropped; blank runs belong to the text before them."""
    joined: list[tuple[str, bool]] = []
    for text, strong in runs:
        if joined and (joined[-1][1] == strong or not text.strip()):
            joined[-1] = (joined[-1][0] + text, joined[-1][1])
        elif text.strip():
            joined.append((text, strong))
    return joined
