"""Lists as files: CSV, JSON lines and Parquet, read row by row, so that a list may be larger than memory."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
LONGEST = 16_000_000
"""Bytes of a line. A longer one is no line of a list (a JSON array in one line, a binary file)."""
BATCH = 1_000
"""Rows of Parquet that are decoded at a time."""


@dataclass(frozen=True)
class Table:
    """A list: the names of its columns (empty where each row has its own, as in JSON lines), and its rows."""

    names: Sequence[str]
    rows: Iterator[Mapping[str, Any]]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Table]:
    """The list in a file, by its extension; `.gz` may stand behind that of a text.

    Raises FileNotFoundError, and ValueError for what cannot be read as what its extension says, with the line: here for what is
    wrong with the file, and from the rows for what is wrong further on.
    """
    if not path.is_file():
        raise FileNotFoundError(f"scrape.path: {path} is no file; give a list of pictures ({', '.join(_kinds())})")
    packed = path.suffix.lower() == ".gz"
    kind = Path(path.stem if packed else path.name).suffix.lower()
    if kind in PARQUET and not packed:
        with _parquet(path) as table:
            yield table
        return
    if kind not in (*DELIMITERS, *JSON_LINES):
        raise ValueError(f"scrape.path: {path}: its name does not say what kind of list it is; it must end in {' or '.join(_kinds())}")
    with _opened(path, packed) as lines:
        yield _csv(path, lines, DELIMITERS[kind]) if kind in DELIMITERS else Table((), _json(path, lines))


def _kinds() -> list[str]:
    return [*DELIMITERS, *JSON_LINES, *PARQUET]


@contextlib.contextmanager
def _opened(path: Path, packed: bool) -> Iterator[Iterator[tuple[int, str]]]:
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        yield _lines(path, file)


def _lines(path: Path, file: Any) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        while line := file.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise ValueError(f"{path}, line {number}: longer than {LONGEST:,} bytes; is it one row to a line?")
            yield number, (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}, line {number}: not UTF-8 text ({error.reason}); save it as UTF-8") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: not a whole gzip file ({error}), after line {number}") from None


def _csv(path: Path, lines: Iterator[tuple[int, str]], delimiters: str) -> Table:
    number, heading = next(((number, line) for number, line in lines if line.strip()), (0, ""))
    delimiter = max(delimiters, key=heading.count)

    def text() -> Iterator[str]:
        yield heading
        for _, line in lines:
            yield line

    # strict: else a quote that is never closed would swallow the rest of the list without a word
    reader = csv.reader(text(), delimiter=delimiter, strict=True)

    def read() -> Iterator[tuple[int, list[str]]]:
        try:
            for row in reader:
                yield number - 1 + reader.line_num, row
        except csv.Error as error:
            raise ValueError(f"{path}, line {number - 1 + reader.line_num}: {error}; mend the quotes of this row") from None

    written = read()
    names = [name.strip() for name in next(written, (0, []))[1]] if heading else []

    def rows() -> Iterator[Mapping[str, Any]]:
        for line, row in written:
            if any(row[len(names) :]):
                raise ValueError(
                    f"{path}, line {line}: {len(row)} values in {len(names)} columns; put quotes round a value with {delimiter!r} in it"
                )
            if row:
                yield dict(zip(names, row, strict=False))

    return Table(names, rows())


def _json(path: Path, lines: Iterator[tuple[int, str]]) -> Iterator[Mapping[str, Any]]:
    for number, line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: no valid JSON: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f'{path}, line {number}: a row must be an object, as in {{"url": …}}')
        yield row


@contextlib.contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    try:
        parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    except ImportError:
        raise ValueError(f"scrape.path: {path}: reading Parquet needs pyarrow: pip install 'art-pipeline[parquet]'") from None
    try:
        file = parquet.ParquetFile(path)
    except (arrow.ArrowException, OSError) as error:
        raise ValueError(f"{path}: cannot be read as Parquet: {_first_line(error)}") from None
    with file:
        # not the pictures themselves, nor embeddings: a list may hold them too
        names = [column.name for column in file.schema_arrow if _is_text(arrow.types, column.type)]

        def rows() -> Iterator[Mapping[str, Any]]:
            number = 0
            try:
                for batch in file.iter_batches(batch_size=BATCH, columns=names):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        number += 1
                        yield dict(zip(batch.schema.names, row, strict=True))
            except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
                raise ValueError(f"{path}: cannot be read after row {number}: {_first_line(error)}") from None

        yield Table(names, rows())


def _is_text(types: Any, kind: Any) -> bool:
    """Whether a column holds text, numbers, truth or times, or lists of text."""
    if types.is_dictionary(kind):
        return _is_text(types, kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_words(types, kind.value_type)
    return _is_words(types, kind) or bool(types.is_primitive(kind) or types.is_decimal(kind))


def _is_words(types: Any, kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
