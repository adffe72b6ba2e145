"""Safe decoding, and the content-addressed store of image files.

There is one decode path, so that a hash computed today equals one computed next year: `open_image` decodes at full size,
applies the EXIF orientation, and `flatten` puts transparency on white.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 64_000_000
"""Largest width × height that is decoded, read from the header first: 64 Mpx is 256 MB as RGBA. A 48 KB PNG can claim 400 Mpx."""

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
    """Decode the first frame at full size, upright, as RGB or (with any transparency) RGBA. Raises BadImage.

    Pictures of other modes are converted: palette by its colours, 16-bit by its high byte, CMYK and grayscale to RGB.
    """
    with _opened(file) as image:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image.load()
                upright = ImageOps.exif_transpose(image)
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, ArithmeticError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # a disk's trouble, not the picture's
            kind = "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "undecodable"
            raise BadImage(kind, str(error)) from error
        if upright.mode.startswith("I;16"):
            upright = upright.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


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
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise BadImage("too_large", f"{image.width}x{image.height} pixels, the limit is {MAX_PIXELS:,}")
    return image
