from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.train.latent import Pick
from pipeline.train.use import favourites
from pipeline.train.use.favourites import Favourite


def test_favourites_are_kept_once_in_order(tmp_path: Path) -> None:
    assert favourites.read(tmp_path) == []
    assert [one.pick.number for one in favourites.keep(tmp_path, [Pick(0, 5), Pick(0, 3), Pick(0, 5)], 1.0)] == [5, 3]
    assert favourites.keep(tmp_path, [Pick(0, 3), Pick(2, 3)], 1.0) == [Favourite(Pick(2, 3))]
    favourites.keep(tmp_path, [Pick(0, 3)], 0.7)
    assert favourites.read(tmp_path) == [Favourite(Pick(0, 5)), Favourite(Pick(0, 3)), Favourite(Pick(2, 3)), Favourite(Pick(0, 3), 0.7)]
    assert (tmp_path / favourites.FILE).read_text() == "seed,number,truncation\n0,5,1\n0,3,1\n2,3,1\n0,3,0.7\n"


def test_a_person_may_write_the_file(tmp_path: Path) -> None:
    (tmp_path / favourites.FILE).write_text("\ufeffnumber,seed\r\n4,1\r\n", encoding="utf-8")
    assert favourites.read(tmp_path) == [Favourite(Pick(1, 4))]


@pytest.mark.parametrize("row", ["0,x,1", "0,-1,1", "0", "0,1,3", "0,1,nan"])
def test_a_row_that_is_none_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / favourites.FILE).write_text(f"seed,number,truncation\n0,1,1\n{row}\n", encoding="utf-8")
    with pytest.raises(PipelineError, match=r"favourites\.csv, line 3"):
        favourites.read(tmp_path)


def test_what_a_person_wrote_beside_them_stays(tmp_path: Path) -> None:
    (tmp_path / favourites.FILE).write_text('\ufeffseed,number,note\n0,3,"red, for the cover"\n', encoding="utf-8")
    favourites.keep(tmp_path, [Pick(0, 4)], 0.7)
    assert (tmp_path / favourites.FILE).read_text() == 'seed,number,note,truncation\n0,3,"red, for the cover",\n0,4,,0.7\n'
    assert favourites.read(tmp_path) == [Favourite(Pick(0, 3)), Favourite(Pick(0, 4), 0.7)]
