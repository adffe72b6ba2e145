from __future__ import annotations

import numpy as np

from pipeline.train.metrics import evaluation_page as pages


def row(name: str, *distances: float) -> pages.Row:
    picture = np.zeros((4, 4, 3), np.uint8)
    return pages.Row(name, picture, [pages.Neighbour(f"<{at}>", picture, far) for at, far in enumerate(distances)])


def test_names_are_escaped_and_copies_marked() -> None:
    about = {"run": "<b>&", "checkpoint": "best", "kimg": 12.5, "samples": 4, "real": 9, "real_split": "train", "x": "<script>"}
    text = pages.page({"kid": 0.0123}, {"kid": 0.001}, about, {"kid": "a <distance>"}, [row("1:0", 0.2, 1.4)], [])
    assert "<b>" not in text
    assert "<script" not in text
    assert "a &lt;distance&gt;" in text
    assert '<td class="number">12.3</td><td class="number">1.0</td>' in text
    assert "best generator at 12.5 thousand images; 4 samples against 9 real pictures, which it was trained on" in text
    assert '<span class="wrong">0.20</span>' in text
    assert '<span class="near">1.40</span>' in text
    assert "script-src" not in text
    assert "default-src 'none'; img-src data:" in text


def test_scores_for_people() -> None:
    assert (pages.shown("kid", 0.2165), pages.shown("color", 0.1), pages.shown("kid", None)) == ("216.5", "0.1", "")
    assert pages.shown("path_length", 12345.6) == "12,346"
    assert pages.label("kid_floor") == "kid floor ×1000"
