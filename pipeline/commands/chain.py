"""scrape, run, status, demo: what starts from a manifest."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.console import Output, Terminal, reported, show_stage
from pipeline.commands.options import DatasetArgument, Debug, Into, Json, Limit, Quiet, Reference, Scheduler, Set, Workers

Until = Annotated[str, typer.Option("--until", metavar="STAGE", help="Stop after this stage: scrape, measure, …, shard or train.")]


@reported
def scrape(
    manifest: Reference,
    into: Into = None,
    set_: Set = None,
    limit: Limit = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; read again the pages that are stored.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Fetch a site's pages and pictures, politely.

    A second time it asks only for what failed for passing reasons or is older than `revisit_days`. Ctrl-C stops it; the same
    command goes on from there.
    """
    from pipeline import chain, steps

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what ends a job keeps as much as Ctrl-C does
    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.plan(manifest, into, set_ or [])
    with chain.opened(plan, terminal.note) as dataset:
        summary = steps.scrape(dataset, steps.Options(1, limit, terminal, offline))
    show_stage(out, "scrape", summary)
    out.line(f"dataset: {plan.dataset.root}")
    out.data(stage="scrape", dataset=str(plan.dataset.root), **summary)
    out.flush()


@reported
def run(
    manifest: Reference,
    into: Into = None,
    set_: Set = None,
    limit: Limit = None,
    workers: Workers = None,
    scheduler: Scheduler = "",
    until: Until = "train",
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Run the whole chain, only what is stale."""
    from pipeline import chain
    from pipeline.steps import Options
    from pipeline.workers import default_count

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.plan(manifest, into, set_ or [])
    whole(plan, Options(workers or default_count(), limit, terminal, scheduler=scheduler), until, out)
    out.flush()


def whole(plan: Any, options: Any, until: str, out: Output) -> None:
    """The chain on a planned dataset, each stage's summary printed as it ends."""
    from pipeline import chain, stages, training
    from pipeline.errors import UsageError

    if until not in stages.STAGES:
        raise UsageError(f"--until {until}: no such stage; there are {', '.join(stages.STAGES)}")
    done: dict[str, Any] = {}
    with chain.opened(plan, options.report.note) as dataset:
        for name, summary in chain.run(dataset, options, until):
            done[name] = summary
            if summary is None:
                out.line(f"{name}: up to date")
            else:
                show_stage(out, name, summary)
    if until == "train":
        trained = training.train(plan.dataset, options.report)
        done["train"] = trained
        if trained is None:
            out.line("train: up to date")
        else:
            show_stage(out, "train", trained)
    out.data(dataset=str(plan.dataset.root), stages=done)


@reported
def status(dataset: DatasetArgument = None, quiet: Quiet = False, json: Json = False, debug: Debug = False) -> None:
    """Say what is there, and which stages are stale and why."""
    from pipeline import forget as takedown
    from pipeline import stages
    from pipeline.dataset import Dataset, find

    out = Output(quiet=quiet, json=json)
    held = Dataset(find(dataset), read_only=True)
    try:
        _ = held.manifest  # a broken recipe is the first thing to say
        states = stages.state(held)
        count = held.catalog.item_count()
        forgotten, left = len(held.catalog.tombstones()), takedown.left(held)
    finally:
        held.close()
    rows = [
        (
            state.name,
            state.state,
            time.strftime("%Y-%m-%d %H:%M", time.localtime(state.finished_at)) if state.finished_at else "",
            state.why,
        )
        for state in states
    ]
    out.table(f"{held.root}: {count:,} items", ["stage", "state", "finished", "why"], rows)
    if forgotten:
        out.line(f"{forgotten} taken down")
    for line in left:
        out.line(line)
    if any(state.state != "fresh" for state in states):
        out.line(f"`pipeline run {held.root}` brings all up to date")
    out.data(
        dataset=str(held.root),
        items=count,
        forgotten=forgotten,
        left=left,
        stages={state.name: {"state": state.state, "why": state.why} for state in states},
    )
    out.flush()


@reported
def demo(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The dataset directory.")] = Path("datasets/demo"),
    set_: Set = None,
    until: Until = "train",
    workers: Workers = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Try the whole chain on an embedded site, offline.

    It takes minutes, and ends with precision and recall of every stage against the known truth.
    """
    from pipeline import chain
    from pipeline import demo as truth
    from pipeline.dataset import Dataset
    from pipeline.steps import Options
    from pipeline.workers import default_count

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.plan("demo", into, set_ or [])
    whole(plan, Options(workers or default_count(), None, terminal), until, out)
    held = Dataset(plan.dataset.root, read_only=True)
    try:
        table, mistakes = truth.evaluate(held), truth.mistakes(held)
    finally:
        held.close()
    out.table("against the truth", list(table.columns), table.values.tolist())
    if len(mistakes):
        out.table("mistakes", list(mistakes.columns), mistakes.head(20).values.tolist())
    out.line(f"look at {held.reports / 'index.html'}" + (f" and {held.runs}" if until == "train" else ""))
    out.data(truth=table.to_dict("records"))
    out.flush()


def register_start(app: typer.Typer) -> None:
    """Add `scrape`."""
    app.command()(scrape)


def register_whole(app: typer.Typer) -> None:
    """Add the commands that run or describe the whole chain."""
    for command in (run, status, demo):
        app.command()(command)
