"""What became of each published picture: asked for again, and compared by its hashes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.fetch import result

SAME, SAME_PIXELS, CHANGED = "same bytes", "same pixels, other bytes", "changed"
GONE, ROBOTS, OPTED_OUT, REFUSED = "gone", "refused by robots.txt", "opted out", "refused"
FAILED, FORGOTTEN, NO_ADDRESS, NOT_ASKED = "failed, may pass", "taken down here", "no address", "not asked for"

STATUSES = (SAME, SAME_PIXELS, CHANGED, GONE, ROBOTS, OPTED_OUT, REFUSED, FAILED, FORGOTTEN, NO_ADDRESS, NOT_ASKED)
"""What can have become of a picture, the best first: of several addresses the best answer counts."""

BY_ROBOTS = "robots.txt forbids it"
"""How the fetcher says that it was not a site's answer that refused a picture, but its rules."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave: the item in the new dataset with its measurements (`pixels`, `phash`), or an error class with its words."""

    url: str
    sha256: str = ""
    id: str = ""
    pixels: str = ""
    phash: str = ""
    error: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a published picture; `now` is the item that shows what it did, or what its address shows instead."""

    id: str
    status: str
    now: str
    url: str
    detail: str


def outcome(item: Mapping[str, Any], answers: Sequence[Answer | None]) -> Outcome:
    """Compare a row of `items` with what its addresses gave (None: not asked for)."""
    found = [_one(item, answer) for answer in answers if answer]
    if found:
        return min(found, key=lambda one: STATUSES.index(one.status))
    status = NOT_ASKED if answers else NO_ADDRESS
    return Outcome(item["id"], status, "", "", "" if answers else "a file of its publisher's machine, or an address that was private")


def _one(item: Mapping[str, Any], answer: Answer) -> Outcome:
    status, detail = _judged(item, answer)
    return Outcome(item["id"], status, answer.id, answer.url, detail)


def _judged(item: Mapping[str, Any], answer: Answer) -> tuple[str, str]:
    if answer.sha256 == item["sha256"]:
        return SAME, ""
    if answer.sha256:
        if item["pixels"] and answer.pixels == item["pixels"]:
            return SAME_PIXELS, ""
        if item["phash"] and answer.phash:
            bits = (int(item["phash"], 16) ^ int(answer.phash, 16)).bit_count()
            return CHANGED, f"other pixels; their hash differs in {bits} of 64 bits"
        return CHANGED, "other bytes, which cannot be compared"
    if answer.error == result.REFUSED:
        return (ROBOTS if answer.detail == BY_ROBOTS else REFUSED), answer.detail
    named = {result.GONE: GONE, result.OPTED_OUT: OPTED_OUT, result.FORGOTTEN: FORGOTTEN}
    if answer.error in result.TRANSIENT:
        return FAILED, f"{answer.error}: {answer.detail}"
    return named.get(answer.error, GONE), answer.detail if answer.error in named else f"{answer.error}: {answer.detail}"


def heirs(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """For each published picture that is here, in whatever bytes: the item that shows it."""
    return {one.id: one.now for one in outcomes if one.status in (SAME, SAME_PIXELS)}


def origins(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """For each item that shows a published picture: which one. Its own, if it was published itself; else the smallest."""
    found: dict[str, str] = {}
    for id, now in heirs(outcomes).items():
        if id == now or (found.get(now) != now and id < found.get(now, "~")):
            found[now] = id
    return found
