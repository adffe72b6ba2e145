"""Reports: what each stage decided about each item and why, as CSV files for pandas and spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files, stages
from pipeline.curate import final
from pipeline.dataset import Dataset

if TYPE_CHECKING:
    import pandas as pd

DECIDERS = stages.DECIDERS
LONGEST = 10_000
"""Characters of a cell; spreadsheets take 32,767, and Python's own reader 131,072."""

_FORMULA = re.compile(r"(^\s*|[;\t]\s*\"?\s*)([=+@\uff1d\uff0b\uff0d\uff20-])")

_STARTS = re.compile(r"\s*[=+@\uff1d\uff0b\uff0d\uff20-]")

FIRST = ["id", "decision", "rule", "score", "threshold", "reason"]
LAST = ["image", "page_url", "image_url", "title", "override"]


def write(dataset: Dataset, names: Iterable[str]) -> list[Path]:
    """Write the named reports (classify, filter, dedup, summary, failures); returns their paths.

    Each has one row per item in id order: FIRST, the stage's further scores, LAST. `image` is relative to the dataset.
    `override` is empty: a person writes keep, drop or clear there. failures.csv lists URLs that gave no picture or page.
    """
    seen = first_sightings(dataset, texts=False)
    written = []
    for name in names:
        if name == "failures":
            frame = dataset.catalog.failures().astype({"status": "Int64"})
        elif name == "summary":
            frame = _with_places(summary(dataset), seen)
        else:
            frame = dataset.catalog.decisions(name)
            if name == "dedup":
                frame = frame.join(dataset.catalog.clusters().set_index("id"), on="id")
            frame = _with_places(frame, seen)
        path = dataset.reports / f"{name}.csv"
        save(frame, path, dataset.scratch)
        stages.remember_report(dataset, path, dict(zip(frame["id"], frame["decision"], strict=True)) if "id" in frame else {})
        written.append(path)
    return written


def summary(dataset: Dataset) -> pd.DataFrame:
    """The final word on every item: id, decision, stage, rule, score, threshold, reason."""
    decided = {name: dataset.catalog.decisions(name) for name in DECIDERS}
    return final.decide(decided["classify"], decided["filter"], decided["dedup"], stages.verdicts_in_force(dataset).keep)


def beside(image: str) -> str:
    """An `image` as a page in a folder of the dataset links to it."""
    return image if "://" in image else f"../{image}"


def first_sightings(dataset: Dataset, *, texts: bool = True) -> pd.DataFrame:
    """One row per item, indexed by id: where it lies (`image`), and the sighting that speaks for it.

    That is the one on the page that classify heeded, so that title and licence are those of the mobile suit and not of the carrier
    that shows it too; else the first by page and image URL. `texts` false: without its fields and its page's text.
    """
    items = dataset.catalog.items().set_index("id")
    items["image"] = [
        dataset.image_store.link(sha256, extension) for sha256, extension in zip(items["sha256"], items["extension"], strict=True)
    ]
    seen, heeded = dataset.catalog.sightings(texts=texts), dataset.catalog.decisions("classify")
    if "page" in heeded:
        elsewhere = seen["page_url"] != seen["id"].map(heeded.set_index("id")["page"])
        seen = seen.loc[elsewhere.sort_values(kind="stable").index]
    seen = seen.drop_duplicates("id").set_index("id")
    return items.join(seen)


def save(frame: pd.DataFrame, path: Path, scratch: Path | None = None) -> None:
    """Write a frame as UTF-8 CSV with BOM; text that a spreadsheet would run as a formula is put behind an apostrophe."""
    from pandas.api.types import is_numeric_dtype

    safe = frame.copy()
    for name in safe.columns:
        if not is_numeric_dtype(safe[name]):
            values = safe[name].astype(object).tolist()
            cells = {value: _cell(value) for value in set(values)}
            safe[name] = [cells[value] for value in values]
    text = str(safe.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
    files.write(path, b"\xef\xbb\xbf" + text.encode("utf-8", "replace"), scratch)


def _with_places(frame: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    further = [name for name in frame.columns if name not in (*FIRST, "page")]  # page_url says it
    full = frame.join(seen[["image", "page_url", "image_url", "title"]], on="id")
    full["override"] = ""
    return full[[*FIRST, *further, *LAST]]


def _cell(value: Any) -> Any:
    """OWASP's rule for CSV injection: a leading = + - @ (wide ones too) starts a formula, also after what parts columns elsewhere.

    Control characters and what cannot be seen go; what is longer than a spreadsheet's cell is cut.
    """
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else "".join(letter for letter in value if letter.isprintable())
    text = text[:LONGEST]
    if not (";" in text or "\t" in text or _STARTS.match(text)):
        return text  # quicker than the pattern below, which would change nothing
    return _FORMULA.sub(r"\1'\2", text)
