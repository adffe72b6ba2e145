"""sources, manifests, init, verify: what is there, and whether it is sound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import Debug, Json, Quiet, Set


@reported
def sources(json: Json = False, debug: Debug = False) -> None:
    """What can be scraped, and under what terms."""
    from sources import base

    out = Output(quiet=False, json=json)
    loaded = [base.load(name) for name in base.names()]
    out.table(
        "sources",
        ["name", "home", "delay, s", "terms", "example"],
        [(one.name, one.home, one.delay, one.license, one.example) for one in loaded],
    )
    out.data(
        sources=[{"name": one.name, "home": one.home, "delay": one.delay, "terms": one.license, "example": one.example} for one in loaded]
    )
    out.flush()


@reported
def manifests(
    action: Annotated[str, typer.Argument(metavar="[show]", help="`show` prints a recipe.")] = "list",
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which recipe.", show_default=False)] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the built-in recipes, or show one."""
    from pipeline import manifest
    from pipeline.errors import UsageError

    out = Output(quiet=False, json=json)
    if action == "show" and name:
        _, text, _ = manifest.find(name)
        out.line(text.rstrip("\n"))
        out.data(name=name, text=text)
    elif action == "list" and name is None:
        texts = {recipe: manifest.find(recipe)[1] for recipe in manifest.built_in()}
        rows = [(recipe, manifest.Manifest.parse(text, recipe).about) for recipe, text in texts.items()]
        out.table("built-in manifests", ["name", "about"], rows)
        out.data(manifests=dict(rows))
    else:
        raise UsageError("give `pipeline manifests` or `pipeline manifests show NAME`")
    out.flush()


@reported
def init(
    name: Annotated[str, typer.Argument(help="Name of the recipe; NAME.toml is written here.")],
    source: Annotated[str, typer.Option("--source", help="Which source to begin with; `pipeline sources` lists them.")],
    set_: Set = None,
    debug: Debug = False,
) -> None:
    """Write a manifest to edit."""
    from pipeline import recipe

    path = recipe.create(name, source, set_ or [], Path.cwd())
    print(f"wrote {path.name}; edit it, then: pipeline run {path.name}")


@reported
def verify(
    target: Annotated[
        str | None, typer.Argument(metavar="[DATASET|SHARDS]", help="A dataset, or a folder of shards.", show_default=False)
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Check every checksum, and every row against its file."""
    from pipeline import verification

    out = Output(quiet=quiet, json=json)
    checked, problems = verification.verify(target, Terminal(quiet=quiet))
    out.table("verified", ["what", "count"], list(checked.items()))
    for problem in problems:
        out.line(f"problem: {problem}")
        if quiet:
            print(f"pipeline: {problem}", file=sys.stderr)
    out.line("all sound" if not problems else f"{len(problems)} problem{'s' * (len(problems) != 1)}")
    out.data(checked=checked, problems=problems)
    out.flush()
    if problems:
        raise typer.Exit(1)


def register_recipes(app: typer.Typer) -> None:
    """Add what one needs before the first scrape."""
    for command in (sources, manifests, init):
        app.command()(command)


def register_checks(app: typer.Typer) -> None:
    """Add `verify`."""
    app.command()(verify)
