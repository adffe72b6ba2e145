"""What was compared once is not compared again, and the answers are those of the pictures themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.curate import dedup, remembered
from pipeline.curate.likeness import Pictures
from pipeline.curate.remembered import Remembered
from pipeline.manifest import DedupSettings
from pipeline.measure import registry


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(7)
    rows = []
    for number in range(4):
        cells = Image.fromarray(draw.integers(0, 255, (6, 6, 3), dtype=np.uint8)).resize((160, 160), Image.Resampling.BICUBIC)
        for name, picture in (("whole", cells), ("half", cells.resize((80, 80)))):
            path = folder / f"{number}-{name}.png"
            picture.save(path)
            rows.append(registry.measure_file(path, f"i{number}{name}"))
    return pd.DataFrame(rows).sort_values("id", ignore_index=True)


def test_the_answers_are_those_of_the_pictures(table: pd.DataFrame) -> None:
    pictures, among = Pictures.read(table), np.arange(len(table))
    known = Remembered(lambda: pictures)
    assert known.relations(among, 10) == pictures.relations(among, 10)
    assert len(known.relations(among, 10)) >= 4
    i, j = np.triu_indices(len(table), 1)
    for flip in (False, True):
        for _ in range(2):
            for mine, theirs in zip(known.compare(i, j, flip), pictures.compare(i, j, flip), strict=True):
                assert (mine == theirs).all()


def test_nothing_is_asked_twice(table: pd.DataFrame) -> None:
    read = []

    def source() -> Pictures:
        read.append(1)
        return Pictures.read(table)

    known, among = Remembered(source), np.arange(len(table))
    assert not read
    first = known.relations(among, 10), known.compare(among[:1], among[1:2])
    known._held = None
    again = known.relations(among, 10), known.compare(among[:1], among[1:2])
    assert (first[0], first[1].kind.tolist()) == (again[0], again[1].kind.tolist())
    assert len(read) == 1
    known.compare(among[:1], among[2:3])
    assert len(read) == 2


def test_many_pictures_are_not_held(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Remembered(lambda: Pictures.read(table))
    held = known.read()
    known.release()
    assert known.read() is held
    monkeypatch.setattr(remembered, "HELD", len(table) - 1)
    known.release()
    assert known.read() is not held


def test_dedup_decides_the_same_with_them(table: pd.DataFrame) -> None:
    known = Remembered(lambda: Pictures.read(table))
    light = table.assign(**{name: table[name].notna() for name in ("signature", "signature_subject")})
    for survives in (table["id"].str.endswith("half"), table["id"].str.endswith("whole")):
        survivors = pd.DataFrame({"id": table["id"], "survives": survives, "verdict": ""})
        plain = dedup.decide(table, survivors, {}, DedupSettings())
        pd.testing.assert_frame_equal(dedup.decide(light, survivors, {}, DedupSettings(), known), plain)
        assert (plain["decision"] == "drop").sum() == 4
