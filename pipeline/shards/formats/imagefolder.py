"""Hugging Face imagefolder: `train/00000/KEY.png` and, beside the pictures, metadata.jsonl with a `file_name` on every line.

Each shard is a folder with a metadata.jsonl of its own, which the `datasets` library allows: so a shard is whole by itself, and no
folder grows beyond what its hub takes (10,000 files).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.shards.formats import sidecar
from pipeline.shards.formats.base import Record, Separate
from pipeline.shards.index import Span
from pipeline.shards.protobuf import Value

METADATA = "metadata.jsonl"


class ImageFolder(Separate):
    """A record is a line and a file."""

    name = "imagefolder"
    title = "plain files, with `metadata.jsonl` beside them"
    loading = """\
With [datasets](https://huggingface.co/docs/datasets), from the folder that holds this one:

```python
from datasets import load_dataset

dataset = load_dataset("imagefolder", data_dir="$folder", split="$split")
```
"""

    def front(self, splits: Sequence[str]) -> Mapping[str, Any]:
        """Which files belong to which split."""
        files = [{"split": split, "path": f"{split}/**"} for split in splits]
        return {"configs": [{"config_name": "default", "data_files": files}]}

    def file(self, name: str, split: str, index: int, count: int) -> str:
        """A folder in the split's own, whose name tells `datasets` the split."""
        return f"{split}/{index:05d}"

    def piece(self, record: Record) -> tuple[bytes, bytes]:
        """The line of metadata.jsonl, and the picture."""
        line = sidecar.encode(record.fields, file_name=self._file_name(record.key))
        return line + b"\n", sidecar.picture(record.fields)

    def fields(self, piece: Sequence[bytes]) -> dict[str, Value]:
        """Line and picture put together again."""
        line, image = piece
        return sidecar.decode(line, image, "file_name")

    def write(self, path: Path, records: Iterable[Record], classes: Sequence[str] = ()) -> list[Span]:
        """A new folder."""
        path.mkdir(parents=True)
        spans = []
        with (path / METADATA).open("wb") as lines:
            for record in records:
                piece = self.piece(record)
                lines.write(piece[0])
                (path / self._file_name(record.key)).write_bytes(piece[1])
                spans.append(Span.of(record.key, piece))
        return [*spans, Span.of("", (b"",))]

    def read(self, path: Path, spans: Sequence[Span]) -> Iterator[tuple[bytes, ...]]:
        """Lines and pictures in order; a picture that is gone is no bytes."""
        *records, _ = spans
        with (path / METADATA).open("rb") as lines:
            for span in records:
                picture = b""
                with contextlib.suppress(FileNotFoundError):
                    picture = (path / self._file_name(span.key)).read_bytes()
                yield lines.read(span.sizes[0]), picture
            yield (lines.read(),)

    def size(self, path: Path) -> int:
        """Of all files in the folder."""
        return sum(file.stat().st_size for file in path.iterdir())

    def _file_name(self, key: str) -> str:
        return f"{key}.{self.extension}"
