"""CSV files that people and spreadsheets write: read in whatever form a spreadsheet left them, and written back in the same.

Excel and LibreOffice save with `,`, `;` or tabs by the country, as UTF-8 with or without a mark, as UTF-16 ("Unicode text"),
with any line ending. Rows keep the number that a spreadsheet shows.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""The marks that tell an encoding at the beginning of a file."""

DELIMITERS = ",;\t"


@dataclass
class Table:
    """A CSV file: its header and the rows below it, and the form it was saved in.

    `rows[0]` is row 2 of the spreadsheet; a row may be shorter or longer than the header, and a blank line is an empty row.
    """

    path: Path
    columns: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    encoding: str = "utf-8"
    mark: bytes = b""
    ending: str = "\n"
    head: str = ""
    """A first line that only tells the separator (`sep=;`), as Excel writes and heeds it; a spreadsheet does not count it."""

    def require(self, names: Collection[str], way_out: str) -> None:
        """Raises PipelineError unless the header has each of the columns just once."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise PipelineError(f"{self.path}: no column{'s' * (len(missing) > 1)} {' and '.join(missing)} in its first row; {way_out}")
        for name in names:
            if self.columns.count(name) > 1:
                raise PipelineError(f"{self.path} row 1: the column {name} stands there twice; remove one")

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows that say anything, by column name, with their number in a spreadsheet; missing cells are empty."""
        for number, row in enumerate(self.rows, start=2):
            if any(cell.strip() for cell in row):
                cells = [*row, *[""] * (len(self.columns) - len(row))]
                yield number, dict(zip(self.columns, cells, strict=False))

    def outside(self) -> Iterator[tuple[int, str]]:
        """What stands to the right of the header's last column, with the number of its row."""
        for number, row in enumerate(self.rows, start=2):
            yield from ((number, cell) for cell in row[len(self.columns) :] if cell.strip())

    def blank(self, name: str) -> None:
        """Empty a column."""
        at = self.columns.index(name)
        for row in self.rows:
            if at < len(row):
                row[at] = ""

    def write(self) -> None:
        """Replace the file, in the form it had."""
        text = self.head + self.line(self.columns) + "".join(self.line(row) for row in self.rows)
        files.write(self.path, self.mark + text.encode(self.encoding, "replace"))

    def line(self, cells: Sequence[str]) -> str:
        """One row as text in the file's form, with its line ending."""
        special = (self.delimiter, '"', "\r", "\n")  # Python's own writer leaves a lone \r bare, which then ends the row
        quoted = [f'"{cell.replace(chr(34), chr(34) * 2)}"' if any(sign in cell for sign in special) else cell for cell in cells]
        return self.delimiter.join(quoted) + self.ending


def read(path: Path, *, header_only: bool = False) -> Table:
    """Read a CSV file; an empty one has no columns. Raises PipelineError (file and row) for what is not CSV, and OSError."""
    data = path.read_bytes()
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    encoding = MARKS.get(mark, "utf-8")
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{path}: not UTF-8 (byte {error.start + len(mark)}); save it as CSV with UTF-8 encoding (Excel: CSV UTF-8)"
        ) from error
    told = re.match(r"sep=([,;\t])(\r\n|\r|\n)", text)
    body = text[told.end() :] if told else text
    first = body.splitlines()[0] if body else ""
    delimiter = told[1] if told else max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        rows.extend(itertools.islice(reader, 1) if header_only else reader)
    except csv.Error as error:
        raise PipelineError(f"{path} row {len(rows) + 1}: not readable as CSV ({error}); save it as CSV again") from error
    columns = [name.strip() for name in rows[0]] if rows else []
    return Table(path, columns, rows[1:], delimiter, encoding, mark, "\r\n" if "\r\n" in text else "\n", told[0] if told else "")
