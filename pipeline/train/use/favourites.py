"""Favourites: which pictures of a run's generator a person wants to see again, kept by seed and number in `favourites.csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.train.latent import Pick

FILE = "favourites.csv"
COLUMNS = ("seed", "number", "truncation")


@dataclass(frozen=True)
class Favourite:
    """A picture, and the truncation that it was liked at."""

    pick: Pick
    truncation: float = 1.0


def read(run: Path) -> list[Favourite]:
    """The favourites in the order they were kept; a missing file has none. Raises PipelineError naming a row that cannot be read."""
    path = run / FILE
    if not path.exists():
        return []
    found: dict[Favourite, None] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for number, row in enumerate(csv.DictReader(handle), 2):
                try:
                    pick = Pick(int(row["seed"]), int(row["number"]))
                    favourite = Favourite(pick, float(row.get("truncation") or 1))
                    if min(pick.seed, pick.number) < 0 or not 0 <= favourite.truncation <= 2:
                        raise ValueError
                except (KeyError, TypeError, ValueError) as error:
                    raise PipelineError(f"{path}, line {number}: not a favourite ({','.join(COLUMNS)}, as in 0,17,1)") from error
                found[favourite] = None
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 text; save it as CSV in UTF-8") from error
    return list(found)


def keep(run: Path, chosen: Sequence[Pick], truncation: float) -> list[Favourite]:
    """Add pictures to the run's favourites, each once; returns those that were new. Further columns of the file stay as they are."""
    before, path = read(run), run / FILE
    new = [one for one in dict.fromkeys(Favourite(pick, truncation) for pick in chosen) if one not in before]
    table: list[dict[str, str]] = []
    columns = list(COLUMNS)
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            table = list(reader)
            columns = list(dict.fromkeys([*(reader.fieldnames or ()), *COLUMNS]))
    table += [{"seed": f"{one.pick.seed}", "number": f"{one.pick.number}", "truncation": f"{one.truncation:g}"} for one in new]
    if new or not path.exists():
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        files.write(path, text.getvalue())
    return new
