"""README.md of a shard folder: what is in it, under which licences, and how to load it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from string import Template
from typing import TYPE_CHECKING

from pipeline.shards import tfds
from pipeline.shards.example import FIELDS, Picture
from pipeline.shards.formats.base import Format
from pipeline.shards.info import Info
from pipeline.shards.plan import Shard

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

TEMPLATE = Template("""\
# $name

$count pictures, each fitted into $size × $size pixels and padded with $pad; $encoding in $container.

| split | pictures | examples | files |
|---|---:|---:|---:|
$rows

$augmentation Pictures that are variants of each other share a `cluster`, and no cluster stands in two splits.

## Licences
Of the pictures, as their sources state them. Every record names its own `license`, `credit`, `page_url` and `image_url`.

$licences

## Load
$loading
With the program that wrote it (the image stays an encoded file):

```python
from pathlib import Path

from pipeline.shards import reader

dataset = reader.read(Path("$folder"), "$first")
```

## Fields
`image` is an RGB $encoding of $size × $size pixels, which `width` and `height` repeat. `augmentation` says what was done to it: empty for
an original, else `turned`, `mirror`, `brightness=` with the factor, or several. The other fields are text; an unknown one is empty.

`sha256sum -c SHA256SUMS` checks the files; `pipeline verify` reads every record. `shards.json` lists the files, `records/` holds length
and checksum of every record.
""")

_OTHER = {"left": "right", "right": "left"}


def text(name: str, folder: str, shard: ShardSettings, augment: AugmentSettings, shards: Sequence[Shard], kind: Format, info: Info) -> str:
    """The card; `folder` is the name the shard folder will have, `kind` and `info` say what stands in it."""
    splits = list(dict.fromkeys(entry.split for entry in shards))
    pictures = {split: _pictures(shards, split) for split in splits}
    files = {split.name: len(split.files) for split in info.splits}
    return TEMPLATE.substitute(
        name=_plain(name),
        count=sum(map(len, pictures.values())),
        size=shard.size,
        pad="their own background colour" if shard.pad == "background" else shard.pad,
        encoding=shard.encoding.upper(),
        rows="\n".join(_row(split, len(pictures[split]), shards, files[split]) for split in splits),
        augmentation=_augmentation(augment, shard),
        licences=licences([picture for part in pictures.values() for picture in part]),
        folder=folder,
        first=splits[0],
        container=kind.title,
        loading=loading(kind, name, folder, splits[0]),
    )


def loading(kind: Format, name: str, folder: str, split: str) -> str:
    """Markdown that shows how to load a split of a folder, seen from the folder that holds it; `name` is the dataset's."""
    types = {"image": "string", "text": "string", "integer": "int64"}
    spec = "\n".join(f'    "{field}": tf.io.FixedLenFeature([], tf.{types[type]}),' for field, type in FIELDS.items())
    template = Template(kind.loading.rstrip())
    return template.substitute(folder=folder, name=tfds.dataset_name(name), split=split, extension=kind.extension, spec=spec)


def licences(pictures: Sequence[Picture]) -> str:
    """A Markdown list of licences with the number of pictures under each, the most frequent first."""
    counted = Counter(_plain(picture.license) or "not stated" for picture in pictures)
    return "\n".join(f"- {name}: {count}" for name, count in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))


def _row(split: str, pictures: int, shards: Sequence[Shard], files: int) -> str:
    mine = [entry for entry in shards if entry.split == split]
    return f"| {split} | {pictures} | {sum(len(entry.examples) for entry in mine)} | {files} |"


def _pictures(shards: Sequence[Shard], split: str) -> list[Picture]:
    found = {example.picture.id: example.picture for entry in shards if entry.split == split for example in entry.examples}
    return list(found.values())


def _augmentation(augment: AugmentSettings, shard: ShardSettings) -> str:
    turned = (
        f"Pictures known to face {_OTHER[augment.facing]} are mirrored, to face {augment.facing} (`turned`). " if augment.facing else ""
    )
    kinds = ["its mirror image"] if augment.mirror else []
    if augment.copies:
        low, high = augment.brightness
        sides = ", on either side" if augment.mirror else ""
        kinds.append(f"{augment.copies} {'copy' if augment.copies == 1 else 'copies'} with brightness × {low:g}–{high:g}{sides}")
    if not kinds:
        return f"{turned}Nothing is augmented."
    elsewhere = "; validation holds originals only" if shard.validation else ""
    return f"{turned}In training each picture comes with {' and '.join(kinds)}{elsewhere}."


def _plain(text: str) -> str:
    """One line of text from the web that is neither Markdown nor HTML, cut at 200 characters."""
    line = " ".join(text.split())
    short = line if len(line) <= 200 else line[:199] + "…"
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", html.escape(short, quote=False))
