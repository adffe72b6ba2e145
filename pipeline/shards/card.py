"""README.md of a shard folder: what is in it, under which licences, and how to load it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from string import Template
from typing import TYPE_CHECKING

from pipeline.shards import tfds
from pipeline.shards.augment import SCALES
from pipeline.shards.example import CHANNELS, FIELDS, Picture
from pipeline.shards.plan import Shard

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

TEMPLATE = Template("""\
# $name

$count pictures, each $fit; $encoding in TFRecord files.

| split | pictures | examples | files |
|---|---:|---:|---:|
$rows

$augmentation Pictures that are variants of each other share a `cluster`, and no cluster stands in two splits.

## Licences
Of the pictures, as their sources state them. Every record names its own `license`, `credit`, `page_url` and `image_url`.

$licences

## Load
With [TensorFlow Datasets](https://www.tensorflow.org/datasets), from the folder that holds this one:

```python
import tensorflow_datasets as tfds

dataset = tfds.builder_from_directory("$folder").as_dataset(split="$first")
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


files = tf.data.Dataset.list_files("$folder/$identifier-$first.tfrecord-*", shuffle=False)
dataset = tf.data.TFRecordDataset(files).map(parse)
```

Without either (the image stays an encoded file):

```python
from pathlib import Path

from pipeline.shards import reader

dataset = reader.read(Path("$folder"), "$first")
```

## Fields
`image` is $kind $encoding of $size × $size pixels, which `width` and `height` repeat. `augmentation` says what was done to it: empty for
an original, else `turned`, `mirror`, a change with its strength as in `brightness=0.83`, or several. The other
fields are text; an unknown one is empty.

`sha256sum -c SHA256SUMS` checks the files; `pipeline verify` reads every record.
""")

_OTHER = {"left": "right", "right": "left"}


def text(name: str, folder: str, shard: ShardSettings, augment: AugmentSettings, shards: Sequence[Shard]) -> str:
    """The card; `folder` is the name the shard folder will have."""
    splits = list(dict.fromkeys(entry.split for entry in shards))
    pictures = {split: _pictures(shards, split) for split in splits}
    types = {"image": "string", "text": "string", "integer": "int64"}
    return TEMPLATE.substitute(
        name=_plain(name),
        count=sum(map(len, pictures.values())),
        size=shard.size,
        fit=_fit(shard),
        channels=CHANNELS[shard.mode],
        kind={"rgb": "an RGB", "gray": "a gray", "rgba": "an RGBA"}[shard.mode],
        encoding=shard.encoding.upper(),
        rows="\n".join(_row(split, len(pictures[split]), shards) for split in splits),
        augmentation=_augmentation(augment, shard),
        licences=licences([picture for part in pictures.values() for picture in part]),
        folder=folder,
        identifier=tfds.dataset_name(name),
        first=splits[0],
        spec="\n".join(f'    "{field}": tf.io.FixedLenFeature([], tf.{types[kind]}),' for field, kind in FIELDS.items()),
    )


def licences(pictures: Sequence[Picture]) -> str:
    """A Markdown list of licences with the number of pictures under each, the most frequent first."""
    counted = Counter(_plain(picture.license) or "not stated" for picture in pictures)
    return "\n".join(f"- {name}: {count}" for name, count in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))


def _row(split: str, pictures: int, shards: Sequence[Shard]) -> str:
    mine = [entry for entry in shards if entry.split == split]
    return f"| {split} | {pictures} | {sum(len(entry.examples) for entry in mine)} | {len(mine)} |"


def _pictures(shards: Sequence[Shard], split: str) -> list[Picture]:
    found = {example.picture.id: example.picture for entry in shards if entry.split == split for example in entry.examples}
    return list(found.values())


def _augmentation(augment: AugmentSettings, shard: ShardSettings) -> str:
    turned = (
        f"Pictures known to face {_OTHER[augment.facing]} are mirrored, to face {augment.facing} (`turned`). " if augment.facing else ""
    )
    kinds = ["its mirror image"] if augment.mirror else []
    if augment.copies:
        sides = ", on either side" if augment.mirror else ""
        kinds.append(f"{augment.copies} {'copy' if augment.copies == 1 else 'copies'} with {_changes(augment)}{sides}")
    if not kinds:
        return f"{turned}Nothing is augmented."
    elsewhere = "; validation holds originals only" if shard.validation else ""
    return f"{turned}In training each picture comes with {' and '.join(kinds)}{elsewhere}."


def _fit(shard: ShardSettings) -> str:
    size = f"{shard.size} × {shard.size} pixels"
    if shard.fit == "crop":
        return f"cropped around its subject to {size}"
    pad = "their own background colour" if shard.pad in ("background", "flat") else shard.pad
    return f"fitted into {size} and padded with {pad}"


def _changes(augment: AugmentSettings) -> str:
    found = []
    for name in SCALES:
        value = getattr(augment, name)
        if value != type(augment).model_fields[name].default:
            found.append(f"{name} × {value[0]:g}–{value[1]:g}" if isinstance(value, tuple) else f"{name} up to {value:g}")
    return ", ".join(found)


def _plain(text: str) -> str:
    """One line of text from the web that is neither Markdown nor HTML, cut at 200 characters."""
    line = " ".join(text.split())
    short = line if len(line) <= 200 else line[:199] + "…"
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", html.escape(short, quote=False))
