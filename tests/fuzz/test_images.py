"""Pictures of every format, damaged in every way: a picture or a BadImage, soon, and nothing on the terminal."""

from __future__ import annotations

import io
import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pipeline import images
from pipeline.measure import registry

CASES = Path(__file__).parent / "cases"
"""What made earlier versions fail, as files of a few bytes."""

KINDS = ("not_an_image", "truncated", "too_large", "undecodable")
SECONDS = 3.0


def encoded(mode: str, format: str, **options: object) -> bytes:
    """A small picture with a little of everything."""
    ramp = np.arange(24 * 20 * 4, dtype=np.uint32).reshape(20, 24, 4)
    picture = Image.fromarray((ramp * 7 % 256).astype(np.uint8))
    picture = picture.convert("RGB").convert(mode) if mode not in ("RGBA", "LA") else picture.convert(mode)
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    """Metadata with a sub-directory."""
    made = Image.Exif()
    made[0x0112], made[0x010E], made[0x011A] = 6, "words", 72.0
    made.get_ifd(0x8769)[0x9003] = "2020:01:01 00:00:00"
    return made


def texts() -> PngImagePlugin.PngInfo:
    """PNG chunks of words."""
    made = PngImagePlugin.PngInfo()
    made.add_text("Title", "words", zip=True)
    made.add_itxt("XML:com.adobe.xmp", "<x tiff:Orientation='6'/>", zip=True)
    return made


def frames() -> list[Image.Image]:
    """Two more pictures."""
    return [Image.new("RGB", (24, 20), colour) for colour in ("red", "blue")]


SEEDS: dict[str, Callable[[], bytes]] = {
    "png": lambda: encoded("RGB", "PNG", pnginfo=texts(), exif=exif(), icc_profile=b"profile" * 20),
    "png-palette": lambda: encoded("P", "PNG", transparency=3),
    "png-gray": lambda: encoded("LA", "PNG"),
    "png-bits": lambda: encoded("1", "PNG"),
    "png-frames": lambda: encoded("RGB", "PNG", save_all=True, append_images=frames()),
    "jpeg": lambda: encoded("RGB", "JPEG", exif=exif(), comment=b"words", icc_profile=b"profile" * 20),
    "jpeg-progressive": lambda: encoded("RGB", "JPEG", progressive=True, quality=30),
    "jpeg-cmyk": lambda: encoded("CMYK", "JPEG"),
    "jpeg-gray": lambda: encoded("L", "JPEG"),
    "mpo": lambda: encoded("RGB", "MPO", save_all=True, append_images=frames()),
    "gif": lambda: encoded("P", "GIF", comment=b"words", transparency=0),
    "gif-frames": lambda: encoded("P", "GIF", save_all=True, append_images=frames(), loop=0, disposal=2),
    "webp": lambda: encoded("RGB", "WEBP", exif=exif(), quality=50),
    "webp-lossless": lambda: encoded("RGBA", "WEBP", lossless=True),
    "webp-frames": lambda: encoded("RGB", "WEBP", save_all=True, append_images=frames()),
    "bmp": lambda: encoded("RGB", "BMP"),
    "bmp-palette": lambda: encoded("P", "BMP"),
    "tiff": lambda: encoded("RGB", "TIFF", exif=exif()),
    "tiff-lzw": lambda: encoded("RGBA", "TIFF", compression="tiff_lzw"),
    "tiff-deflate": lambda: encoded("L", "TIFF", compression="tiff_deflate", save_all=True, append_images=frames()),
    "tiff-jpeg": lambda: encoded("RGB", "TIFF", compression="jpeg"),
    "tiff-fax": lambda: encoded("1", "TIFF", compression="group4"),
    "tiff-float": lambda: encoded("F", "TIFF"),
}
MADE = {name: make() for name, make in SEEDS.items()}

INTERESTING = [
    *(b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\1\0\0\0"),
    *(b"\xff\xd8", b"\xff\xda", b"\xff\xe1\0\2", b"\xff\xe2\0\4MP", b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0", b"II+\0\x08\0\0\0\0\0\0\0"),
    *(b"IDAT", b"fdAT", b"acTL", b"ANMF", b"VP8X"),
]

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "cut", "repeat", "flip", "end"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 12),
        st.sampled_from(INTERESTING) | st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)
Changes = list[tuple[str, float, int, bytes]]


def changed(data: bytes, changes: Changes, *, head: bool) -> bytes:
    """A copy with changes at these places (as shares of the file, or of its first 200 bytes, where the header is)."""
    for how, where, count, new in changes:
        at = int(where * (min(len(data), 200) if head else len(data)))
        if how == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif how == "insert":
            data = data[:at] + new + data[at:]
        elif how == "cut":
            data = data[:at] + data[at + count :]
        elif how == "repeat":
            data = data[:at] + data[at : at + count] * 40 + data[at:]
        elif how == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << count % 8]) + data[at + 1 :]
        elif how == "end":
            data = data[:at]
    return mended(data)


def mended(data: bytes) -> bytes:
    """A PNG with checksums that are right again: else every change would be found out by them."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    out, at = data[:8], 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size > len(data):
            return out + data[at:]
        body = data[at + 4 : at + 8 + size]
        out += data[at : at + 4] + body + zlib.crc32(body).to_bytes(4)
        at += 12 + size
    return out


def look(data: bytes) -> None:
    """What the program does with a picture: at scraping its header is read, later it is decoded and measured."""
    began = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            header = images.read_header(data)
            assert header.format in images.EXTENSIONS
            assert header.width * header.height <= images.MAX_PIXELS
        except images.BadImage as error:
            assert error.kind in KINDS
            assert error.detail.isprintable()
        try:
            picture = images.open_image(data)
            assert picture.mode in ("RGB", "RGBA")
            assert picture.width * picture.height <= images.MAX_PIXELS
            assert images.flatten(picture).mode == "RGB"
        except images.BadImage as error:
            assert error.kind in KINDS
            assert error.detail.isprintable()
    assert not said, said[0].message
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_pictures(name: str) -> None:
    assert images.open_image(MADE[name]).size in ((24, 20), (20, 24))


@pytest.mark.parametrize("name", SEEDS)
@given(changes=CHANGES, head=st.booleans())
def test_damaged_pictures(name: str, changes: Changes, head: bool) -> None:
    look(changed(MADE[name], changes, head=head))


@pytest.mark.parametrize("name", SEEDS)
def test_cut_at_every_byte(name: str) -> None:
    """Of the header at least; further on at every tenth."""
    data = MADE[name]
    for end in [*range(min(len(data), 120)), *range(120, len(data), 10)]:
        look(data[:end])


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x40\0\0\0WEBP", b"BM", b"II*\0", b"MM\0*", b"MM\0+"]),
)
@example(b"", b"")
def test_any_bytes(data: bytes, start: bytes) -> None:
    look(start + data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(name=st.sampled_from(sorted(SEEDS)), changes=CHANGES, head=st.booleans())
def test_a_measurement_is_whole_or_says_why_not(tmp_path: Path, name: str, changes: Changes, head: bool) -> None:
    path = tmp_path / "picture"
    path.write_bytes(changed(MADE[name], changes, head=head))
    row = registry.measure_file(path, "i0")
    if row["error"]:
        assert row["error"] in KINDS
        assert all(row[name] is None for name in registry.COLUMNS)
    else:
        assert all(row[name] is not None for name in ("width", "height", "phash", "pixels"))


@pytest.mark.parametrize("path", sorted(CASES.glob("image-*")), ids=lambda path: path.name)
def test_what_failed_before(path: Path) -> None:
    data = path.read_bytes()
    look(data)
    assert registry.measure_file(path, "i0")["error"] in (None, *KINDS)
