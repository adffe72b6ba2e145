"""What was decided: decisions, clusters and splits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.catalog.database import Database
from pipeline.catalog.values import parsed, plain

if TYPE_CHECKING:
    import pandas as pd


class Decided(Database):
    """The tables `decisions`, `clusters` and `splits`."""

    def put_decisions(self, stage: str, frame: pd.DataFrame) -> None:
        """Replace a stage's decisions. Columns id, decision, rule, score, threshold, reason; any others are further scores."""
        fixed = ["id", "decision", "rule", "score", "threshold", "reason"]
        further = [name for name in frame.columns if name not in fixed]
        columns = [plain(frame[name]) for name in fixed]
        names = sorted(further)
        encode = json.JSONEncoder(ensure_ascii=False).encode
        scores = [encode(dict(zip(names, row, strict=True))) for row in zip(*(plain(frame[name]) for name in names), strict=True)]
        rows = zip(columns[0], [stage] * len(frame), *columns[1:], scores or ["{}"] * len(frame), strict=True)
        with self.transaction():
            self._db.execute("DELETE FROM decisions WHERE stage = ?", (stage,))
            self._db.executemany(
                "INSERT INTO decisions (id, stage, decision, rule, score, threshold, reason, scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def decisions(self, stage: str) -> pd.DataFrame:
        """A stage's decisions in id order, the further scores as columns of their own."""
        import pandas as pd

        frame = self._frame(
            "SELECT id, decision, rule, score, threshold, reason, scores FROM decisions WHERE stage = ? ORDER BY id", (stage,)
        )
        scores = pd.DataFrame(parsed(frame.pop("scores")), index=frame.index)
        return pd.concat([frame, scores], axis=1)

    def put_clusters(self, frame: pd.DataFrame) -> None:
        """Replace all clusters: columns id, cluster, kind, keeper."""
        with self.transaction():
            self._db.execute("DELETE FROM clusters")
            self._db.executemany(
                "INSERT INTO clusters (id, cluster, kind, keeper) VALUES (?, ?, ?, ?)",
                frame[["id", "cluster", "kind", "keeper"]].itertuples(index=False),
            )

    def clusters(self) -> pd.DataFrame:
        """id, cluster, kind, keeper; in id order."""
        return self._frame("SELECT id, cluster, kind, keeper FROM clusters ORDER BY id")

    def put_splits(self, grouping: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """Remember id, anchor and split of items under a way of grouping them; what is known under another is forgotten."""
        with self.transaction():
            self._db.execute("DELETE FROM splits WHERE grouping != ?", (grouping,))
            self._db.executemany("REPLACE INTO splits VALUES (?, ?, ?, ?)", ((id, grouping, anchor, split) for id, anchor, split in rows))

    def splits(self, grouping: str) -> list[tuple[str, str, str]]:
        """id, anchor and split of every item that was grouped that way; in id order."""
        return self._db.execute("SELECT id, anchor, split FROM splits WHERE grouping = ? ORDER BY id", (grouping,)).fetchall()
