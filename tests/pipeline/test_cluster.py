"""The same work on a Dask cluster: three worker processes of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from pipeline import report, steps, workers
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError

PICTURES = 32


def drawing(number: int) -> Image.Image:
    image = Image.new("RGB", (90, 90), "white")
    pen = ImageDraw.Draw(image)
    for step in range(6):
        left, top = (number * 31 + step * 23) % 60 + 4, (number * 47 + step * 37) % 60 + 4
        pen.ellipse(
            (left, top, left + 20 + number % 7, top + 18 + step), fill=tuple((number * 60 + step * by) % 220 for by in (40, 90, 140))
        )
    return image


def made(root: Path) -> Dataset:
    """A dataset of drawings, some of them twice."""
    pictures = root.parents[1] / "pictures"
    if not pictures.exists():
        pictures.mkdir()
        for number in range(PICTURES):
            if number % 8 == 7:
                drawing(number - 1).resize((70, 70), Image.Resampling.LANCZOS).save(pictures / f"{number}.jpg", quality=85)
            else:
                drawing(number).save(pictures / f"{number}.png")
    root.mkdir(parents=True)
    (root / "manifest.toml").write_text(
        f"[[scrape]]\nsource = 'folder'\npath = '{pictures.as_posix()}'\n[classify]\n[filter.size]\n[dedup]\n"
        "[shard]\nshards = 8\nsize = 64\n"
    )
    return Dataset(root)


class Killer(report.Reporter):
    """Kills a worker when the first shard is done."""

    def __init__(self, pids: Callable[[], dict[str, int]]) -> None:
        self.pids = pids
        self.killed: list[int] = []

    def note(self, line: str) -> None:
        pass

    @contextmanager
    def bar(self, what: str, total: int | None = None) -> Iterator[Callable[[int], object]]:
        def advance(count: int) -> None:
            if what == "shard" and count and not self.killed:
                self.killed.append(next(iter(self.pids().values())))
                os.kill(self.killed[0], signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

        yield advance


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sharded(root: Path, count: int) -> dict[str, bytes]:
    """The shards again, by so many processes."""
    dataset = Dataset(root)
    shutil.rmtree(dataset.shards)
    with dataset.writing("test"):
        steps.shard(dataset, steps.Options(count))
    return contents(steps.shard_folder(dataset))


def through(dataset: Dataset, options: steps.Options) -> dict[str, Any]:
    with dataset.writing("test"):
        for name in ("scrape", "measure", "classify", "filter", "dedup", "shard"):
            steps.STEPS[name](dataset, options)
        return {
            "shards": contents(steps.shard_folder(dataset)),
            "measurements": dataset.catalog.table_digest("SELECT * FROM measurements ORDER BY id"),
            "dedup": dataset.catalog.decisions("dedup").to_csv(),
        }


@pytest.mark.filterwarnings("ignore")  # what Dask leaves behind when its worker is killed is its own affair
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes_as_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(steps, "BATCH", 8)
    known = through(made(tmp_path / "here" / "set"), steps.Options(1))
    for count in (2, 4):
        assert sharded(tmp_path / "here" / "set", count) == known["shards"]
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with distributed.Client(cluster, set_as_default=False) as client:
            killer = Killer(lambda: client.run(os.getpid))
            found = through(made(tmp_path / "there" / "set"), steps.Options(1, report=killer, scheduler=cluster.scheduler_address))
            assert killer.killed
            assert not set(killer.killed) & set(client.run(os.getpid).values())
        unseen = pytest.raises(PipelineError, match="every worker must have it under the same path")
        with workers.opened(1, cluster.scheduler_address) as crew, unseen:
            crew.check(tmp_path / "nowhere")
    assert "duplicate" in known["dedup"]
    assert found["shards"].keys() == known["shards"].keys()
    assert found == known


def test_without_the_extra_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'art-pipeline\[cluster\]'"), workers.opened(1, "tcp://127.0.0.1:9"):
        pass


def test_where_nobody_answers_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    from pipeline import cluster

    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    with pytest.raises(PipelineError, match="no Dask scheduler answers"), workers.opened(1, "tcp://127.0.0.1:9"):
        pass


def test_the_command_line_knows_no_dask_until_it_is_asked() -> None:
    code = "import sys, pipeline.workers, pipeline.steps; print([name for name in ('dask', 'distributed') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"
