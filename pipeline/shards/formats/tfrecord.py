"""TFRecord files in the layout of TensorFlow Datasets: `NAME-train.tfrecord-00000-of-00002`, dataset_info.json, features.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.shards import protobuf, tfds, tfrecord
from pipeline.shards.formats.base import Record, Separate
from pipeline.shards.info import Info, Split


class TFRecord(Separate):
    """One tf.train.Example a record."""

    name = "tfrecord"
    title = "TFRecord files"
    loading = """\
With [TensorFlow Datasets](https://www.tensorflow.org/datasets), from the folder that holds this one:

```python
import tensorflow_datasets as tfds

dataset = tfds.builder_from_directory("$folder").as_dataset(split="$split")
```

With TensorFlow alone:

```python
import tensorflow as tf

SPEC = {
$spec
}


def parse(record):
    example = tf.io.parse_single_example(record, SPEC)
    example["image"] = tf.io.decode_image(example["image"], channels=$channels, expand_animations=False)
    return example


files = tf.data.Dataset.list_files("$folder/$name-$split.tfrecord-*", shuffle=False)
dataset = tf.data.TFRecordDataset(files).map(parse)
```
"""

    def file(self, name: str, split: str, index: int, count: int) -> str:
        """As TFDS names it."""
        return tfds.shard_file(name, split, index, count)

    def piece(self, record: Record) -> tuple[bytes]:
        """The framed Example."""
        return (tfrecord.frame(protobuf.encode(record.fields)),)

    def fields(self, piece: Sequence[bytes]) -> dict[str, protobuf.Value]:
        """The Example's features."""
        return protobuf.decode(tfrecord.unframe(piece[0]))

    def describe(self, info: Info, pictures: int, licences: str) -> dict[str, str]:
        """What TFDS reads."""
        about = f"{pictures} curated pictures in {info.size} x {info.size} pixels; README.md says how they were made."
        splits = [_plain(split) for split in info.splits]
        return {
            tfds.FEATURES: tfds.features(info.size, self.encoding, info.channels),
            tfds.INFO: tfds.info(info.name, about, licences, splits),
        }

    def check(self, folder: Path, info: Info) -> Iterator[str]:
        """Counts and bytes in dataset_info.json."""
        try:
            stated = tfds.splits((folder / tfds.INFO).read_text(encoding="utf-8"))
        except OSError as error:
            yield f"{tfds.INFO}: cannot be read ({error.strerror})"
            return
        except ValueError as error:
            yield f"{tfds.INFO}: {error}"
            return
        for split, said in zip(map(_plain, info.splits), stated, strict=False):
            if said != split:
                yield f"{tfds.INFO}: it says {said} where {split} is written"
        if len(stated) != len(info.splits):
            yield f"{tfds.INFO}: {len(stated)} splits where {len(info.splits)} are written"


def _plain(split: Split) -> tfds.Split:
    return tfds.Split(split.name, split.lengths, split.bytes - tfrecord.OVERHEAD * sum(split.lengths))
