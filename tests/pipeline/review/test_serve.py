"""The command that serves: it says where, ends when told, and loses nothing when killed."""

from __future__ import annotations

import builtins
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import verdicts
from pipeline.commands import app
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.review import serve as serving

posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@pytest.fixture(scope="module")
def root(make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(20)


@posix
def test_ctrl_c_ends_it_cleanly(root: Path, serve: Callable[[Path], Any]) -> None:
    served = serve(root)
    assert served.ask("/api/state")[0] == 200
    assert served.stop(signal.SIGINT) == (0, "")


@posix
def test_kill_loses_nothing_and_the_next_start_goes_on(root: Path, serve: Callable[[Path], Any]) -> None:
    first = serve(root)
    ids = json.loads(first.ask("/api/items")[2])["columns"]["id"]
    for id in ids:
        assert first.ask("/api/verdicts", "POST", {"verdicts": [{"id": id, "aspect": "keep", "value": "drop"}]})[0] == 200
    first.stop(signal.SIGKILL)
    assert verdicts.read(root / "review.csv").keep == dict.fromkeys(ids, "drop")
    second = serve(root)
    assert second.token != first.token
    assert json.loads(second.ask("/api/items")[2])["verdicts"]["keep"] == dict.fromkeys(ids, "drop")
    assert second.ask("/api/items", Cookie=f"review-{second.port}={first.token}")[0] == 403


@posix
def test_it_starts_beside_a_command_unless_it_has_to_write(root: Path, serve: Callable[[Path], Any]) -> None:
    with Dataset(root).writing("pipeline scrape many"):
        served = serve(root)
        assert served.ask("/api/items")[0] == 200
        refused = CliRunner().invoke(app, ["review", str(root), "--serve", "--set", "dedup.distance=3"])
    assert refused.exit_code == 1
    assert "in use by `pipeline scrape many`" in refused.stderr
    assert "in use by `pipeline scrape many`" in served.stop(signal.SIGINT)[1]


def test_a_port_that_is_taken_is_one_line(root: Path) -> None:
    for name in ("starlette", "uvicorn"):
        pytest.importorskip(name, reason="the page is served with starlette and uvicorn (pip install 'art-pipeline[review]')")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PipelineError, match="leave it out"):
        serving.serve(root, taken.getsockname()[1], print)


def test_what_is_missing_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("starlette", reason="without either, that one is named first")
    load = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "uvicorn":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    result = CliRunner().invoke(app, ["review", str(root), "--serve"])
    assert result.exit_code == 1
    assert result.stderr == "pipeline: --serve needs uvicorn; install it with `pip install 'art-pipeline[review]'`\n"


def test_options_of_the_page_alone_are_refused(root: Path) -> None:
    result = CliRunner().invoke(app, ["review", str(root), "--port", "8000"])
    assert result.exit_code == 2
    assert "--serve" in result.stderr
