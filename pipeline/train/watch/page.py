"""The page of a run: `index.html` in its directory, with curves, samples, warnings, scores, settings; no script, no server, no network."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline import files
from pipeline.train import journal
from pipeline.train.callbacks import Callback
from pipeline.train.config import RunConfig
from pipeline.train.watch import guardian
from pipeline.train.watch.curves import chart

if TYPE_CHECKING:
    import numpy as np

    from pipeline.train.recorder import Recorder

GRIDS = 23
"""Earlier grids that are shown, evenly spaced, the first among them."""
SCORED = 20
"""Evaluations in the table: the newest, and the best."""
HEADINGS = {
    "kid": ("KID ×1000", 1000.0),
    "kid_floor": ("its floor", 1000.0),
    "color": ("colour", 1.0),
    "precision": ("precision", 1.0),
    "recall": ("recall", 1.0),
    "diversity": ("diversity", 1.0),
    "nearest": ("nearest", 1.0),
    "copies": ("copies", 1.0),
}
"""Scores, and what their columns are called and multiplied with."""


class Page(Callback):
    """Writes the page anew with each grid and evaluation, and at the end of a sitting."""

    def drawn(self, recorder: Recorder, pictures: np.ndarray) -> None:
        """There is a new grid."""
        write(recorder.run)

    def evaluated(self, recorder: Recorder, scores: Mapping[str, float]) -> None:
        """There are new scores."""
        write(recorder.run)

    def end(self, recorder: Recorder) -> None:
        """The last rows and the film are there."""
        write(recorder.run)


def write(run: Path) -> Path:
    """Write a run's page from its files; returns its path. Raises PipelineError when it is no run."""
    config = RunConfig.read(run)
    rows = [{name: float(cell) for name, cell in row.items() if cell} for row in journal.read(run / "metrics.csv")]
    grids = sorted((run / "samples").glob("step-*.png"))
    kimg = rows[-1]["kimg"] if rows else 0.0
    parts = {
        "name": html.escape(run.name),
        "standing": _standing(config, rows),
        "done": f"{min(kimg / config.settings.kimg, 1):.4f}",
        "warnings": _warnings(guardian.warnings(run)),
        "charts": "\n".join(_charts(rows, run)),
        "newest": _grid(grids[-1], config, "newest") if grids else "<p>None yet.</p>",
        "grids": "\n".join(_grid(grid, config) for grid in _some(grids[:-1])),
        "films": _films(run),
        "scores": _scores(rows),
        "settings": _settings(config),
    }
    page = (resources.files("pipeline.train.watch") / "page.html").read_text(encoding="utf-8")
    pieces = page.split("{{")  # filled in one pass: what a name or a warning holds is not looked at again
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, rest = piece.split("}}", 1)
        filled += [parts[name], rest]
    path = run / "index.html"
    files.write(path, "".join(filled))
    return path


def _standing(config: RunConfig, rows: Sequence[Mapping[str, float]]) -> str:
    kimg, speed = (rows[-1]["kimg"], f" · {rows[-1]['images_per_second']:,.0f} images/s") if rows else (0.0, "")
    of = f"{kimg:,.4g} of {config.settings.kimg:,.4g} thousand images"
    return (
        f"{of}{speed} · {html.escape(config.dataset)}, {config.images:,} pictures of {config.size} pixels · preset "
        f"{html.escape(config.settings.preset)} · batches of {config.batch} in {html.escape(config.precision)}"
    )


def _warnings(rows: Sequence[Mapping[str, str]]) -> str:
    active: dict[str, Mapping[str, str]] = {}
    past = []
    for row in rows:
        seen = active.pop(row["kind"], None)
        if row["event"] == "seen":
            active[row["kind"]] = row
        elif seen is not None:
            past.append(f"<li>{html.escape(row['kind'])}, {_kimg(seen)} to {_kimg(row)} kimg: {html.escape(seen['seen'])}</li>")
    shown = [
        f'<div class="warning"><b>{html.escape(row["kind"])}</b> <span class="soft">since {_kimg(row)} kimg</span>'
        f"<p>{html.escape(row['seen'])}.</p><p>Try: {html.escape(row['advice'])}.</p></div>"
        for row in active.values()
    ]
    if not shown:
        shown = ['<p class="well">None in force.</p>']
    if past:
        shown.append(f'<details><summary class="soft">Over: {len(past)}</summary><ul>{"".join(past)}</ul></details>')
    return "\n".join(shown)


def _charts(rows: Sequence[Mapping[str, float]], run: Path) -> list[str]:
    looks, steady = guardian.looks(run), guardian.steady(rows)
    marks = sorted({float(row["kimg"]) for row in guardian.warnings(run) if row["event"] == "seen"})

    def curve(name: str, times: float = 1.0) -> list[tuple[float, float]]:
        return [(row["kimg"], times * row[name]) for row in steady if name in row]

    found = [
        chart("KID ×1000", {"samples": curve("kid", 1000), "two real halves": curve("kid_floor", 1000)}, marks),
        chart("Colour distance", {"samples": curve("color")}, marks),
        chart("Precision and recall", {name: curve(name) for name in ("precision", "recall")}, marks),
        chart("Losses", {"discriminator": curve("loss_d"), "generator": curve("loss_g")}, marks),
        chart("Held to be real by the discriminator", {"real": curve("score_real"), "generated": curve("score_fake")}, marks),
        chart("Accuracy of the discriminator", {"right": curve("accuracy_d")}, marks),
        chart(
            "Samples beside real pictures",
            {
                "spread": [(kimg, look.spread) for kimg, look in looks],
                "nearest": [(kimg, look.nearest) for kimg, look in looks],
                "moved": [(kimg, look.moved) for kimg, look in looks if look.moved is not None],
            },
            marks,
        ),
        chart("Images a second", {"trained": curve("images_per_second")}),
    ]
    return [one for one in found if one] or ["<p>None yet.</p>"]


def _some(grids: Sequence[Path]) -> list[Path]:
    """Evenly spaced, newest first."""
    count = min(len(grids), GRIDS)
    places = {round(number * (len(grids) - 1) / max(count - 1, 1)) for number in range(count)}
    return [grids[place] for place in sorted(places, reverse=True)]


def _grid(path: Path, config: RunConfig, kind: str = "") -> str:
    kimg = f"{int(path.stem.removeprefix('step-')) * config.batch / 1000:,.4g} kimg"
    source = f"samples/{quote(path.name)}"
    classes = f' class="{kind}"' if kind else ""
    return (
        f'<figure{classes}><a href="{source}"><img src="{source}" alt="Samples at {kimg}" loading="lazy"></a>'
        f"<figcaption>{kimg}</figcaption></figure>"
    )


def _films(run: Path) -> str:
    there = [name for name in ("timelapse.mp4", "timelapse.gif") if (run / name).exists()]
    return "As a film: " + ", ".join(f'<a href="{name}">{name}</a>' for name in there) + "." if there else ""


def _scores(rows: Sequence[Mapping[str, float]]) -> str:
    scored = [row for row in rows if "kid" in row]
    if not scored:
        return '<p class="soft">Not evaluated; the extra <code>embed</code> and train.evaluate_kimg do it.</p>'
    best = min(scored, key=lambda row: row["kid"])
    shown = [row for row in scored[-SCORED:] if row is not best]
    names = [name for name in HEADINGS if any(name in row for row in scored)]
    heading = "".join(f"<th>{HEADINGS[name][0]}</th>" for name in names)
    body = "".join(_score(row, names, row is best) for row in [best, *reversed(shown)])
    return f'<div class="wide"><table><tr><th>kimg</th>{heading}</tr>{body}</table></div>'


def _score(row: Mapping[str, float], names: Sequence[str], best: bool) -> str:
    cells = "".join(f"<td>{f'{row[name] * HEADINGS[name][1]:.3g}' if name in row else ''}</td>" for name in names)
    return f"<tr{' class=best' if best else ''}><td>{row['kimg']:,.4g}{' (least KID)' if best else ''}</td>{cells}</tr>"


def _settings(config: RunConfig) -> str:
    parts = f" in {config.accumulate} parts" if config.accumulate > 1 else ""
    values: dict[str, Any] = config.settings.model_dump(mode="json") | {
        "used: batch, precision": f"{config.batch}{parts}, {config.precision}{', compiled' if config.jit else ''}",
        "shards": f"{config.dataset}, SHA-256 {config.digest[:12]}…",
        "version": config.version,
    }
    return "\n".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>" for name, value in values.items())


def _kimg(row: Mapping[str, str]) -> str:
    return f"{float(row['kimg']):,.4g}"
