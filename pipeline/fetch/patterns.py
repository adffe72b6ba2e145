"""Path patterns as robots.txt writes them (RFC 9309, section 2.2); TDMRep took them over."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|([^\x21-\x7e]|[*$])")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern made ready: `*` stands for any characters, a final `$` for the end; else the beginning of a path must match.

    `length` is that of the pattern in its one spelling: the longest that matches is the most specific.
    """

    pieces: tuple[str, ...]
    anchored: bool
    length: int

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern; any text is one."""
        pieces = tuple(spelling(piece) for piece in text.removesuffix("$").split("*"))
        anchored = text.endswith("$")
        return cls(pieces, anchored, sum(map(len, pieces)) + len(pieces) - 1 + anchored)

    def matches(self, path: str) -> bool:
        """Whether a path (in its one spelling) matches. One pass over the path, whatever the pattern."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        if not rest:
            return path == first or not self.anchored
        at = len(first)
        for piece in rest[:-1]:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if self.anchored:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


def spelling(path: str) -> str:
    """One spelling for paths that mean the same: unreserved characters bare, all that no URL holds percent-encoded in capitals.

    `*` and `$` are encoded as well, so that a path never looks like a pattern.
    """
    return _ESCAPE.sub(_spelt, path)


def _spelt(found: re.Match[str]) -> str:
    if found[1]:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else f"%{found[1].upper()}"
    return "".join(f"%{byte:02X}" for byte in found[2].encode("utf-8", "replace"))
