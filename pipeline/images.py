"""Safe decoding, and the content-addressed store of image files.

There is one decode path, so that a hash computed today equals one computed next year: `open_image` decodes, averages very large
pictures down, applies the EXIF orientation, and `flatten` puts transparency on white.
"""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 24_000_000
"""Largest width × height that is decoded, read from the header first: a decoder needs up to 6 bytes a pixel. A 48 KB PNG can claim
400 Mpx."""
MAX_PIXELS_OF = {"JPEG": 64_000_000, "MPO": 64_000_000, "WEBP": 14_000_000}
"""The same where it differs: a baseline JPEG can be decoded at a smaller size, a WebP is held twice."""
MAX_STRIPS = 20_000
"""Pieces that a TIFF may be cut into; each is decoded by itself."""
MOST_PAGES = 100
WORKING_PIXELS = 12_000_000
"""Larger pictures are averaged down by the smallest whole factor that brings them below: all work on a picture costs some ten bytes a
pixel."""

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif"}
"""Formats that are kept, by Pillow's name, with the file extension the store gives them."""


class BadImage(Exception):
    """A file that is not a usable picture. `kind`: not_an_image, truncated, too_large, or undecodable."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)  # both, so that it survives pickling on its way out of a worker
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says of itself before decoding; width and height in pixels."""

    format: str
    width: int
    height: int


def item_id(sha256: str) -> str:
    """The item's name: `i` and 16 hex digits (the letter keeps spreadsheets from reading a number)."""
    return "i" + sha256[:16]


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def read_header(file: Path | bytes) -> Header:
    """Format and size from the first bytes. Raises BadImage(not_an_image | too_large)."""
    with _opened(file) as image:
        name = image.format or ""
        return Header("JPEG" if name == "MPO" else name, image.width, image.height)  # MPO: a JPEG with more JPEGs behind it


def open_image(file: Path | bytes) -> Image.Image:
    """Decode the first frame, upright, as RGB or (with any transparency) RGBA, at most `WORKING_PIXELS` large. Raises BadImage.

    Pictures of other modes are converted: palette by its colours, 16-bit by its high byte, CMYK and grayscale to RGB.
    """
    with _opened(file) as image:
        factor = reduction(image.width, image.height)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                size = -(-image.width // factor), -(-image.height // factor)
                if factor > 1:
                    image.draft(None, size)  # of use for a JPEG only: decoded at an eighth, a quarter or a half
                image.load()
                upright = ImageOps.exif_transpose(_reduced(_eight_bit(image), size))
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, ArithmeticError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # a disk's trouble, not the picture's
            kind = "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "undecodable"
            raise BadImage(kind, str(error)) from error
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def reduction(width: int, height: int) -> int:
    """The whole factor by which a picture of this size is averaged down; 1 for most."""
    return math.ceil(math.sqrt(width * height / WORKING_PIXELS)) if width * height > WORKING_PIXELS else 1


def _eight_bit(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I;16"):
        return image
    eight = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    eight.info = dict(image.info)
    return eight


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` averaged down towards `size`, by a whole factor; as it is if it is no larger."""
    factor = min(image.width // size[0], image.height // size[1])
    if factor <= 1:
        return image
    if image.mode in ("1", "P", "PA"):  # no average of palette entries
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.reduce(factor)


def frames(image: Image.Image) -> int:
    """How many pictures the file holds. The pages of a TIFF are counted one by one, and no further than `MOST_PAGES`."""
    if image.format != "TIFF":
        return int(getattr(image, "n_frames", 1))
    try:
        for page in range(1, MOST_PAGES):
            image.seek(page)
    except EOFError:
        return page
    return MOST_PAGES


def flatten(image: Image.Image, colour: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """RGB of the same size, transparency laid on `colour`."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*colour, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def stored_path(folder: Path, sha256: str, extension: str) -> Path:
    """Where the store keeps these bytes: `folder/ab/ab12….ext`."""
    return folder / sha256[:2] / f"{sha256}.{extension}"


def _opened(file: Path | bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
            image = Image.open(file if isinstance(file, Path) else io.BytesIO(file), formats=list(EXTENSIONS))
    except UnidentifiedImageError as error:
        raise BadImage("not_an_image", "no picture format that is known here") from error
    except Image.DecompressionBombError as error:
        raise BadImage("too_large", str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a disk's trouble, not the picture's
        raise BadImage("undecodable", str(error)) from error
    most = MAX_PIXELS if image.info.get("progressive") else MAX_PIXELS_OF.get(image.format or "", MAX_PIXELS)
    if image.width * image.height > most:
        image.close()
        raise BadImage("too_large", f"{image.width}x{image.height} pixels, the limit is {most:,}")
    if (strips := len(getattr(image, "tile", ()))) > MAX_STRIPS:
        image.close()
        raise BadImage("too_large", f"cut into {strips:,} strips, the limit is {MAX_STRIPS:,}")
    return image
