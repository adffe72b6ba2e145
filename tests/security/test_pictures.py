"""Pictures that are meant to choke the decoder, and files that are no pictures at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from pipeline import images

REFUSED = ("too_large", "not_an_image")
"""What is recognised by its header is not even stored."""

KNOWN_BAD = ("too_large", "undecodable", "truncated", "not_an_image")
"""What a measurement may say of a stored picture."""


def serve_picture(attack: Any, serve: Any, data: bytes, kind: str = "image/png", **options: Any) -> Any:
    """Scrape, measure and judge one picture."""
    attack.on("/picture", serve.says(data, kind))
    return attack.run(pictures=["/picture"], **options)


def refused_or_measured(outcome: Any) -> None:
    """Either it was not taken, or it was measured, or its measurement says why not. In any case the honest one is kept."""
    error = outcome.error("/picture")
    assert error in ("", *REFUSED)
    if not error:
        assert outcome.measured("/picture") in ("", *KNOWN_BAD)
    assert all(command.code == 0 for command in outcome.commands), [command.err for command in outcome.commands]


def test_a_pixel_bomb(attack: Any, serve: Any, bombs: Any) -> None:
    """A PNG of 20,000 × 20,000 pixels in 48 KB."""
    data = bombs.pixel_bomb()
    assert len(data) < 60_000
    assert serve_picture(attack, serve, data).error("/picture") == "too_large"


LIARS: dict[str, Callable[[Any], bytes]] = {
    "png-largest": lambda bombs: bombs.png(0x7FFFFFFF, 0x7FFFFFFF, body=b"x"),
    "png-of-no-size": lambda bombs: bombs.png(0, 0, body=b""),
    "png-wide": lambda bombs: bombs.png(60_000_000, 1, body=b"x"),
    "png-one-pixel-high": lambda bombs: bombs.png(images.MAX_PIXELS - 1, 1, colour=2),
    "png-one-pixel-wide": lambda bombs: bombs.png(1, 10_000_000, colour=0),
    "png-line": lambda bombs: bombs.png(200_000, 3, colour=2),
    "gif-canvas": lambda bombs: bombs.gif(2, (65_535, 65_535)),
    "webp-giant": lambda bombs: bombs.webp_giant(),
    "bmp-liar": lambda bombs: bombs.bmp_liar(),
    "jpeg-giant": lambda bombs: bombs.jpeg_claims(65_500, 65_500),
    "tiff-loop": lambda bombs: bombs.tiff_loop(),
    "tiff-huge-tags": lambda bombs: bombs.tiff_tags(0x7FFFFFF0),
    "tiff-largest-tags": lambda bombs: bombs.tiff_tags(0xFFFFFFFF),
    "png-ztxt-bomb": lambda bombs: bombs.png(16, 16, bombs.packed_text(b"zTXt", 20_000_000)),
    "png-itxt-bomb": lambda bombs: bombs.png(16, 16, bombs.packed_text(b"iTXt", 20_000_000)),
    "png-icc-bomb": lambda bombs: bombs.png(16, 16, bombs.packed_text(b"iCCP", 20_000_000)),
    "png-many-texts": lambda bombs: bombs.png(16, 16, *[bombs.packed_text(b"zTXt", 900_000)] * 200),
    "png-many-chunks": lambda bombs: bombs.png(16, 16, bombs.chunk(b"teSt", b"") * 100_000),
    "png-exif-bomb": lambda bombs: bombs.png(16, 16, bombs.chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 200_000)),
    "apng-lies": lambda bombs: bombs.apng(1, told=0x7FFFFFFF),
    "apng-frames": lambda bombs: bombs.apng(10_000),
    "gif-frames": lambda bombs: bombs.gif(10_000),
    "webp-frames": lambda bombs: bombs.webp_frames(10_000),
    "tiff-pages": lambda bombs: bombs.tiff_pages(1_000),
}

SLOW: dict[str, Callable[[Any], bytes]] = {
    "tiff-strips": lambda bombs: bombs.tiff_strips(1_500_000),
    "gif-many-frames": lambda bombs: bombs.gif(250_000),
    "tiff-many-pages": lambda bombs: bombs.tiff_pages(60_000),
    "jpeg-scans": lambda bombs: bombs.jpeg_scans(4_800, 20_000),
}


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.sh", "x")
    return out.getvalue()


NO_PICTURES = {
    "ppm": (b"P6 100000 100000 255\n", "image/jpeg"),
    "ico": (b"\0\0\1\0\xff\xff" + b"\0" * 1000, "image/jpeg"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n", "image/jpeg"),
    "fli": (b"\0\1\0\0\x11\xaf" + b"\xff" * 200, "image/jpeg"),
    "psd": (b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\xff\xff\0\0\xff\xff\0\x08\0\3" + bytes(100), "image/jpeg"),
    "svg-with-script": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>', "image/svg+xml"),
    "html-as-jpeg": (b"<!doctype html><script>document.title='pwned'</script>", "image/jpeg"),
    "pdf": (b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n", "image/jpeg"),
    "mp4": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(1000), "image/jpeg"),
    "exe": (b"MZ\x90\0" + bytes(1000), "image/jpeg"),
    "elf": (b"\x7fELF\2\1\1" + bytes(1000), "image/jpeg"),
    "shell": (b"#!/bin/sh\nrm -rf ~\n", "image/jpeg"),
    "empty": (b"", "image/jpeg"),
    "one-byte": (b"\xff", "image/jpeg"),
    "only-a-signature": (b"\x89PNG\r\n\x1a\n", "image/jpeg"),
    "riff-without-end": (b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff", "image/jpeg"),
    "zip": (_zip(), "image/jpeg"),
}


@pytest.fixture(scope="module")
def liars(attack_together: Any, serve: Any, bombs: Any) -> Any:
    for name, make in LIARS.items():
        attack_together.on(f"/{name}", serve.says(make(bombs), "image/jpeg"))
    return attack_together.run(pictures=[f"/{name}" for name in LIARS])


@pytest.mark.parametrize("name", LIARS)
def test_a_picture_that_lies(liars: Any, name: str) -> None:
    assert liars.error(f"/{name}") in ("", *REFUSED)
    if not liars.error(f"/{name}"):
        assert liars.measured(f"/{name}") in ("", *KNOWN_BAD)
    assert all(command.code == 0 for command in liars.commands)
    assert liars.commands[1].cpu < 20


@pytest.fixture(scope="module")
def no_pictures(another_attack_together: Any, serve: Any) -> Any:
    for name, (data, kind) in NO_PICTURES.items():
        another_attack_together.on(f"/{name}", serve.says(data, kind))
    return another_attack_together.run(pictures=[f"/{name}" for name in NO_PICTURES])


@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_file_that_is_no_picture(no_pictures: Any, name: str) -> None:
    error = no_pictures.error(f"/{name}")
    assert error in ("", *REFUSED)
    assert error or no_pictures.measured(f"/{name}") in ("", *KNOWN_BAD)


@pytest.mark.parametrize("name", SLOW)
def test_a_picture_that_takes_for_ever(attack: Any, serve: Any, bombs: Any, name: str) -> None:
    outcome = serve_picture(attack, serve, SLOW[name](bombs))
    refused_or_measured(outcome)
    assert outcome.commands[1].cpu < 15


def square(pixels: int) -> int:
    """The side of a square of nearly so many pixels, a multiple of eight."""
    return int(pixels**0.5) // 8 * 8


PLAIN, JPEG = square(images.MAX_PIXELS), square(images.MAX_PIXELS_OF["JPEG"])
WORST: dict[str, Callable[[Any], bytes]] = {
    "jpeg-that-claims-more-than-it-has": lambda bombs: bombs.jpeg_claims(JPEG, JPEG),
    "png-rgb": lambda bombs: bombs.png(PLAIN, PLAIN, colour=2),
    "png-with-transparency": lambda bombs: bombs.png(PLAIN, PLAIN, colour=6),
    "png-of-16-bits": lambda bombs: bombs.png(PLAIN, PLAIN, bits=16, colour=0),
    "png-of-16-bits-and-four-channels": lambda bombs: bombs.png(PLAIN, PLAIN, bits=16, colour=6),
    "png-strip": lambda bombs: bombs.png(65_535, images.MAX_PIXELS // 65_535, colour=2),
    "jpeg-strip": lambda bombs: bombs.jpeg_claims(65_500, images.MAX_PIXELS_OF["JPEG"] // 65_500),
    "gif-canvas": lambda bombs: bombs.gif(3, (PLAIN, PLAIN)),
    "bmp-packed": lambda bombs: bombs.bmp_packed(PLAIN),
    "tiff-float": lambda bombs: bombs.flat(PLAIN, "F", "TIFF", compression="tiff_deflate"),
    "webp": lambda bombs: bombs.flat(square(images.MAX_PIXELS_OF["WEBP"]), "RGBA", "WEBP", lossless=True, quality=0, method=0),
}


@pytest.mark.parametrize("name", WORST)
def test_a_picture_just_under_the_pixel_cap(attack: Any, serve: Any, bombs: Any, name: str) -> None:
    """The worst that is decoded."""
    outcome = serve_picture(attack, serve, WORST[name](bombs), commands=["scrape", "measure"])
    assert outcome.measured("/picture") in ("", "undecodable", "truncated")
    assert outcome.commands[1].cpu < 10


def test_truncated_everywhere(attack: Any, serve: Any, bombs: Any) -> None:
    """Every format, cut at every tenth: a row each, and never a picture that looks whole."""
    whole = {format: bombs.drawing((60, 60), format) for format in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")}
    whole["TIFF"] = bombs.drawing((60, 60), "TIFF", compression="tiff_lzw")
    cuts = {f"/{format}-{tenth}": data[: len(data) * tenth // 10] for format, data in whole.items() for tenth in range(1, 10)}
    for path, data in cuts.items():
        attack.on(path, serve.says(data, "image/png"))
    outcome = attack.run(pictures=list(cuts), commands=["scrape", "measure"])
    for path in cuts:
        assert outcome.error(path) in REFUSED or outcome.measured(path) in ("truncated", "undecodable"), path


def test_polyglots(attack: Any, serve: Any, bombs: Any) -> None:
    """GIF and HTML at once: as a picture it is a picture, as a page it is refused or inert; the store names it by what it is."""
    gif = bombs.gif(1)
    script = b"<script>document.title='pwned'</script><a href=/never>x</a>"
    comment = b"!\xfe" + bytes([len(script)]) + script + b"\0"
    data = gif[:-1] + comment + b";"
    attack.on("/polyglot", serve.says(data, "image/gif"))
    attack.on("/polyglot.html", serve.says(data, "text/html"))
    outcome = attack.run("/polyglot.html", pictures=["/polyglot"])
    assert outcome.error("/polyglot") == ""
    assert outcome.error("/polyglot.html") in ("", "not_a_page")
    assert not attack.server.asked("/never") or outcome.error("/polyglot.html") == ""
    assert {path.suffix for path in (outcome.dataset / "images").rglob("*.*")} == {".gif", ".png"}


def test_a_picture_served_as_a_page(attack: Any, serve: Any, bombs: Any) -> None:
    attack.on("/page", serve.says(bombs.drawing(), "text/html"))
    assert attack.run("/page").error("/page") == "not_a_page"


def test_a_page_served_as_a_picture(attack: Any, serve: Any) -> None:
    assert serve_picture(attack, serve, b"<p>hello", "image/jpeg").error("/picture") == "not_an_image"


def test_hostile_metadata(attack: Any, serve: Any, bombs: Any) -> None:
    """EXIF, XMP and PNG texts full of escapes, scripts and formulas are not read, so they cannot come out anywhere."""
    nasty = "=cmd|' /C calc'!A0 \x1b[31m <script>document.title='pwned'</script> canary-in-metadata"
    texts = PngImagePlugin.PngInfo()
    for name in ("Title", "Author", "XML:com.adobe.xmp"):
        texts.add_itxt(name, nasty)
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = exif[0x8298] = nasty
    exif[0x0112] = 6
    attack.on("/a.png", serve.says(bombs.drawing((90, 50), "PNG", pnginfo=texts, exif=exif), "image/png"))
    attack.on("/b.jpg", serve.says(bombs.drawing((90, 70), "JPEG", exif=exif, comment=nasty.encode(), xmp=nasty.encode()), "image/jpeg"))
    outcome = attack.run(pictures=["/a.png", "/b.jpg"])
    assert outcome.measured("/a.png") == outcome.measured("/b.jpg") == ""
    assert "canary-in-metadata" not in outcome.said
    for path in (outcome.dataset / "reports").iterdir():
        assert "canary-in-metadata" not in path.read_text(encoding="utf-8")


EXIF_LIES = {
    "loop": b"MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08\0\0\0\x08",
    "orientation-of-99": b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\x63\0\0\0\0\0\0",
    "orientation-of-text": b"MM\0*\0\0\0\x08\0\1\x01\x12\0\2\0\0\0\4abc\0\0\0\0\0",
    "orientation-of-many": b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\xff\xff\xff\xff\0\0\0\x08\0\0\0\0",
    "rational-by-zero": b"MM\0*\0\0\0\x08\0\1\x01\x12\0\5\0\0\0\1\0\0\0\x1a\0\0\0\0\0\0\0\1\0\0\0\0",
    "no-tiff": b"XX\0*\0\0\0\x08",
    "short": b"MM\0*",
    "offset-outside": b"MM\0*\xff\xff\xff\xff",
    "sixty-thousand-tags": b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\3\0\0\0\1\0\6\0\0" * 5000,
}


def test_exif_that_lies(attack: Any, serve: Any, bombs: Any) -> None:
    for name, exif in EXIF_LIES.items():
        attack.on(f"/{name}.jpg", serve.says(bombs.drawing((90, 70), "JPEG", exif=b"Exif\0\0" + exif), "image/jpeg"))
        attack.on(f"/{name}.png", serve.says(bombs.png(16, 16, bombs.chunk(b"eXIf", exif)), "image/png"))
    paths = [f"/{name}.{ending}" for name in EXIF_LIES for ending in ("jpg", "png")]
    outcome = attack.run(pictures=paths)
    for path in paths:
        assert outcome.error(path) in REFUSED or outcome.measured(path) in ("", *KNOWN_BAD), path
