"""Labels in a file, and what they are about: texts of their own, items, pages, or a person's verdicts."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from pipeline import evaluation, verdicts
from pipeline.curate.evaluate import evaluate
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError

RECIPE = """
[[scrape]]
source = "mahq"
[classify]
field = "unit_type"
keep = ["mobile suit"]
drop = ["carrier"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "art"
    made.mkdir()
    (made / "manifest.toml").write_text(RECIPE)
    with contextlib.closing(Dataset(made)) as dataset:
        for number, kind in enumerate(["mobile suit", "carrier", "hover bike"]):
            id, page = f"i{number}", f"http://m/{number}"
            dataset.catalog.put_item(id, str(number) * 64, "png", 1, 0.0)
            for place in (page, "http://m/index")[: 1 + (number < 2)]:
                said = {"page_url": place, "image_url": f"http://m/{number}.png", "title": id, "fields": {"unit_type": kind}, "text": ""}
                dataset.catalog.put_sighting(id, "mahq", {**said, "license": "", "author": "", "credit": ""}, 0.0)
    return made


def labels(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(trial: evaluation.Trial) -> list[str]:
    return list(evaluate(trial.sightings, trial.labels, trial.settings).mistakes["id"])


def test_items_are_named_by_id(root: Path, tmp_path: Path) -> None:
    path = labels(tmp_path / "l.csv", "title,id,label\nx,i0,Keep\nx,i1, keep \nx,i2,\nx,i9,drop\n")
    trial = evaluation.from_file(str(root), [], path)
    assert trial.labels == {"i0": "keep", "i1": "keep"}
    assert trial.strangers == [f"{path} row 5: no item 'i9' in {root}"]
    assert mistakes(trial) == ["i1"]


def test_pages_are_named_by_their_address(root: Path, tmp_path: Path) -> None:
    trial = evaluation.from_file(str(root), [], labels(tmp_path / "l.csv", "page_url,label\nhttp://m/1,drop\nhttp://m/index,drop\n"))
    assert mistakes(trial) == ["http://m/index"]  # one of the pictures there is a suit


def test_texts_stand_for_themselves(tmp_path: Path) -> None:
    path = labels(tmp_path / "l.csv", "unit_type;title;text;label;series\nmobile suit;a;;keep;x\n;b;It is a truck.;keep;x\n")
    trial = evaluation.from_file("mahq", [], path)
    assert trial.labels == {"row 2": "keep", "row 3": "keep"}
    assert trial.sightings["fields"].tolist()[0] == {"unit_type": "mobile suit", "series": "x"}
    assert mistakes(trial) == ["row 3"]


def test_the_rules_are_those_of_a_dataset_of_that_name(root: Path, tmp_path: Path) -> None:
    path = labels(tmp_path / "l.csv", "unit_type,label\nmobile fighter,drop\n")
    assert mistakes(evaluation.from_file(str(root), [], path)) == []
    assert mistakes(evaluation.from_file("mahq", [], path)) == ["row 2"]
    before = (root / "manifest.toml").read_bytes()
    assert mistakes(evaluation.from_file(str(root), ['classify.keep=["mobile fighter"]'], path)) == ["row 2"]
    assert (root / "manifest.toml").read_bytes() == before


def test_a_review_serves_as_labels(root: Path) -> None:
    review = root / "review.csv"
    for id, value in (("i0", "drop"), ("i1", "drop"), ("i0", "keep"), ("i9", "keep")):
        verdicts.append(review, id, "keep", value)
    verdicts.append(review, "i2", "facing", "left")
    trial = evaluation.from_file(str(root), [], review)
    assert trial.labels == {"i0": "keep", "i1": "drop"} == evaluation.from_verdicts(str(root), []).labels
    assert trial.strangers == [f"{review} row 5: no item 'i9' in {root}"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("id,label\ni0,ja\n", "row 2: label 'ja' is not keep or drop"),
        ("id,label\ni0,TRUE\n", "row 2: label 'TRUE' is not keep or drop"),
        ("id,labels\ni0,keep\n", "no column label"),
        ("id,label\ni0,\n", "no row has a label"),
        ("", "no column label"),
        ("title,label\nx,keep\n", "neither which item is meant .`id` or `page_url`. nor what its page says .`unit_type` or `text`"),
        ("id,label\ni0,keep\ni0,drop\n", "row 3 says drop for i0, but row 2 says keep"),
        ("id,text,label\na,x,keep\na,y,keep\n", "row 3: the id 'a' stands there twice"),
        ("id,label\ni8,keep\ni9,keep\n", "row 2: no item 'i8' in .*, nor any other"),
    ],
)
def test_what_cannot_be_used_is_refused_by_row(root: Path, tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(PipelineError, match=f"l.csv.*{complaint}"):
        evaluation.from_file(str(root), [], labels(tmp_path / "l.csv", text))


def test_what_is_not_there_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.csv: No such file"):
        evaluation.from_file(str(root), [], tmp_path / "none.csv")
    with pytest.raises(UsageError, match="nowhere"):
        evaluation.from_file("nowhere", [], labels(tmp_path / "l.csv", "text,label\na,keep\n"))
    with pytest.raises(UsageError, match="no verdicts yet"):
        evaluation.from_verdicts(str(root), [])
