from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import PipelineError, UsageError
from pipeline.train.latent import Pick
from pipeline.train.use import labels


def test_labels_are_read_by_picture(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("\ufeffnumber,label,seed,note\r\n3, left ,,x\r\n4,right,5,\r\n6,,,\r\n3,left,,again\r\n", encoding="utf-8")
    assert labels.read(path, seed=2) == {Pick(2, 3): "left", Pick(5, 4): "right"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("number,side\n1,left\n", "columns number and label"), ("number,label\n1,a\nx,a\n", "line 3"), ("number,label\n1,a\n1,b\n", "line 3")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "l.csv").write_text(text)
    with pytest.raises(PipelineError, match=message):
        labels.read(tmp_path / "l.csv")
    with pytest.raises(UsageError, match="no such file"):
        labels.read(tmp_path / "m.csv")
