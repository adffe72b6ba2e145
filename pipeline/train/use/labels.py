"""A person's labels of generated pictures, from a CSV."""

from __future__ import annotations

import csv
from pathlib import Path

from pipeline.errors import PipelineError, UsageError
from pipeline.train.latent import Pick


def read(path: Path, seed: int = 0) -> dict[Pick, str]:
    """Columns `number` and `label`, and if need be `seed` (else the one given); rows without a label are passed over.

    Raises UsageError when there is no such file, PipelineError naming a line that is none or contradicts an earlier one.
    """
    found: dict[Pick, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.DictReader(handle)
            if not {"number", "label"} <= set(rows.fieldnames or ()):
                raise PipelineError(f"{path}: a table of labels has the columns number and label (and seed, where it is not {seed})")
            for row in rows:
                label = (row["label"] or "").strip()
                if not label:
                    continue
                try:
                    pick = Pick(int(row.get("seed") or seed), int(row["number"]))
                except (TypeError, ValueError) as error:
                    raise PipelineError(f"{path}, line {rows.line_num}: number and seed must be whole numbers") from error
                if min(pick.seed, pick.number) < 0 or found.get(pick, label) != label:
                    raise PipelineError(f"{path}, line {rows.line_num}: picture {pick} does not exist, or has another label above")
                found[pick] = label
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file of labels") from error
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 text; save it as CSV in UTF-8") from error
    return found
