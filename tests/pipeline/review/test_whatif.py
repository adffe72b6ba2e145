"""A preview says what the commands would decide, and opens no image."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import images
from pipeline.curate import dedup, filter, final
from pipeline.curate.likeness import Pictures
from pipeline.dataset import Dataset
from pipeline.review import sliders, snapshot, whatif
from pipeline.review.desk import Desk
from pipeline.verdicts import Verdicts


@pytest.fixture
def root(make_dataset: Callable[..., Path]) -> Path:
    return make_dataset(60)


def look(root: Path) -> tuple[snapshot.Snapshot, whatif.Whatif]:
    found = snapshot.take(root)
    return found, whatif.Whatif(found, lambda: snapshot.all_measurements(root))


def dropped(words: whatif.Words, found: snapshot.Snapshot) -> dict[str, str]:
    return {id: word for id, word in zip(found.ids, words, strict=True) if word}


@pytest.mark.parametrize(
    "values", [{}, {"filter.photo.likeness": 0.1}, {"filter.photo.likeness": 0.33, "filter.size.min_side": 100}, {"dedup.distance": 16}]
)
def test_exact_is_what_the_commands_decide(root: Path, values: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = look(root)
    said = Verdicts(
        keep={found.ids[1]: "drop", found.ids[9]: "keep"},
        same={(found.ids[0], found.ids[8]): "no", (found.ids[20], found.ids[21]): "yes"},
    )
    monkeypatch.setattr(images, "open_image", lambda file: pytest.fail("an image was opened"))
    recipe = sliders.moved(found.manifest, values)
    after = asked.after(recipe, said, exact=True)

    judged = filter.decide(found.measurements, recipe.filter)
    copies = dedup.decide(snapshot.all_measurements(root), final.survivors(found.classify, judged, said.keep), said.same, recipe.dedup)
    truth = final.decide(found.classify, judged, copies, said.keep)
    expected = {row["id"]: f"{row['stage']}: {row['rule']}" for row in truth.to_dict("records") if row["decision"] == "drop"}
    assert dropped(after, found) == expected


def test_quick_judges_anew_and_leaves_the_copies(root: Path) -> None:
    found, asked = look(root)
    before = asked.before(Verdicts())
    assert (asked.after(found.manifest, Verdicts(), exact=False) == before).all()
    looser = asked.after(sliders.moved(found.manifest, {"filter.photo.likeness": 1}), Verdicts(), exact=False)
    assert set(dropped(looser, found).values()) == {"dedup: duplicate"}
    assert {found.ids[8], found.ids[9]} <= set(dropped(looser, found))


def test_changes_count_both_ways() -> None:
    before = np.array(["", "filter: photo", "filter: size", ""], dtype=object)
    after = np.array(["filter: photo", "", "filter: size", ""], dtype=object)
    assert whatif.changes(before, after) == {
        "kept": [1],
        "dropped": [0],
        "rules": ["filter: photo"],
        "counts": {"filter: photo": [1, 1], "filter: size": [1, 1]},
        "total": [2, 2],
    }


def test_stages_that_have_not_run_drop_nothing(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy")
    dataset = Dataset(tmp_path / "copy")
    with dataset.writing("test"):
        empty = pd.DataFrame(columns=["id", "decision", "rule", "score", "threshold", "reason"])
        for stage in ("filter", "dedup"):
            dataset.catalog.put_decisions(stage, empty)
        dataset.catalog.put_clusters(pd.DataFrame(columns=["id", "cluster", "kind", "keeper"]))
    found, asked = look(tmp_path / "copy")
    assert not dropped(asked.before(Verdicts()), found)
    assert dropped(asked.after(found.manifest, Verdicts(), exact=False), found)


def test_the_commands_agree_after_the_manifest_is_written(root: Path) -> None:
    found, asked = look(root)
    values = {"filter.photo.likeness": 0.1}
    expected = dropped(asked.after(sliders.moved(found.manifest, values), Verdicts(), exact=True), found)
    Desk(root).write(values)
    dataset = Dataset(root)
    with dataset.writing("test"):
        judged = filter.decide(dataset.catalog.measurements(), dataset.manifest.filter)
        dataset.catalog.put_decisions("filter", judged)
        survivors = final.survivors(dataset.catalog.decisions("classify"), judged, {})
        copies = dedup.decide(dataset.catalog.measurements(), survivors, {}, dataset.manifest.dedup)
        dataset.catalog.put_decisions("dedup", copies.drop(columns=["cluster", "kind", "keeper"]))
    found, asked = look(root)
    assert dropped(asked.before(Verdicts()), found) == expected


def test_a_keeper_that_would_be_dropped_is_replaced_at_once(root: Path) -> None:
    """Without comparing anything: the copy with most pixels among those that are left stays."""
    found = snapshot.take(root)
    measured = found.measurements.astype({"width": int, "height": int})
    measured.loc[0, ["width", "height"]] = 200, 95  # the keeper has most pixels, and a short side
    asked = whatif.Whatif(replace(found, measurements=measured), lambda: pytest.fail("the measurements were read"))
    copies = [found.ids[0], found.ids[8], found.ids[9]]
    for side, keeper in ((64, 0), (97, 9)):
        recipe = sliders.moved(found.manifest, {"filter.photo.likeness": 1, "filter.size.min_side": side})
        left = dropped(asked.after(recipe, Verdicts(), exact=False), found)
        assert [id for id in copies if id not in left] == [found.ids[keeper]]
    left = dropped(asked.after(recipe, Verdicts(keep={found.ids[9]: "drop"}), exact=False), found)
    assert [id for id in copies if id not in left] == [found.ids[8]]


def test_no_pair_is_compared_twice(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = look(root)
    asked.after(found.manifest, Verdicts(), exact=True)
    monkeypatch.setattr(Pictures, "relations", lambda *_: pytest.fail("all pairs were compared again"))
    monkeypatch.setattr(snapshot, "all_measurements", lambda *_: pytest.fail("the measurements were read again"))
    for side in (70, 92, 100):
        asked.after(sliders.moved(found.manifest, {"filter.size.min_side": side}), Verdicts(), exact=True)
