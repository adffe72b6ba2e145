"""What a person said: `review.csv`, append-only, last row wins; and the `override` column of the reports, which feeds it."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipeline import files, tables
from pipeline.errors import PipelineError

COLUMNS = ["id", "aspect", "value", "note", "when"]
VALUES = {"keep": ("keep", "drop"), "facing": ("left", "right"), "same": ("yes", "no")}
"""The aspects of a verdict and their values; `clear` withdraws any. A `same` value carries the other id: `yes i0123…`."""

WORDS = {"clear", *VALUES["keep"], *VALUES["facing"]}
"""What may stand under override."""


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


def strangers(path: Path, known: Collection[str]) -> list[str]:
    """A line for every verdict in force, by row, that names an item which is not (or not yet) `known`."""
    rows: dict[str, int] = {}
    for number, row in _rows(path):
        aspect, value = (row[name].strip() for name in ("aspect", "value"))
        for id in [row["id"].strip(), *value.split()[1:]] if aspect == "same" else [row["id"].strip()]:
            rows.pop(id, None)
            if id not in known and not value.startswith("clear"):
                rows[id] = number
    return [f"{path} row {number}: no item {id!r} in this dataset; the verdict waits for it, or mend the id" for id, number in rows.items()]


def append(path: Path, id: str, aspect: str, value: str, note: str = "") -> None:
    """Add a verdict in the form the file has (a spreadsheet may have saved it with `;`); it is on disk when this returns.

    A lock of its own, held for this one line, lets the review page and a command that holds the dataset append side by side.
    """
    with FileLock(path.with_name(".review.lock"), timeout=10):
        _append(path, id, aspect, value, note)


def _append(path: Path, id: str, aspect: str, value: str, note: str) -> None:
    if not path.exists() or not path.read_bytes().strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        files.write(path, ",".join(COLUMNS) + "\n")
    table = tables.read(path, header_only=True)
    if not {"id", "aspect", "value"} <= set(table.columns):
        raise PipelineError(f"{path} row 1: must name the columns {', '.join(COLUMNS)}; mend it, and run the command again")
    if table.encoding != "utf-8":  # lines are appended as UTF-8
        table = tables.read(path)
        table.encoding, table.mark = "utf-8", codecs.BOM_UTF8
        table.write()
    row = {"id": id, "aspect": aspect, "value": value, "note": " ".join(note.split()), "when": time.strftime("%Y-%m-%dT%H:%M:%S")}
    files.append_line(path, table.line([row.get(name, "") for name in table.columns]).rstrip("\r\n"))


def collect(
    reports: Path,
    review: Path,
    known: Collection[str],
    twins: Mapping[str, Sequence[str]] | None = None,
    *,
    untouched: Collection[Path] = (),
    decided: Callable[[Path], Mapping[str, str]] = lambda path: {},
    tell: Callable[[str], None] = lambda line: None,
) -> int:
    """Move what a person wrote under `override` in any report to `review.csv`; returns how many verdicts were new.

    Nothing is moved if a row cannot be understood, names an unknown item, or contradicts another report: PipelineError names
    file and row. The cells are emptied afterwards, so that an old override never comes back over a later verdict. `twins`: as for
    `Verdicts.spread`; clearing an item clears those whose verdict it shares.

    Reports that are `untouched` since they were written are not read. `decided` gives the decisions by id that were written to a
    report; a cell that says otherwise was changed by hand (or the file is an old copy), and `tell` gets a line about its row.
    """
    said: dict[tuple[str, str], tuple[str, str]] = {}
    touched: list[tables.Table] = []
    for path in sorted(set(reports.glob("*.csv")) - set(untouched)):
        table = tables.read(path)
        if "url" in table.columns:
            continue  # the list of failures is about URLs, not items
        table.require(["id", "override"], "undo that, or remove the file and run `pipeline review`")
        for number, cell in table.outside():
            if cell.strip().lower() in WORDS:
                raise PipelineError(f"{path} row {number}: {cell.strip()!r} stands right of the last column; write it under override")
        decisions, unread = decided(path) if "decision" in table.columns else {}, []
        for number, row in table.records():
            id, value, where = row["id"].strip(), row["override"].strip().lower(), f"{path} row {number}"
            if set(id) & set(tables.DELIMITERS):
                raise PipelineError(f"{where}: its cells hang together; open the report with a comma as separator, and write it anew")
            cell = row.get("decision", "").strip().lower()
            if not value and id in decisions and cell != decisions[id]:
                unread.append(f"{where}: decision was {decisions[id]!r}, and {cell!r} there is not read; write it under override")
            if not value:
                if id not in known:
                    unread.append(f"{where}: no item {id!r} in this dataset, and nothing under override; the row is not read")
                continue
            aspect = _aspect(value, path)
            if aspect is None:
                raise PipelineError(f"{where}: override {value!r} is not keep, drop or clear, nor left or right")
            if id not in known:
                raise PipelineError(f"{where}: no item {id!r} in this dataset; has the id column been changed?")
            before = said.setdefault((id, aspect), (value, where))
            if before[0] != value:
                raise PipelineError(f"{where} says {value} for {id}, but {before[1]} says {before[0]}; make them agree")
            if table not in touched:
                touched.append(table)
        some(unread, tell)
    verdicts, taken = read(review), 0
    for (id, aspect), (value, where) in said.items():
        now = verdicts.facing if aspect == "facing" else verdicts.keep
        group = (twins or {}).get(id, [id]) if value == "clear" else [id]
        changed = [one for one in group if now.get(one, "clear") != value]
        for one in changed:
            append(review, one, aspect, value, f"override in {Path(where).name}")
        taken += bool(changed)
    for table in touched:
        table.blank("override")
        table.write()
    return taken


def some(lines: Sequence[str], tell: Callable[[str], None], most: int = 3) -> None:
    """Tell the first lines, and how many more there are."""
    for line in lines[:most]:
        tell(line)
    if len(lines) > most:
        tell(f"and {len(lines) - most:,} more of the kind")


def _aspect(value: str, report: Path) -> str | None:
    """What an override is about; `clear` withdraws what its report is about."""
    if value == "clear":
        return "facing" if report.stem == "facing" else "keep"
    return next((aspect for aspect in ("keep", "facing") if value in VALUES[aspect]), None)


def _set(table: dict[Any, str], key: object, word: str) -> None:
    if word == "clear":
        table.pop(key, None)
    else:
        table[key] = word


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their number as a spreadsheet shows it (the header is row 1); none where there is no file."""
    if path.exists():
        table = tables.read(path)
        if table.columns:
            table.require(["id", "aspect", "value"], f"it must name the columns {', '.join(COLUMNS)}")
        yield from table.records()
