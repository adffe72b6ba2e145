"""How well the keyword rules do against labels that a person gave: precision, recall, and every mistake with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.curate import classify

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.manifest import ClassifySettings

SIDES = ["side", "labelled", "said", "right", "precision", "recall"]
MISTAKES = ["id", "title", "label", "decision", "rule", "score", "reason", "for", "against"]


@dataclass(frozen=True)
class Report:
    """`sides`: one row for keep and one for drop, columns SIDES. `rules`: rule, items, right. `mistakes`: columns MISTAKES, in id order."""

    items: int
    right: int
    sides: pd.DataFrame
    rules: pd.DataFrame
    mistakes: pd.DataFrame

    @property
    def accuracy(self) -> float:
        """The share that the rules get right, 0–1."""
        return self.right / self.items

    def worst(self) -> float:
        """The lowest of accuracy and what there is of precision and recall, 0–1."""
        figures = self.sides[["precision", "recall"]].to_numpy().ravel()
        return min([self.accuracy, *(float(figure) for figure in figures if figure == figure)])


def evaluate(sightings: pd.DataFrame, labels: Mapping[str, str], settings: ClassifySettings) -> Report:
    """Judge the labelled items by the rules and compare.

    `sightings`: as for `classify.decide`. `labels` maps ids among them, one at least, to keep or drop. Precision of a side: the
    share that bears its label of those that the rules put there; recall: the share that they put there of those that bear its
    label. NaN where there are none.
    """
    import pandas as pd

    decided = classify.decide(sightings[sightings["id"].isin(labels)], settings)
    titles = sightings.drop_duplicates("id").set_index("id")["title"]
    decided["title"] = decided["id"].map(titles)
    decided["label"] = decided["id"].map(labels)
    decided["right"] = decided["label"] == decided["decision"]
    rows = []
    for side in ("keep", "drop"):
        labelled, said = decided["label"] == side, decided["decision"] == side
        right = int((labelled & said).sum())
        rows.append([side, int(labelled.sum()), int(said.sum()), right, _share(right, int(said.sum())), _share(right, int(labelled.sum()))])
    rules = decided.groupby("rule")["right"].agg(["size", "sum"]).reset_index()
    rules.columns = pd.Index(["rule", "items", "right"])
    return Report(
        items=len(decided),
        right=int(decided["right"].sum()),
        sides=pd.DataFrame(rows, columns=SIDES),
        rules=rules.astype({"items": int, "right": int}),
        mistakes=decided.loc[~decided["right"], MISTAKES].reset_index(drop=True),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
