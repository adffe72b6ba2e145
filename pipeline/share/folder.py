"""A published folder: which files and columns it has, how it is written, and how it is read back and checked.

    publish.json     schema, name, program, counts of rows, and whether page texts are among them
    manifest.toml    the recipe, without what is private
    items            id, sha256, size, extension, pixels, phash, width, height, format, decision, stage, rule, reason
    sightings        id, image_url, page_url, title, fields, text, source, license, spdx, license_url, author, credit
    decisions        id, stage, decision, rule, score, threshold, reason, page
    clusters         id, cluster, kind, keeper, split, anchor
    verdicts         id, aspect, value
    README.md        for people;  SHA256SUMS  written last: without it the folder is not whole

The tables are CSV (UTF-8 with BOM) or Parquet files.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files, tables, verdicts
from pipeline.errors import PipelineError, UsageError
from pipeline.shards import checksums
from sources import published as source

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Raised when an older program could not read the folder rightly."""

META, MANIFEST, README = "publish.json", "manifest.toml", "README.md"

TABLES: dict[str, tuple[str, ...]] = {
    "items": (
        *("id", "sha256", "size", "extension", "pixels", "phash", "width", "height", "format", "decision", "stage", "rule", "reason"),
    ),
    "sightings": (
        *("id", "image_url", "page_url", "title", "fields", "text", "source", "license", "spdx", "license_url", "author", "credit"),
    ),
    "decisions": ("id", "stage", "decision", "rule", "score", "threshold", "reason", "page"),
    "clusters": ("id", "cluster", "kind", "keeper", "split", "anchor"),
    "verdicts": ("id", "aspect", "value"),
}
NUMBERS = ("size", "width", "height", "score", "threshold")

_ID = re.compile(r"i[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORMULA = re.compile(r"(^\s*|[;\t]\s*\"?\s*)('*[=+@\uff1d\uff0b\uff0d\uff20-])")


@dataclass(frozen=True)
class Published:
    """A folder that was read and found whole. `tables` are lists of rows by TABLES; numbers are floats, None where there is none."""

    folder: Path
    meta: Mapping[str, Any]
    manifest: str
    tables: Mapping[str, list[dict[str, Any]]]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(self.meta["name"])


def check_target(folder: Path, root: Path) -> None:
    """Raises UsageError unless a dataset at `root` may be published there: a folder that is new, empty but for hidden files, or ours."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--to {folder}: is a file; give a folder")
    if folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"--to {folder}: lies inside the dataset; give a folder elsewhere")
    if folder.is_dir() and not (folder / META).is_file() and any(not entry.name.startswith(".") for entry in folder.iterdir()):
        raise UsageError(f"--to {folder}: not empty and not a published folder; give another one")


def write(folder: Path, frames: Mapping[str, pd.DataFrame], meta: Mapping[str, Any], texts: Mapping[str, str], form: str) -> None:
    """Write the folder, its tables `frames` as `form` (one of `published.FORMS`). `texts`: manifest and README by file name.

    An earlier one is replaced, file by file; until the checksums are there again `read` refuses it. Other files stay.
    """
    parquet = _parquet() if form == ".parquet" else None
    (folder / checksums.SUMS).unlink(missing_ok=True)
    meta = {"schema": SCHEMA, **meta, "rows": {name: len(frame) for name, frame in frames.items()}}
    files.write(folder / META, json.dumps(meta, indent=1, ensure_ascii=False) + "\n")
    for name, frame in frames.items():
        frame = frame[list(TABLES[name])]
        files.write(folder / f"{name}{form}", parquet(frame) if parquet else csv(frame))
        for other in set(source.FORMS) - {form}:
            (folder / f"{name}{other}").unlink(missing_ok=True)
    for name, text in texts.items():
        files.write(folder / name, text.encode("utf-8", "replace"))
    checksums.write(folder, [META, *texts, *(f"{name}{form}" for name in frames)])


def csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV. Text that a spreadsheet would run stands behind an apostrophe, which `published.plain` takes away again."""
    columns = [[_cell(value, name) for value in frame[name]] for name in frame.columns]
    table = tables.Table(Path(), list(frame.columns), [])
    lines = [table.line(row) for row in [list(frame.columns), *zip(*columns, strict=True)]]
    return codecs.BOM_UTF8 + "".join(lines).encode("utf-8", "replace")


def _cell(value: Any, name: str) -> str:
    if value is None or value != value:
        return ""
    return str(value) if name in NUMBERS else str(guarded(value))


def guarded(cell: Any) -> Any:
    """A cell that no spreadsheet runs, also one that parts columns at `;` or tabs. No NULs: readers stumble on them."""
    return _FORMULA.sub(r"\1'\2", cell.replace("\0", "")) if isinstance(cell, str) else cell


def _parquet() -> Any:
    try:
        import_module("pyarrow")
    except ImportError:
        raise UsageError("--parquet: writing Parquet needs pyarrow: pip install 'art-pipeline[parquet]'") from None

    def made(frame: pd.DataFrame) -> bytes:
        out = io.BytesIO()
        frame.to_parquet(out, index=False, engine="pyarrow")
        return out.getvalue()

    return made


def read(folder: Path) -> Published:
    """Read and check a folder. Raises UsageError for what is none, PipelineError for one that is damaged or of a newer form."""
    meta = _meta(folder)
    if not (folder / checksums.SUMS).is_file():
        raise PipelineError(f"{folder}: not whole ({checksums.SUMS} is missing, which is written last); publish or download it again")
    # Files that others laid beside (a .git, a licence) are theirs.
    problems = [line for line in checksums.problems(folder) if not line.endswith(f"not listed in {checksums.SUMS}")]
    if problems:
        raise PipelineError(f"{folder}: {'; '.join(problems[:3])}; download the folder again, byte for byte")
    try:
        found = {name: [_row(name, number, row) for number, row in enumerate(source.read(folder, name), 1)] for name in TABLES}
        manifest = (folder / MANIFEST).read_text(encoding="utf-8-sig")
    except (ValueError, OSError) as error:
        raise PipelineError(f"{folder}: {error}") from error
    for name, rows in found.items():
        if len(rows) != meta["rows"].get(name):
            raise PipelineError(f"{folder}: {name} has {len(rows)} rows, {META} says {meta['rows'].get(name)}; publish it again")
    known = {row["id"] for row in found["items"]}
    strangers = [f"{name}: {row['id']}" for name, rows in found.items() for row in rows if row["id"] not in known]
    if strangers or len(known) < len(found["items"]):
        raise PipelineError(
            f"{folder}: {strangers[0] if strangers else 'an id'} does not stand just once among the items; publish it again"
        )
    return Published(folder, meta, manifest, found)


def _meta(folder: Path) -> dict[str, Any]:
    path = folder / META
    if not folder.is_dir() or not path.is_file():
        raise UsageError(f"{folder}: no published folder (it has no {META}); `pipeline publish DATASET --to FOLDER` writes one")
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
        schema = int(meta["schema"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise PipelineError(f"{path}: cannot be read ({error}); download the folder again") from error
    if schema > SCHEMA:
        raise PipelineError(f"{folder}: written by a newer pipeline (schema {schema}, this one knows {SCHEMA}); upgrade art-pipeline")
    if not isinstance(meta.get("name"), str) or not isinstance(meta.get("rows"), dict):
        raise PipelineError(f"{path}: says neither name nor rows; publish it again")
    return dict(meta)


def _row(table: str, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with all its columns. Raises ValueError for values that nothing could be done with."""
    found: dict[str, Any] = {name: _number(row.get(name)) if name in NUMBERS else str(row.get(name) or "") for name in TABLES[table]}
    wrong = None
    if not _ID.fullmatch(found["id"]):
        wrong = f"{found['id']!r} is no id"
    elif table == "items" and not (_SHA256.fullmatch(found["sha256"]) and found["sha256"].startswith(found["id"][1:])):
        wrong = f"{found['sha256']!r} is not the SHA-256 of {found['id']}"
    elif table == "decisions" and found["decision"] not in ("keep", "drop"):
        wrong = f"the decision {found['decision']!r} is neither keep nor drop"
    elif table == "verdicts" and found["value"].partition(" ")[0] not in [*verdicts.VALUES.get(found["aspect"], [])]:
        wrong = f"{found['aspect']} {found['value']!r} is no verdict"
    if wrong:
        raise ValueError(f"{table}, row {number}: {wrong}")
    return found


def _number(value: Any) -> float | None:
    return None if value in (None, "") or value != value else float(value)
