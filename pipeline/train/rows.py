"""The CSV files that a run appends to: read whole rows, and go on from a step without losing what a person did to the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.errors import PipelineError


def read(path: Path) -> list[dict[str, str]]:
    """Its rows as text, `None` for cells that a line cut short lacks; a last line without an end is left out, a missing file is empty."""
    return _parsed(path)[1]


def kept(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The same for a file that will be written anew with these columns, of which it may lack later ones.

    Raises PipelineError when its heading does not begin with the first of them: what is in it would be lost.
    """
    heading, rows = _parsed(path)
    if heading and heading[0] != columns[0]:
        raise PipelineError(
            f"{path}: begins with {heading[0][:40]!r}, not with the column {columns[0]!r}; has a spreadsheet saved it? "
            "Save it as CSV with commas in UTF-8, or move it away, and what it tells begins anew"
        )
    return rows


def write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    """The whole file, whole or as it was."""
    files.write(path, "".join(line(cells) + "\n" for cells in [columns, *([row.get(name) or "" for name in columns] for row in rows)]))


MOST_WAITING = 50
"""Lines that wait for a file; with more, whoever holds it is not going to let it go."""


class Appender:
    """Appends lines to a file; while another program holds it, as a spreadsheet does on Windows, they wait for the next one.

    Nobody's look at a table is to end a run of hours. `add` raises PermissionError when too many wait.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._waiting = path, list[str]()

    def add(self, text: str) -> None:
        """One line, after those that waited."""
        self._waiting.append(text)
        try:
            files.append_line(self.path, "\n".join(self._waiting))
        except PermissionError:
            if len(self._waiting) > MOST_WAITING:
                raise
            return
        self._waiting.clear()


def line(cells: Sequence[Any]) -> str:
    """One row as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _parsed(path: Path) -> tuple[Sequence[str], list[dict[str, str]]]:
    if not path.exists():
        return (), []
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    reader = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
    return reader.fieldnames or (), list(reader)
