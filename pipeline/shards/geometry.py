"""A picture of any size as a square, nothing cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from pipeline import images
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.shards.example import Picture

RGB = tuple[int, int, int]

ENOUGH, GAP = 4, 3.0
"""A JPEG is decoded at no less than `ENOUGH` times the size it will have, and pixels are averaged to no less than `GAP` times it before
Lanczos: the result is as close to a Lanczos filter in floating point as one in whole numbers (medians of 58 and 59 dB, bench/shards.py)."""


def load(picture: Picture, size: int, pad: str) -> Image.Image:
    """The stored picture as an RGB square of `size` pixels. `pad`: `background` for its own border colour, or `#rrggbb`.

    Raises PipelineError, naming item and file, when the file is lost or no longer decodes.
    """
    return square(decode(picture, ENOUGH * size), size, colour(picture.border_colour if pad == "background" else pad))


def decode(picture: Picture, enough: int = 0) -> Image.Image:
    """The stored picture, RGB or RGBA, at full size or with at least `enough` pixels on its longer side. Raises PipelineError naming
    item and file."""
    try:
        return images.open_image(picture.path.read_bytes(), enough)
    except OSError as error:
        why = error.strerror or str(error)
    except images.BadImage as error:
        why = str(error)
    raise PipelineError(f"{picture.path}: the picture of {picture.id} cannot be read ({why}); put it back, or drop the item in review.csv")


def square(image: Image.Image, size: int, ground: RGB) -> Image.Image:
    """Fit an RGB or RGBA picture into `size`×`size` pixels, centred on `ground`; RGB.

    The longest side becomes `size` (smaller pictures grow), by Lanczos over the area that a pixel covers. Transparency is
    laid on `ground` first, so that no colour hidden under it can bleed into an edge.
    """
    width, height = image.size
    longest = max(width, height)
    fitted = (max(1, round(width * size / longest)), max(1, round(height * size / longest)))
    flat = image if image.mode == "RGB" else images.flatten(image, ground)
    if fitted != image.size:
        flat = flat.resize(fitted, Image.Resampling.LANCZOS, reducing_gap=GAP)
    canvas = Image.new("RGB", (size, size), ground)
    canvas.paste(flat, ((size - fitted[0]) // 2, (size - fitted[1]) // 2))
    return canvas


def colour(text: str) -> RGB:
    """`#rrggbb` as three numbers 0–255. Raises ValueError."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"not a colour of the form #rrggbb: {text!r}")
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue
