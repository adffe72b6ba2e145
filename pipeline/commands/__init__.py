"""The command line. Each command parses, calls one function and prints; nothing heavy is imported until one runs."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline import __version__
from pipeline.commands import chain, compare, curate, evaluate, inform, keep, produce, share, terms, use

app = typer.Typer(
    name="pipeline",
    help="Scrape art, curate it into a clean, audited dataset, and train a GAN on it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # loading what draws the boxes would take longer than all the rest
)


def _version(asked: bool) -> None:
    if asked:
        print(f"art-pipeline {__version__}")
        raise typer.Exit


@app.callback()
def main(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Scrape art, curate it into a clean, audited dataset, and train a GAN on it."""


# The order of the help: what to begin with, the chain, what to look at.
inform.register_recipes(app)
chain.register_start(app)
curate.register(app)
produce.register(app)
use.register(app)
evaluate.register(app)
terms.register(app)
keep.register(app)
share.register(app)
chain.register_whole(app)
compare.register(app)
inform.register_checks(app)
