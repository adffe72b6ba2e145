"""Safe decoding, and the content-addressed store of image files.

`open_image` decodes a picture whole, for those who want to see it; `open_scaled` for those who make it smaller.
`open_reduced` is the decode path of all measuring: it makes as many
pixels as measuring needs. That path is frozen, so that a hash computed today equals one computed next year; `measure/golden.json` in the
tests holds what it must give for each format, and who changes it raises `measure.registry.VERSION`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MAX_PIXELS = 24_000_000
"""Largest width × height that is decoded, read from the header first: a decoder needs 4 bytes a pixel. A 48 KB PNG can claim
400 Mpx."""
MAX_PIXELS_OF = {"JPEG": 64_000_000, "MPO": 64_000_000, "WEBP": 8_500_000}
"""The same where it differs: a baseline JPEG can be decoded at a smaller size, a WebP is held four times (and
UHD screens have 8.3 million)."""
MAX_STRIPS = 20_000
"""Pieces that a TIFF may be cut into, and numbers in any of its tags: each becomes a Python object before a pixel is decoded."""
MOST_PAGES = 100
MAX_SIDE = 65_535
"""Pixels on a side; JPEG and GIF allow no more. What resizes a picture keeps tables for each row and column."""
MAX_SCANS = 100
"""Passes of a progressive JPEG; real ones have about ten. Each is decoded at full size, and an empty one takes ten bytes of file."""
WORKING_PIXELS = 4_000_000
"""Larger pictures are averaged down by the smallest whole factor that brings them below: all work on a picture costs some ten bytes a
pixel."""

BAND = 1_000_000
"""Pixels that are converted or averaged at a time."""

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


_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = (Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90)
"""What the EXIF tag asks for, and which of that swaps width and height."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says of itself before decoding; width and height in pixels."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What `open_reduced` gives. `image`: upright, RGB, or RGBa (colours multiplied by opacity). `format`, `mode`: the file's own
    words, by Pillow's names. `frames`: pictures in the file. `size`: upright, in pixels, before anything was averaged."""

    image: Image.Image
    format: str
    mode: str
    frames: int
    size: tuple[int, int]


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
        with _faults_named():
            _load(image, factor)
            upright = _reduced(_eight_bit(image))
            ImageOps.exif_transpose(upright, in_place=True)  # a copy costs as much as a tenth of the decoding
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        return upright if upright.mode == mode else upright.convert(mode)


def open_reduced(file: Path | bytes, pixels: int) -> Picture:
    """Decode the first frame, upright, averaged down by the smallest power of two that leaves at most `pixels`. Raises BadImage.

    A JPEG is decoded at a half, a quarter or an eighth of its size straight away, by leaving fine frequencies out (libjpeg's own scaled
    transform, the same in every libjpeg-turbo). All else is decoded whole; then each block of pixels becomes its mean, transparent
    ones counting by their opacity. Sizes are rounded up. Modes are converted as by `open_image`.
    """
    with _opened(file) as image:
        form, mode, (width, height) = image.format or "", image.mode, image.size
        factor = halvings(width, height, pixels)
        with _faults_named():
            small, _, turn = _shrunk(image, factor)
            count = frames(image) if image.format != "TIFF" else _pages(file)
        if turn is not None:
            small = small.transpose(turn)
            width, height = (height, width) if turn in _ON_ITS_SIDE else (width, height)
        return Picture(small, "JPEG" if form == "MPO" else form, mode, count, (width, height))


def open_scaled(file: Path | bytes, side: int, *, shorter: bool = False) -> tuple[Image.Image, tuple[float, float]]:
    """Decode the first frame for making it smaller: upright, RGB or (with any transparency) RGBa. Raises BadImage.

    Averaged down by the largest power of two that leaves its longer side (`shorter`: the shorter one) at least `side` pixels, a JPEG by
    libjpeg's own scaled transform as far as an eighth; and to at most `WORKING_PIXELS`. The second value is the picture's width
    and height in pixels of the first: its last row and column may hold less than the others.
    """
    with _opened(file) as image:
        width, height = image.size
        reached, factor = min(width, height) if shorter else max(width, height), 1
        while reached >= 2 * factor * side:
            factor *= 2
        factor = max(factor, reduction(width, height))
        with _faults_named():
            small, factor, turn = _shrunk(image, factor)
        extent = width / factor, height / factor
        if turn is None:
            return small, extent
        return small.transpose(turn), extent[::-1] if turn in _ON_ITS_SIDE else extent


def reduction(width: int, height: int) -> int:
    """The whole factor by which `open_image` averages a picture of this size down; 1 for most."""
    return math.ceil(math.sqrt(width * height / WORKING_PIXELS)) if width * height > WORKING_PIXELS else 1


def halvings(width: int, height: int, pixels: int) -> int:
    """The smallest power of two that brings a picture of this size to at most `pixels`, when both sides are divided by it."""
    factor = 1
    while width * height > pixels * factor * factor:
        factor *= 2
    return factor


@contextlib.contextmanager
def _faults_named() -> Iterator[None]:
    """Pillow's remarks silenced, and whatever it raises on a picture's bytes turned into BadImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (BadImage, MemoryError):
        raise
    except Exception as error:  # Pillow's plugins let anything escape on hostile bytes (struct.error, KeyError, TypeError, …)
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a disk's trouble, not the picture's
        kind = "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "undecodable"
        raise BadImage(kind, _words(error)) from error


def _load(image: Image.Image, factor: int) -> None:
    """Decode; a JPEG at a `factor`th of its size, as far as libjpeg goes (an eighth)."""
    _check_scans(image)
    if factor > 1:
        image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))
    image.load()


def _shrunk(image: Image.Image, factor: int) -> tuple[Image.Image, int, Image.Transpose | None]:
    """Decoded and averaged down by `factor`, and further where more than `WORKING_PIXELS` were left; by how much in all; and how it has to
    be turned to stand upright."""
    longest = max(image.size)
    _load(image, factor)
    done = round(longest / max(image.size))  # by the decoder itself
    left = max(factor // done, reduction(*image.size))
    return _averaged(image, left), done * left, _TURNS.get(image.getexif().get(_ORIENTATION, 1))


def _averaged(image: Image.Image, factor: int) -> Image.Image:
    """`image` as RGB, or RGBa (colours multiplied by opacity) where it has transparency, each `factor` × `factor` pixels averaged."""
    if image.width * image.height <= BAND:
        small = _plain(image)
        return small.reduce(factor) if factor > 1 else small
    return _by_bands(image, factor, lambda band: _plain(band).reduce(factor))


def _plain(image: Image.Image) -> Image.Image:
    """As RGB, or RGBa where it has transparency."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode == "RGBA":
        return image.convert("RGBa")
    image = _eight_bit(image)
    return image.convert("RGBA").convert("RGBa") if image.has_transparency_data else image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I;16"):
        return image
    return _by_bands(image, 1, lambda band: band.convert("I").point(lambda value: value * (1 / 256)).convert("L"))


def _reduced(image: Image.Image) -> Image.Image:
    """`image` averaged down by a whole factor; as it is if it is no larger than `WORKING_PIXELS`."""
    factor = reduction(*image.size)
    if factor == 1:
        return image
    if image.mode in ("1", "P", "PA"):  # no average of palette entries
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return _by_bands(image, factor, lambda band: band.reduce(factor))


def _by_bands(image: Image.Image, factor: int, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """`change` done to one band of rows after the other, since it may hold several copies of what it works on.

    `change` makes each `factor` pixels one, across and down, and looks at no others.
    """
    rows = factor * max(1, BAND // (factor * image.width))
    made: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = change(image.crop((0, top, image.width, min(top + rows, image.height))))
        if made is None:
            made = Image.new(band.mode, (band.width, -(-image.height // factor)))
        made.paste(band, (0, top // factor))
    assert made is not None  # no picture is empty
    made.info = dict(image.info)
    return made


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


def _pages(file: Path | bytes) -> int:
    """`frames` of a TIFF, which is closed once it is decoded."""
    with _opened(file) as image:
        return frames(image)


def flatten(image: Image.Image, colour: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """RGB of the same size, transparency laid on `colour`."""
    if image.mode == "RGBa":
        image = image.convert("RGBA")
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*colour, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def stored_path(folder: Path, sha256: str, extension: str) -> Path:
    """Where the store keeps these bytes: `folder/ab/ab12….ext`."""
    return folder / stored_name(sha256, extension)


def stored_name(sha256: str, extension: str) -> str:
    """The same, relative to the folder and with slashes: `ab/ab12….ext`."""
    return f"{sha256[:2]}/{sha256}.{extension}"


def _opened(file: Path | bytes) -> Image.Image:
    _check_tags(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is raised
            image = Image.open(file if isinstance(file, Path) else io.BytesIO(file), formats=list(EXTENSIONS))
    except UnidentifiedImageError as error:
        raise BadImage("not_an_image", "no picture format that is known here") from error
    except Image.DecompressionBombError as error:
        raise BadImage("too_large", str(error)) from error
    except MemoryError:
        raise
    except Exception as error:  # as above
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a disk's trouble, not the picture's
        raise BadImage("undecodable", _words(error)) from error
    most = MAX_PIXELS if image.info.get("progressive") else MAX_PIXELS_OF.get(image.format or "", MAX_PIXELS)
    if image.width * image.height > most or max(image.size) > MAX_SIDE:
        image.close()
        raise BadImage("too_large", f"{image.width}x{image.height} pixels, the limit is {most:,}, and {MAX_SIDE:,} on a side")
    return image


def _words(error: Exception) -> str:
    """What Pillow says, with the error's name where it says little; printable and of bounded length: it may quote the file."""
    text = str(error) if isinstance(error, (OSError, SyntaxError, ValueError)) else f"{type(error).__name__}: {error}"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:200])


def _check_scans(image: Image.Image) -> None:
    """Raise BadImage for a JPEG of too many passes. Their marker stands nowhere in the coded pixels, so counting it is enough."""
    if not isinstance(image, ImageFile.ImageFile) or image.format not in ("JPEG", "MPO") or image.fp is None:
        return
    at, scans, last = image.fp.tell(), 0, b""
    if isinstance(image.fp, io.BytesIO):
        scans = image.fp.getvalue().count(b"\xff\xda")  # no copy is made
    else:
        image.fp.seek(0)
        while piece := image.fp.read(1 << 20):
            scans += (last + piece).count(b"\xff\xda")
            last = piece[-1:]
        image.fp.seek(at)
    if scans > MAX_SCANS:
        raise BadImage("too_large", f"a JPEG of {scans:,} passes, the limit is {MAX_SCANS}")


def _check_tags(file: Path | bytes) -> None:
    """Raise BadImage for a TIFF (classic or BigTIFF) with too many numbers in a tag of a page that may be read."""
    with file.open("rb") if isinstance(file, Path) else io.BytesIO(file) as handle:
        head = handle.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        version = struct.unpack(order + "H", head[2:4])[0] if order and len(head) == 16 else 0
        if version not in (42, 43):
            return
        count, entry, offset = (order + kind for kind in (("H", "HHI4x", "I") if version == 42 else ("Q", "HHQ8x", "Q")))
        (at,) = struct.unpack(offset, head[4:8] if version == 42 else head[8:16])
        seen: set[int] = set()
        while 0 < at < 1 << 62 and at not in seen and len(seen) < MOST_PAGES:  # a loop of pages ends where it began
            seen.add(at)
            handle.seek(at)
            for _ in range(min(_number(handle, count), 65_536)):
                data = handle.read(struct.calcsize(entry))
                if len(data) < struct.calcsize(entry):
                    return
                tag, kind, values = struct.unpack(entry, data)
                if kind not in (1, 2, 6, 7) and values > MAX_STRIPS:  # bytes and text stay what they are
                    raise BadImage("too_large", f"a TIFF with {values:,} numbers in tag {tag}, the limit is {MAX_STRIPS:,}")
            at = _number(handle, offset)


def _number(handle: BinaryIO, format: str) -> int:
    """The next number of a file; 0 at its end."""
    data = handle.read(struct.calcsize(format))
    return int(struct.unpack(format, data)[0]) if len(data) == struct.calcsize(format) else 0
