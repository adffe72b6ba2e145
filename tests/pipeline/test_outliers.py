"""Embeddings are computed once, kept, and go with what is forgotten."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import embed, forget, outliers, steps
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.report import SILENT


def colours(images: np.ndarray) -> np.ndarray:
    """Stands in for the network: the mean colour, many times."""
    return np.tile(images.mean(axis=(1, 2)), embed.WIDTH // 3 + 1)[:, : embed.WIDTH].astype(np.float32)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Nine reddish squares and a blue one, measured."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(9):
        Image.new("RGB", (60, 50), (200 + number, 20 + number, 10)).save(folder / f"red {number}.png")
    Image.new("RGB", (60, 50), (10, 10, 220)).save(folder / "blue.png")
    root = tmp_path / "data"
    root.mkdir()
    (root / "manifest.toml").write_text(f"[[scrape]]\nsource = 'folder'\npath = '{folder.as_posix()}'\n")
    made = Dataset(root)
    with made.writing("test"):
        for name in ("scrape", "measure"):
            steps.STEPS[name](made, steps.Options(1))
        yield made


def test_the_stranger_stands_first_and_nothing_is_computed_twice(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "embed", colours)
    monkeypatch.setattr(outliers, "BATCH", 4)
    assert outliers.find(dataset, SILENT)["computed now"] == 10
    rows = list(csv.DictReader((dataset.reports / "outliers.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert (len(rows), rows[0]["title"]) == (10, "blue")
    assert outliers.find(dataset, SILENT)["computed now"] == 0
    forget.forget(dataset, rows[0]["id"])
    assert len(dataset.catalog.embeddings(embed.NAME)) == 9
    assert outliers.find(dataset, SILENT)["pictures"] == 9


def test_without_the_extra_it_says_what_to_install(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.embed import weights

    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    embed._network.cache_clear()
    with pytest.raises(PipelineError, match=r"art-pipeline\[embed\]"):
        outliers.find(dataset, SILENT)
