"""The page of an evaluation: one HTML file with the numbers, and samples beside their nearest training pictures. No script, no network."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np
from PIL import Image

COPY = 0.5
"""Distance, in those of new real pictures, below which a neighbour is marked."""
THOUSANDS = ("kid", "kid_floor")
"""Scores that people read times 1000."""

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Evaluation of $name</title>
<style>
:root { color-scheme: light dark; --ground: #f6f6f4; --card: #fff; --ink: #1d1d1f; --soft: #6b6b70; --line: #dcdcd8; --wrong: #b3372f; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #17181a; --card: #222326; --ink: #ececee; --soft: #a0a0a8; --line: #37383c; --wrong: #f08a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; }
body { font: 14px/1.45 system-ui, sans-serif; background: var(--ground); color: var(--ink); }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1rem; margin: 1.4rem 0 .5rem; } p { margin: .3rem 0; max-width: 50rem; }
.soft, figcaption, th { color: var(--soft); } .wrong { color: var(--wrong); font-weight: bold; }
.wide { overflow-x: auto; } table { border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .25rem .6rem; text-align: left; border-top: 1px solid var(--line); vertical-align: top; } th { font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(23rem, 1fr)); gap: .7rem; }
.row { display: flex; gap: .5rem; padding: .5rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
figure { margin: 0; flex: 1 1 0; min-width: 0; } figure:first-child { border-right: 1px solid var(--line); padding-right: .5rem; }
img { display: block; width: 100%; image-rendering: pixelated; } figcaption { font-size: 11px; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; }
</style>
</head>
<body>
<h1>Evaluation of $name</h1>
<p class="soft">$standing</p>
<h2>Scores</h2>
<div class="wide"><table>
<tr><th>score</th><th class="number">value</th><th class="number">real halves</th><th>what it is</th></tr>
$scores
</table></div>
<p class="soft">Real halves: what one half of the real pictures scores against the other, which no generator can be told from. All
distances but FID are between EfficientNet-Lite0 embeddings; they cannot be compared with numbers from Inception.</p>
<h2>Is it copying?</h2>
<p>Each sample beside the training pictures that are nearest to it. The number is the distance in units of what new real pictures have to
theirs: about 1 is what a real picture would have, near 0 is a copy.</p>
<h2>Samples, as they come</h2>
<div class="rows">
$first
</div>
<h2>The samples nearest to a training picture</h2>
<div class="rows">
$nearest
</div>
<h2>What was measured</h2>
<dl>
$about
</dl>
</body>
</html>
""")


@dataclass(frozen=True)
class Neighbour:
    """A training picture, uint8 (side, side, 3), by id; how far it is, in typical distances of a new real picture to its nearest."""

    name: str
    picture: np.ndarray
    distance: float


@dataclass(frozen=True)
class Row:
    """A sample with its nearest training pictures, nearest first."""

    name: str
    picture: np.ndarray
    neighbours: Sequence[Neighbour]


def page(
    scores: Mapping[str, float],
    halves: Mapping[str, float],
    about: Mapping[str, Any],
    meanings: Mapping[str, str],
    first: Sequence[Row],
    nearest: Sequence[Row],
) -> str:
    """The page as text. Every name in it is escaped; pictures are inside it."""
    kimg = about.get("kimg")
    at = f" at {kimg:g} thousand images" if isinstance(kimg, int | float) else ""
    split = {"validation": "which training never saw", "train": "which it was trained on"}.get(str(about.get("real_split")), "")
    standing = f"{about['checkpoint']} generator{at}; {about['samples']} samples against {about['real']} real pictures, {split}"
    return PAGE.substitute(
        name=html.escape(str(about["run"])),
        standing=html.escape(standing),
        scores="\n".join(_score(name, value, halves.get(name), meanings[name]) for name, value in scores.items()),
        first="\n".join(map(_row, first)),
        nearest="\n".join(map(_row, nearest)),
        about="\n".join(f"<dt>{html.escape(key.replace('_', ' '))}</dt><dd>{html.escape(str(value))}</dd>" for key, value in about.items()),
    )


def shown(name: str, value: float | None) -> str:
    """A score for people."""
    if value is None:
        return ""
    if name in THOUSANDS:
        return f"{1000 * value:.1f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def label(name: str) -> str:
    """What a score is called before people."""
    return name.replace("_", " ") + (" ×1000" if name in THOUSANDS else "")


def _score(name: str, value: float, half: float | None, meaning: str) -> str:
    cells = f'<td class="number">{shown(name, value)}</td><td class="number">{shown(name, half)}</td>'
    return f"<tr><td>{html.escape(label(name))}</td>{cells}<td>{html.escape(meaning)}</td></tr>"


def _row(row: Row) -> str:
    figures = [_figure(row.picture, row.name, "")]
    figures += [_figure(one.picture, one.name, f"{one.distance:.2f}", wrong=one.distance < COPY) for one in row.neighbours]
    return f'<div class="row">{"".join(figures)}</div>'


def _figure(picture: np.ndarray, name: str, number: str, *, wrong: bool = False) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    source = base64.b64encode(file.getvalue()).decode()
    said = html.escape(name)
    mark = f'<span class="{"wrong" if wrong else "near"}">{number}</span> ' if number else ""
    return f'<figure><img src="data:image/png;base64,{source}" alt="{said}"><figcaption>{mark}{said}</figcaption></figure>'
