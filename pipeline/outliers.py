"""The pictures of a dataset that are least like the others, as a report. Embeddings are computed once and kept in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import embed
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.report import Reporter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 32
"""Pictures between two writes: what a kill may lose."""


def find(dataset: Dataset, report: Reporter) -> dict[str, Any]:
    """Write reports/outliers.csv, the strangest first; returns the summary. The caller holds the dataset.

    Only what is kept is looked at, where every stage has decided. Raises PipelineError without the extra `embed` or measurements.
    """
    import numpy as np

    from pipeline.curate import outliers
    from pipeline.review import reports

    table = dataset.catalog.measurements(only=("id", "error"))
    if not len(table):
        raise PipelineError(f"{dataset.root}: outliers needs measure, which has not been finished; run `pipeline measure {dataset.root}`")
    wanted = set(table["id"][table["error"].isna()])
    if all(dataset.catalog.stage(name) for name in reports.DECIDERS):
        final = reports.summary(dataset)
        wanted &= set(final["id"][final["decision"] == "keep"])
    computed = _complete(dataset, wanted, report)
    known = {id: vector for id, vector in dataset.catalog.embeddings(embed.NAME).items() if id in wanted}
    vectors = np.frombuffer(b"".join(known.values()), dtype="<f2").reshape(-1, embed.WIDTH).astype(np.float32)
    frame = outliers.find(list(known), vectors)
    frame = frame.join(reports.first_sightings(dataset)[["image", "page_url", "image_url", "title"]], on="id").assign(override="")
    reports.save(frame, dataset.reports / "outliers.csv", dataset.scratch)
    groups = frame["group"][frame["group"] != ""]
    return {"pictures": len(frame), "computed now": computed, "loose groups": int(groups.nunique()), "pictures in them": len(groups)}


def _complete(dataset: Dataset, wanted: set[str], report: Reporter) -> int:
    """Embed what has no embedding yet; how many that were."""
    import numpy as np

    done = set(dataset.catalog.embeddings(embed.NAME))
    items = dataset.catalog.items()
    rows = zip(items["id"], items["sha256"], items["extension"], strict=True)
    todo = [row for row in rows if row[0] in wanted and row[0] not in done]
    with report.bar("embed", len(todo)) as advance:
        for at in range(0, len(todo), BATCH):
            part = todo[at : at + BATCH]
            squares = np.stack([_square(dataset, sha256, extension) for _, sha256, extension in part])
            found = embed.embed(squares).astype("<f2")
            dataset.catalog.put_embeddings(embed.NAME, {row[0]: vector.tobytes() for row, vector in zip(part, found, strict=True)})
            advance(len(part))
    return len(todo)


def _square(dataset: Dataset, sha256: str, extension: str) -> NDArray[np.uint8]:
    """The picture padded to a square with its border's colour, 224×224×3."""
    import numpy as np
    from PIL import Image, ImageOps

    from pipeline import image_store, images
    from pipeline.embed.network import SIDE
    from pipeline.measure.base import Decoded

    picture = images.open_image(image_store.read(dataset.image_store.place(sha256, extension)))
    ground = Decoded(picture).border.colour
    return np.asarray(ImageOps.pad(images.flatten(picture), (SIDE, SIDE), Image.Resampling.BICUBIC, color=ground))
