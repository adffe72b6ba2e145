"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Reference = Annotated[
    str, typer.Argument(metavar="MANIFEST|DATASET", help="A built-in recipe, a TOML file, or a dataset.", show_default=False)
]
DatasetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[DATASET]", help="A name under datasets/ or a directory; left out, the only dataset there is.", show_default=False
    ),
]
Into = Annotated[Path | None, typer.Option("--into", metavar="DIR", help="The dataset directory itself, instead of datasets/NAME.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Override a manifest key, as in shard.size=128; written to the dataset's manifest. Repeatable."
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Stop after so many pictures of each source.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes to use; by default one a core.")]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Use a Dask cluster, as in tcp://host:8786, instead of processes here.", show_default=False
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no tables, only errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
