"""Which way the pictures of a dataset face: what people said, what that suggests for the rest, and the report of both."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import pandas as pd

REPORT = "facing.csv"
PAGE = "facing.html"


def sides(dataset: Dataset) -> dict[str, str]:
    """The side (left, right) of each id whose side is known, as far as the manifest turns pictures; else empty.

    Verdicts, with those of items of the same pixels; and where the manifest believes them, suggestions for the rest.
    """
    if not dataset.manifest.augment.facing:
        return {}
    from pipeline.curate import facing

    settings = dataset.manifest.facing
    said = stages.verdicts_in_force(dataset).facing
    if settings.use == "verdicts":
        return said
    return facing.sides(dataset.catalog.measurements(only=("id", "facing")), said, settings.confidence)


def suggest(dataset: Dataset) -> dict[str, Any]:
    """Suggest a side for every picture that is kept, and write reports/facing.csv and facing.html, the most doubtful first.

    After those come the ones with a verdict, first where the others most surely say the opposite: slips of the hand.
    Returns the summary. The caller holds the dataset. Raises PipelineError when nothing has been measured.
    """
    import pandas as pd

    from pipeline.curate import facing
    from pipeline.review import compass, reports

    table = dataset.catalog.measurements(only=("id", "facing"))
    if dataset.catalog.stage("measure") is None or "facing" not in table:
        raise PipelineError(f"{dataset.root}: facing needs measure, which has not been finished; run `pipeline measure {dataset.root}`")
    said = stages.verdicts_in_force(dataset).facing
    learnt = facing.suggest(table, said)
    found = learnt.table
    if found.empty:  # something to begin with; ids are digests, so that their order is as good as a draw
        found = pd.DataFrame({"id": table["id"][table["facing"].notna()]}).assign(suggestion="", confidence=float("nan"))
        found["verdict"] = [said.get(id, "") for id in found["id"]]
    if all(dataset.catalog.stage(name) for name in reports.DECIDERS):
        final = reports.summary(dataset)
        found = found[found["id"].isin(set(final["id"][final["decision"] == "keep"]))]
    said_so, agree = found["verdict"] != "", found["verdict"] == found["suggestion"]
    order = found.assign(said_so=said_so, agree=agree & said_so, rank=found["confidence"].where(~said_so, -found["confidence"]))
    found = found.loc[order.sort_values(["said_so", "agree", "rank"], kind="stable").index]
    frame = found.join(reports.first_sightings(dataset)[["image", "page_url", "image_url", "title"]], on="id")
    frame["override"] = ""
    reports.save(frame, dataset.reports / REPORT, dataset.scratch)
    compass.write(frame, dataset.reports / PAGE, dataset.name, dataset.scratch)
    return _summary(frame, learnt.verdicts, learnt.accuracy, dataset)


def _summary(frame: pd.DataFrame, verdicts: int, accuracy: float, dataset: Dataset) -> dict[str, Any]:
    from pipeline.curate import facing

    rest = frame[frame["verdict"] == ""]
    least = dataset.manifest.facing.confidence
    return {
        "pictures": len(frame),
        "verdicts": dict(sorted(Counter(frame["verdict"][frame["verdict"] != ""]).items())),
        "missing": max(0, facing.FEWEST - verdicts),
        "suggested": dict(sorted(Counter(rest["suggestion"][rest["suggestion"] != ""]).items())),
        "confident": int((rest["confidence"] >= least).sum()),
        "least confidence": least,
        "verdicts foretold by the others": accuracy,
        "reports": [str(Path("reports") / REPORT), str(Path("reports") / PAGE)],
    }
