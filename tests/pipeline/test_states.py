"""States of datasets, read from a dataset, from a copy of its catalog, and from neither."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import states, verdicts
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest

RECIPE = """
[[scrape]]
source = "mahq"
[classify]
keep = ["suit"]
[filter.size]
min_side = 70
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "art"
    made.mkdir()
    (made / "manifest.toml").write_text(RECIPE)
    with contextlib.closing(Dataset(made)) as dataset:
        dataset.catalog.put_item("i1", "1" * 64, "png", 1, 0.0)
        said = {
            "page_url": "http://m/1",
            "image_url": "http://m/1.png",
            "title": "One",
            "fields": {},
            "text": "",
            "license": "",
            "author": "",
        }
        dataset.catalog.put_sighting("i1", "mahq", {**said, "credit": ""}, 0.0)
        frame = pd.DataFrame(
            [["i1", "drop", "size", 1.0, 70.0, "small"]], columns=["id", "decision", "rule", "score", "threshold", "reason"]
        )
        dataset.catalog.put_decisions("filter", frame)
    verdicts.append(made / "review.csv", "i1", "keep", "keep")
    verdicts.append(made / "review.csv", "i1", "same", "no i2")
    return made


def test_a_dataset(root: Path) -> None:
    for reference in (str(root), str(root / "catalog.sqlite")):
        state = states.load(reference)
        assert state.items.loc["i1", ["title", "page_url", "image_url", "pixels"]].tolist() == ["One", "http://m/1", "http://m/1.png", None]
        assert state.decisions["filter"]["rule"].tolist() == ["size"]
        assert state.keep == {"i1": "keep"}
        assert state.said == {("keep", "i1"): "keep", ("same", "i1 i2"): "no"}
        assert state.settings is not None
        assert state.settings["filter.size.min_side"] == 70


def test_a_copy_of_a_catalog_is_left_as_it_is(root: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(root / "catalog.sqlite", tmp_path / "friday.sqlite"))
    before = copy.read_bytes()
    state = states.load(str(copy))
    assert list(state.items.index) == ["i1"]
    assert (state.keep, state.said, state.settings) == (None, None, None)
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["art", "friday.sqlite"]


def test_settings_by_dotted_key() -> None:
    found = states.flat(Manifest.parse(RECIPE + "\n[filter.photo]\n"))
    assert found["filter.size"] == found["filter.photo"] == "on"
    assert found["classify.keep"] == ["suit"]
    assert found["scrape.source"] == "mahq"
    assert found["dedup.distance"] == 10  # a default
    two = states.flat(Manifest.parse(RECIPE + '\n[[scrape]]\nsource = "mahq"\ndelay = 9\n'))
    assert (two["scrape 1.delay"], two["scrape 2.delay"]) == (2.0, 9.0)


def test_what_is_no_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"friday.sqlite: no such file"):
        states.load(str(tmp_path / "friday.sqlite"))
    with pytest.raises(UsageError, match="nowhere: no such dataset"):
        states.load("nowhere")
    (tmp_path / "text.sqlite").write_text("not a catalog at all, but long enough to be read as one" * 20)
    with pytest.raises(PipelineError, match="text.sqlite: not a usable catalog"):
        states.load(str(tmp_path / "text.sqlite"))
