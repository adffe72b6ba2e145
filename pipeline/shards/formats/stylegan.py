"""The zip that StyleGAN's trainers read: `00000/img00000000.png`, …, and dataset.json with a class for each picture, or null.

The layout is what dataset_tool.py of NVlabs/stylegan3 writes: pictures numbered through, a thousand to a folder, stored and not
deflated. All other fields stand beside each picture as `img00000000.json`, which the trainers pass over as no picture.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.shards.formats import sidecar
from pipeline.shards.formats.base import Format, Record
from pipeline.shards.index import Span, checksum
from pipeline.shards.protobuf import Value

LABELS = "dataset.json"
_HEADER = struct.Struct("<4s5H3I2H")
"""The head of an entry in a zip (APPNOTE.TXT 4.3.7): signature, version, flags, method, time, date, CRC-32, size stored, size,
lengths of name and extra field."""


class StyleGAN(Format):
    """One zip for each split."""

    name = "stylegan"
    title = "one zip for each split"
    bound = "a zip numbers its pictures through and ends in a list of them all"
    loading = """\
StyleGAN2-ADA, StyleGAN3, EDM and their kin take a zip as it is: `train.py --data=$folder/$split.zip …`. As a dataset for PyTorch's
DataLoader, from the folder that holds this one; `classes` names the classes, which are -1 where the set has none:

```python
import io
import json
import zipfile

import numpy as np
from PIL import Image


class Pictures:
    def __init__(self, path):
        self.path, self.zip = path, None  # opened by each worker for itself
        with zipfile.ZipFile(path) as archive:
            self.names = [name for name in archive.namelist() if name.endswith(".$extension")]
            about = json.loads(archive.read("dataset.json"))
        self.labels, self.classes = dict(about["labels"] or []), about["classes"]

    def __len__(self):
        return len(self.names)

    def __getitem__(self, number):
        self.zip = self.zip or zipfile.ZipFile(self.path)
        name = self.names[number]
        pixels = np.array(Image.open(io.BytesIO(self.zip.read(name))))  # height, width, channels
        return pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1), self.labels.get(name, -1)


dataset = Pictures("$folder/$split.zip")
```
"""

    def file(self, name: str, split: str, index: int, count: int) -> str:
        """The same for all shards of a split."""
        return f"{split}.zip"

    def write(self, path: Path, records: Iterable[Record], classes: Sequence[str] = ()) -> list[Span]:
        """Number the records through, by which their entries are called, and write the zip."""
        numbers = {label: number for number, label in enumerate(classes)}
        keys, labels = [], []
        with zipfile.ZipFile(path, "w") as archive:
            for number, record in enumerate(records):
                stem = f"{number // 1000:05d}/img{number:08d}"
                archive.writestr(_entry(f"{stem}.{self.extension}"), sidecar.picture(record.fields))
                archive.writestr(_entry(f"{stem}.json"), sidecar.encode(record.fields))
                keys.append(record.key)
                labels.append((f"{stem}.{self.extension}", numbers[sidecar.text(record.fields, "label")]))
            # A single class is none: the trainers' networks would get an input that never changes.
            about = {"labels": labels, "classes": list(classes)} if len(classes) > 1 else {"labels": None, "classes": None}
            archive.writestr(_entry(LABELS), json.dumps(about))
            starts = [entry.header_offset for entry in archive.infolist()[::2]]
        return list(_spans(path, keys, starts))

    def fields(self, piece: Sequence[bytes]) -> dict[str, Value]:
        """Both entries put together again."""
        (first, image), (second, text) = _entries(piece[0])
        if not first.endswith(f".{self.extension}") or second != f"{first.removesuffix(self.extension)}json":
            raise ValueError(f"not a picture and its .json, but {first} and {second}")
        return sidecar.decode(text, image)


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that tells nothing of when and where it was written: of 1 January 1980, the earliest there is."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_STORED, 3, 0o100644 << 16
    return entry


def _spans(path: Path, keys: Sequence[str], starts: Sequence[int]) -> Iterator[Span]:
    with path.open("rb") as file:
        for key, (start, stop) in zip(keys, pairwise(starts), strict=True):
            yield Span.of(key, (file.read(stop - start),))
        tail = file.read()
        yield Span("", checksum((tail,)), (len(tail),))


def _entries(data: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of the two stored entries that make up the bytes. Raises ValueError."""
    found, at = [], 0
    while len(data) - at >= _HEADER.size:
        magic, _, _, method, _, _, crc, _, size, name, extra = _HEADER.unpack_from(data, at)
        start = at + _HEADER.size + name + extra
        content = data[start : start + size]
        if magic != b"PK\3\4" or method != zipfile.ZIP_STORED or zlib.crc32(content) != crc:
            raise ValueError("no stored entry of a zip")
        found.append((data[at + _HEADER.size : at + _HEADER.size + name].decode(), content))
        at = start + size
    if at != len(data) or len(found) != 2:
        raise ValueError(f"{len(found)} entries of a zip where 2 belong")
    return found
