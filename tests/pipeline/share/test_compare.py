from __future__ import annotations

from typing import Any

import pytest

from pipeline.share import compare
from pipeline.share.compare import Answer, Outcome

ITEM: dict[str, Any] = {"id": "i1", "sha256": "a" * 64, "pixels": "p", "phash": "00000000000000ff"}
SAME = Answer("u", "a" * 64, "i1", "p", "00000000000000ff")
OTHER = Answer("u", "b" * 64, "i2", "q", "00000000000000f0")


@pytest.mark.parametrize(
    ("answers", "status", "detail"),
    [
        ([], "no address", "a file of its publisher's machine, or an address that was private"),
        ([None], "not asked for", ""),
        ([SAME], "same bytes", ""),
        ([Answer("u", "b" * 64, "i2", "p", "00000000000000ff")], "same pixels, other bytes", ""),
        ([OTHER], "changed", "other pixels; their hash differs in 4 of 64 bits"),
        ([Answer("u", "b" * 64, "i2")], "changed", "other bytes, which cannot be compared"),
        ([Answer("u", error="gone", detail="HTTP 404")], "gone", "HTTP 404"),
        ([Answer("u", error="not_an_image", detail="text/html")], "gone", "not_an_image: text/html"),
        ([Answer("u", error="refused", detail="robots.txt forbids it")], "refused by robots.txt", "robots.txt forbids it"),
        ([Answer("u", error="refused", detail="HTTP 403")], "refused", "HTTP 403"),
        ([Answer("u", error="opted_out", detail="x-robots-tag: noai")], "opted out", "x-robots-tag: noai"),
        ([Answer("u", error="timeout", detail="30 s")], "failed, may pass", "timeout: 30 s"),
        ([Answer("u", error="forgotten", detail="i9 was taken down")], "taken down here", "i9 was taken down"),
        ([Answer("u", error="gone"), None, OTHER, SAME], "same bytes", ""),
        ([Answer("u", error="gone"), Answer("u", error="timeout", detail="x")], "gone", ""),
    ],
)
def test_the_best_of_several_answers_counts(answers: list[Answer | None], status: str, detail: str) -> None:
    found = compare.outcome(ITEM, answers)
    assert (found.status, found.detail) == (status, detail)
    assert found.status in compare.STATUSES


def test_a_picture_without_a_digest_is_never_taken_for_another() -> None:
    blank = ITEM | {"pixels": "", "phash": ""}
    assert compare.outcome(blank, [Answer("u", "b" * 64, "i2")]).status == "changed"


def test_heirs_and_origins() -> None:
    one = Outcome("i1", compare.SAME, "i1", "u", "")
    two = Outcome("i2", compare.SAME_PIXELS, "i1", "u", "")  # the same pixels as i1; the site serves i1 for both
    six = Outcome("i6", compare.SAME_PIXELS, "i9", "u", "")
    five = Outcome("i5", compare.SAME_PIXELS, "i9", "u", "")
    lost = Outcome("i7", compare.CHANGED, "i8", "u", "")
    for outcomes in ([one, two, six, five, lost], [lost, five, six, two, one]):
        assert compare.heirs(outcomes) == {"i1": "i1", "i2": "i1", "i5": "i9", "i6": "i9"}
        assert compare.origins(outcomes) == {"i1": "i1", "i9": "i5"}
