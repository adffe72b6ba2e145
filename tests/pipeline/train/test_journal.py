from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.train import events, journal, rows


def _row(step: int) -> dict[str, float]:
    return {name: step if name == "step" else step / 7 for name in journal.COLUMNS}


def test_rows_are_appended_under_one_heading(tmp_path: Path) -> None:
    book = journal.Journal(tmp_path, 0)
    for step in (1, 2):
        book.add(_row(step))
    book.close()
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[0] == ",".join(journal.COLUMNS + journal.SCORES)
    assert lines[2].startswith("2,0.285714,")
    assert len(lines) == 3


def test_going_back_drops_the_rows_after_and_a_line_cut_short(tmp_path: Path) -> None:
    book = journal.Journal(tmp_path, 0)
    for step in (1, 2, 3):
        book.add(_row(step))
    book.close()
    path = tmp_path / "metrics.csv"
    path.write_text(path.read_text()[:-20])
    journal.Journal(tmp_path, 1).close()
    assert [row["step"] for row in journal.read(path)] == ["1"]
    journal.Journal(tmp_path, 5).close()
    assert [row["step"] for row in journal.read(path)] == ["1"]


def test_scores_stand_where_the_run_was_evaluated_and_rows_without_them_are_kept(tmp_path: Path) -> None:
    book = journal.Journal(tmp_path, 0)
    book.add(_row(1))
    book.add(_row(2) | {"kid": 0.25, "nearest": 0.5, "seconds": 3})
    book.close()
    journal.Journal(tmp_path, 2).close()
    rows = journal.read(tmp_path / "metrics.csv")
    assert [[row[name] for name in ("step", "kid", "color", "nearest")] for row in rows] == [["1", "", "", ""], ["2", "0.25", "", "0.5"]]


def test_there_is_a_column_for_every_score() -> None:
    from pipeline.train import metrics

    assert tuple(metrics.SCORES) == journal.SCORES


def test_a_table_from_before_there_were_scores_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(",".join(journal.COLUMNS) + "\n" + ",".join(["7"] * len(journal.COLUMNS)) + "\n")
    journal.Journal(tmp_path, 7).close()
    assert path.read_text().splitlines() == [
        ",".join(journal.COLUMNS + journal.SCORES),
        ",".join(["7"] * len(journal.COLUMNS)) + "," * len(journal.SCORES),
    ]


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_table_that_a_spreadsheet_saved_goes_on(tmp_path: Path, change: Callable[[str], str]) -> None:
    book = journal.Journal(tmp_path, 0)
    book.add(_row(1))
    book.close()
    path = tmp_path / "metrics.csv"
    path.write_bytes(change(path.read_text()).encode())
    journal.Journal(tmp_path, 1).close()
    assert [row["step"] for row in journal.read(path)] == ["1"]


def test_a_table_with_another_heading_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step;kimg\n1;2\n")
    with pytest.raises(PipelineError, match=r"metrics\.csv: begins with 'step;kimg', not with the column 'step'.*commas"):
        journal.Journal(tmp_path, 1)
    assert path.read_text() == "step;kimg\n1;2\n"


def test_rows_wait_while_another_program_holds_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(path: Path, line: str) -> None:
        raise PermissionError(13, "in use", str(path))

    book = journal.Journal(tmp_path, 0)
    with monkeypatch.context() as patch:
        patch.setattr(files, "append_line", held)
        book.add(_row(1))
        book.add(_row(2))
    assert journal.read(tmp_path / "metrics.csv") == []
    book.add(_row(3))
    assert [row["step"] for row in journal.read(tmp_path / "metrics.csv")] == ["1", "2", "3"]
    monkeypatch.setattr(files, "append_line", held)
    with pytest.raises(PermissionError):
        for step in range(4, 5 + rows.MOST_WAITING):
            book.add(_row(step))


def test_tensorboard_gets_the_numbers_and_the_grid(tmp_path: Path) -> None:
    loading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    book = journal.Journal(tmp_path, 0)
    book.add(_row(4) | {"kid": 0.5})
    book.picture(4, np.zeros((8, 8, 3), np.uint8))
    book.close()
    read = loading.EventAccumulator(str(tmp_path / "events"), size_guidance={"tensors": 0}).Reload()
    assert set(read.Tags()["tensors"]) == {*journal.COLUMNS[2:], "scores/kid", "samples"}


def test_without_tensorboard_there_are_no_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events.importlib.util, "find_spec", lambda name: None)
    book = journal.Journal(tmp_path, 0)
    book.add(_row(1))
    book.picture(1, np.zeros((8, 8, 3), np.uint8))
    book.close()
    assert not (tmp_path / "events").exists()
    assert len(journal.read(tmp_path / "metrics.csv")) == 1
