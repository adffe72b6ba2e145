"""The built wheel works outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, as pip lays them out."""
    pytest.importorskip("build", reason="building a wheel needs the packages build and hatchling")
    pytest.importorskip("hatchling", reason="building a wheel needs the packages build and hatchling")
    dist, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True)
    return target


def run(installed: Path, here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = "import sys, pipeline; print(pipeline.__file__, file=sys.stderr); from pipeline.commands import app; app()"
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=here, env=environment, capture_output=True, text=True, check=False)


def test_only_the_three_packages_are_installed(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} <= {
        "pipeline",
        "sources",
        "manifests",
        "bin",
    }
    assert (installed / "bin" / "pipeline").exists() or (installed / "bin" / "pipeline.exe").exists()


def test_the_chain_runs_in_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    pytest.importorskip("robohash", reason="the demo site is drawn from robohash's parts")
    done = run(installed, tmp_path, "run", "demo", "--until", "shard", "--set", "scrape.units=200", "--limit", "40", "--json")
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stderr.splitlines()[0]
    assert (tmp_path / "datasets" / "demo" / "reports" / "index.html").exists()
    assert (tmp_path / "datasets" / "demo" / "shards" / "tfrecord-64" / "SHA256SUMS").exists()
    assert run(installed, tmp_path, "manifests", "show", "mahq").returncode == 0
