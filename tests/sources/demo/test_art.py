from __future__ import annotations

import numpy as np
import pytest

from sources.demo import art


def test_designs_differ_in_three_parts_or_more() -> None:
    words = np.array(art.designs())
    assert words.shape == (826, 5)
    assert words.min() == 1
    assert words.max() == 10
    differing = (words[:, None, :] != words[None, :, :]).sum(axis=2)
    np.fill_diagonal(differing, 5)
    assert differing.min() == 3


def test_every_part_changes_the_robot() -> None:
    pytest.importorskip("robohash")
    base = art.robot("blue", (1, 1, 1, 1, 1))
    assert base.mode == "RGBA"
    assert base.size == (art.SIDE, art.SIDE)
    assert base.getpixel((2, 2)) == (255, 255, 255, 0)
    for slot in range(5):
        parts = [1] * 5
        parts[slot] = 2
        assert art.robot("blue", (parts[0], parts[1], parts[2], parts[3], parts[4])).tobytes() != base.tobytes()


@pytest.mark.parametrize("colour", art.COLOURS)
def test_every_colour_has_every_part(colour: str) -> None:
    pytest.importorskip("robohash")
    slots = art._parts(colour)
    assert [sorted(slot) for slot in slots] == [list(range(1, 11))] * 5
    # The mouth must not vanish behind the face: layers lie in the artist's order.
    assert ["Body" in str(slot[1]) for slot in slots] == [True, False, False, False, False]
    assert "Face" in str(slots[1][1])


def test_missing_robohash_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(art, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'art-pipeline\[demo\]'"):
        art.parts_folder()
