"""The gallery: one HTML file that shows every item, what was decided and why. It needs no server and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from pipeline import files, stages
from pipeline.dataset import Dataset
from pipeline.review import reports


def write(dataset: Dataset) -> Path:
    """Write `reports/index.html`; pictures are linked relative to it, so the dataset can be moved as a whole."""
    template = (resources.files("pipeline.review") / "gallery.html").read_text(encoding="utf-8")
    script = (resources.files("pipeline.review") / "gallery.js").read_text(encoding="utf-8")
    # Only this script may run, whatever a title or URL from the web holds.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = json.dumps({"name": dataset.name, "items": rows(dataset)}, ensure_ascii=False, separators=(",", ":"))
    page = template.replace("{{script_hash}}", digest).replace("{{script}}", script).replace("{{data}}", data.replace("<", "\\u003c"))
    path = dataset.reports / "index.html"
    files.write(path, page, dataset.scratch)
    return path


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    """What the page knows of each item, in id order; None where a thing is not known."""
    table = reports.summary(dataset).set_index("id").join(reports.first_sightings(dataset))
    measured = dataset.catalog.measurements(blobs=False).set_index("id")
    clusters = dataset.catalog.clusters().set_index("id")
    table = table.join(measured[[name for name in ("width", "height") if name in measured]]).join(clusters)
    said = stages.verdicts_in_force(dataset).keep
    names = (
        "decision",
        "stage",
        "rule",
        "score",
        "threshold",
        "reason",
        "title",
        "page_url",
        "image_url",
        "width",
        "height",
        "cluster",
        "kind",
        "keeper",
    )
    return [
        {
            "id": id,
            "image": reports.beside(row["image"]),
            "verdict": said.get(str(id), ""),
            **{name: _plain(row.get(name)) for name in names},
        }
        for id, row in zip(table.index, table.to_dict("records"), strict=True)
    ]


def _plain(value: Any) -> Any:
    """NaN is not JSON; long numbers are not for people."""
    if isinstance(value, float):
        return None if value != value else round(value, 4)
    return value
