"""measure, filter, dedup, review: one command a stage; facing and outliers. classify has a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from pipeline.commands.classify import classify
from pipeline.commands.console import Output, Terminal, reported, show_stage
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet, Scheduler, Set, Workers

STAGES = {
    "measure": "Compute every number about every picture, once.",
    "filter": "Drop by size, background, grayscale and photograph.",
    "dedup": "Find copies of one picture and keep the best.",
    "review": "Write the reports and the gallery of what was dropped and why; with --serve, a page where keys give verdicts.",
}


def run_stage(
    name: str,
    dataset: str | None,
    assignments: list[str] | None,
    workers: int | None,
    quiet: bool,
    json: bool,
    scheduler: str = "",
) -> None:
    """Run one stage on an existing dataset and print its summary."""
    from pipeline import chain, steps
    from pipeline.workers import default_count

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.existing(dataset, assignments or [])
    with chain.opened(plan, terminal.note) as held:
        summary = steps.STEPS[name](held, steps.Options(workers or default_count(), report=terminal, scheduler=scheduler))
    show_stage(out, name, summary)
    if name == "review":
        out.line(f"open {plan.dataset.reports / 'index.html'}")
    out.data(stage=name, dataset=str(plan.dataset.root), **summary)
    out.flush()


@reported
def facing(dataset: DatasetArgument = None, set_: Set = None, quiet: Quiet = False, json: Json = False, debug: Debug = False) -> None:
    """Suggest which way each picture faces, learnt from the verdicts on some; the most doubtful first.

    Write left or right under `override` in reports/facing.csv and run it again. `augment.facing` turns all to one side when
    sharding: those with a verdict, and with facing.use=suggested those whose suggestion is confident enough.
    """
    from pipeline import chain
    from pipeline.facing import suggest

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.existing(dataset, set_ or [])
    with chain.opened(plan, terminal.note) as held:
        summary = suggest(held)
    show_stage(out, "facing", summary)
    page, missing = plan.dataset.root / summary["reports"][-1], summary["missing"]
    if missing:
        out.line(f"{missing} more verdict{'s' * (missing != 1)} needed: write left or right under `override` in {page.with_suffix('.csv')}")
    out.line(f"open {page}")
    out.data(stage="facing", dataset=str(plan.dataset.root), **summary)
    out.flush()


@reported
def outliers(dataset: DatasetArgument = None, quiet: Quiet = False, json: Json = False, debug: Debug = False) -> None:
    """List the pictures that are least like the others, by an embedding (extra `embed`); the strangest first.

    A report to look through, not a decision: write drop under `override` in reports/outliers.csv.
    """
    from pipeline import chain
    from pipeline.outliers import find

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.existing(dataset, [])
    with chain.opened(plan, terminal.note) as held:
        summary = find(held, terminal)
    show_stage(out, "outliers", summary)
    out.line(f"open {plan.dataset.reports / 'outliers.csv'}")
    out.data(stage="outliers", dataset=str(plan.dataset.root), **summary)
    out.flush()


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for stage, about in STAGES.items():
        app.command(stage, help=about)(review if stage == "review" else stage_command(stage))
        if stage == "measure":
            app.command()(classify)  # the next of the chain, with options of its own
        if stage == "dedup":
            app.command()(facing)
            app.command()(outliers)


PARALLEL, SHARED = ("measure", "shard"), ("measure", "dedup", "shard")
"""Stages with work for several processes, and for a cluster."""


def stage_command(stage: str) -> Callable[..., None]:
    """The command that runs one stage; with `--workers` and `--scheduler` where the stage has work for several."""

    @reported
    def alone(dataset: DatasetArgument = None, set_: Set = None, quiet: Quiet = False, json: Json = False, debug: Debug = False) -> None:
        run_stage(stage, dataset, set_, None, quiet, json)

    @reported
    def elsewhere(
        dataset: DatasetArgument = None,
        set_: Set = None,
        scheduler: Scheduler = "",
        quiet: Quiet = False,
        json: Json = False,
        debug: Debug = False,
    ) -> None:
        run_stage(stage, dataset, set_, None, quiet, json, scheduler)

    @reported
    def parallel(
        dataset: DatasetArgument = None,
        set_: Set = None,
        workers: Workers = None,
        scheduler: Scheduler = "",
        quiet: Quiet = False,
        json: Json = False,
        debug: Debug = False,
    ) -> None:
        run_stage(stage, dataset, set_, workers, quiet, json, scheduler)

    return parallel if stage in PARALLEL else elsewhere if stage in SHARED else alone


@reported
def review(
    dataset: DatasetArgument = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the review page on this machine until Ctrl-C.")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="With --serve: this port.", show_default=False)] = None,
    open_: Annotated[bool, typer.Option("--open", help="With --serve: open the page in the browser.")] = False,
    set_: Set = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the reports and the gallery, or serve the review page."""
    from pipeline.errors import UsageError

    if serve:
        serve_page(dataset, set_, port, open_, quiet, json)
    elif port is not None or open_:
        raise UsageError("--port and --open go with --serve")
    else:
        run_stage("review", dataset, set_, None, quiet, json)


def serve_page(dataset: str | None, assignments: list[str] | None, port: int | None, open_: bool, quiet: bool, json: bool) -> None:
    """Serve the review page. The dataset is held only while overrides and --set are taken up, so commands can run beside it."""
    import sys
    import threading
    import webbrowser

    from pipeline import chain
    from pipeline.errors import InUse
    from pipeline.review import serve as page

    page.check()
    terminal = Terminal(quiet=quiet)
    plan = chain.existing(dataset, assignments or [])
    try:
        with chain.opened(plan, terminal.note):
            pass
    except InUse as error:
        if assignments:
            raise
        terminal.note(f"{error}. The page works beside it; overrides in the reports are taken up by the next command")

    def ready(address: str) -> None:
        out = Output(quiet=False, json=json)  # also with --quiet: without the address there is no page
        out.line(f"review page: {address}\nCtrl-C stops it; every verdict is in {plan.dataset.review_path} at once")
        out.data(dataset=str(plan.dataset.root), url=address)
        out.flush()
        sys.stdout.flush()
        if open_:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    page.serve(plan.dataset.root, port, ready)
