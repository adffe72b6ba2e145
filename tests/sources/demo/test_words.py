from __future__ import annotations

import random

from sources.demo import words


def test_a_carrier_speaks_of_mobile_suits_and_a_tank_does_not() -> None:
    assert words.history(random.Random(1), "Heron", "carrier").lower().count("mobile suit") >= 4
    assert "mobile suit" not in words.history(random.Random(1), "Heron", "tank").lower()


def test_some_robots_speak_of_ships() -> None:
    texts = " ".join(words.history(random.Random(seed), "Heron", "robot") for seed in range(20))
    for word in ("carrier", "battleship", "transport plane", "trailer truck", "landing craft"):
        assert word in texts
    assert "{" not in texts


def test_the_unit_type_is_given_as_it_is() -> None:
    figures = words.figures(random.Random(1), "Heron", "AU-101", "tank", "light tank")
    assert figures["Unit type"] == "light tank"
    assert figures["Model number"] == "AU-101"
    assert figures["Accommodation"].startswith("crew of")


def test_accented_names_are_latin_1() -> None:
    assert all(name.encode("latin-1") != name.encode("ascii", "ignore") for name in words.ACCENTED)
