"""Makers of hostile bytes: small files that grow, files that lie, files that never end."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator

from PIL import Image

MB = 1_000_000


def drawing(size: tuple[int, int] = (80, 80), format: str = "PNG", mode: str = "RGB", **options: object) -> bytes:
    """An honest little picture."""
    out = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.2, 0.8, 1.2), 40).convert(mode).save(out, format, **options)
    return out.getvalue()


def flat(side: int, mode: str, format: str, **options: object) -> bytes:
    """A large picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, (side, side), (9, 9, 9, 9) if mode == "RGBA" else 9).save(out, format, **options)
    return out.getvalue()


# --- compression


def deflated(pattern: bytes, repeats: int) -> Iterator[bytes]:
    """A raw deflate stream of `pattern` × `repeats`, made at the cost of one: blocks that need no memory may stand in any number."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(pattern) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(repeats):
        yield first
    yield packer.flush()


def gzipped(pattern: bytes, repeats: int) -> Iterator[bytes]:
    """The same as gzip (with a wrong checksum at its far end)."""
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    yield from deflated(pattern, repeats)
    yield bytes(8)


def gzip_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip of a stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


# --- PNG


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *more: bytes, bits: int = 8, colour: int = 0, body: bytes | None = None) -> bytes:
    """A PNG that claims a size; `more` are chunks before the pixels, which are `body` (compressed) or just black."""
    if body is None:
        samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        body = zlib.compress(bytes((width * bits * samples + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixel_bomb() -> bytes:
    """A PNG of 20,000 × 20,000 pixels in 48 KB."""
    return png(20_000, 20_000, bits=1)


def packed_text(kind: bytes, size: int) -> bytes:
    """A chunk of compressed text or of a colour profile, `size` bytes when unpacked."""
    packed = zlib.compress(b"a" * size, 9)
    return {
        b"zTXt": chunk(b"zTXt", b"Comment\0\0" + packed),
        b"iTXt": chunk(b"iTXt", b"Comment\0\1\0\0\0" + packed),
        b"iCCP": chunk(b"iCCP", b"profile\0\0" + packed),
    }[kind]


def apng(frames: int, told: int = 0) -> bytes:
    """An animated PNG; `told` is how many frames its header claims."""
    control = struct.pack(">IIIIHHBB", 16, 16, 0, 0, 1, 10, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(16)) * 16)
    body = chunk(b"acTL", struct.pack(">II", told or frames, 0)) + chunk(b"fcTL", struct.pack(">I", 0) + control) + chunk(b"IDAT", pixels)
    for number in range(1, frames):
        body += chunk(b"fcTL", struct.pack(">I", 2 * number - 1) + control) + chunk(b"fdAT", struct.pack(">I", 2 * number) + pixels)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


# --- GIF


def gif(frames: int, canvas: tuple[int, int] = (16, 16)) -> bytes:
    """A GIF of so many frames of one pixel each (the first as large as the canvas says, up to 16)."""
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    first = b",\0\0\0\0" + struct.pack("<HH", 1, 1) + b"\0\2\2D\1\0"
    screen = struct.pack("<HH", *canvas) + b"\xf0\0\0" + b"\xff\0\0\0\0\xff"
    return b"GIF89a" + screen + first + frame * (frames - 1) + b";"


# --- WebP


def riff(*chunks: bytes) -> bytes:
    """A WebP file of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_chunk(name: bytes, data: bytes) -> bytes:
    """A RIFF chunk, padded."""
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_frames(frames: int) -> bytes:
    """An animated WebP of 16 × 16 pixels."""
    still = drawing((16, 16), "WEBP", lossless=True)
    inner = still[12:]
    where = bytes(6) + b"\x0f\0\0\x0f\0\0" + b"\x0a\0\0\0"
    extended = webp_chunk(b"VP8X", b"\x02\0\0\0\x0f\0\0\x0f\0\0")
    return riff(extended, webp_chunk(b"ANIM", bytes(6)), webp_chunk(b"ANMF", where + inner) * frames)


def webp_giant() -> bytes:
    """A lossless WebP that claims the format's largest size, 16,383 × 16,383."""
    packed = (16_382 | 16_382 << 14).to_bytes(4, "little")
    return riff(webp_chunk(b"VP8L", b"\x2f" + packed + bytes(64)))


# --- BMP


def bmp_liar() -> bytes:
    """A BMP whose header claims a file of 4 GB, an offset beyond it and 30,000 × 2,000 pixels."""
    head = b"BM" + struct.pack("<IHHI", 0xFFFFFFFF, 0, 0, 0x7FFFFFFF)
    return head + struct.pack("<IiiHHIIiiII", 40, 30_000, 2_000, 1, 24, 0, 0xFFFFFFFF, 0, 0, 0, 0) + bytes(100)


def bmp_packed(side: int) -> bytes:
    """A run-length encoded BMP of so many pixels on a side, in some bytes a row."""
    run = b"\xff\x01" * (side // 255) + bytes([side % 255, 1]) + b"\0\0"
    palette, rows = bytes(1024), run * side + b"\0\1"
    offset = 54 + len(palette)
    head = b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset)
    return head + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(rows), 0, 0, 256, 0) + palette + rows


# --- TIFF


def tiff_tag(number: int, kind: int, count: int, value: int) -> bytes:
    """An entry of a TIFF directory."""
    return struct.pack("<HHII", number, kind, count, value)


def tiff_directory(tags: Iterable[bytes], following: int) -> bytes:
    """A TIFF directory and the offset of the next one."""
    entries = list(tags)
    return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)


def _plain_tags(side: int, strip: int) -> list[bytes]:
    return [
        tiff_tag(256, 3, 1, side),
        tiff_tag(257, 3, 1, side),
        tiff_tag(258, 3, 1, 8),
        tiff_tag(259, 3, 1, 1),
        tiff_tag(262, 3, 1, 1),
        tiff_tag(273, 4, 1, strip),
        tiff_tag(277, 3, 1, 1),
        tiff_tag(278, 3, 1, side),
        tiff_tag(279, 4, 1, side * side),
    ]


def tiff_pages(pages: int) -> bytes:
    """A TIFF of so many pages of 16 × 16 pixels, all of the same bytes: a directory each."""
    at, size = 8 + 256, 2 + 9 * 12 + 4
    body = tiff_directory(_plain_tags(16, 8), 0)[:-4]
    following = (struct.pack("<I", at + (number + 1) * size if number < pages - 1 else 0) for number in range(pages))
    return b"II*\0" + struct.pack("<I", at) + bytes(range(256)) + b"".join(body + offset for offset in following)


def tiff_strips(strips: int) -> bytes:
    """A TIFF one pixel wide, every row a strip of its own."""
    values = 8 + 2 + 9 * 12 + 4
    tags = [*_plain_tags(1, 8)]
    tags[1] = tiff_tag(257, 4, 1, strips)
    tags[5] = tiff_tag(273, 4, strips, values)
    tags[7] = tiff_tag(278, 3, 1, 1)
    tags[8] = tiff_tag(279, 4, strips, values)
    return b"II*\0" + struct.pack("<I", 8) + tiff_directory(tags, 0) + bytes(4 * strips)


def tiff_loop() -> bytes:
    """A TIFF whose directory names itself as the next."""
    return b"II*\0" + struct.pack("<I", 264) + bytes(256) + tiff_directory(_plain_tags(16, 8), 264)


def tiff_tags(count: int) -> bytes:
    """A TIFF with a tag of `count` values that lies outside the file."""
    tags = [*_plain_tags(16, 8), tiff_tag(700, 1, count, 300), tiff_tag(34_675, 7, count, 300)]
    return b"II*\0" + struct.pack("<I", 264) + bytes(256) + tiff_directory(tags, 0)


# --- JPEG


def jpeg_claims(width: int, height: int) -> bytes:
    """An honest JPEG whose header claims another size."""
    data = bytearray(drawing((64, 64), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_scans(side: int, scans: int) -> bytes:
    """A progressive grey JPEG whose every scan is empty, and has to be gone through pixel by pixel all the same."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    table = bytes([1]) + bytes(15) + b"\0"
    head = b"\xff\xd8" + segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
    tables = segment(0xC4, b"\0" + table) + segment(0xC4, b"\x10" + table)
    first = segment(0xDA, b"\1\1\0\0\0\0")
    return head + tables + first + segment(0xDA, b"\1\1\0\1\x3f\0") * scans + b"\xff\xd9"


# --- pages


def tags(tag: bytes, megabytes: float) -> bytes:
    """A page of nothing but one tag."""
    return tag * int(megabytes * MB / len(tag))
