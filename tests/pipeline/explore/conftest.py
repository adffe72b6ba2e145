"""A served sliders page of an untrained generator, and the browser of the review page's tests."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def _from(path: Path, name: str) -> object:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


browser = _from(HERE.parent / "review" / "conftest.py", "explore_browser").browser  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def run(drawable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of its own, with two directions that fit and one that was learnt on another generator."""
    from pipeline.train import load
    from pipeline.train.use import directions

    run = tmp_path_factory.mktemp("explored") / "robots"
    shutil.copytree(drawable, run)
    generator = load(run)
    for one in directions.sefa(generator, 2):
        directions.save(run, directions.measured(generator, one, 20))
    directions.save(run, directions.Direction("old", "sefa", (1.0,) * 8, "0" * 64))
    return run


@pytest.fixture(scope="session")
def address(run: Path) -> Iterator[str]:
    """The address of the page, served by the command."""
    pytest.importorskip("starlette", reason="the page is served with starlette and uvicorn (pip install 'art-pipeline[review]')")
    pytest.importorskip("uvicorn", reason="the page is served with starlette and uvicorn (pip install 'art-pipeline[review]')")
    command = [sys.executable, str(ROOT / "cli.py"), "directions", str(run), "--serve", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr and process.stderr.read()
    yield json.loads(line)["url"]
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert "old" in errors  # what was passed over is told
