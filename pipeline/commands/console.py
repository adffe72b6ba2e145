"""What commands print: tables or JSON on standard output; progress, notes and errors on standard error."""

from __future__ import annotations

import contextlib
import functools
import json as jsonlib
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from pipeline.errors import PipelineError
from pipeline.report import Advance, Reporter

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

P = ParamSpec("P")
R = TypeVar("R")


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what goes wrong into one line and an exit code: 1 the work failed, 2 wrong usage. --debug shows the traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            line, code = "stopped; what was done is kept, and the same command goes on from there", 1
        except BrokenPipeError:
            sys.stderr.close()  # the reader of a pipe left; nobody is listening
            raise typer.Exit(1) from None
        except Exception as error:
            if kwargs.get("debug"):
                raise
            line, code = _line(error), getattr(error, "exit_code", 1)
        print(f"pipeline: {line}", file=sys.stderr)
        raise typer.Exit(code)

    return wrapped


def _line(error: Exception) -> str:
    if isinstance(error, PipelineError):
        text = str(error)
    elif isinstance(error, OSError) and error.strerror:
        way_out = {28: "; free some space and run the command again", 30: "; the disk is read-only, work on a copy"}.get(
            error.errno or 0, ""
        )
        text = f"{error.filename2 or error.filename or 'input or output'}: {error.strerror}{way_out}"
    elif isinstance(error, sqlite3.Error):
        text = f"catalog.sqlite: {error}; is the disk full or read-only?"
    else:
        text = f"unexpected {type(error).__name__}: {error}; please report this, with what --debug shows"
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The same without control characters (but line breaks), which a site could use to play with the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class Terminal(Reporter):
    """Draws progress bars on a terminal, and prints notes; with `quiet`, neither."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console: Console | None = None  # what draws at the moment; notes go above it
        self._above: Callable[[], Sequence[str]] = list  # lines above the bar

    @contextlib.contextmanager
    def bar(self, what: str, total: int | None = None) -> Iterator[Advance]:
        """A bar with rate and remaining time, where standard error is a terminal."""
        if self._quiet or not sys.stderr.isatty():
            yield lambda n: None
            return
        from rich.console import Console, RenderableType
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="progress.data.speed")

        above = self._drawn

        class Bar(Progress):
            def get_renderables(self) -> Iterator[RenderableType]:
                if lines := above():
                    yield lines
                yield from super().get_renderables()

        columns = [TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn()]
        with self._drawing(Console(stderr=True)) as console, Bar(*columns, console=console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda n: progress.advance(task, n)

    @contextlib.contextmanager
    def live(self, lines: Callable[[], Sequence[str]]) -> Iterator[None]:
        """The lines, drawn anew some times a second, where standard error is a terminal."""
        if self._quiet or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.live import Live

        self._above = lines
        try:
            if self._console is not None:  # a bar draws them
                yield
                return
            with self._drawing(Console(stderr=True)) as console, Live(get_renderable=self._drawn, console=console, transient=True):
                yield
        finally:
            self._above = list

    def _drawn(self) -> Text:
        from rich.text import Text

        return Text("\n".join(printable(line) for line in self._above()), no_wrap=True, overflow="ellipsis")

    def progress(self, text: str) -> None:
        """The line, where no bar is drawn: standard error is not a terminal."""
        if not sys.stderr.isatty():
            self.note(text)

    def note(self, text: str) -> None:
        """One line on standard error."""
        if self._quiet:
            return
        if self._console is not None:
            self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
        else:
            print(printable(text), file=sys.stderr)

    @contextlib.contextmanager
    def _drawing(self, console: Console) -> Iterator[Console]:
        self._console = console
        try:
            yield console
        finally:
            self._console = None


class Output:
    """Results on standard output, as tables for people or as one JSON object for machines."""

    def __init__(self, *, quiet: bool, json: bool) -> None:
        self._quiet, self._json = quiet, json
        self._collected: dict[str, Any] = {}

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Print a table (not in JSON mode)."""
        if self._quiet or self._json:
            return
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(
            title=escape(title),
            title_justify="left",
            title_style="bold",
            header_style="dim",
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
            show_header=any(columns),
        )
        for name, *values in zip(columns, *rows, strict=True) if rows else ((name,) for name in columns):
            table.add_column(name, justify="right" if values and all(isinstance(value, (int, float)) for value in values) else "left")
        for row in rows:
            table.add_row(*(_shown(value) for value in row))
        Console(width=None if sys.stdout.isatty() else 160).print(table)

    def line(self, text: str) -> None:
        """Print a line (not in JSON mode)."""
        if not self._quiet and not self._json:
            print(printable(text))

    def data(self, **values: Any) -> None:
        """Collect values for the JSON object."""
        self._collected.update(values)

    def flush(self) -> None:
        """Print the JSON object, in JSON mode."""
        if self._json:
            print(jsonlib.dumps(_finite(self._collected), default=str))  # ASCII: a terminal obeys no escape in it


def _finite(value: Any) -> Any:
    """The same with None for NaN, which is not JSON."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and value != value else value


def _shown(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else escape(printable(str(value)))


def _lines(before: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a dictionary in a dictionary holds, a line for each, short numbers."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _lines(before, value)
        else:
            yield f"{before}{key}", f"{value:.3g}" if isinstance(value, float) else value


def show_stage(out: Output, name: str, summary: dict[str, Any]) -> None:
    """A stage's summary as the table a person expects of it."""
    if "kept" in summary:
        rows = [
            ("kept", summary["kept"]),
            ("dropped", summary["dropped"]),
            *((f"  {rule}", count) for rule, count in summary["by"].items()),
        ]
        if "conflicts" in summary:
            rows.append(("sightings disagree", summary["conflicts"]))
        out.table(name, ["", "items"], rows)
        return
    rows = []
    for key, value in summary.items():
        if key == "examples" and not any(isinstance(example, int) for example in value.values()):
            continue
        if isinstance(value, dict):
            rows += list(_lines(f"{key}: ", value))
        elif not isinstance(value, list) and value is not None:
            rows.append((key.replace("_", " "), value))
    out.table(name, ["", ""], rows)
    for kind, example in summary.get("examples", {}).items():
        if not isinstance(example, int):
            out.line(f"{kind}, such as {example}")
