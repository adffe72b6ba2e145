"""How to load a shard folder, for its README: one small function for each format, listed in `HOW` at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.shards import tfds
from pipeline.shards.example import FIELDS


@dataclass(frozen=True, slots=True)
class Place:
    """What the instructions are about: the dataset's name, its folder's name, and the first split in it."""

    name: str
    folder: str
    split: str


@dataclass(frozen=True, slots=True)
class Format:
    """What the README says of a format: `about` names the files, `load` gives the section Load, `front` further front matter."""

    about: str
    load: Callable[[Place], str]
    front: Callable[[Place], Mapping[str, Any]] = lambda place: {"viewer": False}


def tfrecord(place: Place) -> str:
    """Markdown with Python, which runs from the folder above."""
    types = {"image": "string", "text": "string", "integer": "int64"}
    spec = "\n".join(f'    "{field}": tf.io.FixedLenFeature([], tf.{types[kind]}),' for field, kind in FIELDS.items())
    return f"""\
With [TensorFlow Datasets](https://www.tensorflow.org/datasets), from the folder that holds this one:

```python
import tensorflow_datasets as tfds

dataset = tfds.builder_from_directory("{place.folder}").as_dataset(split="{place.split}")
```

With TensorFlow alone:

```python
import tensorflow as tf

SPEC = {{
{spec}
}}


def parse(record):
    example = tf.io.parse_single_example(record, SPEC)
    example["image"] = tf.io.decode_image(example["image"], channels=3, expand_animations=False)
    return example


files = tf.data.Dataset.list_files("{place.folder}/{tfds.dataset_name(place.name)}-{place.split}.tfrecord-*", shuffle=False)
dataset = tf.data.TFRecordDataset(files).map(parse)
```

Without either (the image stays an encoded file):

```python
from pathlib import Path

from pipeline.shards import reader

dataset = reader.read(Path("{place.folder}"), "{place.split}")
```
"""


HOW: dict[str, Format] = {"tfrecord": Format("TFRecord files", tfrecord)}
"""By the name that `shard.format` gives a format."""
