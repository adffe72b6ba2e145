"""A page to look through the suggestions of which way pictures face: no script, no server, no network."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files
from pipeline.review import reports

if TYPE_CHECKING:
    import pandas as pd

MOST = 2000
"""Pictures on the page: the most doubtful ones. The report has all."""

_ARROWS = {"left": "◀ left", "right": "right ▶", "": "?"}


def write(frame: pd.DataFrame, path: Path, name: str, scratch: Path) -> None:
    """Write the page of a facing report's rows (id, suggestion, confidence, verdict, image, title) in their order."""
    words = (
        "Most doubtful first. Write left or right under <code>override</code> in facing.csv, on the row with the same id; "
        "the next command takes it over, and <code>pipeline facing</code> learns from it."
    )
    if len(frame) > MOST:
        words += f" The first {MOST:,} of {len(frame):,} are shown."
    cards = []
    last = None
    for row in frame.head(MOST).to_dict("records"):
        said = bool(row["verdict"])
        if said != last:
            cards.append(f"<h2>{'With a verdict, and what the other verdicts say' if said else 'Suggested'}</h2>")
            last = said
        cards.append(_card(row))
    page = (resources.files("pipeline.review") / "compass.html").read_text(encoding="utf-8")
    for place, text in (("name", html.escape(name)), ("words", words), ("cards", "\n".join(cards))):
        page = page.replace(f"{{{{{place}}}}}", text)
    files.write(path, page, scratch)


def _card(row: Mapping[Any, Any]) -> str:
    verdict, suggestion = str(row["verdict"]), str(row["suggestion"])
    sure = "" if row["confidence"] != row["confidence"] else f" {row['confidence']:.0%}"
    title = html.escape(str(row["title"]))
    line = f"{_ARROWS[verdict]} (verdict)" if verdict else f"{_ARROWS[suggestion]}{sure}"
    more = f"others: {_ARROWS[suggestion]}{sure}<br>" if verdict and suggestion else ""
    wrong = ' class="wrong"' if verdict and suggestion and verdict != suggestion else ""
    source = html.escape(reports.beside(str(row["image"])), quote=True)
    return (
        f'<figure{wrong}><img src="{source}" alt="{title}" loading="lazy">'
        f"<figcaption><b>{line}</b>{more}<span>{row['id']} {title}</span></figcaption></figure>"
    )
