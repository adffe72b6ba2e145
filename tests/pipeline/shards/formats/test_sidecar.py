from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shards.example import FIELDS
from pipeline.shards.formats import sidecar

CALM = settings(deadline=None, max_examples=50)
TEXTS = [name for name, kind in FIELDS.items() if kind == "text"]


@CALM
@given(st.lists(st.text(), min_size=len(TEXTS), max_size=len(TEXTS)), st.integers(0, 2**62), st.binary())
def test_any_text_comes_back(texts: list[str], number: int, image: bytes) -> None:
    # What a record holds is always valid UTF-8: example.clean has seen to it.
    fields = {name: text.encode("utf-8", "replace") for name, text in zip(TEXTS, texts, strict=True)}
    whole = {**fields, "image": image, "width": number, "height": 1}
    line = sidecar.encode(whole, file_name="a.png")
    assert b"\n" not in line
    assert sidecar.decode(line, image, "file_name") == whole


@pytest.mark.parametrize("text", [b"", b"[]", b"1", b"\xff", b'{"a": null}', b'{"a": [1]}', b'{"a": true}', b'{"a": 1.5}'])
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        sidecar.decode(text, b"")
