from __future__ import annotations

import numpy as np
import pytest

from pipeline.curate import outliers


def crowd(count: int = 60) -> tuple[list[str], np.ndarray]:
    """A crowd around one direction, and one that points elsewhere: the last."""
    chance = np.random.default_rng(0)
    vectors = chance.normal(1, 0.7, (count, 40)).astype(np.float32)
    vectors[-1, ::2] = -1
    return [f"i{number:02}" for number in range(count)], vectors


def test_the_stranger_comes_first() -> None:
    ids, vectors = crowd()
    found = outliers.find(ids, vectors)
    assert list(found.columns) == outliers.COLUMNS
    assert found["id"].iloc[0] == "i59"
    assert found["strangeness"].iloc[0] > 1.5 * found["strangeness"].iloc[1]
    assert sorted(found["id"]) == ids


def test_a_stranger_with_copies_is_still_one() -> None:
    ids, vectors = crowd()
    vectors[-4:] = vectors[-1]
    assert set(outliers.find(ids, vectors)["id"].iloc[:4]) == set(ids[-4:])


def test_nearest_and_groups() -> None:
    ids, vectors = crowd(30)
    vectors[4] = vectors[7] * 1.01
    found = outliers.find(ids, vectors).set_index("id")
    assert (found.at["i04", "nearest"], found.at["i07", "nearest"]) == ("i07", "i04")
    assert found.at["i07", "similarity"] == pytest.approx(1)
    assert found.at["i04", "group"] == found.at["i07", "group"] == "i04"
    assert (found.drop(["i04", "i07"])["group"] == "").all()


def test_against_the_plain_way_and_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, vectors = crowd(50)
    monkeypatch.setattr(outliers, "_CHUNK", 7)
    found = outliers.find(ids, vectors).set_index("id")
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for place, id in enumerate(ids):
        others = np.sort(np.delete(unit @ unit[place], place))[::-1]
        assert found.at[id, "strangeness"] == pytest.approx(1 - others[outliers.NEIGHBOURS - 1], abs=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few(count: int) -> None:
    ids, vectors = crowd(count) if count else ([], np.empty((0, 40), np.float32))
    assert len(outliers.find(ids, vectors)) == count
