"""WebDataset: plain tar files, `train-000000.tar`, with two members for each sample, `KEY.png` and `KEY.json`.

The convention is that of the webdataset library: members of one sample stand together and share the name up to its first dot.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.shards.formats import sidecar
from pipeline.shards.formats.base import Record, Separate
from pipeline.shards.protobuf import Value


class WebDataset(Separate):
    """Tar members without date and owner, so that equal samples are equal bytes."""

    name = "webdataset"
    title = "WebDataset tar files"
    end = bytes(2 * tarfile.BLOCKSIZE)
    loading = """\
With [webdataset](https://github.com/webdataset/webdataset), from the folder that holds this one; each sample is a dictionary with the
picture under `$extension` and all other fields under `json`:

```python
from glob import glob

import webdataset as wds

dataset = wds.WebDataset(sorted(glob("$folder/$split-*.tar")), shardshuffle=False).decode("pil")
```
"""

    def front(self, splits: Sequence[str]) -> Mapping[str, Any]:
        """Which files belong to which split."""
        files = [{"split": split, "path": f"{split}-*.tar"} for split in splits]
        return {"configs": [{"config_name": "default", "data_files": files}]}

    def file(self, name: str, split: str, index: int, count: int) -> str:
        """As the library's ShardWriter numbers them."""
        return f"{split}-{index:06d}.tar"

    def piece(self, record: Record) -> tuple[bytes]:
        """The two members, each padded to whole blocks of 512 bytes."""
        picture = _member(f"{record.key}.{self.extension}", sidecar.picture(record.fields))
        return (picture + _member(f"{record.key}.json", sidecar.encode(record.fields)),)

    def fields(self, piece: Sequence[bytes]) -> dict[str, Value]:
        """Picture and JSON put together again."""
        try:
            with tarfile.open(fileobj=io.BytesIO(piece[0] + self.end), mode="r:") as tar:
                found = [(member.name, file.read()) for member in tar if (file := tar.extractfile(member))]
        except tarfile.TarError as error:
            raise ValueError(f"no tar members: {error}") from error
        (first, image), (second, text) = found if len(found) == 2 else [("", b"")] * 2
        stem = first.removesuffix(f".{self.extension}")
        if not stem or second != f"{stem}.json" or stem == first:
            raise ValueError(f"not a picture and its .json, but {', '.join(name for name, _ in found) or 'nothing'}")
        return sidecar.decode(text, image)


def _member(name: str, data: bytes) -> bytes:
    header = tarfile.TarInfo(name)
    header.size = len(data)
    return header.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)
