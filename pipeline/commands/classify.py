"""classify: the stage, and how its rules do against labels."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet, Set

if TYPE_CHECKING:
    from pipeline.curate.evaluate import Report
    from pipeline.curate.suggest import Suggestions

Evaluate = Annotated[
    Path | None,
    typer.Option(
        "--evaluate",
        metavar="CSV",
        help="Compare the rules with labels (a column `label`: keep or drop; with id, page_url, or the texts themselves), and decide "
        "nothing. DATASET may be a manifest if the file has the texts.",
    ),
]
Suggest = Annotated[bool, typer.Option("--suggest", help="Propose keywords from your verdicts, or from the labels of --evaluate.")]
AtLeast = Annotated[
    float | None,
    typer.Option("--at-least", min=0, max=1, help="With --evaluate: exit with 1 if accuracy, precision or recall is lower."),
]


@reported
def classify(
    dataset: DatasetArgument = None,
    evaluate: Evaluate = None,
    suggest: Suggest = False,
    at_least: AtLeast = None,
    set_: Set = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Keep or drop by keywords in the text that came with a picture.

    With --evaluate or --suggest it only looks: no decision is taken, and --set holds for this once.
    """
    from pipeline import evaluation
    from pipeline.commands.curate import run_stage
    from pipeline.errors import UsageError

    if at_least is not None and evaluate is None:
        raise UsageError("--at-least goes with --evaluate FILE")
    if evaluate is None and not suggest:
        run_stage("classify", dataset, set_, None, quiet, json)
        return
    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    trial = evaluation.from_file(dataset, set_ or [], evaluate) if evaluate else evaluation.from_verdicts(dataset, set_ or [])
    for line in trial.strangers[:5]:
        terminal.note(line)
    if len(trial.strangers) > 5:
        terminal.note(f"and {len(trial.strangers) - 5} more labels that fit nothing there")
    out.data(labels=len(trial.labels), strangers=trial.strangers)
    failed = False
    if evaluate:
        from pipeline.curate.evaluate import evaluate as compare

        report = compare(trial.sightings, trial.labels, trial.settings)
        _show_report(out, report, mistakes=not suggest)  # which lists them anew
        failed = at_least is not None and report.worst() < at_least
        if failed:
            terminal.note(f"below {at_least}: the lowest of accuracy, precision and recall is {report.worst():.3f}")
    if suggest:
        from pipeline.curate.suggest import suggest as propose

        _show_suggestions(out, propose(trial.sightings, trial.labels, trial.settings))
    out.flush()
    if failed:
        raise typer.Exit(1)


def _show_report(out: Output, report: Report, mistakes: bool) -> None:
    out.table("against the labels", list(report.sides.columns), report.sides.values.tolist())
    out.table("by rule", list(report.rules.columns), report.rules.values.tolist())
    shown = report.mistakes[["id", "title", "label", "decision", "rule", "reason"]]
    if mistakes and len(shown):
        out.table("mistakes", list(shown.columns), shown.values.tolist())
    out.line(f"{report.right:,} of {report.items:,} right ({report.accuracy:.3f})")
    out.data(
        items=report.items,
        right=report.right,
        accuracy=report.accuracy,
        sides=report.sides.to_dict("records"),
        rules=report.rules.to_dict("records"),
        mistakes=report.mistakes.to_dict("records"),
    )


def _show_suggestions(out: Output, found: Suggestions) -> None:
    if len(found.wrong):
        out.table(
            f"labels that the rules miss ({len(found.wrong)} of {found.labels})", list(found.wrong.columns), found.wrong.values.tolist()
        )
    else:
        out.line(f"the rules agree with all {found.labels} labels")
    if len(found.proposed):
        out.table("proposed keywords", list(found.proposed.columns), found.proposed.values.tolist())
        for side, rows in found.proposed.groupby("list", sort=False):
            listed = ", ".join(jsonlib.dumps(word, ensure_ascii=False) for word in rows["keyword"])
            out.line(f"add to classify.{side}: {listed}")
        out.line(f"together they mend {(found.wrong['mended by'] != '').sum()} of {len(found.wrong)}; look at each before you add it")
    elif len(found.wrong):
        out.line("no word or two-word phrase mends more of them than it breaks")
    if len(found.further):
        out.table("telling words that change no label", list(found.further.columns), found.further.values.tolist())
    out.data(
        proposed=found.proposed.to_dict("records"),
        further=found.further.to_dict("records"),
        wrong=found.wrong.to_dict("records"),
    )
