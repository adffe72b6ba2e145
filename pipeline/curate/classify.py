"""Classify: is this the kind of thing the dataset is about? Keyword rules, with the evidence laid open.

The manifest names the field that decides, such as `unit_type`; `judge` says how it is read, `exceptions` which words hold for which
sighting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.curate.exceptions import Court

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.curate.judge import Opinion
    from pipeline.manifest import ClassifySettings

COLUMNS = ["id", "decision", "rule", "score", "threshold", "reason", "for", "against", "conflict", "page"]

_STRENGTH = {"field": 2, "no_keyword": 1, "text": 0, "": 0}
"""Which of several sightings that agree is reported: the one with the firmest ground."""


def decide(sightings: pd.DataFrame, settings: ClassifySettings) -> pd.DataFrame:
    """Decide for every item that was seen.

    `sightings` is what `Catalog.sightings` gives. An item is kept if any of its sightings is; `conflict` names those that say
    otherwise, `page` the page that was heeded. Returns id, decision, rule, score, threshold, reason, for, against, conflict, page in
    id order.

    Rules: `field` (a keyword in the named field), `no_keyword` (the field has none, and there are keep words), `text` (no field:
    title and text decide), empty (nothing to hold against it). With no words at all everything is kept.

    The score is above the threshold 0 for what is kept. With t = (for − against) / (for + against + 1) of title and text, which
    lies between −1 and 1: ±2 + t where the field has a keyword, −1 + t where it has none, t where there is no field, 1 + t
    where there is no keep list to satisfy.

    Raises UsageError for a keyword that stands in both lists or holds no word, in the lists or in an exception.
    """
    import pandas as pd

    court = Court(settings)
    cases: dict[str, list[tuple[str, Opinion]]] = {}
    for row in sightings.sort_values(["id", "page_url", "image_url"]).to_dict("records"):
        cases.setdefault(str(row["id"]), []).append((str(row["page_url"]), court({str(key): value for key, value in row.items()})))
    return pd.DataFrame([_item(id, case) for id, case in cases.items()], columns=COLUMNS)


def _item(id: str, case: list[tuple[str, Opinion]]) -> dict[str, Any]:
    heeded, best = max(case, key=lambda entry: (entry[1].keep, _STRENGTH[entry[1].rule], entry[1].score or 0.0))
    others = dict.fromkeys(
        f"{'keep' if said.keep else 'drop'}: {page} ({said.reason or 'nothing against it'})"
        for page, said in case
        if said.keep != best.keep
    )
    return {
        "id": id,
        "decision": "keep" if best.keep else "drop",
        "rule": best.rule,
        "score": float("nan") if best.score is None else best.score,
        "threshold": float("nan") if best.score is None else 0.0,
        "reason": best.reason,
        "for": best.speaks_for,
        "against": best.speaks_against,
        "conflict": "; ".join(others),
        "page": heeded,
    }
