from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.train import latent
from pipeline.train.latent import Pick

unit = st.floats(0, 1)
rows = st.integers(0, 10_000).map(lambda seed: latent.latents("normal", 2, 16, seed))


def test_pictures_are_named_by_seed_and_number() -> None:
    assert latent.picks("3, 17,20-22,5:0,6:1-2", seed=9) == [
        *(Pick(9, number) for number in (3, 17, 20, 21, 22)),
        *(Pick(5, 0), Pick(6, 1), Pick(6, 2)),
    ]
    assert str(Pick(9, 3)) == "9:3"
    assert Pick.parse("9:3") == Pick(9, 3)


@pytest.mark.parametrize("text", ["", "x", "3,", "-1", "1:-2", "1:2:3", "7-3", "1.5", "12345678"])
def test_other_words_for_a_picture_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        latent.picks(text)


def test_a_latent_depends_on_its_seed_and_number_alone() -> None:
    series = latent.latents("normal", 30, 7, seed=3)
    assert (latent.rows("normal", 7, [Pick(3, 29), Pick(3, 4)]) == series[[29, 4]]).all()
    assert not (latent.rows("normal", 7, [Pick(4, 29)]) == series[29]).any()
    assert latent.rows("uniform", 7, []).shape == (0, 7)


@pytest.mark.parametrize("prior", ["normal", "uniform"])
def test_truncation_shrinks_towards_the_mean_and_the_spread_is_as_stated(prior: str) -> None:
    noise = latent.latents(prior, 400, 50, 0)
    assert noise.std() == pytest.approx(latent.SPREAD[prior], rel=0.01)
    assert (latent.truncate(noise, 1) == noise).all()
    assert not latent.truncate(noise, 0).any()
    assert latent.truncate(noise, 0.5).std() == pytest.approx(latent.SPREAD[prior] / 2, rel=0.01)
    assert latent.truncate(noise, 0.5).dtype == np.float32
    for wrong in (-0.1, 2.1, float("nan")):
        with pytest.raises(UsageError):
            latent.truncate(noise, wrong)


@given(rows, unit)
def test_slerp_keeps_to_the_sphere_at_constant_speed(ends: np.ndarray, share: float) -> None:
    start, end = (row / np.linalg.norm(row) * 4 for row in ends)
    point = latent.slerp(start, end, share)
    assert np.linalg.norm(point) == pytest.approx(4, rel=1e-4)
    whole = np.arccos(np.clip(start @ end / 16, -1, 1))
    assert np.arccos(np.clip(start @ point / 16, -1, 1)) == pytest.approx(share * whole, abs=2e-3)


@given(rows)
def test_slerp_begins_and_ends_where_it_should(ends: np.ndarray) -> None:
    start, end = ends[0], 2 * ends[1]
    assert np.allclose(latent.slerp(start, end, 0), start, atol=1e-5)
    assert np.allclose(latent.slerp(start, end, 1), end, atol=1e-5)
    middle = np.linalg.norm(latent.slerp(start, end, 0.5))
    assert middle == pytest.approx((np.linalg.norm(start) + np.linalg.norm(end)) / 2, rel=1e-4)
    assert np.allclose(latent.slerp(start, start, 0.3), start, atol=1e-5)
    assert np.isfinite(latent.slerp(start, -start, 0.5)).all()
    assert np.isfinite(latent.slerp(start, 0 * start, 0.5)).all()


def test_a_walk_stops_at_every_picture_and_comes_back_when_it_loops() -> None:
    stops = latent.latents("normal", 3, 8, 0)
    line, circle = latent.walk(stops, 5, loop=False), latent.walk(stops, 5, loop=True)
    assert (line.shape, circle.shape) == ((11, 8), (15, 8))
    assert np.allclose(line[::5], stops, atol=1e-5)
    assert np.allclose(circle[::5], stops, atol=1e-5)
    steps = np.linalg.norm(np.diff(np.concatenate([circle, circle[:1]]), axis=0), axis=1)
    assert steps.max() < 0.6 * np.linalg.norm(stops[0] - stops[1])
    for few, frames in ((stops[:1], 5), (stops, 0)):
        with pytest.raises(UsageError):
            latent.walk(few, frames, loop=True)


def test_a_sum_is_read_and_scaled_to_the_length_of_its_terms() -> None:
    assert latent.sum_of("3 - 5+0:8", seed=2) == [(1, Pick(2, 3)), (-1, Pick(2, 5)), (1, Pick(0, 8))]
    assert latent.sum_of("-3") == [(-1, Pick(0, 3))]
    for wrong in ("", "3 -", "3 * 5", "- -3"):
        with pytest.raises(UsageError):
            latent.sum_of(wrong)
    a, b, c = latent.latents("normal", 3, 64, 0)
    found = latent.combine([(1, a), (-1, b), (1, c)])
    exact = a - b + c
    assert np.allclose(found / np.linalg.norm(found), exact / np.linalg.norm(exact), atol=1e-5)
    assert np.linalg.norm(found) == pytest.approx(np.mean([np.linalg.norm(row) for row in (a, b, c)]), rel=1e-4)
    assert np.allclose(
        latent.combine([(1, a), (-1, b), (1, b)]), a * (np.linalg.norm(a) + 2 * np.linalg.norm(b)) / 3 / np.linalg.norm(a), atol=1e-4
    )
    with pytest.raises(UsageError, match="cancel"):
        latent.combine([(1, a), (-1, a)])
