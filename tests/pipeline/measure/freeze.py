"""Writes the golden values anew: `python tests/pipeline/measure/freeze.py`, from the root, after `registry.VERSION` was raised.

The files in `golden/` are made only where they are missing: another encoder would make other bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, features

FOLDER = Path(__file__).parent / "golden"
VALUES = FOLDER / "golden.json"
LIBRARIES = ("jpg", "libjpeg_turbo", "webp", "zlib", "libtiff")


def drawing(width: int, height: int, *, clear: bool = False) -> Image.Image:
    """A figure with soft and hard edges, flat and shaded parts; RGB, or RGBA on nothing."""
    picture = Image.new("RGBA", (width, height), (250, 245, 230, 0 if clear else 255))
    draw = ImageDraw.Draw(picture)
    unit = min(width, height) / 100
    x, y = width / 2, height / 2
    draw.ellipse((x - 30 * unit, y - 40 * unit, x + 25 * unit, y + 20 * unit), fill=(200, 40, 50, 255), outline=(20, 20, 30, 255))
    draw.polygon([(x - 10 * unit, y), (x + 42 * unit, y + 12 * unit), (x - 20 * unit, y + 38 * unit)], fill=(30, 70, 190, 160))
    shade = Image.linear_gradient("L").resize((round(20 * unit), round(30 * unit)))
    picture.paste(Image.merge("RGBA", (shade, shade, shade, shade.point(lambda value: 255))), (round(x), round(y - 35 * unit)))
    return picture if clear else picture.convert("RGB")


def make() -> None:
    """The files that are not there."""
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = Image.fromarray((np.arange(60 * 80, dtype=np.uint32) * 13 % 65_536).astype(np.uint16).reshape(60, 80))
    palette = drawing(90, 70).quantize(12)
    files: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "whole.jpg": (drawing(120, 90), {"quality": 80}),
        "half.jpg": (drawing(431, 330), {"quality": 60}),
        "quarter.jpg": (drawing(1001, 750), {"quality": 30}),
        "eighth.jpg": (drawing(1603, 1300), {"quality": 10}),
        "fine-chroma.jpg": (drawing(399, 350), {"quality": 70, "subsampling": 0}),
        "progressive.jpg": (drawing(430, 331), {"quality": 60, "progressive": True}),
        "gray.jpg": (drawing(110, 90).convert("L"), {"quality": 80}),
        "cmyk.jpg": (drawing(110, 90).convert("CMYK"), {"quality": 80}),
        "turned.jpg": (drawing(400, 351), {"quality": 60, "exif": turned}),
        "opaque.png": (drawing(120, 90), {}),
        "clear.png": (drawing(121, 90, clear=True), {}),
        "large-clear.png": (drawing(421, 380, clear=True), {}),
        "palette.png": (palette, {"transparency": 0}),
        "deep.png": (deep, {}),
        "bits.png": (drawing(70, 60).convert("1"), {}),
        "gray-clear.png": (drawing(80, 60, clear=True).convert("LA"), {}),
        "palette.gif": (palette, {}),
        "lossy.webp": (drawing(120, 91, clear=True), {"quality": 70}),
        "lossless.webp": (drawing(120, 91, clear=True), {"lossless": True}),
        "plain.bmp": (drawing(60, 50), {}),
        "lzw.tif": (drawing(90, 70), {"compression": "tiff_lzw"}),
    }
    FOLDER.mkdir(exist_ok=True)
    for name, (picture, options) in files.items():
        if not (FOLDER / name).exists():
            picture.save(FOLDER / name, **options)


def measured(path: Path) -> dict[str, Any]:
    """What a file gives now: the decoded pixels' SHA-256, and every column (bytes by their SHA-256)."""
    from pipeline import images
    from pipeline.measure import base, registry

    picture = images.open_reduced(path, base.FINE)
    row = registry.measure_file(path, "i0")
    values = {name: hashlib.sha256(row[name]).hexdigest() if isinstance(row[name], bytes) else row[name] for name in registry.COLUMNS}
    decoded = f"{picture.image.mode} {picture.image.width}x{picture.image.height} {hashlib.sha256(picture.image.tobytes()).hexdigest()}"
    return {"decoded": decoded, **values}


def libraries() -> dict[str, str]:
    """Versions of what decodes."""
    import PIL

    return {"pillow": PIL.__version__, **{name: str(features.version(name)) for name in LIBRARIES}}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from pipeline.measure import registry

    make()
    files = sorted(path for path in FOLDER.iterdir() if path != VALUES)
    frozen = {"version": registry.VERSION, "libraries": libraries(), "files": {path.name: measured(path) for path in files}}
    VALUES.write_text(json.dumps(frozen, indent=1) + "\n", encoding="utf-8")
