"""The pixel digest: the same for two files that decode to the same picture."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from pipeline.measure.base import Column, Decoded, Measurement


class Digest(Measurement):
    """A hash of what is seen, not of the file: lossless re-encoding, metadata and hidden colours leave it as it is."""

    name: ClassVar[str] = "digest"
    columns: ClassVar[Mapping[str, Column]] = {
        "pixels": Column("TEXT", "SHA-256 in hex of `WIDTHxHEIGHT` and the RGB bytes, or RGBA bytes where any pixel is not opaque"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """The digest. A fully opaque RGBA picture equals the RGB one; wholly transparent pixels count as black."""
        alpha = decoded.alpha
        if alpha is None or bool((alpha == 255).all()):
            seen = np.asarray(decoded.image.convert("RGB"))
        else:
            seen = np.where(alpha[..., None] == 0, np.uint8(0), np.asarray(decoded.image))
        width, height = decoded.size
        sha = hashlib.sha256(f"{width}x{height}".encode())
        sha.update(np.ascontiguousarray(seen).data)
        return {"pixels": sha.hexdigest()}


MEASUREMENT = Digest()
