"""diff: what changed between two states of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import Debug, Json, Quiet

SHOWN = 20
"""Lines of a table; --csv and --json have all."""

Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every difference as a row of this file.")]


@reported
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier state: a dataset, a copy of one, or a copy of its catalog.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later state.")],
    csv: Csv = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """What changed from one state of a dataset to another.

    Items added and removed, decisions that changed by stage and rule, verdicts, settings. Nothing is written but --csv FILE.
    """
    from pipeline import diff as differences
    from pipeline import states
    from pipeline.review import reports

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    found = differences.compare(states.load(before), states.load(after))
    for note in found.notes:
        terminal.note(note)
    groups = found.groups()
    out.table("states", ["", before, after, "difference"], [(name, a, b, f"{b - a:+,}") for name, (a, b) in found.totals.items()])
    _some(out, "settings", ["subject", "before", "after", "reason_after"], found.rows[found.rows["what"] == "setting"])
    _some(out, "verdicts", ["subject", "before", "after", "title"], found.rows[found.rows["what"] == "verdict"])
    if len(groups):
        out.table("items", list(groups.columns), groups.values.tolist())
        changed = found.rows[found.rows["what"] == "decision"]
        _some(out, "changed decisions", ["subject", "title", "before", "after", "reason_before", "reason_after"], changed)
    if not len(found.rows):
        out.line("no difference")
    if csv is not None:
        reports.save(found.rows, csv)
        out.line(f"wrote {csv} ({len(found.rows):,} rows)")
    out.data(
        before=before,
        after=after,
        totals={name: {"before": a, "after": b} for name, (a, b) in found.totals.items()},
        groups=groups.to_dict("records"),
        differences=found.rows.to_dict("records"),
        notes=found.notes,
    )
    out.flush()


def _some(out: Output, title: str, columns: list[str], rows: object) -> None:
    import pandas as pd

    assert isinstance(rows, pd.DataFrame)
    if len(rows):
        heads = [name.replace("_", " ") for name in columns]
        out.table(title, heads, rows[columns].head(SHOWN).values.tolist())
        if len(rows) > SHOWN:
            out.line(f"and {len(rows) - SHOWN:,} more; --csv FILE writes all")


def register(app: typer.Typer) -> None:
    """Add `diff`."""
    app.command()(diff)
