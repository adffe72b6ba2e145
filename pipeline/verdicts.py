"""What a person said: `review.csv`, append-only, last row wins; and the `override` column of the reports, which feeds it."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.errors import PipelineError

COLUMNS = ["id", "aspect", "value", "note", "when"]
VALUES = {"keep": ("keep", "drop"), "facing": ("left", "right"), "same": ("yes", "no")}
"""The aspects of a verdict and their values; `clear` withdraws any. A `same` value carries the other id: `yes i0123…`."""


@dataclass
class Verdicts:
    """The verdicts in force: `keep` maps id to keep/drop, `facing` id to left/right, `same` a sorted pair of ids to yes/no."""

    keep: dict[str, str] = field(default_factory=dict)
    facing: dict[str, str] = field(default_factory=dict)
    same: dict[tuple[str, str], str] = field(default_factory=dict)

    def spread(self, twins: Mapping[str, Sequence[str]]) -> Verdicts:
        """The verdicts with each `keep` and `facing` also given to the item's twins (same pixels, other bytes).

        `twins` maps an id to all ids with its pixels. A twin's own verdict is not overruled.
        """
        keep, facing = dict(self.keep), dict(self.facing)
        for mine, given in ((keep, self.keep), (facing, self.facing)):
            for id, value in given.items():
                for twin in twins.get(id, ()):
                    if twin not in given:
                        mine[twin] = value
        return Verdicts(keep, facing, dict(self.same))


def read(path: Path) -> Verdicts:
    """Read `review.csv`; a missing file means no verdicts. Raises PipelineError naming the row that is wrong."""
    verdicts = Verdicts()
    for number, row in _rows(path):
        where = f"{path} row {number}"
        missing = [name for name in ("id", "aspect", "value") if not (row.get(name) or "").strip()]
        if missing:
            raise PipelineError(f"{where}: {' and '.join(missing)} missing; a verdict needs id, aspect and value")
        id, aspect, value = (row[name].strip() for name in ("id", "aspect", "value"))
        if aspect not in VALUES:
            raise PipelineError(f"{where}: unknown aspect {aspect!r}; use {', '.join(VALUES)}")
        word, _, other = value.partition(" ")
        if word not in (*VALUES[aspect], "clear"):
            raise PipelineError(f"{where}: {aspect} cannot be {value!r}; use {', '.join(VALUES[aspect])} or clear")
        if aspect == "same":
            if not other.strip() or other.strip() == id:
                raise PipelineError(f"{where}: same needs the other id, as in `yes i0123456789abcdef`")
            first, second = sorted((id, other.strip()))
            _set(verdicts.same, (first, second), word)
        elif aspect == "keep":
            _set(verdicts.keep, id, word)
        else:
            _set(verdicts.facing, id, word)
    return verdicts


def append(path: Path, id: str, aspect: str, value: str, note: str = "") -> None:
    """Add a verdict in the form the file has (a spreadsheet may have saved it with `;`); it is on disk when this returns."""
    if not path.exists() or not path.read_bytes().strip(b"\xef\xbb\xbf \t\r\n"):
        files.write(path, ",".join(COLUMNS) + "\n")
    columns, (_, delimiter) = _columns(path), _text(path)
    if not {"id", "aspect", "value"} <= set(columns):
        raise PipelineError(f"{path} row 1: must name the columns {', '.join(COLUMNS)}; mend it, and run the command again")
    line = io.StringIO()
    row = {"id": id, "aspect": aspect, "value": value, "note": " ".join(note.split()), "when": time.strftime("%Y-%m-%dT%H:%M:%S")}
    csv.DictWriter(line, columns, delimiter=delimiter, extrasaction="ignore", lineterminator="\n").writerow(row)
    files.append_line(path, line.getvalue())


def collect(reports: Path, review: Path, known: set[str], twins: Mapping[str, Sequence[str]] | None = None) -> int:
    """Move what a person wrote under `override` in any report to `review.csv`; returns how many verdicts were new.

    Nothing is moved if a row cannot be understood, names an unknown item, or contradicts another report: PipelineError names
    file and row. The cells are emptied afterwards, so that an old override never comes back over a later verdict. `twins`: as for
    `Verdicts.spread`; clearing an item clears those whose verdict it shares.
    """
    said: dict[str, tuple[str, str]] = {}
    touched: list[Path] = []
    for path in sorted(reports.glob("*.csv")):
        columns = _columns(path)
        if "url" in columns:
            continue  # the list of failures is about URLs, not items
        if not {"id", "override"} <= set(columns):
            raise PipelineError(
                f"{path}: no columns id and override in its first row; undo that, or remove the file and run `pipeline review`"
            )
        if not _filled(path, columns.index("override")):
            continue
        for number, row in _rows(path):
            value = (row.get("override") or "").strip().lower()
            if not value:
                continue
            id, where = (row.get("id") or "").strip(), f"{path} row {number}"
            if value not in (*VALUES["keep"], "clear"):
                raise PipelineError(f"{where}: override {value!r} is not keep, drop or clear")
            if id not in known:
                raise PipelineError(f"{where}: no item {id!r} in this dataset; has the id column been changed?")
            before = said.setdefault(id, (value, where))
            if before[0] != value:
                raise PipelineError(f"{where} says {value} for {id}, but {before[1]} says {before[0]}; make them agree")
            if path not in touched:
                touched.append(path)
    now, taken = read(review).keep, 0
    for id, (value, where) in said.items():
        group = (twins or {}).get(id, [id]) if value == "clear" else [id]
        changed = [one for one in group if now.get(one, "clear") != value]
        for one in changed:
            append(review, one, "keep", value, f"override in {Path(where).name}")
        taken += bool(changed)
    for path in touched:
        _blank_overrides(path)
    return taken


def _set(table: dict[Any, str], key: object, word: str) -> None:
    if word == "clear":
        table.pop(key, None)
    else:
        table[key] = word


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their number as a spreadsheet shows it (the header is row 1)."""
    if not path.exists():
        return
    text, delimiter = _text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, start=2):
            if any((value or "").strip() for value in row.values() if not isinstance(value, list)):
                yield number, row
    except csv.Error as error:
        raise PipelineError(
            f"{path}: not readable as CSV ({error}); save it as CSV again, or remove it and run `pipeline review`"
        ) from error


def _filled(path: Path, column: int) -> bool:
    """Whether any row but the first has something in that column; quick, as most reports have nothing."""
    text, delimiter = _text(path)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        next(rows, None)
        return any(len(row) > column and row[column].strip() for row in rows)
    except csv.Error:
        return True  # whoever reads the rows says where


def _columns(path: Path) -> list[str]:
    text, delimiter = _text(path)
    try:
        return next(csv.reader([text.split("\n", 1)[0].rstrip("\r")], delimiter=delimiter), [])
    except csv.Error as error:
        raise PipelineError(f"{path} row 1: not readable as CSV ({error}); save it as CSV again") from error


def _text(path: Path) -> tuple[str, str]:
    """The file's text and its delimiter: spreadsheets of many countries save with `;`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 (byte {error.start}); save it as CSV with UTF-8 encoding") from error
    head = text.split("\n", 1)[0]
    return text, max(",;\t", key=head.count)


def _blank_overrides(path: Path) -> None:
    text, delimiter = _text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], delimiter=delimiter, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in reader:
        writer.writerow({**row, "override": ""})
    files.write(path, b"\xef\xbb\xbf" + out.getvalue().encode())
