from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from pipeline.errors import PipelineError
from pipeline.train import checkpoints


def _state(value: float) -> dict[str, keras.Variable]:
    return {"a": keras.Variable(np.full((2, 3), value, np.float32)), "b": keras.Variable(int(value), dtype="int64")}


def _values(state: dict[str, keras.Variable]) -> tuple[float, int]:
    return float(np.asarray(state["a"])[0, 0]), int(np.asarray(state["b"]))


def test_a_checkpoint_puts_back_what_was_saved(tmp_path: Path) -> None:
    checkpoints.save(tmp_path, 3, _state(7), {"step": 3})
    state = _state(0)
    assert checkpoints.restore(tmp_path, state) == ({"step": 3}, [])
    assert _values(state) == (7, 7)


def test_without_a_checkpoint_nothing_changes(tmp_path: Path) -> None:
    state = _state(5)
    assert checkpoints.restore(tmp_path / "none", state) == ({}, [])
    assert _values(state) == (5, 5)


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    for step in (1, 20, 300):
        checkpoints.save(tmp_path, step, _state(step), {"step": step})
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["step-000000020.npz", "step-000000300.npz"]


@pytest.mark.parametrize("harm", ["cut", "flip", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, harm: str) -> None:
    for step in (1, 2):
        newest = checkpoints.save(tmp_path, step, _state(step), {"step": step})
    content = bytearray(newest.read_bytes())
    if harm == "flip":
        content[content.index(np.full(6, 2, np.float32).tobytes()) + 2] ^= 1
    newest.write_bytes({"cut": content[: len(content) // 2], "flip": content, "empty": b""}[harm])
    state = _state(0)
    assert checkpoints.restore(tmp_path, state) == ({"step": 1}, ["step-000000002.npz"])
    assert _values(state) == (1, 1)
    (tmp_path / "step-000000001.npz").write_bytes(b"")
    with pytest.raises(PipelineError, match="no whole checkpoint"):
        checkpoints.restore(tmp_path, state)


def test_weights_that_are_not_numbers_are_not_saved(tmp_path: Path) -> None:
    checkpoints.save(tmp_path, 1, _state(1), {})
    state = _state(2)
    state["a"].assign(np.array([[1, 2, 3], [4, np.nan, 6]], np.float32))
    with pytest.raises(FloatingPointError, match=r"a weight \(a\) is not finite"):
        checkpoints.save(tmp_path, 2, state, {})
    assert [path.name for path in checkpoints.listed(tmp_path)] == ["step-000000001.npz"]


def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    path = checkpoints.save(tmp_path, 1, _state(1), {})
    with pytest.raises(PipelineError, match=path.name):
        checkpoints.restore(tmp_path, {"a": keras.Variable(np.zeros((3, 3), np.float32))})


def test_a_generator_by_itself_is_whole_or_absent(tmp_path: Path) -> None:
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    checkpoints.save_generator(net, tmp_path / checkpoints.GENERATOR)
    assert [path.name for path in tmp_path.iterdir()] == [checkpoints.GENERATOR]
    again = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    again.load_weights(tmp_path / checkpoints.GENERATOR)
    assert (np.asarray(again.weights[0]) == np.asarray(net.weights[0])).all()
