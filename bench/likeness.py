"""Near duplicates on real art: recall for each made transform, false pairs, and hard negatives, beside imagehash.

python bench/likeness.py [--quick] --art FOLDER
    FOLDER holds what was unpacked from package registries: openmoji/ (npm package openmoji, needs resvg_py to draw it),
    fluent/ (npm package @lobehub/fluent-emoji-3d). Robots are composed from the parts in the Python package robohash.
    What is missing is said and left out. Ends with one line of JSON.

Recall is end to end: the hashes must propose the pair and the second look must agree, at the defaults of the manifest. Peer: the pHash of
imagehash at no more than 6 bits, of the picture and (for mirrored copies, as people do) of its mirror image.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import itertools
import json
import platform
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

sys.path.insert(0, str(Path(__file__).parents[1]))
from pipeline.curate.likeness import Pictures  # found beside this file, where nothing need be installed
from pipeline.manifest import DedupSettings
from pipeline.measure import hashes, shape, signature
from pipeline.measure.base import Decoded

Picture = Image.Image
SLOTS = ("01Body", "02Face", "Accessory", "Eyes", "Mouth")
SETTINGS = DedupSettings()
PEER_RADIUS = 6


def jpeg(picture: Picture, quality: int) -> Picture:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def resized(picture: Picture, factor: float) -> Picture:
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC)


def curve(picture: Picture, change: Callable[[float], float]) -> Picture:
    return picture.point([max(0, min(255, round(change(value)))) for value in range(256)] * 3)


def noisy(picture: Picture, sigma: float) -> Picture:
    noise = np.random.default_rng(1).normal(0, sigma, (picture.height, picture.width, 3))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).round().astype(np.uint8))


def cropped(picture: Picture, share: float) -> Picture:
    """`share` of width and height cut off at each side."""
    across, down = round(picture.width * share), round(picture.height * share)
    return picture.crop((across, down, picture.width - across, picture.height - down))


def padded(picture: Picture, share: float) -> Picture:
    """`share` of width and height added at each side, in the colour of the upper left corner."""
    return ImageOps.expand(picture, (round(picture.width * share), round(picture.height * share)), picture.getpixel((0, 0)))


def drawn_over(picture: Picture, width: int) -> Picture:
    copy = picture.copy()
    ImageDraw.Draw(copy).rectangle((0, 0, copy.width - 1, copy.height - 1), outline=(20, 20, 30), width=width)
    return copy


def turned(picture: Picture, degrees: float) -> Picture:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((0, 0)))


def marked(picture: Picture, alpha: float, across: bool) -> Picture:
    """A gray "example.org" in the lower right, or large and slanted across the middle."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    font = ImageFont.load_default(max(10, picture.width // (8 if across else 16)))
    place = (picture.width * 0.5, picture.height * 0.5) if across else (picture.width * 0.72, picture.height * 0.95)
    ImageDraw.Draw(layer).text(place, "example.org", font=font, fill=(128, 128, 128, round(255 * alpha)), anchor="mm")
    copy = picture.convert("RGBA")
    copy.alpha_composite(layer.rotate(30) if across else layer)
    return copy.convert("RGB")


def recoloured(picture: Picture) -> Picture:
    hue, saturation, value = picture.convert("HSV").split()
    return Image.merge("HSV", (hue.point([(level + 85) % 256 for level in range(256)]), saturation, value)).convert("RGB")


TRANSFORMS: dict[str, Callable[[Picture], Picture]] = {
    **{f"JPEG {quality}": lambda picture, quality=quality: jpeg(picture, quality) for quality in (30, 60, 95)},
    **{f"resize {factor:.0%}": lambda picture, factor=factor: resized(picture, factor) for factor in (0.18, 0.25, 0.5, 2.0)},
    "half, JPEG 50": lambda picture: jpeg(resized(picture, 0.5), 50),
    **{f"gamma {power}": lambda picture, power=power: curve(picture, lambda v: 255 * (v / 255) ** power) for power in (0.7, 1.4)},
    **{f"brightness {factor}": lambda picture, factor=factor: curve(picture, lambda v: v * factor) for factor in (0.8, 1.25)},
    **{f"blur {radius}": lambda picture, radius=radius: picture.filter(ImageFilter.GaussianBlur(radius)) for radius in (1, 2)},
    **{f"noise {sigma}": lambda picture, sigma=sigma: noisy(picture, sigma) for sigma in (5, 12)},
    "mark in a corner": lambda picture: marked(picture, 0.35, False),
    "mark across": lambda picture: marked(picture, 0.25, True),
    "6 px dark frame": lambda picture: ImageOps.expand(picture, 6, (20, 20, 30)),
    "3 px red frame": lambda picture: ImageOps.expand(picture, 3, (180, 20, 20)),
    "6 px frame drawn over": lambda picture: drawn_over(picture, 6),
    **{f"pad {share:.0%}": lambda picture, share=share: padded(picture, share) for share in (0.05, 0.08, 0.1)},
    **{f"crop {share:.0%}": lambda picture, share=share: cropped(picture, share) for share in (0.03, 0.05, 0.1)},
    **{f"rotate {angle}°": lambda picture, angle=angle: turned(picture, angle) for angle in (2, -4, 5)},
    "mirror": ImageOps.mirror,
    "mirror, JPEG 60": lambda picture: jpeg(ImageOps.mirror(picture), 60),
    "recolour": recoloured,
}


class Robots:
    """Composed figures, known by colour and the number of each part."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("robohash")
        assert found is not None
        assert found.origin is not None
        root = Path(found.origin).parent / "sets" / "set1"
        folders = {(colour.name, slot.name.split("#")[1]): slot for colour in root.iterdir() for slot in colour.iterdir()}
        self.parts = {key: sorted(slot.iterdir(), key=lambda file: file.name.split("-")[-1]) for key, slot in folders.items()}
        self.colours = sorted({colour for colour, _ in self.parts})

    def draw(self, colour: str, parts: tuple[int, ...]) -> Picture:
        picture = Image.new("RGBA", (300, 300), (255, 255, 255, 255))
        for slot, number in zip(SLOTS, parts, strict=True):
            with Image.open(self.parts[colour, slot][number]) as part:
                picture.alpha_composite(part.convert("RGBA"))
        return picture.convert("RGB")

    def some(self, count: int) -> list[tuple[str, Picture]]:
        rng = random.Random(0)
        keys = {(rng.choice(self.colours), tuple(rng.randrange(10) for _ in SLOTS)) for _ in range(count)}
        return [(f"{colour} {parts}", self.draw(colour, parts)) for colour, parts in sorted(keys)]

    def changed(self, count: int) -> list[tuple[str, Picture, Picture]]:
        """Robots beside others with one part, or the colour, changed."""
        rng = random.Random(1)
        pairs = []
        for at in range(count):
            colour, parts = rng.choice(self.colours), tuple(rng.randrange(10) for _ in SLOTS)
            slot = at % 6
            if slot == 5:
                other = self.draw(rng.choice([name for name in self.colours if name != colour]), parts)
            else:
                other = self.draw(colour, (*parts[:slot], (parts[slot] + rng.randrange(1, 10)) % 10, *parts[slot + 1 :]))
            pairs.append((f"robots, another {(*SLOTS, 'colour')[slot].strip('012').lower()}", self.draw(colour, parts), other))
        return pairs


def openmoji(folder: Path, names: list[str]) -> list[tuple[str, Picture]]:
    import resvg_py

    drawn = []
    for name in names:
        data = bytes(resvg_py.svg_to_bytes(svg_path=str(folder / "color" / "svg" / f"{name}.svg"), width=288, height=288))
        drawn.append((name, _flat(Image.open(io.BytesIO(data)))))
    return drawn


def skin_tones(folder: Path, count: int) -> list[tuple[str, Picture, Picture]]:
    """Drawings beside the same in another skin tone, as the package's data names them."""
    data = json.loads((folder / "data" / "openmoji.json").read_text(encoding="utf-8"))
    families: dict[str, list[str]] = {}
    for entry in data:
        if entry.get("skintone_base_hexcode") and (folder / "color" / "svg" / f"{entry['hexcode']}.svg").exists():
            families.setdefault(entry["skintone_base_hexcode"], []).append(entry["hexcode"])
    pairs = [pair for names in families.values() for pair in itertools.pairwise(sorted(names))]
    random.Random(2).shuffle(pairs)
    chosen = pairs[:count]
    pictures = dict(openmoji(folder, sorted({name for pair in chosen for name in pair})))
    return [("openmoji, another skin tone", pictures[one], pictures[two]) for one, two in chosen]


def _flat(picture: Picture) -> Picture:
    ground = Image.new("RGB", picture.size, (255, 255, 255))
    rgba = picture.convert("RGBA")
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return ground


def measured(picture: Picture) -> dict[str, Any]:
    decoded = Decoded(picture)
    return {name: value for part in (shape, hashes, signature) for name, value in part.MEASUREMENT.compute(decoded).items()}


def with_copies(picture: Picture) -> list[dict[str, Any]]:
    return [measured(picture), *(measured(change(picture)) for change in TRANSFORMS.values())]


def both(pair: tuple[str, Picture, Picture]) -> list[dict[str, Any]]:
    return [measured(pair[1]), measured(pair[2])]


def found(pictures: Pictures, i: np.ndarray, j: np.ndarray, flip: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of pairs: whether a hash proposes them, whether they are also found the same in a wanted kind; and pHash ≤ 6."""
    seen = pictures.compare(i, j, flip)
    near = seen.distance <= SETTINGS.distance
    same = near & np.isin(seen.kind.astype(str), list(SETTINGS.kinds))
    hashes_there = pictures.whole_mirror[j] if flip else pictures.whole[j]
    return near, same, np.bitwise_count(pictures.whole[i] ^ hashes_there) <= PEER_RADIUS


def table(rows: list[dict[str, Any]]) -> Pictures:
    return Pictures.read(pd.DataFrame(rows))


def alike(one: Picture, two: Picture) -> bool:
    """Whether two originals are one drawing, which packages hold under several names, mirrored, or larger and smaller on the same ground.

    Both are cut to what is drawn and, where the shapes of that agree within 4%, brought to one size. They are one drawing when at most one
    pixel in 2,000 lies more than 24 levels outside what the other has within a pixel of it, and their colours differ by less than 1 on
    average.
    """
    cut = [trimmed(side) for side in (one, two)]
    shapes = [side.width / side.height for side in cut]
    if not 0.96 < shapes[0] / shapes[1] < 1.04:
        return False
    size = min(side.size for side in cut)
    first = cut[0].resize(size, Image.Resampling.BOX)
    return any(same_pixels(first, side.resize(size, Image.Resampling.BOX)) for side in (cut[1], ImageOps.mirror(cut[1])))


def trimmed(picture: Picture) -> Picture:
    """Without margins in the colour of the upper left corner."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    return picture.crop(ImageChops.difference(picture, ground).getbbox())


def same_pixels(one: Picture, two: Picture) -> bool:
    def outside(side: Picture, other: Picture) -> np.ndarray:
        low, high = (np.asarray(other.filter(kind(3)), dtype=np.int16) for kind in (ImageFilter.MinFilter, ImageFilter.MaxFilter))
        cells = np.asarray(side, dtype=np.int16)
        return np.maximum(low - cells, cells - high).max(axis=2) > 24

    means = [np.asarray(side, dtype=float).mean(axis=(0, 1)) for side in (one, two)]
    return bool(max(outside(one, two).mean(), outside(two, one).mean()) <= 0.0005 and np.abs(means[0] - means[1]).max() < 1)


def half(name: str) -> bool:
    """Which half of its set a picture belongs to."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures; under ten minutes on two cores")
    parser.add_argument("--tune", action="store_true", help="the half of the emoji that limits are chosen on, not the one to report")
    parser.add_argument("--art", type=Path, default=Path("art"), help="where openmoji/ and fluent/ were unpacked")
    options = parser.parse_args()
    count, crowd, hard = (40, 500, 240) if options.quick else (150, 1500, 900)
    sets: dict[str, list[tuple[str, Picture]]] = {}
    negatives: list[tuple[str, Picture, Picture]] = []
    if importlib.util.find_spec("robohash"):
        robots = Robots()
        sets["robots"] = robots.some(crowd)
        negatives += robots.changed(hard)
    if (options.art / "fluent").is_dir():
        files = [file for file in sorted((options.art / "fluent" / "assets").glob("*.webp")) if half(file.stem) != options.tune]
        random.Random(0).shuffle(files)
        sets["fluent"] = [(file.stem, _flat(Image.open(file))) for file in files[:crowd]]
    if (options.art / "openmoji").is_dir() and importlib.util.find_spec("resvg_py"):
        names = [
            file.stem for file in sorted((options.art / "openmoji" / "color" / "svg").glob("*.svg")) if half(file.stem) != options.tune
        ]
        random.Random(0).shuffle(names)
        sets["openmoji"] = openmoji(options.art / "openmoji", names[:crowd])
        negatives += skin_tones(options.art / "openmoji", hard // 3)
    print("sets:", {name: len(pictures) for name, pictures in sets.items()}, "; missing:", {"robots", "fluent", "openmoji"} - set(sets))
    recall: dict[str, dict[str, float]] = {}
    wrong: dict[str, Any] = {}
    with ProcessPoolExecutor() as pool:
        for name, pictures in sets.items():
            some = random.Random(3).sample(pictures, min(count, len(pictures)))
            rows = [row for part in pool.map(with_copies, [picture for _, picture in some]) for row in part]
            everything, width = table(rows), len(TRANSFORMS) + 1
            first = np.arange(len(some)) * width
            for at, transform in enumerate(TRANSFORMS, 1):
                near, same, peer = found(everything, first, first + at, "mirror" in transform)
                line = recall.setdefault(transform, {})
                line |= {f"{name} proposed": near.mean(), f"{name} found": same.mean(), f"{name} pHash": peer.mean()}
        print(pd.DataFrame(recall).T.round(3).to_string())
        for name, pictures in sets.items():
            rows = list(pool.map(measured, [picture for _, picture in pictures], chunksize=16))
            everything = table(rows)
            start = time.perf_counter()
            links = sorted(everything.links(np.arange(len(rows)), SETTINGS.distance, SETTINGS.kinds))
            seconds = time.perf_counter() - start
            proposed = sum(len(everything.candidates(np.arange(len(rows)), SETTINGS.distance, flip)[0]) for flip in (False, True))
            false = [(i, j) for i, j in links if not alike(pictures[i][1], pictures[j][1])]
            whole = everything.whole
            near = np.argwhere(np.triu(np.bitwise_count(whole[:, None] ^ whole[None, :]) <= PEER_RADIUS, 1))
            peer = [(i, j) for i, j in near if not alike(pictures[i][1], pictures[j][1])]
            pairs = len(rows) * (len(rows) - 1) / 2
            wrong[name] = {
                "pairs": int(pairs), "candidates": proposed, "links": len(links),
                "false": len(false), "false per million": len(false) / pairs * 1e6,
                "microseconds a candidate": round(seconds / proposed * 1e6),
                "pHash false": len(peer), "pHash false per million": len(peer) / pairs * 1e6, "seconds": round(seconds, 1),
            }  # fmt: skip
            print(name, wrong[name], [(pictures[i][0], pictures[j][0]) for i, j in false[:20]])
        rows = [row for part in pool.map(both, negatives, chunksize=16) for row in part]
    if negatives:
        everything = table(rows)
        first = np.arange(len(negatives)) * 2
        straight, flipped = (found(everything, first, first + 1, flip) for flip in (False, True))
        merged, peer = straight[1] | flipped[1], straight[2]
        kinds = [kind for kind, _, _ in negatives]
        # a part that is drawn alike under two numbers is no negative
        real = np.array([not alike(one, two) for _, one, two in negatives])
        for kind in dict.fromkeys(kinds):
            rows_of = np.array([other == kind for other in kinds]) & real
            wrong[kind] = {"pairs": int(rows_of.sum()), "merged": int(merged[rows_of].sum()), "pHash merged": int(peer[rows_of].sum())}
            print(kind, wrong[kind])
    print(json.dumps({"python": platform.python_version(), "recall": recall, "wrong": wrong, "ratio": {}}, default=float))


if __name__ == "__main__":
    main()
