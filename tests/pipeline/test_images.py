"""One decode path, and bad files named by kind."""

from __future__ import annotations

import io
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline import images


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format=format, **options)
    return out.getvalue()


def gradient(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    y, x = np.mgrid[: size[1], : size[0]]
    return Image.fromarray(np.stack([x * 6, y * 8, x + y], axis=-1).astype(np.uint8)).convert(mode)


@pytest.mark.parametrize(("mode", "expected"), [("RGB", "RGB"), ("L", "RGB"), ("P", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA")])
def test_open_image_gives_rgb_or_rgba(mode: str, expected: str) -> None:
    opened = images.open_image(encoded(gradient(mode), "PNG"))
    assert (opened.mode, opened.size) == (expected, (40, 30))


def test_sixteen_bit_keeps_the_high_byte() -> None:
    deep = Image.fromarray((np.arange(40 * 30, dtype=np.uint16) * 50).reshape(30, 40))
    opened = np.asarray(images.open_image(encoded(deep, "PNG")))
    assert np.abs(opened[..., 0].astype(int) - (np.asarray(deep) >> 8)).max() <= 1


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert images.open_image(encoded(gradient(), "JPEG", exif=exif)).size == (30, 40)


def test_flatten_lays_transparency_on_the_colour() -> None:
    clear = Image.new("RGBA", (4, 4), (9, 9, 9, 0))
    assert images.flatten(clear).getpixel((0, 0)) == (255, 255, 255)
    assert images.flatten(clear, (1, 2, 3)).getpixel((0, 0)) == (1, 2, 3)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_cut_jpeg_is_truncated(keep: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    data = encoded(noise, "JPEG")
    with pytest.raises(images.BadImage) as caught:
        images.open_image(data[: int(len(data) * keep)])
    assert caught.value.kind == "truncated"


def test_html_is_not_an_image() -> None:
    with pytest.raises(images.BadImage) as caught:
        images.read_header(b"<html><body>not here</body></html>")
    assert caught.value.kind == "not_an_image"


def test_a_bomb_is_refused_by_its_header() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    with pytest.raises(images.BadImage) as caught:
        images.open_image(bomb)
    assert caught.value.kind == "too_large"


@pytest.mark.parametrize(("mode", "format"), [("RGB", "PNG"), ("RGB", "JPEG"), ("P", "GIF"), ("L", "JPEG"), ("I;16", "PNG")])
def test_very_large_pictures_are_averaged_down(monkeypatch: pytest.MonkeyPatch, mode: str, format: str) -> None:
    monkeypatch.setattr(images, "WORKING_PIXELS", 10_000)
    file = io.BytesIO()
    picture = Image.new(mode, (500, 300), 200 if mode != "I;16" else 200 * 256)
    picture.save(file, format)
    small, whole = images.open_image(file.getvalue()), picture.convert("RGB") if mode != "I;16" else None
    assert images.reduction(500, 300) == 4
    assert small.size == (125, 75)
    if whole is not None:
        assert small.getpixel((60, 40)) == pytest.approx(whole.getpixel((60, 40)), abs=3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16"])
def test_bands_fit_together(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    file = io.BytesIO()
    ramp = Image.linear_gradient("L").resize((90, 301))
    (ramp.convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else ramp.convert(mode)).save(file, "PNG")
    monkeypatch.setattr(images, "WORKING_PIXELS", 5_000)
    whole = images.open_image(file.getvalue())
    monkeypatch.setattr(images, "BAND", 1_000)
    assert images.open_image(file.getvalue()).tobytes() == whole.tobytes()
    assert whole.size == (30, 101)
    assert whole.convert("L").getpixel((15, 90)) > whole.convert("L").getpixel((15, 10))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("size", "factor"), [((200, 150), 1), ((201, 150), 2), ((777, 301), 4), ((1200, 777), 8), ((3000, 1000), 16)])
def test_measuring_decodes_at_a_power_of_two(format: str, size: tuple[int, int], factor: int) -> None:
    data = encoded(gradient(size=(60, 45)).resize(size), format)
    small = images.open_reduced(data, 30_000)
    assert images.halvings(*size, 30_000) == factor
    assert small.image.size == (-(-size[0] // factor), -(-size[1] // factor))
    assert (small.size, small.format, small.mode, small.frames) == (size, format, "RGB", 1)
    means = np.asarray(images.open_image(data).reduce(factor)).astype(int)
    assert np.abs(np.asarray(small.image) - means)[:-1, :-1].mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_what_is_measured_stands_upright(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(gradient(size=(96, 64)), format, exif=exif)
    small, whole = images.open_reduced(data, 96 * 64 // 4), images.open_image(data)
    assert small.size == whole.size
    assert np.abs(np.asarray(small.image).astype(int) - np.asarray(whole.reduce(2))).mean() < 4


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
@pytest.mark.parametrize("pixels", [500, 5_000, 1_000_000])
def test_bands_leave_no_trace(monkeypatch: pytest.MonkeyPatch, mode: str, pixels: int) -> None:
    picture = gradient(size=(90, 77)).convert("RGBA" if mode in ("RGBA", "LA") else "RGB")
    if picture.mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture = Image.fromarray((np.arange(77 * 90) * 9).astype(np.uint16).reshape(77, 90)) if mode == "I;16" else picture.convert(mode)
    data = encoded(picture, "PNG")
    whole = images.open_reduced(data, pixels).image
    monkeypatch.setattr(images, "BAND", 700)
    banded = images.open_reduced(data, pixels).image
    assert (banded.mode, banded.size) == (whole.mode, whole.size)
    assert banded.tobytes() == whole.tobytes()


def test_hidden_colours_do_not_bleed() -> None:
    picture = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    picture.paste((0, 0, 200, 255), (11, 11, 29, 29))
    small = np.asarray(images.open_reduced(encoded(picture, "PNG"), 400).image)
    assert small[..., 0].max() == 0
    assert small[5, 5].tolist() == [0, 0, 50, 64]


def test_what_just_fits_is_decoded_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "WORKING_PIXELS", 150_000)
    file = io.BytesIO()
    Image.effect_noise((500, 300), 90).convert("RGB").save(file, "PNG")
    assert images.open_image(file.getvalue()).size == (500, 300)
    assert images.reduction(500, 301) == 2


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"BM", b"II*\0"]),
)
def test_any_bytes_are_an_image_or_bad(body: bytes, magic: bytes) -> None:
    try:
        images.open_image(magic + body)
    except images.BadImage as error:
        assert error.kind in {"not_an_image", "truncated", "too_large", "undecodable"}


def test_names_in_the_store(tmp_path: Path) -> None:
    sha256 = images.digest(b"abc")
    assert images.item_id(sha256) == "iba7816bf8f01cfea"
    assert images.stored_path(tmp_path, sha256, "png").relative_to(tmp_path).as_posix() == f"ba/{sha256}.png"


def test_a_bad_image_can_leave_a_worker() -> None:
    copy = pickle.loads(pickle.dumps(images.BadImage("truncated", "half is missing")))
    assert (copy.kind, copy.detail, str(copy)) == ("truncated", "half is missing", "truncated: half is missing")
