"""A record in two parts, for the formats whose pictures are plain files: the picture, and all other fields as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipeline.shards.example import FIELDS
from pipeline.shards.protobuf import Value

_OTHERS = [name for name in FIELDS if name != "image"]


def picture(fields: Mapping[str, Value]) -> bytes:
    """The encoded picture."""
    image = fields["image"]
    assert isinstance(image, bytes)
    return image


def text(fields: Mapping[str, Value], name: str) -> str:
    """A field that is text."""
    value = fields[name]
    assert isinstance(value, bytes)
    return value.decode()


def encode(fields: Mapping[str, Value], **first: str) -> bytes:
    """All fields but the picture, behind those in `first`, as UTF-8 without a line break."""
    shown = {name: value.decode() if isinstance(value := fields[name], bytes) else value for name in _OTHERS}
    return json.dumps({**first, **shown}, ensure_ascii=False).encode()


def decode(text: bytes, image: bytes, *first: str) -> dict[str, Value]:
    """The fields again, without those named in `first`. Raises ValueError for anything but an object of texts and whole numbers."""
    found = json.loads(text)  # its errors are ValueErrors
    if not isinstance(found, dict) or not all(type(value) in (str, int) for value in found.values()):
        raise ValueError("not an object of texts and whole numbers")
    fields: dict[str, Value] = {name: value.encode() if isinstance(value, str) else value for name, value in found.items()}
    for name in first:
        fields.pop(name, None)
    return {**fields, "image": image}
