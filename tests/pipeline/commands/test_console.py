"""One line for an error, whatever it was; tables for people, one object for machines."""

from __future__ import annotations

import errno
import io
import json
import sqlite3
import time

import pytest
import typer

from pipeline.commands.console import Output, Terminal, reported, show_stage
from pipeline.errors import PipelineError, UsageError


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PipelineError("a.png: is\nbroken"), 1, "pipeline: a.png: is broken"),
        (UsageError("no such thing"), 2, "pipeline: no such thing"),
        (OSError(errno.ENOSPC, "No space left on device", "/d/x"), 1, "/d/x: No space left on device; free some space"),
        (OSError(errno.EROFS, "Read-only file system", "/d/x"), 1, "the disk is read-only"),
        (sqlite3.OperationalError("disk I/O error"), 1, "catalog.sqlite: disk I/O error"),
        (KeyError("x"), 1, "unexpected KeyError"),
        (KeyboardInterrupt(), 1, "stopped; what was done is kept"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    @reported
    def command(debug: bool = False) -> None:
        raise error

    with pytest.raises(typer.Exit) as caught:
        command()
    assert caught.value.exit_code == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    if isinstance(error, Exception):
        with pytest.raises(type(error)):
            command(debug=True)


def test_a_table_holds_what_it_is_given_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Output(quiet=False, json=False).table("title", ["name", "n"], [["[red]x[/red]", 1234], ["y", None]])
    said = capsys.readouterr().out
    assert "[red]x[/red]" in said
    assert "1,234" in said


def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(quiet=False, json=True)
    out.line("not this")
    show_stage(out, "filter", {"items": 2, "kept": 1, "dropped": 1, "by": {"size": 1}})
    out.data(stage="filter")
    out.flush()
    assert json.loads(capsys.readouterr().out) == {"stage": "filter"}


def test_no_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal(quiet=False).bar("work", 3) as advance:
        advance(3)
    said = capsys.readouterr()
    assert said.out + said.err == ""


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def _screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal in place of standard error; not as a fixture, since pytest puts its own there before the test begins."""
    shown = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", shown)
    return shown


def test_live_lines_inside_a_bar_stand_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    terminal = Terminal(quiet=False)
    with terminal.bar("work", 3) as advance, terminal.live(lambda: ["so far so good", "\x1b[2Jno tricks"]):
        advance(3)
        terminal.note("a note")
        time.sleep(0.4)  # it draws ten times a second
    said = screen.getvalue()
    assert said.index("so far so good") < said.rindex("work")
    assert "\x1b[2J" not in said
    assert "a note" in said


def test_progress_is_for_those_who_see_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    Terminal(quiet=False).progress("half way")
    assert screen.getvalue() == ""
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    Terminal(quiet=False).progress("half way")
    Terminal(quiet=True).progress("not this")
    assert log.getvalue() == "half way\n"
