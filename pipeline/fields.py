"""What the records of shards, and verdicts on their items, say of training pictures: for directions that are named after them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.errors import PipelineError, UsageError
from pipeline.shards import info, reader

FIELDS = ("series", "label", "facing")
"""`facing` is a person's verdict on the item, left or right, turned over for a record that is mirrored; the others stand in the record."""

SIDES = frozenset({"mirror", "turned"})
"""What may have been done to a record's picture."""

MOST = 5000
"""Pictures that are read; of more, the first of the training split, which is shuffled."""


def read(run: Path, size: int, field: str, shards: Path | None = None) -> tuple[np.ndarray, list[str]]:
    """Training pictures uint8 (n, size, size, 3) with the field's word for each; those without one are left out.

    Of a picture and its mirror image one is taken, now this and now that, and no other copies are: a probe that is tested on a picture
    must not have learnt from its like.

    `shards`: the folder to read; None: the one beside the run, in its dataset. Raises UsageError for another field or folder,
    PipelineError where the shards are damaged or of another size, or say nothing.
    """
    if field not in FIELDS:
        raise UsageError(f"--field {field}: give one of {', '.join(FIELDS)}")
    root = run.resolve().parent.parent
    folders = [shards] if shards else sorted(path for path in root.glob(f"shards/*-{size}") if info.is_folder(path))
    if not folders:
        raise UsageError(f"{run}: no shards of {size} pixels beside it (looked in {root / 'shards'}); name their folder with --shards")
    said = _facing(folders[0].resolve().parent.parent) if field == "facing" else {}
    found: dict[str, list[tuple[np.ndarray, str]]] = {}
    for row in reader.read(folders[0], "train"):
        facing = side(said.get(row["id"], ""), row["augmentation"])
        word = {"series": row["series"], "label": row["label"], "facing": facing}[field]
        if not word or not SIDES.issuperset(row["augmentation"].split()):
            continue
        if row["id"] not in found and len(found) == MOST:
            break
        with Image.open(io.BytesIO(row["image"])) as image:
            pixels = np.asarray(image.convert("RGB"))
        if pixels.shape != (size, size, 3):
            raise PipelineError(f"{folders[0]}: not pictures of {size} pixels, which the generator draws; name others with --shards")
        found.setdefault(row["id"], []).append((pixels, word))
    if not found:
        raise PipelineError(f"{folders[0]}: no picture has a word for {field}")
    taken = [sides[place % len(sides)] for place, sides in enumerate(found.values())]
    return np.stack([pixels for pixels, _ in taken]), [word for _, word in taken]


def side(verdict: str, augmentation: str) -> str:
    """The side that a record's picture faces: the verdict on its item, turned over where the record is mirrored or was turned."""
    done = augmentation.split()
    over = ("mirror" in done) != ("turned" in done)
    return {"left": "right", "right": "left"}.get(verdict, "") if over else verdict


def _facing(dataset: Path) -> Mapping[str, str]:
    from pipeline import stages
    from pipeline.dataset import Dataset

    if not (dataset / "manifest.toml").exists():
        raise UsageError(f"{dataset}: not a dataset, and verdicts on facing are kept in one; use --labels")
    return stages.verdicts_in_force(Dataset(dataset)).facing
