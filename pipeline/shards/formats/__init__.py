"""The forms that shards come in, one file each.

A new one is a subclass of `base.Separate` (or of `base.Format`), a line here, and its name in `shard.format`.
"""

from __future__ import annotations

from pipeline.errors import PipelineError
from pipeline.shards.formats.base import Format
from pipeline.shards.formats.imagefolder import ImageFolder
from pipeline.shards.formats.stylegan import StyleGAN
from pipeline.shards.formats.tfrecord import TFRecord
from pipeline.shards.formats.webdataset import WebDataset

ALL: dict[str, type[Format]] = {kind.name: kind for kind in (TFRecord, WebDataset, ImageFolder, StyleGAN)}
"""Every format by the name it has in a manifest."""


def load(name: str, encoding: str) -> Format:
    """The format for pictures encoded as `encoding`. Raises PipelineError for a name that this version does not know."""
    if name not in ALL:
        raise PipelineError(f"no format {name!r}; this version writes {', '.join(ALL)}")
    return ALL[name](encoding)
