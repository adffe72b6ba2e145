"""Measuring many images: in processes, whatever one of them does to its process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from pipeline import steps
from pipeline.measure import registry


@pytest.fixture
def todo(tmp_path: Path) -> list[tuple[str, str]]:
    tasks = []
    for number in range(steps.INLINE + 6):
        path = tmp_path / f"{number:02}.png"
        Image.new("RGB", (20 + number, 20), (number * 8, 20, 200)).save(path)
        tasks.append((str(path), f"i{number:02}"))
    return tasks


def flat(batches) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    return [row for rows in batches for row in rows]


def test_any_number_of_workers_gives_the_same_rows(todo: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 8)
    alone = [registry.measure_file(path, id) for path, id in todo]
    assert flat(steps._measured(todo, 2)) == alone
    assert flat(steps._measured(todo[:4], 2)) == alone[:4]


def _fatal(batch):  # type: ignore[no-untyped-def]
    """Stands in for a decoder that takes its process down."""
    if any(id == "i05" for _, id in batch):
        os._exit(139)
    return [{"id": id, "error": None, "detail": ""} for _, id in batch]


def test_a_picture_that_kills_its_process_is_one_row(todo: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 15)
    monkeypatch.setattr(steps, "_measure_batch", _fatal)
    rows = flat(steps._measured(todo, 2))
    assert [row["id"] for row in rows] == [id for _, id in todo]
    assert {row["id"] for row in rows if row["error"] == "crashed"} == {"i05"}
