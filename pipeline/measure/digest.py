"""The pixel digest: the same for two files that decode to the same picture."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import google_crc32c

from pipeline.measure.base import Column, Decoded, Measurement


class Digest(Measurement):
    """A hash of what is seen, not of the file: lossless re-encoding, metadata and hidden colours leave it as it is.

    "The same pixels" are: the same size, and the same pixels after the frozen decode path, with colours multiplied by opacity. So it
    speaks of every pixel of a picture of up to 256 × 256, and of the averaged copy of a larger one, where a change of a single pixel by
    less than the rounding is not noticed. A large JPEG and a PNG made from it differ.

    The thumbnail goes through SHA-256, all pixels only through CRC-32C, at a tenth of the time, since that has to tell apart only
    pictures of the same size and the same thumbnail.
    """

    name: ClassVar[str] = "digest"
    columns: ClassVar[Mapping[str, Column]] = {
        "pixels": Column(
            "TEXT",
            "SHA-256 in hex of `WIDTHxHEIGHT`, the CRC-32C of the decoded pixels (RGB, or RGBA with colours multiplied by opacity where "
            "any is not opaque), and the picture at 64 × 64",
        ),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """The digest. A fully opaque picture with an alpha channel equals the one without."""
        seen = decoded.seen
        if decoded.opacity is not None and decoded.opacity.all() and seen.getchannel("a").getextrema() == (255, 255):
            seen = decoded.fine
        width, height = decoded.size
        sha = hashlib.sha256(f"{width}x{height} {google_crc32c.value(seen.tobytes()):08x} ".encode())
        sha.update(decoded.thumb.tobytes())
        return {"pixels": sha.hexdigest()}


MEASUREMENT = Digest()
