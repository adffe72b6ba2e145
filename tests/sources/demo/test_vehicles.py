from __future__ import annotations

import numpy as np
import pytest

from sources.demo import vehicles, words


@pytest.mark.parametrize("kind", vehicles.KINDS)
def test_a_vehicle_stands_on_nothing_and_every_seed_is_another(kind: str) -> None:
    images = [vehicles.vehicle(kind, seed) for seed in range(3)]
    assert len({image.tobytes() for image in images}) == 3
    assert vehicles.vehicle(kind, 1).tobytes() == images[1].tobytes()
    for image in images:
        assert image.size == (vehicles.WIDTH, vehicles.HEIGHT)
        covered = np.asarray(image.getchannel("A")) > 128
        assert 0.1 < covered.mean() < 0.6
        rgb = np.asarray(image.convert("RGB")).astype(int)
        chroma = (rgb.max(axis=2) - rgb.min(axis=2))[covered]
        assert (chroma > 40).mean() > 0.1  # a coloured drawing, by any measure


def test_every_kind_has_unit_types() -> None:
    assert set(words.VESSELS) == set(vehicles.KINDS)
