"""Ships, planes and trucks, drawn simply: shaded shapes with an outline, on nothing. Every seed gives another one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 300, 220
SCALE = 3
"""Everything is drawn this many times larger and then reduced, which smooths the edges."""

OUTLINE = (44, 26, 24)
DARK = (74, 74, 82)
GLASS = (126, 200, 232)
PALETTE = (
    *((92, 122, 62), (196, 164, 92), (44, 84, 140), (176, 72, 44), (36, 128, 124)),
    *((156, 44, 60), (222, 158, 40), (104, 72, 138), (62, 142, 84), (84, 128, 176)),
)
Colour = tuple[int, int, int]
Point = tuple[float, float]


class Sketch:
    """A canvas of WIDTH × HEIGHT points on which closed shapes are laid over each other."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (WIDTH * SCALE, HEIGHT * SCALE), (255, 255, 255, 0))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A shaded shape with an outline."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._shape(lambda draw: draw.polygon(scaled, fill=255), colour)
        ImageDraw.Draw(self.image).line([*scaled, scaled[0], scaled[1]], fill=OUTLINE, width=2 * SCALE, joint="curve")

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, radius: float = 3) -> None:
        """A shaded box with round corners."""
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self._shape(lambda draw: draw.rounded_rectangle(box, radius * SCALE, fill=255), colour)
        ImageDraw.Draw(self.image).rounded_rectangle(box, radius * SCALE, outline=OUTLINE, width=2 * SCALE)

    def oval(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A shaded oval."""
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self._shape(lambda draw: draw.ellipse(box, fill=255), colour)
        ImageDraw.Draw(self.image).ellipse(box, outline=OUTLINE, width=2 * SCALE)

    def stroke(self, points: Sequence[Point], width: float, colour: Colour = OUTLINE) -> None:
        """A line: a mast, a barrel, a stripe."""
        ImageDraw.Draw(self.image).line([(x * SCALE, y * SCALE) for x, y in points], fill=colour, width=round(width * SCALE), joint="curve")

    def wheel(self, x: float, y: float, radius: float) -> None:
        """A tyre with its hub."""
        self.oval(x - radius, y - radius, x + radius, y + radius, (52, 50, 54))
        self.oval(x - radius * 0.45, y - radius * 0.45, x + radius * 0.45, y + radius * 0.45, (188, 188, 192))

    def _shape(self, cut: Callable[[ImageDraw.ImageDraw], None], colour: Colour) -> None:
        mask = Image.new("L", self.image.size)
        cut(ImageDraw.Draw(mask))
        box = mask.getbbox()
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        shade = Image.linear_gradient("L").resize(size)
        shaded = Image.composite(Image.new("RGB", size, tint(colour, 0.68)), Image.new("RGB", size, tint(colour, 1.22)), shade)
        self.image.paste(shaded, box[:2], mask.crop(box))


def tint(colour: Colour, factor: float) -> Colour:
    """The colour made lighter (factor above 1) or darker."""
    red, green, blue = (max(0, min(255, round(channel * factor))) for channel in colour)
    return red, green, blue


def vehicle(kind: str, seed: int) -> Image.Image:
    """A vehicle of that kind (a key of KINDS) as RGBA, WIDTH × HEIGHT, transparent around it."""
    rng = random.Random(f"{kind}/{seed}")
    first = rng.randrange(len(PALETTE))
    second = (first + rng.randrange(1, len(PALETTE))) % len(PALETTE)
    sketch = Sketch()
    KINDS[kind](sketch, rng, PALETTE[first], PALETTE[second])
    image = sketch.image.reduce(SCALE)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image


def _battleship(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    deck, bow, stern = rng.uniform(118, 150), rng.uniform(262, 294), rng.uniform(8, 34)
    for number in range(rng.randint(2, 4)):
        x = 60 + number * rng.uniform(48, 62)
        s.stroke([(x + 8, deck - 12), (x + rng.uniform(30, 46), deck - rng.uniform(14, 26))], 4, DARK)
        s.box(x - 12, deck - 20, x + 16, deck + 4, tint(main, 0.8), 6)
    at, base = rng.uniform(92, 170), deck
    for level in range(rng.randint(2, 4)):
        half, tall = rng.uniform(30, 40) - level * 8, rng.uniform(18, 26)
        s.box(at - half, base - tall, at + half, base + 2, tint(main, 1.1 - level * 0.05), 2)
        s.box(at - half + 6, base - tall + 5, at + half - 6, base - tall + 11, GLASS, 2)
        base -= tall
    s.stroke([(at, base), (at, base - rng.uniform(14, 34))], 3)
    s.stroke([(at - 12, base - 10), (at + 12, base - 10)], 2)
    s.polygon([(stern, deck), (bow, deck - rng.uniform(0, 14)), (bow - rng.uniform(26, 60), 190), (stern + rng.uniform(10, 30), 190)], main)
    s.polygon([(stern + 12, 170), (bow - 24, 170), (bow - 44, 190), (stern + 22, 190)], trim)
    for x in range(int(stern) + 34, int(bow) - 50, rng.randint(18, 30)):
        s.oval(x, 150, x + 7, 157, GLASS)


def _carrier(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    deck, keel = rng.uniform(96, 136), rng.uniform(168, 198)
    left, right = rng.uniform(4, 16), rng.uniform(282, 296)
    island = rng.uniform(60, 220)
    for level in range(rng.randint(2, 3)):
        s.box(island - 24 + level * 6, deck - 24 * (level + 1), island + 22 - level * 5, deck - 24 * level + 2, tint(main, 1.08), 2)
        s.box(island - 16 + level * 6, deck - 24 * (level + 1) + 6, island + 14 - level * 5, deck - 24 * level - 10, GLASS, 2)
    s.stroke([(island, deck - 60), (island, deck - rng.uniform(76, 94))], 3)
    for number in range(rng.randint(2, 4)):
        x = 30 + number * 58 + rng.uniform(0, 14)
        if abs(x + 12 - island) > 42:
            s.polygon(
                [(x, deck - 2), (x + 28, deck - 2), (x + 20, deck - 9), (x + 8, deck - 9), (x + 2, deck - 18), (x - 3, deck - 18)], trim
            )
    s.polygon([(left + 34, deck + 14), (right - 40, deck + 14), (right - 64, keel), (left + 60, keel)], main)
    s.polygon([(left, deck), (right, deck - rng.uniform(0, 12)), (right - 18, deck + 16), (left + 10, deck + 16)], tint(main, 0.86))
    doors = rng.randint(2, 5)
    for number in range(doors):
        x = left + 70 + number * (150 / doors)
        s.box(x, deck + 24, x + 100 / doors, keel - 14, DARK, 2)
    s.polygon([(left + 52, keel - 8), (right - 58, keel - 8), (right - 64, keel), (left + 60, keel)], trim)


def _landing_craft(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    top, floor, nose = rng.uniform(92, 128), rng.uniform(160, 190), rng.uniform(236, 290)
    left = rng.uniform(10, 40)
    bridge = rng.uniform(left + 20, left + 80)
    s.box(bridge, top - rng.uniform(34, 58), bridge + rng.uniform(44, 70), top + 4, tint(main, 1.1), 5)
    s.box(bridge + 8, top - 28, bridge + 38, top - 14, GLASS, 2)
    s.polygon([(left, top), (nose - 60, top), (nose, floor - 18), (nose - 22, floor), (left + 16, floor)], main)
    s.polygon([(nose - 66, top + 6), (nose - 54, top + 2), (nose + 4, floor - 16), (nose - 10, floor - 10)], trim)
    for x in range(int(left) + 26, int(nose) - 90, rng.randint(30, 46)):
        s.box(x, top + 18, x + 18, top + 36, DARK, 3)
    for skid in (left + 24, left + rng.uniform(90, 130)):
        s.box(skid, floor - 6, skid + 44, floor + 16, DARK, 8)
    s.polygon([(left - 4, top + 14), (left + 10, top + 8), (left + 10, top + 40), (left - 4, top + 34)], (226, 140, 52))


def _plane(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    nose, tail, middle = rng.uniform(270, 294), rng.uniform(10, 34), rng.uniform(104, 116)
    thick, sweep, span = rng.uniform(12, 22), rng.uniform(10, 70), rng.uniform(64, 96)
    root, tip = rng.uniform(34, 70), rng.uniform(12, 34)
    at = rng.uniform(138, 190)
    engines = rng.randint(1, 3)
    for side in (-1, 1):
        for number in range(engines):
            reach = 26 + number * 22
            front = at - sweep * reach / span
            s.box(front - 4, middle + side * reach - 6, front + 26, middle + side * reach + 6, DARK, 5)
        s.polygon(
            [(at, middle), (at - sweep, middle + side * span), (at - sweep - tip, middle + side * span), (at - root, middle)],
            tint(main, 1.05),
        )
        s.stroke([(at - sweep - 3, middle + side * span * 0.86), (at - sweep - tip + 3, middle + side * span * 0.86)], 5, trim)
        s.polygon([(tail + 40, middle), (tail + 8, middle + side * 34), (tail - 6, middle + side * 34), (tail + 4, middle)], trim)
    s.polygon(
        [
            *((nose, middle), (nose - 26, middle - thick * 0.7), (at, middle - thick), (tail, middle - 5)),
            *((tail, middle + 5), (at, middle + thick), (nose - 26, middle + thick * 0.7)),
        ],
        main,
    )
    s.oval(nose - 58, middle - thick * 0.5, nose - 22, middle + thick * 0.5, GLASS)


def _truck(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    ground, radius = rng.uniform(166, 188), rng.uniform(13, 20)
    cab = rng.uniform(200, 226)
    roof, load = ground - rng.uniform(76, 112), ground - rng.uniform(56, 130)
    start = rng.uniform(6, 36)
    s.box(start, ground - radius - 10, cab + 30, ground - radius + 2, DARK, 2)
    cargo = rng.randrange(3)
    if cargo == 0:
        s.box(start, load, cab - 10, ground - radius - 8, trim, 3)
        for x in range(int(start) + 18, int(cab) - 18, rng.randint(16, 34)):
            s.stroke([(x, load + 6), (x, ground - radius - 14)], 2, tint(trim, 0.6))
    elif cargo == 1:
        s.box(start + 4, load + 8, cab - 12, ground - radius - 8, trim, 24)
        s.stroke([(start + 30, (load + ground) / 2 - 6), (cab - 40, (load + ground) / 2 - 6)], 7, tint(trim, 1.3))
    else:
        s.box(start, ground - radius - 26, cab - 10, ground - radius - 8, trim, 2)
        for number in range(rng.randint(2, 4)):
            s.box(start + 8 + number * 44, load + 20, start + 46 + number * 44, ground - radius - 24, tint(main, 1.1 - number * 0.12), 3)
    s.polygon(
        [(cab, roof), (cab + 42, roof), (cab + 58, roof + 34), (cab + 68, roof + 40), (cab + 68, ground - radius), (cab, ground - radius)],
        main,
    )
    s.polygon([(cab + 18, roof + 9), (cab + 38, roof + 9), (cab + 50, roof + 34), (cab + 18, roof + 34)], GLASS)
    axles = rng.randint(2, 4)
    for number in range(axles):
        s.wheel(start + 24 + number * (2 * radius + 3), ground, radius)
    s.wheel(cab + 44, ground, radius)
    s.wheel(cab - 2, ground, radius)


def _tank(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    ground, high = rng.uniform(166, 192), rng.uniform(34, 48)
    left, right = rng.uniform(18, 56), rng.uniform(216, 262)
    top = ground - high
    hull = top - rng.uniform(18, 30)
    turret = rng.uniform(left + 66, right - 66)
    half, tall = rng.uniform(34, 52), rng.uniform(26, 42)
    for number in range(rng.randint(1, 2)):
        y = hull - tall * 0.5 - number * 9
        s.stroke([(turret + half - 12, y), (turret + half + rng.uniform(48, 92), y - rng.uniform(0, 30))], rng.uniform(6, 10), OUTLINE)
    s.polygon(
        [(turret - half, hull + 2), (turret - half + 10, hull - tall), (turret + half - 20, hull - tall), (turret + half, hull + 2)],
        tint(main, 1.06),
    )
    s.box(turret - 20, hull - tall - 10, turret + 6, hull - tall + 2, trim, 4)
    s.stroke([(turret - half + 12, hull - tall), (turret - half - rng.uniform(0, 14), hull - tall - rng.uniform(26, 50))], 2)
    s.polygon([(left + 14, hull), (right - 34, hull), (right - 2, top + 6), (left, top + 6)], main)
    s.stroke([(left + 22, hull + 9), (right - 40, hull + 9)], 5, trim)
    s.box(left - 8, top, right + 8, ground, DARK, high / 2)
    wheels = rng.randint(4, 7)
    radius = min(high * 0.36, (right - left - high * 0.4) / wheels / 2.1)
    for number in range(wheels):
        s.wheel(left + high * 0.42 + number * (right - left - high * 0.84) / (wheels - 1), (top + ground) / 2, radius)


def _shuttle(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    floor, thick = rng.uniform(138, 168), rng.uniform(40, 66)
    nose, tail = rng.uniform(262, 292), rng.uniform(24, 52)
    top = floor - thick
    s.polygon(
        [(tail - 8, top - rng.uniform(40, 64)), (tail + 22, top - 44), (tail + rng.uniform(62, 96), top + 6), (tail + 4, top + 6)], trim
    )
    for number in range(rng.randint(2, 3)):
        y = top + 10 + number * 18
        s.polygon([(tail - 18, y - 4), (tail + 8, y), (tail + 8, y + 12), (tail - 18, y + 16)], DARK)
    bend = nose - rng.uniform(50, 86)
    s.polygon(
        [(tail, top), (bend, top), (nose - 12, floor - thick * 0.45), (nose, floor - 12), (nose - 20, floor), (tail, floor)],
        (232, 232, 226),
    )
    s.polygon([(tail, floor - 16), (nose - 6, floor - 16), (nose - 20, floor), (tail, floor)], main)
    s.polygon([(bend - 4, top + 8), (bend + 10, top + 8), (nose - 26, floor - thick * 0.5), (bend - 4, floor - thick * 0.5)], GLASS)
    s.polygon(
        [
            (tail + rng.uniform(90, 140), floor - 12),
            (tail + 40, floor + rng.uniform(20, 40)),
            (tail - 6, floor + 22),
            (tail + 6, floor - 12),
        ],
        main,
    )
    s.box(tail + 30, top + 12, tail + rng.uniform(70, 120), top + 20, trim, 2)
    for x in range(int(tail) + 34, int(bend) - 12, rng.randint(16, 28)):
        s.oval(x, top + 26, x + 8, top + 34, GLASS)


def _submarine(s: Sketch, rng: random.Random, main: Colour, trim: Colour) -> None:
    middle, half = rng.uniform(120, 146), rng.uniform(26, 44)
    left, right = rng.uniform(26, 48), rng.uniform(272, 294)
    sail, tall = rng.uniform(110, 200), rng.uniform(28, 52)
    top = middle - half
    s.stroke([(sail + 10, top - tall), (sail + 10, top - tall - rng.uniform(12, 34)), (sail + 22, top - tall - 16)], 4)
    s.polygon([(sail - 26, top + 8), (sail - 18, top - tall), (sail + 22, top - tall), (sail + 34, top + 8)], tint(main, 1.08))
    s.box(sail - 8, top - tall + 8, sail + 22, top - tall + 18, GLASS, 3)
    for y in (-1, 1):
        s.polygon(
            [(left + 44, middle), (left + 14, middle + y * half * 1.1), (left - 4, middle + y * half * 1.1), (left + 10, middle)], trim
        )
    s.oval(left, middle - half, right, middle + half, main)
    s.stroke([(left + 30, middle + half * 0.4), (right - 26, middle + half * 0.4)], 6, trim)
    for x in range(int(left) + 60, int(right) - 50, rng.randint(24, 44)):
        s.oval(x, middle - 8, x + 13, middle + 5, GLASS)
    s.oval(left - 12, middle - 24, left - 2, middle, DARK)
    s.oval(left - 12, middle, left - 2, middle + 24, DARK)


KINDS: dict[str, Callable[[Sketch, random.Random, Colour, Colour], None]] = {
    "battleship": _battleship,
    "carrier": _carrier,
    "landing craft": _landing_craft,
    "plane": _plane,
    "truck": _truck,
    "tank": _tank,
    "shuttle": _shuttle,
    "submarine": _submarine,
}
