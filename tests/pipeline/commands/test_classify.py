"""`pipeline classify --evaluate` and `--suggest` as a person types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LABELS = """id,unit_type,title,text,label
a,mobile suit,Zaku,,keep
b,assault carrier,Albion,It carries mobile suits.,drop
c,space walker,Ugly,,keep
d,space walker,Uglier,,keep
"""


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(LABELS)
    return path


def test_a_file_of_texts_needs_no_dataset(pipeline: Callable[..., Any], labels: Path, tmp_path: Path) -> None:
    done = pipeline("classify", "mahq", "--evaluate", labels, "--suggest")
    assert (done.code, done.err) == (0, "")
    assert "2 of 4 right (0.500)" in done.out
    assert 'unit_type says "space walker": no listed word' in done.out
    assert 'add to classify.keep: "space walker"' in done.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv"]


def test_json_has_every_figure(pipeline: Callable[..., Any], labels: Path) -> None:
    told = json.loads(pipeline("classify", "mahq", "--evaluate", labels, "--suggest", "--json").out)
    assert (told["items"], told["right"], told["accuracy"]) == (4, 2, 0.5)
    assert told["sides"][0] == {"side": "keep", "labelled": 3, "said": 1, "right": 1, "precision": 1.0, "recall": pytest.approx(1 / 3)}
    assert [row["id"] for row in told["mistakes"]] == ["c", "d"]
    assert [(row["keyword"], row["mends"]) for row in told["proposed"]] == [("space walker", 2)]


@pytest.mark.parametrize(("least", "code"), [("0.3", 0), ("0.34", 1)])
def test_at_least_sets_the_exit_code(pipeline: Callable[..., Any], labels: Path, least: str, code: int) -> None:
    done = pipeline("classify", "mahq", "--evaluate", labels, "--at-least", least)
    assert done.code == code
    assert ("below 0.34: the lowest of accuracy, precision and recall is 0.333" in done.err) is bool(code)


def test_a_dataset_by_its_verdicts(pipeline: Callable[..., Any], recipe: Path, tmp_path: Path) -> None:
    assert pipeline("run", recipe, "--until", "classify", "--quiet").code == 0
    root = tmp_path / "datasets" / "shapes"
    done = pipeline("classify", "--suggest")
    assert done.code == 2
    assert "no verdicts yet" in done.err
    report = (root / "reports" / "classify.csv").read_text(encoding="utf-8-sig").splitlines()
    ids = [line.split(",")[0] for line in report[1:]]
    (root / "review.csv").write_text("id,aspect,value,note,when\n" + "".join(f"{id},keep,keep,,\n" for id in [*ids[:3], "i9"]))
    before = (root / "catalog.sqlite").read_bytes()
    done = pipeline("classify", "--evaluate", root / "review.csv")
    assert done.code == 0
    assert "3 of 3 right" in done.out
    assert "review.csv row 5: no item 'i9'" in done.err
    assert (root / "catalog.sqlite").read_bytes() == before
    assert "the rules agree with all 3 labels" in pipeline("classify", "--suggest").out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["mahq", "--evaluate", "none.csv"], "none.csv: No such file"),
        (["nowhere", "--evaluate", "labels.csv"], "nowhere: neither a dataset, a built-in manifest"),
        (["mahq", "--at-least", "0.9"], "--at-least goes with --evaluate"),
        (["mahq", "--suggest"], "mahq: no such dataset"),
    ],
)
def test_wrong_usage_is_one_line(pipeline: Callable[..., Any], labels: Path, arguments: list[str], complaint: str) -> None:
    done = pipeline("classify", *arguments)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
    assert complaint in done.err
