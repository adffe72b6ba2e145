"""How to load a shard folder, in words and code."""

from __future__ import annotations

from string import Template

from pipeline.shards import tfds
from pipeline.shards.example import CHANNELS, FIELDS
from pipeline.shards.formats.base import Format

OURS = """\
With the program that wrote it (the image stays an encoded file):

```python
from pathlib import Path

from pipeline.shards import reader

dataset = reader.read(Path("$folder"), "$split")
```
"""


def text(kind: Format, name: str, folder: str, split: str, mode: str = "rgb") -> str:
    """Markdown with Python that loads a split and runs from the folder above; `name` is the dataset's, `mode` a key of CHANNELS."""
    types = {"image": "string", "text": "string", "integer": "int64"}
    spec = "\n".join(f'    "{field}": tf.io.FixedLenFeature([], tf.{types[type]}),' for field, type in FIELDS.items())
    template = Template(f"{kind.loading}\n{OURS}")
    return template.substitute(
        folder=folder, name=tfds.dataset_name(name), split=split, extension=kind.extension, spec=spec, channels=CHANNELS[mode]
    )
