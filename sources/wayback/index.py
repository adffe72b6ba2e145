"""Which captures an archive holds, learned with few questions: an archive takes some two dozen of them a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.base import Get
from sources.html import is_picture
from sources.wayback import address, cdx
from sources.wayback.cdx import Row

REQUESTS = 40
"""Answers that are read of one folder's index: 200,000 captures. What lies beyond is asked for folder by folder, then one by one."""
KEPT = 200_000
"""URLs that are remembered from folders' indexes, some 70 MB."""
WIDEN = 3
"""After this many folders below one, that one is asked for as a whole: pages that are folders of their own would cost a question each."""
PATIENCE = 5
"""Questions in a row without an answer, after which the archive is taken to be out of reach."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture: when it was made (14 digits, UTC), and the URL as it was asked for then."""

    timestamp: str
    original: str


class Nearest:
    """Ranks captures by nearness to a time; the higher the better. `at` is a time or a span, as in `2015`; empty: the newest."""

    def __init__(self, at: str) -> None:
        self._span = (moment(at), moment(at, last=True)) if at else None

    def __call__(self, row: Row) -> tuple[bool, bool, int, int]:
        """A picture's address that gave a page (an error page with status 200), and a capture of nothing, come last."""
        when = moment(row.timestamp)
        distance = max(0, self._span[0] - when, when - self._span[1]) if self._span else 0
        odd = row.type.startswith("text/") and is_picture(row.original)
        return not odd, not row.empty, -distance, when


def moment(timestamp: str, *, last: bool = False) -> int:
    """Seconds, of a calendar whose months all have 31 days: near enough to compare, and no timestamp is wrong in it.

    Digits that are missing are those of the first moment meant, or of the last.
    """
    full = timestamp + ("99991231235959" if last else "00000101000000")[len(timestamp) :]
    year, *rest = (int(full[begin:end]) for begin, end in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14)))
    total = year
    for value, radix in zip(rest, (12, 31, 24, 60, 60), strict=True):
        total = total * radix + value
    return total


@dataclass
class Index:
    """What is known of an archive's captures.

    The first need of a URL reads the index of its folder, in the order of the archive's keys, so that it is known for every URL
    in it whether it was captured. An index that is too long is complete up to where reading stopped. `at` is as in `Nearest`.
    """

    get: Get
    archive: str
    at: str = ""
    _found: dict[str, str] = field(default_factory=dict)
    """By key, "timestamp original"; empty: there is none."""
    _read: dict[str, str | None] = field(default_factory=dict)
    """By the folder's key, the key up to which its index is known; None: all of it."""
    _answered: bool = False
    _unanswered: int = 0

    def __post_init__(self) -> None:
        self._rank = Nearest(self.at)

    def find(self, url: str) -> Capture | None:
        """The best capture of a URL, None if there is none. Raises ValueError if the archive cannot be asked."""
        key = address.key(url)
        if key and not self._knows(key):
            folder = self._folder(url)
            if folder and len(self._found) < KEPT:
                self._read_folder(folder)
            if not self._knows(key):
                self._read_one(url, key)
        return self._capture(key)

    def known(self, url: str) -> Capture | None:
        """The same, from memory alone."""
        return self._capture(address.key(url))

    def _capture(self, key: str) -> Capture | None:
        timestamp, _, original = self._found.get(key, "").partition(" ")
        return Capture(timestamp, original) if timestamp else None

    def _knows(self, key: str) -> bool:
        return key in self._found or any(
            address.within(key, folder) and (upto is None or key < upto) for folder, upto in self._read.items()
        )

    def _folder(self, url: str) -> str | None:
        """The folder whose index to read for a URL that it will tell about; None: there is none, ask for the URL itself."""
        own, *above = address.folders(url)
        if address.key(own) in self._read:
            return None
        for folder in above:
            key = address.key(folder)
            below = [read for read in self._read if address.within(read, key)]
            if any(self._read[read] is not None for read in below):
                break  # it would be too long as well
            if len(below) >= WIDEN:
                return folder
        return own

    def _read_folder(self, folder: str) -> None:
        current, best, rank = "", "", None
        more = True
        for rows, more in self._answers(folder, below=True):  # noqa: B007 - the last one counts
            for row in rows:
                key, this = address.key(row.original), self._rank(row)
                if key != current:
                    self._remember(current, best)
                if key != current or rank is None or this > rank:
                    current, best, rank = key, f"{row.timestamp} {row.original}", this
            if len(self._found) >= KEPT:
                break
        if not more:
            self._remember(current, best)
        # reading may have stopped among the captures of `current`
        self._read[address.key(folder)] = current if more else None

    def _read_one(self, url: str, key: str) -> None:
        rows = [row for rows, _ in self._answers(url, below=False) for row in rows]
        best = max(rows, key=self._rank, default=None)
        self._found[key] = f"{best.timestamp} {best.original}" if best else ""

    def _remember(self, key: str, capture: str) -> None:
        if key:
            self._found[key] = capture

    def _answers(self, url: str, *, below: bool) -> Iterator[tuple[list[Row], bool]]:
        """(rows, whether there are more), answer by answer; ends early where the archive does not answer or goes in a circle."""
        resume, seen = "", {""}
        for _ in range(REQUESTS):
            answer = self._ask(cdx.query(self.archive, url, below=below, resume=resume), url)
            if answer is None:
                return
            resume = answer.resume
            yield answer.rows, bool(resume)
            if resume in seen:
                return
            seen.add(resume)

    def _ask(self, query: str, url: str) -> cdx.Answer | None:
        page = self.get(query)
        problem = "it gives no answer"
        try:
            answer = cdx.read(page.body) if page else None
        except ValueError as error:
            answer, problem = None, str(error)
        if answer is None:
            self._unanswered += 1
            if not self._answered or self._unanswered >= PATIENCE:
                raise ValueError(
                    f"scrape.archive: {self.archive} cannot be asked what it captured of {url} ({problem}); check the address, or try later"
                )
            return None
        self._answered, self._unanswered = True, 0
        return answer
