from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.review import compass


def test_text_from_the_web_stays_text(tmp_path: Path) -> None:
    row = {
        "id": "i1",
        "suggestion": "left",
        "confidence": 0.75,
        "verdict": "",
        "image": 'images/a"b.png',
        "title": "<script>alert(1)</script>{{cards}}",
    }
    said = {**row, "id": "i2", "verdict": "right", "title": "plain"}
    path = tmp_path / "facing.html"
    compass.write(pd.DataFrame([row, said]), path, "<b>", tmp_path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;b&gt;: which way" in page
    assert 'src="../images/a&quot;b.png"' in page
    assert "◀ left 75%" in page
    assert '<figure class="wrong">' in page
    assert page.count("<figure") == 2
