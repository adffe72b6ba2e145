"""Curves as SVG that stands in a page by itself: no script, no file beside it, colours from the page."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 8, 22
POINTS = 400
"""Most points of a curve; of more, means of neighbours are drawn."""

Curve = Sequence[tuple[float, float]]


def chart(title: str, curves: Mapping[str, Curve], marks: Sequence[float] = ()) -> str:
    """A figure with a line for each named curve of (kimg, value), a legend with the newest values, and upright lines at `marks` (kimg).

    Values that are not finite are left out; an empty string when nothing is left. Text is escaped.
    """
    drawn = {name: thinned([(x, y) for x, y in curve if math.isfinite(x) and math.isfinite(y)]) for name, curve in curves.items()}
    drawn = {name: curve for name, curve in drawn.items() if curve}
    if not drawn:
        return ""
    points = [point for curve in drawn.values() for point in curve]
    right = max(x for x, _ in points) or 1.0
    low, high, step = ticks(min(y for _, y in points), max(y for _, y in points))

    def place(x: float, y: float) -> str:
        across = LEFT + x / right * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM):.1f}"

    parts = []
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        y = place(0, value).split(",")[1]
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y}" dy=".32em" text-anchor="end">{_short(value)}</text>')
    for x in (0.0, right / 2, right):
        across = place(x, low).split(",")[0]
        anchor = "start" if not x else "end" if x == right else "middle"
        parts.append(f'<text x="{across}" y="{HEIGHT - 6}" text-anchor="{anchor}">{_short(x)}{" kimg" if x == right else ""}</text>')
    for mark in marks:
        across = place(min(mark, right), low).split(",")[0]
        parts.append(f'<line class="mark" x1="{across}" x2="{across}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    for number, curve in enumerate(drawn.values()):
        path = " ".join(place(x, y) for x, y in curve)
        dot = place(*curve[-1]).split(",")
        parts.append(f'<polyline class="c{number}" points="{path}"/><circle class="c{number}" cx="{dot[0]}" cy="{dot[1]}" r="2.5"/>')
    legend = " ".join(
        f'<span class="c{number}">{html.escape(name)} <b>{_short(curve[-1][1])}</b></span>'
        for number, (name, curve) in enumerate(drawn.items())
    )
    label = html.escape(title, quote=True)
    return (
        f'<figure class="chart"><figcaption><b>{label}</b> {legend}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg></figure>'
    )


def thinned(curve: Curve) -> Curve:
    """Means of so many neighbours that at most `POINTS` are left."""
    each = math.ceil(len(curve) / POINTS)
    if each <= 1:
        return curve
    parts = [curve[start : start + each] for start in range(0, len(curve), each)]
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts]


def ticks(low: float, high: float) -> tuple[float, float, float]:
    """The ends of an axis that holds both values, and the step between its three to six ticks: 1, 2 or 5 times a power of ten."""
    if high <= low:
        low, high = (low - abs(low) * 0.1, high + abs(high) * 0.1) if low else (0.0, 1.0)
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * 0.999)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def _short(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}" if abs(value) > 1e-12 else "0"
    return f"{value:,.4g}"
