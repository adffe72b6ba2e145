"""The live truth about a dataset: one SQLite file.

Tables keep natural primary keys and no row ids, so two datasets with the same history have the same rows. Every write is a
transaction of its own; WAL keeps acknowledged rows through `kill -9`, and `close` checkpoints, so that a copy of the one
file is whole whenever no command runs.
"""

from __future__ import annotations

from pipeline.catalog.decided import Decided
from pipeline.catalog.fetched import Fetched, Response
from pipeline.catalog.finished import Finished, StageRecord
from pipeline.catalog.forgotten import Tombstone
from pipeline.catalog.found import Find, Found
from pipeline.catalog.measured import Measured
from pipeline.catalog.seen import SIGHTING_COLUMNS

__all__ = ["SIGHTING_COLUMNS", "Catalog", "Find", "Response", "StageRecord", "Tombstone"]


class Catalog(Fetched, Found, Measured, Decided, Finished):
    """A dataset's tables, all in one file."""
