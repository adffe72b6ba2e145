"""A folder of pictures on this machine, with an optional CSV of text about them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from sources.base import LocalSource, Sighting, SourceSettings

EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"})
FILE_COLUMNS = ("file", "filename", "image", "path")
TAKEN = ("title", "license", "author", "credit", "text", "page_url")
"""CSV columns that are a sighting's own; all others become its fields."""


class FolderSettings(SourceSettings):
    """Keys of a `[[scrape]]` block that reads a folder."""

    path: Path = Field(description="the folder; its sub-folders are read too")
    csv: Path | None = Field(None, description="a UTF-8 CSV file (comma, semicolon or tab) with one row per picture")
    column: str = Field("", description=f"the CSV column that names the file; left out: the first of {', '.join(FILE_COLUMNS)}")


class Folder(LocalSource):
    """Pictures in a folder. A picture's sub-folder is its `series` unless the CSV gives one."""

    name = "folder"
    home = "this machine"
    license = "whatever the CSV says of each picture"
    example = "/home/you/pictures"
    Settings: ClassVar[type[SourceSettings]] = FolderSettings

    def items(self, settings: SourceSettings) -> Iterator[tuple[Path, Sighting]]:
        """Yield every picture below `path`, sorted by relative path with `/` between its parts.

        Hidden files and folders are left out, and so are links to folders and to files outside. Raises FileNotFoundError for a
        missing folder or CSV, ValueError for a CSV that has no file column, names a missing file, or names one twice.
        """
        assert isinstance(settings, FolderSettings)
        root = settings.path.expanduser()
        if not root.is_dir():
            raise FileNotFoundError(f"scrape.path: {root} is no folder; give a folder of pictures")
        pictures = sorted(_pictures(root.resolve()), key=lambda entry: entry[0])
        rows = _rows(settings.csv.expanduser(), settings.column, root) if settings.csv else {}
        known = {relative for relative, _ in pictures}
        for relative, (line, _) in rows.items():
            if relative not in known:
                raise ValueError(f"{settings.csv}, line {line}: {relative!r} is no picture in {root}; mend or remove the row")
        for relative, file in pictures:
            yield file, _sighting(relative, file, rows.get(relative, (0, {}))[1])


def _readable(name: str) -> str:
    """A file name as text; bytes that are no UTF-8 become a replacement character."""
    return os.fsencode(name).decode("utf-8", "replace")


def _pictures(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, subfolders, names in os.walk(root):
        # A dataset holds copies of pictures; taking them for new ones would feed it on itself.
        subfolders[:] = [name for name in subfolders if not name.startswith(".") and not (Path(folder) / name / "catalog.sqlite").exists()]
        for name in names:
            file = Path(folder, name)
            if name.startswith(".") or file.suffix.lower() not in EXTENSIONS:
                continue
            if file.is_file() and file.resolve().is_relative_to(root):
                yield file.relative_to(root).as_posix(), file


def _rows(path: Path, column: str, root: Path) -> dict[str, tuple[int, dict[str, str]]]:
    """The CSV's rows by the file they describe, each with its line number."""
    if not path.is_file():
        raise FileNotFoundError(f"scrape.csv: {path} is no file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from None
    heading = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=max(",;\t", key=heading.count), restval="")
    names = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = names
    wanted = [column] if column else FILE_COLUMNS
    key = next((name for choice in wanted for name in names if name.casefold() == choice.casefold()), None)
    if key is None:
        has = ", ".join(names) or "none"
        raise ValueError(f"{path}: no column {' or '.join(wanted)} names the files (it has {has}); set scrape.column")
    rows: dict[str, tuple[int, dict[str, str]]] = {}
    try:
        for row in reader:
            written = (row.pop(key) or "").strip()
            if not written:
                continue
            relative = _relative(written, root)
            if relative in rows:
                raise ValueError(f"{path}, line {reader.line_num}: {relative!r} was described on line {rows[relative][0]}; keep one row")
            rows[relative] = reader.line_num, {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    return rows


def _relative(written: str, root: Path) -> str:
    """A CSV's file name as a path relative to the folder: it may be absolute, and may come from Windows."""
    if Path(written).is_absolute() and Path(written).is_relative_to(root):
        return Path(written).relative_to(root).as_posix()
    return Path(written.replace("\\", "/")).as_posix()


def _sighting(relative: str, file: Path, row: Mapping[str, str]) -> Sighting:
    url = file.as_uri()
    fields = {"_".join(name.casefold().split()): value for name, value in row.items() if name.casefold() not in TAKEN and value}
    if "/" in relative:
        fields.setdefault("series", _readable(relative.rpartition("/")[0]))
    own = {name.casefold(): value for name, value in row.items() if name.casefold() in TAKEN and value}
    return Sighting(
        page_url=own.get("page_url") or url,
        image_url=url,
        title=own.get("title") or _readable(file.stem),
        fields=fields,
        text=own.get("text", ""),
        license=own.get("license", ""),
        author=own.get("author", ""),
        credit=own.get("credit", ""),
    )
